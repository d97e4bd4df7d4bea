//! Which protocol a connection speaks.

use axum::{Extension, Router, routing::get};
use reqwest::{StatusCode, Version};
use waybill_server::listen::{ListenOptions, Peer};

use super::{Running, raw, rest, soon, start, until};

async fn server(options: ListenOptions) -> Running {
    let is_tls = async |Extension(peer): Extension<Peer>| {
        assert!(peer.address.ip().is_loopback());
        if peer.is_tls { "tls" } else { "plain" }
    };
    start(Router::new().route("/", get(is_tls)), options).await
}

async fn get_text(client: &reqwest::Client, url: &str) -> (StatusCode, Version, String) {
    let answer = soon(client.get(url).send()).await.expect("an answer");
    (answer.status(), answer.version(), soon(answer.text()).await.expect("a body"))
}

#[tokio::test]
async fn one_port_speaks_tls_and_plain_http() {
    let server = server(ListenOptions::default()).await;
    let client = server.client().build().expect("a client");
    let plain = get_text(&client, &server.url("http", "/")).await;
    assert_eq!(plain, (StatusCode::OK, Version::HTTP_11, "plain".to_owned()));
    let tls = get_text(&client, &server.url("https", "/")).await;
    assert_eq!(tls, (StatusCode::OK, Version::HTTP_2, "tls".to_owned()));
    server.stop().await;
}

#[tokio::test]
async fn over_tls_the_client_chooses_the_version() {
    let server = server(ListenOptions::default()).await;
    for (client, version) in [
        (server.client(), Version::HTTP_2),
        (server.client().http1_only(), Version::HTTP_11),
        (server.client().max_tls_version(reqwest::tls::Version::TLS_1_2), Version::HTTP_2),
    ] {
        let client = client.build().expect("a client");
        assert_eq!(get_text(&client, &server.url("https", "/")).await.1, version);
    }
    server.stop().await;
}

#[tokio::test]
async fn plain_http_from_another_machine_is_told_to_use_https() {
    let options = ListenOptions { plain_http_for: |_| false, ..ListenOptions::default() };
    let server = server(options).await;
    let client = server.client().build().expect("a client");
    let (status, _, body) = get_text(&client, &server.url("http", "/")).await;
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((status, &body["code"]), (StatusCode::FORBIDDEN, &7.into()));
    assert!(body["message"].as_str().is_some_and(|message| message.contains("https://")), "{body}");
    assert_eq!(get_text(&client, &server.url("https", "/")).await.0, StatusCode::OK);
    until(|| server.metric("waybill_connections_failed_total{reason=\"plain\"}") >= 1.0).await;
    server.stop().await;
}

#[tokio::test]
async fn the_refusal_arrives_although_a_body_is_under_way() {
    let options = ListenOptions { plain_http_for: |_| false, ..ListenOptions::default() };
    let server = server(options).await;
    let body = "x".repeat(20_000);
    let request = format!("PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let mut stream = raw(server.address, &request).await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 403 "));
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_authority_is_counted() {
    let server = server(ListenOptions::default()).await;
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().expect("a client");
    soon(client.get(server.url("https", "/")).send()).await.expect_err("not trusted");
    until(|| server.metric("waybill_connections_failed_total{reason=\"handshake\"}") >= 1.0).await;
    server.stop().await;
}

#[tokio::test]
async fn a_connection_beyond_the_limit_waits_for_a_place() {
    let server = server(ListenOptions { connections: 1, ..ListenOptions::default() }).await;
    let request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let first = raw(server.address, "GET / HTTP").await;
    until(|| server.metric("waybill_connections") >= 1.0).await;
    let mut second = raw(server.address, request).await;
    until(|| server.metric("waybill_accept_pauses_total") >= 1.0).await;
    let nothing = second.try_read(&mut [0; 1]).expect_err("no answer yet");
    assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    drop(first);
    assert!(rest(&mut second).await.starts_with("HTTP/1.1 200 "));
    server.stop().await;
}
