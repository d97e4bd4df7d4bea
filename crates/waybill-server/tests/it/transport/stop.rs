//! Stopping: what is in flight finishes, the rest ends.

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::State, routing::get};
use tokio::{net::TcpStream, sync::Semaphore};
use waybill_server::listen::ListenOptions;

use super::{Running, raw, read_to, rest, soon, start, until};

/// A handler that says it was reached and waits until it may go on.
#[derive(Clone)]
struct Gate {
    reached: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

async fn server(drain_time: Duration) -> (Running, Gate) {
    let gate = Gate { reached: Arc::new(Semaphore::new(0)), open: Arc::new(Semaphore::new(0)) };
    let wait = async |State(gate): State<Gate>| {
        gate.reached.add_permits(1);
        gate.open.acquire().await.expect("never closed").forget();
        "finished"
    };
    let router = Router::new().route("/", get("hello")).route("/wait", get(wait)).with_state(gate.clone());
    (start(router, ListenOptions { drain_time, ..ListenOptions::default() }).await, gate)
}

impl Gate {
    async fn reached(&self) {
        soon(self.reached.acquire()).await.expect("never closed").forget();
    }
}

#[tokio::test]
async fn a_request_in_flight_is_answered() {
    for scheme in ["http", "https"] {
        let (server, gate) = server(Duration::from_mins(1)).await;
        let client = server.client().build().expect("a client");
        let request = tokio::spawn(client.get(server.url(scheme, "/wait")).send());
        gate.reached().await;
        server.shutdown.trigger();
        soon(async { while TcpStream::connect(server.address).await.is_ok() {} }).await;
        assert!(!server.task.is_finished(), "{scheme}: it waits for the request");
        gate.open.add_permits(1);
        let answer = soon(request).await.expect("no panic").expect("an answer");
        assert_eq!(soon(answer.text()).await.expect("a body"), "finished", "{scheme}");
        server.stop().await;
    }
}

#[tokio::test]
async fn idle_connections_are_closed_at_once() {
    let (server, _gate) = server(Duration::from_mins(1)).await;
    let mut used = raw(server.address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    read_to(&mut used, "hello").await;
    let client = server.client().build().expect("a client");
    soon(client.get(server.url("https", "/")).send()).await.expect("an HTTP/2 connection that stays");
    let mut silent = raw(server.address, "").await;
    until(|| server.metric("waybill_connections") >= 3.0).await;
    server.shutdown.trigger();
    assert_eq!(rest(&mut used).await, "");
    assert_eq!(rest(&mut silent).await, "");
    server.stop().await;
}

#[tokio::test]
async fn a_request_that_never_ends_is_given_up() {
    for scheme in ["http", "https"] {
        let (server, gate) = server(Duration::from_millis(200)).await;
        let client = server.client().build().expect("a client");
        let request = tokio::spawn(client.get(server.url(scheme, "/wait")).send());
        gate.reached().await;
        server.stop().await;
        soon(request).await.expect("no panic").expect_err("the connection is gone");
    }
}
