//! The login page: a password, or the way to the login provider; and the way out.

use std::{net::IpAddr, time::Duration};

use askama::Template;
use axum::{
    extract::{Request, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, sleep_until};
use waybill_api::error::Code;
use waybill_model::email::Email;
use waybill_store::Login;

use super::{
    address_name, cookie,
    form::{self, Form},
    page::{Page, PageError, PageResult, go},
    return_to::ReturnTo,
    session::{self, LoggedIn, csrf_token, logged_in},
    throttle::Wait,
};
use crate::{
    api::{error::ApiError, extract::Query},
    app::App,
    listen::Peer,
};

#[derive(Default, Deserialize)]
pub(super) struct LoginQuery {
    return_to: Option<String>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    host: &'a str,
    csrf: &'a str,
    return_to: &'a str,
    email: &'a str,
    /// What the button of the login provider says.
    provider: Option<&'a str>,
    /// Why the last attempt failed.
    refused: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "logged_in.html")]
struct LoggedInPage<'a> {
    host: &'a str,
    csrf: &'a str,
    who: &'a str,
    name: &'a str,
}

/// A failure takes at least so long: more than hashing and writing it down, so that nobody can tell which of the two was
/// done.
const FAILURE_TIME: Duration = Duration::from_millis(150);

/// Stands for the address where it is no login: whoever tries there has a session or a token already.
const OWN_PASSWORD: &str = "password.set";

/// Shows the ways in, or who is in.
pub(super) async fn show(
    State(app): State<App>,
    Query(query): Query<LoginQuery>,
    headers: HeaderMap,
) -> PageResult {
    let return_to = ReturnTo::new(query.return_to.as_deref());
    let Some(who) = logged_in(&app, &headers).await? else {
        return Ok(login_page(&app, &headers, &return_to, "", None)?.into_response());
    };
    if return_to != ReturnTo::home() {
        return Ok(go(&return_to, []));
    }
    let page = LoggedInPage {
        host: &host(&app),
        csrf: &csrf_token(&app, &who.session),
        who: &who.person.email,
        name: &who.person.full_name,
    };
    Ok(Page::new(&page)?.into_response())
}

/// Leads whoever is not logged in to the login, and from there back.
pub(super) fn ask_to_log_in(back: &str) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", back).finish();
    go(&ReturnTo::new(Some(&format!("{}?{query}", super::LOGIN))), [])
}

fn login_page(
    app: &App,
    headers: &HeaderMap,
    return_to: &ReturnTo,
    email: &str,
    refused: Option<&str>,
) -> Result<Page, ApiError> {
    let (csrf, cookie) = form::browser_token(app, headers);
    let page = LoginPage {
        host: &host(app),
        csrf: &csrf,
        return_to: return_to.as_str(),
        email,
        provider: app.logins.provider_name(),
        refused,
    };
    Ok(Page::new(&page)?.with_cookie(cookie))
}

/// Logs somebody in by a password.
pub(super) async fn submit(State(app): State<App>, request: Request) -> PageResult {
    let form = Form::read(&app, request).await?;
    form.check_browser(&app)?;
    let return_to = ReturnTo::new(Some(form.get("return_to")));
    let (email, password) = (form.get("email").trim(), form.get("password").into());
    let address = form.parts.extensions.get::<Peer>().map(|peer| peer.client);
    match by_password(&app, email, password, address).await {
        Ok(person) => {
            let cookie = session::begin(&app, &form.parts.headers, &person, "password").await?;
            Ok(go(&return_to, [cookie]))
        }
        Err(error) if matches!(error.code, Code::Unauthenticated | Code::ResourceExhausted) => {
            let page = login_page(&app, &form.parts.headers, &return_to, email, Some(&error.message))?;
            Ok(page.with_code(error.code).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Logs out: the session is gone at once.
pub(super) async fn logout(State(app): State<App>, request: Request) -> PageResult {
    let form = Form::read(&app, request).await?;
    let return_to = ReturnTo::new(Some(form.get("return_to")));
    if let Some(who) = logged_in(&app, &form.parts.headers).await? {
        form.check_session(&app, &who)?;
        let (now, LoggedIn { session, person }) = (app.clock.now(), who);
        app.store
            .write(move |tx| session::end(tx, &person, &session.uid, "logout", now))
            .await
            .map_err(PageError::from)?;
    }
    Ok(go(&return_to, [cookie::remove(cookie::SESSION)]))
}

/// Recognizes somebody by a password.
///
/// Who exists cannot be told from the answer, nor from how long it takes.
pub async fn by_password(
    app: &App,
    email: &str,
    password: SecretString,
    address: Option<IpAddr>,
) -> Result<Login, ApiError> {
    let begun = Instant::now();
    let email = email.parse::<Email>().ok();
    let now = app.clock.now();
    let from = address.map(address_name).unwrap_or_default();
    app.logins.addresses.begin(&from, now).map_err(too_many)?;
    if let Some(email) = &email {
        app.logins.accounts.begin(email.as_str(), &from, now).map_err(too_many)?;
    }
    let person = find(app, email.as_ref()).await?;
    let stored = person.as_ref().and_then(|person| person.password_hash.clone());
    let is_right = app.logins.passwords.verify(password, stored).await?;
    match person {
        Some(person) if is_right => {
            app.logins.addresses.forgive(&from);
            app.logins.accounts.succeed(&person.email, &from);
            Ok(person)
        }
        found => {
            // Of accounts that do not exist there is no trace: what was typed may be a password.
            if let Some(person) = found {
                let detail = json!({ "from": from }).to_string();
                app.store.write(move |tx| session::record(tx, &person, "login.fail", &detail, now)).await?;
            }
            sleep_until(begun + FAILURE_TIME).await;
            Err(ApiError::unauthenticated("the e-mail address or the password is wrong"))
        }
    }
}

/// Recognizes somebody who is logged in once more, before they change their password.
pub(crate) async fn check_own_password(
    app: &App,
    person: &Login,
    password: SecretString,
) -> Result<(), ApiError> {
    let now = app.clock.now();
    // Apart from the logins: whoever guesses here with a stolen token keeps nobody from logging in.
    app.logins.accounts.begin(&person.email, OWN_PASSWORD, now).map_err(too_many)?;
    if app.logins.passwords.verify(password, person.password_hash.clone()).await? {
        app.logins.accounts.succeed(&person.email, OWN_PASSWORD);
        return Ok(());
    }
    let (person, detail) = (person.clone(), json!({ "from": OWN_PASSWORD }).to_string());
    app.store.write(move |tx| session::record(tx, &person, "login.fail", &detail, now)).await?;
    Err(ApiError::denied("`current_password` is not the password that you have now"))
}

async fn find(app: &App, email: Option<&Email>) -> Result<Option<Login>, ApiError> {
    let email = email.map(ToString::to_string).unwrap_or_default();
    app.store
        .read(move |tx| {
            let Some(organization) = tx.first_organization()? else { return Ok(None) };
            Ok(tx.login_by_email(organization.id, &email)?)
        })
        .await
}

/// The answer to whoever has failed too often.
pub(super) fn too_many(wait: Wait) -> ApiError {
    ApiError::new(
        Code::ResourceExhausted,
        format!("too many attempts have failed: wait {wait} and try again"),
    )
}

/// What the registry is called on its pages.
pub(super) fn host(app: &App) -> String {
    let url = &app.settings.public_url;
    url.split_once("://").map_or(url.as_str(), |(_, host)| host).to_owned()
}
