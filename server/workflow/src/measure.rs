//! Figures for a monitoring system: of every registry, as they are now.
use crate::overview::matched;
use crate::{Answer, Workflow};
use chrono::{DateTime, Utc};
use drydock_domain::run::{ImageStatus, TaskName};

/// What there is to measure of one registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measures {
    pub registry: String,
    /// `None` where the registry could not be read.
    pub figures: Option<Figures>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Images that the policy selects.
    pub n_selected: Option<u32>,
    pub next_run: Option<DateTime<Utc>>,
    pub last_cycle: Option<DateTime<Utc>>,
    /// Images of the last cycle, in the order of [`ImageStatus::ALL`].
    pub last_images: [u32; ImageStatus::ALL.len()],
    /// Occurrences of the schedule that led to no run, as far back as Azure lists runs.
    pub n_missed: u32,
}

impl Workflow {
    /// Whether what every request needs can be read.
    pub async fn is_ready(&self) -> Answer<()> {
        Ok(self.inner.ledger.list_notices(1).await.map(drop)?)
    }

    /// For a caller of no role: whoever asks has shown the token of the metrics before.
    pub async fn measure(&self) -> Answer<Vec<Measures>> {
        let mut measures = Vec::new();
        for registry in self.registries().await?.iter() {
            let figures = self.figures(&registry.name).await;
            if let Err(error) = &figures {
                tracing::warn!(registry = registry.name, %error, "not measured");
            }
            measures.push(Measures {
                registry: registry.name.clone(),
                figures: figures.ok(),
            });
        }
        Ok(measures)
    }

    async fn figures(&self, registry: &str) -> Answer<Figures> {
        let room = self.open_room(registry).await?;
        let (state, tags, trees) =
            tokio::try_join!(self.state(&room), self.tags_aside(&room), self.trees(&room))?;
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let mut cycles = trees.iter();
        let last = cycles.find(|tree| tree.trigger.task == Some(TaskName::Trigger));
        let count = |status: ImageStatus| {
            let images = last.iter().flat_map(|cycle| &cycle.images);
            number(images.filter(|image| image.status == status).count())
        };
        Ok(Figures {
            n_selected: matched(&state, &tags).map(number),
            next_run: state.next_run,
            last_cycle: last.map(|cycle| cycle.trigger.created_at),
            last_images: ImageStatus::ALL.map(count),
            n_missed: number(self.missed(&room, &state, &trees).await?.len()),
        })
    }
}
