//! Programs get their tokens: for a code, for a device code, for the refresh token that they got before.
//!
//! Each exchange is one transaction: what was good is used up in it, or nothing happens. Only what is found to have
//! been copied has an effect although it is refused: the session that it belongs to ends.

use std::cmp::Ordering;

use axum::http::request::Parts;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use waybill_api::{
    platform::{Token, TokenRequest},
    secret::Secret,
};
use waybill_model::ids::Uid;
use waybill_store::{GrantKind, GrantState, Login, LoginGrant, NewSession, Session, SessionKind, Tx};

use super::{
    clients::Client,
    device::INTERVAL,
    refresh_token::RefreshToken,
    seal::Seals,
    session::{self, digest},
};
use crate::{
    api::{
        error::ApiError,
        platform::oauth::{Failure, bearer, needed, public_client},
    },
    app::App,
    request_log::RequestLog,
};

/// From a login in a program until the person must log in again.
pub const CLIENT_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long the refresh token before the newest is good: two processes share it, or an answer was lost.
const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// What programs are given is all that the person may do; the scopes are those that HCP's SDK asks for.
const SCOPE: &str = "openid offline_access";

/// What an exchange in a transaction comes to. It is kept in every case.
#[derive(Clone)]
enum Outcome {
    Session { session: String, principal: String, token: RefreshToken },
    Refused { word: &'static str, description: &'static str },
}

/// What chance contributes to a session.
#[derive(Clone)]
struct Chance {
    uid: Uid,
    secret: [u8; 32],
}

/// What is being exchanged, by which program, with which proof.
#[derive(Clone)]
struct Offer {
    digest: Vec<u8>,
    kind: GrantKind,
    client: &'static Client,
    redirect_uri: String,
    verifier: Option<String>,
}

/// Exchanges an authorization code (RFC 6749, section 4.1.3).
pub(crate) async fn code(app: &App, parts: &Parts, form: &TokenRequest) -> Result<Token, Failure> {
    let client = public_client(&parts.headers, form)?;
    let offer = Offer {
        digest: digest(needed(form.code.as_ref(), "code")?),
        kind: GrantKind::Code,
        client,
        redirect_uri: form.redirect_uri.clone().unwrap_or_default(),
        verifier: form.code_verifier.as_ref().map(|verifier| verifier.expose().to_owned()),
    };
    exchange(app, parts, offer).await
}

/// Exchanges a device code, once somebody has approved it (RFC 8628, section 3.4).
pub(crate) async fn device_code(app: &App, parts: &Parts, form: &TokenRequest) -> Result<Token, Failure> {
    let client = public_client(&parts.headers, form)?;
    let offer = Offer {
        digest: digest(needed(form.device_code.as_ref(), "device_code")?),
        kind: GrantKind::Device,
        client,
        redirect_uri: String::new(),
        verifier: None,
    };
    exchange(app, parts, offer).await
}

async fn exchange(app: &App, parts: &Parts, offer: Offer) -> Result<Token, Failure> {
    let now = app.clock.now();
    let mut secret = [0; 32];
    app.ids.random(&mut secret);
    let chance = Chance { uid: app.ids.uid(now), secret };
    let service = app.clone();
    let outcome = app.store.write(move |tx| redeem(tx, &service.logins.seals, &offer, &chance, now)).await?;
    finish(app, parts, outcome).await
}

/// Uses a grant up for a session.
fn redeem(
    tx: &mut Tx<'_>,
    seals: &Seals,
    offer: &Offer,
    chance: &Chance,
    now: Timestamp,
) -> Result<Outcome, ApiError> {
    let Some(grant) = tx.login_grant(&offer.digest)?.filter(|grant| grant.kind == offer.kind) else {
        return Ok(refused(
            "this code is not one of this registry, or its time is long over: start the login again",
        ));
    };
    if grant.client_id != offer.client.id {
        return Ok(refused("this code was given to another client"));
    }
    match grant.state {
        GrantState::Used => return end_of_used(tx, &grant, now),
        GrantState::Denied => {
            return Ok(Outcome::Refused {
                word: "access_denied",
                description: "the person did not allow it",
            });
        }
        GrantState::Pending if now < grant.expires_at => return wait(tx, &grant, now),
        _ => {}
    }
    if grant.expires_at <= now {
        let (word, description) = match grant.kind {
            GrantKind::Code => ("invalid_grant", "the time of this code is over: start the login again"),
            GrantKind::Device => ("expired_token", "nobody decided in time: start the login again"),
        };
        return Ok(Outcome::Refused { word, description });
    }
    if grant.redirect_uri != offer.redirect_uri {
        return Ok(refused("`redirect_uri` is another than the one that the code was sent to"));
    }
    if !is_proof(&grant.code_challenge, offer.verifier.as_deref()) {
        return Ok(refused("`code_verifier` is not what the login was begun with"));
    }
    let Some(person) = person(tx, grant.principal.as_ref().map(|(_, uid)| uid.as_str()))? else {
        return Ok(refused("the person who allowed it does not exist any more"));
    };
    let token = RefreshToken::first(seals, &chance.uid, chance.secret);
    let new = NewSession {
        uid: chance.uid.clone(),
        principal: person.principal,
        kind: SessionKind::Client,
        digest: digest(token.expose()),
        client: offer.client.id.to_owned(),
        expires_at: now.checked_add(CLIENT_LIFETIME).unwrap_or(Timestamp::MAX),
    };
    let how = match grant.kind {
        GrantKind::Code => "browser",
        GrantKind::Device => "device",
    };
    session::insert(tx, &person, &new, how, now)?;
    if !tx.use_login_grant(&grant, new.uid.as_str())? {
        return Err(ApiError::internal("a grant that was approved a moment ago is not"));
    }
    Ok(Outcome::Session { session: new.uid.to_string(), principal: person.uid, token })
}

/// A code that comes twice was copied: what it became ends (RFC 6749, section 4.1.2).
fn end_of_used(tx: &mut Tx<'_>, grant: &LoginGrant, now: Timestamp) -> Result<Outcome, ApiError> {
    let person = person(tx, grant.principal.as_ref().map(|(_, uid)| uid.as_str()))?;
    if let (Some(person), Some(uid)) = (person, &grant.session) {
        session::end(tx, &person, uid, "its code was used again", now)?;
    }
    Ok(refused("this code was used before, so the login that it became is over: start the login again"))
}

/// Nobody has decided. Who asks again too soon is told so.
fn wait(tx: &mut Tx<'_>, grant: &LoginGrant, now: Timestamp) -> Result<Outcome, ApiError> {
    tx.poll_login_grant(grant, now)?;
    let is_first = grant.polled_at == grant.created_at;
    let too_soon = !is_first && now.duration_since(grant.polled_at) < INTERVAL;
    let (word, description) = if too_soon {
        ("slow_down", "ask less often: wait 5 seconds more between two questions")
    } else {
        ("authorization_pending", "nobody has decided yet")
    };
    Ok(Outcome::Refused { word, description })
}

/// Whether a verifier is what a challenge was made of; without a challenge there is nothing to prove.
fn is_proof(challenge: &str, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        ("", None) => true,
        ("", Some(_)) | (_, None) => false,
        (challenge, Some(verifier)) => {
            let made = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
            made.as_bytes().ct_eq(challenge.as_bytes()).into()
        }
    }
}

/// Exchanges a refresh token for the next one and an access token (RFC 6749, section 6).
pub(crate) async fn refresh_token(app: &App, parts: &Parts, form: &TokenRequest) -> Result<Token, Failure> {
    let client = public_client(&parts.headers, form)?;
    let token = RefreshToken::read(&app.logins.seals, needed(form.refresh_token.as_ref(), "refresh_token")?)
        .ok_or_else(|| {
            Failure::refused("invalid_grant", "this is no refresh token of this registry: log in again")
        })?;
    let now = app.clock.now();
    let service = app.clone();
    let outcome = app.store.write(move |tx| refresh(tx, &service.logins.seals, client, &token, now)).await?;
    finish(app, parts, outcome).await
}

fn refresh(
    tx: &mut Tx<'_>,
    seals: &Seals,
    client: &Client,
    token: &RefreshToken,
    now: Timestamp,
) -> Result<Outcome, ApiError> {
    let over = || Ok(refused("this login is over: log in again"));
    let Some(session) = tx.session(&token.session())?.filter(|session| session.kind == SessionKind::Client)
    else {
        return over();
    };
    if session.client != client.id {
        return Ok(refused("this refresh token was given to another client"));
    }
    if session.expires_at <= now {
        return over();
    }
    let (used, next) = (digest(token.expose()), token.next(seals));
    let next_digest = digest(next.expose());
    match age(&session, &used, &next_digest, now) {
        Age::Newest => {
            if !tx.rotate_session(&session.uid, &used, &next_digest, now)? {
                return Err(ApiError::internal("a session changed within a transaction"));
            }
        }
        Age::JustReplaced => {}
        Age::Old => {
            if let Some(person) = person(tx, Some(&session.principal_uid))? {
                session::end(tx, &person, &session.uid, "an old refresh token was used", now)?;
            }
            return Ok(refused(
                "this refresh token was replaced long ago, so somebody has a copy: the login is over, log in again",
            ));
        }
    }
    Ok(Outcome::Session { session: session.uid, principal: session.principal_uid, token: next })
}

/// Which of a session's refresh tokens one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    Newest,
    JustReplaced,
    Old,
}

fn age(session: &Session, used: &[u8], next: &[u8], now: Timestamp) -> Age {
    let is_newest: bool = used.ct_eq(&session.digest).into();
    let is_previous = session.previous_digest.as_deref().is_some_and(|previous| used.ct_eq(previous).into());
    let leads_to_newest: bool = next.ct_eq(&session.digest).into();
    let within = now.duration_since(session.rotated_at).cmp(&GRACE) != Ordering::Greater;
    match (is_newest, is_previous && leads_to_newest && within) {
        (true, _) => Age::Newest,
        (false, true) => Age::JustReplaced,
        (false, false) => Age::Old,
    }
}

/// Makes the access token of a session.
async fn finish(app: &App, parts: &Parts, outcome: Outcome) -> Result<Token, Failure> {
    let (session, principal, token) = match outcome {
        Outcome::Session { session, principal, token } => (session, principal, token),
        Outcome::Refused { word, description } => return Err(Failure::refused(word, description)),
    };
    if let Some(log) = parts.extensions.get::<RequestLog>() {
        log.set_principal(principal.as_str());
    }
    let issued = app.issue(&principal, &session).await?;
    Ok(Token {
        refresh_token: Some(Secret::from(token.expose())),
        scope: Some(SCOPE.to_owned()),
        ..bearer(&issued)
    })
}

fn person(tx: &mut Tx<'_>, uid: Option<&str>) -> Result<Option<Login>, ApiError> {
    Ok(uid.map(|uid| tx.login(uid)).transpose()?.flatten())
}

const fn refused(description: &'static str) -> Outcome {
    Outcome::Refused { word: "invalid_grant", description }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    #[test]
    fn a_proof_is_what_the_challenge_was_made_of() {
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_proof(challenge, Some(verifier)));
        assert!(!is_proof(challenge, Some(challenge)), "the challenge itself is no proof");
        assert!(!is_proof(challenge, Some("")));
        assert!(!is_proof(challenge, None), "a client that began with a challenge ends with a proof");
        assert!(is_proof("", None));
        assert!(!is_proof("", Some(verifier)), "a proof of nothing: the challenge was taken away on the way");
    }
}
