/// Does what is slow to lay out once the answer to the press that asked for it has been painted.
pub fn after_paint(work: impl FnOnce() + 'static) {
    #[cfg(target_arch = "wasm32")]
    leptos::prelude::request_animation_frame(move || {
        leptos::prelude::set_timeout(work, std::time::Duration::ZERO);
    });
    #[cfg(not(target_arch = "wasm32"))]
    drop(work);
}
