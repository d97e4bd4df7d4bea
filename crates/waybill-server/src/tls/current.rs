//! The pair in use, which handshakes read and a refresh replaces.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::pair::Pair;

/// One pair for every name that clients ask for. A handshake sees the old pair or the new, never a mixture.
#[derive(Debug)]
pub(super) struct Current(ArcSwap<Pair>);

impl Current {
    pub(super) fn new(pair: Pair) -> Self {
        Self(ArcSwap::from_pointee(pair))
    }

    pub(super) fn expires(&self) -> Timestamp {
        self.0.load().expires()
    }

    /// Takes `pair` into use if its certificates are others; says whether they are.
    pub(super) fn replace(&self, pair: Pair) -> bool {
        let is_new = self.0.load().chain() != pair.chain();
        if is_new {
            self.0.store(Arc::new(pair));
        }
        is_new
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load().certified().clone())
    }
}
