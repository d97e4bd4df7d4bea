//! Access tokens: JWTs that this installation signs and that any of its servers can judge by itself.
//!
//! A token names its issuer (the installation), its audience (the API that clients of HCP know), the principal, what it
//! was got with (a key, a workload identity provider or a session), and its end an hour later.
//! It survives restarts and the rotation of signing keys, because clients keep tokens on disk and do not ask for
//! another when one is refused.
//!
//! It can be revoked nevertheless: every transaction on behalf of a caller begins with the question whether the
//! principal and that credential still exist (see [`Scope::enter`](super::Scope::enter)).
//!
//! One algorithm is accepted, `EdDSA` with the installation's own keys: a token that names another is refused unread.

mod cache;
mod keys;
#[cfg(test)]
mod tests;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, Header, Validation, errors::ErrorKind};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use waybill_model::ids::Uid;
use waybill_store::Store;

pub use keys::{KeysError, NewKey};

use self::{cache::Cache, keys::Keys};
use super::Caller;
use crate::{api::error::ApiError, clock::Ids};

/// Signs and verifies the tokens of one installation.
pub struct Tokens {
    issuer: String,
    validation: Validation,
    keys: ArcSwap<Keys>,
    /// When the keys were read last. Held while they are read, so that whoever needs them waits for that reading
    /// instead of being refused or reading them as well.
    read_at: Mutex<Timestamp>,
    cache: Cache,
}

/// A token to be made, for a principal whose credential was checked.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// Tells two tokens apart that are made for the same caller in the same second.
    pub id: Uid,
    pub principal: &'a str,
    pub credential: &'a str,
}

/// A fresh token.
pub struct Issued {
    pub token: SecretString,
    pub lifetime: SignedDuration,
}

/// Why a token is not accepted.
#[derive(Debug)]
pub enum Refusal {
    /// Not a JWT.
    Malformed,
    /// Of another server, or of keys that are long gone.
    Foreign,
    Expired(Timestamp),
    /// The keys could not be read.
    Keys(KeysError),
}

/// Whom a token stands for, and until when.
#[derive(Clone)]
struct Verified {
    caller: Caller,
    expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The principal.
    sub: String,
    /// The credential; RFC 9068 knows the claim by this name.
    client_id: String,
    #[serde(default)]
    jti: String,
    /// Seconds since 1970.
    iat: i64,
    exp: i64,
}

/// The audience that clients of HCP ask for.
const AUDIENCE: &str = "https://api.hashicorp.cloud";

/// Clients that cache tokens ask again shortly before the end; an hour is what they know from HCP.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// Our tokens have about 450 bytes; what is much longer is not looked at.
const TOKEN_BYTES: usize = 4096;

/// Unknown keys make a server read the store at most this often, whoever sends them.
const READ_PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// A server signs only with keys that it has read within this time: another server may have made a new one.
const READ_AGE: SignedDuration = SignedDuration::from_mins(10);

impl Tokens {
    /// Reads the keys, which must have been made before.
    pub async fn open(store: &Store, issuer: &str, now: Timestamp) -> Result<Self, KeysError> {
        let keys = store.read(Keys::read).await?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[AUDIENCE]);
        // Checked by the clock that we were given, without leeway.
        validation.validate_exp = false;
        Ok(Self {
            issuer: issuer.to_owned(),
            validation,
            keys: ArcSwap::from_pointee(keys),
            read_at: Mutex::new(now),
            cache: Cache::new(),
        })
    }

    /// Makes a token.
    pub async fn issue(
        &self,
        store: &Store,
        new: &NewToken<'_>,
        now: Timestamp,
    ) -> Result<Issued, KeysError> {
        self.read_if_older(store, READ_AGE, now).await?;
        let expires_at = now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX);
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: new.principal.to_owned(),
            client_id: new.credential.to_owned(),
            jti: new.id.to_string(),
            iat: now.as_second(),
            exp: expires_at.as_second(),
        };
        let keys = self.keys.load();
        let key = keys.signing(now).ok_or(KeysError::None)?;
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &claims, &key.sign).map_err(KeysError::Sign)?;
        Ok(Issued { token: token.into(), lifetime: LIFETIME })
    }

    /// Tells whom a token stands for. Costs next to nothing for a token that was seen before.
    pub async fn verify(&self, store: &Store, token: &str, now: Timestamp) -> Result<Caller, Refusal> {
        if let Some(known) = self.cache.get(token, now) {
            return Ok(known.caller);
        }
        let key_id = key_id(token)?;
        if self.keys.load().find(&key_id).is_none() {
            self.read_if_older(store, READ_PAUSE, now).await.map_err(Refusal::Keys)?;
        }
        let verified = self.check(token, &key_id)?;
        if verified.expires_at <= now {
            return Err(Refusal::Expired(verified.expires_at));
        }
        self.cache.insert(token, verified.clone(), now);
        Ok(verified.caller)
    }

    /// Makes a new signing key if the newest is at least that old, and forgets keys that no living token needs.
    ///
    /// Tells whether it made one. Tokens stay valid.
    pub async fn rotate(
        &self,
        store: &Store,
        ids: &dyn Ids,
        now: Timestamp,
        min_age: SignedDuration,
    ) -> Result<bool, KeysError> {
        let new = NewKey::generate(ids, now);
        let made = store
            .write(move |tx| {
                let is_due = min_age <= now.duration_since(Keys::read(tx)?.newest());
                if is_due {
                    new.succeed(tx, now)?;
                }
                Ok::<_, KeysError>(is_due)
            })
            .await?;
        self.read_if_older(store, SignedDuration::ZERO, now).await?;
        Ok(made)
    }

    /// Reads the keys again, unless that was done within `age`.
    async fn read_if_older(
        &self,
        store: &Store,
        age: SignedDuration,
        now: Timestamp,
    ) -> Result<(), KeysError> {
        let mut read_at = self.read_at.lock().await;
        let since = now.duration_since(*read_at);
        // A clock that was set back is no reason to wait for it.
        if !since.is_negative() && since < age {
            return Ok(());
        }
        // Failures count as well: a database in trouble is not asked for every unknown key.
        *read_at = now;
        let keys = store.read(Keys::read).await?;
        let has_all = keys.has_all_of(&self.keys.load());
        self.keys.store(keys.into());
        if !has_all {
            self.cache.clear();
        }
        Ok(())
    }

    /// Checks everything but the time.
    fn check(&self, token: &str, key_id: &str) -> Result<Verified, Refusal> {
        let keys = self.keys.load();
        let key = keys.find(key_id).ok_or(Refusal::Foreign)?;
        let claims = match jsonwebtoken::decode::<Claims>(token, &key.verify, &self.validation) {
            Ok(decoded) => decoded.claims,
            Err(error) if matches!(error.kind(), ErrorKind::InvalidToken) => return Err(Refusal::Malformed),
            Err(_) => return Err(Refusal::Foreign),
        };
        let expires_at = Timestamp::from_second(claims.exp).map_err(|_| Refusal::Malformed)?;
        Ok(Verified { caller: Caller { principal: claims.sub, credential: claims.client_id }, expires_at })
    }
}

/// Returns the name of the key in a token's header.
fn key_id(token: &str) -> Result<String, Refusal> {
    // A header is a JSON object: its base 64 begins like this.
    let is_jwt = token.starts_with("ey") && token.split('.').count() == 3;
    if !is_jwt {
        return Err(Refusal::Malformed);
    }
    if TOKEN_BYTES < token.len() {
        return Err(Refusal::Foreign);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::Foreign)?;
    if header.alg != Algorithm::EdDSA {
        return Err(Refusal::Foreign);
    }
    header.kid.ok_or(Refusal::Foreign)
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Malformed => Self::unauthenticated(
                "the access token is not one of this registry: get one from POST /oauth2/token with a client id \
                 and secret",
            ),
            Refusal::Foreign => Self::unauthenticated(
                "the access token is of another server, or of this one before its data was replaced; clients keep \
                 tokens by client id: delete ~/.config/hcp/creds-cache.json and try again",
            ),
            Refusal::Expired(at) => Self::unauthenticated(format!(
                "the access token expired at {at}: get a new one from POST /oauth2/token; if that happened on its \
                 own, compare the clocks of client and registry",
            )),
            Refusal::Keys(error) => error.into(),
        }
    }
}

impl From<KeysError> for ApiError {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Store(error) => error.into(),
            other => Self::internal(other.to_string()),
        }
    }
}
