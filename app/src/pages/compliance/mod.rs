mod address;
mod coverage;
mod deadlines;
mod exceptions;
mod filters;
mod findings;
mod sources;
mod summary;

use crate::api::compliance::get_compliance;
use crate::ui::{Card, Notice, PageHeader, Tone};
use crate::widgets::{AsOf, Loaded, use_param};
use deadlines::Deadlines;
use drydock_domain::compliance::{ComplianceView, Framework};
use exceptions::Exceptions;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use sources::{Exposure, Sources};

/// What is open, due by when and by whose rule; the same in each framework's words.
#[component]
pub fn CompliancePage() -> impl IntoView {
    let registry = use_param("registry");
    let params = use_query_map();
    let query = Memo::new(move |_| address::read(&params.read()));
    // Raised by what this page changes.
    let changes = RwSignal::new(0_u32);
    let view = Resource::new(
        move || (registry.get(), query.get(), changes.get()),
        |(registry, query, _)| get_compliance(registry, query),
    );
    view! {
        <PageHeader
            title="Compliance"
            subtitle="What is vulnerable, due by when, by whose rule, and what was done about it."
        />
        {move || views(&registry.get(), query.get().framework())}
        <Loaded resource=view label="Reading findings" let:found>
            {shown(found, changes)}
        </Loaded>
    }
}

fn views(registry: &str, current: Framework) -> impl IntoView + use<> {
    let links = Framework::ALL.map(|framework| {
        let href = address::of_view(registry, framework);
        let is_current = (framework == current).then_some("page");
        view! { <li><a href=href aria-current=is_current>{framework.label()}</a></li> }
    });
    view! {
        <nav class="views" aria-label="Views">
            <ul role="list">{links}</ul>
        </nav>
    }
}

fn shown(found: ComplianceView, changes: RwSignal<u32>) -> AnyView {
    let framework = found.query.framework();
    let past = found.is_past.then(|| past(&found.query.as_of));
    let coverage = framework.shows_coverage().then(|| coverage::table(&found));
    let (doubts, indicators) = (summary::doubts(&found), summary::indicators(&found));
    let (filters, exports) = (filters::filters(&found), summary::exports(&found));
    let findings = findings::table(&found);
    let (name, source) = (found.profile.name.clone(), found.profile.source.clone());
    let (text, is_own) = (found.deadlines.clone(), found.is_own_profile);
    let (as_of, registry, rules) = (found.as_of, found.registry.clone(), found.exposure.clone());
    let now =
        (!found.is_past).then(|| view! { <AsOf at=as_of source="from what was kept of scans" /> });
    view! {
        <p class="muted sentence">{framework.question()}</p>
        {past}
        {doubts}
        {indicators}
        {filters}
        {coverage}
        <Card title="Findings" subtitle=source>
            {findings}
            {exports}
        </Card>
        <Exceptions found=found.clone() changes />
        <Exposure registry=registry.clone() rules changes />
        <Deadlines registry name text is_own changes />
        <Sources found changes />
        {now}
    }
    .into_any()
}

fn past(day: &str) -> impl IntoView + use<> {
    let day = day.to_owned();
    view! {
        <Notice tone=Tone::Info title="An earlier day">
            <p>
                "This is the state at the end of " {day}
                " (UTC), as it was known then. Scores of likelihood are today's."
            </p>
        </Notice>
    }
}
