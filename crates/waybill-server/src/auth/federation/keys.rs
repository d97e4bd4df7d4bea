//! The keys that an issuer has published (RFC 7517), and which of them a token was signed with.
//!
//! A key is used for one thing alone: its kind and curve, its `alg`, its `use` and its `key_ops` must all allow the
//! algorithm that a token names. Keys of kinds that are not known here are passed over, as the RFC wants it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use url::Url;

use super::{
    FederationError, NotProven,
    error::quoted,
    max_age,
    token::{self, Token},
};
use crate::{egress::Egress, limits};

/// All keys of an issuer.
#[derive(Debug)]
pub(super) struct KeySet {
    keys: Vec<Key>,
}

/// One key.
#[derive(Debug)]
pub(super) struct Key {
    id: Option<String>,
    kind: Kind,
    /// The only algorithm that it may be used with, if it says so.
    algorithm: Option<String>,
    is_for_signatures: bool,
    public: Result<DecodingKey, &'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

/// Shorter moduli can be factored by whoever has enough machines (NIST SP 800-131A).
const RSA_BITS: usize = 2048;
/// Longer ones take longer than a signature is worth; no issuer has them.
const RSA_MOST_BITS: usize = 4096;
const RSA_EXPONENT_BYTES: usize = 4;

impl KeySet {
    pub(super) async fn fetch(
        egress: &Egress,
        issuer: &str,
        address: &Url,
    ) -> Result<(Self, SignedDuration), FederationError> {
        let document = egress.document(address, limits::KEY_SET_BYTES).await;
        let document = document.map_err(|error| FederationError::egress(issuer, &error))?;
        let keys = Self::read(&document.value)
            .map_err(|reason| FederationError::unavailable(issuer, format!("its key set {reason}")))?;
        Ok((keys, max_age::of(&document.headers)))
    }

    fn read(document: &Value) -> Result<Self, String> {
        let keys = document["keys"].as_array().ok_or("has no list `keys`")?;
        if limits::KEYS < keys.len() {
            return Err(format!("has {} keys, more than {}", keys.len(), limits::KEYS));
        }
        Ok(Self { keys: keys.iter().filter_map(Key::read).collect() })
    }

    /// True when fetching again would not help this token: the key it names is there.
    pub(super) fn has(&self, token: &Token) -> bool {
        !matches!(self.find(token), Err(NotProven::Key { .. }))
    }

    /// Returns the key that a token names, or the only one that fits when it names none.
    pub(super) fn find(&self, token: &Token) -> Result<&Key, NotProven> {
        let name = || token.key.as_deref().map_or("that fits".to_owned(), quoted);
        let named: Vec<&Key> =
            self.keys.iter().filter(|key| token.key.is_none() || key.id == token.key).collect();
        let mut fitting = named.iter().filter(|key| key.fits(token.algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(NotProven::Ambiguous),
            (None, _) if token.key.is_some() && !named.is_empty() => {
                Err(NotProven::OtherUse { name: name(), algorithm: token::name(token.algorithm).to_owned() })
            }
            (None, _) => Err(NotProven::Key { name: name() }),
        }
    }
}

impl Key {
    /// Returns the public key, or why it must not be used.
    pub(super) fn public(&self) -> Result<&DecodingKey, &'static str> {
        self.public.as_ref().map_err(|reason| *reason)
    }

    /// Its name, for people.
    pub(super) fn shown(&self) -> String {
        self.id.as_deref().map_or("without a name".to_owned(), quoted)
    }

    fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str();
        let (kind, public) = match (text("kty")?, text("crv")) {
            ("RSA", _) => (Kind::Rsa, rsa(&bytes(value, "n")?, &bytes(value, "e")?)),
            ("EC", Some("P-256")) => (Kind::P256, point(value, 32)),
            ("EC", Some("P-384")) => (Kind::P384, point(value, 48)),
            ("OKP", Some("Ed25519")) => (Kind::Ed25519, edwards(value)),
            _ => return None,
        };
        let operations = value["key_ops"].as_array();
        let may_verify = operations.is_none_or(|all| all.iter().any(|operation| operation == "verify"));
        Some(Self {
            id: text("kid").map(str::to_owned),
            kind,
            algorithm: text("alg").map(str::to_owned),
            is_for_signatures: text("use").is_none_or(|it| it == "sig") && may_verify,
            public,
        })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
        let kind = match algorithm {
            RS256 | RS384 | RS512 | PS256 | PS384 | PS512 => Kind::Rsa,
            ES256 => Kind::P256,
            ES384 => Kind::P384,
            EdDSA => Kind::Ed25519,
            _ => return false,
        };
        let named = self.algorithm.as_deref();
        self.is_for_signatures
            && self.kind == kind
            && named.is_none_or(|named| named == token::name(algorithm) || is_newer_name(named, algorithm))
    }
}

/// RFC 9864 gives `EdDSA` with this curve a name of its own, which key sets may use already.
fn is_newer_name(name: &str, algorithm: Algorithm) -> bool {
    algorithm == Algorithm::EdDSA && name == "Ed25519"
}

fn bytes(value: &Value, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(value[name].as_str()?).ok()
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<DecodingKey, &'static str> {
    let trimmed = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        bytes[zeros..].to_vec()
    };
    let (modulus, exponent) = (trimmed(modulus), trimmed(exponent));
    let n_bits = modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize);
    if n_bits < RSA_BITS {
        return Err("it is an RSA key of less than 2048 bits");
    }
    if RSA_MOST_BITS < n_bits {
        return Err("it is an RSA key of more than 4096 bits");
    }
    let is_odd = exponent.last().is_some_and(|last| last & 1 == 1);
    if !is_odd || exponent == [1] || RSA_EXPONENT_BYTES < exponent.len() {
        return Err("its RSA exponent is unusual");
    }
    Ok(DecodingKey::from_rsa_raw_components(&modulus, &exponent))
}

fn point(value: &Value, size: usize) -> Result<DecodingKey, &'static str> {
    const WRONG: &str = "it is not a point of its curve";
    let coordinate = |name| bytes(value, name).filter(|bytes| bytes.len() == size).ok_or(WRONG);
    let (x, y) = (coordinate("x")?, coordinate("y")?);
    DecodingKey::from_ec_components(&URL_SAFE_NO_PAD.encode(x), &URL_SAFE_NO_PAD.encode(y)).map_err(|_| WRONG)
}

fn edwards(value: &Value) -> Result<DecodingKey, &'static str> {
    let x = bytes(value, "x").filter(|bytes| bytes.len() == 32).ok_or("it is not a point of its curve")?;
    Ok(DecodingKey::from_ed_der(&x))
}
