use super::DryRun;
use super::comparison::Comparison;
use super::inside::Inside;
use crate::api::dry_run::{ApplyDryRun, RecordDryRun, list_dry_runs};
use crate::format;
use crate::paths;
use crate::ui::{Button, ButtonKind, Card, Field, IconName, Notice, Time, Tone, Variant};
use crate::widgets::{
    ActionError, DigestText, ErrorNotice, MarkedText, OfWholeRegistry, PartOutcomes, Permitted,
    Proposed, TagName, verb,
};
use drydock_domain::access::Operation;
use drydock_domain::dry_run::{DryRunRecord, Inspection, KeptDryRun, Receipt, Row};
use drydock_domain::proposal::Submission;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Dry runs that are kept as evidence: making one, and the way to the others.
#[component]
pub fn KeptDryRuns(dry_run: DryRun) -> impl IntoView {
    let record = ServerAction::<RecordDryRun>::new();
    let registry = dry_run.registry();
    let version = record.version();
    let name = dry_run.registry();
    let made = {
        let name = name.clone();
        move || {
            record.value().get()?.ok().map(|digest| {
                let href = paths::kept_dry_run(&name, &digest);
                view! {
                    <Notice tone=Tone::Success title="The dry run is kept">
                        <p><a href=href>"Its receipt"</a> " can be sent to somebody."</p>
                    </Notice>
                }
            })
        }
    };
    view! {
        <Card
            title="Kept dry runs"
            subtitle="With the digests of the policy and of the registry before and after."
        >
            <ActionForm action=record>
                <input type="hidden" name="registry" value=dry_run.registry() />
                <input type="hidden" name="policy" value=move || dry_run.text.get() />
                <input type="hidden" name="depth" value=move || dry_run.depth.get().as_str() />
                <Permitted operation=Operation::DryRun label="Keep this dry run">
                    <Button kind=ButtonKind::Submit icon=IconName::Audit busy=record.pending()>
                        "Keep this dry run"
                    </Button>
                </Permitted>
            </ActionForm>
            <div role="status">{made}</div>
            <ActionError value=record.value() />
            <OfWholeRegistry>
                <KeptList registry=registry.clone() version />
            </OfWholeRegistry>
        </Card>
    }
}

/// Read again with each that is kept.
#[component]
fn KeptList(#[prop(into)] registry: String, version: RwSignal<usize>) -> impl IntoView {
    let listed = Resource::new(
        {
            let registry = registry.clone();
            move || (registry.clone(), version.get())
        },
        |(registry, _)| list_dry_runs(registry),
    );
    let rows = move |kept: Vec<KeptDryRun>| {
        let rows = kept.into_iter().map(|kept| {
            let href = paths::kept_dry_run(&registry, &kept.digest);
            let matches = format::count(kept.receipt.matches as u64, "image", "images");
            view! {
                <li>
                    <a href=href><Time at=kept.receipt.started_at seconds=true /></a>
                    <span class="muted">{kept.author} ", " {kept.receipt.depth.label()} ", " {matches}</span>
                    <DigestText digest=kept.digest />
                </li>
            }
        });
        view! { <ol class="kept-dry-runs" role="list">{rows.collect_view()}</ol> }
    };
    view! {
            <Transition fallback=|| view! { <p class="muted">"Loading the kept dry runs"</p> }>
                {move || {
                    let rows = rows.clone();
                    Suspend::new(async move {
                        match listed.await {
                            Ok(kept) if kept.is_empty() => {
                                view! { <p class="muted">"None is kept yet."</p> }.into_any()
                            }
                            Ok(kept) => rows(kept).into_any(),
                            Err(error) => view! { <ErrorNotice error /> }.into_any(),
                        }
                    })
                }}
            </Transition>
    }
}

/// The receipt of the dry run that the address names, how the registry differs from it now, and
/// the way to apply exactly it.
#[component]
pub fn KeptDryRunView(dry_run: DryRun, digest: String, record: DryRunRecord) -> impl IntoView {
    let refused = record.refusal.is_some();
    let apply = digest.clone();
    let found = record.rows.iter().filter(|row| row.found.is_some());
    let found: Vec<_> = found.cloned().collect();
    let findings =
        (!found.is_empty()).then(|| view! { <KeptFindings dry_run digest=digest.clone() found /> });
    let depth = record.receipt.depth;
    let before = StoredValue::new(
        record
            .rows
            .into_iter()
            .map(|row| row.verdict)
            .collect::<Vec<_>>(),
    );
    // Verdicts of two depths are not the same verdicts.
    let since = move || {
        let is_known = dry_run
            .inspection
            .read()
            .as_ref()
            .is_some_and(Inspection::is_over);
        match dry_run.depth.get() == depth && is_known {
            true => {
                let before = before.get_value();
                view! { <Comparison dry_run before is_weighed=true /> }.into_any()
            }
            false if dry_run.depth.get() == depth => {
                view! { <p class="muted">"Looking at the registry as it is now."</p> }.into_any()
            }
            false => {
                let filter = dry_run.filter.read();
                let href = filter.at_depth(&dry_run.path(), depth);
                view! { <p><a href=href>"Compare at the same depth"</a></p> }.into_any()
            }
        }
    };
    view! {
        <Card title="A kept dry run" subtitle="What it said then; the table below says what holds now.">
            <ReceiptFacts digest author=record.author.clone() receipt=record.receipt.clone() />
            {findings}
            <h3>"Since then"</h3>
            {since}
            {(!refused).then(|| view! { <ApplyExactly dry_run digest=apply /> })}
        </Card>
    }
}

/// What it found in each image then.
#[component]
fn KeptFindings(dry_run: DryRun, digest: String, found: Vec<Row>) -> impl IntoView {
    let one = move |row: Row| {
        let Row { verdict, .. } = row;
        // Shown at the original where there is one, else at the patch of a phantom base.
        let open = RwSignal::new(false);
        let (repository, original) = (verdict.repository.clone(), verdict.tag.clone());
        let record = digest.clone();
        let inside = move || {
            let (repository, original) = (repository.clone(), original.clone());
            let record = record.clone();
            open.get()
                .then(|| view! { <Inside dry_run repository original record /> })
        };
        view! {
            <li>
                <details class="more" on:toggle=move |_| open.set(true)>
                    <summary>
                        <TagName repository=verdict.repository tag=verdict.tag /> " "
                        <MarkedText text=verdict.reason />
                    </summary>
                    {inside}
                </details>
            </li>
        }
    };
    view! {
        <h3>"What was found"</h3>
        <ul class="kept-findings" role="list">{found.into_iter().map(one).collect_view()}</ul>
    }
}

#[component]
fn ReceiptFacts(digest: String, author: String, receipt: Receipt) -> impl IntoView {
    let (tone, text) = match receipt.is_unchanged() {
        true => (
            Tone::Success,
            "0 writes: every tag of the registry had the same digest before and after.",
        ),
        false => (
            Tone::Warning,
            "Tags moved while it ran. It only reads, so another client wrote meanwhile.",
        ),
    };
    let matches = format::count(receipt.matches as u64, "image", "images");
    view! {
        <Notice tone><p>{text}</p></Notice>
        <dl class="receipt">
            <dt>"Made"</dt>
            <dd><Time at=receipt.started_at seconds=true /> " by " {author}</dd>
            <dt>"Depth"</dt>
            <dd>{receipt.depth.label()} ", " {matches}</dd>
            <dt>"Receipt"</dt>
            <dd><DigestText digest /></dd>
            <dt>"Policy"</dt>
            <dd><DigestText digest=receipt.policy_digest /></dd>
            <dt>"Registry before"</dt>
            <dd><DigestText digest=receipt.inventory_before /></dd>
            <dt>"Registry after"</dt>
            <dd><DigestText digest=receipt.inventory_after /></dd>
        </dl>
    }
}

#[component]
fn ApplyExactly(dry_run: DryRun, digest: String) -> impl IntoView {
    let apply = ServerAction::<ApplyDryRun>::new();
    let applied = move || {
        apply.value().get()?.ok().map(|submitted| match submitted {
            Submission::Proposed(proposal) => view! { <Proposed proposal=*proposal /> }.into_any(),
            Submission::Done(applied) => view! {
                <Notice tone=Tone::Success title="The policy is deployed">
                    <PartOutcomes outcomes=applied.steps />
                </Notice>
            }
            .into_any(),
        })
    };
    let label = verb("Apply exactly this", "Propose exactly this");
    view! {
        <ActionForm action=apply>
            <div class="apply">
                <input type="hidden" name="registry" value=dry_run.registry() />
                <input type="hidden" name="digest" value=digest />
                <Field name="apply-comment" label="Why" hint="For the audit trail and the policy's history.">
                    <input
                        id="apply-comment"
                        name="comment"
                        maxlength="500"
                        required
                        autocomplete="off"
                        aria-describedby="apply-comment-hint apply-comment-error"
                    />
                </Field>
                <div class="actions">
                    <Permitted operation=Operation::UpdateWorkflow label>
                        <Button kind=ButtonKind::Submit variant=Variant::Primary busy=apply.pending()>
                            {label}
                        </Button>
                    </Permitted>
                </div>
                <p class="muted">"Refused where an image, a digest or a next tag is another one by then."</p>
            </div>
        </ActionForm>
        {applied}
        <ActionError value=apply.value() />
    }
}
