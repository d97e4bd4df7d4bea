//! Tokens of other issuers: whether OpenID providers that an administrator configured have signed them.
//!
//! [`Issuers`] fetches what an issuer says about itself and its keys, keeps both for a while and judges tokens by
//! them. [`aws`] does the same for identities of AWS, which have no tokens but requests that AWS alone can judge.
//!
//! How long keys are kept:
//! - for as long as the issuer says (`Cache-Control: max-age`), at least five minutes and at most a day; an hour when
//!   it says nothing;
//! - a token that names an unknown key makes them be fetched again, at most every 30 s for each issuer, however many
//!   such tokens come;
//! - when they cannot be fetched, those that are there keep counting until they are a day old;
//! - one request fetches and the others wait for it; a failure is told to everybody who comes within ten seconds.
//!
//! Nothing is fetched for what is no token of that issuer at all.

pub mod aws;
mod claims;
mod discovery;
mod error;
mod keys;
mod max_age;
#[cfg(test)]
mod tests;
mod token;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use tokio::time::timeout;

pub use self::{
    discovery::Discovery,
    error::{FederationError, NotAcceptable, NotProven},
};
use self::{keys::KeySet, token::Token};
use crate::{egress::Egress, limits};

/// The members of a token.
pub type Claims = Map<String, Value>;

/// The issuers whose tokens were asked about, with their keys.
#[derive(Debug)]
pub struct Issuers {
    egress: Egress,
    known: Mutex<HashMap<String, Arc<Issuer>>>,
    /// For an issuer's configuration and keys together.
    time_limit: Duration,
}

#[derive(Debug)]
struct Issuer {
    url: String,
    current: ArcSwapOption<Fetched>,
    /// Held while something is fetched.
    last: tokio::sync::Mutex<Option<Attempt>>,
    /// When it was asked about, in microseconds: the one that was longest ago makes room.
    used_at: std::sync::atomic::AtomicI64,
}

/// What an issuer has published.
#[derive(Debug)]
struct Fetched {
    discovery: Arc<Discovery>,
    keys: KeySet,
    at: Timestamp,
    fresh_for: SignedDuration,
}

#[derive(Debug)]
struct Attempt {
    at: Timestamp,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    /// Whoever fetched went away before there was an answer.
    Interrupted,
    Failed(FederationError),
    Done,
}

/// What there is, and why there is nothing newer.
struct Found {
    fetched: Arc<Fetched>,
    trouble: Option<FederationError>,
}

/// Issuers in memory. An installation has some; each costs a few kilobytes.
const ISSUERS: usize = 256;
/// Unknown keys make an issuer's be fetched this often.
const REFETCH_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// A failure counts for so long before the issuer is asked again.
const FAILURE_PAUSE: SignedDuration = SignedDuration::from_secs(10);
const INTERRUPTION_PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// Keys count for so long while no newer ones can be had.
const USABLE: SignedDuration = max_age::LONGEST;

impl Issuers {
    pub fn new(egress: Egress) -> Self {
        Self { egress, known: Mutex::default(), time_limit: limits::FEDERATION_TIME }
    }

    /// Tells whether a text can be an issuer, without asking it: for configuration that arrives.
    pub fn check(&self, issuer: &str) -> Result<(), FederationError> {
        discovery::address(&self.egress, issuer).map(drop)
    }

    /// Returns what an issuer says about itself: where people log in, where tokens are, which keys.
    pub async fn discover(&self, issuer: &str, now: Timestamp) -> Result<Arc<Discovery>, FederationError> {
        let issuer = self.issuer(issuer, now);
        let found = issuer.find(self, now, |_| true).await?;
        Ok(found.fetched.discovery.clone())
    }

    /// Returns the claims of a token if `issuer` has signed it, now is within its time and one of `audiences` is
    /// among its own.
    ///
    /// Everything else that a claim may say (`nonce`, `sub`, `azp`) is the caller's to judge.
    pub async fn verify(
        &self,
        issuer: &str,
        token: &str,
        audiences: &[&str],
        now: Timestamp,
    ) -> Result<Claims, FederationError> {
        let token = Token::read(token)?;
        claims::check_issuer(&token.claims, issuer)?;
        let issuer = self.issuer(issuer, now);
        let found = issuer.find(self, now, |keys| keys.has(&token)).await?;
        let key = match (found.fetched.keys.find(&token), found.trouble) {
            (Ok(key), _) => key,
            // Newer keys might have held it.
            (Err(NotProven::Key { .. }), Some(trouble)) => return Err(trouble),
            (Err(fault), _) => return Err(fault.into()),
        };
        let token = token.verified(key).await?;
        claims::check(&token, audiences, now)?;
        Ok(token)
    }

    fn issuer(&self, url: &str, now: Timestamp) -> Arc<Issuer> {
        use std::sync::atomic::Ordering::Relaxed;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(issuer) = known.get(url) {
            issuer.used_at.store(now.as_microsecond(), Relaxed);
            return issuer.clone();
        }
        if ISSUERS <= known.len() {
            let oldest = known.values().min_by_key(|issuer| issuer.used_at.load(Relaxed));
            let oldest = oldest.map(|issuer| issuer.url.clone()).unwrap_or_default();
            known.remove(&oldest);
        }
        let issuer = Arc::new(Issuer {
            url: url.to_owned(),
            current: ArcSwapOption::empty(),
            last: tokio::sync::Mutex::default(),
            used_at: now.as_microsecond().into(),
        });
        known.insert(url.to_owned(), issuer.clone());
        issuer
    }
}

impl Issuer {
    /// Returns what is known, fetched again if it is old or does not suffice and the pause since the last time is
    /// over. Nobody waits who does not have to.
    async fn find(
        &self,
        issuers: &Issuers,
        now: Timestamp,
        suffices: impl Fn(&KeySet) -> bool,
    ) -> Result<Found, FederationError> {
        let good = || self.current.load_full().filter(|it| it.is_fresh(now) && suffices(&it.keys));
        if let Some(fetched) = good() {
            return Ok(Found { fetched, trouble: None });
        }
        let mut last = self.last.lock().await;
        // Whoever had the lock may have fetched it.
        if let Some(fetched) = good() {
            return Ok(Found { fetched, trouble: None });
        }
        if let Some(attempt) = last.as_ref().filter(|attempt| attempt.is_recent(now)) {
            return self.rest(attempt.trouble(&self.url), now);
        }
        *last = Some(Attempt { at: now, outcome: Outcome::Interrupted });
        let attempt = match Fetched::fetch(issuers, &self.url, now).await {
            Ok(fetched) => {
                self.current.store(Some(Arc::new(fetched)));
                Attempt { at: now, outcome: Outcome::Done }
            }
            Err(error) => {
                tracing::warn!(issuer = %self.url, "The keys of an issuer could not be fetched: {error}");
                Attempt { at: now, outcome: Outcome::Failed(error) }
            }
        };
        let trouble = attempt.trouble(&self.url);
        *last = Some(attempt);
        self.rest(trouble, now)
    }

    /// What is left when nothing more is fetched: what is there, if it is not too old.
    fn rest(&self, trouble: Option<FederationError>, now: Timestamp) -> Result<Found, FederationError> {
        match self.current.load_full().filter(|fetched| fetched.is_usable(now)) {
            Some(fetched) => Ok(Found { fetched, trouble }),
            None => Err(trouble.unwrap_or_else(|| FederationError::busy(&self.url))),
        }
    }
}

impl Fetched {
    async fn fetch(issuers: &Issuers, issuer: &str, now: Timestamp) -> Result<Self, FederationError> {
        let Issuers { egress, time_limit, .. } = issuers;
        let fetch = async {
            let discovery = Discovery::fetch(egress, issuer).await?;
            let (keys, fresh_for) = KeySet::fetch(egress, issuer, &discovery.jwks_uri).await?;
            Ok(Self { discovery: Arc::new(discovery), keys, at: now, fresh_for })
        };
        match timeout(*time_limit, fetch).await {
            Ok(fetched) => fetched,
            Err(_) => Err(FederationError::slow(issuer, *time_limit)),
        }
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.at);
        !age.is_negative() && age < self.fresh_for
    }

    fn is_usable(&self, now: Timestamp) -> bool {
        now.duration_since(self.at).abs() < USABLE
    }
}

impl Attempt {
    fn is_recent(&self, now: Timestamp) -> bool {
        let pause = match self.outcome {
            Outcome::Interrupted => INTERRUPTION_PAUSE,
            Outcome::Failed(_) => FAILURE_PAUSE,
            Outcome::Done => REFETCH_PAUSE,
        };
        let since = now.duration_since(self.at);
        // A clock that was set back is no reason to wait for it.
        !since.is_negative() && since < pause
    }

    fn trouble(&self, issuer: &str) -> Option<FederationError> {
        match &self.outcome {
            Outcome::Interrupted => Some(FederationError::busy(issuer)),
            Outcome::Failed(error) => Some(error.clone()),
            Outcome::Done => None,
        }
    }
}
