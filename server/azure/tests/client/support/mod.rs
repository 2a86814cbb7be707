//! A server that answers with recorded shapes, and remembers what it was asked.
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use drydock_azure::{
    Azure, AzureConfig, Cloud, CredentialConfig, Loopback, RegistryId, RegistryScope, Secret,
};
use drydock_sandbox::tls::LoopbackListener;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

pub const REGISTRY: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/reg";

#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET /path?query`, as sent.
    pub line: String,
    pub headers: HeaderMap,
    pub body: String,
}

#[derive(Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Reply {
    pub fn json(status: u16, body: Value) -> Self {
        Self::bytes(status, body.to_string()).with("content-type", "application/json")
    }

    pub fn bytes(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

#[derive(Default)]
struct Replies {
    queue: VecDeque<Reply>,
    /// The last one has been given at least once.
    spent: bool,
}

#[derive(Default)]
struct Book {
    replies: HashMap<String, Replies>,
    asked: Vec<Asked>,
}

pub struct Server {
    book: Arc<Mutex<Book>>,
    pub port: u16,
    loopback: Loopback,
}

impl Server {
    /// Knows how to give tokens, and nothing else yet.
    pub async fn start() -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        let app = Router::new().fallback(answer).with_state(book.clone());
        let listener = LoopbackListener::bind().await.unwrap();
        let address = listener.local_addr().unwrap();
        let loopback = Loopback {
            address,
            ca_pem: listener.ca_pem().to_owned(),
        };
        tokio::spawn(async move { axum::serve(listener, app).await });
        let server = Self {
            book,
            port: address.port(),
            loopback,
        };
        let token = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": "entra"});
        server.on("POST /tenant/oauth2/v2.0/token", Reply::json(200, token));
        let subscription = json!({"subscriptionId": "00000000-0000-0000-0000-000000000000"});
        server.on(
            "GET /subscriptions",
            Reply::json(200, json!({"value": [subscription]})),
        );
        let refresh = json!({"refresh_token": "refresh"});
        server.on("POST /oauth2/exchange", Reply::json(200, refresh));
        let access = json!({"access_token": "access"});
        server.on("POST /oauth2/token", Reply::json(200, access));
        server
    }

    /// Queues an answer for a method and path without query; the last one stays until another
    /// takes its place.
    pub fn on(&self, key: &str, reply: Reply) {
        let mut book = self.book.lock().unwrap();
        let replies = book.replies.entry(key.to_owned()).or_default();
        if std::mem::take(&mut replies.spent) {
            replies.queue.clear();
        }
        replies.queue.push_back(reply);
    }

    /// The requests whose line contains `part`.
    pub fn asked(&self, part: &str) -> Vec<Asked> {
        let book = self.book.lock().unwrap();
        book.asked
            .iter()
            .filter(|asked| asked.line.contains(part))
            .cloned()
            .collect()
    }

    pub fn login_server(&self) -> String {
        format!("localhost:{}", self.port)
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    pub fn azure(&self) -> Azure {
        self.azure_with(RegistryScope::Visible)
    }

    pub fn azure_with(&self, registries: RegistryScope) -> Azure {
        Azure::connect(AzureConfig {
            cloud: Cloud::at(self.url("").parse().unwrap(), self.url("").parse().unwrap()),
            registries,
            credential: CredentialConfig::ClientSecret {
                tenant_id: "tenant".into(),
                client_id: "client".into(),
                secret: Secret::new("secret"),
            },
            loopback: Some(self.loopback.clone()),
        })
        .unwrap()
    }
}

pub fn registry() -> RegistryId {
    RegistryId::parse(REGISTRY).unwrap()
}

async fn answer(
    State(book): State<Arc<Mutex<Book>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut book = book.lock().unwrap();
    book.asked.push(Asked {
        // Without the host, which HTTP/2 has in the address.
        line: format!("{method} {}", uri.path_and_query().unwrap()),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let key = format!("{method} {}", uri.path());
    let Some(replies) = book.replies.get_mut(&key) else {
        return (StatusCode::NOT_FOUND, format!("nothing recorded for {key}")).into_response();
    };
    let reply = if replies.queue.len() > 1 {
        replies.queue.pop_front().unwrap()
    } else {
        replies.spent = true;
        replies.queue[0].clone()
    };
    let mut response = (StatusCode::from_u16(reply.status).unwrap(), reply.body).into_response();
    for (name, value) in reply.headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
