//! The HTML of `ui/` and `widgets/`: what a reader without colours, and without JavaScript, gets.
#![cfg(not(target_arch = "wasm32"))]
use drydock_app::ui::{
    Badge, Button, ButtonKind, Cell, CopyButton, Elapsed, EmptyState, Field, IconName, Meter,
    Notice, Table, Time, Tone, Variant,
};
use drydock_app::widgets::{
    DerivationBadge, DigestText, ErrorNotice, ImageStatusBadge, PartOutcomes, Permitted,
    RunStatusBadge,
};
use drydock_app::{ApiError, error::ErrorCode};
use drydock_domain::access::{Operation, Role};
use drydock_domain::console::PartOutcome;
use drydock_domain::lineage::Derivation;
use drydock_domain::run::{ImageStatus, RunStatus};
use drydock_workflow::Caller;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// Renders as the server does, without the markers that hydration needs.
fn html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    // Only the first test of the process starts the executor; for the others it is there.
    let _ = any_spawner::Executor::init_futures_executor();
    let owner = Owner::new();
    let html = owner.with(|| view().into_view().to_html());
    html.replace("<!>", "").replace("<!---->", "")
}

#[track_caller]
fn contains(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "`{part}` is not in {html}");
    }
}

#[test]
fn every_status_is_a_word_and_an_icon_and_not_only_a_colour() {
    let runs = [
        RunStatus::Queued,
        RunStatus::Started,
        RunStatus::Running,
        RunStatus::Succeeded,
        RunStatus::Failed,
        RunStatus::Canceled,
        RunStatus::Error,
        RunStatus::Timeout,
        RunStatus::Unknown,
    ];
    for status in runs {
        let badge = html(|| view! { <RunStatusBadge status /> });
        contains(&badge, &[status.as_str(), "<svg", "aria-hidden=\"true\""]);
    }
    for status in ImageStatus::ALL {
        let badge = html(|| view! { <ImageStatusBadge status /> });
        contains(&badge, &[status.as_str(), "<svg"]);
    }
}

#[test]
fn only_a_proven_derivation_is_called_verified() {
    let badge = |derivation| html(|| view! { <DerivationBadge derivation /> });
    contains(
        &badge(Derivation::Verified),
        &["Verified", "data-tone=\"success\""],
    );
    for derivation in [Derivation::Drifted, Derivation::Unverified] {
        contains(&badge(derivation), &["data-tone=\"warning\""]);
    }
}

#[test]
fn an_error_says_what_happened_and_gives_the_request() {
    let error = ApiError {
        request_id: Some("req-7".to_owned()),
        ..ApiError::new(ErrorCode::NotFound, "Run ca9 was not found")
    };
    let notice = html(|| view! { <ErrorNotice error /> });
    contains(
        &notice,
        &[
            "role=\"alert\"",
            "Not found",
            "Run ca9 was not found",
            "req-7",
        ],
    );
    assert!(!notice.contains("/sign-in"), "{notice}");
}

#[test]
fn whoever_is_signed_out_is_shown_the_way_back() {
    let error = ApiError::new(ErrorCode::SignedOut, "Your session has ended.");
    contains(
        &html(|| view! { <ErrorNotice error /> }),
        &["href=\"/sign-in\""],
    );
}

#[test]
fn foreign_text_is_escaped() {
    let badge = html(|| view! { <Badge label="<script>alert(1)</script>" /> });
    assert!(!badge.contains("<script>"), "{badge}");
}

#[test]
fn a_busy_button_says_so_and_does_not_answer() {
    let button = html(|| {
        view! {
            <Button kind=ButtonKind::Submit variant=Variant::Danger busy=true>
                "Cancel the run"
            </Button>
        }
    });
    contains(
        &button,
        &[
            "type=\"submit\"",
            "disabled",
            "aria-busy=\"true\"",
            "data-variant=\"danger\"",
        ],
    );
}

#[test]
fn a_copy_button_is_hidden_where_it_could_do_nothing() {
    let button = html(|| view! { <CopyButton text="sha256:ab" label="digest" /> });
    contains(&button, &[" hidden", "aria-label=\"Copy digest\""]);
}

#[test]
fn a_digest_shows_its_head_and_keeps_the_whole() {
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    let text = html(|| view! { <DigestText digest=digest.clone() /> });
    contains(&text, &[">0123456789ab<", &format!("title=\"{digest}\"")]);
}

#[test]
fn a_table_keeps_its_meaning_when_its_rows_become_cards() {
    let table = html(|| {
        view! {
            <Table caption="Fruit" columns=&["Name"]>
                <tr role="row">
                    <Cell column="Name">"Pear"</Cell>
                </tr>
            </Table>
        }
    });
    contains(
        &table,
        &[
            "role=\"table\"",
            "<caption class=\"visually-hidden\">Fruit</caption>",
            "scope=\"col\"",
            "role=\"cell\"",
            "data-column=\"Name\"",
        ],
    );
}

#[test]
fn the_server_writes_instants_in_utc_only() {
    let at = "2026-11-21T08:00:12Z".parse().unwrap();
    let time = html(|| view! { <Time at seconds=true /> });
    contains(
        &time,
        &[
            "datetime=\"2026-11-21T08:00:12Z\"",
            "2026-11-21 08:00:12 UTC",
        ],
    );
    assert!(!time.contains("title"), "{time}");
}

#[test]
fn what_has_not_begun_has_no_length() {
    contains(&html(|| view! { <Elapsed from=None to=None /> }), &["–"]);
}

#[test]
fn a_meter_over_its_limit_says_the_true_number() {
    let meter = html(|| view! { <Meter label="Images" value=132_u32 limit=100 /> });
    contains(
        &meter,
        &[
            "data-over=\"true\"",
            "value=\"100\"",
            "132 of 100",
            "aria-label=\"Images\"",
        ],
    );
}

#[test]
fn a_field_ties_its_error_to_its_control() {
    let error = Some("31 is more than 30 days".to_owned());
    let field = html(|| {
        view! {
            <Field name="days" label="Days" hint="1 to 30" error=error>
                <input id="days" aria-describedby="days-hint days-error" />
            </Field>
        }
    });
    contains(
        &field,
        &[
            "for=\"days\"",
            "id=\"days-hint\"",
            "id=\"days-error\"",
            "31 is more",
            "data-invalid",
        ],
    );
}

#[test]
fn each_part_of_a_change_says_whether_it_was_done() {
    let outcome = |done| PartOutcome {
        part: "ca14".to_owned(),
        done,
        detail: "stopped".to_owned(),
    };
    let outcomes = vec![outcome(true), outcome(false)];
    let list = html(|| view! { <PartOutcomes outcomes /> });
    contains(&list, &["hidden\"> done<", "hidden\"> not done<"]);
}

#[test]
fn a_danger_is_announced_at_once_and_the_rest_politely() {
    let notice = |tone| html(|| view! { <Notice tone>"text"</Notice> });
    contains(&notice(Tone::Danger), &["role=\"alert\""]);
    contains(&notice(Tone::Warning), &["role=\"status\""]);
}

#[test]
fn an_empty_state_says_why_and_what_next() {
    let empty = html(|| {
        view! {
            <EmptyState icon=IconName::Runs title="No runs yet">
                <a href="/x">"See what it would do"</a>
            </EmptyState>
        }
    });
    contains(&empty, &["No runs yet", "href=\"/x\""]);
}

#[test]
fn a_button_that_the_caller_may_not_press_says_why() {
    let button_of = |caller: Caller| {
        html(|| {
            // As the router gives it to a page of the registry.
            let mut params = ParamsMap::new();
            params.insert("registry", "prod".to_owned());
            provide_context(ArcMemo::new(move |_| params.clone()));
            provide_context(caller);
            view! {
                <Permitted operation=Operation::StartRun label="Run now">
                    <Button kind=ButtonKind::Submit>"Run now"</Button>
                </Permitted>
            }
        })
    };
    let button = |role| button_of(Caller::new("Ada", role));
    let denied = button(Role::Auditor);
    let why = Caller::new("Ada", Role::Auditor).authorise(Operation::StartRun);
    contains(
        &denied,
        &["disabled", "Run now", &why.unwrap_err().to_string()],
    );
    assert!(!denied.contains("submit"), "{denied}");
    let allowed = button(Role::Operator);
    assert!(
        allowed.contains("submit") && !allowed.contains("disabled"),
        "{allowed}"
    );
    let part = Caller::new("Ada", Role::Operator).within("prod/web/*".parse().unwrap());
    let why = "this is about all of prod, and this session reaches prod/web/* alone";
    contains(&button_of(part), &["disabled", "Run now", why]);
}
