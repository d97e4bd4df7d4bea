//! What every handler is given: the store, the clock, the keys, and the way into a transaction.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::Semaphore;
use waybill_model::{ids::Uid, role::Permission};
use waybill_store::{Store, Tx};

use crate::{
    api::{error::ApiError, page::Pages},
    auth::{
        Caller, Place, Scope, Tokens,
        federation::{Issuers, aws::Sts},
        token::{Issued, NewToken},
        workload_identity::Turns,
    },
    clock::{Clock, Ids},
    download::Downloads,
    egress::Egress,
    login::Logins,
    metrics::Metrics,
    operation_id::OperationIds,
};

/// The registry as a service. Cloning it is cheap.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

/// The parts of an [`App`].
pub struct Inner {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub tokens: Tokens,
    pub pages: Pages,
    pub downloads: Downloads,
    pub operations: OperationIds,
    /// Uploads are read a few at a time: each may take hundreds of megabytes for a moment.
    pub uploads: Arc<Semaphore>,
    /// Downloads are streamed, so more of them fit; a slow one keeps nobody from uploading.
    pub downloading: Arc<Semaphore>,
    /// Workloads whose tokens are being checked.
    pub exchanges: Turns,
    /// For whatever the registry fetches or sends by itself.
    pub egress: Egress,
    /// Whose tokens are believed, with their keys.
    pub issuers: Issuers,
    /// AWS, as far as it says who somebody is.
    pub sts: Sts,
    pub logins: Logins,
    pub metrics: Arc<Metrics>,
    pub settings: Settings,
}

/// What an operator may choose about the registry's behaviour.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the URLs that answers contain, without a slash at the end.
    pub public_url: String,
    /// A running build without a sign of life for this long is cancelled. Packer sends one every two minutes.
    pub silent_build_after: Duration,
    /// For how long a workload's token may be exchanged again: the programs of one CI job have only one.
    pub workload_token_reuse: Duration,
    pub sbom: SbomLimits,
}

/// Limits of uploaded SBOMs.
#[derive(Clone, Copy, Debug)]
pub struct SbomLimits {
    pub compressed_bytes: usize,
    pub decompressed_bytes: usize,
    pub depth: usize,
}

impl Default for SbomLimits {
    fn default() -> Self {
        Self { compressed_bytes: 32 << 20, decompressed_bytes: 256 << 20, depth: 128 }
    }
}

/// What a use case needs besides its facts: the time and identifiers, both from outside.
pub struct Moment<'a> {
    pub now: Timestamp,
    ids: &'a dyn Ids,
}

impl Moment<'_> {
    pub fn uid(&self) -> Uid {
        self.ids.uid(self.now)
    }

    pub fn ids(&self) -> &dyn Ids {
        self.ids
    }
}

impl App {
    pub fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    pub fn moment(&self) -> Moment<'_> {
        Moment { now: self.clock.now(), ids: self.ids.as_ref() }
    }

    /// Makes an access token for a principal, whose credential was checked.
    pub async fn issue(&self, principal: &str, credential: &str) -> Result<Issued, ApiError> {
        let moment = self.moment();
        let new = NewToken { id: moment.uid(), principal, credential };
        Ok(self.tokens.issue(&self.store, &new, moment.now).await?)
    }

    /// Runs a query on behalf of a caller who may.
    pub async fn read<T, F>(
        &self,
        caller: Caller,
        place: Place,
        need: Permission,
        f: F,
    ) -> Result<T, ApiError>
    where
        F: Fn(&mut Tx<'_>, &Scope, &Moment<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let app = self.clone();
        let query = caller.query(&place);
        self.store
            .read(move |tx| {
                let scope = Scope::enter(tx.access(&query)?, &place, need)?;
                f(tx, &scope, &app.moment())
            })
            .await
    }

    /// Makes a change on behalf of a caller who may. `f` may run more than once.
    pub async fn write<T, F>(
        &self,
        caller: Caller,
        place: Place,
        need: Permission,
        f: F,
    ) -> Result<T, ApiError>
    where
        F: Fn(&mut Tx<'_>, &Scope, &Moment<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let app = self.clone();
        let query = caller.query(&place);
        let answer = self
            .store
            .write(move |tx| {
                let scope = Scope::enter(tx.access(&query)?, &place, need)?;
                f(tx, &scope, &app.moment())
            })
            .await;
        if answer.is_ok() {
            self.metrics.writes.inc();
        }
        answer
    }
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}
