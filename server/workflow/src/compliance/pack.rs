//! Everything that an auditor asks for in one file, signed.
use super::export::{ExportedFile, exported};
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::audit::{Position, SignedStatement, Trust};
use drydock_domain::compliance::export::{About, Format, render};
use drydock_domain::compliance::{
    FindingQuery, Member, PACK_FORMAT, PackTrust, index_of, published_head_of, signature_of,
    verify_pack,
};
use drydock_ledger::ExportOptions;
use serde::Serialize;
use std::io;

impl Workflow {
    /// A tar archive of the query's rows in every format, how they came about, the whole audit trail
    /// without people and its published head, with a signed index first. `drydock audit verify-pack`
    /// verifies it, as this does before it is handed out.
    ///
    /// # Errors
    /// `Conflict` where the trail is broken, or contradicts its published head: then nothing is signed.
    pub async fn export_pack(
        &self,
        caller: &Caller,
        registry: &str,
        query: &FindingQuery,
    ) -> Answer<ExportedFile> {
        self.authorise(caller, Operation::Export, registry).await?;
        let room = self.room(caller, registry).await?;
        let moment = self.moment(query)?;
        let (witness, published) = self.require_witnessed().await?;
        self.require_whole(published.as_ref()).await?;
        self.note_export(caller, &room, "audit pack").await?;
        let material = self.material(&room, moment).await?;
        let file = self
            .compliance_file(&room, &material, query, moment)
            .await?;
        let mut files: Vec<Member> = Format::ALL
            .into_iter()
            .filter_map(|format| {
                let text = render(format, &file)?;
                Some(Member {
                    name: format.file_name().to_owned(),
                    bytes: text.into_bytes(),
                })
            })
            .collect();
        files.push(json("coverage.json", &file.coverage));
        files.push(json("feeds.json", &material.feeds));
        files.push(json("exceptions.json", &material.exceptions));
        files.push(json("settings.json", &material.settings));
        files.push(json("profile.json", &file.profile));
        files.extend(published.as_ref().map(published_head_of));
        files.push(Member {
            name: "audit.ndjson".to_owned(),
            bytes: self.whole_trail().await?,
        });
        let index = index_of(About::of(&file), witness, &files);
        let ledger = &self.inner.ledger;
        let (key, signature) = ledger.sign_document(PACK_FORMAT, &index.bytes).await?;
        let mut members = vec![index, signature_of(key, signature)];
        members.extend(files);
        let trust = PackTrust {
            keys: vec![key],
            witness: published,
        };
        verify_pack(&members, &trust).map_err(|fault| broken(&fault))?;
        let seconds = u64::try_from(moment.at.timestamp()).unwrap_or_default();
        let bytes = archive(&members, seconds).map_err(|error| WorkflowError::Internal {
            what: "the audit pack could not be put together".into(),
            source: Some(Box::new(error)),
        })?;
        let day = moment.at.format("%Y-%m-%d");
        let name = format!("audit-pack-{}-{day}.tar", room.registry.name);
        Ok(exported(&name, "application/x-tar", bytes))
    }

    async fn require_whole(&self, published: Option<&SignedStatement>) -> Answer<()> {
        let ledger = &self.inner.ledger;
        let trust = Trust {
            keys: vec![ledger.public_key()],
            witness: published.map(Position::from),
        };
        match ledger.verify(&trust).await?.broken {
            None => Ok(()),
            Some(found) => Err(broken(&found)),
        }
    }

    async fn whole_trail(&self) -> Answer<Vec<u8>> {
        let mut reader = self.inner.ledger.export(&ExportOptions::default()).await?;
        let mut bytes = Vec::new();
        loop {
            let page = reader.next_page().await?;
            if page.is_empty() {
                return Ok(bytes);
            }
            for line in page {
                bytes.extend_from_slice(line.as_bytes());
                bytes.push(b'\n');
            }
        }
    }
}

fn broken(found: &impl std::fmt::Display) -> WorkflowError {
    WorkflowError::Conflict {
        why: format!(
            "the audit trail is broken at {found}. No audit pack is signed over that: export the trail, \
             which is possible all the same, keep the database as it is, and find out who changed it"
        ),
    }
}

fn json(name: &str, value: &impl Serialize) -> Member {
    let text = serde_json::to_string_pretty(value);
    let mut text = text.expect("structs of strings, numbers and lists have their JSON");
    text.push('\n');
    Member {
        name: name.to_owned(),
        bytes: text.into_bytes(),
    }
}

fn archive(members: &[Member], seconds: u64) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for member in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(member.bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(seconds);
        archive.append_data(&mut header, &member.name, member.bytes.as_slice())?;
    }
    archive.into_inner()
}
