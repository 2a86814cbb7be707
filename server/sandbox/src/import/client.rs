//! A reader of foreign registries: the distribution API with its two ways of signing in.
use super::ImportError;
use drydock_domain::tag::RepositoryName;
use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use url::Url;

const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                      application/vnd.docker.distribution.manifest.list.v2+json, \
                      application/vnd.docker.distribution.manifest.v2+json";
/// Of a refusal's body, what a message holds.
const MAX_EXCERPT: usize = 300;
const MAX_TOKEN_BYTES: usize = 1 << 20;

/// A user and a password; it has no `Debug`.
#[derive(Clone)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

/// One repository of a foreign registry.
pub struct Source {
    /// As the client wrote it.
    registry: String,
    /// `https://host`, or `http://host` for a registry on loopback that has no TLS.
    base: String,
    repository: RepositoryName,
    credentials: Option<Credentials>,
    /// `Authorization`, once the registry has asked for it.
    authorization: Option<String>,
    client: Client,
}

impl Source {
    pub async fn open(
        registry: &str,
        repository: &RepositoryName,
        credentials: Option<Credentials>,
    ) -> Result<Self, ImportError> {
        let plain = registry
            .trim_start_matches("https://")
            .trim_end_matches('/');
        let host = match plain {
            // What people call Docker Hub is not where its registry is.
            "docker.io" | "index.docker.io" => "registry-1.docker.io",
            host => host,
        };
        let client = Client::builder().user_agent(concat!("drydock/", env!("CARGO_PKG_VERSION")));
        let failed = |source| ImportError::Unreachable {
            registry: registry.to_owned(),
            source,
        };
        let client = client.build().map_err(failed)?;
        let secure = format!("https://{host}");
        let base = match client.get(format!("{secure}/v2/")).send().await {
            Ok(_) => secure,
            Err(error) if error.is_connect() && is_loopback(host) => {
                let open = format!("http://{host}");
                client
                    .get(format!("{open}/v2/"))
                    .send()
                    .await
                    .map_err(failed)?;
                open
            }
            Err(error) => return Err(failed(error)),
        };
        Ok(Self {
            registry: registry.to_owned(),
            base,
            repository: repository.clone(),
            credentials,
            authorization: None,
            client,
        })
    }

    /// `rest` is `manifests/v1` or `blobs/sha256:…`.
    pub async fn get(&mut self, rest: &str) -> Result<Response, ImportError> {
        let mut response = self.send(rest).await?;
        if response.status() == StatusCode::UNAUTHORIZED && self.sign_in(&response).await? {
            response = self.send(rest).await?;
        }
        self.check(response, rest).await
    }

    async fn send(&self, rest: &str) -> Result<Response, ImportError> {
        let url = format!("{}/v2/{}/{rest}", self.base, self.repository);
        let mut request = self.client.get(url).header(header::ACCEPT, ACCEPT);
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        self.dispatch(request).await
    }

    async fn dispatch(&self, request: RequestBuilder) -> Result<Response, ImportError> {
        request
            .send()
            .await
            .map_err(|source| self.unreachable(source))
    }

    /// Follows the registry's challenge. Answers whether there is anything new to try with.
    async fn sign_in(&mut self, response: &Response) -> Result<bool, ImportError> {
        let challenge = response.headers().get(header::WWW_AUTHENTICATE);
        let challenge = challenge.and_then(|value| value.to_str().ok());
        let challenge = challenge.unwrap_or_default().to_owned();
        let (scheme, parameters) = challenge.split_once(' ').unwrap_or((&challenge, ""));
        if scheme.eq_ignore_ascii_case("Basic") {
            let Some(credentials) = &self.credentials else {
                return Ok(false);
            };
            self.authorization = Some(basic(credentials));
            return Ok(true);
        }
        let realm = parameter(parameters, "realm").and_then(|realm| Url::parse(realm).ok());
        let Some(mut realm) = realm.filter(|_| scheme.eq_ignore_ascii_case("Bearer")) else {
            return Err(ImportError::Challenge {
                registry: self.registry.clone(),
                challenge,
            });
        };
        let scope = format!("repository:{}:pull", self.repository);
        let scope = parameter(parameters, "scope").unwrap_or(&scope);
        realm.query_pairs_mut().append_pair("scope", scope);
        if let Some(service) = parameter(parameters, "service") {
            realm.query_pairs_mut().append_pair("service", service);
        }
        let mut request = self.client.get(realm.as_str());
        if let Some(credentials) = &self.credentials {
            request = request.header(header::AUTHORIZATION, basic(credentials));
        }
        let response = self.dispatch(request).await?;
        let response = self.check(response, "a token").await?;
        let body = self.read(response, "the token", MAX_TOKEN_BYTES).await?;
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let token = body["token"].as_str().or(body["access_token"].as_str());
        self.authorization = token.map(|token| format!("Bearer {token}"));
        Ok(self.authorization.is_some())
    }

    async fn check(&self, response: Response, what: &str) -> Result<Response, ImportError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = self.read(response, "the refusal", MAX_TOKEN_BYTES).await;
        let body = body.unwrap_or_default();
        let body: String = String::from_utf8_lossy(&body)
            .chars()
            .filter(|character| !character.is_control())
            .take(MAX_EXCERPT)
            .collect();
        Err(ImportError::Refused {
            registry: self.registry.clone(),
            what: format!("{what} of '{}'", self.repository),
            status: status.as_u16(),
            body,
        })
    }

    /// The whole body, when it is no longer than `limit`.
    pub async fn read(
        &self,
        mut response: Response,
        what: &str,
        limit: usize,
    ) -> Result<Vec<u8>, ImportError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk(&mut response).await? {
            body.extend_from_slice(&chunk);
            if body.len() > limit {
                return Err(ImportError::TooLarge {
                    what: what.to_owned(),
                    limit,
                });
            }
        }
        Ok(body)
    }

    pub async fn chunk(
        &self,
        response: &mut Response,
    ) -> Result<Option<bytes::Bytes>, ImportError> {
        response
            .chunk()
            .await
            .map_err(|source| self.unreachable(source))
    }

    fn unreachable(&self, source: reqwest::Error) -> ImportError {
        ImportError::Unreachable {
            registry: self.registry.clone(),
            // A redirect's URL may be signed.
            source: source.without_url(),
        }
    }
}

fn basic(credentials: &Credentials) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let Credentials { username, password } = credentials;
    format!(
        "Basic {}",
        STANDARD.encode(format!("{username}:{password}"))
    )
}

/// `name="value"` among others.
fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = parameters;
    loop {
        let (key, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        if key.trim_matches([',', ' ']).eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after;
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_whatever_is_in_its_values() {
        let challenge =
            r#"realm="https://h/token",service="h:5000", scope="repository:a:pull,push""#;
        assert_eq!(parameter(challenge, "realm"), Some("https://h/token"));
        assert_eq!(
            parameter(challenge, "Scope"),
            Some("repository:a:pull,push")
        );
        assert_eq!(parameter(challenge, "error"), None);
    }

    #[test]
    fn only_a_registry_on_loopback_may_do_without_tls() {
        for (host, expected) in [
            ("localhost:5000", true),
            ("127.0.0.1", true),
            ("[::1]:5000", true),
            ("localhost.example.com", false),
            ("10.0.0.1:5000", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }
}
