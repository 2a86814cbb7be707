use crate::api::embeds::{CreateEmbed, RevokeEmbed};
use crate::paths;
use crate::state::console::use_console;
use crate::ui::{Badge, Button, ButtonKind, Card, Cell, Field, Table, Time, Tone, Variant};
use crate::widgets::ActionError;
use drydock_domain::embed::{Embed, EmbedHost, EmbedScope, EmbedView};
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Every embed, each with the way to end it.
#[component]
pub fn Embeds(embeds: Vec<Embed>, action: ServerAction<RevokeEmbed>) -> impl IntoView {
    (!embeds.is_empty()).then(move || {
        let rows = embeds.into_iter().map(move |embed| row(embed, action));
        view! {
            <Card title="Embeds">
                <Table
                    caption="Embeds"
                    columns=&["View", "Shows", "Sites", "Made", "State"]
                >
                    {rows.collect_view()}
                </Table>
                <ActionError value=action.value() />
            </Card>
        }
    })
}

fn row(embed: Embed, action: ServerAction<RevokeEmbed>) -> impl IntoView {
    let origins = embed.origins.into_iter();
    let origins = origins.map(|origin| view! { <li><code>{origin.to_string()}</code></li> });
    let (id, address) = (embed.id.clone(), paths::embed_check(&embed.id));
    let state = match embed.revoked_at {
        Some(at) => view! {
            <Badge tone=Tone::Neutral label="revoked" />
            " "
            <Time at />
        }
        .into_any(),
        None => {
            let label = format!("Revoke the embed {}", embed.id);
            view! {
                <ActionForm action=action>
                    <input type="hidden" name="id" value=id />
                    <Button kind=ButtonKind::Submit variant=Variant::Danger attr:aria-label=label>
                        "Revoke"
                    </Button>
                </ActionForm>
            }
            .into_any()
        }
    };
    view! {
        <tr role="row">
            <Cell column="View">
                <a href=address>{embed.scope.view.as_str()}</a>
                <p class="muted">"Snippet and frame check"</p>
            </Cell>
            <Cell column="Shows">{shows(&embed.scope)}</Cell>
            <Cell column="Sites"><ul role="list">{origins.collect_view()}</ul></Cell>
            <Cell column="Made"><Time at=embed.created_at /></Cell>
            <Cell column="State">{state}</Cell>
        </tr>
    }
}

/// What an embed shows, in a sentence.
pub(super) fn shows(scope: &EmbedScope) -> String {
    let mut text = format!("Registry {}", scope.registry);
    let list = |words: Vec<&str>| words.join(", ");
    if !scope.repositories.is_empty() {
        let names: Vec<String> = scope.repositories.iter().map(ToString::to_string).collect();
        text += &format!(": {}", names.join(", "));
    }
    if !scope.statuses.is_empty() {
        let words = scope.statuses.iter().map(|status| status.as_str());
        text += &format!("; images {} only", list(words.collect()));
    }
    text + &format!("; as {} at most", scope.role.as_str())
}

/// A form that makes another.
#[component]
pub fn NewEmbed(hosts: Vec<EmbedHost>, action: ServerAction<CreateEmbed>) -> impl IntoView {
    let console = use_console();
    let views = EmbedView::ALL.map(|view| {
        view! { <option value=view.as_str()>{view.as_str()}</option> }
    });
    let sites = hosts.into_iter().map(|host| {
        let only = format!("{} ({})", host.name, host.origin);
        view! {
            <label class="check">
                <input type="checkbox" name="hosts[]" value=host.id />
                <span>{only}</span>
            </label>
        }
    });
    view! {
        <Card title="New embed" subtitle="One view, for the sites that you choose.">
            <ActionForm action=action>
                <div class="embed-fields">
                    <Field name="view" label="View">
                        <select id="view" name="view">{views}</select>
                    </Field>
                    <Field name="registry" label="Registry">
                        <Transition>
                            {move || Suspend::new(async move {
                                let facts = console.facts.await;
                                let names = facts.map(|facts| facts.registries).unwrap_or_default();
                                let names = names.into_iter().map(|registry| {
                                    view! { <option value=registry.name.clone()>{registry.name.clone()}</option> }
                                });
                                view! { <select id="registry" name="registry">{names.collect_view()}</select> }
                            })}
                        </Transition>
                    </Field>
                    <Field
                        name="repositories"
                        label="Repositories"
                        hint="For lineage: names, or beginnings such as web/*, with commas."
                    >
                        <input
                            id="repositories"
                            name="repositories"
                            autocomplete="off"
                            aria-describedby="repositories-hint"
                        />
                    </Field>
                    <Field
                        name="statuses"
                        label="Locked to statuses"
                        hint="For runs: such as Failed, Skipped; empty shows all."
                    >
                        <input
                            id="statuses"
                            name="statuses"
                            autocomplete="off"
                            aria-describedby="statuses-hint"
                        />
                    </Field>
                    <Field name="role" label="Role at most">
                        <select id="role" name="role">
                            <option value="viewer">"viewer"</option>
                            <option value="auditor">"auditor"</option>
                        </select>
                    </Field>
                </div>
                <fieldset class="embed-sites">
                    <legend>"Sites"</legend>
                    {sites.collect_view()}
                </fieldset>
                <Button kind=ButtonKind::Submit variant=Variant::Primary busy=action.pending()>
                    "Make embeddable"
                </Button>
            </ActionForm>
            <ActionError value=action.value() />
        </Card>
    }
}
