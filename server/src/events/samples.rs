use super::message;
use crate::console::Console;
use axum::response::sse::Event;
use drydock_domain::console::Registry;
use drydock_workflow::Caller;
use futures::{Stream, stream};

/// How far the sandbox is with its sample images, as far as the caller reaches them: now, and whenever
/// it gets further. Without a sandbox there is nothing to tell. `registries` are the caller's.
pub(super) fn follow(
    console: &Console,
    caller: Caller,
    registries: Vec<Registry>,
) -> impl Stream<Item = Event> + use<> {
    let mut samples = console.samples.clone();
    if let Some(samples) = &mut samples {
        samples.mark_changed();
    }
    let told = (caller, registries);
    stream::unfold((samples, told), |(samples, told)| async move {
        let mut samples = samples?;
        // An error means that the sandbox has ended.
        samples.changed().await.ok()?;
        let progress = samples.borrow_and_update().clone();
        let rest = (!progress.finished).then_some(samples);
        let (caller, registries) = &told;
        let progress = caller.reached_samples(registries, progress);
        Some((message("samples", &progress), (rest, told)))
    })
}
