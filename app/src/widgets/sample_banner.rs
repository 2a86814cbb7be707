use crate::state::console::use_console;
use crate::state::events::{Connection, Topic, subscribe};
use crate::ui::{Icon, IconName};
use drydock_domain::console::SampleProgress;
use leptos::prelude::*;
use std::ops::ControlFlow;

/// How far the sandbox is with its sample images, and whether they come from the toy archive.
#[component]
pub fn SampleBanner(initial: SampleProgress) -> impl IntoView {
    let follow = !initial.finished;
    let progress = RwSignal::new(initial);
    let connection = RwSignal::new(Connection::Pending);
    let console = use_console();
    if follow {
        Effect::new(move |_| {
            subscribe(Topic::Samples, connection, move |text| {
                let Ok(next) = serde_json::from_slice::<SampleProgress>(text.as_bytes()) else {
                    return ControlFlow::Continue(());
                };
                let finished = next.finished;
                if ready(&next) > progress.with_untracked(ready) {
                    console.arrivals.update(|n| *n += 1);
                }
                progress.set(next);
                match finished {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            });
        });
    }
    let toy = move || progress.with(|progress| progress.toy).then(toy_notice);
    view! {
        {move || progress.with(assembly)}
        {toy}
    }
}

fn toy_notice() -> impl IntoView {
    view! {
        <aside class="banner" data-tone="warning" aria-label="Sample packages">
            <Icon name=IconName::Warning />
            <span>
                <strong>"Toy archive. "</strong>
                "No Debian archive could be reached, so the sample images and their updates come \
                 from a small archive that Drydock made and signed itself. Everything works; the \
                 packages are not Debian's."
            </span>
        </aside>
    }
}

/// The banner while images are made, and afterwards only for those that failed.
fn assembly(progress: &SampleProgress) -> Option<AnyView> {
    let total = progress.images.len();
    let ready = ready(progress);
    if !progress.finished {
        let now = progress
            .images
            .iter()
            .find(|image| image.state == "assembling");
        let detail = now.map(|image| image.reference.clone());
        let banner = view! {
            <div class="banner" data-tone="info" role="status">
                <Icon name=IconName::Running />
                <span>
                    <strong>"Making sample images: "</strong>
                    {format!("{ready} of {total} ready")}
                    {detail.map(|name| view! { ", now " <code>{name}</code> })}
                    ". You can use the console meanwhile."
                </span>
                <progress max=total.max(1) value=ready aria-label="Sample images ready"></progress>
            </div>
        };
        return Some(banner.into_any());
    }
    let failed: Vec<_> = progress
        .images
        .iter()
        .filter_map(|image| {
            let why = image.state.strip_prefix("failed: ")?;
            Some(format!("{}: {why}", image.reference))
        })
        .collect();
    (!failed.is_empty()).then(|| {
        let banner = view! {
            <p class="banner" data-tone="danger" role="status">
                <Icon name=IconName::CrossCircle />
                <span>
                    <strong>"Some sample images could not be made. "</strong>
                    {failed.join("; ")}
                </span>
            </p>
        };
        banner.into_any()
    })
}

fn ready(progress: &SampleProgress) -> usize {
    let ready = progress
        .images
        .iter()
        .filter(|image| image.state == "ready");
    ready.count()
}
