use super::address;
use crate::paths;
use crate::ui::{Button, ButtonKind, ButtonLink, Field, QueryForm, Variant};
use drydock_domain::compliance::{ComplianceView, FindingQuery, Framework, Severity, Standing};
use leptos::prelude::*;

/// What the findings are narrowed by; a plain form, so that it works without JavaScript too.
pub fn filters(found: &ComplianceView) -> impl IntoView + use<> {
    let query = found.query.clone();
    let framework = query.framework();
    let action = paths::compliance(&found.registry);
    let option = |value: &str, label: &str, chosen: &str| {
        let selected = value == chosen;
        view! { <option value=value.to_owned() selected=selected>{label.to_owned()}</option> }
    };
    let profiles = found.profiles.iter();
    let profiles = profiles
        .map(|known| option(&known.id, &known.name, &found.profile.id))
        .collect_view();
    let statuses = [
        ("", "As the view asks"),
        ("open", "Open"),
        ("closed", "Closed"),
        ("all", "All"),
    ];
    let statuses = statuses
        .into_iter()
        .chain(Standing::ALL.map(|standing| (standing.as_str(), standing.label())))
        .map(|(value, label)| option(value, label, &query.status))
        .collect_view();
    let severities =
        Severity::ALL.map(|severity| option(severity.as_str(), severity.as_str(), &query.severity));
    let sampler = (framework == Framework::Soc2).then(|| sampler(&query));
    let cleared = (query.is_narrow() || !query.as_of.is_empty()).then(|| {
        let href = address::of_view(&found.registry, framework);
        view! { <ButtonLink href variant=Variant::Quiet>"Show all"</ButtonLink> }
    });
    let (text, repository, as_of) = (query.text, query.repository, query.as_of);
    let view_name = framework.as_str();
    view! {
        <search class="audit-filters" aria-label="Findings">
            <QueryForm action>
                <input type="hidden" name="view" value=view_name />
                <Field name="profile" label="Deadlines by">
                    <select id="profile" name="profile">{profiles}</select>
                </Field>
                <Field name="text" label="Names">
                    <input
                        id="text"
                        name="text"
                        type="search"
                        placeholder="CVE, package, image"
                        value=text
                    />
                </Field>
                <Field name="status" label="Status">
                    <select id="status" name="status">{statuses}</select>
                </Field>
                <Field name="severity" label="Severity">
                    <select id="severity" name="severity">
                        <option value="">"Any"</option>
                        {severities}
                    </select>
                </Field>
                <Field name="repository" label="Repository">
                    <input id="repository" name="repository" value=repository />
                </Field>
                <Field name="as_of" label="State as of (UTC)">
                    <input id="as_of" name="as_of" type="date" value=as_of />
                </Field>
                {sampler}
                <div class="actions">
                    <Button kind=ButtonKind::Submit>"Show"</Button>
                    {cleared}
                </div>
            </QueryForm>
        </search>
    }
}

/// The same seed draws the same findings, for whoever has them.
fn sampler(query: &FindingQuery) -> impl IntoView + use<> {
    let (seed, n) = (query.seed.clone(), query.sample_size().to_string());
    view! {
        <Field name="seed" label="Seed of the sample">
            <input id="seed" name="seed" value=seed autocomplete="off" />
        </Field>
        <Field name="n" label="Findings in it">
            <input
                id="n"
                name="n"
                type="number"
                min="1"
                max="1000"
                value=n
            />
        </Field>
    }
}
