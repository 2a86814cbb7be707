//! OpenID Connect: the authorization code flow with PKCE, against any provider that tells of itself by
//! discovery.
use super::flow::{Flow, FlowKey};
use super::identity::Identity;
use crate::auth::config::OidcConfig;
use anyhow::{Context, Result, anyhow};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse as _,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

/// How long the provider's own description is used for sending people there. Its keys are read anew
/// for every answer: they change, and signing in is rare.
const METADATA_LIFE: Duration = Duration::from_secs(600);
const TIMEOUT: Duration = Duration::from_secs(10);
/// Descriptions, keys and tokens are far smaller.
const ANSWER_LIMIT_BYTES: usize = 1 << 20;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

pub struct Oidc {
    config: OidcConfig,
    pub key: FlowKey,
    http: reqwest::Client,
    known: Mutex<Option<(Instant, Arc<ProviderMetadataWithLogout>)>>,
}

/// Somebody whom the provider vouches for.
pub struct Vouched {
    pub identity: Identity,
    /// For ending the session there.
    pub id_token: String,
}

impl Oidc {
    pub fn new(config: OidcConfig) -> Result<Self> {
        let http = reqwest::Client::builder()
            // A provider that sends its client elsewhere is not to be followed there.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .context("the client of the sign-in provider cannot start")?;
        let secret = config.client_secret.as_ref();
        Ok(Self {
            key: FlowKey::new(secret.map(|secret| secret.expose())),
            config,
            http,
            known: Mutex::default(),
        })
    }

    /// The provider's name on the sign-in page.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    pub fn roles_claim(&self) -> &str {
        &self.config.roles_claim
    }

    pub fn issuer(&self) -> &str {
        &self.config.issuer
    }

    /// Where the browser goes to sign in.
    pub async fn authorization_url(&self, flow: &Flow, redirect: &str) -> Result<Url> {
        let client = self.client(&*self.metadata().await?, redirect)?;
        let (state, nonce) = (flow.state.clone(), flow.nonce.clone());
        let verifier = PkceCodeVerifier::new(flow.verifier.clone());
        let scopes = self.config.scopes.iter().cloned().map(Scope::new);
        let request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        Ok(request.url().0)
    }

    /// Exchanges the code and verifies the ID token: signature, issuer, audience, end and nonce.
    ///
    /// # Errors
    /// A provider that cannot be reached or refuses the code, and a token that is not what it must be.
    pub async fn exchange(&self, code: String, flow: &Flow, redirect: &str) -> Result<Vouched> {
        let metadata = self.discover().await?;
        let client = self.client(&metadata, redirect)?;
        let send = |request| fetch(self.http.clone(), request);
        let answer = client
            .exchange_code(AuthorizationCode::new(code))?
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.clone()))
            .request_async(&send)
            .await
            .context("the provider refused to exchange the code")?;
        let token = answer.id_token().ok_or_else(|| {
            anyhow!("the provider gave no ID token: is `openid` among its scopes?")
        })?;
        let algorithms = metadata.id_token_signing_alg_values_supported();
        let algorithms = algorithms
            .iter()
            .filter(|algorithm| is_signature(algorithm));
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(algorithms.cloned());
        token
            .claims(&verifier, &Nonce::new(flow.nonce.clone()))
            .context("the provider's ID token is not valid")?;
        let id_token = token.to_string();
        Ok(Vouched {
            identity: Identity::from_claims(&claims(&id_token)?, &self.config.roles_claim),
            id_token,
        })
    }

    /// Where the browser goes to end the provider's session too; `None` where the provider has no such
    /// place (OpenID Connect RP-Initiated Logout 1.0).
    pub async fn end_session_url(&self, id_token: &str, back: &str) -> Result<Option<Url>> {
        let metadata = self.metadata().await?;
        let Some(end) = &metadata.additional_metadata().end_session_endpoint else {
            return Ok(None);
        };
        let mut url = end.url().clone();
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("client_id", &self.config.client_id)
            .append_pair("post_logout_redirect_uri", back);
        Ok(Some(url))
    }

    fn client(&self, metadata: &ProviderMetadataWithLogout, redirect: &str) -> Result<Client> {
        let secret = self.config.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let id = ClientId::new(self.config.client_id.clone());
        let client = CoreClient::from_provider_metadata(metadata.clone(), id, secret)
            .set_redirect_uri(RedirectUrl::new(redirect.to_owned())?);
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_some_and(|methods| methods.contains(&method));
        let only_in_body = takes(CoreClientAuthMethod::ClientSecretPost)
            && !takes(CoreClientAuthMethod::ClientSecretBasic);
        Ok(match only_in_body {
            true => client.set_auth_type(AuthType::RequestBody),
            false => client,
        })
    }

    async fn metadata(&self) -> Result<Arc<ProviderMetadataWithLogout>> {
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match known {
            Some((at, metadata)) if at.elapsed() < METADATA_LIFE => Ok(metadata),
            _ => self.discover().await,
        }
    }

    async fn discover(&self) -> Result<Arc<ProviderMetadataWithLogout>> {
        let issuer = IssuerUrl::new(self.config.issuer.clone())?;
        let send = |request| fetch(self.http.clone(), request);
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &send)
            .await
            .with_context(|| {
                format!("{} does not tell how to sign in there", self.config.issuer)
            })?;
        let metadata = Arc::new(metadata);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((Instant::now(), Arc::clone(&metadata)));
        Ok(metadata)
    }
}

/// An unsigned token proves nothing, and one that is signed with the client's own secret proves only
/// that somebody knows it.
fn is_signature(algorithm: &CoreJwsSigningAlgorithm) -> bool {
    use CoreJwsSigningAlgorithm as A;
    !matches!(
        algorithm,
        A::None | A::HmacSha256 | A::HmacSha384 | A::HmacSha512
    )
}

/// Every claim of a token that was verified just before: its middle part (RFC 7519, section 3).
fn claims(id_token: &str) -> Result<serde_json::Value> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let payload = id_token.split('.').nth(1).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD
        .decode(payload)
        .context("the ID token cannot be read")?;
    serde_json::from_slice(&bytes).context("the ID token cannot be read")
}

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error(transparent)]
    Sending(#[from] reqwest::Error),
    #[error("its answer is larger than {ANSWER_LIMIT_BYTES} bytes")]
    TooLarge,
    #[error(transparent)]
    Shape(#[from] http::Error),
}

/// One request of the library's, by the client that everything else uses.
async fn fetch(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let (parts, body) = request.into_parts();
    let sent = client
        .request(parts.method, parts.uri.to_string())
        .headers(parts.headers)
        .body(body)
        .send();
    let mut response = sent.await?;
    let mut answer = http::Response::builder().status(response.status());
    if let Some(headers) = answer.headers_mut() {
        headers.clone_from(response.headers());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > ANSWER_LIMIT_BYTES {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(answer.body(bytes)?)
}
