use super::message;
use crate::console::Console;
use axum::response::sse::Event;
use futures::{Stream, stream};

/// How far the sandbox is with its sample images: now, and whenever it gets further. Without a
/// sandbox there is nothing to tell.
pub(super) fn follow(console: &Console) -> impl Stream<Item = Event> + use<> {
    let mut samples = console.samples.clone();
    if let Some(samples) = &mut samples {
        samples.mark_changed();
    }
    stream::unfold(samples, |samples| async move {
        let mut samples = samples?;
        // An error means that the sandbox has ended.
        samples.changed().await.ok()?;
        let progress = samples.borrow_and_update().clone();
        let rest = (!progress.finished).then_some(samples);
        Some((message("samples", &progress), rest))
    })
}
