//! Connections, certificates, limits, the log line and the stop, over real sockets of this machine.

mod certificates;
mod connections;
mod limits;
mod requests;
mod stop;

use std::{future::Future, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::Router;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{sleep, timeout},
};
use waybill_server::{
    clock::{Clock, SystemClock},
    listen::{self, ListenOptions},
    metrics::Metrics,
    shutdown::Shutdown,
    tls::{self, Names, Source, Tls},
};

/// Long enough for a busy machine. Only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server with a local authority, on a port of its own.
struct Running {
    address: SocketAddr,
    tls: Arc<Tls>,
    metrics: Arc<Metrics>,
    shutdown: Shutdown,
    task: JoinHandle<()>,
    folder: TempDir,
}

async fn start(router: Router, options: ListenOptions) -> Running {
    let folder = tempfile::tempdir().expect("a folder");
    let tls = Tls::open(local(folder.path(), None), SystemClock.now()).expect("a certificate");
    start_with(router, options, folder, tls).await
}

async fn start_with(router: Router, options: ListenOptions, folder: TempDir, tls: Tls) -> Running {
    let tls = Arc::new(tls);
    let metrics = Arc::new(Metrics::new(SystemClock.now()));
    let shutdown = Shutdown::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let served =
        listen::serve(listener, router, tls.server_config(), options, shutdown.clone(), metrics.clone());
    Running { address, tls, metrics, shutdown, task: tokio::spawn(served), folder }
}

fn local(folder: &Path, public_url: Option<&str>) -> Source {
    let public_url = public_url.map(|url| url.parse().expect("a test's URL"));
    let listen = "127.0.0.1".parse().expect("an address");
    Source::Local {
        folder: folder.to_owned(),
        names: Names::new(listen, Some("build-7"), public_url.as_ref()),
    }
}

impl Running {
    fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.address)
    }

    /// A client that trusts the server's authority and nothing else.
    fn client(&self) -> reqwest::ClientBuilder {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let pem = fs_err::read(self.folder.path().join(tls::CA_FILE)).expect("the authority");
        let authority = reqwest::Certificate::from_pem(&pem).expect("PEM");
        // Addresses are used as they are: a name of `resolve` leads to the server, too.
        reqwest::Client::builder()
            .tls_certs_only([authority])
            .no_proxy()
            .resolve("build-7", self.address)
            .resolve("waybill.example", self.address)
    }

    /// The value of a series, written as Prometheus does.
    fn metric(&self, series: &str) -> f64 {
        let text = self.metrics.encode();
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().expect("a number"))
    }

    async fn stop(self) {
        self.shutdown.trigger();
        soon(self.task).await.expect("serving does not panic");
    }
}

/// Fails the test if `future` takes unreasonably long.
async fn soon<F: Future>(future: F) -> F::Output {
    timeout(PATIENCE, future).await.expect("it takes too long")
}

/// Waits until `condition` holds.
async fn until(condition: impl Fn() -> bool) {
    soon(async {
        while !condition() {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// A plain connection on which a test says exactly what it wants.
async fn raw(address: SocketAddr, send: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(send.as_bytes()).await.expect("sent");
    stream
}

/// What comes until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = soon(stream.read_to_end(&mut bytes)).await;
    String::from_utf8(bytes).expect("text")
}

/// What comes up to and including `end`.
async fn read_to(stream: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        bytes.push(soon(stream.read_u8()).await.expect("more to read"));
    }
    String::from_utf8(bytes).expect("text")
}
