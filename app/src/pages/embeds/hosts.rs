use super::Actions;
use crate::api::embeds::{CreateEmbedHost, CreateEmbedKey, EndEmbedSessions};
use crate::format;
use crate::ui::{Badge, Button, ButtonKind, Card, Field, Notice, Time, Tone, Variant};
use crate::widgets::ActionError;
use drydock_domain::embed::{EmbedHost, EmbedKey};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The sites that may embed, each with its keys.
#[component]
pub fn Hosts(hosts: Vec<EmbedHost>, actions: Actions) -> impl IntoView {
    let cards = hosts.into_iter().map(|host| card(host, actions));
    view! {
        {cards.collect_view()}
        <ActionError value=actions.delete_host.value() />
        <ActionError value=actions.revoke_key.value() />
        <NewHost action=actions.create_host />
    }
}

fn card(host: EmbedHost, actions: Actions) -> impl IntoView {
    let label = format!("Remove the site {}", host.name);
    let keys = host.keys.into_iter().map(|key| line(key, actions));
    let keys = keys.collect_view();
    let none = keys.is_empty().then(|| {
        view! { <p class="muted">"No key yet: without one, nobody is shown anything."</p> }
    });
    view! {
        <Card title=host.name>
            <p><code>{host.origin.to_string()}</code></p>
            {none}
            <ul class="lines" role="list">{keys}</ul>
            <NewKey host=host.id.clone() action=actions.create_key />
            <ActionForm action=actions.delete_host>
                <input type="hidden" name="id" value=host.id />
                <Button kind=ButtonKind::Submit variant=Variant::Quiet attr:aria-label=label>
                    "Remove"
                </Button>
            </ActionForm>
        </Card>
    }
}

fn line(key: EmbedKey, actions: Actions) -> impl IntoView {
    let state = match key.revoked_at {
        Some(at) => {
            view! { <Badge tone=Tone::Neutral label="revoked" /> " " <Time at /> }.into_any()
        }
        None => {
            let label = format!("Revoke the key {}", key.kid);
            view! {
                <ActionForm action=actions.revoke_key>
                    <input type="hidden" name="id" value=key.id />
                    <Button kind=ButtonKind::Submit variant=Variant::Quiet attr:aria-label=label>
                        "Revoke"
                    </Button>
                </ActionForm>
            }
            .into_any()
        }
    };
    view! {
        <li class="freeze">
            <div>
                <strong><code>{key.kid}</code> " " {key.algorithm}</strong>
                <code class="break muted">{key.thumbprint}</code>
                <span class="muted">"taken " <Time at=key.created_at /></span>
            </div>
            <div>{state}</div>
        </li>
    }
}

#[component]
fn NewKey(host: String, action: ServerAction<CreateEmbedKey>) -> impl IntoView {
    let kid = format!("kid-{host}");
    let key = format!("key-{host}");
    view! {
        <details class="more">
            <summary>"Take a public key"</summary>
            <ActionForm action=action>
                <input type="hidden" name="host" value=host />
                <Field name=kid.clone() label="Key id" hint="The `kid` of the site's tokens.">
                    <input id=kid name="kid" required=true maxlength="128" autocomplete="off" />
                </Field>
                <Field
                    name=key.clone()
                    label="Public key"
                    hint="Ed25519 or P-256: PEM that begins with -----BEGIN PUBLIC KEY-----, or a JWK."
                >
                    <textarea id=key name="key" rows="5" required=true spellcheck="false" />
                </Field>
                <Button kind=ButtonKind::Submit busy=action.pending()>"Take this key"</Button>
            </ActionForm>
            <ActionError value=action.value() />
        </details>
    }
}

#[component]
fn NewHost(action: ServerAction<CreateEmbedHost>) -> impl IntoView {
    let query = use_query_map();
    let given = move |name| query.read_untracked().get(name);
    view! {
        <Card title="List a site">
            <ActionForm action=action>
                <div class="embed-fields">
                    <Field name="name" label="Name">
                        <input
                            id="name"
                            name="name"
                            required=true
                            maxlength="80"
                            value=given("name")
                            autocomplete="off"
                        />
                    </Field>
                    <Field
                        name="origin"
                        label="Origin"
                        hint="Exact, such as https://portal.example; http only for localhost. List each portal above it too."
                    >
                        <input
                            id="origin"
                            name="origin"
                            required=true
                            value=given("origin")
                            autocomplete="off"
                            aria-describedby="origin-hint"
                        />
                    </Field>
                </div>
                <Button kind=ButtonKind::Submit busy=action.pending()>"List this site"</Button>
            </ActionForm>
            <ActionError value=action.value() />
        </Card>
    }
}

/// Ends one person's frames, wherever they are open.
#[component]
pub fn EndSessions(hosts: Vec<EmbedHost>, action: ServerAction<EndEmbedSessions>) -> impl IntoView {
    let origins = hosts.into_iter().map(|host| {
        let origin = host.origin.to_string();
        view! { <option value=origin.clone()>{origin.clone()}</option> }
    });
    let ended = move || {
        let ended = action.value().get().and_then(Result::ok)?;
        let sentence = format::count(ended, "frame was ended", "frames were ended");
        Some(view! { <Notice tone=Tone::Success><p>{sentence} "."</p></Notice> })
    };
    view! {
        <Card title="End a person's frames">
            <ActionForm action=action>
                <div class="embed-fields">
                    <Field name="person-origin" label="Site">
                        <select id="person-origin" name="origin">{origins.collect_view()}</select>
                    </Field>
                    <Field name="subject" label="Person" hint="As the site's tokens name them, in `sub`.">
                        <input
                            id="subject"
                            name="subject"
                            required=true
                            autocomplete="off"
                            aria-describedby="subject-hint"
                        />
                    </Field>
                </div>
                <Button kind=ButtonKind::Submit busy=action.pending()>"End their frames"</Button>
            </ActionForm>
            {ended}
            <ActionError value=action.value() />
        </Card>
    }
}
