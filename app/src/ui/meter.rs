use leptos::prelude::*;

/// How much of a limit is used, in numbers and as a bar; a dash where nobody knows.
#[component]
pub fn Meter(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<Option<u32>>,
    limit: u32,
) -> impl IntoView {
    let over = move || (value.get() > Some(limit)).then_some("true");
    let number = move || {
        let value = value.get();
        value.map_or_else(|| "–".to_owned(), |value| value.to_string())
    };
    view! {
        <div class="meter" data-over=over>
            <p>
                <span>{label.clone()}</span>
                <span class="numbers">{number} " / " {limit}</span>
            </p>
            <meter
                min="0"
                max=limit
                high=limit
                value=move || value.get().unwrap_or_default().min(limit)
                aria-label=label
                aria-hidden=move || value.get().is_none().then_some("true")
            >
                {move || format!("{} of {limit}", number())}
            </meter>
        </div>
    }
}
