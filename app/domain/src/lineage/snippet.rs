//! Commands that name content and not a tag.
use crate::as_code::posix_quote;
use crate::tag::{Digest, RepositoryName, Tag};

/// An image in a registry, by its digest.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    pub login_server: &'a str,
    pub repository: &'a RepositoryName,
    pub digest: &'a Digest,
}

impl Content<'_> {
    /// `myreg.azurecr.io/web@sha256:…`.
    pub fn reference(&self) -> String {
        format!("{}/{}@{}", self.login_server, self.repository, self.digest)
    }

    /// Pulls exactly this, whatever a tag says later.
    pub fn pull_command(&self) -> String {
        format!("docker pull {}", posix_quote(&self.reference()))
    }

    /// Builds on exactly this. The tag is for the reader: a builder goes by the digest.
    pub fn from_line(&self, tag: &Tag) -> String {
        let (server, repository, digest) = (self.login_server, self.repository, self.digest);
        format!("FROM {server}/{repository}:{tag}@{digest}")
    }

    /// Points a tag to this content again, without moving any of it. Whoever pulls the tag gets it
    /// then; the next patch of a floating tag moves it forward again.
    pub fn rollback_command(&self, tag: &Tag) -> String {
        let reference = posix_quote(&self.reference());
        format!("oras tag {reference} {}", posix_quote(tag.as_str()))
    }

    /// The same with Azure's own command, which copies the manifest within the registry.
    pub fn rollback_with_az(&self, registry: &str, tag: &Tag) -> String {
        let image = format!("{}:{tag}", self.repository);
        format!(
            "az acr import --name {} --source {} --image {} --force",
            posix_quote(registry),
            posix_quote(&self.reference()),
            posix_quote(&image)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_the_content() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let content = Content {
            login_server: "myreg.azurecr.io",
            repository: &RepositoryName::parse("team/web").unwrap(),
            digest: &Digest::parse(&digest).unwrap(),
        };
        let tag = Tag::parse("1.0-patched").unwrap();
        let reference = format!("myreg.azurecr.io/team/web@{digest}");
        assert_eq!(content.pull_command(), format!("docker pull {reference}"));
        assert_eq!(
            content.from_line(&tag),
            format!("FROM myreg.azurecr.io/team/web:1.0-patched@{digest}")
        );
        assert_eq!(
            content.rollback_command(&tag),
            format!("oras tag {reference} 1.0-patched")
        );
        assert_eq!(
            content.rollback_with_az("myreg", &tag),
            format!(
                "az acr import --name myreg --source {reference} --image team/web:1.0-patched --force"
            )
        );
    }
}
