//! A running registry: what it is started with, and how it stops.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use thiserror::Error;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinHandle};
use url::Url;
use waybill_store::{Database, Options, Store};

use crate::{
    api::{page::Pages, router::router},
    app::{App, Inner, SbomLimits, Settings},
    auth::{
        Tokens,
        bootstrap::{BootstrapError, bootstrap},
        federation::{FederationError, Issuers, aws::Sts},
        workload_identity::Turns,
    },
    clock::{Clock, Ids, SystemClock, SystemIds},
    download::Downloads,
    egress::{Egress, EgressError, EgressOptions},
    jobs, limits,
    listen::{self, ListenOptions, TrustedProxy},
    login::{Logins, ProviderOptions},
    metrics::{Metrics, process},
    operation_id::OperationIds,
    shutdown::Shutdown,
    tls::{Names, Source, Tls, TlsError},
};

/// What a registry is started with. [`Config::new`] is a working one.
pub struct Config {
    /// Holds the certificates, the owner's credentials and, unless `database` says otherwise, the database.
    pub data: PathBuf,
    pub listen: SocketAddr,
    /// `None`: SQLite in the data folder.
    pub database: Option<String>,
    /// How clients reach the server, if not by its address.
    pub public_url: Option<Url>,
    /// The machine's name, for the certificate.
    pub host_name: Option<String>,
    /// A certificate and key of the operator, instead of the local authority.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// Plain HTTP for everybody, not for this machine only.
    pub allow_plain_http: bool,
    /// Proxies before the registry, which say whose requests they pass on.
    pub trusted_proxies: Vec<TrustedProxy>,
    pub store: Options,
    pub silent_build_after: Duration,
    /// For how long a workload's token may be exchanged again; zero: once.
    pub workload_token_reuse: Duration,
    pub sbom: SbomLimits,
    /// What the registry may connect to by itself.
    pub egress: EgressOptions,
    /// AWS's Security Token Service, if it is not where signed requests say. `egress` must allow it.
    pub aws_sts_url: Option<Url>,
    /// Where people log in, if not with passwords only.
    pub login_provider: Option<ProviderOptions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Why a registry did not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("cannot use the data folder {}: {reason}", folder.display())]
    Data { folder: PathBuf, reason: std::io::Error },
    #[error("cannot listen on {address}: {reason}")]
    Listen { address: SocketAddr, reason: std::io::Error },
    #[error("{0}")]
    Store(#[source] waybill_store::Error),
    #[error("TLS: {0}")]
    Tls(#[source] TlsError),
    #[error("{0}")]
    Bootstrap(#[source] BootstrapError),
    #[error("{0}")]
    Egress(#[source] EgressError),
    #[error("the login provider: {0}")]
    LoginProvider(#[source] FederationError),
    #[error("the URL of AWS's STS: {0}")]
    Sts(#[source] EgressError),
    #[error("token keys: {0}")]
    Keys(String),
}

/// A registry that answers.
pub struct Server {
    address: SocketAddr,
    url: String,
    app: App,
    shutdown: Shutdown,
    tasks: Vec<JoinHandle<()>>,
}

/// Ten minutes: five signs of life missed.
pub const SILENT_BUILD_AFTER: Duration = Duration::from_mins(10);

/// A CI job runs some programs one after the other, and its token is the same for all of them.
pub const WORKLOAD_TOKEN_REUSE: Duration = Duration::from_mins(10);

impl Config {
    /// The registry that `waybill serve` starts without any argument.
    pub fn new(data: PathBuf, listen: SocketAddr) -> Self {
        Self {
            data,
            listen,
            database: None,
            public_url: None,
            host_name: None,
            certificate: None,
            allow_plain_http: false,
            trusted_proxies: Vec::new(),
            store: Options::default(),
            silent_build_after: SILENT_BUILD_AFTER,
            workload_token_reuse: WORKLOAD_TOKEN_REUSE,
            sbom: SbomLimits::default(),
            egress: EgressOptions::default(),
            aws_sts_url: None,
            login_provider: None,
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
        }
    }
}

impl Server {
    /// Opens the database, makes what a first start makes, and answers from when this returns.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let Config { data, listen, clock, ids, .. } = config;
        let egress = config.egress;
        let egress = blocking(move || Egress::open(egress)).await.map_err(StartError::Egress)?;
        if let Some(url) = &config.aws_sts_url {
            egress.check(url).map_err(StartError::Sts)?;
        }
        make_folder(&data)?;
        let database = match config.database {
            Some(url) => Database::Postgres(url),
            None => Database::Sqlite(data.join("waybill.db")),
        };
        let options = config.store;
        let store = blocking(move || Store::open(&database, &options)).await.map_err(StartError::Store)?;
        let installation =
            bootstrap(&store, &data, clock.as_ref(), ids.as_ref()).await.map_err(StartError::Bootstrap)?;
        let tokens = Tokens::open(&store, &installation.id, clock.now())
            .await
            .map_err(|error| StartError::Keys(error.to_string()))?;

        let listener = TcpListener::bind(listen)
            .await
            .map_err(|reason| StartError::Listen { address: listen, reason })?;
        let address =
            listener.local_addr().map_err(|reason| StartError::Listen { address: listen, reason })?;
        let names = Names::new(address.ip(), config.host_name.as_deref(), config.public_url.as_ref());
        let source = match config.certificate {
            Some((certificate, key)) => Source::Files { certificate, key },
            None => Source::Local { folder: data.join("tls"), names },
        };
        let now = clock.now();
        let tls = Arc::new(blocking(move || Tls::open(source, now)).await.map_err(StartError::Tls)?);

        let url = reachable(address);
        let public_url = config
            .public_url
            .map_or_else(|| url.clone(), |public| public.as_str().trim_end_matches('/').to_owned());
        let metrics = Arc::new(Metrics::new(now));
        let issuers = Issuers::new(egress.clone());
        if let Some(provider) = &config.login_provider {
            issuers.check(&provider.issuer).map_err(StartError::LoginProvider)?;
        }
        let logins = Logins::new(&installation.page_token_secret).with_provider(config.login_provider);
        let app = App::new(Inner {
            store,
            clock: clock.clone(),
            ids,
            tokens,
            pages: Pages::new(installation.page_token_secret.clone()),
            downloads: Downloads::new(installation.page_token_secret.clone()),
            operations: OperationIds::new(installation.page_token_secret),
            uploads: Arc::new(Semaphore::new(2)),
            downloading: Arc::new(Semaphore::new(16)),
            exchanges: Turns::default(),
            issuers,
            sts: Sts::new(egress.clone(), config.aws_sts_url),
            egress,
            logins,
            metrics: metrics.clone(),
            settings: Settings {
                public_url,
                silent_build_after: config.silent_build_after,
                workload_token_reuse: config.workload_token_reuse,
                sbom: config.sbom,
            },
        });

        let shutdown = Shutdown::default();
        let options = ListenOptions {
            plain_http_for: if config.allow_plain_http { listen::everybody } else { listen::this_machine },
            trusted_proxies: config.trusted_proxies,
            connections: limits::connections(process::max_open_files()),
            ..ListenOptions::default()
        };
        let renewal = tls.clone().keep_fresh(move || clock.now(), metrics.clone(), shutdown.clone());
        let accept =
            listen::serve(listener, router(&app), tls.server_config(), options, shutdown.clone(), metrics);
        let tasks = vec![
            tokio::spawn(accept),
            tokio::spawn(renewal),
            tokio::spawn(jobs::run(app.clone(), shutdown.clone())),
        ];
        tracing::info!(%address, "Serving on {url}");
        Ok(Self { address, url, app, shutdown, tasks })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the server answers: `https://…`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where clients are told to go: the public URL, or [`Server::url`].
    pub fn public_url(&self) -> &str {
        &self.app.settings.public_url
    }

    /// The parts of the service, for what runs beside it in the same process.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Stops: no new requests, those in flight finish, everything acknowledged is on disk when this returns.
    pub async fn stop(self) {
        self.shutdown.trigger();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(error = %error, "A task of the server failed");
            }
        }
        let app = self.app;
        blocking(move || app.store.close()).await;
        tracing::info!("Stopped");
    }
}

fn make_folder(folder: &std::path::Path) -> Result<(), StartError> {
    let made = {
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
        }
        #[cfg(not(unix))]
        std::fs::create_dir_all(folder)
    };
    made.map_err(|reason| StartError::Data { folder: folder.to_owned(), reason })
}

/// An address that this machine can connect to: a wildcard is not one.
fn reachable(address: SocketAddr) -> String {
    let port = address.port();
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("https://127.0.0.1:{port}"),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("https://[::1]:{port}"),
        address => format!("https://{address}"),
    }
}

async fn blocking<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(f).await.expect("the work does not panic")
}
