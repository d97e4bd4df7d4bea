//! Against real servers on this machine: what is reached, what is not, and what the refusals say.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::*;

/// Answers every connection with the same bytes, once a request's header has arrived.
struct Peer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Peer {
    async fn start(answer: Vec<u8>, tls: Option<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, requests) = (Arc::default(), Arc::default());
        let peer = Self { address, connections, requests };
        let (connections, requests) = (peer.connections.clone(), peer.requests.clone());
        let tls = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (answer, requests, tls) = (answer.clone(), requests.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => converse(stream, &answer, &requests).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                converse(stream, &answer, &requests).await;
                            }
                        }
                    }
                });
            }
        });
        peer
    }

    fn url(&self, scheme: &str, host: &str) -> Url {
        Url::parse(&format!("{scheme}://{host}:{}/secret/path?query=secret", self.address.port())).unwrap()
    }

    fn n_connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &[u8],
    requests: &std::sync::Mutex<Vec<String>>,
) {
    let mut received = Vec::new();
    while !received.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(n) => received.extend_from_slice(&chunk[..n]),
        }
    }
    requests.lock().unwrap().push(String::from_utf8(received).unwrap());
    let _gone = stream.write_all(answer).await;
    if answer.is_empty() {
        std::future::pending::<()>().await;
    }
    let _gone = stream.shutdown().await;
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\ncache-control: max-age=60\r\n\r\n{body}", body.len())
        .into()
}

fn egress(allow: &[&str]) -> Egress {
    let allow = allow.iter().map(|text| text.parse().unwrap()).collect();
    Egress::open(EgressOptions { allow, ..EgressOptions::default() }).unwrap()
}

/// A private authority: its file, and a server's configuration with a certificate for those names.
fn authority(folder: &TempDir, names: &[&str]) -> (PathBuf, ServerConfig) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, issuer.pem()).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (file, config)
}

#[tokio::test]
async fn an_address_that_is_not_public_is_not_even_knocked_at() {
    let peer = Peer::start(ok("{}"), None).await;
    let egress = egress(&[]);
    let port = peer.address.port();
    for host in [
        "127.0.0.1",
        "[::ffff:127.0.0.1]",
        "0x7f.1",
        "2130706433",
        "0.0.0.0",
        "[64:ff9b::7f00:1]",
        "localhost",
    ] {
        for scheme in ["https", "http"] {
            let error = egress.get_json(&peer.url(scheme, host), 100).await.unwrap_err();
            assert!(matches!(error, EgressError::Forbidden { .. }), "{scheme} {host}: {error}");
            assert!(!error.is_passing() && !error.to_string().contains("secret"), "{error}");
        }
    }
    assert_eq!(peer.n_connections(), 0);
    let error = egress.get_json(&peer.url("https", "127.0.0.1"), 100).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the registry does not connect to https://127.0.0.1:{port}: it is 127.0.0.1, a loopback address; the \
             registry's operator can allow that with `--egress-allow 127.0.0.1`"
        )
    );
    let error = egress.get_json(&peer.url("https", "localhost"), 100).await.unwrap_err().to_string();
    assert!(error.contains("`localhost` is ") && error.contains("`--egress-allow localhost`"), "{error}");
}

#[tokio::test]
async fn what_is_allowed_is_reached_by_address_and_by_name() {
    let peer = Peer::start(ok("{\"a\": 1}"), None).await;
    let by_address = egress(&["127.0.0.0/8"]);
    let by_name = egress(&["localhost"]);
    for (egress, host) in [(&by_address, "127.0.0.1"), (&by_address, "localhost"), (&by_name, "localhost")] {
        let document = egress.document(&peer.url("http", host), 100).await.unwrap();
        assert_eq!(document.value["a"], 1);
        assert_eq!(document.headers["cache-control"], "max-age=60");
    }
    // The name is allowed, not the address behind it.
    assert!(by_name.get_json(&peer.url("http", "127.0.0.1"), 100).await.is_err());
    let requests = peer.requests.lock().unwrap();
    let request = requests.first().unwrap().to_lowercase();
    assert!(request.starts_with("get /secret/path?query=secret http/1.1\r\n"), "{request}");
    assert!(request.contains(concat!("user-agent: waybill/", env!("CARGO_PKG_VERSION"))), "{request}");
    assert!(!request.contains("accept-encoding") && !request.contains("referer"), "{request}");
}

#[tokio::test]
async fn urls_that_are_refused() {
    let egress = egress(&["127.0.0.1"]);
    let refused = |url: &str| egress.check(&Url::parse(url).unwrap()).map_err(|error| error.to_string());
    assert!(refused("https://issuer.example").is_ok());
    assert!(refused("https://1.1.1.1:8443/x").is_ok());
    assert!(refused("http://127.0.0.1:1").is_ok());
    assert!(refused("ftp://127.0.0.1").unwrap_err().contains("https://"));
    assert!(refused("file:///etc/passwd").unwrap_err().contains("https://"));
    assert!(refused("https://user:word@issuer.example").unwrap_err().contains("user or a password"));
    assert!(refused("http://1.1.1.1").unwrap_err().contains("use https"));
}

#[tokio::test]
async fn a_name_without_an_address_says_so() {
    let error =
        egress(&[]).get_json(&Url::parse("https://does-not-exist.invalid").unwrap(), 100).await.unwrap_err();
    assert!(matches!(error, EgressError::Name { .. }) && error.is_passing(), "{error:?}");
    assert!(error.to_string().starts_with("https://does-not-exist.invalid was not found: "), "{error}");
}

#[tokio::test]
async fn a_closed_port_says_so() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let error = egress(&["127.0.0.1"]).get_json(&url, 100).await.unwrap_err();
    assert!(matches!(error, EgressError::Connect { .. }) && error.is_passing(), "{error:?}");
}

#[tokio::test]
async fn certificates_are_those_of_the_operators_authority() {
    let folder = tempfile::tempdir().unwrap();
    let (file, config) = authority(&folder, &["localhost", "127.0.0.1"]);
    let peer = Peer::start(ok("{}"), Some(config)).await;
    let allow: Vec<Allow> = vec!["127.0.0.1".parse().unwrap()];
    let with = EgressOptions { allow: allow.clone(), ca: Some(file), ..EgressOptions::default() };
    let with = Egress::open(with).unwrap();
    for host in ["localhost", "127.0.0.1"] {
        with.get_json(&peer.url("https", host), 100).await.unwrap();
    }
    let error = egress(&["127.0.0.1"]).get_json(&peer.url("https", "localhost"), 100).await.unwrap_err();
    assert!(matches!(error, EgressError::Untrusted { .. }), "{error:?}");
    assert!(error.to_string().contains("`--egress-ca`"), "{error}");
}

#[tokio::test]
async fn a_certificate_of_another_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (file, config) = authority(&folder, &["issuer.example"]);
    let peer = Peer::start(ok("{}"), Some(config)).await;
    let allow = vec!["127.0.0.0/8".parse().unwrap()];
    let egress = Egress::open(EgressOptions { allow, ca: Some(file), ..EgressOptions::default() }).unwrap();
    let error = egress.get_json(&peer.url("https", "localhost"), 100).await.unwrap_err();
    assert!(matches!(error, EgressError::Untrusted { .. }), "{error:?}");
}

#[test]
fn files_of_authorities_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let open = |content: Option<&str>| {
        let file = folder.path().join("ca.pem");
        let _absent = std::fs::remove_file(&file);
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        Egress::open(EgressOptions { ca: Some(file), ..EgressOptions::default() }).unwrap_err().to_string()
    };
    assert!(open(None).contains("ca.pem cannot be read"));
    assert!(open(Some("nothing")).contains("ca.pem holds no certificate"));
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(open(Some(damaged)).contains("ca.pem holds a certificate that cannot be used"));
}

#[tokio::test]
async fn redirects_are_answers() {
    let elsewhere = Peer::start(ok("{}"), None).await;
    let location = elsewhere.url("http", "127.0.0.1");
    let answer = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    let peer = Peer::start(answer.into(), None).await;
    let egress = egress(&["127.0.0.1"]);
    let url = peer.url("http", "127.0.0.1");
    let answer = egress.send(EgressRequest::get(url.clone())).await.unwrap();
    assert!(answer.status.is_redirection());
    let error = egress.get_json(&url, 100).await.unwrap_err().to_string();
    assert!(error.contains("302 Found") && error.contains("redirects are not followed"), "{error}");
    assert_eq!(elsewhere.n_connections(), 0);
}

#[tokio::test]
async fn answers_have_a_size() {
    let body = format!("\"{}\"", "a".repeat(198));
    let whole = Peer::start(ok(&body), None).await;
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nc8\r\n{body}\r\n0\r\n\r\n");
    let chunked = Peer::start(chunked.into(), None).await;
    let egress = egress(&["127.0.0.1"]);
    for peer in [whole, chunked] {
        let url = peer.url("http", "127.0.0.1");
        assert!(egress.get_json(&url, 200).await.is_ok());
        let error = egress.get_json(&url, 199).await.unwrap_err();
        assert!(matches!(error, EgressError::Large { limit_bytes: 199, .. }), "{error:?}");
        let kept = egress.deliver(EgressRequest::get(url.clone()), 10).await.unwrap();
        assert_eq!((kept.body.len(), kept.is_whole), (10, false));
        assert!(egress.deliver(EgressRequest::get(url), 200).await.unwrap().is_whole);
    }
}

#[tokio::test]
async fn header_fields_have_a_size_too() {
    let head =
        |fields: String| format!("HTTP/1.1 200 OK\r\n{fields}content-length: 2\r\n\r\n{{}}").into_bytes();
    let large = Peer::start(head(format!("x: {}\r\n", "a".repeat(33 << 10))), None).await;
    let many = Peer::start(head("x: a\r\n".repeat(200)), None).await;
    let egress = egress(&["127.0.0.1"]);
    let error = egress.get_json(&large.url("http", "127.0.0.1"), 100).await.unwrap_err();
    assert!(matches!(error, EgressError::Large { part: "header", .. }), "{error:?}");
    let error = egress.get_json(&many.url("http", "127.0.0.1"), 100).await.unwrap_err();
    assert!(matches!(error, EgressError::Broken { .. }), "{error:?}");
}

#[tokio::test]
async fn whoever_does_not_answer_is_given_up() {
    // Takes the request and says nothing; and one that stops in the middle of its body.
    let silent = Peer::start(Vec::new(), None).await;
    let options = EgressOptions {
        allow: vec!["127.0.0.1".parse().unwrap()],
        time_limit: Duration::from_millis(200),
        ..EgressOptions::default()
    };
    let error =
        Egress::open(options).unwrap().get_json(&silent.url("http", "127.0.0.1"), 100).await.unwrap_err();
    assert!(matches!(error, EgressError::Time { .. }) && error.is_passing(), "{error:?}");
    assert!(error.to_string().ends_with("did not answer within 0.2 s"), "{error}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    let peer = Peer::start(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}".to_vec(), None).await;
    let error = egress(&["127.0.0.1"]).get_json(&peer.url("http", "127.0.0.1"), 100).await.unwrap_err();
    assert!(matches!(error, EgressError::Broken { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_not_json_and_what_is_no_success() {
    let page = Peer::start(ok("<html>"), None).await;
    let down = Peer::start(b"HTTP/1.1 503 Down\r\ncontent-length: 0\r\n\r\n".to_vec(), None).await;
    let egress = egress(&["127.0.0.1"]);
    let error = egress.get_json(&page.url("http", "127.0.0.1"), 100).await.unwrap_err();
    assert!(matches!(error, EgressError::Json { .. }) && !error.is_passing(), "{error:?}");
    let error = egress.get_json(&down.url("http", "127.0.0.1"), 100).await.unwrap_err();
    assert!(matches!(error, EgressError::Status { .. }) && error.is_passing(), "{error:?}");
    let deep = "[".repeat(500) + &"]".repeat(500);
    let deep = Peer::start(ok(&deep), None).await;
    assert!(egress.get_json(&deep.url("http", "127.0.0.1"), 2000).await.is_err());
}

#[tokio::test]
async fn a_request_carries_what_it_was_given() {
    let peer = Peer::start(ok("done"), None).await;
    let mut request = EgressRequest::get(peer.url("http", "127.0.0.1"));
    request.method = Method::POST;
    request.headers.insert("x-signature", "abc".parse().unwrap());
    request.headers.insert("host", "sts.amazonaws.com".parse().unwrap());
    request.headers.insert("content-length", "99".parse().unwrap());
    request.body = Bytes::from_static(b"{}");
    let answer = egress(&["127.0.0.1"]).send(request).await.unwrap();
    assert_eq!(answer.body, "done");
    let requests = peer.requests.lock().unwrap();
    let request = requests.first().unwrap().to_lowercase();
    assert!(request.starts_with("post "), "{request}");
    assert!(
        request.contains("x-signature: abc\r\n") && request.contains("host: sts.amazonaws.com\r\n"),
        "{request}"
    );
    assert!(
        request.contains("content-length: 2\r\n") && !request.contains("content-length: 99"),
        "{request}"
    );
}
