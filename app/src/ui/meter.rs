use leptos::prelude::*;

/// How much of a limit is used, in numbers and as a bar.
#[component]
pub fn Meter(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<u32>,
    limit: u32,
) -> impl IntoView {
    let over = move || (value.get() > limit).then_some("true");
    view! {
        <div class="meter" data-over=over>
            <p>
                <span>{label.clone()}</span>
                <span class="numbers">{value} " / " {limit}</span>
            </p>
            <meter
                min="0"
                max=limit
                high=limit
                value=move || value.get().min(limit)
                aria-label=label
            >
                {move || format!("{} of {limit}", value.get())}
            </meter>
        </div>
    }
}
