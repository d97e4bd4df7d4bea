//! Peers that take too much time or space.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    routing::{get, post},
};
use tokio::{io::AsyncWriteExt, time::sleep};
use waybill_server::listen::{
    ListenOptions,
    body::{self, BodyError},
};

use super::{Running, raw, read_to, rest, soon, start};

/// Short enough to wait for, long enough for a request on a busy machine.
const SHORT: Duration = Duration::from_millis(300);

async fn server(options: ListenOptions) -> Running {
    let read = async |body: Body| match body::read(body, 100).await {
        Ok(body) => format!("read {}", body.len()),
        Err(BodyError::TooLarge { .. }) => "too large".to_owned(),
        Err(BodyError::TooSlow) => "too slow".to_owned(),
        Err(BodyError::Broken(_)) => "broken".to_owned(),
    };
    let slow = async || {
        sleep(SHORT * 4).await;
        "slow"
    };
    let router = Router::new()
        .route("/", get("hello"))
        .route("/read", post(read))
        .route("/refuse", post("refused"))
        .route("/slow", get(slow));
    start(router, options).await
}

#[tokio::test]
async fn a_connection_without_a_word_is_closed() {
    let server = server(ListenOptions { first_byte_time: SHORT, ..ListenOptions::default() }).await;
    assert_eq!(rest(&mut raw(server.address, "").await).await, "");
    assert!(server.metric("waybill_connections_failed_total{reason=\"silent\"}") >= 1.0);
    server.stop().await;
}

#[tokio::test]
async fn a_handshake_that_does_not_go_on_is_closed() {
    let server = server(ListenOptions { handshake_time: SHORT, ..ListenOptions::default() }).await;
    assert_eq!(rest(&mut raw(server.address, "\x16\x03\x01").await).await, "");
    server.stop().await;
}

#[tokio::test]
async fn header_fields_that_trickle_are_not_waited_for() {
    let server = server(ListenOptions { header_time: SHORT, ..ListenOptions::default() }).await;
    let mut stream = raw(server.address, "GET / HTTP/1.1\r\nhost: a\r\n").await;
    soon(async {
        while stream.write_all(b"a: b\r\n").await.is_ok() {
            sleep(SHORT / 10).await;
        }
    })
    .await;
    server.stop().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let options = ListenOptions { header_time: SHORT, idle_time: SHORT, ..ListenOptions::default() };
    let server = server(options).await;
    let mut idle = raw(server.address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut busy = raw(server.address, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(rest(&mut idle).await.ends_with("hello"));
    assert!(rest(&mut busy).await.ends_with("slow"));
    server.stop().await;
}

#[tokio::test]
async fn an_old_connection_ends_after_its_request() {
    let options = ListenOptions { header_time: SHORT, connection_age: SHORT, ..ListenOptions::default() };
    let server = server(options).await;
    let mut stream = raw(server.address, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let answer = rest(&mut stream).await;
    assert!(answer.contains("connection: close") && answer.ends_with("slow"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn too_many_header_bytes_are_refused() {
    let server = server(ListenOptions::default()).await;
    let long = "x".repeat(80 << 10);
    let mut stream = raw(server.address, &format!("GET / HTTP/1.1\r\nhost: a\r\nlong: {long}\r\n\r\n")).await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 431 "));
    let many = "a: b\r\n".repeat(150);
    let mut stream = raw(server.address, &format!("GET / HTTP/1.1\r\nhost: a\r\n{many}\r\n")).await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 431 "));
    let client = server.client().build().expect("a client");
    let request = client.get(server.url("https", "/")).header("long", &long);
    let answer = soon(request.send()).await;
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status() == 431), "HTTP/2 too");
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_stalls_is_not_waited_for() {
    let server = server(ListenOptions { body_stall_time: SHORT, ..ListenOptions::default() }).await;
    let request = "POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 50\r\n\r\n12345";
    assert!(rest(&mut raw(server.address, request).await).await.ends_with("too slow"));
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_trickles_has_an_end() {
    let server = server(ListenOptions { body_time: SHORT, ..ListenOptions::default() }).await;
    let request = "POST /read HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut stream = raw(server.address, request).await;
    let (mut reader, mut writer) = stream.split();
    let trickle = async {
        while writer.write_all(b"1\r\nx\r\n").await.is_ok() {
            sleep(SHORT / 20).await;
        }
        std::future::pending::<()>().await;
    };
    let read = async {
        let mut bytes = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut reader, &mut bytes).await;
        String::from_utf8(bytes).expect("text")
    };
    let answer = soon(async {
        tokio::select! { answer = read => answer, () = trickle => unreachable!() }
    })
    .await;
    assert!(answer.ends_with("too slow"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    let server = server(ListenOptions::default()).await;
    let client = server.client().build().expect("a client");
    for scheme in ["http", "https"] {
        for (size, expected) in [(0, "read 0"), (100, "read 100"), (101, "too large")] {
            let request = client.post(server.url(scheme, "/read")).body("x".repeat(size));
            let answer = soon(request.send()).await.expect("an answer");
            assert_eq!(soon(answer.text()).await.expect("a body"), expected, "{scheme} {size}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let server = server(ListenOptions::default()).await;
    let client = server.client().build().expect("a client");
    for scheme in ["http", "https"] {
        for (path, expected) in [("/refuse", "refused"), ("/read", "too large")] {
            let request = client.post(server.url(scheme, path)).body("x".repeat(20 << 20));
            let answer = soon(request.send()).await.expect("an answer");
            assert_eq!(soon(answer.text()).await.expect("a body"), expected, "{scheme} {path}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn an_unread_body_does_not_end_the_connection() {
    let server = server(ListenOptions::default()).await;
    let body = "x".repeat(1 << 20);
    let request = format!("POST /refuse HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let mut stream = raw(server.address, &request).await;
    read_to(&mut stream, "refused").await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("sent");
    read_to(&mut stream, "hello").await;
    server.stop().await;
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = server(ListenOptions::default()).await;
    let mut stream = raw(server.address, "").await;
    for _ in 0..3 {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("sent");
        assert!(read_to(&mut stream, "hello").await.starts_with("HTTP/1.1 200 "));
    }
    server.stop().await;
}
