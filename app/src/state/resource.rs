//! Data that the server puts into the page.
use leptos::server::codee::{Decoder, Encoder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;

/// A resource of the first page.
pub type Resource<T> = leptos::prelude::Resource<T, Json>;

/// JSON, read as the answers of server functions are: leptos's own codec reads it from text, which
/// would put the code that reads a type into the bundle twice.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        serde_json::from_slice(text.as_bytes())
    }
}

/// Loads once.
pub fn load<T, Fut>(fetch: impl Fn() -> Fut + Send + Sync + 'static) -> Resource<T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    Resource::new_with_options(|| (), move |()| fetch(), false)
}
