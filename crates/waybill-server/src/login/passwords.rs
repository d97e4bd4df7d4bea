//! Passwords of people: the rule for choosing one, and Argon2id.
//!
//! Hashing takes 19 MiB and some 20 ms, so it runs a few at a time on threads for such work. Whoever has no password
//! is compared with a hash that nothing matches: time does not tell who exists.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::{sync::Semaphore, time::timeout};
use waybill_api::error::Code;

use crate::api::error::ApiError;

/// Hashes and verifies, within bounds.
pub struct Passwords {
    places: Arc<Semaphore>,
}

/// Why a text cannot be somebody's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordError {
    #[error(
        "a password has {SHORTEST} to {LONGEST} characters, this one has {0}: a few words are a good one"
    )]
    Length(usize),
    #[error("the e-mail address is no password: everybody knows it")]
    Email,
}

/// Long enough that guessing against [`Throttle`](super::Throttle) is hopeless. No further rules: they make passwords
/// worse (NIST SP 800-63B).
const SHORTEST: usize = 12;
/// Longer than any sentence; bounds the work.
const LONGEST: usize = 256;

/// Of Argon2id, as OWASP recommends: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes at the same time: 57 MiB. Each takes a whole processor for its time.
const PLACES: usize = 3;

/// How long to wait for a place before it is fairer to say that there is none.
const PATIENCE: Duration = Duration::from_secs(10);

/// What whoever has no password is compared with: made with the same parameters, of no password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmU$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

pub const SALT_BYTES: usize = 16;

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(PLACES)) }
    }
}

/// Refuses what cannot be the password of whoever has that address.
pub fn check(password: &str, email: &str) -> Result<(), PasswordError> {
    // A text of any length is not counted to find that it is too long.
    let characters = password.chars().take(LONGEST + 1).count();
    if !(SHORTEST..=LONGEST).contains(&characters) {
        return Err(PasswordError::Length(password.chars().count()));
    }
    if password.trim().to_lowercase() == email { Err(PasswordError::Email) } else { Ok(()) }
}

impl Passwords {
    /// Returns what the store keeps of a password, in PHC form.
    pub async fn hash(&self, password: SecretString, salt: [u8; SALT_BYTES]) -> Result<String, ApiError> {
        self.run(move || argon2().hash_password_with_salt(password.expose_secret().as_bytes(), &salt))
            .await?
            .map(|hash| hash.to_string())
            .map_err(|error| ApiError::internal(format!("hashing a password: {error}")))
    }

    /// Compares a password with what the store keeps. The work is the same for somebody who has none.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<bool, ApiError> {
        let has_password = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.to_owned());
        // What nobody can have chosen is no reason to hash megabytes.
        let is_possible = password.expose_secret().chars().take(LONGEST + 1).count() <= LONGEST;
        let password = if is_possible { password } else { SecretString::default() };
        let verified = self
            .run(move || argon2().verify_password(password.expose_secret().as_bytes(), stored.as_str()))
            .await?;
        match verified {
            Ok(()) => Ok(has_password && is_possible),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(ApiError::internal(format!("a stored password hash: {error}"))),
        }
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let busy =
            || ApiError::new(Code::Unavailable, "too many people log in at once: try again in a moment");
        let place = timeout(PATIENCE, self.places.clone().acquire_owned()).await.map_err(|_| busy())?;
        let place = place.map_err(|_| busy())?;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.map_err(|error| ApiError::internal(format!("hashing a password: {error}")))
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are constants");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    #[test]
    fn a_password_is_long_and_not_the_address() {
        let check = |password: &str| check(password, "ada.lovelace@example.com");
        assert_eq!(check("correct horse battery staple"), Ok(()));
        assert_eq!(check("ünïcödé 密码密码"), Ok(()), "characters count, not bytes");
        assert_eq!(check(&"x".repeat(256)), Ok(()));
        assert_eq!(check("elevenchars"), Err(PasswordError::Length(11)));
        assert_eq!(check(""), Err(PasswordError::Length(0)));
        assert_eq!(check(&"é".repeat(257)), Err(PasswordError::Length(257)));
        assert_eq!(check(" Ada.Lovelace@example.com"), Err(PasswordError::Email));
    }

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".into(), [7; SALT_BYTES]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = |password: &str, stored: Option<&str>| {
            let (password, stored) = (password.into(), stored.map(str::to_owned));
            let passwords = &passwords;
            async move { passwords.verify(password, stored).await.unwrap() }
        };
        assert!(verify("correct horse", Some(&hash)).await);
        for other in ["Correct horse", "correct horse ", "", &"x".repeat(300)] {
            assert!(!verify(other, Some(&hash)).await, "{other}");
        }
        assert!(!verify("correct horse", None).await);
        assert!(!verify("", None).await);
        let other = passwords.hash("correct horse".into(), [8; SALT_BYTES]).await.unwrap();
        assert_ne!(hash, other, "salted");
        assert!(passwords.verify("x".into(), Some("plain".to_owned())).await.is_err());
    }

    #[test]
    fn nobody_costs_what_everybody_does() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let ours = argon2().hash_password_with_salt(b"x", &[0; SALT_BYTES]).unwrap();
        assert_eq!(
            (nobody.algorithm, nobody.version, &nobody.params),
            (ours.algorithm, ours.version, &ours.params)
        );
        assert_eq!(nobody.hash.map(|hash| hash.len()), ours.hash.map(|hash| hash.len()));
    }
}
