//! What Azure lists no longer, out of the archive.
use super::cycle::Cycle;
use super::status_filter::use_status_filter;
use crate::format;
use crate::paths;
use crate::ui::Card;
use drydock_domain::run::EarlierRuns;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The page of the archive that the address names, from 1.
pub fn use_page() -> Memo<usize> {
    let query = use_query_map();
    Memo::new(move |_| {
        let word = query.read().get("earlier").unwrap_or_default();
        word.parse().unwrap_or(1)
    })
}

/// Whether the address names a page that can be one.
pub fn can_be_page(word: &str) -> bool {
    word.parse().is_ok_and(|page: usize| page > 0)
}

/// A page of archived cycles: the address names it, so that it can be sent to somebody.
#[component]
pub fn Earlier(registry: String, earlier: EarlierRuns) -> AnyView {
    let EarlierRuns {
        trees,
        page,
        n_pages,
        n_cycles,
    } = earlier;
    if n_cycles == 0 {
        return ().into_any();
    }
    let status = use_status_filter();
    let path = paths::runs(&registry);
    let link = |wanted: usize, label: &'static str| {
        let exists = (1..=n_pages).contains(&wanted) && wanted != page;
        exists.then(|| view! { <a href=format!("{path}?earlier={wanted}#earlier")>{label}</a> })
    };
    let pages = (n_pages > 1).then(|| {
        let place = format!("Page {page} of {n_pages}");
        view! {
            <nav class="links" aria-label="Pages of the archive">
                {link(page - 1, "Newer")}
                <span class="muted">{place}</span>
                {link(page + 1, "Older")}
            </nav>
        }
    });
    let cycles: Vec<_> = trees
        .into_iter()
        .map(|tree| {
            let tree = Memo::new(move |_| Some(tree.clone()));
            view! { <Cycle registry=registry.clone() tree open=false status /> }
        })
        .collect();
    let subtitle = format!(
        "{} that Azure does not list any more, kept under the hash of their record when they ended.",
        format::count(n_cycles as u64, "cycle", "cycles")
    );
    view! {
        <div id="earlier">
            <Card title="Earlier, from the archive" subtitle>
                <ol class="cycles" role="list">{cycles}</ol>
                {pages}
            </Card>
        </div>
    }
    .into_any()
}
