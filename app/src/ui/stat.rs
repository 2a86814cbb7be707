use leptos::prelude::*;

/// One number with its name, and what it counts. Goes into a `<dl class="stats">`.
#[component]
pub fn Stat(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    #[prop(optional, into)] note: Option<String>,
) -> impl IntoView {
    view! {
        <div class="stat">
            <dt>{label}</dt>
            <dd>
                <span class="stat-value">{value}</span>
                {note.map(|text| view! { <span class="stat-note">{text}</span> })}
            </dd>
        </div>
    }
}
