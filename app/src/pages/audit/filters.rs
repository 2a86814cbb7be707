use super::filter::{self, OUTCOMES};
use crate::paths;
use crate::ui::{Button, ButtonKind, ButtonLink, Field, QueryForm, Variant};
use drydock_domain::audit::AuditQuery;
use leptos::prelude::*;

/// What the entries are narrowed by; a plain form, so that it works without JavaScript too.
#[component]
pub fn Filters(query: Memo<AuditQuery>) -> impl IntoView {
    let text = move |name: &'static str,
                     label: &'static str,
                     hint: &'static str,
                     kind: &'static str,
                     of: fn(&AuditQuery) -> &String| {
        view! {
            <Field name=name label=label>
                <input
                    id=name
                    name=name
                    type=kind
                    placeholder=hint
                    value=of(&query.get_untracked()).clone()
                    prop:value=move || of(&query.read()).clone()
                />
            </Field>
        }
    };
    let outcomes = OUTCOMES.map(|outcome| {
        let selected = move || query.read().outcome == Some(outcome);
        view! { <option value=outcome.as_str() selected=selected>{outcome.as_str()}</option> }
    });
    let clear = move || {
        query.read().is_narrow().then(|| {
            view! {
                <ButtonLink href=filter::address(&AuditQuery::default()) variant=Variant::Quiet>
                    "Show all"
                </ButtonLink>
            }
        })
    };
    view! {
        <search class="audit-filters" aria-label="Entries">
            <QueryForm action=paths::AUDIT>
                {text("id", "Names", "Run, digest or repository", "search", |query| &query.mention)}
                {text("actor", "Who", "Name", "text", |query| &query.actor)}
                {text("operation", "Operation", "workflow.update", "text", |query| &query.operation)}
                {text("object", "Object", "Registry", "text", |query| &query.object)}
                <Field name="outcome" label="Outcome">
                    <select id="outcome" name="outcome">
                        <option value="">"Any"</option>
                        {outcomes}
                    </select>
                </Field>
                {text("from", "From (UTC)", "", "date", |query| &query.from)}
                {text("until", "Until (UTC)", "", "date", |query| &query.until)}
                <div class="actions">
                    <Button kind=ButtonKind::Submit>"Filter"</Button>
                    {clear}
                </div>
            </QueryForm>
        </search>
    }
}
