//! Who may put which view into a frame.
mod host_key;

use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::{DateTime, Utc};
use drydock_domain::access::Operation;
use drydock_domain::audit::{Kind, Outcome};
use drydock_domain::console::AuditOutcome;
use drydock_domain::embed::{BlockedFrame, Embed, EmbedHost, EmbedScope, Origin};
use drydock_ledger::{Entry, EntryFilter, Happening};
use futures::future::BoxFuture;

/// A name is a line in a list, not a text.
const MAX_NAME_CHARACTERS: usize = 80;
/// As much as a token's header should carry.
const MAX_KID_BYTES: usize = 128;
/// Blocked frames that are told of.
const BLOCKED: u32 = 20;
/// What a denial is about that came before anything was looked at.
const EMBEDS: &str = "embeds";
/// The operation of an entry about a frame that a browser blocked; its detail is the ancestor.
const BLOCKED_OPERATION: &str = "embed.blocked";

/// One change of what may be embedded.
struct Change {
    object: String,
    detail: String,
    /// Visitors lose what they had.
    revokes: bool,
}

impl Change {
    fn new(object: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            object: object.into(),
            detail: detail.into(),
            revokes: false,
        }
    }

    fn revoking(object: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            revokes: true,
            ..Self::new(object, detail)
        }
    }
}

impl Workflow {
    /// The sites that may embed, by name, and the embeds, newest first.
    pub async fn list_embeds(&self, caller: &Caller) -> Answer<(Vec<EmbedHost>, Vec<Embed>)> {
        caller.authorise(Operation::ReadAudit)?;
        let ledger = &self.inner.ledger;
        let listed = tokio::try_join!(ledger.list_embed_hosts(), ledger.list_embeds());
        Ok(listed?)
    }

    /// One embed, and the frames of it that browsers blocked lately, newest first.
    pub async fn get_embed(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Answer<(Embed, Vec<BlockedFrame>, DateTime<Utc>)> {
        caller.authorise(Operation::ReadAudit)?;
        let ledger = &self.inner.ledger;
        let embed = ledger.find_embed(id).await?.ok_or_else(no_embed)?;
        let filter = EntryFilter {
            operation: Some(BLOCKED_OPERATION.into()),
            object: Some(embed.id.clone()),
            limit: BLOCKED,
            ..EntryFilter::default()
        };
        let entries = ledger.list_entries(&filter).await?;
        let blocked = entries.into_iter().map(|entry| BlockedFrame {
            ancestor: entry.detail,
            at: entry.begun_at,
        });
        Ok((embed, blocked.collect(), self.inner.clock.now()))
    }

    /// Lets a site embed; the answer is the host's id. Which views, its embeds say.
    pub async fn create_embed_host(
        &self,
        caller: &Caller,
        name: &str,
        origin: &str,
    ) -> Answer<String> {
        self.authorise(caller, Operation::ChangeEmbeds, EMBEDS)
            .await?;
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARACTERS {
            let why = format!("give the site a name of 1 to {MAX_NAME_CHARACTERS} characters");
            return Err(invalid("name", why));
        }
        let origin = Origin::parse(origin).map_err(|error| invalid("origin", error.to_string()))?;
        let change = Change::new(origin.as_str(), format!("let `{name}` embed"));
        self.change_embeds(caller, change, move |workflow, entry| {
            Box::pin(async move {
                let ledger = &workflow.inner.ledger;
                let made = ledger.create_embed_host(entry, &name, &origin).await?;
                made.ok_or_else(|| WorkflowError::Conflict {
                    why: format!("{origin} is listed already"),
                })
            })
        })
        .await
    }

    /// Takes a site out of every embed, with its keys and its visitors' sessions.
    pub async fn delete_embed_host(&self, caller: &Caller, id: &str) -> Answer<()> {
        self.authorise(caller, Operation::ChangeEmbeds, EMBEDS)
            .await?;
        let hosts = self.inner.ledger.list_embed_hosts().await?;
        let host = hosts.into_iter().find(|host| host.id == id);
        let host = host.ok_or_else(no_host)?;
        let detail = format!("let `{}` embed no more", host.name);
        let change = Change::revoking(host.origin.as_str(), detail);
        self.change_embeds(caller, change, move |workflow, entry| {
            Box::pin(async move {
                let deleted = workflow.inner.ledger.delete_embed_host(entry, &host.id);
                deleted.await?.then_some(()).ok_or_else(no_host)
            })
        })
        .await
    }

    /// Takes a public key of a host, in PEM or as a JWK, under the name that its tokens carry.
    pub async fn create_embed_key(
        &self,
        caller: &Caller,
        host: &str,
        kid: &str,
        text: &str,
    ) -> Answer<String> {
        self.authorise(caller, Operation::ChangeEmbeds, EMBEDS)
            .await?;
        let kid = kid.trim();
        let is_plain = kid.bytes().all(|byte| byte.is_ascii_graphic());
        if kid.is_empty() || kid.len() > MAX_KID_BYTES || !is_plain {
            let why = format!("name the key with 1 to {MAX_KID_BYTES} plain characters");
            return Err(invalid("kid", why));
        }
        let key = host_key::parse(kid, text).map_err(|why| invalid("key", why))?;
        let hosts = self.inner.ledger.list_embed_hosts().await?;
        let found = hosts.into_iter().find(|found| found.id == host);
        let host = found.ok_or_else(no_host)?;
        let detail = format!("take the {} key {}", key.algorithm, key.thumbprint);
        let change = Change::new(host.origin.as_str(), detail);
        self.change_embeds(caller, change, move |workflow, entry| {
            Box::pin(async move {
                let ledger = &workflow.inner.ledger;
                let made = ledger.create_embed_key(entry, &host.id, &key).await?;
                made.ok_or_else(|| WorkflowError::Conflict {
                    why: format!("{} has a key named `{}` already", host.origin, key.kid),
                })
            })
        })
        .await
    }

    /// Ends the sessions of all whom the key vouched for, and takes no token of it any more.
    pub async fn revoke_embed_key(&self, caller: &Caller, id: &str) -> Answer<()> {
        let id = id.to_owned();
        let change = Change::revoking(&id, "revoke a host's key");
        self.change_embeds(caller, change, move |workflow, entry| {
            Box::pin(async move {
                let revoked = workflow.inner.ledger.revoke_embed_key(entry, &id);
                let none = || WorkflowError::NotFound {
                    what: "this key, or it was revoked before,".into(),
                };
                revoked.await?.then_some(()).ok_or_else(none)
            })
        })
        .await
    }

    /// Makes a view embeddable by the hosts of these ids; the answer is the embed's id.
    pub async fn create_embed(
        &self,
        caller: &Caller,
        scope: EmbedScope,
        hosts: Vec<String>,
    ) -> Answer<String> {
        self.authorise(caller, Operation::ChangeEmbeds, EMBEDS)
            .await?;
        scope
            .check()
            .map_err(|error| invalid(error.field, error.why))?;
        if hosts.is_empty() {
            let why = "choose at least one site; list it first where there is none";
            return Err(invalid("hosts", why.into()));
        }
        self.room(caller, &scope.registry).await?;
        let detail = format!(
            "make `{}` embeddable by {} as {}",
            scope.view.as_str(),
            hosts.join(" "),
            scope.role.as_str()
        );
        let change = Change::new(&scope.registry, detail);
        self.change_embeds(caller, change, move |workflow, entry| {
            Box::pin(async move {
                let made = workflow.inner.ledger.create_embed(entry, &scope, &hosts);
                made.await?.ok_or_else(no_host)
            })
        })
        .await
    }

    /// Ends an embed: its frames say so from now on.
    pub async fn revoke_embed(&self, caller: &Caller, id: &str) -> Answer<()> {
        let id = id.to_owned();
        let change = Change::revoking(&id, "revoke the embed");
        self.change_embeds(caller, change, move |workflow, entry| {
            Box::pin(async move {
                let revoked = workflow.inner.ledger.revoke_embed(entry, &id);
                revoked.await?.then_some(()).ok_or_else(no_embed)
            })
        })
        .await
    }

    /// Ends every frame of one person, as a host names them; says how many there were.
    pub async fn end_embed_sessions(
        &self,
        caller: &Caller,
        origin: &str,
        subject: &str,
    ) -> Answer<u64> {
        self.authorise(caller, Operation::ChangeEmbeds, EMBEDS)
            .await?;
        let origin = Origin::parse(origin).map_err(|error| invalid("origin", error.to_string()))?;
        let subject = subject.trim().to_owned();
        if subject.is_empty() {
            let why = "name the person as the host's tokens do, in `sub`";
            return Err(invalid("subject", why.into()));
        }
        let change = Change::revoking(origin.as_str(), "end one person's frames");
        self.change_embeds(caller, change, move |workflow, entry| {
            Box::pin(async move {
                let ledger = &workflow.inner.ledger;
                let ended = ledger.end_embed_sessions(entry, origin.as_str(), &subject);
                Ok(ended.await?)
            })
        })
        .await
    }

    /// The shape of every change here: authorise, begin an entry, act, complete it. The act goes on
    /// when the caller goes away.
    async fn change_embeds<T, A>(&self, caller: &Caller, change: Change, act: A) -> Answer<T>
    where
        T: Send + 'static,
        A: for<'a> FnOnce(&'a Workflow, &'a Entry) -> BoxFuture<'a, Answer<T>> + Send + 'static,
    {
        let operation = Operation::ChangeEmbeds;
        self.authorise(caller, operation, &change.object).await?;
        let ledger = &self.inner.ledger;
        let entry = ledger
            .begin(
                &caller.actor,
                operation.as_str(),
                &change.object,
                &change.detail,
            )
            .await?;
        let (workflow, actor) = (self.clone(), caller.actor.clone());
        let acting = tokio::spawn(async move {
            let answer = act(&workflow, &entry).await;
            if change.revokes && answer.is_ok() {
                workflow.note_revocation(&actor, &change).await;
            }
            let ended = match &answer {
                Ok(_) => AuditOutcome::Succeeded {
                    detail: String::new(),
                },
                Err(error) => AuditOutcome::Failed {
                    detail: error.to_string(),
                },
            };
            let sequence = entry.sequence();
            // The change has happened: a lost completion must not turn it into a failure.
            if let Err(error) = entry.complete(&ended).await {
                tracing::error!(sequence, %error, "an audit entry could not be completed");
            }
            answer
        });
        acting.await.unwrap_or_else(|error| {
            Err(WorkflowError::Internal {
                what: "the change broke off; look at the embeds before trying again".into(),
                source: Some(Box::new(error)),
            })
        })
    }

    /// Sessions and tokens ended with it: whoever looks for those finds it under their own verb.
    async fn note_revocation(&self, actor: &str, change: &Change) {
        let revoked = Happening {
            kind: Kind::SignOut,
            actor,
            client: None,
            operation: "token.revoked",
            object: &change.object,
            detail: &change.detail,
            outcome: Outcome::Succeeded,
        };
        if let Err(error) = self.inner.ledger.note(revoked).await {
            tracing::error!(%error, "a revocation could not be entered into the audit trail");
        }
    }
}

fn invalid(field: &str, why: String) -> WorkflowError {
    WorkflowError::Invalid {
        field: field.into(),
        why,
    }
}

fn no_host() -> WorkflowError {
    WorkflowError::NotFound {
        what: "this site".into(),
    }
}

fn no_embed() -> WorkflowError {
    WorkflowError::NotFound {
        what: "this embed, or it was revoked before,".into(),
    }
}
