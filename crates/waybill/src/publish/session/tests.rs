//! The order of calls, and what happens to it when the registry refuses one.

use std::{
    future::pending,
    path::Path,
    sync::{Mutex, MutexGuard},
    time::Instant,
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use waybill_client::{Backoff, Client, Config, Credentials, Endpoint, Location, Tls};

use super::*;
use crate::{
    environment::Environment,
    publish::{metadata, plan::Contents, sbom::Sbom},
};

/// A registry that has one bucket with one version, or not yet.
#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    /// A word or two for each call.
    calls: Vec<String>,
    bodies: Vec<Value>,
    /// Answers out of order: to the first call of that name.
    refusals: Vec<(&'static str, u16, i32)>,
    slow: Option<(&'static str, Duration)>,
    bucket: Option<Value>,
    version: Option<&'static str>,
    builds: Vec<(String, String)>,
    channels: Vec<&'static str>,
}

impl Fake {
    fn new(change: impl FnOnce(&mut Script)) -> Self {
        let fake = Self::default();
        change(&mut fake.lock());
        fake
    }

    fn lock(&self) -> MutexGuard<'_, Script> {
        self.0.lock().expect("no test panics with the lock")
    }

    fn calls(&self) -> String {
        self.lock().calls.join("\n")
    }

    /// The body of the first call of that name.
    fn body(&self, call: &str) -> Value {
        let state = self.lock();
        let at = state.calls.iter().position(|made| made == call);
        at.map(|at| state.bodies[at].clone()).unwrap_or_default()
    }

    async fn registry(&self) -> Registry {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound")).parse().expect("an address");
        let router = Router::new().fallback(handle).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let endpoint = Endpoint::new(url, Tls::Verified);
        let mut config = Config::new(endpoint.clone(), endpoint, Credentials::new("id", "secret"));
        config.backoff = Backoff::none();
        let location = Location { organization_id: "O".into(), project_id: "P".into() };
        Client::new(&config).expect("a client").registry(location)
    }
}

const START: &str = "PATCH build RUNNING";

async fn handle(State(fake): State<Fake>, request: Request) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
    if path == "/oauth2/token" {
        return axum::Json(json!({ "access_token": "t", "expires_in": 3600 })).into_response();
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let tail = path.trim_start_matches("/packer/2023-01-01/organizations/O/projects/P/");
    let mut call = name(&method, tail, &body);
    let (slow, (status, answer)) = {
        let mut state = fake.lock();
        if call == START && state.calls.iter().any(|earlier| earlier == START) {
            call = "sign of life".to_owned();
        }
        state.calls.push(call.clone());
        state.bodies.push(body.clone());
        let slow = state.slow.filter(|(slow, _)| *slow == call).map(|(_, delay)| delay);
        let refused = state.refusals.iter().position(|(refused, ..)| *refused == call);
        let answer = match refused.map(|at| state.refusals.remove(at)) {
            Some((_, status, code)) => {
                (status, json!({ "code": code, "message": format!("{call} is refused") }))
            }
            None => state.answer(&call, &body),
        };
        (slow, answer)
    };
    sleep(slow.unwrap_or_default()).await;
    (StatusCode::from_u16(status).expect("a status"), axum::Json(answer)).into_response()
}

/// What a call is called here: `PUT bucket`, `PATCH build DONE` and so on.
fn name(method: &str, tail: &str, body: &Value) -> String {
    let parts: Vec<&str> = tail.split('/').collect();
    let status = body["status"].as_str().unwrap_or_default().trim_start_matches("BUILD_");
    match (method, parts.as_slice()) {
        (_, ["buckets"] | ["buckets", _]) => format!("{method} bucket"),
        (_, ["buckets", _, "versions"] | ["buckets", _, "versions", _]) => format!("{method} version"),
        ("GET", [.., "builds"]) => "GET builds".to_owned(),
        ("POST", [.., "builds"]) => {
            format!("POST build {}", body["component_type"].as_str().unwrap_or_default())
        }
        ("PATCH", [.., "builds", _]) => format!("PATCH build {status}"),
        (_, [.., "sboms"]) => format!("{method} sbom"),
        (_, [.., "channels"] | [.., "channels", _]) => format!("{method} channel"),
        _ => format!("{method} {tail}"),
    }
}

impl Script {
    fn answer(&mut self, call: &str, body: &Value) -> (u16, Value) {
        let missing = |code| (404, json!({ "code": code, "message": "it does not exist" }));
        match call {
            "GET bucket" => match &self.bucket {
                Some(bucket) => (200, json!({ "bucket": bucket })),
                None => missing(5),
            },
            "PUT bucket" | "PATCH bucket" => {
                self.bucket = Some(json!({ "name": "ubuntu" }));
                (200, json!({ "bucket": self.bucket }))
            }
            "GET version" => match self.version {
                Some(_) => (200, self.version_json()),
                None => missing(10),
            },
            "POST version" => {
                self.version = Some("v0");
                (200, self.version_json())
            }
            "GET builds" => {
                let builds: Vec<Value> = self.builds.iter().map(build_json).collect();
                (200, json!({ "builds": builds }))
            }
            "PUT sbom" => (200, json!({ "sbom": { "name": "stored", "format": body["format"] } })),
            "PATCH channel" if self.channels.is_empty() => missing(5),
            "PATCH channel" | "POST channel" => (200, json!({ "channel": { "id": "C" } })),
            _ if call.starts_with("POST build ") => {
                let component = body["component_type"].as_str().unwrap_or_default();
                self.builds.push((component.to_owned(), "BUILD_UNSET".to_owned()));
                (200, json!({ "build": build_json(&self.builds[self.builds.len() - 1]) }))
            }
            // Ours is always the first.
            _ if call.starts_with("PATCH build ") || call == "sign of life" => {
                self.builds[0].1 = body["status"].as_str().unwrap_or_default().to_owned();
                if self.builds.iter().all(|(_, status)| status == "BUILD_DONE") {
                    self.version = Some("v1");
                }
                (200, json!({ "build": build_json(&self.builds[0]) }))
            }
            _ => (501, json!({ "code": 12, "message": "not part of a publication" })),
        }
    }

    fn version_json(&self) -> Value {
        let version =
            json!({ "id": "V", "name": self.version, "fingerprint": "f1", "status": "VERSION_RUNNING" });
        json!({ "version": version })
    }
}

fn build_json((component, status): &(String, String)) -> Value {
    let artifacts =
        if status == "BUILD_DONE" { json!([{ "external_identifier": "ami-1" }]) } else { json!([]) };
    json!({
        "id": format!("id-of-{component}"), "component_type": component, "status": status, "platform": "aws",
        "labels": { "kept": "yes" }, "artifacts": artifacts,
    })
}

fn build(component: &str, status: &str) -> (String, String) {
    (component.to_owned(), status.to_owned())
}

fn plan() -> Plan {
    let artifacts = vec!["aws:eu:ami-1".parse().expect("an artifact")];
    let no_files: [&Path; 0] = [];
    Plan {
        bucket: "ubuntu".parse().expect("a name"),
        description: None,
        bucket_labels: BTreeMap::new(),
        fingerprint: "f1".parse().expect("a fingerprint"),
        component: "base".parse().expect("a component"),
        expected: Vec::new(),
        contents: Contents::gather(artifacts, &no_files, None, Path::new("/")).expect("contents"),
        labels: BTreeMap::from([("team".to_owned(), "os".to_owned())]),
        sboms: Vec::new(),
        parent: None,
        source: None,
        channels: Vec::new(),
    }
}

async fn run(fake: &Fake, plan: &Plan) -> Result<Publication, CliError> {
    run_until(fake, plan, pending()).await
}

async fn run_until(
    fake: &Fake,
    plan: &Plan,
    stop: impl Future<Output = &'static str>,
) -> Result<Publication, CliError> {
    let session = Session {
        registry: &fake.registry().await,
        plan,
        metadata: metadata::gather(&Environment::default(), None),
        run_uuid: "run".to_owned(),
        printer: &Printer { quiet: true, ..Printer::default() },
        heartbeat: Duration::from_millis(30),
    };
    session.run(stop).await
}

/// A document on disk, which lives as long as the folder.
fn sbom() -> (tempfile::TempDir, Sbom) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs_err::write(folder.path().join("bom.json"), r#"{"bomFormat": "CycloneDX"}"#).expect("written");
    let sbom = Sbom::find("bom.json", folder.path()).expect("an SBOM");
    (folder, sbom)
}

#[tokio::test]
async fn a_first_publication() {
    let fake = Fake::default();
    let published = run(&fake, &plan()).await.expect("published");
    assert!(published.complete && !published.already_published && published.waiting_for.is_empty());
    insta::assert_snapshot!(fake.calls(), @r"
    GET bucket
    PUT bucket
    GET version
    POST version
    GET builds
    POST build base
    PATCH build RUNNING
    PATCH build DONE
    GET version
    ");
    assert_eq!(fake.body("PUT bucket"), json!({ "name": "ubuntu" }));
    assert_eq!(fake.body("POST version"), json!({ "fingerprint": "f1" }));
    let mut done = fake.body("PATCH build DONE");
    assert!(done["metadata"].take()["packer"]["version"].as_str().is_some_and(|v| v.starts_with("waybill ")));
    assert_eq!(
        done,
        json!({
            "status": "BUILD_DONE", "packer_run_uuid": "run", "platform": "aws", "metadata": null,
            "labels": { "kept": "yes", "team": "os" },
            "artifacts": [{ "external_identifier": "ami-1", "region": "eu" }],
        })
    );
}

#[tokio::test]
async fn all_builds_are_registered_before_one_is_done() {
    let fake = Fake::default();
    let mut plan = plan();
    plan.expected = vec!["arm64".parse().expect("a component"), "amd64".parse().expect("a component")];
    plan.channels = vec!["prod".parse().expect("a channel")];
    let published = run(&fake, &plan).await.expect("published");
    assert!(!published.complete);
    assert_eq!(published.waiting_for.len(), 2);
    assert!(!published.channels[0].assigned);
    insta::assert_snapshot!(fake.calls(), @r"
    GET bucket
    PUT bucket
    GET version
    POST version
    GET builds
    POST build base
    POST build arm64
    POST build amd64
    PATCH build RUNNING
    PATCH build DONE
    GET version
    GET builds
    ");
}

#[tokio::test]
async fn a_bucket_is_updated_only_when_something_changes() {
    let fake =
        Fake::new(|state| state.bucket = Some(json!({ "description": "images", "labels": { "a": "1" } })));
    let mut plan = plan();
    plan.description = Some("images".to_owned());
    plan.bucket_labels = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
    run(&fake, &plan).await.expect("published");
    assert!(!fake.calls().contains("PATCH bucket"));

    let fake =
        Fake::new(|state| state.bucket = Some(json!({ "description": "images", "labels": { "a": "1" } })));
    plan.bucket_labels = BTreeMap::from([("b".to_owned(), "2".to_owned())]);
    run(&fake, &plan).await.expect("published");
    assert_eq!(fake.body("PATCH bucket"), json!({ "labels": { "a": "1", "b": "2" } }), "other labels stay");
}

#[tokio::test]
async fn whoever_is_faster_is_no_obstacle() {
    let fake = Fake::new(|state| {
        state.refusals = vec![
            ("GET bucket", 404, 5),
            ("PUT bucket", 409, 6),
            ("GET version", 409, 10),
            ("POST version", 409, 6),
            ("GET builds", 200, 0),
            ("POST build base", 409, 6),
        ];
        state.bucket = Some(json!({}));
        state.version = Some("v0");
        state.builds = vec![build("base", "BUILD_UNSET")];
    });
    run(&fake, &plan()).await.expect("published");
    insta::assert_snapshot!(fake.calls(), @r"
    GET bucket
    PUT bucket
    GET bucket
    GET version
    POST version
    GET version
    GET builds
    POST build base
    GET builds
    PATCH build RUNNING
    PATCH build DONE
    GET version
    ");
}

#[tokio::test]
async fn what_failed_or_was_left_behind_is_taken_up_again() {
    for status in ["BUILD_FAILED", "BUILD_CANCELLED", "BUILD_RUNNING"] {
        let fake = Fake::new(|state| {
            state.version = Some("v0");
            state.builds = vec![build("base", status)];
        });
        assert!(run(&fake, &plan()).await.expect("published").complete);
        assert!(fake.calls().contains("PATCH build RUNNING\nPATCH build DONE"), "{status}");
    }
}

#[tokio::test]
async fn a_build_that_is_done_is_left_as_it_is() {
    let fake = Fake::new(|state| {
        state.version = Some("v0");
        state.builds = vec![build("base", "BUILD_DONE"), build("arm64", "BUILD_UNSET")];
    });
    let published = run(&fake, &plan()).await.expect("nothing to do");
    assert!(published.already_published && !published.complete);
    assert_eq!(published.artifacts[0].external_identifier, "ami-1");
    assert!(!fake.calls().contains("PATCH build"));
}

#[tokio::test]
async fn a_complete_version_is_refused_before_builds_are_touched() {
    let fake = Fake::new(|state| state.version = Some("v7"));
    let error = run(&fake, &plan()).await.err().expect("refused");
    assert_eq!(error.exit_code(), 1);
    assert_eq!(
        error.message,
        "version v7 with the fingerprint `f1` is complete and cannot be changed: it has no build base"
    );
    insta::assert_snapshot!(fake.calls(), @r"
    GET bucket
    PUT bucket
    GET version
    GET builds
    ");
}

#[tokio::test]
async fn a_complete_version_takes_the_same_once_more() {
    let complete = |platform_and_region: &str| {
        let fake = Fake::new(|state| {
            state.version = Some("v7");
            state.builds = vec![build("base", "BUILD_DONE")];
            state.channels = vec!["prod"];
        });
        let artifact = format!("{platform_and_region}:ami-1").parse().expect("an artifact");
        let no_files: [&Path; 0] = [];
        let contents = Contents::gather(vec![artifact], &no_files, None, Path::new("/")).expect("contents");
        (fake, Plan { contents, channels: vec!["prod".parse().expect("a channel")], ..plan() })
    };
    let (fake, same) = complete("aws:");
    let published = run(&fake, &same).await.expect("nothing to do");
    assert!(published.already_published && published.complete && published.channels[0].assigned);
    assert!(fake.calls().ends_with("GET builds\nGET version\nPATCH channel"), "{}", fake.calls());
    for other in ["aws:eu", "gcp:"] {
        let (fake, plan) = complete(other);
        let error = run(&fake, &plan).await.err().expect("refused");
        assert!(error.message.ends_with("its build base has other artifacts"), "{}", error.message);
        assert!(fake.calls().ends_with("GET builds"), "{}", fake.calls());
    }
}

#[tokio::test]
async fn a_start_that_is_refused_is_an_error_and_not_reported_on() {
    let fake = Fake::new(|state| state.refusals = vec![("PATCH build RUNNING", 400, 9)]);
    let error = run(&fake, &plan()).await.err().expect("refused");
    assert_eq!((error.exit_code(), error.message.as_str()), (1, "PATCH build RUNNING is refused"));
    assert!(fake.calls().ends_with("PATCH build RUNNING"));
}

#[tokio::test]
async fn a_build_whose_end_is_refused_has_failed() {
    let fake = Fake::new(|state| state.refusals = vec![("PATCH build DONE", 400, 3)]);
    let error = run(&fake, &plan()).await.err().expect("refused");
    assert_eq!((error.exit_code(), error.message.as_str()), (1, "PATCH build DONE is refused"));
    assert_eq!(error.hints, ["go on with --fingerprint f1"]);
    assert!(fake.calls().ends_with("PATCH build DONE\nPATCH build FAILED"));
}

#[tokio::test]
async fn a_build_whose_bill_of_materials_is_refused_has_failed() {
    let (_folder, sbom) = sbom();
    let fake = Fake::new(|state| state.refusals = vec![("PUT sbom", 400, 3)]);
    let plan = Plan { sboms: vec![sbom], ..plan() };
    assert!(run(&fake, &plan).await.is_err());
    assert!(fake.calls().ends_with("PATCH build RUNNING\nPUT sbom\nPATCH build FAILED"));
}

#[tokio::test]
async fn bills_of_materials_go_before_the_end() {
    let (_folder, sbom) = sbom();
    let fake = Fake::default();
    let published = run(&fake, &Plan { sboms: vec![sbom], ..plan() }).await.expect("published");
    assert_eq!(published.sboms[0].name, "stored");
    assert!(fake.calls().contains("PATCH build RUNNING\nPUT sbom\nPATCH build DONE"));
}

#[tokio::test]
async fn a_long_upload_is_accompanied_by_signs_of_life() {
    let (_folder, sbom) = sbom();
    let fake = Fake::new(|state| {
        state.slow = Some(("PUT sbom", Duration::from_millis(300)));
        // The first sign is refused, which is no reason to stop.
        state.refusals = vec![("sign of life", 500, 13)];
    });
    run(&fake, &Plan { sboms: vec![sbom], ..plan() }).await.expect("published");
    let calls = fake.calls();
    assert!(3 < calls.matches("sign of life").count(), "{calls}");
    assert!(calls.contains("sign of life\nPATCH build DONE\nGET version"), "none after the end: {calls}");
}

#[tokio::test]
async fn a_publication_that_is_stopped_is_cancelled_once() {
    let (_folder, sbom) = sbom();
    let fake = Fake::new(|state| state.slow = Some(("PUT sbom", Duration::from_mins(1))));
    let begun = Instant::now();
    let watch = fake.clone();
    let stop = async move {
        while !watch.calls().contains("PUT sbom") {
            sleep(Duration::from_millis(5)).await;
        }
        "SIGINT"
    };
    let error = run_until(&fake, &Plan { sboms: vec![sbom], ..plan() }, stop).await.err().expect("stopped");
    assert_eq!(error.message, "stopped by SIGINT; the build is cancelled");
    assert_eq!(error.exit_code(), 1);
    assert_eq!(fake.calls().matches("CANCELLED").count(), 1);
    assert!(fake.calls().ends_with("PATCH build CANCELLED"));
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn a_publication_that_is_stopped_before_its_start_leaves_no_trace_of_a_build() {
    let fake = Fake::new(|state| state.slow = Some(("GET bucket", Duration::from_mins(1))));
    let error = run_until(&fake, &plan(), async { "SIGTERM" }).await.err().expect("stopped");
    assert_eq!(error.message, "stopped by SIGTERM before the build started");
    assert!(!fake.calls().contains("build"));
}

#[tokio::test]
async fn channels_are_pointed_at_a_complete_version() {
    let fake = Fake::new(|state| state.channels = vec!["prod"]);
    let plan = Plan { channels: vec!["prod".parse().expect("a channel")], ..plan() };
    assert!(run(&fake, &plan).await.expect("published").channels[0].assigned);
    assert!(fake.calls().ends_with("GET version\nPATCH channel"));
    assert_eq!(
        fake.body("PATCH channel"),
        json!({ "version_fingerprint": "f1", "update_mask": "versionFingerprint" })
    );
}

#[tokio::test]
async fn a_channel_that_is_not_there_is_made() {
    let fake = Fake::default();
    let plan = Plan { channels: vec!["prod".parse().expect("a channel")], ..plan() };
    assert!(run(&fake, &plan).await.expect("published").channels[0].assigned);
    assert!(fake.calls().ends_with("PATCH channel\nPOST channel"));
    assert_eq!(fake.body("POST channel"), json!({ "name": "prod", "version_fingerprint": "f1" }));
}
