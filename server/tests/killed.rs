//! `kill -9` in the middle of creating a workflow: the next start says so, and one repair completes
//! what was begun, with nothing twice.
use drydock_sandbox::RunningSandbox;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

const FORM: [(&str, &str); 4] = [
    ("registry", "drydock"),
    ("days", "7"),
    ("at", "03:30"),
    (
        "policy",
        r#"{"version": "v1", "repositories": [{"repository": "nothing", "tags": ["*"]}]}"#,
    ),
];

const ROLES: &str = "/providers/Microsoft.Authorization/roleAssignments";

/// The binary on a data directory, with somebody signed in and the sandbox at hand. Dropping it is
/// `kill -9`.
struct Process {
    child: Child,
    /// Held open: it goes on to say things.
    _told: Lines<BufReader<ChildStdout>>,
    console: Client,
    url: String,
    session: String,
    azure: Client,
    sandbox: RunningSandbox,
    token: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn drydock() -> Command {
    Command::new(env!("CARGO_BIN_EXE_drydock"))
}

impl Process {
    async fn start(data: &Path) -> Self {
        let mut child = drydock()
            .args(["serve", "--no-samples", "--offline", "--faults"])
            .args(["--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0"])
            .arg("--data")
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It says where it is once it answers.
        let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = told.next().unwrap().unwrap();
        let url = first.rsplit(' ').next().unwrap().to_owned();
        let sandbox = RunningSandbox::find(data).unwrap();
        let authority = std::fs::read(&sandbox.ca_file).unwrap();
        let authority = Certificate::from_pem(&authority).unwrap();
        let plain = || Client::builder().no_proxy().redirect(Policy::none());
        let console = plain().build().unwrap();
        let azure = plain().tls_certs_only([authority]).build().unwrap();
        let session = sign_in(&console, data).await;
        let token = token(&azure, &sandbox).await;
        Self {
            child,
            _told: told,
            console,
            url,
            session,
            azure,
            sandbox,
            token,
        }
    }

    fn post(&self, function: &str, form: &[(&str, &str)]) -> RequestBuilder {
        self.console
            .post(format!("{}/api/{function}", self.url))
            .header("cookie", &self.session)
            .header("origin", &self.url)
            .header("accept", "application/json")
            .form(form)
    }

    async fn page(&self, path: &str) -> String {
        let request = self.console.get(format!("{}{path}", self.url));
        let answer = request.header("cookie", &self.session).send().await;
        answer.unwrap().text().await.unwrap()
    }

    /// Asks the sandbox for something below its registry, or for something of its own.
    async fn ask(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let endpoints = &self.sandbox.endpoints;
        let id = endpoints.registry_id();
        let path = match path.strip_prefix("/sandbox") {
            Some(_) => path.to_owned(),
            None => format!("{id}{path}?api-version=2025-11-01"),
        };
        let url = endpoints.arm.join(&path).unwrap();
        let request = self.azure.request(method, url).bearer_auth(&self.token);
        let answer = request.json(&body).send().await.unwrap();
        let status = answer.status();
        (status, answer.json().await.unwrap_or_default())
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let (_, answer) = self.ask(Method::GET, path, Value::Null).await;
        answer["value"].as_array().unwrap().clone()
    }

    /// Whether something is there: below the registry in ARM, or in the registry itself.
    async fn has(&self, path: &str) -> bool {
        if !path.starts_with("/v2/") {
            let (status, found) = self.ask(Method::GET, path, Value::Null).await;
            return status.is_success() && found["value"] != json!([]);
        }
        let identity = &self.sandbox.identity;
        let url = self.sandbox.endpoints.arm.join(path).unwrap();
        let password = identity.admin_password.reveal();
        let request = self.azure.get(url);
        let request = request.basic_auth(&identity.registry_name, Some(password));
        request.send().await.unwrap().status().is_success()
    }

    /// Begins to create the workflow, and dies when the change at `path` has been made, so that
    /// `made` is there, and the answer to it is on its way.
    async fn create_and_die_at(self, path: &str, made: &str) {
        let rule = json!([{
            "match": {"method": "PUT", "path": path}, "kind": "slow-body", "seconds": 3600,
        }]);
        self.ask(Method::PUT, "/sandbox/faults", rule).await;
        let create = tokio::spawn(self.post("create_workflow", &FORM).send());
        while !self.has(made).await {
            assert!(!create.is_finished(), "it did not come to {path}");
        }
        drop(self);
        assert!(create.await.unwrap().is_err(), "it was answered");
    }
}

async fn sign_in(console: &Client, data: &Path) -> String {
    let link = drydock().arg("link").arg("--data").arg(data).output();
    let link = String::from_utf8(link.unwrap().stdout).unwrap();
    let answer = console.get(link.trim()).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    cookie.split_once(';').unwrap().0.to_owned()
}

async fn token(azure: &Client, sandbox: &RunningSandbox) -> String {
    let endpoints = &sandbox.endpoints;
    let url = format!(
        "{}{}/oauth2/v2.0/token",
        endpoints.authority, endpoints.tenant_id
    );
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &endpoints.client_id),
        ("client_secret", endpoints.client_secret.reveal()),
        ("scope", "https://management.azure.com/.default"),
    ];
    let answer = azure.post(url).form(&form).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_that_was_killed_is_told_at_the_next_start_and_completed_by_one_repair() {
    for (step, made) in [
        (
            "*/manifests/v1",
            "/v2/csscpolicies/patchpolicy/manifests/v1",
        ),
        ("*/tasks/cssc-patch-image", "/tasks/cssc-patch-image"),
        ("*/roleAssignments/*", ROLES),
        (
            "*/tasks/cssc-trigger-workflow",
            "/tasks/cssc-trigger-workflow",
        ),
    ] {
        let data = tempfile::tempdir().unwrap();
        let process = Process::start(data.path()).await;
        process.create_and_die_at(step, made).await;

        let process = Process::start(data.path()).await;
        let preflight = process.page("/registries/drydock/settings/preflight").await;
        assert!(preflight.contains("was cut off"), "{step}: {preflight}");
        let form = [("registry", "drydock"), ("check", "last-change")];
        let repaired = process.post("repair_workflow", &form).send().await.unwrap();
        let status = repaired.status();
        let parts: Value = repaired.json().await.unwrap();
        assert!(status.is_success(), "{step}: {parts}");
        let parts = parts.as_array().unwrap();
        assert!(
            parts.iter().all(|part| part["done"] == true),
            "{step}: {parts:?}"
        );

        let tasks = process.list("/tasks").await;
        let names = tasks.iter().map(|task| task["name"].as_str().unwrap());
        let names: Vec<_> = names.collect();
        let expected = [
            "cssc-patch-image",
            "cssc-scan-image",
            "cssc-trigger-workflow",
        ];
        assert_eq!(names, expected, "{step}");
        let trigger = tasks
            .iter()
            .find(|task| task["name"] == "cssc-trigger-workflow");
        let timer = &trigger.unwrap()["properties"]["trigger"]["timerTriggers"][0];
        assert_eq!(timer["schedule"], "30 3 */7 * *", "{step}");
        assert_eq!(process.list(ROLES).await.len(), 2, "{step}");
        let preflight = process.page("/registries/drydock/settings/preflight").await;
        assert!(!preflight.contains("was cut off"), "{step}");
        let trail = process.page("/audit?outcome=unknown").await;
        assert!(trail.contains("workflow.create"), "{step}: {trail}");
    }
}
