use super::editor::Editor;
use crate::api::workflow::write_as_code;
use crate::paths;
use crate::ui::{Button, Card, CodeBlock, IconName, save_file};
use crate::widgets::ErrorNotice;
use drydock_domain::as_code::Tool;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The same workflow for another tool: which one stands in the address.
#[component]
pub fn AsCode(editor: Editor) -> impl IntoView {
    let query = use_query_map();
    let tool = Memo::new(move |_| {
        let word = query.read().get("code")?;
        Tool::parse(&word)
    });
    let path = paths::policy(&editor.registry());
    let choices = move || {
        let choice = |tool_here: Tool| {
            let is_chosen = tool.get() == Some(tool_here);
            // The text of the address, where it carries one, stays in it.
            let mut params = query.get();
            params.remove("code");
            if !is_chosen {
                params.insert("code", tool_here.as_str().to_owned());
            }
            let href = format!("{path}{}", params.to_query_string());
            view! {
                <li>
                    <a class="chip" href=href aria-current=is_chosen.then_some("true") data-noscroll="">
                        {tool_here.label()}
                    </a>
                </li>
            }
        };
        Tool::ALL.map(choice).into_iter().collect_view()
    };
    let text = move || tool.get().map(|tool| view! { <Text editor tool /> });
    view! {
        <Card title="As code" subtitle="The text above with its schedule, for whoever deploys it with another tool.">
            <nav aria-label="Tools">
                <ul class="chips" role="list">{choices}</ul>
            </nav>
            {text}
        </Card>
    }
}

#[component]
fn Text(editor: Editor, tool: Tool) -> impl IntoView {
    let registry = editor.registry();
    let written = Resource::new(
        move || (editor.text.get(), editor.days.get(), editor.at.get()),
        move |(text, days, at)| write_as_code(registry.clone(), text, days, at, tool),
    );
    view! {
        <Transition fallback=|| view! { <p class="muted">"Writing it"</p> }>
            {move || Suspend::new(async move {
                match written.await {
                    Ok(text) => view! { <Written tool text /> }.into_any(),
                    Err(error) => view! { <ErrorNotice error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Written(tool: Tool, text: String) -> impl IntoView {
    let file = text.clone();
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    view! {
        <div class="as-code">
            <CodeBlock label=tool.label() text />
            <span hidden=move || !alive.get()>
                <Button
                    icon=IconName::Download
                    on:click=move |_| save_file(tool.file_name(), "text/plain;charset=utf-8", &file)
                >
                    "Download"
                </Button>
            </span>
        </div>
    }
}
