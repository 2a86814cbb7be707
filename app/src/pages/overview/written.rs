//! The overview, for the server to write.
mod attention;
mod next_run;
mod recent;
mod setup;

use crate::format;
use crate::paths;
use crate::ui::{ButtonLink, Card, IconName, Notice, PageHeader, Stat, Tone, Variant};
use crate::widgets::{AsOf, FROM_AZURE, StartRunForm};
use attention::Attention;
use drydock_domain::console::Overview;
use leptos::prelude::*;
use leptos::tachys::view::RenderHtml;
use next_run::NextRun;
use recent::RecentCycles;
use setup::Setup;

/// The page as HTML, in the zone that the request names.
pub fn written(overview: Overview) -> String {
    let name = overview.state.registry.name.clone();
    let notice = overview.notice.clone().map(|text| {
        view! { <Notice tone=Tone::Warning><p>{text}</p></Notice> }
    });
    let as_of = overview.state.as_of;
    let now = match overview.state.is_configured() {
        true => view! { <NextRun overview=overview.clone() /> }.into_any(),
        false => view! { <Setup state=overview.state.clone() /> }.into_any(),
    };
    let configured = overview.state.is_configured();
    let registry = name.clone();
    let actions = move || {
        let registry = registry.clone();
        configured.then(|| {
            view! {
                <ButtonLink href=paths::dry_run(&registry) icon=IconName::DryRun>
                    "Dry run"
                </ButtonLink>
                <StartRunForm registry variant=Variant::Primary configured />
            }
        })
    };
    let subtitle = overview.state.registry.login_server.clone();
    let page = view! {
        <PageHeader title=name.clone() subtitle actions />
        {notice}
        <Attention overview=overview.clone() />
        <div class="split">
            {now}
            <Inventory overview=overview.clone() />
        </div>
        <RecentCycles registry=name cycles=overview.recent as_of />
        <AsOf at=as_of source=FROM_AZURE />
    };
    page.to_html()
}

#[component]
fn Inventory(overview: Overview) -> impl IntoView {
    let count = |n: u32| format::thousands(n.into());
    let registry = overview.state.registry;
    let images = paths::images(&registry.name);
    view! {
        <Card
            title="In the registry"
            actions=move || view! { <a href=images.clone()>"All images"</a> }
        >
            <dl class="stats">
                <Stat label="Repositories" value=count(overview.repositories) />
                <Stat label="Tags" value=count(overview.tags) />
                <Stat label="Patch tags" value=count(overview.patch_tags) />
            </dl>
            <dl class="facts">
                <div>
                    <dt>"Login server"</dt>
                    <dd><code>{registry.login_server}</code></dd>
                </div>
                <div><dt>"Tier"</dt><dd>{registry.sku}</dd></div>
                <div><dt>"Location"</dt><dd>{registry.location}</dd></div>
            </dl>
        </Card>
    }
}
