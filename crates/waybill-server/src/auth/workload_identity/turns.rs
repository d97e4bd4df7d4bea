//! How many exchanges with one provider are under way: a flood of made-up tokens must not become a flood of
//! requests to an issuer or to AWS.
//!
//! Whoever comes when all turns are taken waits for a moment and is refused then. Providers do not wait for each other.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use waybill_model::ids::ProviderId;

use crate::limits;

/// The turns of all providers that are in use.
#[derive(Debug)]
pub struct Turns {
    of_each: usize,
    patience: Duration,
    in_use: Mutex<HashMap<ProviderId, Arc<Semaphore>>>,
}

/// A turn, which ends when it is dropped.
#[derive(Debug)]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Default for Turns {
    fn default() -> Self {
        Self::new(limits::EXCHANGES, limits::EXCHANGE_TURN_TIME)
    }
}

impl Turns {
    fn new(of_each: usize, patience: Duration) -> Self {
        Self { of_each, patience, in_use: Mutex::default() }
    }

    /// Waits for a turn; `None` when it takes too long.
    pub async fn take(&self, provider: ProviderId) -> Option<Turn> {
        let turns = {
            let mut in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever waits for or has a turn shares the semaphore; those of nobody go.
            in_use.retain(|&other, turns| other == provider || 1 < Arc::strong_count(turns));
            in_use.entry(provider).or_insert_with(|| Arc::new(Semaphore::new(self.of_each))).clone()
        };
        let permit = timeout(self.patience, turns.acquire_owned()).await.ok()?;
        Some(Turn { _permit: permit.ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_provider_has_some_turns_and_waits_for_no_other() {
        let hasty = Turns::new(2, Duration::ZERO);
        let first = hasty.take(ProviderId(1)).await.expect("free");
        let _second = hasty.take(ProviderId(1)).await.expect("free");
        assert!(hasty.take(ProviderId(1)).await.is_none(), "both are taken");
        let _other = hasty.take(ProviderId(2)).await.expect("another provider");
        drop(first);
        hasty.take(ProviderId(1)).await.expect("one became free");
    }

    #[tokio::test]
    async fn whoever_waits_gets_the_turn_that_becomes_free() {
        let patient = Turns::new(1, Duration::from_mins(1));
        let first = patient.take(ProviderId(1)).await.expect("free");
        let (second, ()) = tokio::join!(patient.take(ProviderId(1)), async { drop(first) });
        assert!(second.is_some());
    }

    #[tokio::test]
    async fn turns_of_nobody_are_forgotten() {
        let turns = Turns::new(1, Duration::from_secs(5));
        for provider in 0..100 {
            drop(turns.take(ProviderId(provider)).await.expect("free"));
        }
        assert_eq!(turns.in_use.lock().expect("nobody panicked").len(), 1);
    }
}
