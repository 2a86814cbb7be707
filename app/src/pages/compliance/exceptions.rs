use crate::api::compliance::{CreateException, WithdrawException};
use crate::ui::{Badge, Button, ButtonKind, Card, Field, IconName, Time, Tone, Variant};
use crate::widgets::{ActionError, Permitted};
use chrono::{DateTime, Utc};
use drydock_domain::access::Operation;
use drydock_domain::compliance::{ComplianceView, KeptException};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// What somebody accepts, why and until when; and the form to accept more.
#[component]
pub fn Exceptions(found: ComplianceView, changes: RwSignal<u32>) -> impl IntoView {
    let withdraw = ServerAction::<WithdrawException>::new();
    Effect::new(move |_| {
        if let Some(Ok(_)) = withdraw.value().get() {
            changes.update(|n| *n += 1);
        }
    });
    let now = found.as_of;
    let items = found.exceptions.iter();
    let items = items
        .map(|kept| exception(&found.registry, kept, now, withdraw))
        .collect_view();
    let empty = found.exceptions.is_empty().then(|| {
        view! { <p class="muted">"Nothing is accepted: every finding counts."</p> }
    });
    let registry = found.registry.clone();
    view! {
        <Card
            title="Exceptions"
            subtitle="A finding that is accepted for a time, with a reason and an owner. When it expires, the finding counts again."
        >
            {empty}
            <ul class="lines" role="list">{items}</ul>
            <ActionError value=withdraw.value() />
            <Accept registry changes />
        </Card>
    }
}

fn exception(
    registry: &str,
    kept: &KeptException,
    now: DateTime<Utc>,
    withdraw: ServerAction<WithdrawException>,
) -> impl IntoView + use<> {
    let accepted = &kept.exception;
    let in_force = kept.is_in_force(now);
    let (tone, icon, label) = match (in_force, kept.withdrawn_at) {
        _ if kept.doubt.is_some() => (Tone::Danger, IconName::Stop, "Not as recorded"),
        (true, _) => (Tone::Accent, IconName::Person, "In force"),
        (false, Some(_)) => (Tone::Neutral, IconName::Stop, "Withdrawn"),
        (false, None) => (Tone::Neutral, IconName::Clock, "Expired"),
    };
    let what = match accepted.package.as_str() {
        "" => accepted.cve.clone(),
        package => format!("{} in {package}", accepted.cve),
    };
    let button = format!("Withdraw the exception for {}", accepted.cve);
    let (registry, id) = (registry.to_owned(), kept.id.clone());
    let form = in_force.then(|| {
        view! {
            <ActionForm action=withdraw>
                <input type="hidden" name="registry" value=registry />
                <input type="hidden" name="id" value=id />
                <Permitted operation=Operation::ChangeExceptions label="Withdraw">
                    <Button kind=ButtonKind::Submit variant=Variant::Quiet attr:aria-label=button>
                        "Withdraw"
                    </Button>
                </Permitted>
            </ActionForm>
        }
    });
    let (repositories, owner) = (accepted.repositories.clone(), accepted.owner.clone());
    let (by, entry) = (kept.accepted_by.clone(), kept.entry);
    let doubt = kept
        .doubt
        .clone()
        .map(|doubt| view! { <span class="break">{doubt}</span> });
    let (reason, expires) = (accepted.reason.clone(), accepted.expires_at);
    view! {
        <li class="freeze">
            <div>
                <strong>{what}</strong>
                <Badge tone icon=icon label />
                <span>
                    {repositories} ", accepted by " {by} ", for " {owner} ", until " <Time at=expires />
                    ", entry " {entry}
                </span>
                <span class="muted">{reason}</span>
                {doubt}
            </div>
            {form}
        </li>
    }
}

#[component]
fn Accept(registry: String, changes: RwSignal<u32>) -> impl IntoView {
    let create = ServerAction::<CreateException>::new();
    Effect::new(move |_| {
        if let Some(Ok(_)) = create.value().get() {
            changes.update(|n| *n += 1);
        }
    });
    let given = use_query_map();
    let field =
        move |name: &'static str, label: &'static str, hint: &'static str, kind: &'static str| {
            let id = format!("exception-{name}");
            let value = given.read_untracked().get(&id);
            let is_required = name != "package";
            view! {
                <Field name=id.clone() label>
                    <input
                        id=id
                        name=name
                        type=kind
                        placeholder=hint
                        required=is_required
                        value=value
                        autocomplete="off"
                    />
                </Field>
            }
        };
    view! {
        <ActionForm action=create>
            <input type="hidden" name="registry" value=registry />
            <fieldset class="accept">
                <legend>"Accept a finding"</legend>
                <div class="accept-fields">
                    {field("cve", "Vulnerability", "CVE-2026-1234", "text")}
                    {field("package", "Package (empty for every one)", "libssl3", "text")}
                    {field("repositories", "Repositories", "web/*", "text")}
                    {field("owner", "Owner", "Team or role", "text")}
                    {field("expires", "Until (UTC)", "", "date")}
                    {field("reason", "Reason", "Why it may stay", "text")}
                </div>
                <Permitted operation=Operation::ChangeExceptions label="Accept">
                    <Button kind=ButtonKind::Submit busy=create.pending()>"Accept"</Button>
                </Permitted>
            </fieldset>
        </ActionForm>
        <ActionError value=create.value() />
    }
}
