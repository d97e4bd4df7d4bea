//! TLS, plain HTTP, HTTP/2 and compression on one port.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
};

use reqwest::{Certificate, Client, StatusCode, Version};
use waybill_testkit::{Waybill, raw::Request};

use super::BINARY;

/// A client that trusts what `SSL_CERT_FILE` names.
fn client_of_environment(waybill: &Waybill) -> Client {
    let _ = waybill.client(); // installs the crypto provider
    let path = waybill.environment()["SSL_CERT_FILE"].as_str().map(PathBuf::from).expect("a path");
    let bundle = fs_err::read(path).expect("the bundle of certificates");
    let certificates = Certificate::from_pem_bundle(&bundle).expect("a bundle of certificates");
    Client::builder().tls_certs_only(certificates).no_proxy().build().expect("a client")
}

#[tokio::test]
async fn tls_and_plain_http_share_the_port() {
    let waybill = Waybill::start(BINARY);
    let api = waybill.api().await;
    let plain = api.at(&waybill.plain_url());
    plain.create_bucket("plain").await;
    api.get("buckets/plain").await.ok();
    // One connection of each kind, open at the same time.
    let address = waybill.address();
    let mut open = TcpStream::connect(address).expect("the server listens");
    open.write_all(b"GET /healthz HTTP/1.1\r\n").expect("the connection is open");
    api.get("buckets/plain").await.ok();
    open.write_all(b"Host: x\r\nConnection: close\r\n\r\n").expect("the connection is open");
    let mut answer = String::new();
    open.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    waybill.stop().await;
}

#[tokio::test]
async fn the_certificate_holds_for_the_address_and_for_localhost() {
    let waybill = Waybill::start(BINARY);
    let client = client_of_environment(&waybill);
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("https://{host}:{}/healthz", waybill.address().port());
        let answer = client.get(&url).send().await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let elsewhere = Client::builder()
        .tls_certs_only(
            Certificate::from_pem_bundle(
                &fs_err::read(waybill.data().join("tls/ca.pem")).expect("the authority"),
            )
            .expect("certificates"),
        )
        .no_proxy()
        .resolve("registry.invalid", waybill.address())
        .build()
        .expect("a client");
    let url = format!("https://registry.invalid:{}/healthz", waybill.address().port());
    elsewhere.get(url).send().await.expect_err("the certificate is for another name");
    waybill.stop().await;
}

#[tokio::test]
async fn http_2_is_spoken_over_tls_and_http_1_to_those_who_want_it() {
    let waybill = Waybill::start(BINARY);
    let url = format!("{}/healthz", waybill.url());
    let answer = waybill.client().get(&url).send().await.expect("an answer");
    assert_eq!(answer.version(), Version::HTTP_2);
    let authority = fs_err::read(waybill.data().join("tls/ca.pem")).expect("the authority");
    let old = Client::builder()
        .tls_certs_only(Certificate::from_pem_bundle(&authority).expect("certificates"))
        .http1_only()
        .no_proxy()
        .build()
        .expect("a client");
    let answer = old.get(&url).send().await.expect("an answer");
    assert_eq!(answer.version(), Version::HTTP_11);
    waybill.stop().await;
}

#[tokio::test]
async fn many_requests_share_one_http_2_connection() {
    let waybill = Waybill::start(BINARY);
    let api = waybill.api().await;
    let requests = (0..64).map(|number| {
        let api = api.clone();
        tokio::spawn(async move { api.create_bucket(&format!("bucket-{number}")).await })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.expect("the bucket is made");
    }
    let page = api.get("buckets?pagination.page_size=1000").await.ok();
    assert_eq!(page["buckets"].as_array().map(Vec::len), Some(64));
    waybill.stop().await;
}

#[tokio::test]
async fn gzip_is_given_to_those_who_accept_it() {
    let waybill = Waybill::start(BINARY);
    let api = waybill.api().await;
    for number in 0..40 {
        api.create_bucket(&format!("bucket-{number}")).await;
    }
    let path = api.path("buckets?pagination.page_size=1000");
    let ask = |encoding: &str| {
        let request = Request::new("GET", &path)
            .header("Authorization", format!("Bearer {}", api.token()))
            .header("Accept-Encoding", encoding);
        request.send(waybill.address()).expect("an answer")
    };
    let (packed, plain) = (ask("gzip"), ask("identity"));
    assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")));
    assert_eq!((plain.status, plain.header("content-encoding")), (200, None));
    for answer in [&packed, &plain] {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "as all answers of the API");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    assert!(packed.body.len() < plain.body.len() / 2, "{} of {}", packed.body.len(), plain.body.len());
    waybill.stop().await;
}
