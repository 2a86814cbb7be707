use super::TagName;
use crate::format;
use crate::ui::{Badge, Tone};
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::diff::{Effect, PolicyDiff, RowDiff, compare, diff};
use drydock_domain::policy::{Policy, TagConvention};
use drydock_domain::selection::{Selected, Selection, select};
use leptos::prelude::*;

/// Images that are named one by one; the rest are counted.
const NAMED: usize = 12;

/// What one policy instead of another changes, by meaning, and which images enter or leave.
#[component]
pub fn PolicyChanges<'a>(
    /// What is deployed; `None` where nothing is, or it cannot be read.
    before: Option<&'a Policy>,
    after: &'a Policy,
    inventory: &'a Inventory,
) -> impl IntoView + use<> {
    let selected = |policy: Option<&Policy>| match policy {
        Some(policy) => select(policy, inventory),
        None => Selection::default(),
    };
    let effect = compare(&selected(before), &selected(Some(after)));
    let diff = diff(&before.cloned().unwrap_or_default(), after);
    let body = match diff.is_empty() && effect == unchanged(&effect) {
        true => view! { <p class="muted">"Nothing but formatting, or keys that nobody reads."</p> }
            .into_any(),
        false => view! { <Rows diff /> <Images effect /> }.into_any(),
    };
    view! { <div class="changes">{body}</div> }
}

fn unchanged(effect: &Effect) -> Effect {
    Effect {
        matches_before: effect.matches_before,
        matches_after: effect.matches_before,
        ..Effect::default()
    }
}

#[component]
fn Rows(diff: PolicyDiff) -> impl IntoView {
    let (tone, is_other) = match diff.changes_convention() {
        true => (Tone::Warning, true),
        false => (Tone::Neutral, false),
    };
    let convention = diff.convention.map(|(before, after)| {
        let (label, words) = convention(before, after, is_other);
        view! {
            <li>
                <Badge tone label />
                <span>"Names of patches: " {words}</span>
            </li>
        }
    });
    let reordered = diff.is_reordered.then(|| {
        view! {
            <li>
                <Badge label="reordered" />
                <span>"Rows stand in another order."</span>
            </li>
        }
    });
    let rows = diff.rows.into_iter().map(row).collect_view();
    view! { <ul class="changes-rows" role="list">{convention} {rows} {reordered}</ul> }
}

/// What became of the policy's convention; a policy that names none has the default.
fn convention(
    before: Option<TagConvention>,
    after: Option<TagConvention>,
    is_other: bool,
) -> (&'static str, String) {
    let default = TagConvention::default().as_str();
    let word = |convention: Option<TagConvention>| match convention {
        Some(convention) => convention.as_str().to_owned(),
        None => format!("{default} (the default)"),
    };
    match (is_other, after) {
        (true, _) => ("changed", format!("{} → {}", word(before), word(after))),
        (false, Some(_)) => ("added", word(None)),
        (false, None) => ("removed", format!("{default}, which stays as the default")),
    }
}

fn row(row: RowDiff) -> impl IntoView {
    let (tone, label, repository, words) = match row {
        RowDiff::Added(row) => (Tone::Success, "added", row.repository, row.tags.join(", ")),
        RowDiff::Removed(row) => (Tone::Danger, "removed", row.repository, row.tags.join(", ")),
        RowDiff::Changed {
            repository,
            tags_added,
            tags_removed,
            enabled,
        } => {
            let signed = |sign: char, tags: Vec<String>| {
                let tags = tags.into_iter().map(move |tag| format!("{sign} {tag}"));
                tags.collect::<Vec<_>>()
            };
            let mut words = signed('+', tags_added);
            words.extend(signed('−', tags_removed));
            words.extend(enabled.map(|enabled| {
                if enabled {
                    "switched on"
                } else {
                    "switched off"
                }
                .to_owned()
            }));
            (Tone::Warning, "changed", repository, words.join(", "))
        }
    };
    view! {
        <li>
            <Badge tone label />
            <span><strong>{repository}</strong> " " <span class="break">{words}</span></span>
        </li>
    }
}

#[component]
fn Images(effect: Effect) -> impl IntoView {
    let Effect {
        matches_before,
        matches_after,
        entering,
        leaving,
        retargeted,
    } = effect;
    let number = |n: usize| format::thousands(n as u64);
    let scans = (matches_before != matches_after).then(|| {
        view! {
            <p>
                "A run scans " <strong>{number(matches_after)}</strong> " images instead of "
                {number(matches_before)} "."
            </p>
        }
    });
    let retargeted = retargeted.into_iter().map(|(_, after)| after).collect();
    view! {
        {scans}
        {list("Enter", entering)}
        {list("Leave", leaving)}
        {list("Get another tag", retargeted)}
    }
}

fn list(title: &'static str, images: Vec<Selected>) -> Option<impl IntoView> {
    let n = images.len();
    let more = n.checked_sub(NAMED).filter(|more| *more > 0);
    let more = more.map(|more| view! { <li class="muted">"and " {more} " more"</li> });
    let named = images.into_iter().take(NAMED).map(|image| {
        view! {
            <li>
                <TagName repository=image.repository tag=image.original />
                <span class="muted">" → " <TagName tag=image.next /></span>
            </li>
        }
    });
    let named = named.collect_view();
    (n > 0).then(|| {
        view! {
            <div>
                <h3>{title} " (" {n} ")"</h3>
                <ul class="changes-images" role="list">{named} {more}</ul>
            </div>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_convention_of_the_same_meaning_is_not_called_changed() {
        use TagConvention::{Floating, Incremental};
        let check = |before, after, label, expected: &str| {
            let policy = |convention| Policy {
                convention,
                repositories: Vec::new(),
            };
            let is_other = diff(&policy(before), &policy(after)).changes_convention();
            let (told, words) = convention(before, after, is_other);
            assert_eq!((told, words.as_str()), (label, expected));
        };
        let (floating, incremental) = (Some(Floating), Some(Incremental));
        check(None, incremental, "added", "incremental (the default)");
        check(
            incremental,
            None,
            "removed",
            "incremental, which stays as the default",
        );
        check(
            None,
            floating,
            "changed",
            "incremental (the default) → floating",
        );
        check(
            floating,
            None,
            "changed",
            "floating → incremental (the default)",
        );
        check(incremental, floating, "changed", "incremental → floating");
    }
}
