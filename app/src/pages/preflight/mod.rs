use crate::api::preflight::{RepairWorkflow, get_preflight};
use crate::ui::{
    Badge, Button, ButtonKind, Card, Cell, IconName, PageHeader, Table, Time, Tone, Variant,
};
use crate::widgets::{ActionError, Loaded, PartOutcomes, use_param};
use drydock_domain::preflight::{Line, LineState, Preflight};
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
        |(registry, _)| get_preflight(registry),
    );
    let outcome = move || {
        let parts = repair.value().get()?.ok()?;
        Some(view! { <PartOutcomes outcomes=parts /> })
    };
    view! {
        <PageHeader
            title="Preflight"
            subtitle="Whether this registry can be patched continuously, and what to do where it cannot."
        />
        <div role="status">{outcome}</div>
        <ActionError value=repair.value() />
        <Loaded resource=preflight label="Looking at the registry" let:preflight>
            {lines(preflight, repair).into_any()}
        </Loaded>
    }
}

fn lines(preflight: Preflight, repair: ServerAction<RepairWorkflow>) -> impl IntoView {
    let registry = preflight.registry.name.clone();
    let rows = preflight
        .lines
        .into_iter()
        .map(|found| line(found, registry.clone(), repair));
    let rows = rows.collect_view();
    view! {
        <Card title="What was found">
            <p class="muted">"As of " <Time at=preflight.as_of /></p>
            <Table caption="What patching stands on" columns=&["Check", "State", "Finding", "Repair"]>
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
    let button = found.repair.map(|does| {
        view! {
            <ActionForm action=repair>
                <input type="hidden" name="registry" value=registry />
                <input type="hidden" name="check" value=check.as_str() />
                <Button kind=ButtonKind::Submit variant=Variant::Primary busy=repair.pending()>
                    "Repair"
                </Button>
            </ActionForm>
            <p class="muted">"It would " {does} "."</p>
        }
    });
    view! {
        <tr role="row">
            <Cell column="Check">{check.title()}</Cell>
            <Cell column="State"><Badge tone icon label=word /></Cell>
            <Cell column="Finding">
                {found.finding}
                {found.remedy.map(|remedy| view! { <p class="muted">{remedy}</p> })}
            </Cell>
            <Cell column="Repair">{button}</Cell>
        </tr>
    }
}
