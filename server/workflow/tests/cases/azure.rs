//! As much of Azure as the use cases touch, in memory, with faults on purpose.
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use drydock_azure::Loopback;
use drydock_sandbox::tls::LoopbackListener;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

pub const REGISTRY: &str =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/harbour";
const LIST: &str = "/subscriptions/s/providers/Microsoft.ContainerRegistry/registries";
const ROLES: &str = "/providers/Microsoft.Authorization/roleAssignments";

#[derive(Default)]
pub struct Contents {
    pub tasks: BTreeMap<String, Value>,
    pub roles: BTreeMap<String, Value>,
    /// Newest first.
    pub runs: Vec<Value>,
    pub logs: BTreeMap<String, String>,
    /// `repository:tag` to a manifest.
    pub manifests: BTreeMap<String, Vec<u8>>,
    pub blobs: BTreeMap<String, Vec<u8>>,
    /// Tags of repositories other than the policy's.
    pub tags: BTreeMap<String, Vec<String>>,
    /// Members of the registry's `properties` besides its login server.
    pub registry: Value,
    pub permissions: Option<Value>,
    pub cache_rules: Vec<Value>,
    pub offer: Option<&'static str>,
    /// What Azure's tool prints in a dry run.
    pub dry_run_log: String,
    /// Bodies of `scheduleRun`.
    pub scheduled: Vec<Value>,
    /// `METHOD path` of every change that was asked for.
    pub changes: Vec<String>,
    /// Paths with this in them are refused for want of a role.
    forbidden: Option<&'static str>,
    faults: Vec<Fault>,
    port: u16,
    ca_pem: String,
}

struct Fault {
    needle: String,
    /// Carried out, and only the answer lost.
    applied: bool,
}

#[derive(Clone)]
pub struct FakeAzure(Arc<Mutex<Contents>>);

impl FakeAzure {
    pub async fn start() -> Self {
        let fake = Self(Arc::default());
        let app = Router::new().fallback(answer).with_state(fake.clone());
        let listener = LoopbackListener::bind().await.unwrap();
        {
            let mut contents = fake.open();
            contents.port = listener.local_addr().unwrap().port();
            contents.ca_pem = listener.ca_pem().to_owned();
        }
        tokio::spawn(async move { axum::serve(listener, app).await });
        fake
    }

    pub fn open(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap()
    }

    pub fn port(&self) -> u16 {
        self.open().port
    }

    pub fn loopback(&self) -> Loopback {
        let contents = self.open();
        Loopback {
            address: ([127, 0, 0, 1], contents.port).into(),
            ca_pem: contents.ca_pem.clone(),
        }
    }

    /// The next change whose `METHOD path` contains `needle` fails.
    pub fn fail(&self, needle: &str) {
        self.fault(needle, false);
    }

    /// The next such change happens, and its answer is lost.
    pub fn lose_the_answer_to(&self, needle: &str) {
        self.fault(needle, true);
    }

    /// Whatever is asked of a path with `needle` in it is refused from now on.
    pub fn forbid(&self, needle: &'static str) {
        self.open().forbidden = Some(needle);
    }

    fn fault(&self, needle: &str, applied: bool) {
        let needle = needle.to_owned();
        self.open().faults.push(Fault { needle, applied });
    }

    /// The deployed policy's text.
    pub fn policy(&self) -> Option<String> {
        let contents = self.open();
        let manifest = contents.manifests.get("csscpolicies/patchpolicy:v1")?;
        let manifest: Value = serde_json::from_slice(manifest).unwrap();
        let digest = manifest["layers"][0]["digest"].as_str().unwrap();
        Some(String::from_utf8(contents.blobs[digest].clone()).unwrap())
    }

    pub fn changes(&self, needle: &str) -> usize {
        let contents = self.open();
        contents
            .changes
            .iter()
            .filter(|line| line.contains(needle))
            .count()
    }
}

impl Contents {
    /// Adds a run as the service reports it.
    pub fn run(&mut self, id: &str, task: &str, status: &str, log: &str) {
        let minute = self.runs.len();
        let run = json!({"name": id, "properties": {
            "runId": id, "task": task, "status": status,
            "createTime": format!("2026-11-21T08:{minute:02}:00.1234567+00:00"),
        }});
        self.runs.insert(0, run);
        self.logs.insert(id.into(), log.replace('\n', "\r\n"));
    }

    fn carry_out(&mut self, method: &Method, path: &str, query: &str, body: &[u8]) -> Response {
        if let Some(rest) = path.strip_prefix(REGISTRY) {
            return self.arm(method, rest, query, body);
        }
        if path == "/logs/source" {
            return StatusCode::CREATED.into_response();
        }
        if let Some(id) = path.strip_prefix("/logs/") {
            return self.log(id, method);
        }
        match path {
            "/tenant/oauth2/v2.0/token" => {
                ok(json!({"token_type": "Bearer", "expires_in": 3599, "access_token": "e"}))
            }
            "/oauth2/exchange" => ok(json!({"refresh_token": "r"})),
            "/oauth2/token" => ok(json!({"access_token": "a"})),
            LIST => ok(json!({"value": [self.registry()]})),
            "/subscriptions" => ok(json!({"value": [{"subscriptionId": "s"}]})),
            "/subscriptions/s" => ok(json!({
                "subscriptionId": "s", "displayName": "Ships", "state": "Enabled",
                "subscriptionPolicies": {"quotaId": self.offer},
            })),
            _ => self.data_plane(method, path, query, body),
        }
    }

    fn registry(&self) -> Value {
        let mut registry = json!({
            "id": REGISTRY, "name": "harbour", "location": "eastus", "sku": {"name": "Basic"},
            "properties": {"loginServer": format!("localhost:{}", self.port)},
        });
        for (name, value) in self.registry.as_object().into_iter().flatten() {
            registry["properties"][name] = value.clone();
        }
        registry
    }

    fn arm(&mut self, method: &Method, rest: &str, query: &str, body: &[u8]) -> Response {
        if let Some(task) = rest.strip_prefix("/tasks/") {
            return self.task(method, task, body);
        }
        if let Some(name) = rest.strip_prefix(ROLES) {
            return self.role(method, name.trim_start_matches('/'), query, body);
        }
        match rest {
            "" => return ok(self.registry()),
            "/listBuildSourceUploadUrl" => {
                let link = format!("https://localhost:{}/logs/source?sig=s", self.port);
                return ok(json!({"uploadUrl": link, "relativePath": "source"}));
            }
            "/cacheRules" => return ok(json!({"value": self.cache_rules})),
            "/providers/Microsoft.Authorization/permissions" => {
                let owner = json!([{"actions": ["*"], "notActions": []}]);
                return ok(json!({"value": self.permissions.clone().unwrap_or(owner)}));
            }
            _ => {}
        }
        if rest == "/scheduleRun" {
            if !self.tasks.contains_key("cssc-trigger-workflow") {
                return missing();
            }
            let id = format!("ca{}", self.runs.len() + 1);
            let request: Value = serde_json::from_slice(body).unwrap_or_default();
            let task = request["taskId"].as_str().unwrap_or_default();
            let task = task.rsplit('/').next().unwrap_or_default();
            if task.is_empty() {
                let log = self.dry_run_log.clone();
                self.run(&id, task, "Succeeded", &log);
                return ok(self.runs[0].clone());
            }
            self.run(&id, task, "Queued", "");
            self.scheduled.push(request);
            return ok(self.runs[0].clone());
        }
        if rest == "/runs" {
            return self.list_runs(query);
        }
        let Some((id, action)) = rest
            .strip_prefix("/runs/")
            .map(|rest| rest.split_once('/').unwrap_or((rest, "")))
        else {
            return missing();
        };
        let link = format!("https://localhost:{}/logs/{id}?sig=s", self.port);
        let Some(run) = self.runs.iter_mut().find(|run| run["name"] == id) else {
            return missing();
        };
        match action {
            "listLogSasUrl" => ok(json!({"logLink": link})),
            "cancel" if run["properties"]["status"] == "Succeeded" => refusal(400, "RunEnded"),
            "cancel" => {
                run["properties"]["status"] = json!("Canceled");
                StatusCode::OK.into_response()
            }
            _ => ok(run.clone()),
        }
    }

    fn task(&mut self, method: &Method, name: &str, body: &[u8]) -> Response {
        match *method {
            Method::GET => self
                .tasks
                .get(name)
                .map_or_else(missing, |task| ok(task.clone())),
            Method::DELETE => match self.tasks.remove(name) {
                Some(_) => StatusCode::OK.into_response(),
                None => StatusCode::NO_CONTENT.into_response(),
            },
            Method::PUT => {
                let mut task: Value = serde_json::from_slice(body).unwrap();
                task["name"] = json!(name);
                if !task["identity"].is_null() {
                    task["identity"]["principalId"] = json!(format!("principal-of-{name}"));
                }
                self.tasks.insert(name.into(), task.clone());
                ok(task)
            }
            _ => {
                let patch: Value = serde_json::from_slice(body).unwrap();
                let Some(task) = self.tasks.get_mut(name) else {
                    return missing();
                };
                for (name, value) in patch["properties"].as_object().unwrap() {
                    task["properties"][name] = value.clone();
                }
                ok(task.clone())
            }
        }
    }

    fn role(&mut self, method: &Method, name: &str, query: &str, body: &[u8]) -> Response {
        match *method {
            Method::GET => {
                let of = |role: &&Value| {
                    query.contains("atScope")
                        || query.contains(role["properties"]["principalId"].as_str().unwrap())
                };
                let value: Vec<&Value> = self.roles.values().filter(of).collect();
                ok(json!({"value": value}))
            }
            Method::PUT => {
                let mut role: Value = serde_json::from_slice(body).unwrap();
                role["name"] = json!(name);
                role["properties"]["scope"] = json!(REGISTRY);
                self.roles.insert(name.into(), role.clone());
                (StatusCode::CREATED, role.to_string()).into_response()
            }
            _ => match self.roles.remove(name) {
                Some(role) => ok(role),
                None => StatusCode::NO_CONTENT.into_response(),
            },
        }
    }

    fn list_runs(&self, query: &str) -> Response {
        let wanted = |run: &&Value| {
            let has = |value: &Value| query.contains(value.as_str().unwrap());
            let has_status = !query.contains("Status") || has(&run["properties"]["status"]);
            has(&run["properties"]["task"]) && has_status
        };
        let value: Vec<&Value> = self.runs.iter().filter(wanted).collect();
        ok(json!({"value": value}))
    }

    fn log(&self, id: &str, method: &Method) -> Response {
        let text = self.logs[id].clone();
        let total = text.len();
        let body = if *method == Method::HEAD {
            String::new()
        } else {
            text
        };
        let mut response = (StatusCode::OK, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            "content-range",
            format!("bytes 0-/{total}").parse().unwrap(),
        );
        let run = self.runs.iter().find(|run| run["name"] == id).unwrap();
        if run["properties"]["status"] == "Succeeded" {
            headers.insert("x-ms-meta-complete", "successful".parse().unwrap());
        }
        response
    }

    fn data_plane(&mut self, method: &Method, path: &str, query: &str, body: &[u8]) -> Response {
        if path == "/acr/v1/_catalog" {
            return ok(json!({"repositories": self.tags.keys().collect::<Vec<_>>()}));
        }
        if let Some(repository) = path.strip_prefix("/acr/v1/") {
            return self.listing(method, repository);
        }
        let Some(rest) = path.strip_prefix("/v2/") else {
            return missing();
        };
        if let Some((repository, reference)) = rest.split_once("/manifests/") {
            let key = format!("{repository}:{reference}");
            if *method == Method::PUT {
                self.manifests.insert(key, body.to_vec());
                return StatusCode::CREATED.into_response();
            }
            let found = self.manifests.get(&key);
            return found.map_or_else(missing, |found| found.clone().into_response());
        }
        if let Some((_, digest)) = rest.split_once("/blobs/sha256:") {
            let found = self.blobs.get(&format!("sha256:{digest}"));
            return found.map_or_else(missing, |found| found.clone().into_response());
        }
        if *method == Method::POST {
            let to = [("location", format!("{path}u1?_state=s"))];
            return (StatusCode::ACCEPTED, to).into_response();
        }
        let digest = format!("sha256:{}", hex::encode(Sha256::digest(body)));
        assert!(query.contains(digest.trim_start_matches("sha256:")));
        self.blobs.insert(digest, body.to_vec());
        StatusCode::CREATED.into_response()
    }

    fn listing(&mut self, method: &Method, path: &str) -> Response {
        if *method == Method::DELETE {
            return match self.manifests.remove(&format!("{path}:v1")) {
                Some(_) => (StatusCode::ACCEPTED, "{}").into_response(),
                None => missing(),
            };
        }
        if path.ends_with("/_manifests") {
            return ok(json!({"manifests": []}));
        }
        let repository = path.trim_end_matches("/_tags");
        let tags = self.tags.get(repository).cloned().unwrap_or_default();
        let tags: Vec<Value> = tags
            .iter()
            .map(|tag| json!({"name": tag, "digest": "sha256:0"}))
            .collect();
        ok(json!({"tags": tags}))
    }
}

async fn answer(
    State(fake): State<FakeAzure>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    assert!(
        uri.path().contains("/token")
            || headers.contains_key("authorization")
            || uri.path().contains("/exchange")
            || uri.path().starts_with("/logs/")
    );
    let mut contents = fake.open();
    let line = format!("{method} {}", uri.path());
    if contents
        .forbidden
        .is_some_and(|needle| line.contains(needle))
    {
        return refusal(403, "AuthorizationFailed");
    }
    let is_change = !matches!(method, Method::GET | Method::HEAD) && !line.contains("/oauth2/");
    let fault = contents
        .faults
        .iter()
        .position(|fault| is_change && line.contains(&fault.needle));
    let fault = fault.map(|index| contents.faults.remove(index));
    if is_change {
        contents.changes.push(line);
    }
    if fault.as_ref().is_some_and(|fault| !fault.applied) {
        return refusal(500, "OnPurpose");
    }
    let query = uri.query().unwrap_or_default();
    let response = contents.carry_out(&method, uri.path(), query, &body);
    match fault {
        Some(_) => refusal(500, "OnPurpose"),
        None => response,
    }
}

fn ok(value: Value) -> Response {
    value.to_string().into_response()
}

fn missing() -> Response {
    refusal(404, "ResourceNotFound")
}

fn refusal(status: u16, code: &str) -> Response {
    let body = json!({"error": {"code": code, "message": "on purpose"}});
    (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
}
