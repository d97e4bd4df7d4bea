//! What is asked of the server: a registry with something in it, and the requests that are measured.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::{
    http::{self, Connection},
    process::Server,
};

/// Requests to send, by number.
#[derive(Clone, Debug)]
pub(super) enum Requests {
    Same(Vec<u8>),
    Each(Vec<Vec<u8>>),
}

/// A bucket with a complete version behind channel `latest`, and as many open builds as are asked for.
#[derive(Debug)]
pub(super) struct Scene {
    address: String,
    headers: String,
    project: String,
    /// Versions made so far: each has a fingerprint of its own.
    versions: AtomicUsize,
}

/// As many sources as a template of some size has. The last one to finish completes the version, so that
/// the cost of completing is in the measurement.
const BUILDS_PER_VERSION: usize = 4;
/// Connections that prepare builds at the same time.
const PREPARERS: usize = 32;
const BUCKET: &str = "load";

impl Requests {
    pub(super) fn get(&self, index: usize) -> Option<&[u8]> {
        match self {
            Self::Same(request) => Some(request),
            Self::Each(requests) => requests.get(index).map(Vec::as_slice),
        }
    }
}

impl Scene {
    pub(super) fn new(server: &Server) -> anyhow::Result<Self> {
        let environment = server.environment()?;
        let variable = |name: &str| environment[name].as_str().with_context(|| format!("no {name}"));
        let (organization, project) = (variable("HCP_ORGANIZATION_ID")?, variable("HCP_PROJECT_ID")?);
        let mut connection = Connection::open(&server.address)?;
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            variable("HCP_CLIENT_ID")?,
            variable("HCP_CLIENT_SECRET")?
        );
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        let request = http::request("POST", "/oauth2/token", &server.address, headers, &form);
        let token = answer(&mut connection, &request)?;
        let token = token["access_token"].as_str().context("no access token")?;
        let scene = Self {
            address: server.address.clone(),
            headers: format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"),
            project: format!("/packer/2023-01-01/organizations/{organization}/projects/{project}"),
            versions: AtomicUsize::new(0),
        };
        answer(&mut connection, &scene.request("PUT", "buckets", &json!({"name": BUCKET})))?;
        for request in scene.version(&mut connection)? {
            answer(&mut connection, &request)?;
        }
        Ok(scene)
    }

    /// The channel that everybody follows, with its version and all artifacts.
    pub(super) fn reads(&self) -> Requests {
        let path = format!("{}/buckets/{BUCKET}/channels/latest", self.project);
        Requests::Same(http::request("GET", &path, &self.address, &self.headers, ""))
    }

    /// Ends of that many builds, which are made first.
    pub(super) fn writes(&self, count: usize) -> anyhow::Result<Requests> {
        let versions = count.div_ceil(BUILDS_PER_VERSION);
        let next = AtomicUsize::new(0);
        let prepare = || -> anyhow::Result<Vec<Vec<u8>>> {
            let mut connection = Connection::open(&self.address)?;
            let mut requests = Vec::new();
            while next.fetch_add(1, Ordering::Relaxed) < versions {
                requests.extend(self.version(&mut connection)?);
            }
            Ok(requests)
        };
        let prepared = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..PREPARERS).map(|_| scope.spawn(prepare)).collect();
            let joined =
                threads.into_iter().map(|thread| thread.join().ok().context("a preparer panicked")?);
            joined.collect::<anyhow::Result<Vec<_>>>()
        })?;
        // Neighbours in the list are of different versions, as different jobs are.
        let requests = interleave(&prepared);
        ensure!(count <= requests.len(), "too few builds were made");
        Ok(Requests::Each(requests))
    }

    /// Makes a version and its builds; returns the requests that finish them.
    fn version(&self, connection: &mut Connection) -> anyhow::Result<Vec<Vec<u8>>> {
        let fingerprint = format!("load-{}", self.versions.fetch_add(1, Ordering::Relaxed));
        let versions = format!("buckets/{BUCKET}/versions");
        let body = json!({"fingerprint": fingerprint, "template_type": "HCL2"});
        answer(connection, &self.request("POST", &versions, &body))?;
        let builds = format!("{versions}/{fingerprint}/builds");
        let mut requests = Vec::new();
        for number in 0..BUILDS_PER_VERSION {
            let component = format!("amazon-ebs.source-{number}");
            let body = json!({"component_type": component, "status": "BUILD_UNSET", "artifacts": null});
            let made = answer(connection, &self.request("POST", &builds, &body))?;
            let id = made["build"]["id"].as_str().context("a build without id")?;
            requests.push(self.request("PATCH", &format!("{builds}/{id}"), &done(&fingerprint, number)));
        }
        Ok(requests)
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Vec<u8> {
        let path = format!("{}/{path}", self.project);
        http::request(method, &path, &self.address, &self.headers, &body.to_string())
    }
}

/// The end of a build as a client sends it: two regions, labels, metadata.
fn done(fingerprint: &str, number: usize) -> Value {
    json!({
        "status": "BUILD_DONE",
        "packer_run_uuid": "a6b3dd51-9944-21a2-32fa-3f0ad21f7e4e",
        "platform": "aws",
        "artifacts": [
            {"external_identifier": format!("ami-{fingerprint}-{number}-east"), "region": "us-east-1"},
            {"external_identifier": format!("ami-{fingerprint}-{number}-west"), "region": "us-west-2"},
        ],
        "labels": {"git_sha": "3f786850e387550fdab836ed7e6dc881de23001b", "os": "ubuntu", "stage": "test"},
        "source_external_identifier": "ami-0123456789abcdef0",
        "metadata": {
            "packer": {"version": "1.14.3", "os": {"type": "linux", "details": {"arch": "amd64"}}},
            "vcs": {"type": "git", "details": {"ref": "main", "author": "A <a@example.com>"}},
            "cicd": null,
        },
    })
}

fn answer(connection: &mut Connection, request: &[u8]) -> anyhow::Result<Value> {
    let answer = connection.call(request)?;
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    ensure!(answer.status == 200, "the scene cannot be set: {} {body}", answer.status);
    serde_json::from_str(&body).with_context(|| format!("not JSON: {body}"))
}

/// The first of each list, then the second of each, and so on.
fn interleave(lists: &[Vec<Vec<u8>>]) -> Vec<Vec<u8>> {
    let longest = lists.iter().map(Vec::len).max().unwrap_or_default();
    (0..longest).flat_map(|index| lists.iter().filter_map(move |list| list.get(index).cloned())).collect()
}

#[test]
fn lists_are_interleaved() {
    let list = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    let merged = interleave(&[list(&["a", "b", "c"]), list(&["1"]), list(&["x", "y"])]);
    assert_eq!(merged, list(&["a", "1", "x", "b", "y", "c"]));
}
