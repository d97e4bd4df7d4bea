//! Forms of our own pages: read, and known to be ours.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use jiff::SignedDuration;
use url::form_urlencoded;

use super::{
    cookie, origin,
    seal::Purpose,
    session::{LoggedIn, is_csrf_token, random_secret},
};
use crate::{
    api::{error::ApiError, extract::collect},
    app::App,
    limits,
};

/// What a page sent, from a page of this registry.
pub struct Form {
    pub parts: Parts,
    fields: Vec<(String, String)>,
}

/// The field that proves that the form is ours.
pub const CSRF_FIELD: &str = "csrf";

/// A page may lie open overnight.
const FORM_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

impl Form {
    /// Reads a form, unless another site's page sent it.
    pub async fn read(app: &App, request: Request) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        origin::check(&parts, &app.settings.public_url)?;
        check_type(&parts.headers)?;
        let body = collect(Request::new(body), limits::TOKEN_BODY_BYTES).await?;
        let fields = form_urlencoded::parse(&body).into_owned().collect();
        Ok(Self { parts, fields })
    }

    /// A field; absent is empty.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// Refuses a form that this session's pages did not make.
    pub fn check_session(&self, app: &App, who: &LoggedIn) -> Result<(), ApiError> {
        if is_csrf_token(app, &who.session, self.get(CSRF_FIELD)) { Ok(()) } else { Err(stale()) }
    }

    /// Refuses a form that was not made for this browser, in which nobody need be logged in.
    pub fn check_browser(&self, app: &App) -> Result<(), ApiError> {
        let nonce = cookie::read(&self.parts.headers, cookie::FORM).unwrap_or_default();
        let is_ours =
            !nonce.is_empty() && app.logins.seals.is_token(Purpose::Form, nonce, self.get(CSRF_FIELD));
        if is_ours { Ok(()) } else { Err(stale()) }
    }
}

/// The form token for a browser in which nobody is logged in, and the cookie that it belongs to if that is new.
pub fn browser_token(app: &App, headers: &HeaderMap) -> (String, Option<HeaderValue>) {
    let known = cookie::read(headers, cookie::FORM).filter(|nonce| !nonce.is_empty());
    let nonce = known.map_or_else(|| random_secret(app), str::to_owned);
    let cookie = known.is_none().then(|| cookie::set(cookie::FORM, &nonce, FORM_LIFETIME));
    (app.logins.seals.token(Purpose::Form, &nonce), cookie)
}

fn stale() -> ApiError {
    ApiError::denied(
        "this form is not one of this browser's session any more: go back, load the page again and send it once more; \
         if that does not help, this browser does not keep cookies here, or the registry was not opened by https",
    )
}

fn check_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(());
    }
    Err(ApiError::invalid("the body must be `application/x-www-form-urlencoded`"))
}
