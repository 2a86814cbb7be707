//! A registry's data plane: ACR's own listings, and the OCI distribution calls.
mod blob_part;
mod listing;
mod manifest;
mod model;
mod push;
mod token;

pub use manifest::{ImageManifest, MANIFEST_TYPES, Manifest};
pub use model::{Descriptor, ManifestRecord, RepositoryRecord, TagRecord};

use crate::AzureError;
use crate::wire::{Answer, Call, Wire, refusal};
use azure_core::credentials::TokenCredential;
use azure_core::http::Method;
use drydock_domain::tag::RepositoryName;
use std::sync::Arc;
use token::Tokens;
use url::Url;

/// One registry's data plane. Cheap to clone; clones share their tokens.
#[derive(Clone)]
pub struct AcrClient {
    wire: Wire,
    base: Url,
    tokens: Arc<Tokens>,
}

/// How the registry's token service is asked.
pub(crate) struct AcrLogin {
    pub credential: Arc<dyn TokenCredential>,
    /// Audience of the Entra token that is exchanged.
    pub scope: String,
    pub tenant_id: Option<String>,
}

/// What a call needs: a scope of the registry's token service.
enum Scope<'a> {
    Catalog,
    Repository(&'a RepositoryName, &'static str),
}

impl Scope<'_> {
    fn text(&self) -> String {
        match self {
            Self::Catalog => "registry:catalog:*".into(),
            Self::Repository(repository, actions) => {
                format!("repository:{repository}:{actions}")
            }
        }
    }
}

impl AcrClient {
    pub(crate) fn new(wire: Wire, login_server: &str, login: AcrLogin) -> Result<Self, AzureError> {
        let base = Url::parse(&format!("https://{login_server}/"))
            .ok()
            .filter(|url| url.path() == "/" && url.query().is_none() && url.username().is_empty())
            .ok_or_else(|| AzureError::Invalid {
                field: "login server".into(),
                why: format!("`{login_server}` is not a host name"),
            })?;
        let tokens = Tokens::new(wire.clone(), base.clone(), login_server.to_owned(), login);
        Ok(Self {
            wire,
            base,
            tokens: Arc::new(tokens),
        })
    }

    /// `path` without a leading `/`.
    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }

    /// An address that the registry handed out, resolved; `None` where it leaves the registry.
    fn own_url(&self, location: &str) -> Option<Url> {
        self.base
            .join(location)
            .ok()
            .filter(|url| url.origin() == self.base.origin())
    }

    /// Sends with a token for `scope`. A token that the registry no longer takes is replaced
    /// once: a 401 means that nothing was done, so this repeats no change.
    async fn ask(&self, mut call: Call<'_>, scope: &Scope<'_>) -> Result<Answer, AzureError> {
        let scope = scope.text();
        call.headers
            .push(("authorization", self.tokens.bearer(&scope).await?));
        let answer = self.wire.ask(&call).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        self.tokens.forget(&scope).await;
        call.headers.pop();
        call.headers
            .push(("authorization", self.tokens.bearer(&scope).await?));
        self.wire.ask(&call).await
    }

    async fn send(&self, call: Call<'_>, scope: &Scope<'_>) -> Result<Answer, AzureError> {
        let name = call.name.clone();
        let answer = self.ask(call, scope).await?;
        if (200..300).contains(&answer.status) {
            Ok(answer)
        } else {
            Err(refusal(&name, &answer))
        }
    }

    async fn get(&self, url: Url, what: &str, scope: &Scope<'_>) -> Result<Answer, AzureError> {
        self.send(Call::new(Method::Get, url, what), scope).await
    }
}
