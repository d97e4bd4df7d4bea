//! A receiver of webhooks on this machine, as strict as a real one: what is not signed with its key it refuses.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha512;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinHandle};
use waybill_server::egress::EgressOptions;

/// A running receiver. Dropping it ends it.
pub(crate) struct Receiver {
    address: SocketAddr,
    state: Arc<Shared>,
    serving: JoinHandle<()>,
}

struct Shared {
    settings: Mutex<Settings>,
    /// One permit for each request that may be answered.
    turns: Semaphore,
}

#[derive(Default)]
struct Settings {
    key: Option<String>,
    status: Option<StatusCode>,
    location: Option<String>,
    /// Every event, as it came, with the path it came to.
    events: Vec<(String, Value)>,
}

impl Receiver {
    /// A receiver that accepts everything that is not signed.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let turns = Semaphore::new(Semaphore::MAX_PERMITS / 2);
        let state = Arc::new(Shared { settings: Mutex::default(), turns });
        let router = Router::new().fallback(receive).with_state(state.clone());
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("serving does not end");
        });
        Self { address, state, serving }
    }

    /// What lets a registry reach it.
    pub(crate) fn reachable() -> EgressOptions {
        EgressOptions {
            allow: vec!["127.0.0.1".parse().expect("an address")],
            time_limit: Duration::from_secs(5),
            ..EgressOptions::default()
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on events must be signed with that key; with `None`, not at all.
    pub(crate) fn expect_key(&self, key: Option<&str>) {
        self.settings().key = key.map(str::to_owned);
    }

    /// From now on every event that is as it should be is answered with that status.
    pub(crate) fn answer(&self, status: u16) {
        self.settings().status = Some(StatusCode::from_u16(status).expect("a status"));
    }

    /// From now on every event is told to go elsewhere.
    pub(crate) fn redirect(&self, status: u16, location: &str) {
        self.answer(status);
        self.settings().location = Some(location.to_owned());
    }

    /// Takes requests from now on and lets them wait until [`release`](Self::release).
    pub(crate) fn hold(&self) {
        self.state.turns.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn release(&self) {
        self.state.turns.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    /// The events so far.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.settings().events.iter().map(|(_, event)| event.clone()).collect()
    }

    /// The paths that events came to so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.settings().events.iter().map(|(path, _)| path.clone()).collect()
    }

    /// Waits until so many events have come.
    pub(crate) async fn wait_for(&self, count: usize) {
        let come = async {
            while self.settings().events.len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), come).await.expect("the events come");
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.state.settings()
    }
}

impl Shared {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(
    State(state): State<Arc<Shared>>,
    method: axum::http::Method,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(event) = serde_json::from_slice(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    state.settings().events.push((uri.to_string(), event));
    state.turns.acquire().await.expect("it is never closed").forget();
    let settings = state.settings();
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "application/json");
    if method != axum::http::Method::POST || !is_json {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let signature = settings.key.as_deref().map(|key| signature(key, &body));
    let found = headers.get("x-hcp-webhook-signature").and_then(|value| value.to_str().ok());
    if found != signature.as_deref() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut answer = settings.status.unwrap_or(StatusCode::OK).into_response();
    if let Some(location) = &settings.location {
        answer.headers_mut().insert(header::LOCATION, location.parse().expect("a location"));
    }
    answer
}

fn signature(key: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha512>::new_from_slice(key.as_bytes()).expect("a key of any length");
    mac.update(body);
    let digits = mac.finalize().into_bytes().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])).collect()
}
