use crate::paths;
use crate::ui::{Icon, IconName};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The pages of a registry, or only those that need none.
#[component]
pub fn RegistryNav(#[prop(into)] registry: Signal<Option<String>>) -> impl IntoView {
    let items = move || {
        let mut items = Vec::new();
        match registry.get() {
            Some(name) => items.extend([
                (paths::overview(&name), "Overview", IconName::Overview),
                (paths::policy(&name), "Policy", IconName::Policy),
                (paths::dry_run(&name), "Dry run", IconName::DryRun),
                (paths::schedule(&name), "Schedule", IconName::Schedule),
                (paths::runs(&name), "Runs", IconName::Runs),
                (paths::images(&name), "Images", IconName::Images),
                (
                    paths::compliance(&name),
                    "Compliance",
                    IconName::CheckCircle,
                ),
                (paths::settings(&name), "Settings", IconName::Settings),
            ]),
            None => items.push((
                paths::REGISTRIES.to_owned(),
                "Registries",
                IconName::Registry,
            )),
        }
        items.push((paths::AUDIT.to_owned(), "Audit", IconName::Audit));
        items
    };
    let path = use_location().pathname;
    let item = move |(href, label, icon): (String, &'static str, IconName)| {
        let target = href.clone();
        let current = move || current(&path.read(), &target);
        view! {
            <li>
                <a href=href aria-current=current>
                    <Icon name=icon />
                    <span>{label}</span>
                </a>
            </li>
        }
    };
    view! {
        <nav class="side-nav" aria-label="Console">
            <ul role="list">{move || items().into_iter().map(item).collect_view()}</ul>
        </nav>
    }
}

/// `page` for the page itself, `true` for what lies below it; the overview has everything below
/// it and is current only by itself.
fn current(path: &str, href: &str) -> Option<&'static str> {
    let path = path.trim_end_matches('/');
    if path == href.trim_end_matches('/') {
        return Some("page");
    }
    let below = path
        .strip_prefix(href)
        .is_some_and(|rest| rest.starts_with('/'));
    (below && href.matches('/').count() > 2).then_some("true")
}

#[cfg(test)]
mod tests {
    use super::current;

    #[test]
    fn a_page_and_what_lies_below_it_are_current() {
        let check = |path, href, expected| assert_eq!(current(path, href), expected);
        check("/registries/a", "/registries/a", Some("page"));
        check("/registries/a/", "/registries/a", Some("page"));
        check("/registries/a/runs", "/registries/a", None);
        check("/registries/a/runs/ca1", "/registries/a/runs", Some("true"));
        check("/registries/a/runsx", "/registries/a/runs", None);
        check("/", "/", Some("page"));
        check("/audit", "/", None);
    }
}
