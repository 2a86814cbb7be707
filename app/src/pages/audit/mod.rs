mod filter;
mod filters;
mod proof;
mod recompute;
mod trail;

use crate::api::audit::{ENTRIES_PER_PAGE, check_trail, list_entries};
use crate::error::ApiError;
use crate::ui::{Badge, ButtonLink, Cell, EmptyState, IconName, PageHeader, Table, Time, Tone};
use crate::widgets::{Loaded, MarkedText};
use drydock_domain::audit::AuditQuery;
use drydock_domain::console::{AuditEntry, AuditOutcome};
use filters::Filters;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use trail::TrailNotice;

/// Everything that was changed, denied or taken out through this console: who, what, when, and how
/// it ended.
#[component]
pub fn AuditPage() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| filter::read(&params.read()));
    let entries = Resource::new(
        move || query.get(),
        |query| async move {
            let entries = list_entries(query.clone()).await?;
            Ok::<_, ApiError>((query, entries))
        },
    );
    let check = Resource::new(|| (), |()| check_trail());
    view! {
        <PageHeader
            title="Audit"
            subtitle="Each change is entered before it is tried, and closed with its outcome."
        />
        <Loaded resource=check label="Verifying the trail" let:check>
            {view! { <TrailNotice check /> }.into_any()}
        </Loaded>
        <Filters query />
        <Loaded resource=entries label="Loading entries" let:found>
            {entries_view(found.0, found.1)}
        </Loaded>
    }
}

fn entries_view(query: AuditQuery, entries: Vec<AuditEntry>) -> AnyView {
    let Some(last) = entries.last().map(|entry| entry.sequence) else {
        if query.is_narrow() {
            let none = view! {
                <EmptyState icon=IconName::Audit title="No such entries">
                    <p>"Nothing in the trail fits. Names are compared whole; take a filter away."</p>
                </EmptyState>
            };
            return none.into_any();
        }
        let empty = view! {
            <EmptyState icon=IconName::Audit title="No entries">
                <p>"Nobody has changed anything yet. Reading leaves no entry; changes do."</p>
            </EmptyState>
        };
        return empty.into_any();
    };
    let more = entries.len() as u32 == ENTRIES_PER_PAGE;
    let older = more.then(|| {
        let href = filter::address(&AuditQuery {
            before: Some(last),
            ..query
        });
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
        Some(AuditOutcome::Denied { detail }) => {
            (Tone::Danger, IconName::CrossCircle, "Denied", detail)
        }
        Some(AuditOutcome::Unknown) => (
            Tone::Warning,
            IconName::Question,
            "Unknown",
            "Drydock ended before the answer came.".to_owned(),
        ),
        None => (Tone::Info, IconName::Running, "Under way", String::new()),
    };
    // Where each leads: to all that is related.
    let of_actor = filter::address(&AuditQuery {
        actor: entry.actor.clone(),
        ..AuditQuery::default()
    });
    let of_operation = filter::address(&AuditQuery {
        operation: entry.operation.clone(),
        ..AuditQuery::default()
    });
    let of_object = filter::address(&AuditQuery {
        mention: entry.object.clone(),
        ..AuditQuery::default()
    });
    view! {
        <tr role="row">
            <Cell column="No." numeric=true>{entry.sequence}</Cell>
            <Cell column="When"><Time at=entry.begun_at seconds=true /></Cell>
            <Cell column="Who"><a href=of_actor>{entry.actor}</a></Cell>
            <Cell column="Operation">
                <a href=of_operation><code>{entry.operation}</code></a>
            </Cell>
            <Cell column="Object">
                <a class="break" href=of_object>{entry.object}</a>
                <p class="muted"><MarkedText text=entry.detail /></p>
            </Cell>
            <Cell column="Outcome">
                <Badge tone icon=icon label />
                <p class="muted"><MarkedText text=detail /></p>
            </Cell>
        </tr>
    }
}
