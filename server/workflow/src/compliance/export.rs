//! Findings that leave the console as a file: entered into the trail before they do.
use super::Moment;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::audit::{Hash, Kind, Outcome};
use drydock_domain::compliance::export::{Format, Sbom, render, render_image};
use drydock_domain::compliance::{ComplianceFile, FindingQuery, Material, coverage, rows};
use drydock_domain::lineage::{ImageContents, Lookup};
use drydock_ledger::Happening;
use sha2::{Digest, Sha256};

/// What leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedFile {
    pub name: String,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
    /// Of the bytes, in hexadecimal.
    pub sha256: String,
}

const GENERATOR: &str = concat!("drydock ", env!("CARGO_PKG_VERSION"));

impl Workflow {
    /// The rows of a query, whole and not a page of them, in a format. `digest` names the image of a
    /// format that is about one.
    ///
    /// # Errors
    /// `Invalid` where the format is of an image and none is named; `Unavailable` while an image is
    /// being read.
    pub async fn export_compliance(
        &self,
        caller: &Caller,
        registry: &str,
        format: Format,
        query: &FindingQuery,
        digest: &str,
    ) -> Answer<ExportedFile> {
        self.authorise(caller, Operation::Export, registry).await?;
        let room = self.room(caller, registry).await?;
        let moment = self.moment(query)?;
        let material = self.material(&room, moment).await?;
        let file = self
            .compliance_file(&room, &material, query, moment)
            .await?;
        let text = match format.is_of_an_image() {
            true => self.sbom(caller, &room, format, file, digest).await?,
            false => render(format, &file).ok_or_else(|| WorkflowError::Conflict {
                why: format!(
                    "{} has no empty document, and nothing that the filter names is a vulnerability",
                    format.label()
                ),
            })?,
        };
        let exported = exported(format.file_name(), format.media_type(), text.into_bytes());
        let detail = format!("{}, sha256:{}", format.as_str(), exported.sha256);
        self.note_export(caller, &room, &detail).await?;
        Ok(exported)
    }

    /// All that a file says of itself besides its rows.
    pub(super) async fn compliance_file(
        &self,
        room: &RegistryRoom,
        material: &Material,
        query: &FindingQuery,
        moment: Moment,
    ) -> Answer<ComplianceFile> {
        let head = self.inner.ledger.head().await?;
        let (profile, rows) = rows(material, query, moment.at);
        Ok(ComplianceFile {
            registry: room.registry.name.clone(),
            login_server: room.registry.login_server.clone(),
            query: query.clone(),
            as_of: moment.at,
            profile,
            rows,
            coverage: coverage(material, moment.at),
            feeds: material.feeds.clone(),
            generated_at: self.inner.clock.now(),
            generator: GENERATOR.into(),
            chain_head: match head.hash == Hash::NONE {
                true => String::new(),
                false => format!("{}:{}", head.sequence, head.hash),
            },
        })
    }

    /// First, as with every export: one that nobody recorded must not be.
    pub(super) async fn note_export(
        &self,
        caller: &Caller,
        room: &RegistryRoom,
        detail: &str,
    ) -> Answer<()> {
        let happening = Happening {
            kind: Kind::Export,
            actor: &caller.actor,
            client: None,
            operation: Operation::Export.as_str(),
            object: &room.registry.name,
            detail,
            outcome: Outcome::Succeeded,
        };
        self.inner.ledger.note(happening).await?;
        Ok(())
    }

    async fn sbom(
        &self,
        caller: &Caller,
        room: &RegistryRoom,
        format: Format,
        mut file: ComplianceFile,
        digest: &str,
    ) -> Answer<String> {
        let repository = file.query.repository.clone();
        if repository.is_empty() || digest.is_empty() {
            return Err(WorkflowError::Invalid {
                field: "digest".into(),
                why: format!(
                    "{} is of one image: name its repository and digest",
                    format.label()
                ),
            });
        }
        let contents = self
            .image_contents(caller, room, &repository, digest)
            .await?;
        let tags = self.tags_of(room).await?;
        let listed = tags
            .repositories
            .iter()
            .find(|it| it.repository == repository);
        let mut tags = listed.into_iter().flat_map(|it| &it.tags);
        let tag = tags.find(|tag| tag.digest == digest);
        let tag = tag.map_or_else(String::new, |tag| tag.tag.clone());
        file.rows.retain(|row| row.finding.digest == digest);
        let sbom = Sbom {
            file: &file,
            repository: &repository,
            tag: &tag,
            contents: &contents,
        };
        let text = render_image(format, &sbom);
        Ok(text.expect("only formats of an image come here"))
    }

    async fn image_contents(
        &self,
        caller: &Caller,
        room: &RegistryRoom,
        repository: &str,
        digest: &str,
    ) -> Answer<ImageContents> {
        let registry = &room.registry.name;
        match self
            .get_contents(caller, registry, repository, digest)
            .await?
        {
            Lookup::Found(contents) => Ok(contents),
            Lookup::Underway(progress) => Err(WorkflowError::Unavailable {
                why: format!(
                    "the image is being read: {}; ask again in a moment",
                    progress.doing
                ),
            }),
            Lookup::Failed(why) => Err(WorkflowError::Unavailable {
                why: format!("the image cannot be read: {why}"),
            }),
        }
    }
}

pub(super) fn exported(name: &str, media_type: &'static str, bytes: Vec<u8>) -> ExportedFile {
    ExportedFile {
        name: name.to_owned(),
        media_type,
        sha256: hex::encode(Sha256::digest(&bytes)),
        bytes,
    }
}
