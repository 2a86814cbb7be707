use crate::api::audit::{ENTRIES_PER_PAGE, list_entries};
use crate::paths;
use crate::ui::{Badge, ButtonLink, Cell, EmptyState, IconName, PageHeader, Table, Time, Tone};
use crate::widgets::Loaded;
use drydock_domain::console::{AuditEntry, AuditOutcome};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Every change that went through this console: who, what, when, and how it ended.
#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let before = Memo::new(move |_| {
        query
            .read()
            .get("before")
            .and_then(|text| text.parse().ok())
    });
    let entries = Resource::new(move || before.get(), list_entries);
    view! {
        <PageHeader
            title="Audit"
            subtitle="Each change is entered before it is tried, and closed with its outcome."
        />
        <Loaded resource=entries label="Loading entries" let:entries>
            {entries_view(entries)}
        </Loaded>
    }
}

fn entries_view(entries: Vec<AuditEntry>) -> AnyView {
    let Some(last) = entries.last().map(|entry| entry.sequence) else {
        let empty = view! {
            <EmptyState icon=IconName::Audit title="No entries">
                <p>"Nobody has changed anything yet. Reading leaves no entry; changes do."</p>
            </EmptyState>
        };
        return empty.into_any();
    };
    let more = entries.len() as u32 == ENTRIES_PER_PAGE;
    let older = more.then(|| {
        let href = format!("{}?before={last}", paths::AUDIT);
        view! { <ButtonLink href>"Older entries"</ButtonLink> }
    });
    let rows = entries
        .into_iter()
        .map(|entry| view! { <EntryRow entry /> });
    let table = view! {
        <Table
            caption="Audit entries, newest first"
            columns=&["No.", "When", "Who", "Operation", "Object", "Outcome"]
        >
            {rows.collect_view()}
        </Table>
        <div class="actions">{older}</div>
    };
    table.into_any()
}

#[component]
fn EntryRow(entry: AuditEntry) -> impl IntoView {
    let (tone, icon, label, detail) = match entry.outcome {
        Some(AuditOutcome::Succeeded { detail }) => {
            (Tone::Success, IconName::CheckCircle, "Succeeded", detail)
        }
        Some(AuditOutcome::Failed { detail }) => {
            (Tone::Danger, IconName::CrossCircle, "Failed", detail)
        }
        Some(AuditOutcome::Unknown) => (
            Tone::Warning,
            IconName::Question,
            "Unknown",
            "Drydock ended before the answer came.".to_owned(),
        ),
        None => (Tone::Info, IconName::Running, "Under way", String::new()),
    };
    view! {
        <tr role="row">
            <Cell column="No." numeric=true>{entry.sequence}</Cell>
            <Cell column="When"><Time at=entry.begun_at seconds=true /></Cell>
            <Cell column="Who">{entry.actor}</Cell>
            <Cell column="Operation">
                <code>{entry.operation}</code>
            </Cell>
            <Cell column="Object">
                <span class="break">{entry.object}</span>
                <p class="muted">{entry.detail}</p>
            </Cell>
            <Cell column="Outcome">
                <Badge tone icon=icon label />
                <p class="muted">{detail}</p>
            </Cell>
        </tr>
    }
}
