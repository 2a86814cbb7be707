use super::{Answer, answer, end, message};
use crate::console::Console;
use axum::extract::State;
use futures::{StreamExt as _, stream};

/// How far the sandbox is with its sample images: now, and whenever it gets further. Without a
/// sandbox there is nothing to tell.
pub async fn follow(State(console): State<Console>) -> Answer {
    let mut samples = console.samples.clone();
    if let Some(samples) = &mut samples {
        samples.mark_changed();
    }
    let events = stream::unfold(samples, |samples| async move {
        let mut samples = samples?;
        // An error means that the sandbox has ended.
        samples.changed().await.ok()?;
        let progress = samples.borrow_and_update().clone();
        let rest = (!progress.finished).then_some(samples);
        Some((message(&progress), rest))
    });
    answer(events.chain(stream::once(async { end() })), console.leaving)
}
