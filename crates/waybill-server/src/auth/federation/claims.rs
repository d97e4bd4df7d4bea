//! What the claims of a token must say: who, for whom, and when.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{
    Claims, NotAcceptable, NotProven,
    error::{quoted, shown},
};

/// Clocks of issuers and of registries differ by so much, in either direction.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// The longest-lived tokens of machines are Azure's and EKS's, a day and five minutes.
const LIFETIME: SignedDuration = SignedDuration::from_hours(25);
/// Audiences of a token that a message names.
const SHOWN: usize = 3;

/// Checks that a token says of itself to be of an issuer: a token of another is not worth fetching keys for.
pub(super) fn check_issuer(claims: &Claims, issuer: &str) -> Result<(), NotProven> {
    let found = claims.get("iss").and_then(Value::as_str).unwrap_or("");
    if found == issuer {
        return Ok(());
    }
    let found = if found.is_empty() { "no name".to_owned() } else { quoted(found) };
    Err(NotProven::Issuer { found, expected: quoted(issuer) })
}

/// Checks time and audience.
pub(super) fn check(claims: &Claims, audiences: &[&str], now: Timestamp) -> Result<(), NotAcceptable> {
    let expires_at = time(claims, "exp")?.ok_or(NotAcceptable::Missing("`exp`, the time when it ends"))?;
    if expires_at.saturating_add(SKEW).unwrap_or(Timestamp::MAX) <= now {
        return Err(NotAcceptable::Expired { at: expires_at });
    }
    let soon = now.saturating_add(SKEW).unwrap_or(Timestamp::MAX);
    let (not_before, issued_at) = (time(claims, "nbf")?, time(claims, "iat")?);
    if let Some(at) = not_before.into_iter().chain(issued_at).find(|at| soon < *at) {
        return Err(NotAcceptable::Early { at });
    }
    let lifetime = expires_at.duration_since(issued_at.or(not_before).unwrap_or(now));
    if LIFETIME < lifetime {
        return Err(NotAcceptable::Lifetime { hours: lifetime.as_hours(), limit: LIFETIME.as_hours() });
    }
    check_audience(claims, audiences)
}

fn check_audience(claims: &Claims, audiences: &[&str]) -> Result<(), NotAcceptable> {
    const LIST: NotAcceptable = NotAcceptable::Malformed("`aud`", "a text or a list of texts is expected");
    let found: Vec<&str> = match claims.get("aud") {
        None | Some(Value::Null) => {
            return Err(NotAcceptable::Missing("`aud`, the audience it is meant for"));
        }
        Some(Value::String(audience)) => vec![audience],
        Some(Value::Array(list)) => list.iter().map(Value::as_str).collect::<Option<_>>().ok_or(LIST)?,
        Some(_) => return Err(LIST),
    };
    if found.iter().any(|audience| audiences.contains(audience)) {
        return Ok(());
    }
    Err(NotAcceptable::Audience { found: several(&found), expected: several(audiences) })
}

/// A time in seconds since 1970, which may have a fraction (RFC 7519).
fn time(claims: &Claims, name: &'static str) -> Result<Option<Timestamp>, NotAcceptable> {
    const WRONG: &str = "seconds since 1970 are expected";
    let quoted = match name {
        "exp" => "`exp`",
        "nbf" => "`nbf`",
        _ => "`iat`",
    };
    let wrong = || NotAcceptable::Malformed(quoted, WRONG);
    let number = match claims.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number,
        Some(_) => return Err(wrong()),
    };
    if let Some(seconds) = number.as_i64() {
        return Timestamp::from_second(seconds).map(Some).map_err(|_| wrong());
    }
    let seconds = number.as_f64().ok_or_else(wrong)?;
    let since = SignedDuration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
    Timestamp::from_duration(since).map(Some).map_err(|_| wrong())
}

fn several(audiences: &[&str]) -> String {
    let mut names: Vec<String> = audiences.iter().take(SHOWN).map(|audience| quoted(audience)).collect();
    if SHOWN < audiences.len() {
        names.push("…".to_owned());
    }
    if names.is_empty() { shown("nobody") } else { names.join(" or ") }
}
