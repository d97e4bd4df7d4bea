//! Why a token of another issuer does not count. No message repeats a token.

use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use crate::egress::EgressError;

/// Why there are no claims.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FederationError {
    /// Somebody has to change the configuration.
    #[error("`{issuer}` cannot be an issuer of tokens: {reason}")]
    Issuer { issuer: String, reason: String },
    /// The issuer could not be asked, or says something that cannot be used. `reason` may name addresses that only
    /// the operator should see.
    #[error("issuer {issuer} cannot be used now: {reason}")]
    Unavailable { issuer: String, reason: String },
    /// Anybody could have made this.
    #[error("{0}")]
    NotProven(NotProven),
    /// The issuer has signed it, for somebody else or another time.
    #[error("{0}")]
    NotAcceptable(NotAcceptable),
}

/// Why it is not shown that an issuer has signed a token.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotProven {
    #[error("the token has {bytes} bytes, more than {limit}; tokens of issuers are shorter")]
    Size { bytes: usize, limit: usize },
    #[error(
        "this is no token: three parts of base64url with dots between are expected; check where it was taken from"
    )]
    Form,
    #[error("the token's {part} cannot be read: {reason}")]
    Part { part: &'static str, reason: String },
    #[error(
        "the token is signed with {0}; issuers must use RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA"
    )]
    Algorithm(String),
    #[error("the token has critical header members ({0}), which are not understood here")]
    Critical(String),
    #[error(
        "the token is of issuer {found}, not of {expected}; compare the configured issuer to the letter, slashes included"
    )]
    Issuer { found: String, expected: String },
    #[error(
        "the issuer has published no key {name} for this token; it was signed by somebody else, or with a key that is gone"
    )]
    Key { name: String },
    #[error("the issuer's key {name} is not for {algorithm}")]
    OtherUse { name: String, algorithm: String },
    #[error("the issuer's key {name} cannot be used: {reason}")]
    Weak { name: String, reason: &'static str },
    #[error("the issuer has several keys that fit, and the token does not say which: it needs a `kid`")]
    Ambiguous,
    #[error("the token's signature is not that of the issuer's key {name}")]
    Signature { name: String },
}

/// Why a token that an issuer has signed is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotAcceptable {
    #[error("the token has no {0}, which is required")]
    Missing(&'static str),
    #[error("the token's {0} is not what it must be: {1}")]
    Malformed(&'static str, &'static str),
    #[error(
        "the token expired at {at}: get a new one, and if that is no help, compare the clocks of issuer and registry"
    )]
    Expired { at: Timestamp },
    #[error("the token counts from {at}, which is in the future: compare the clocks of issuer and registry")]
    Early { at: Timestamp },
    #[error(
        "the token lives for {hours} hours, more than {limit}: let the issuer make it for a shorter time"
    )]
    Lifetime { hours: i64, limit: i64 },
    #[error(
        "the token is meant for {found}, not for {expected}: ask the issuer for that audience, or allow the other"
    )]
    Audience { found: String, expected: String },
}

impl FederationError {
    pub(super) fn issuer(issuer: &str, reason: impl Into<String>) -> Self {
        Self::Issuer { issuer: shown(issuer), reason: reason.into() }
    }

    pub(super) fn unavailable(issuer: &str, reason: impl Into<String>) -> Self {
        Self::Unavailable { issuer: shown(issuer), reason: reason.into() }
    }

    pub(super) fn egress(issuer: &str, error: &EgressError) -> Self {
        Self::unavailable(issuer, error.to_string())
    }

    pub(super) fn busy(issuer: &str) -> Self {
        Self::unavailable(issuer, "its keys are being fetched; try again in a moment")
    }

    pub(super) fn slow(issuer: &str, limit: Duration) -> Self {
        let limit = limit.as_secs_f32();
        Self::unavailable(issuer, format!("its configuration and keys did not arrive within {limit} s"))
    }
}

impl From<NotProven> for FederationError {
    fn from(fault: NotProven) -> Self {
        Self::NotProven(fault)
    }
}

impl From<NotAcceptable> for FederationError {
    fn from(fault: NotAcceptable) -> Self {
        Self::NotAcceptable(fault)
    }
}

/// What somebody else wrote, short and in one line.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 256;
    let safe = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut short: String = text.chars().take(LONGEST).map(safe).collect();
    if short.len() < text.len() && LONGEST < text.chars().count() {
        short.push('…');
    }
    short
}

/// Like [`shown`], in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", shown(text))
}
