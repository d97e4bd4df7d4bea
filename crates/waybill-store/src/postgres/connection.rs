//! One connection: how it is made, what it remembers, and one attempt at a transaction.
//!
//! A connection has a small runtime of its own, so that the closure above it stays synchronous while statements
//! that do not depend on each other travel together.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, Statement, config::SslMode, error::SqlState};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{
    error::{Error, Result},
    migrate,
    postgres::transaction::PgTx,
    store::Job,
    tx::Tx,
};

/// For a connection string that says nothing else. A peer that vanished is noticed within such a time.
const CONNECT_TIME: Duration = Duration::from_secs(10);
const UNACKNOWLEDGED_TIME: Duration = Duration::from_secs(30);
const KEEPALIVE_IDLE: Duration = Duration::from_mins(1);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_TRIES: u32 = 3;
/// A connection that rested longer is looked at before it is used.
const FRESH: Duration = Duration::from_millis(100);

/// Nothing is written outside a transaction that said `READ WRITE`: statements travel together with their `BEGIN`,
/// and if that were refused, each would be a transaction of its own.
/// Every statement has an index to go by: a scan of a whole table would lock it whole against other writers.
/// Whoever holds locks and says nothing for a minute (a stopped process) makes way.
const SESSION: &str = "
    SET default_transaction_read_only = on;
    SET idle_in_transaction_session_timeout = '60s';
    SET enable_seqscan = off";

/// What every connection of a store is made from.
pub(super) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
}

impl Connector {
    pub(super) fn new(url: &str) -> Result<Self> {
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| Error::Open {
            what: "the PostgreSQL connection string".to_owned(),
            reason: std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string),
        })?;
        if config.get_application_name().is_none() {
            config.application_name("waybill");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIME);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(UNACKNOWLEDGED_TIME);
        }
        if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
            config.keepalives_idle(KEEPALIVE_IDLE);
            config.keepalives_interval(KEEPALIVE_INTERVAL);
            config.keepalives_retries(KEEPALIVE_TRIES);
        }
        let tls = tls(config.get_ssl_mode())?;
        Ok(Self { config, tls: MakeRustlsConnect::new(tls) })
    }

    pub(super) fn connect(&self) -> Result<Connection> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|reason| Error::Open { what: "a runtime".to_owned(), reason: reason.to_string() })?;
        let failed = |error| Error::Open {
            what: "the PostgreSQL database".to_owned(),
            reason: Error::Postgres(error).to_string(),
        };
        let connecting = async {
            let (client, connection) = self.config.connect(self.tls.clone()).await?;
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(error = %error, "Lost a connection to PostgreSQL");
                }
            });
            client.batch_execute(SESSION).await?;
            Ok(client)
        };
        let client = runtime.block_on(connecting).map_err(failed)?;
        let statements = HashMap::new();
        Ok(Connection { runtime, client, statements, used: Instant::now(), is_broken: false })
    }
}

fn tls(mode: SslMode) -> Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    if mode != SslMode::Disable {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    Ok(rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|reason| Error::Open { what: "TLS".to_owned(), reason: reason.to_string() })?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

pub(super) struct Connection {
    pub(super) runtime: Runtime,
    pub(super) client: Client,
    /// Statements are parsed once. They are constants, so the address and length of a text find its statement
    /// without hashing the text, and there are never more than the store has.
    pub(super) statements: HashMap<(usize, usize), Statement>,
    used: Instant,
    /// Its state is not known any more.
    pub(super) is_broken: bool,
}

/// How an attempt at a transaction ended.
pub(super) enum Ended {
    /// The job has its result: its changes are committed or, as it wanted, rolled back.
    Final,
    Failed(Error),
    /// The job should run again. If it may not, `error` is its result or, without one, what it returned.
    Again {
        trouble: Trouble,
        error: Option<Error>,
    },
}

/// What can come between a transaction and its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Another transaction was in the way.
    Conflict,
    /// A row appeared or went that the closure had looked for before.
    Race,
    /// The connection broke.
    Loss,
    /// The connection works but is of no use: the server became a standby, or its tables changed under a prepared
    /// statement.
    Stale,
}

impl Connection {
    pub(super) fn migrate(&mut self) -> Result<()> {
        self.runtime.block_on(migrate::postgres(&mut self.client))
    }

    /// Whether another transaction may run on it.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken || self.client.is_closed()
    }

    pub(super) fn attempt(&mut self, job: &mut dyn Job, begin: &'static str) -> Ended {
        if self.used.elapsed() > FRESH {
            self.hear();
        }
        if self.is_broken() {
            return Ended::Again { trouble: Trouble::Loss, error: Some(Error::Closed) };
        }
        let mut tx = Tx::postgres(PgTx::new(self, begin));
        let wants_commit = job.run(&mut tx);
        let mut tx = tx.into_postgres().expect("the transaction was made as PostgreSQL's");
        let error = if wants_commit {
            tx.commit().err()
        } else {
            tx.roll_back();
            None
        };
        let trouble = tx.trouble();
        self.used = Instant::now();
        match (trouble, error) {
            (Some(trouble), error) => Ended::Again { trouble, error },
            (None, Some(error)) => Ended::Failed(error),
            (None, None) => Ended::Final,
        }
    }

    /// Lets the driver read what the server said while nobody listened: most likely that it is going away.
    fn hear(&self) {
        self.runtime.block_on(async {
            // Once for the sockets to be looked at, once for the driver to read.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        });
    }
}

/// What an error means for the transaction; `None` for one that is final.
pub(super) fn trouble(error: &tokio_postgres::Error) -> Option<Trouble> {
    let Some(code) = error.code() else {
        let is_io =
            std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        return (error.is_closed() || is_io).then_some(Trouble::Loss);
    };
    let conflicts = [&SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::T_R_DEADLOCK_DETECTED];
    let races = [&SqlState::UNIQUE_VIOLATION, &SqlState::FOREIGN_KEY_VIOLATION];
    let stale = [&SqlState::READ_ONLY_SQL_TRANSACTION, &SqlState::FEATURE_NOT_SUPPORTED];
    let losses = [&SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT];
    if conflicts.contains(&code) {
        Some(Trouble::Conflict)
    } else if races.contains(&code) {
        Some(Trouble::Race)
    } else if stale.contains(&code) {
        Some(Trouble::Stale)
    } else if code == &SqlState::PROTOCOL_VIOLATION {
        // A fault of ours, which another connection would not mend.
        None
    } else if losses.contains(&code) || code.code().starts_with("08") || code.code().starts_with("57P") {
        Some(Trouble::Loss)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_writes_in_its_transactions_only() {
        let database = waybill_testkit::postgres::database();
        let connection =
            Connector::new(&database.url()).and_then(|connector| connector.connect()).expect("it is there");
        let run = |sql: &str| {
            let ran = connection.runtime.block_on(connection.client.batch_execute(sql));
            ran.map_err(|error| error.code().map(|code| code.code().to_owned()).unwrap_or_default())
        };
        assert_eq!(run("CREATE TABLE t (a BIGINT)"), Err("25006".to_owned()), "read-only");
        assert_eq!(
            run("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE; CREATE TABLE t (a BIGINT); COMMIT"),
            Ok(())
        );
    }
}
