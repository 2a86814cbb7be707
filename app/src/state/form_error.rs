//! Why a form was refused that the browser posted by itself, without JavaScript or before the page
//! was alive.
use super::resource::Json;
use leptos::prelude::*;
use leptos::server::ServerActionError;
use serde::{Deserialize, Serialize};

/// The server puts it into the context of the page that shows it. It is the server's own: what an
/// address says is never one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormError {
    /// Path of the server function.
    pub function: String,
    /// As leptos encodes it.
    pub error: String,
}

/// Hands the error to the action that it belongs to, on the server and in the browser alike.
pub fn provide() {
    let told = SharedValue::<_, Json>::new_with_encoding(use_context::<FormError>).into_inner();
    if let Some(FormError { function, error }) = told {
        provide_context(ServerActionError::new(&function, &error));
    }
}
