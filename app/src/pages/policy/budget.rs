use super::editor::Editor;
use crate::api::dry_run::get_averages;
use crate::format;
use crate::ui::Meter;
use crate::widgets::CycleCost;
use drydock_domain::dry_run::{Budget as Used, Price, budget, estimate_cycle};
use drydock_domain::selection::{IMAGE_LIMIT, select};
use leptos::prelude::*;

/// Patch numbers are worth naming from here on; the last is 999.
const NEAR: u16 = 950;
const NAMED: usize = 3;

/// What the policy takes of Azure's limits, and of time and money; nothing while the text cannot be read.
#[component]
pub fn Budget(editor: Editor) -> impl IntoView {
    let selection = Memo::new(move |_| {
        editor
            .policy
            .with(|policy| editor.inventory.with_value(|all| select(policy, all)))
    });
    let used = Memo::new(move |_| selection.with(|selection| budget(selection, NEAR)));
    let registry = editor.registry();
    let averages = Resource::new(move || registry.clone(), get_averages);
    let cost = move || {
        let averages = averages.get()?.ok()?;
        let cycle = selection.with(|selection| {
            let images = selection.selected.iter();
            let images: Vec<_> = images
                .map(|row| (row.repository.as_str(), row.original.as_str()))
                .collect();
            estimate_cycle(&averages, &images, Price::LIST)
        });
        Some(view! { <CycleCost cycle /> })
    };
    let matches = Signal::derive(move || editor.readable.get().then(|| editor.matches.get()));
    view! {
        <div class="budget">
            <Meter
                label="Images that this policy selects now"
                value=matches
                limit=IMAGE_LIMIT as u32
            />
            <p class="muted" hidden=move || selection.with(|it| it.outside.is_empty())>
                "Images of repositories outside your access are not counted."
            </p>
            <div class="estimates" hidden=move || !editor.readable.get()>
                {move || largest(&used.read())}
                {move || near(&used.read())}
                <Transition>{cost}</Transition>
            </div>
        </div>
    }
}

/// Where to narrow a policy that takes too much.
fn largest(used: &Used) -> Option<impl IntoView + use<>> {
    let names = used.by_repository.iter().take(NAMED);
    let names: Vec<_> = names
        .map(|(name, count)| format!("{name} ({})", format::thousands(*count as u64)))
        .collect();
    used.is_over_limit().then(|| {
        view! { <p class="field-error">"Largest: " {names.join(", ")} "."</p> }
    })
}

fn near(used: &Used) -> Option<impl IntoView + use<>> {
    let first = used.near_last_number.first()?;
    let text = match first.left {
        0 => format!(
            "{}:{} has used all 999 patch numbers: its next patch fails. Start a new tag.",
            first.repository, first.original
        ),
        left => format!(
            "{}:{} gets patch {} next, and {} are left.",
            first.repository, first.original, first.next_number, left
        ),
    };
    let others = used.near_last_number.len() as u64 - 1;
    let others =
        (others > 0).then(|| format!(" So do {}.", format::count(others, "other", "others")));
    Some(view! { <p class="field-finding" data-tone="warning">{text}{others}</p> })
}
