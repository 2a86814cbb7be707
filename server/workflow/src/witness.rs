//! Publishes the head of the audit trail in a registry, where whoever can write the ledger's database
//! cannot make it unsaid, and reads it back to compare.
//!
//! That a head was published is no audit entry: the entry would be another head to publish.
use crate::{Answer, Workflow, WorkflowError};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_azure::{AcrClient, Descriptor};
use drydock_domain::audit::{
    Position, SignedStatement, Statement, WITNESS_REPOSITORY, WITNESS_TAG, Witness, parse_witness,
    statement_line, witness_tag,
};
use drydock_domain::notice::Notice;
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use drydock_ledger::{Contradiction, LedgerError, Standing, Voucher};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// How often the sandbox's head is published, where it costs nothing, and the lease is renewed.
const ROUND: Duration = Duration::from_secs(30);
/// How often an Azure's is, which bills requests and keeps every head. What is cut off before it was
/// published is not missed: shorter is safer.
const REMOTE_PAUSE: Duration = Duration::from_secs(300);
/// How long one process of several has the publishing, and how long nobody has it after that one died.
const LEASE: TimeDelta = TimeDelta::minutes(3);
const LEASE_NAME: &str = "audit-witness";

const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const ARTIFACT_TYPE: &str = "application/vnd.drydock.audit-witness.v1";
const DOCUMENT_TYPE: &str = "application/vnd.drydock.audit-checkpoint.v1+json";
/// The specification's own, for artifacts that have no configuration.
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";
/// The name that a client which pulls the artifact gives to the file.
const FILE_NAME: &str = "audit-head.json";
/// A checkpoint has some 400 bytes.
const DOCUMENT_LIMIT: usize = 16 << 10;

impl Workflow {
    /// Publishes what is new for as long as it is polled, in one process of several; at once done
    /// where no registry was named.
    pub async fn keep_witness(self) {
        let Some(registry) = self.inner.witness.clone() else {
            return;
        };
        let pause = match self.inner.azure.is_sandbox() {
            true => Duration::ZERO,
            false => REMOTE_PAUSE,
        };
        let mut lease = None;
        let mut due = Instant::now();
        loop {
            let is_turn = self.hold_lease(&mut lease, LEASE_NAME, LEASE).await;
            if is_turn && Instant::now() >= due {
                due = Instant::now() + pause;
                match self.publish_head().await {
                    Ok(published) => tracing::debug!(registry, ?published, "the head is published"),
                    Err(error) => {
                        tracing::warn!(registry, %error, "the audit trail's head is not published");
                    }
                }
            }
            tokio::time::sleep(ROUND).await;
        }
    }

    /// Publishes the trail's head, signed; the entry that it is, or `None` where nothing is new.
    ///
    /// # Errors
    /// `Conflict` where the trail does not hold the head that was published before, or another key
    /// signed that one: publishing over it would hide what it is there to show.
    pub async fn publish_head(&self) -> Answer<Option<i64>> {
        let Some(registry) = &self.inner.witness else {
            return Ok(None);
        };
        let room = self.open_room(registry).await?;
        let ledger = &self.inner.ledger;
        let published = self.find_own_head(&room.acr).await?;
        if let Some(before) = &published {
            self.require_held(registry, before).await?;
        }
        let head = ledger.sign_head().await?;
        let sequence = Position::from(&head).sequence;
        let is_first = published.is_none();
        let reached = published.map_or(0, |before| Position::from(&before).sequence);
        if sequence <= reached {
            return Ok(None);
        }
        push(&room.acr, &head).await?;
        ledger.remember_published(&head)?;
        if is_first {
            self.inner.trail.forget_check();
        }
        Ok(Some(sequence))
    }

    /// The trail says of the published head's entry what was published.
    async fn require_held(&self, registry: &str, published: &SignedStatement) -> Answer<()> {
        let ledger = &self.inner.ledger;
        ledger.remember_published(published)?;
        let said = Position::from(published);
        let error = match ledger.standing(said).await? {
            Standing::Held => return Ok(()),
            Standing::Buried { through } => pruned_past(said.sequence, through),
            Standing::Contradicted { now, last } => LedgerError::Contradicted(Contradiction {
                by: Voucher::Published,
                said,
                now,
                last,
            })
            .into(),
        };
        let now = self.inner.clock.now();
        let notice = Notice::of_contradicted(registry, said.sequence, now);
        let is_sent = self.inner.courier.is_some();
        ledger.add_notice(&notice, is_sent).await?;
        // Nobody is told any longer that it was whole a while ago.
        self.inner.trail.forget_check();
        Err(error)
    }

    /// What is published, once the trail was found to agree with it: to be asked before anything is
    /// signed that vouches for the trail. Where the registry cannot be asked, what it last said counts.
    ///
    /// # Errors
    /// `Conflict` where the trail contradicts it.
    pub(crate) async fn require_witnessed(&self) -> Answer<(Witness, Option<SignedStatement>)> {
        let (witness, published) = self.read_witness().await;
        if let (Some(registry), Some(published)) = (&self.inner.witness, &published) {
            self.require_held(registry, published).await?;
        }
        Ok((witness, published))
    }

    /// What is published, and the head that the trail has to hold: what the registry said last, where
    /// it says nothing now. What cannot be compared is told, and does not keep the trail from being
    /// verified without it.
    pub(crate) async fn read_witness(&self) -> (Witness, Option<SignedStatement>) {
        let remembered = self.inner.ledger.published_head();
        let Some(registry) = self.inner.witness.clone() else {
            return (Witness::Off, remembered);
        };
        let read = async {
            let room = self.open_room(&registry).await?;
            self.find_own_head(&room.acr).await
        };
        match read.await {
            Ok(None) => (Witness::Awaited { registry }, remembered),
            Ok(Some(signed)) => {
                if let Err(error) = self.inner.ledger.remember_published(&signed) {
                    tracing::error!(%error, "the published head is not remembered");
                }
                let position = Position::from(&signed);
                let published = Witness::Published {
                    registry,
                    sequence: position.sequence,
                    hash: position.hash,
                    at: instant(&signed.statement),
                };
                (published, Some(signed))
            }
            Err(error) => {
                let why = error.to_string();
                (Witness::Unread { registry, why }, remembered)
            }
        }
    }

    /// The published head, signed by this console's own key.
    async fn find_own_head(&self, acr: &AcrClient) -> Answer<Option<SignedStatement>> {
        let Some(signed) = find(acr).await? else {
            return Ok(None);
        };
        let own = self.inner.ledger.public_key();
        if signed.key == own {
            return Ok(Some(signed));
        }
        Err(WorkflowError::Conflict {
            why: format!(
                "{WITNESS_REPOSITORY}:{WITNESS_TAG} is signed with the key {}, and this console's is \
                 {own}: another console publishes there, or somebody put it in its place",
                signed.key
            ),
        })
    }
}

fn pruned_past(head: i64, through: i64) -> WorkflowError {
    WorkflowError::Conflict {
        why: format!(
            "the published head is entry {head} of the audit trail, and entries 1 to {through} were \
             pruned: what they were cannot be compared any more, so nothing is signed over it. Export \
             the trail and compare it with an earlier export; once it is known why, delete \
             {WITNESS_REPOSITORY} in the registry, and audit.head in the data directory"
        ),
    }
}

/// In UTC.
fn instant(statement: &Statement) -> DateTime<Utc> {
    let (Statement::Checkpoint { at, .. } | Statement::Tombstone { at, .. }) = statement;
    DateTime::from_timestamp_micros(*at).unwrap_or_default()
}

pub(crate) fn repository() -> RepositoryName {
    RepositoryName::parse(WITNESS_REPOSITORY).expect("it follows the grammar")
}

async fn find(acr: &AcrClient) -> Answer<Option<SignedStatement>> {
    let repository = repository();
    let Some(manifest) = acr.find_manifest(&repository, WITNESS_TAG).await? else {
        return Ok(None);
    };
    let layers = manifest.image().map(|image| image.layers);
    let layer = layers.and_then(|layers| layers.into_iter().next());
    let digest = layer.and_then(|layer| Digest::parse(&layer.digest).ok());
    let Some(digest) = digest else {
        return Err(unreadable("its manifest names no document".to_owned()));
    };
    let bytes = acr.get_blob(&repository, &digest, DOCUMENT_LIMIT).await?;
    let document = String::from_utf8_lossy(&bytes);
    let signed = parse_witness(&document).map_err(|error| unreadable(error.to_string()))?;
    Ok(Some(signed))
}

fn unreadable(why: String) -> WorkflowError {
    WorkflowError::Invalid {
        field: format!("{WITNESS_REPOSITORY}:{WITNESS_TAG}"),
        why,
    }
}

/// Under its own tag first: the head only ever points at what stays.
async fn push(acr: &AcrClient, signed: &SignedStatement) -> Answer<()> {
    let repository = repository();
    let document = statement_line(signed);
    let config = acr.push_blob(&repository, EMPTY_TYPE, b"{}").await?;
    let layer = acr
        .push_blob(&repository, DOCUMENT_TYPE, document.as_bytes())
        .await?;
    let manifest = manifest(&config, &layer).to_string();
    let own = witness_tag(Position::from(signed).sequence);
    for tag in [own.as_str(), WITNESS_TAG] {
        let tag = Tag::parse(tag).expect("a word, a hyphen and digits follow the grammar");
        acr.put_manifest(&repository, &tag, MANIFEST_TYPE, manifest.as_bytes())
            .await?;
    }
    Ok(())
}

fn manifest(config: &Descriptor, layer: &Descriptor) -> serde_json::Value {
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "artifactType": ARTIFACT_TYPE,
        "config": {"mediaType": config.media_type, "size": config.size, "digest": config.digest},
        "layers": [{
            "mediaType": layer.media_type,
            "size": layer.size,
            "digest": layer.digest,
            "annotations": {"org.opencontainers.image.title": FILE_NAME},
        }],
    })
}
