//! What somebody has written and not applied yet, by registry. It lives in the browser's session
//! storage: as long as the tab, shared by the pages of this tab, and sent nowhere.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The policy's text.
    pub text: String,
    /// Digest of the deployed policy that it was made from; empty where there was none.
    pub based_on: String,
    /// The schedule's fields as they stand in the form: days, and `HH:MM` in UTC.
    pub days: String,
    pub at: String,
}

/// The draft of a registry. Always `None` on the server.
pub fn find(registry: &str) -> Option<Draft> {
    #[cfg(target_arch = "wasm32")]
    let draft = storage::read(registry).and_then(|text| serde_json::from_str(&text).ok());
    #[cfg(not(target_arch = "wasm32"))]
    let draft = {
        let _ = registry;
        None
    };
    draft
}

/// Where the browser keeps nothing, as in a frame without permission, the draft lives only as long
/// as its page.
pub fn keep(registry: &str, draft: &Draft) {
    #[cfg(target_arch = "wasm32")]
    if let Ok(text) = serde_json::to_string(draft) {
        storage::write(registry, &text);
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (registry, draft);
}

pub fn forget(registry: &str) {
    #[cfg(target_arch = "wasm32")]
    storage::remove(registry);
    #[cfg(not(target_arch = "wasm32"))]
    let _ = registry;
}

#[cfg(target_arch = "wasm32")]
mod storage {
    use leptos::prelude::window;

    fn key(registry: &str) -> String {
        format!("drydock.draft.{registry}")
    }

    fn session() -> Option<web_sys::Storage> {
        window().session_storage().ok().flatten()
    }

    pub(super) fn read(registry: &str) -> Option<String> {
        session()?.get_item(&key(registry)).ok().flatten()
    }

    pub(super) fn write(registry: &str, text: &str) {
        if let Some(session) = session() {
            // A full storage loses the copy, not the text in the page.
            let _ = session.set_item(&key(registry), text);
        }
    }

    pub(super) fn remove(registry: &str) {
        if let Some(session) = session() {
            let _ = session.remove_item(&key(registry));
        }
    }
}
