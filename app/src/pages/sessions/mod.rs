use crate::api::sessions::{RevokeOtherSessions, RevokeSession, ViewAsAuditor, list_sessions};
use crate::state::permission::denial;
use crate::ui::{Badge, Button, ButtonKind, Card, Cell, PageHeader, Table, Time, Tone, Variant};
use crate::widgets::{ActionError, AsOf, FROM_LEDGER, Loaded, Permitted};
use drydock_domain::access::Operation;
use drydock_domain::console::SignedIn;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Who is signed in, since when, by what and as what; and the way to end it.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let revoke = ServerAction::<RevokeSession>::new();
    let revoke_others = ServerAction::<RevokeOtherSessions>::new();
    let sessions = Resource::new(
        move || (revoke.version().get(), revoke_others.version().get()),
        |_| list_sessions(),
    );
    view! {
        <PageHeader
            title="Sessions"
            subtitle="Who is signed in to this console, and how. A session that is ended signs its browser out at once."
        />
        <ActionError value=revoke.value() />
        <ActionError value=revoke_others.value() />
        <Loaded resource=sessions label="Loading the sessions" let:list>
            {view! {
                <Sessions sessions=list.sessions revoke revoke_others />
                <AsOf at=list.as_of source=FROM_LEDGER />
            }
                .into_any()}
        </Loaded>
        <ViewAs />
    }
}

#[component]
fn Sessions(
    sessions: Vec<SignedIn>,
    revoke: ServerAction<RevokeSession>,
    revoke_others: ServerAction<RevokeOtherSessions>,
) -> impl IntoView {
    let has_others = sessions.iter().any(|session| !session.is_own);
    let may_end = denial(Operation::ChangeSettings).is_none();
    let rows = sessions
        .into_iter()
        .map(|session| row(session, may_end, revoke));
    let rows = rows.collect_view();
    view! {
        <Card title="Signed in">
            <Table
                caption="Sessions that go on"
                columns=&["Who", "Role", "Signed in", "Last used", "Ends", "By", "Session"]
            >
                {rows}
            </Table>
            {has_others.then(|| view! {
                <ActionForm action=revoke_others>
                    <Permitted operation=Operation::ChangeSettings label="End all others">
                        <Button
                            kind=ButtonKind::Submit
                            variant=Variant::Danger
                            busy=revoke_others.pending()
                        >
                            "End all others"
                        </Button>
                    </Permitted>
                </ActionForm>
            })}
        </Card>
    }
}

fn row(session: SignedIn, may_end: bool, revoke: ServerAction<RevokeSession>) -> impl IntoView {
    let reach = match session.scope.is_empty() {
        true => "every registry".to_owned(),
        false => session.scope.replace(',', ", "),
    };
    let label = format!("End the session of {}", session.actor);
    let end = match session.is_own {
        true => view! { <Badge tone=Tone::Accent label="yours" /> }.into_any(),
        false => may_end
            .then(|| {
                view! {
                    <ActionForm action=revoke>
                        <input type="hidden" name="id" value=session.id />
                        <Button kind=ButtonKind::Submit variant=Variant::Quiet attr:aria-label=label>
                            "End"
                        </Button>
                    </ActionForm>
                }
            })
            .into_any(),
    };
    view! {
        <tr role="row">
            <Cell column="Who">{session.actor}</Cell>
            <Cell column="Role">{session.role.as_str()} <p class="muted">{reach}</p></Cell>
            <Cell column="Signed in"><Time at=session.since /></Cell>
            <Cell column="Last used"><Time at=session.used_at /></Cell>
            <Cell column="Ends"><Time at=session.expires_at /></Cell>
            <Cell column="By"><span class="break">{session.method}</span></Cell>
            <Cell column="Session">{end}</Cell>
        </tr>
    }
}

/// A plain form, so that every part of the page is made anew with the other role.
#[component]
fn ViewAs() -> impl IntoView {
    view! {
        <Card
            title="View as auditor"
            subtitle="Shows you the console as an auditor sees it, and lets you do no more than one. A line at the end of every page leads back."
        >
            <form method="post" action=ViewAsAuditor::url()>
                <Permitted operation=Operation::ChangeSettings label="View as auditor">
                    <Button kind=ButtonKind::Submit>"View as auditor"</Button>
                </Permitted>
            </form>
        </Card>
    }
}
