//! The server's certificate: where it comes from, how it is served, how it is replaced while the server runs.
//!
//! Without any configuration the server is its own certificate authority: [`Source::Local`] makes one on first use
//! in a folder and renews the server certificate from it, always with the same authority, so that clients trust it
//! once. With [`Source::Files`] an operator's certificate and key are served, and read again when they change.
//!
//! TLS 1.2 and 1.3 by `ring`; HTTP/2 and HTTP/1.1 by ALPN.
//! Invariant: a damaged or incomplete folder is an error that names the file. A new authority is made only where
//! nothing of an old one is left, because a new one locks out every client that trusted the old.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use rustls::{ServerConfig, crypto::CryptoProvider, version};
use thiserror::Error;
use tokio::{select, task::spawn_blocking, time::sleep};

pub use self::{bundle::with_system_roots, names::Names};
use self::{current::Current, pair::Pair};
use crate::{metrics::Metrics, shutdown::Shutdown};

mod authority;
mod bundle;
mod current;
mod names;
mod pair;

/// The authority's certificate, in the folder of [`Source::Local`].
pub const CA_FILE: &str = "ca.pem";
/// What clients should trust: the system's roots and the local authority, in the same folder.
pub const BUNDLE_FILE: &str = "bundle.pem";

/// Where the certificate comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// An authority of our own in `folder`, which is created if needed, and a certificate for `names`.
    Local { folder: PathBuf, names: Names },
    /// PEM files of the operator: the certificate followed by its intermediates, and its unencrypted key.
    Files { certificate: PathBuf, key: PathBuf },
}

/// A certificate in use. Everything that accepts connections shares it through [`Tls::server_config`].
#[derive(Debug)]
pub struct Tls {
    source: Source,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

/// What [`Tls::refresh`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    Kept,
    Replaced,
}

/// Why there is no certificate to serve.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The message of the cause names the file.
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("`{}` is damaged ({problem}); {advice}", path.display())]
    Damaged { path: PathBuf, problem: String, advice: &'static str },
    #[error("`{}` is missing; {advice}", path.display())]
    Missing { path: PathBuf, advice: &'static str },
    #[error("`{}` is not the key of `{}`; {advice}", key.display(), certificate.display())]
    Mismatch { certificate: PathBuf, key: PathBuf, advice: &'static str },
    #[error("the certificate authority `{}` expired at {at}; {}", path.display(), authority::START_OVER)]
    AuthorityExpired { path: PathBuf, at: Timestamp },
    #[error("a certificate could not be made: {0}")]
    Issue(String),
}

impl Tls {
    /// Loads the certificate, or makes and stores it, so that it is good for a server that starts `now`.
    /// Reads and writes files: call it where blocking is allowed.
    pub fn open(source: Source, now: Timestamp) -> Result<Self, TlsError> {
        let pair = source.load(now)?;
        if let Source::Local { folder, .. } = &source {
            bundle::write(folder)?;
        }
        let current = Arc::new(Current::new(pair));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .expect("ring has cipher suites for both versions")
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { source, current, config: Arc::new(config) })
    }

    /// Returns the configuration for accepting connections. It stays the same when the certificate is replaced.
    pub fn server_config(&self) -> Arc<ServerConfig> {
        self.config.clone()
    }

    /// Returns when the certificate in use expires.
    pub fn expires(&self) -> Timestamp {
        self.current.expires()
    }

    /// Replaces the certificate if there is a newer one or if it is time for one; connections that exist keep theirs.
    /// After an error the one in use stays. Blocks like [`Tls::open`].
    pub fn refresh(&self, now: Timestamp) -> Result<Refreshed, TlsError> {
        let pair = self.source.load(now)?;
        Ok(if self.current.replace(pair) { Refreshed::Replaced } else { Refreshed::Kept })
    }

    /// Refreshes from time to time until `shutdown`, and reports the expiry in `metrics`.
    /// The caller owns the task: spawn it, and wait for it after the shutdown.
    pub async fn keep_fresh(
        self: Arc<Self>,
        now: impl Fn() -> Timestamp + Send,
        metrics: Arc<Metrics>,
        shutdown: Shutdown,
    ) {
        let mut reported = None;
        loop {
            metrics.certificate_expires.set(self.expires().as_duration().as_secs_f64());
            select! {
                () = shutdown.wait() => return,
                () = sleep(self.source.check_interval()) => {}
            }
            let (tls, now) = (self.clone(), now());
            let refreshed =
                spawn_blocking(move || tls.refresh(now)).await.expect("refreshing does not panic");
            let problem = match refreshed {
                Ok(Refreshed::Kept) => None,
                Ok(Refreshed::Replaced) => {
                    tracing::info!(
                        "Replaced the TLS certificate; the new one is valid until {}",
                        self.expires()
                    );
                    None
                }
                Err(error) => Some(error.to_string()),
            };
            if let Some(problem) = problem.as_ref().filter(|problem| reported.as_ref() != Some(*problem)) {
                tracing::error!("The TLS certificate could not be renewed, the one in use stays: {problem}");
            }
            reported = problem;
        }
    }
}

impl Source {
    fn load(&self, now: Timestamp) -> Result<Pair, TlsError> {
        match self {
            Self::Local { folder, names } => authority::server_pair(folder, names, now),
            Self::Files { certificate, key } => operator_pair(certificate, key, now),
        }
    }

    /// Ours changes in months; an operator's may change at any moment, and reading it costs two small files.
    fn check_interval(&self) -> Duration {
        match self {
            Self::Local { .. } => Duration::from_hours(1),
            Self::Files { .. } => Duration::from_mins(1),
        }
    }
}

/// An expired certificate is served, loudly: some clients do not look, and none is better off without a server.
fn operator_pair(certificate: &Path, key: &Path, now: Timestamp) -> Result<Pair, TlsError> {
    const ADVICE: &str = "give the server PEM files of a certificate with its intermediates, and of its key";
    let pair = pair::load(certificate, key, ADVICE)?;
    if pair.expires() <= now {
        let (path, at) = (certificate.display(), pair.expires());
        tracing::error!(
            "The certificate `{path}` expired at {at}; clients will refuse it until it is replaced"
        );
    }
    Ok(pair)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
