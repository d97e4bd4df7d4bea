//! A token as it arrives: its parts, and then whether its signature is that of a key.
//!
//! What is read here is what anybody may write: until [`Token::verified`] it says nothing about its issuer.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::{Claims, NotProven, error::shown, keys::Key};
use crate::limits;

/// A token whose signature nobody has checked.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) algorithm: Algorithm,
    pub(super) key: Option<String>,
    pub(super) claims: Claims,
    /// Header and claims, as they were signed.
    signed: String,
    signature: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// What issuers may sign with. Invariant: no algorithm in here works with a secret that is shared, or with none, so
/// that a public key can never be taken for one.
const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// Returns the name of an algorithm in tokens and keys.
pub(super) fn name(algorithm: Algorithm) -> &'static str {
    ALGORITHMS.iter().find(|(_, other)| *other == algorithm).map_or("", |(name, _)| name)
}

impl Token {
    /// Takes a token apart.
    pub(super) fn read(text: &str) -> Result<Self, NotProven> {
        if limits::FOREIGN_TOKEN_BYTES < text.len() {
            return Err(NotProven::Size { bytes: text.len(), limit: limits::FOREIGN_TOKEN_BYTES });
        }
        let text = text.trim();
        let (signed, signature) = text.rsplit_once('.').ok_or(NotProven::Form)?;
        let (header, claims) = signed.split_once('.').ok_or(NotProven::Form)?;
        let is_base64 =
            |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if header.is_empty() || ![header, claims, signature].into_iter().all(is_base64) {
            return Err(NotProven::Form);
        }
        let Header { alg, kid, crit } = part("header", header)?;
        let found = ALGORITHMS.iter().find(|(name, _)| *name == alg);
        let Some(&(_, algorithm)) = found else { return Err(NotProven::Algorithm(shown(&alg))) };
        if let Some(crit) = crit {
            return Err(NotProven::Critical(shown(&crit.to_string())));
        }
        Ok(Self {
            algorithm,
            key: kid,
            claims: part("claims", claims)?,
            signed: signed.to_owned(),
            signature: signature.to_owned(),
        })
    }

    /// Returns the claims if that key has signed them.
    ///
    /// Some keys take a millisecond or more, which is why it happens where blocking is allowed.
    pub(super) async fn verified(self, key: &Key) -> Result<Claims, NotProven> {
        let Self { algorithm, claims, signed, signature, .. } = self;
        let public = key.public().map_err(|reason| NotProven::Weak { name: key.shown(), reason })?.clone();
        let checked = spawn_blocking(move || {
            jsonwebtoken::crypto::verify(&signature, signed.as_bytes(), &public, algorithm)
        });
        // An error is a signature that cannot be one of that key, by its length for example.
        match checked.await.expect("checking a signature does not panic") {
            Ok(true) => Ok(claims),
            Ok(false) | Err(_) => Err(NotProven::Signature { name: key.shown() }),
        }
    }
}

fn part<T: DeserializeOwned>(part: &'static str, text: &str) -> Result<T, NotProven> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| NotProven::Part { part, reason: "it is not base64url".to_owned() })?;
    // What serde says names places and kinds, not what stands there.
    serde_json::from_slice(&bytes).map_err(|error| NotProven::Part {
        part,
        reason: format!(
            "it is not the JSON that is expected ({:?}, column {})",
            error.classify(),
            error.column()
        ),
    })
}
