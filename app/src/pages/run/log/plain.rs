use crate::format;
use crate::paths;
use drydock_domain::console::LogHead;
use drydock_domain::log_text::visible;
use leptos::prelude::*;

/// The log as text, where there is no JavaScript and until it has come to life.
#[component]
pub fn PlainLog(registry: String, id: String, head: LogHead) -> impl IntoView {
    let lines: Vec<_> = head.chunk.text.lines().map(visible).collect();
    let text = lines.join("\n");
    let rest = (head.n_lines_left > 0).then(|| {
        let shown = format::count(lines.len() as u64, "line", "lines");
        let left = format::thousands(head.n_lines_left.into());
        let href = paths::run_log_text(&registry, &id);
        view! {
            <p>
                {format!("These are the first {shown}; {left} more are in the ")}
                <a href=href rel="external">"raw log"</a> "."
            </p>
        }
    });
    view! {
        <pre class="log" role="region" aria-label="Log" tabindex="0">{text}</pre>
        {rest}
    }
}
