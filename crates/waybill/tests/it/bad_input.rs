//! What no client should send. The answer is always a clear error in the envelope of the API: never a panic,
//! a hang, a success, or a word about what the caller may not see.
//!
//! Requests are written byte by byte, because libraries repair what is tested here.

mod bodies;
mod paths;
mod sboms;
mod strangers;
mod tokens;
mod values;

use std::net::SocketAddr;

use serde_json::Value;
use waybill_testkit::{
    Api, Waybill,
    raw::{Answer, Request},
};

/// One thing sent and the answers that are right for it.
struct Case {
    what: String,
    request: Request,
    allowed: Vec<(u16, u64)>,
}

const INVALID: (u16, u64) = (400, 3);
const NOT_FOUND: (u16, u64) = (404, 5);
const EXISTS: (u16, u64) = (409, 6);
const DENIED: (u16, u64) = (403, 7);
const PRECONDITION: (u16, u64) = (400, 9);
const ABORTED: (u16, u64) = (409, 10);
const NOT_OFFERED: (u16, u64) = (501, 12);
const UNAUTHENTICATED: (u16, u64) = (401, 16);

/// A server with bucket `images`, in it the complete version `one`, the open version `two` with the running
/// build `null.base`, and channel `prod` at `one`.
struct Scene {
    waybill: Waybill,
    api: Api,
    /// The open build.
    build: String,
}

impl Scene {
    async fn new() -> Self {
        let waybill = Waybill::start(env!("CARGO_BIN_EXE_waybill"));
        let api = waybill.api().await;
        api.create_bucket("images").await;
        api.publish("images", "one", &["null.base"]).await;
        api.create_version("images", "two").await;
        let build = api.create_build("images", "two", "null.base").await;
        let channel = serde_json::json!({"name": "prod", "version_fingerprint": "one"});
        api.post("buckets/images/channels", channel).await.ok();
        Self { waybill, api, build }
    }

    /// A request of the owner for a path below the project, or from the root if it starts with `/`.
    fn call(&self, method: &str, path: &str) -> Request {
        call(&self.api, method, path)
    }

    /// The same with a JSON body, given as text.
    fn json(&self, method: &str, path: &str, body: impl AsRef<[u8]>) -> Request {
        self.call(method, path).header("Content-Type", "application/json").body(body)
    }

    /// Sends everything, and fails with the list of all wrong answers.
    async fn check(self, cases: Vec<Case>) {
        let before = self.state().await;
        let faults: Vec<String> =
            cases.iter().filter_map(|case| case.fault(self.waybill.address())).collect();
        assert!(faults.is_empty(), "{} of {} answers\n\n{}", faults.len(), cases.len(), faults.join("\n"));
        assert_eq!(self.state().await, before, "what was refused has changed something");
        self.end().await;
    }

    /// What a refused request must not change.
    async fn state(&self) -> Value {
        let mut state = Vec::new();
        for path in ["buckets", "buckets/images/versions", "buckets/images/channels", "registry"] {
            state.push(self.api.get(path).await.ok());
        }
        Value::Array(state)
    }

    /// Ends the server and looks for a panic in its log.
    async fn end(self) {
        self.waybill.stop().await;
    }
}

impl Case {
    fn new(what: impl Into<String>, request: Request, allowed: &[(u16, u64)]) -> Self {
        Self { what: what.into(), request, allowed: allowed.to_vec() }
    }

    /// What is wrong with the answer.
    fn fault(&self, address: SocketAddr) -> Option<String> {
        let what = &self.what;
        let Some(answer) = self.request.send(address) else {
            return Some(format!("{what}: the connection was closed without an answer"));
        };
        let fault = envelope_fault(&answer).or_else(|| {
            let got = (answer.status, answer.code().unwrap_or_default());
            let allowed = &self.allowed;
            (!allowed.contains(&got)).then(|| format!("{got:?} instead of {allowed:?}"))
        })?;
        Some(format!("{what}: {fault}\n    {} {}", answer.status, answer.text()))
    }
}

/// What is wrong with the form of an error.
fn envelope_fault(answer: &Answer) -> Option<String> {
    let kind = answer.header("content-type").unwrap_or_default();
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
        return Some("the answer is not JSON".to_owned());
    };
    let message = body["message"].as_str().unwrap_or_default();
    if !kind.starts_with("application/json") {
        Some(format!("the content type is `{kind}`"))
    } else if !body["details"].is_array() {
        Some("there are no `details`".to_owned())
    } else if message.is_empty() {
        Some("there is no `message`".to_owned())
    } else if 2000 < message.len() {
        Some(format!("the message has {} bytes: it repeats what was sent", message.len()))
    } else if message.chars().any(char::is_control) {
        Some("the message has control characters".to_owned())
    } else {
        None
    }
}

fn call(api: &Api, method: &str, path: &str) -> Request {
    Request::new(method, api.path(path))
        .header("Authorization", format!("Bearer {}", api.token()))
        .header("Accept", "application/json")
}
