use crate::api::compliance::{CollectFindings, SetExposure};
use crate::format;
use crate::ui::{Button, ButtonKind, Card, Cell, Field, Table, Time};
use crate::widgets::{ActionError, Permitted};
use drydock_domain::access::Operation;
use drydock_domain::compliance::{ComplianceView, ExposureRule, FeedState};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Where a scan is asked for.
pub const SCAN: &str = "scan";

/// What the findings and their dates rest on: scans, and what others say of vulnerabilities.
#[component]
pub fn Sources(found: ComplianceView, changes: RwSignal<u32>) -> impl IntoView {
    let collect = ServerAction::<CollectFindings>::new();
    Effect::new(move |_| {
        if let Some(Ok(_)) = collect.value().get() {
            changes.update(|n| *n += 1);
        }
    });
    let rows = found.feeds.iter().map(feed).collect_view();
    let scanned = match found.collected_at {
        Some(at) => view! { "Last scan: " <Time at /> }.into_any(),
        None => view! { "Nothing was scanned yet." }.into_any(),
    };
    let goes_on = move || {
        let is_going_on = matches!(collect.value().get(), Some(Ok(None)));
        is_going_on.then(|| {
            view! { <p role="status">"The scan goes on. Reload the page in a while to see what it finds."</p> }
        })
    };
    let registry = found.registry;
    view! {
        <Card title="What this rests on">
            <p id=SCAN>{scanned} " Each tag's newest image is scanned once a day, and when it changed."</p>
            <ActionForm action=collect>
                <input type="hidden" name="registry" value=registry />
                <Permitted operation=Operation::StartRun label="Scan now">
                    <Button kind=ButtonKind::Submit busy=collect.pending()>"Scan now"</Button>
                </Permitted>
            </ActionForm>
            {goes_on}
            <ActionError value=collect.value() />
            <Table caption="Vulnerability feeds" columns=&["Feed", "Source", "Dated", "Read", "Records"]>
                {rows}
            </Table>
            <p class="muted sentence">
                "Nothing is fetched unless it is configured. "
                <code>"drydock feeds import KIND FILE"</code>
                " reads a file that was brought here; "
                <code>"drydock serve --feed KIND=SOURCE"</code>
                " reads a file at each start, or an address every six hours."
            </p>
        </Card>
    }
}

fn feed(feed: &FeedState) -> impl IntoView + use<> {
    let source = match feed.imported_at {
        Some(_) => feed.source.clone(),
        None => "Not imported: unknown".to_owned(),
    };
    let dated = feed.dated.map(|at| view! { <Time at /> });
    let read = feed.imported_at.map(|at| view! { <Time at /> });
    let (label, version) = (feed.kind.label(), feed.version.clone());
    let records = format::thousands(feed.records);
    view! {
        <tr role="row">
            <Cell column="Feed">{label}</Cell>
            <Cell column="Source"><span class="break">{source}</span></Cell>
            <Cell column="Dated">{dated} " " {version}</Cell>
            <Cell column="Read">{read}</Cell>
            <Cell column="Records" numeric=true>{records}</Cell>
        </tr>
    }
}

/// Which repositories the internet reaches: only their owner knows.
#[component]
pub fn Exposure(
    registry: String,
    rules: Vec<ExposureRule>,
    changes: RwSignal<u32>,
) -> impl IntoView {
    let set = ServerAction::<SetExposure>::new();
    Effect::new(move |_| {
        if let Some(Ok(())) = set.value().get() {
            changes.update(|n| *n += 1);
        }
    });
    let given = use_query_map().read_untracked().get("exposure");
    let lines: Vec<String> = rules
        .iter()
        .map(|rule| format!("{} {}", rule.pattern, rule.exposure.as_str()))
        .collect();
    let text = given.unwrap_or_else(|| lines.join("\n"));
    let hint = "One to a line, as in “web/* public” or “tools/* internal”. The first that fits \
                decides; what none names is unknown, and counts as public.";
    view! {
        <Card title="Exposure" subtitle="Which repositories the internet reaches.">
            <ActionForm action=set>
                <input type="hidden" name="registry" value=registry />
                <Field name="exposure" label="Repositories" hint>
                    <textarea
                        id="exposure"
                        name="rules"
                        rows="4"
                        spellcheck="false"
                        aria-describedby="exposure-hint"
                    >
                        {text}
                    </textarea>
                </Field>
                <Permitted operation=Operation::ChangeCompliance label="Save exposure">
                    <Button kind=ButtonKind::Submit busy=set.pending()>"Save exposure"</Button>
                </Permitted>
            </ActionForm>
            <ActionError value=set.value() />
        </Card>
    }
}
