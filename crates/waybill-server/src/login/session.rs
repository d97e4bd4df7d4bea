//! Sessions of browsers: who is logged in, from a login to a logout.
//!
//! The cookie holds 256 random bits, the store their digest. A login always makes a new one, so that nobody can be
//! made to use a session that somebody else knows.

use axum::http::{HeaderMap, HeaderValue, Method, header::USER_AGENT, request::Parts};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest, Sha256};
use waybill_model::ids::Uid;
use waybill_store::{Login, NewSession, Session, SessionKind, Tx};

use super::{cookie, origin, seal::Purpose};
use crate::{
    api::error::ApiError,
    app::App,
    auth::{Caller, Signature, people},
    limits,
};

/// Somebody who is logged in, in this browser.
pub struct LoggedIn {
    pub session: Session,
    pub person: Login,
}

/// A working day, however busy.
pub const BROWSER_LIFETIME: SignedDuration = SignedDuration::from_hours(12);

/// The header in which a script proves that it can read what this registry answers.
const CSRF_HEADER: &str = "x-csrf-token";

/// What the store knows a secret by.
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// 256 random bits as text.
pub fn random_secret(app: &App) -> String {
    let mut random = [0; 32];
    app.ids.random(&mut random);
    BASE64_URL_SAFE_NO_PAD.encode(random)
}

/// Tells who is logged in.
pub async fn logged_in(app: &App, headers: &HeaderMap) -> Result<Option<LoggedIn>, ApiError> {
    let Some(secret) = cookie::read(headers, cookie::SESSION) else { return Ok(None) };
    let (digest, now) = (digest(secret), app.clock.now());
    app.store
        .read(move |tx| {
            let Some(session) = find(tx, &digest, now)? else { return Ok(None) };
            let person = tx.login(&session.principal_uid)?;
            Ok(person.map(|person| LoggedIn { session, person }))
        })
        .await
}

/// The session of a cookie's secret, unless its time is over.
fn find(tx: &mut Tx<'_>, digest: &[u8], now: Timestamp) -> Result<Option<Session>, ApiError> {
    let found = tx.session_by_digest(digest)?;
    Ok(found.filter(|session| session.kind == SessionKind::Browser && now < session.expires_at))
}

/// Tells who sends a request with a cookie; `None` without one.
///
/// What can change something must come from one of our own pages, and prove that it could read one.
pub async fn caller(app: &App, parts: &Parts) -> Result<Option<Caller>, ApiError> {
    let Some(secret) = cookie::read(&parts.headers, cookie::SESSION) else { return Ok(None) };
    let (digest, now) = (digest(secret), app.clock.now());
    let session = app.store.read(move |tx| find(tx, &digest, now)).await?.ok_or_else(|| {
        ApiError::unauthenticated("the session of this browser is over: log in again, at /login")
    })?;
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        origin::check(parts, &app.settings.public_url)?;
        let token = parts.headers.get(CSRF_HEADER).and_then(|token| token.to_str().ok()).unwrap_or_default();
        if !is_csrf_token(app, &session, token) {
            return Err(ApiError::denied(
                "with a cookie, a request that changes something needs the header `X-CSRF-Token`: its value is \
                 `csrf_token` of GET /api/v1/session",
            ));
        }
    }
    Ok(Some(Caller { principal: session.principal_uid, credential: session.uid }))
}

/// What forms and scripts of a session send along, to prove that they are ours.
pub fn csrf_token(app: &App, session: &Session) -> String {
    app.logins.seals.token(Purpose::Csrf, &session.uid)
}

pub fn is_csrf_token(app: &App, session: &Session, token: &str) -> bool {
    app.logins.seals.is_token(Purpose::Csrf, &session.uid, token)
}

/// A session of a browser that is about to begin; a session that the browser had ends then.
#[derive(Clone)]
pub struct NewBrowserSession {
    uid: Uid,
    secret: String,
    client: String,
    former: Option<Vec<u8>>,
    expires_at: Timestamp,
}

impl NewBrowserSession {
    pub fn prepare(app: &App, headers: &HeaderMap, now: Timestamp) -> Self {
        Self {
            uid: app.ids.uid(now),
            secret: random_secret(app),
            client: user_agent(headers),
            former: cookie::read(headers, cookie::SESSION).map(digest),
            expires_at: now.checked_add(BROWSER_LIFETIME).unwrap_or(Timestamp::MAX),
        }
    }

    /// What the browser keeps.
    pub fn cookie(&self) -> HeaderValue {
        cookie::set(cookie::SESSION, &self.secret, BROWSER_LIFETIME)
    }

    /// `how` says what the person was recognized by.
    pub fn insert(
        &self,
        tx: &mut Tx<'_>,
        person: &Login,
        how: &'static str,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let former = self.former.as_deref().map(|digest| tx.session_by_digest(digest)).transpose()?.flatten();
        if let Some(former) = former {
            tx.delete_session(&former.uid)?;
        }
        let new = NewSession {
            uid: self.uid.clone(),
            principal: person.principal,
            kind: SessionKind::Browser,
            digest: digest(&self.secret),
            client: self.client.clone(),
            expires_at: self.expires_at,
        };
        insert(tx, person, &new, how, now)
    }
}

/// Refuses what a session began that ended meanwhile, perhaps by a new password: whoever has somebody's cookie must not
/// get anything out of it that outlives that. Asked in the transaction that keeps what was begun.
pub(super) fn check_lasts(tx: &mut Tx<'_>, uid: &str) -> Result<(), ApiError> {
    match tx.session(uid)? {
        Some(_) => Ok(()),
        None => {
            Err(ApiError::unauthenticated("you are not logged in any more: start again from the program"))
        }
    }
}

/// Begins a session of somebody in a browser, unless they have another password by now; returns its cookie.
pub async fn begin(
    app: &App,
    headers: &HeaderMap,
    person: &Login,
    how: &'static str,
) -> Result<HeaderValue, ApiError> {
    let now = app.clock.now();
    let session = NewBrowserSession::prepare(app, headers, now);
    let (cookie, person) = (session.cookie(), person.clone());
    app.store
        .write(move |tx| {
            let is_as_before = |found: &Login| found.password_hash == person.password_hash;
            if !tx.login(&person.uid)?.is_some_and(|found| is_as_before(&found)) {
                return Err(ApiError::unauthenticated(
                    "your password was changed meanwhile: log in with the new one",
                ));
            }
            session.insert(tx, &person, how, now)
        })
        .await?;
    Ok(cookie)
}

/// Stores a session with its trace.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    person: &Login,
    new: &NewSession,
    how: &'static str,
    now: Timestamp,
) -> Result<(), ApiError> {
    tx.insert_session(new, now)?;
    let kind = match new.kind {
        SessionKind::Browser => "browser",
        SessionKind::Client => "client",
    };
    let detail = json!({ "session": new.uid.as_str(), "kind": kind, "client": new.client, "by": how });
    record(tx, person, "session.create", &detail.to_string(), now)
}

/// Ends a session of a person; tells whether there was one.
pub fn end(
    tx: &mut Tx<'_>,
    person: &Login,
    uid: &str,
    why: &'static str,
    now: Timestamp,
) -> Result<bool, ApiError> {
    if !tx.delete_session(uid)? {
        return Ok(false);
    }
    let detail = json!({ "session": uid, "why": why });
    record(tx, person, "session.delete", &detail.to_string(), now)?;
    Ok(true)
}

/// Writes down what a person did about their own login.
pub fn record(
    tx: &mut Tx<'_>,
    person: &Login,
    action: &'static str,
    detail: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    let resource = people::resource_name(&person.organization_uid, &person.uid);
    Signature::of_login(person).record(tx, person.organization, action, &resource, detail, now)
}

/// What a browser says it is, fit to be shown: printable ASCII of bounded length.
fn user_agent(headers: &HeaderMap) -> String {
    let bytes = headers.get(USER_AGENT).map_or(b"a browser".as_slice(), HeaderValue::as_bytes);
    let printable = |&byte: &u8| if byte == b' ' || byte.is_ascii_graphic() { char::from(byte) } else { '?' };
    bytes.iter().take(limits::SOURCE_CHANNEL_CHARACTERS).map(printable).collect()
}
