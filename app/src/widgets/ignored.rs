use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// A parameter of an address, and whether a value of it can be read.
pub type Readable = (&'static str, fn(&str) -> bool);

/// Says which parts of the address the page could not read, and so passed over: somebody who was sent a
/// link should not take the page for what the link was about.
#[component]
pub fn Ignored(parameters: &'static [Readable]) -> impl IntoView {
    let query = use_query_map();
    let ignored = move || {
        let query = query.read();
        let odd = parameters.iter().filter_map(|(name, can_read)| {
            let value = query.get_str(name).filter(|value| !value.is_empty())?;
            (!can_read(value)).then(|| format!("{name}={value}"))
        });
        odd.collect::<Vec<_>>()
    };
    move || {
        let ignored = ignored();
        (!ignored.is_empty()).then(|| {
            let parts = ignored.into_iter().map(|part| view! { " " <code class="break">{part}</code> });
            view! {
                <p class="muted" role="status">
                    "Passed over in the address, as nothing that can be read there:" {parts.collect_view()}
                </p>
            }
        })
    }
}
