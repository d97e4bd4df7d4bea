//! Small servers inside of a test: a port of their own, and an end with whoever owns them.

use std::{net::SocketAddr, sync::Arc, time::SystemTime};

use axum::{Router, serve::Listener};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// A server that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Serving(JoinHandle<()>);

struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

/// A free port of this machine.
pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("a listener has an address");
    (listener, address)
}

pub(crate) fn plain(listener: TcpListener, router: Router) -> Serving {
    Serving(tokio::spawn(async move {
        axum::serve(listener, router).await.expect("serving does not end");
    }))
}

pub(crate) fn tls(listener: TcpListener, router: Router, certificate_pem: &str, key_pem: &str) -> Serving {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(certificate_pem.as_bytes())
        .collect::<Result<_, _>>()
        .expect("the certificate is PEM");
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).expect("the key is PEM");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites")
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .expect("the key is that of the certificate");
    let listener = TlsListener { listener, acceptor: TlsAcceptor::from(Arc::new(config)) };
    Serving(tokio::spawn(async move {
        axum::serve(listener, router).await.expect("serving does not end");
    }))
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "other systems have a clock of their own")]
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_secs()).unwrap_or(i64::MAX)
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            // Whoever does not like the certificate goes away; the next one is served.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}
