//! One's own sessions, and the ways to log in.

use axum::{
    Json,
    extract::State,
    http::{
        HeaderName,
        header::{CACHE_CONTROL, SET_COOKIE},
    },
    response::{AppendHeaders, IntoResponse},
};
use waybill_api::own;
use waybill_store::{Session, SessionKind, Tx};

use super::principals::caller_of;
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::Route,
    },
    app::App,
    auth::{Caller, principals::Standing},
    login::{
        clients, cookie,
        session::{csrf_token, end},
    },
};

/// Tells which ways to log in there are
#[utoipa::path(
    get, path = super::LOGIN, operation_id = "GetLoginWays", tag = "sessions", security(()),
    responses((status = OK, description = "The ways", body = own::LoginWays)),
)]
pub(super) async fn ways(State(app): State<App>) -> Json<own::LoginWays> {
    let provider = app.logins.provider_name().map(|name| own::LoginProvider { name: name.to_owned() });
    Json(own::LoginWays { issuer: app.settings.public_url.clone(), password: true, provider })
}

/// Tells which session a request comes with
///
/// A service principal has none.
#[utoipa::path(
    get, path = super::SESSION, operation_id = "GetSession", tag = "sessions",
    responses((status = OK, description = "The session", body = own::CurrentSession)),
)]
pub(super) async fn current(
    State(app): State<App>,
    caller: Caller,
) -> Result<([(HeaderName, &'static str); 1], Json<own::CurrentSession>), ApiError> {
    let (session, principal) = app
        .store
        .read(move |tx| {
            let standing = Standing::of(tx, &caller)?;
            Ok::<_, ApiError>((find_current(tx, &standing)?, standing.principal))
        })
        .await?;
    let csrf_token =
        (session.kind == SessionKind::Browser).then(|| csrf_token(&app, &session).as_str().into());
    let session = own::CurrentSession {
        kind: wire_kind(session.kind),
        client: client(&session),
        created_at: session.created_at.into(),
        expires_at: session.expires_at.into(),
        id: session.uid,
        principal: caller_of(principal),
        csrf_token,
    };
    Ok(([(CACHE_CONTROL, "no-store")], Json(session)))
}

/// Logs out: the session that a request comes with ends
///
/// Its tokens and its cookie are refused from now on.
#[utoipa::path(
    delete, path = super::SESSION, operation_id = "EndCurrentSession", tag = "sessions",
    responses((status = OK, description = "It is over", body = own::EndSessionResponse)),
)]
pub(super) async fn logout(State(app): State<App>, caller: Caller) -> Result<impl IntoResponse, ApiError> {
    let now = app.clock.now();
    let session = app
        .store
        .write(move |tx| {
            let standing = Standing::of(tx, &caller)?;
            let session = find_current(tx, &standing)?;
            if let Some(person) = tx.login(&session.principal_uid)? {
                end(tx, &person, &session.uid, "logout", now)?;
            }
            Ok::<_, ApiError>(session)
        })
        .await?;
    let cookie =
        (session.kind == SessionKind::Browser).then(|| (SET_COOKIE, cookie::remove(cookie::SESSION)));
    Ok((AppendHeaders(cookie), Json(own::EndSessionResponse {})))
}

/// Lists one's own sessions
#[utoipa::path(
    get, path = super::SESSIONS, operation_id = "ListSessions", tag = "sessions",
    responses((status = OK, description = "Those that have not expired", body = own::ListSessionsResponse)),
)]
pub(super) async fn list(State(app): State<App>, caller: Caller) -> ApiResult<own::ListSessionsResponse> {
    let now = app.clock.now();
    let sessions = app
        .store
        .read(move |tx| {
            let standing = Standing::of(tx, &caller)?;
            let sessions = tx.sessions(standing.principal.id, now)?;
            let sessions = sessions.into_iter().map(|session| own::Session {
                kind: wire_kind(session.kind),
                client: client(&session),
                created_at: session.created_at.into(),
                expires_at: session.expires_at.into(),
                current: session.uid == standing.credential,
                id: session.uid,
            });
            Ok::<_, ApiError>(sessions.collect())
        })
        .await?;
    Ok(Json(own::ListSessionsResponse { sessions }))
}

/// Ends one of one's own sessions
#[utoipa::path(
    delete, path = super::SESSION_OF, operation_id = "EndSession", tag = "sessions",
    params(("session_id" = String, Path)),
    responses((status = OK, description = "It is over", body = own::EndSessionResponse)),
)]
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(uid): Route<String>,
) -> ApiResult<own::EndSessionResponse> {
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let standing = Standing::of(tx, &caller)?;
            let session = tx.session(&uid)?.filter(|session| session.principal == standing.principal.id);
            let person = tx.login(&standing.principal.uid)?;
            match session.zip(person) {
                Some((session, person)) => end(tx, &person, &session.uid, "ended", now).map(drop),
                None => {
                    Err(ApiError::not_found("you have no such session: GET /api/v1/sessions lists yours"))
                }
            }
        })
        .await?;
    Ok(Json(own::EndSessionResponse {}))
}

fn find_current(tx: &mut Tx<'_>, caller: &Standing) -> Result<Session, ApiError> {
    tx.session(&caller.credential)?.filter(|session| session.principal == caller.principal.id).ok_or_else(
        || ApiError::not_found(format!("{} has no session: only people who log in have one", caller.who())),
    )
}

/// Programs are kept by their ids.
fn client(session: &Session) -> String {
    clients::find(&session.client).map_or_else(|| session.client.clone(), |client| client.name.to_owned())
}

fn wire_kind(kind: SessionKind) -> own::SessionKind {
    match kind {
        SessionKind::Browser => own::SessionKind::Browser,
        SessionKind::Client => own::SessionKind::Client,
    }
}
