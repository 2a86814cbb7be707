//! Which images of a cycle are shown: it stands in the address.
use crate::format;
use crate::paths::query_value;
use crate::widgets::Ignored;
use drydock_domain::run::{ImageStatus, RunTree};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The status that the address asks for; none for all images, and for a word that is no status.
pub fn use_status_filter() -> Memo<Option<ImageStatus>> {
    let query = use_query_map();
    Memo::new(move |_| find_status(query.read().get_str("status")?))
}

fn find_status(word: &str) -> Option<ImageStatus> {
    let mut all = ImageStatus::ALL.into_iter();
    all.find(|status| status.as_str().eq_ignore_ascii_case(word))
}

/// How many images have each status, as links that show only those.
#[component]
pub fn StatusFilter(
    #[prop(into)] path: String,
    counts: Memo<Counts>,
    chosen: Memo<Option<ImageStatus>>,
) -> impl IntoView {
    let chips = move || {
        let counts = counts.get();
        let chip = |status: Option<ImageStatus>, n: usize| {
            let label = status.map_or("All", ImageStatus::as_str);
            let href = match status {
                Some(status) => format!("{path}?status={}", query_value(status.as_str())),
                None => path.clone(),
            };
            let current = (chosen.get() == status).then_some("true");
            view! {
                <li>
                    <a class="chip" href=href aria-current=current data-noscroll="">
                        <span>{label}</span>
                        <span class="numbers">{format::thousands(n as u64)}</span>
                    </a>
                </li>
            }
        };
        let each: Vec<_> = ImageStatus::ALL
            .into_iter()
            .zip(counts.each)
            // The chosen one stays, so that it can be seen why nothing is shown.
            .filter(|(status, n)| *n > 0 || chosen.get() == Some(*status))
            .map(|(status, n)| chip(Some(status), n))
            .collect();
        let total = counts.each.iter().sum();
        (total > 0).then(|| view! { {chip(None, total)} {each} })
    };
    view! {
        <nav aria-label="Status of images">
            <ul class="chips" role="list">{chips}</ul>
        </nav>
        <Ignored parameters=&[("status", |word| find_status(word).is_some())] />
    }
}

/// Images by status, in the order of [`ImageStatus::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    each: [usize; ImageStatus::ALL.len()],
}

impl Counts {
    pub fn of<'a>(trees: impl IntoIterator<Item = &'a RunTree>) -> Self {
        let mut counts = Self::default();
        for image in trees.into_iter().flat_map(|tree| &tree.images) {
            let place = ImageStatus::ALL
                .iter()
                .position(|status| *status == image.status);
            if let Some(place) = place {
                counts.each[place] += 1;
            }
        }
        counts
    }

    pub fn of_status(&self, status: ImageStatus) -> usize {
        let mut each = ImageStatus::ALL.into_iter().zip(self.each);
        each.find(|(other, _)| *other == status)
            .map_or(0, |(_, n)| n)
    }
}
