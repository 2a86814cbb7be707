//! Whether a frame will be shown: what the server says, what arrives, and who was turned away.
use super::list::shows;
use crate::api::embeds::{FrameCheck, check_frame};
use crate::paths;
use crate::ui::{Badge, Card, Cell, CodeBlock, Notice, Table, Time, Tone};
use crate::widgets::Loaded;
use drydock_domain::embed::Embed;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The snippet for a host's page, and the frame check.
#[component]
pub fn Check(id: String) -> impl IntoView {
    let check = Resource::new(move || id.clone(), check_frame);
    view! {
        <Loaded resource=check label="Checking the frame" let:check>
            {view! { <Found check /> }.into_any()}
        </Loaded>
    }
}

#[component]
fn Found(check: FrameCheck) -> impl IntoView {
    let base = RwSignal::new("https://drydock.example".to_owned());
    Effect::new(move |_| base.set(origin()));
    let path = paths::embed_frame(&check.embed.id);
    let snippet = {
        let embed = check.embed.clone();
        move || {
            let text = snippet(&base.read(), &embed);
            view! { <CodeBlock text label="snippet" /> }
        }
    };
    let note = move || {
        let base = base.get();
        view! {
            <p class="sentence">
                "A page with a content security policy of its own has to allow "
                <code>"frame-src " {base.clone()}</code> " and " <code>"script-src " {base}</code>
                ". Its backend signs the token: at most 60 s, once, with a key that is listed below."
            </p>
        }
    };
    view! {
        <Card title="Snippet" subtitle=shows(&check.embed.scope)>
            {snippet}
            {note}
        </Card>
        <Card
            title="Frame check"
            subtitle="Each header that decides about framing, as the server sends it and as it arrives here."
        >
            <Headers check=check.clone() path />
            <Blocked check />
        </Card>
    }
}

/// The page's part. The token never stands in it: the page's backend mints one for each session.
fn snippet(base: &str, embed: &Embed) -> String {
    let (address, kit) = (paths::embed_frame(&embed.id), paths::EMBED_KIT);
    format!(
        "<div id=\"drydock\"></div>\n<script type=\"module\">\n  import {{ mount }} from \"{base}{kit}\";\n  \
         mount(document.getElementById(\"drydock\"), {{\n    src: \"{base}{address}\",\n    \
         getToken: async ({{ signal }}) => {{\n      const answer = await fetch(\"/drydock-token\", {{ method: \
         \"POST\", signal }});\n      if (!answer.ok) throw new Error(`HTTP ${{answer.status}}`);\n      \
         return answer.text();\n    }},\n  }});\n</script>\n\n<!-- What mount() makes:\n<iframe src=\"{base}{address}\" \
         title=\"Drydock\"\n  sandbox=\"allow-scripts allow-same-origin allow-forms allow-popups \
         allow-popups-to-escape-sandbox allow-downloads\"\n  allow=\"clipboard-write; fullscreen\" \
         referrerpolicy=\"strict-origin\"></iframe>\n-->\n"
    )
}

/// What arrived in this browser, through whatever stands before the server; by name.
type Received = Option<BTreeMap<String, String>>;

#[component]
fn Headers(check: FrameCheck, path: String) -> impl IntoView {
    let received = RwSignal::new(Received::None);
    let names: Vec<String> = check.headers.iter().map(|it| it.name.clone()).collect();
    Effect::new(move |_| fetch(path.clone(), names.clone(), received));
    let rows = check.headers.into_iter().map(move |header| {
        let (name, sent) = (header.name.clone(), header.value.clone());
        let arrived = move || match &*received.read() {
            None => view! { <span class="muted">"needs JavaScript"</span> }.into_any(),
            Some(found) => match found.get(&name) {
                Some(value) if without_nonce(value) == without_nonce(&sent) => {
                    view! { <Badge tone=Tone::Success label="as sent" /> }.into_any()
                }
                Some(value) => view! {
                    <Badge tone=Tone::Danger label="changed on the way" />
                    <code class="break">{value.clone()}</code>
                }
                .into_any(),
                None => view! { <Badge tone=Tone::Danger label="missing" /> }.into_any(),
            },
        };
        view! {
            <tr role="row">
                <Cell column="Header"><code class="break">{header.name}</code></Cell>
                <Cell column="Sent">
                    <code class="break">{header.value}</code>
                    <p class="muted">{header.why}</p>
                </Cell>
                <Cell column="Arrives">{arrived}</Cell>
            </tr>
        }
    });
    let added = move || match &*received.read() {
        None => view! { <span class="muted">"needs JavaScript"</span> }.into_any(),
        Some(found) => match found.get("x-frame-options") {
            None => {
                view! { <Badge tone=Tone::Success label="absent, as it should be" /> }.into_any()
            }
            Some(value) => view! {
                <Badge tone=Tone::Danger label="added by a proxy" />
                <code>{value.clone()}</code>
            }
            .into_any(),
        },
    };
    view! {
        <Table caption="Headers of the frame's document" columns=&["Header", "Sent", "Arrives"]>
            {rows.collect_view()}
            <tr role="row">
                <Cell column="Header"><code class="break">"x-frame-options"</code></Cell>
                <Cell column="Sent">
                    "never"
                    <p class="muted">
                        "It knows no list of sites. A proxy that adds it keeps frames from older browsers."
                    </p>
                </Cell>
                <Cell column="Arrives">{added}</Cell>
            </tr>
        </Table>
    }
}

/// Each answer has a nonce of its own.
fn without_nonce(policy: &str) -> String {
    let Some((before, rest)) = policy.split_once("'nonce-") else {
        return policy.to_owned();
    };
    let after = rest.split_once('\'').map_or("", |(_, after)| after);
    format!("{before}{after}")
}

#[component]
fn Blocked(check: FrameCheck) -> impl IntoView {
    if check.blocked.is_empty() {
        return view! {
            <p class="muted">
                "No browser has reported a frame that it blocked, as of " <Time at=check.as_of /> "."
            </p>
        }
        .into_any();
    }
    let rows = check.blocked.into_iter().map(|frame| {
        view! {
            <li class="freeze">
                <code class="break">{frame.ancestor}</code>
                <Time at=frame.at />
            </li>
        }
    });
    view! {
        <Notice tone=Tone::Warning title="Browsers blocked frames under these sites">
            <p>
                "Each site above a frame has to be listed, with its exact port. As of "
                <Time at=check.as_of /> "."
            </p>
        </Notice>
        <ul class="lines" role="list">{rows.collect_view()}</ul>
    }
    .into_any()
}

/// Where this page was loaded from.
#[cfg(target_arch = "wasm32")]
fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

#[cfg(not(target_arch = "wasm32"))]
fn origin() -> String {
    String::new()
}

/// Asks for the frame's document as a browser does, for its headers.
#[cfg(target_arch = "wasm32")]
fn fetch(path: String, mut names: Vec<String>, received: RwSignal<Received>) {
    names.push("x-frame-options".to_owned());
    leptos::task::spawn_local(async move {
        if let Ok(answer) = gloo_net::http::Request::get(&path).send().await {
            let headers = answer.headers();
            let found = names
                .into_iter()
                .filter_map(|name| headers.get(&name).map(|value| (name, value)));
            received.set(Some(found.collect()));
        }
    });
}

#[cfg(not(target_arch = "wasm32"))]
fn fetch(_path: String, _names: Vec<String>, _received: RwSignal<Received>) {}

#[cfg(test)]
mod tests {
    use super::without_nonce;

    #[test]
    fn only_the_nonce_may_differ() {
        let policy =
            |nonce| format!("default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'");
        assert_eq!(without_nonce(&policy("a")), without_nonce(&policy("b")));
        assert_ne!(
            without_nonce(&policy("a")),
            without_nonce("default-src 'none'")
        );
    }
}
