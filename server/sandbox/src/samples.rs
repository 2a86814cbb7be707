//! The sample images that a new sandbox offers.
use crate::{
    State,
    store::{Blobs, Reference, Registry},
};
use drydock_domain::tag::{RepositoryName, Tag};
use drydock_patcher::{
    Job,
    samples::{SampleSink, assemble},
};
use std::{io, sync::Arc};

/// Assembles in the background what is missing of the samples, and tells how far it is. What
/// fails is tried again at the next start.
pub(crate) fn start(state: &Arc<State>) {
    if !state.config.samples {
        state
            .samples
            .send_modify(|progress| progress.finished = true);
        return;
    }
    let state = state.clone();
    let background = state.background.clone();
    background.spawn_blocking(move || {
        let job = Job {
            log: &|line| tracing::info!("samples: {line}"),
            cancelled: &|| state.shutdown.is_cancelled(),
            now: state.clock.now(),
        };
        let tell = |progress: &_| {
            state.samples.send_replace(Clone::clone(progress));
        };
        if let Err(error) = assemble(&state.engine, &*state.registry, &tell, &job) {
            tracing::info!(%error, "the sample images are not all there; the next start goes on");
        }
    });
}

impl SampleSink for Registry {
    fn has_tag(&self, repository: &str, tag: &str) -> io::Result<bool> {
        let (repository, tag) = parse(repository, tag)?;
        Ok(self.tag(&repository, &tag).is_some())
    }

    fn put_manifest(
        &self,
        repository: &str,
        tag: &str,
        media_type: &str,
        manifest: &[u8],
    ) -> io::Result<()> {
        let (repository, tag) = parse(repository, tag)?;
        let reference = Reference::Tag(tag);
        let blobs = Blobs::Anywhere;
        Registry::put_manifest(self, &repository, &reference, media_type, manifest, blobs)?;
        Ok(())
    }
}

fn parse(repository: &str, tag: &str) -> io::Result<(RepositoryName, Tag)> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    let repository = RepositoryName::parse(repository).map_err(invalid)?;
    Ok((repository, Tag::parse(tag).map_err(invalid)?))
}
