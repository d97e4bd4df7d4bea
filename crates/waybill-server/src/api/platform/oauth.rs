//! The token endpoint (RFC 6749): client credentials for an access token, and what people's programs are given.
//!
//! A service principal's credentials come in the `Authorization` header or in the form. Clients of HCP try the header
//! first and the form after any error, so that a wrong secret arrives twice.
//! The grants of people who log in are in [`crate::login`].
//!
//! Answers are those of the RFC, not of the API; only where the registry itself fails is it the API's error.

mod form;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use secrecy::ExposeSecret;
use serde::Serialize;
use waybill_api::platform::{Token, TokenError, TokenRequest};

use self::form::{Credentials, credentials};
pub(crate) use self::form::{needed, public_client, read_form};
use crate::{
    api::error::ApiError,
    app::App,
    auth::{secret, token::Issued},
    login::exchange,
    request_log::RequestLog,
};

/// Why there is no token.
pub(crate) enum Failure {
    /// A word of the RFC and a sentence.
    Refused { status: StatusCode, word: &'static str, description: String },
    /// The client's credentials are no good.
    Client(String),
    /// The registry failed.
    Registry(ApiError),
}

const CLIENT_CREDENTIALS: &str = "client_credentials";
const AUTHORIZATION_CODE: &str = "authorization_code";
const REFRESH_TOKEN: &str = "refresh_token";
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What the endpoint takes, for whoever asks what there is.
pub(crate) const GRANTS: [&str; 4] = [AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE, CLIENT_CREDENTIALS];

/// Exchanges a grant for an access token.
pub(super) async fn token(State(app): State<App>, request: Request) -> Response {
    answer(grant(&app, request).await)
}

/// Answers as the RFC wants it; nobody keeps a copy.
pub(crate) fn answer<T: Serialize>(result: Result<T, Failure>) -> Response {
    let mut response = match result {
        Ok(body) => json(StatusCode::OK, &body),
        Err(failure) => failure.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

async fn grant(app: &App, request: Request) -> Result<Token, Failure> {
    let (parts, form) = read_form(request).await?;
    match form.grant_type.as_deref() {
        Some(CLIENT_CREDENTIALS) => client_credentials(app, &parts, form).await,
        Some(AUTHORIZATION_CODE) => exchange::code(app, &parts, &form).await,
        Some(REFRESH_TOKEN) => exchange::refresh_token(app, &parts, &form).await,
        Some(DEVICE_CODE) => exchange::device_code(app, &parts, &form).await,
        None => Err(invalid(format!("`grant_type` is missing: it is one of {}", GRANTS.join(", ")))),
        Some(_) => Err(Failure::refused(
            "unsupported_grant_type",
            format!("this registry knows the grant types {}", GRANTS.join(", ")),
        )),
    }
}

async fn client_credentials(app: &App, parts: &Parts, form: TokenRequest) -> Result<Token, Failure> {
    let log = parts.extensions.get::<RequestLog>();
    let Credentials { client_id, client_secret } = credentials(&parts.headers, form)?;
    // What cannot be a client id is not looked up: its text could be anything.
    let found = if secret::is_client_id(&client_id) {
        let client_id = client_id.clone();
        app.store.read(move |tx| tx.credential(&client_id).map_err(ApiError::from)).await?
    } else {
        None
    };
    let digest = found.as_ref().map(|(digest, _)| digest.as_slice());
    let is_right = secret::matches(client_secret.expose_secret(), digest);
    let Some((_, principal)) = found.filter(|_| is_right) else {
        return Err(Failure::Client(explain(&client_id, client_secret.expose_secret())));
    };
    if let Some(log) = log {
        log.set_principal(principal.as_str());
    }
    let issued = app.issue(&principal, &client_id).await?;
    Ok(bearer(&issued))
}

/// An access token as the endpoint answers it.
pub(crate) fn bearer(issued: &Issued) -> Token {
    Token {
        access_token: issued.token.expose_secret().into(),
        token_type: "bearer".to_owned(),
        expires_in: i32::try_from(issued.lifetime.as_secs()).unwrap_or(i32::MAX),
        refresh_token: None,
        scope: None,
        id_token: None,
    }
}

/// Says what may be wrong, as far as that can be seen without knowing who has which secret.
fn explain(client_id: &str, client_secret: &str) -> String {
    if !secret::is_client_id(client_id) {
        return "this client id is not one of a Waybill registry: theirs begin with `wb-`".to_owned();
    }
    match secret::check_form(client_secret) {
        Err(error) => format!("the client secret is not complete: {error}"),
        Ok(()) => "this registry has no such client id, or the secret is another one".to_owned(),
    }
}

pub(crate) fn invalid(description: impl Into<String>) -> Failure {
    Failure::refused("invalid_request", description)
}

impl Failure {
    pub(crate) fn refused(word: &'static str, description: impl Into<String>) -> Self {
        Self::Refused { status: StatusCode::BAD_REQUEST, word, description: description.into() }
    }

    /// Somebody asks too often.
    pub(crate) fn slow(description: impl Into<String>) -> Self {
        Self::Refused {
            status: StatusCode::TOO_MANY_REQUESTS,
            word: "slow_down",
            description: description.into(),
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Registry(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let refusal = |word: &str, error_description| TokenError {
            error: word.to_owned(),
            error_description,
            error_uri: String::new(),
        };
        match self {
            Self::Refused { status, word, description } => json(status, &refusal(word, description)),
            Self::Client(description) => {
                let mut response = json(StatusCode::UNAUTHORIZED, &refusal("invalid_client", description));
                let basic = HeaderValue::from_static(r#"Basic realm="waybill", charset="UTF-8""#);
                response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
                response
            }
            Self::Registry(error) => error.into_response(),
        }
    }
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).expect("tokens and errors are plain data");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_tells_nobody_which_ids_exist() {
        let id = "wb-01m8643ymkb2tb3hdpzaskcpr0";
        assert!(explain("abc", "x").contains("begin with `wb-`"));
        assert!(explain(id, "x").contains("not complete"));
        let secret = secret::ClientSecret::generate(&crate::clock::SystemIds);
        assert!(explain(id, secret.expose()).contains("no such client id, or"));
    }
}
