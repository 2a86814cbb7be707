use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// A form that reads: its fields become the query of the address it leads to. Where the page is alive
/// it is not loaded anew.
///
/// Unlike the router's `Form` it knows no other method, which keeps Unicode's table of small letters
/// out of the bundle.
#[component]
pub fn QueryForm(
    /// A path on this server, without a query.
    #[prop(into)]
    action: String,
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let path = action.clone();
    let submit = move |event: SubmitEvent| {
        if !event.default_prevented()
            && let Some(query) = query(&event)
        {
            event.prevent_default();
            navigate(&format!("{path}?{query}"), NavigateOptions::default());
        }
    };
    view! {
        <form method="get" action=action on:submit=submit>
            {children()}
        </form>
    }
}

/// What the browser would put after the `?`, but for the button's own name, which none has here; `None`
/// leaves it to the browser.
fn query(event: &SubmitEvent) -> Option<String> {
    #[cfg(target_arch = "wasm32")]
    {
        use wasm_bindgen::JsCast;
        let form = event
            .target()?
            .dyn_into::<web_sys::HtmlFormElement>()
            .ok()?;
        let data = web_sys::FormData::new_with_form(&form).ok()?;
        let query = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
        query.to_string().as_string()
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = event;
        None
    }
}
