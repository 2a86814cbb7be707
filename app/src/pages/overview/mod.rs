mod attention;
mod next_run;
mod recent;
mod setup;

use crate::api::registries::get_overview;
use crate::format;
use crate::state::console::use_console;
use crate::ui::{ButtonLink, IconName, Notice, PageHeader, Stat, Tone, Variant};
use crate::widgets::{AsOf, FROM_AZURE, Loaded, StartRunForm, use_param};
use crate::{paths, ui::Card};
use attention::Attention;
use drydock_domain::console::Overview;
use leptos::prelude::*;
use next_run::NextRun;
use recent::RecentCycles;
use setup::Setup;

/// Where continuous patching of a registry stands, and what to do next.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let registry = use_param("registry");
    let arrivals = use_console().arrivals;
    let overview = Resource::new(
        move || (registry.get(), arrivals.get()),
        |(registry, _)| get_overview(registry),
    );
    view! {
        <Loaded resource=overview label="Loading the overview" heading="Overview" let:overview>
            {view! { <OverviewBody overview /> }.into_any()}
        </Loaded>
    }
}

#[component]
fn OverviewBody(overview: Overview) -> impl IntoView {
    let name = overview.state.registry.name.clone();
    let configured = overview.state.is_configured();
    let actions = {
        let name = name.clone();
        move || {
            configured.then(|| {
                view! {
                    <ButtonLink href=paths::dry_run(&name) icon=IconName::DryRun>
                        "Dry run"
                    </ButtonLink>
                    <StartRunForm registry=name.clone() variant=Variant::Primary configured />
                }
            })
        }
    };
    let notice = overview.notice.clone().map(|text| {
        view! { <Notice tone=Tone::Warning><p>{text}</p></Notice> }
    });
    let as_of = overview.state.as_of;
    view! {
        <PageHeader
            title=name.clone()
            subtitle=overview.state.registry.login_server.clone()
            actions
        />
        {notice}
        <Attention overview=overview.clone() />
        <div class="split">
            {if configured {
                view! { <NextRun overview=overview.clone() /> }.into_any()
            } else {
                view! { <Setup state=overview.state.clone() /> }.into_any()
            }}
            <Inventory overview=overview.clone() />
        </div>
        <RecentCycles registry=name cycles=overview.recent />
        <AsOf at=as_of source=FROM_AZURE />
    }
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
