//! The keys that sign tokens: Ed25519, in the store, shared by all servers of an installation.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, jwk::Jwk};
use thiserror::Error;
use waybill_model::ids::Uid;
use waybill_store::{SigningKey, Tx};

use crate::clock::Ids;

/// The keys of one reading of the store. Never empty.
pub(super) struct Keys {
    newest_first: Vec<Key>,
}

/// A key that signs and verifies.
pub(super) struct Key {
    /// Its name in a token's header.
    pub(super) id: String,
    pub(super) sign: EncodingKey,
    pub(super) verify: DecodingKey,
    created_at: Timestamp,
}

/// A key that is not in the store yet.
#[derive(Clone)]
pub struct NewKey {
    id: Uid,
    pkcs8: [u8; PKCS8_PREFIX.len() + SEED_BYTES],
}

/// Why tokens can neither be signed nor verified.
#[derive(Debug, Error)]
pub enum KeysError {
    #[error("{0}")]
    Store(#[from] waybill_store::Error),
    #[error("the store has no key to sign tokens with")]
    None,
    #[error("the signing key {id} in the store is damaged: {reason}")]
    Damaged { id: String, reason: String },
    #[error("signing a token: {0}")]
    Sign(#[source] jsonwebtoken::errors::Error),
}

/// What the store calls these keys.
const PURPOSE: &str = "token-signing";

/// A key is announced before it signs. By the time the first token with it arrives anywhere, every server is allowed
/// to read the keys again (see `READ_PAUSE`), even if somebody plays with unknown keys; the rest is for clocks that
/// differ.
const ANNOUNCED: SignedDuration = SignedDuration::from_mins(1);

/// How long a key is kept after another has taken its place: a server signs with it for up to `READ_AGE` more,
/// the last token lives an hour, and clocks differ.
const KEPT: SignedDuration = SignedDuration::from_hours(2);

const SEED_BYTES: usize = 32;

/// Everything of an Ed25519 private key in PKCS#8 (RFC 8410) but the 32 bytes that are secret.
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

impl Keys {
    pub(super) fn read(tx: &mut Tx<'_>) -> Result<Self, KeysError> {
        Self::new(tx.secrets(PURPOSE)?)
    }

    fn new(stored: Vec<SigningKey>) -> Result<Self, KeysError> {
        if stored.is_empty() {
            return Err(KeysError::None);
        }
        let newest_first = stored.into_iter().map(Key::new).collect::<Result<_, _>>()?;
        Ok(Self { newest_first })
    }

    pub(super) fn find(&self, id: &str) -> Option<&Key> {
        self.newest_first.iter().find(|key| key.id == id)
    }

    /// The newest key that was announced long enough; in the first minute of an installation its first.
    pub(super) fn signing(&self, now: Timestamp) -> Option<&Key> {
        let is_announced = |key: &&Key| key.signs_from() <= now;
        self.newest_first.iter().find(is_announced).or(self.newest_first.last())
    }

    /// True when every key of `other` is still here.
    pub(super) fn has_all_of(&self, other: &Self) -> bool {
        other.newest_first.iter().all(|key| self.find(&key.id).is_some())
    }

    /// When the newest key was made.
    pub(super) fn newest(&self) -> Timestamp {
        self.newest_first.first().map_or(Timestamp::UNIX_EPOCH, |key| key.created_at)
    }
}

impl Key {
    fn new(stored: SigningKey) -> Result<Self, KeysError> {
        let sign = EncodingKey::from_ed_der(&stored.value);
        let verify =
            Jwk::from_encoding_key(&sign, Algorithm::EdDSA).and_then(|jwk| DecodingKey::from_jwk(&jwk));
        match verify {
            Ok(verify) => Ok(Self { id: stored.uid, sign, verify, created_at: stored.created_at }),
            Err(error) => Err(KeysError::Damaged { id: stored.uid, reason: error.to_string() }),
        }
    }

    fn signs_from(&self) -> Timestamp {
        signs_from(self.created_at)
    }
}

fn signs_from(created_at: Timestamp) -> Timestamp {
    created_at.checked_add(ANNOUNCED).unwrap_or(Timestamp::MAX)
}

impl NewKey {
    pub fn generate(ids: &dyn Ids, now: Timestamp) -> Self {
        let mut pkcs8 = [0; PKCS8_PREFIX.len() + SEED_BYTES];
        let (prefix, seed) = pkcs8.split_at_mut(PKCS8_PREFIX.len());
        prefix.copy_from_slice(&PKCS8_PREFIX);
        ids.random(seed);
        Self { id: ids.uid(now), pkcs8 }
    }

    /// Stores the key if there is none at all.
    pub(crate) fn insert_first(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), waybill_store::Error> {
        if tx.secrets(PURPOSE)?.is_empty() {
            tx.insert_secret(PURPOSE, &self.id, &self.pkcs8, now)?;
        }
        Ok(())
    }

    /// Stores the key and forgets those that no living token can be signed with.
    pub(super) fn succeed(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), waybill_store::Error> {
        tx.insert_secret(PURPOSE, &self.id, &self.pkcs8, now)?;
        // A key has taken its predecessors' place when it signs; `KEPT` later they go.
        let long_ago = |created_at| signs_from(created_at).checked_add(KEPT).is_ok_and(|kept| kept < now);
        let successor = tx.secrets(PURPOSE)?.into_iter().map(|key| key.created_at).find(|&at| long_ago(at));
        if let Some(successor) = successor {
            tx.delete_secrets(PURPOSE, successor)?;
        }
        Ok(())
    }
}
