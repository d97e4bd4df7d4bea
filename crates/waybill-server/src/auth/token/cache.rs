//! Tokens that were verified, so that each is verified once and not with every request.
//!
//! Only tokens with a good signature get in, so nobody can fill it with noise.
//! It says nothing about rights: whether principal and key still exist is asked in every transaction.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use jiff::Timestamp;

use super::Verified;

/// Verified tokens by their text.
///
/// The text itself is the key, not a digest of it: hashing 450 bytes with SHA-256 costs more than everything else
/// here, and the map's own hash is keyed, so looking one up tells nothing about the others.
pub(super) struct Cache {
    shards: [RwLock<HashMap<Box<str>, Verified>>; SHARDS],
}

/// Requests of several threads seldom meet in one shard.
const SHARDS: usize = 8;

/// With about 700 bytes each, all of them take 11 MiB.
const SHARD_TOKENS: usize = 2048;

impl Cache {
    pub(super) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| RwLock::default()) }
    }

    /// The caller behind a token that was verified before and still runs.
    pub(super) fn get(&self, token: &str, now: Timestamp) -> Option<Verified> {
        let shard = self.shard(token).read().unwrap_or_else(PoisonError::into_inner);
        shard.get(token).filter(|verified| now < verified.expires_at).cloned()
    }

    pub(super) fn insert(&self, token: &str, verified: Verified, now: Timestamp) {
        let mut shard = self.shard(token).write().unwrap_or_else(PoisonError::into_inner);
        if SHARD_TOKENS <= shard.len() {
            shard.retain(|_, verified| now < verified.expires_at);
        }
        if SHARD_TOKENS <= shard.len() {
            // So many at once is not ordinary use. Verifying some of them again is cheaper than an order of age.
            shard.clear();
        }
        shard.insert(token.into(), verified);
    }

    /// Forgets all tokens, because a key may have gone.
    pub(super) fn clear(&self) {
        for shard in &self.shards {
            shard.write().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// By a character from the middle of the signature, all of whose bits are as good as random.
    fn shard(&self, token: &str) -> &RwLock<HashMap<Box<str>, Verified>> {
        let bytes = token.as_bytes();
        let character = bytes.len().checked_sub(20).and_then(|at| bytes.get(at)).copied().unwrap_or_default();
        &self.shards[usize::from(character) % SHARDS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Caller;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn verified(expires_at: i64) -> Verified {
        let caller = Caller { principal: "p".to_owned(), credential: "c".to_owned() };
        Verified { caller, expires_at: second(expires_at) }
    }

    #[test]
    fn a_token_is_known_until_it_expires() {
        let cache = Cache::new();
        cache.insert("token", verified(10), second(0));
        assert!(cache.get("token", second(9)).is_some());
        assert!(cache.get("token", second(10)).is_none());
        assert!(cache.get("Token", second(9)).is_none());
        cache.clear();
        assert!(cache.get("token", second(9)).is_none());
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let cache = Cache::new();
        // Too short to have a shard of their own: all meet in one.
        for number in 0..SHARD_TOKENS {
            cache.insert(&number.to_string(), verified(if number % 2 == 0 { 10 } else { 20 }), second(0));
        }
        cache.insert("a", verified(20), second(15));
        assert!(cache.get("1", second(15)).is_some(), "the expired ones went first");
        for number in 0..SHARD_TOKENS {
            cache.insert(&format!("x{number}"), verified(20), second(15));
        }
        let held: usize = cache.shards.iter().map(|shard| shard.read().expect("not poisoned").len()).sum();
        assert!(held <= SHARD_TOKENS);
    }
}
