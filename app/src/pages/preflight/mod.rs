use crate::api::preflight::{RepairWorkflow, get_preflight};
use crate::paths;
use crate::state::permission::{denial, require_whole};
use crate::ui::{
    Badge, Button, ButtonKind, Card, Cell, IconName, PageHeader, Table, Tone, Variant,
};
use crate::widgets::{
    ActionError, AsOf, FROM_AZURE, Loaded, MarkedText, PartOutcomes, Permitted, use_param,
};
use drydock_domain::access::Operation;
use drydock_domain::preflight::{Check, Line, LineState, Preflight};
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Whether the registry can be patched continuously: each thing that must be so, and its remedy.
#[component]
pub fn PreflightPage() -> impl IntoView {
    let registry = use_param("registry");
    let repair = ServerAction::<RepairWorkflow>::new();
    // What is so now is looked at anew after each repair, whatever became of it.
    let preflight = Resource::new(
        move || (registry.get(), repair.version().get()),
        |(registry, _)| {
            let whole = require_whole(&registry);
            async move {
                whole?;
                get_preflight(registry).await
            }
        },
    );
    let outcome = move || {
        let parts = repair.value().get()?.ok()?;
        Some(view! { <PartOutcomes outcomes=parts /> })
    };
    view! {
        <div>
            <PageHeader
                title="Preflight"
                subtitle="Whether this registry can be patched continuously, and what to do where it cannot."
            />
            <div role="status">{outcome}</div>
        </div>
        <ActionError value=repair.value() />
        <Loaded resource=preflight label="Looking at the registry" let:preflight>
            {lines(preflight, repair).into_any()}
        </Loaded>
    }
}

fn lines(preflight: Preflight, repair: ServerAction<RepairWorkflow>) -> impl IntoView {
    let registry = preflight.registry.name.clone();
    let title = match preflight.state() {
        LineState::Passed => "Everything is as it must be",
        LineState::Unknown => "Not everything could be looked at",
        LineState::Warned => "Patching works, and there is something to know",
        LineState::Failed => "Patching cannot work like this",
    };
    let rows = preflight
        .lines
        .into_iter()
        .map(|found| line(found, registry.clone(), repair));
    let rows = rows.collect_view();
    view! {
        <Card title=title>
            <AsOf at=preflight.as_of source=FROM_AZURE />
            <Table caption="What patching stands on" columns=&["Check", "State", "Finding"]>
                {rows}
            </Table>
        </Card>
    }
}

fn line(found: Line, registry: String, repair: ServerAction<RepairWorkflow>) -> impl IntoView {
    let (tone, icon, word) = match found.state {
        LineState::Passed => (Tone::Success, IconName::CheckCircle, "good"),
        LineState::Unknown => (Tone::Info, IconName::Info, "not known"),
        LineState::Warned => (Tone::Warning, IconName::Warning, "to know"),
        LineState::Failed => (Tone::Danger, IconName::Warning, "in the way"),
    };
    let check = found.check;
    let place = place(check, &registry).filter(|_| found.state != LineState::Passed);
    let place = place.map(|(href, label)| {
        view! { <p><a href=href>{label}</a></p> }
    });
    let repair = found.repair.map(|does| {
        view! {
            <p class="muted">"Repair would " {does} "."</p>
            <ActionForm action=repair>
                <input type="hidden" name="registry" value=registry />
                <input type="hidden" name="check" value=check.as_str() />
                <Permitted operation=Operation::RepairWorkflow label="Repair">
                    <Button kind=ButtonKind::Submit variant=Variant::Primary busy=repair.pending()>
                        "Repair"
                        <span class="visually-hidden">": " {check.title()}</span>
                    </Button>
                </Permitted>
            </ActionForm>
        }
    });
    view! {
        <tr role="row">
            <Cell column="Check">{check.title()}</Cell>
            <Cell column="State"><Badge tone icon label=word /></Cell>
            <Cell column="Finding">
                <p><MarkedText text=found.finding /></p>
                {found.remedy.map(|remedy| view! { <p class="muted"><MarkedText text=remedy /></p> })}
                {place}
                {repair}
            </Cell>
        </tr>
    }
}

/// The page where a person does what a line asks for.
fn place(check: Check, registry: &str) -> Option<(String, &'static str)> {
    match check {
        Check::LastChange => denial(Operation::ReadAudit)
            .is_none()
            .then(|| (paths::AUDIT.to_owned(), "To the audit page")),
        Check::Timer => Some((paths::schedule(registry), "To the schedule")),
        Check::Policy | Check::ImageCount | Check::CacheRules => {
            Some((paths::policy(registry), "To the policy"))
        }
        Check::Tasks | Check::TaskRoles => Some((paths::settings(registry), "To the settings")),
        Check::Tier
        | Check::Offer
        | Check::RoleAssignmentMode
        | Check::Network
        | Check::Permissions => None,
    }
}
