//! Accepting connections: one port for TLS and, for those who may, plain HTTP.
//!
//! The first byte of a connection decides: `0x16` begins a TLS handshake, anything else is plain HTTP/1.1.
//! Over TLS the client chooses HTTP/2 or HTTP/1.1. Plain HTTP is for callers on this machine, because it shows
//! tokens to everybody on the way; others are told to use https.
//!
//! A connection is a task. It has a place among a limited number, and ends by itself when its peer is silent, too
//! slow, or old ([`ListenOptions`]). A stop ([`Shutdown`]) closes idle connections at once and lets requests in
//! flight finish; [`serve`] returns when all of that is over.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::Semaphore,
    time::sleep,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

pub use self::proxy::{TrustedProxy, TrustedProxyError};
use self::{compress::Compressed, decode::Decoded};
use crate::{limits, metrics::Metrics, shutdown::Shutdown};

pub mod body;

mod compress;
mod connection;
mod decode;
mod patience;
mod protect;
mod proxy;
mod refuse;
mod watched;

/// In the extensions of every request: the connection it came on, and from whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    pub address: SocketAddr,
    pub is_tls: bool,
    /// The address of who asks: that of the connection, or what a [`TrustedProxy`] says.
    pub client: IpAddr,
}

/// How connections are treated. [`ListenOptions::default`] is right for a server in use.
#[derive(Clone, Debug)]
pub struct ListenOptions {
    /// Who may speak plain HTTP: [`this_machine`] or [`everybody`].
    pub plain_http_for: fn(IpAddr) -> bool,
    /// Who is believed when saying whose request it passes on.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// Connections at the same time; when all are in use the next one waits.
    pub connections: usize,
    pub first_byte_time: Duration,
    pub handshake_time: Duration,
    pub header_time: Duration,
    pub idle_time: Duration,
    pub body_stall_time: Duration,
    pub body_time: Duration,
    pub connection_age: Duration,
    /// How long requests in flight may take after a stop.
    pub drain_time: Duration,
}

/// What all connections share.
struct Shared {
    app: Compressed<Decoded<Router>>,
    tls: TlsAcceptor,
    options: ListenOptions,
    shutdown: Shutdown,
    metrics: Arc<Metrics>,
    /// The tasks of connections and of their HTTP/2 requests.
    tasks: TaskTracker,
}

/// When the system has no file handle or memory for another connection, trying at once would only burn the CPU
/// that others need to finish.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

impl Default for ListenOptions {
    fn default() -> Self {
        Self {
            plain_http_for: this_machine,
            trusted_proxies: Vec::new(),
            connections: limits::CONNECTIONS,
            first_byte_time: limits::FIRST_BYTE_TIME,
            handshake_time: limits::HANDSHAKE_TIME,
            header_time: limits::HEADER_TIME,
            idle_time: limits::IDLE_TIME,
            body_stall_time: limits::BODY_STALL_TIME,
            body_time: limits::BODY_TIME,
            connection_age: limits::CONNECTION_AGE,
            drain_time: limits::DRAIN_TIME,
        }
    }
}

/// Plain HTTP for callers whose address is a loopback address.
pub fn this_machine(peer: IpAddr) -> bool {
    peer.to_canonical().is_loopback()
}

/// Plain HTTP for everybody: for networks where something else encrypts.
pub fn everybody(_peer: IpAddr) -> bool {
    true
}

/// Answers requests on `listener` with `router` until `shutdown`; returns when the last connection has ended, at
/// most [`ListenOptions::drain_time`] later.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Arc<ServerConfig>,
    options: ListenOptions,
    shutdown: Shutdown,
    metrics: Arc<Metrics>,
) {
    let places = Arc::new(Semaphore::new(options.connections));
    let shared = Arc::new(Shared {
        app: compress::compressed(Decoded(router)),
        tls: TlsAcceptor::from(tls),
        options,
        shutdown: shutdown.clone(),
        metrics,
        tasks: TaskTracker::new(),
    });
    loop {
        if places.available_permits() == 0 {
            shared.metrics.accept_pauses.inc();
        }
        let place = select! {
            biased;
            () = shutdown.wait() => break,
            place = places.clone().acquire_owned() => place.expect("the semaphore is never closed"),
        };
        let Some((stream, address)) = accept(&listener, &shared).await else { break };
        let connection = connection::run(shared.clone(), stream, address);
        shared.tasks.spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    shared.tasks.close();
    shared.tasks.wait().await;
}

/// Returns the next connection, or `None` after a shutdown.
async fn accept(listener: &TcpListener, shared: &Shared) -> Option<(TcpStream, SocketAddr)> {
    loop {
        let accepted = select! {
            biased;
            () = shared.shutdown.wait() => return None,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(connection) => return Some(connection),
            Err(error) if is_about_the_peer(&error) => {}
            Err(error) => {
                shared.metrics.accept_pauses.inc();
                tracing::error!("Cannot accept connections at the moment: {error}");
                select! {
                    () = shared.shutdown.wait() => return None,
                    () = sleep(ACCEPT_PAUSE) => {}
                }
            }
        }
    }
}

/// The peer gave up between connecting and being accepted: nothing is wrong here.
fn is_about_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_every_loopback_address() {
        let check = |address: &str| this_machine(address.parse().expect("a test's address"));
        assert!(check("127.0.0.1") && check("127.9.9.9") && check("::1") && check("::ffff:127.0.0.1"));
        assert!(!check("10.0.0.1") && !check("::ffff:10.0.0.1") && !check("0.0.0.0") && !check("::"));
    }
}
