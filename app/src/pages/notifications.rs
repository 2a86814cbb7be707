use crate::api::notices::{SendTestNotice, list_notices};
use crate::format;
use crate::ui::{
    Badge, Button, ButtonKind, Card, Cell, IconName, Notice, PageHeader, Table, Time, Tone,
};
use crate::widgets::{ActionError, AsOf, FROM_LEDGER, Loaded, Permitted};
use drydock_domain::access::Operation;
use drydock_domain::notice::{KeptNotice, NoticeBoard, NoticeKind};
use leptos::form::ActionForm;
use leptos::prelude::*;

/// What somebody should hear of, whether it was sent, and a way to try.
#[component]
pub fn NotificationsPage() -> impl IntoView {
    let test = ServerAction::<SendTestNotice>::new();
    let board = Resource::new(move || test.version().get(), |_| list_notices());
    let sent = move || {
        let arrived = matches!(test.value().get(), Some(Ok(_)));
        arrived
            .then(|| view! { <Notice tone=Tone::Success><p>"The test has arrived."</p></Notice> })
    };
    view! {
        <PageHeader
            title="Notifications"
            subtitle="Failed cycles, missed runs, a policy near its limit, originals that were pushed again after their patch, and changes that wait for approval."
        />
        {sent}
        <ActionError value=test.value() />
        <Loaded resource=board label="Loading the notifications" let:board>
            {view! { <Board board test /> }.into_any()}
        </Loaded>
    }
}

#[component]
fn Board(board: NoticeBoard, test: ServerAction<SendTestNotice>) -> impl IntoView {
    let receiver = match board.receiver {
        Some(receiver) => view! {
            <p>
                "Each is posted once to " <code>{receiver}</code>
                ", signed, and tried again for half a day where it does not arrive."
            </p>
            <ActionForm action=test>
                <Permitted operation=Operation::ChangeSettings label="Send a test">
                    <Button kind=ButtonKind::Submit icon=IconName::Play busy=test.pending()>
                        "Send a test"
                    </Button>
                </Permitted>
            </ActionForm>
        }
        .into_any(),
        None => view! {
            <p>
                "They are listed here and sent nowhere. To have them posted to a webhook, start Drydock with "
                <code>"--webhook URL"</code> " and its secret in "
                <code>"DRYDOCK_WEBHOOK_SECRET"</code> "."
            </p>
        }
        .into_any(),
    };
    let found = match board.notices.is_empty() {
        true => view! { <p class="muted">"Nothing has happened that anybody should hear of."</p> }
            .into_any(),
        false => {
            let rows = board.notices.into_iter().map(row).collect_view();
            view! {
                <Table caption="Notifications" columns=&["When", "What", "Registry", "Sent"]>{rows}</Table>
            }
            .into_any()
        }
    };
    view! {
        <Card title="Where they go">{receiver}</Card>
        <Card title="What was found">{found}</Card>
        <AsOf at=board.as_of source=FROM_LEDGER />
    }
}

fn row(kept: KeptNotice) -> impl IntoView {
    let sent = sent(&kept);
    let notice = kept.notice;
    let (tone, label) = match notice.kind {
        NoticeKind::CycleFailed => (Tone::Danger, "failed"),
        NoticeKind::RunMissed => (Tone::Danger, "missed"),
        NoticeKind::AuditContradicted => (Tone::Danger, "audit"),
        NoticeKind::LimitNear => (Tone::Warning, "limit"),
        NoticeKind::BaseDrifted => (Tone::Warning, "drift"),
        NoticeKind::DeadlineNear => (Tone::Warning, "due"),
        NoticeKind::DeadlineMissed => (Tone::Danger, "overdue"),
        NoticeKind::Exploited => (Tone::Danger, "exploited"),
        NoticeKind::ProposalWaiting => (Tone::Accent, "proposal"),
        NoticeKind::Test => (Tone::Info, "test"),
    };
    let text = match notice.kind {
        NoticeKind::Test => view! { <span>{notice.text}</span> }.into_any(),
        _ => view! { <a href=notice.path>{notice.text}</a> }.into_any(),
    };
    view! {
        <tr role="row">
            <Cell column="When"><Time at=notice.at /></Cell>
            <Cell column="What"><Badge tone label /> " " {text}</Cell>
            <Cell column="Registry">{notice.registry}</Cell>
            <Cell column="Sent">{sent}</Cell>
        </tr>
    }
}

fn sent(kept: &KeptNotice) -> AnyView {
    let tried = format::count(kept.n_failures.into(), "attempt", "attempts");
    let why = kept.failure.clone().unwrap_or_default();
    match (kept.delivered_at, kept.next_at, kept.n_failures) {
        (Some(at), _, _) => view! { <Time at /> }.into_any(),
        (None, Some(_), 0) => view! { "waiting" }.into_any(),
        (None, Some(at), _) => {
            view! { {tried} ", again " <Time at /> <p class="muted">{why}</p> }.into_any()
        }
        (None, None, 0) => view! { <span class="muted">"not sent"</span> }.into_any(),
        (None, None, _) => {
            view! { "given up after " {tried} <p class="muted">{why}</p> }.into_any()
        }
    }
}
