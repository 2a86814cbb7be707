//! Who is signed in, and ending that; looking at the console as an auditor does.
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::{Operation, Role};
use drydock_domain::console::{AuditOutcome, SessionList, SignedIn};
use drydock_ledger::{LedgerError, Session};

/// What sessions are called where somebody may not read or end them.
const SESSIONS: &str = "the sessions";

impl Workflow {
    /// Every session that goes on, the newest first.
    pub async fn list_sessions(&self, caller: &Caller) -> Answer<SessionList> {
        self.authorise(caller, Operation::ReadAudit, SESSIONS)
            .await?;
        let own = caller.session.as_ref().map(|session| session.id.as_str());
        let signed_in = |session: Session| SignedIn {
            is_own: own == Some(session.id.as_str()),
            id: session.id,
            actor: session.actor,
            role: session.role,
            scope: session.scope.to_string(),
            method: session.method,
            since: session.created_at,
            used_at: session.used_at,
            expires_at: session.expires_at,
        };
        let sessions = self.inner.ledger.list_sessions().await?;
        Ok(SessionList {
            sessions: sessions.into_iter().map(signed_in).collect(),
            as_of: self.inner.clock.now(),
        })
    }

    /// Ends a session: its browser is signed out at its next request.
    ///
    /// # Errors
    /// `NotFound` for one that has ended already.
    pub async fn revoke_session(&self, caller: &Caller, id: &str) -> Answer<()> {
        self.authorise(caller, Operation::ChangeSettings, SESSIONS)
            .await?;
        let sessions = self.inner.ledger.list_sessions().await?;
        if !sessions.iter().any(|session| session.id == id) {
            return Err(WorkflowError::NotFound {
                what: format!("a session `{}` that goes on", id.escape_debug()),
            });
        }
        self.end_sessions(caller, &[id.to_owned()]).await
    }

    /// Ends every session but the caller's own; how many.
    pub async fn revoke_other_sessions(&self, caller: &Caller) -> Answer<usize> {
        self.authorise(caller, Operation::ChangeSettings, SESSIONS)
            .await?;
        let own = caller.session.as_ref().map(|session| session.id.as_str());
        let sessions = self.inner.ledger.list_sessions().await?.into_iter();
        let others = sessions
            .map(|session| session.id)
            .filter(|id| own != Some(id.as_str()));
        let others: Vec<String> = others.collect();
        self.end_sessions(caller, &others).await?;
        Ok(others.len())
    }

    /// From now on, and until they go back, the caller may do what an auditor may and nothing else.
    pub async fn view_as_auditor(&self, caller: &Caller) -> Answer<()> {
        self.authorise(caller, Operation::ChangeSettings, "the console")
            .await?;
        self.look_as(caller, Some(Role::Auditor), "session.view")
            .await
    }

    /// Back to the caller's own role.
    ///
    /// # Errors
    /// `Conflict` for a caller who looks as nobody else.
    pub async fn view_as_oneself(&self, caller: &Caller) -> Answer<()> {
        if !caller.is_viewing() {
            return Err(WorkflowError::Conflict {
                why: "this session looks at the console with its own role already".into(),
            });
        }
        self.look_as(caller, None, "session.return").await
    }

    async fn look_as(&self, caller: &Caller, role: Option<Role>, verb: &str) -> Answer<()> {
        let Some(own) = &caller.session else {
            return Err(WorkflowError::Conflict {
                why: "a proxy signs you in with each request, so there is no session to change; \
                      sign in here to view the console as an auditor"
                    .into(),
            });
        };
        let object = format!("session {}", own.id);
        let detail = role.map_or("", Role::as_str);
        let ledger = &self.inner.ledger;
        let entry = ledger.begin(&caller.actor, verb, &object, detail).await?;
        let changed = ledger.set_viewing_as(&own.id, role).await;
        entry.complete(&outcome(&changed)).await?;
        Ok(changed?)
    }

    async fn end_sessions(&self, caller: &Caller, ids: &[String]) -> Answer<()> {
        let ledger = &self.inner.ledger;
        for id in ids {
            let object = format!("session {id}");
            let entry = ledger
                .begin(&caller.actor, "session.revoke", &object, "")
                .await?;
            let ended = ledger.end_session(id).await;
            entry.complete(&outcome(&ended)).await?;
            ended?;
        }
        Ok(())
    }
}

fn outcome<T>(result: &Result<T, LedgerError>) -> AuditOutcome {
    match result {
        Ok(_) => AuditOutcome::Succeeded {
            detail: String::new(),
        },
        Err(error) => AuditOutcome::Failed {
            detail: error.to_string(),
        },
    }
}
