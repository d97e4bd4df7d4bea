//! The token endpoint: client credentials for an access token (RFC 6749, section 4.4).
//!
//! The credentials come in the `Authorization` header or in the form. Clients of HCP try the header first and the
//! form after any error, so that a wrong secret arrives twice.
//!
//! Answers are those of the RFC, not of the API; only where the registry itself fails is it the API's error.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::form_urlencoded;
use waybill_api::platform::{Token, TokenError, TokenRequest};

use crate::{
    api::{error::ApiError, extract::collect},
    app::App,
    auth::secret,
    limits,
    request_log::RequestLog,
};

/// Why there is no token.
enum Failure {
    /// A word of the RFC and a sentence.
    Refused { status: StatusCode, word: &'static str, description: String },
    /// The client's credentials are no good.
    Client(String),
    /// The registry failed.
    Registry(ApiError),
}

/// A client's id and secret.
struct Credentials {
    client_id: String,
    client_secret: SecretString,
}

const GRANT: &str = "client_credentials";

/// Exchanges a client's credentials for an access token.
pub(super) async fn token(State(app): State<App>, request: Request) -> Response {
    let mut response = match grant(&app, request).await {
        Ok(token) => json(StatusCode::OK, &token),
        Err(failure) => failure.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

async fn grant(app: &App, request: Request) -> Result<Token, Failure> {
    let (parts, body) = request.into_parts();
    let log = parts.extensions.get::<RequestLog>().cloned();
    check_type(&parts.headers)?;
    let body = collect(Request::new(body), limits::TOKEN_BODY_BYTES).await;
    let form = form(&body.map_err(|error| invalid(error.message))?)?;
    match form.grant_type.as_deref() {
        Some(GRANT) => {}
        None => return Err(invalid(format!("`grant_type` is missing: this registry knows `{GRANT}`"))),
        Some(_) => {
            return Err(Failure::Refused {
                status: StatusCode::BAD_REQUEST,
                word: "unsupported_grant_type",
                description: format!(
                    "this registry knows only the grant type `{GRANT}`: use a service principal's client id and secret"
                ),
            });
        }
    }
    let credentials = credentials(&parts.headers, form)?;
    let Credentials { client_id, client_secret } = credentials;
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
    let issued = app
        .tokens
        .issue(&app.store, &principal, &client_id, app.clock.now())
        .await
        .map_err(ApiError::from)?;
    Ok(Token {
        access_token: issued.token.expose_secret().into(),
        token_type: "bearer".to_owned(),
        expires_in: i32::try_from(issued.lifetime.as_secs()).unwrap_or(i32::MAX),
        refresh_token: None,
        scope: None,
        id_token: None,
    })
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

/// Anything but a form is refused; saying nothing is not.
fn check_type(headers: &HeaderMap) -> Result<(), Failure> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let media = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(());
    }
    Err(invalid("the body must be `application/x-www-form-urlencoded`"))
}

/// Reads the members that matter. What is empty counts as absent, what is unknown is ignored, nothing comes twice.
fn form(body: &[u8]) -> Result<TokenRequest, Failure> {
    let mut form = TokenRequest::default();
    let mut secret = None;
    for (name, value) in form_urlencoded::parse(body) {
        let member = match &*name {
            "grant_type" => &mut form.grant_type,
            "audience" => &mut form.audience,
            "client_id" => &mut form.client_id,
            "client_secret" => &mut secret,
            _ => continue,
        };
        if !value.is_empty() && member.replace(value.into_owned()).is_some() {
            return Err(invalid(format!("`{name}` occurs more than once")));
        }
    }
    form.client_secret = secret.map(Into::into);
    Ok(form)
}

/// Takes the credentials from the header or from the form.
fn credentials(headers: &HeaderMap, form: TokenRequest) -> Result<Credentials, Failure> {
    let TokenRequest { client_id, client_secret, .. } = form;
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        let missing = || {
            Failure::Client(
                "no client id and secret: send them by HTTP Basic or as `client_id` and `client_secret`"
                    .to_owned(),
            )
        };
        let client_secret = client_secret.ok_or_else(missing)?.expose().into();
        return Ok(Credentials { client_id: client_id.ok_or_else(missing)?, client_secret });
    };
    let basic = header.to_str().ok().and_then(basic).ok_or_else(|| {
        Failure::Client("the `Authorization` header must be `Basic` with client id and secret".to_owned())
    })?;
    if client_secret.is_some() || client_id.is_some_and(|id| id != basic.client_id) {
        return Err(invalid(
            "the client's credentials are in the `Authorization` header and in the body: send them once",
        ));
    }
    Ok(basic)
}

/// Reads HTTP Basic. Both halves are form-encoded inside, as the RFC wants it.
fn basic(header: &str) -> Option<Credentials> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim_matches(' ')).ok()?).ok()?;
    let (client_id, client_secret) = pair.split_once(':')?;
    Some(Credentials { client_id: decode(client_id)?, client_secret: decode(client_secret)?.into() })
}

/// Undoes the encoding of one value of a form.
fn decode(text: &str) -> Option<String> {
    // As the value of a nameless member; only `&` could end it.
    let member = format!("={text}");
    let mut members = form_urlencoded::parse(member.as_bytes());
    match (members.next(), members.next()) {
        (Some((_, value)), None) => Some(value.into_owned()),
        _ => None,
    }
}

fn invalid(description: impl Into<String>) -> Failure {
    Failure::Refused {
        status: StatusCode::BAD_REQUEST,
        word: "invalid_request",
        description: description.into(),
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

    fn refused(failure: Failure) -> String {
        match failure {
            Failure::Refused { word, description, .. } => format!("{word}: {description}"),
            Failure::Client(description) => format!("invalid_client: {description}"),
            Failure::Registry(error) => error.message,
        }
    }

    fn check(header: Option<&str>, body: &str) -> Result<String, String> {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(header::AUTHORIZATION, header.parse().expect("a header"));
        }
        let found = form(body.as_bytes()).and_then(|form| credentials(&headers, form)).map_err(refused)?;
        Ok(format!("{} {}", found.client_id, found.client_secret.expose_secret()))
    }

    fn header(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[test]
    fn credentials_come_in_the_header_or_in_the_form() {
        assert_eq!(check(Some(&header("id:secret")), ""), Ok("id secret".to_owned()));
        assert_eq!(
            check(Some(&header("id:secret").replace("Basic", "basic")), ""),
            Ok("id secret".to_owned())
        );
        assert_eq!(check(Some(&header("i%2Fd:a+b%3Ac:d=e%25")), ""), Ok("i/d a b:c:d=e%".to_owned()));
        assert_eq!(check(Some(&header("id:secret")), "client_id=id"), Ok("id secret".to_owned()));
        assert_eq!(check(None, "client_id=i%2Fd&client_secret=a+b&x=y"), Ok("i/d a b".to_owned()));
    }

    #[test]
    fn other_credentials_are_refused_by_the_words_of_the_rfc() {
        let word = |header: Option<&str>, body: &str| {
            check(header, body).map_err(|text| text.split(':').next().unwrap_or_default().to_owned())
        };
        let (client, request) = (Err("invalid_client".to_owned()), Err("invalid_request".to_owned()));
        for body in ["", "client_id=a", "client_secret=b", "client_id=&client_secret=b"] {
            assert_eq!(word(None, body), client, "{body}");
        }
        for bad in ["Bearer abc", "Basic", "Basic !", &header("no-colon"), &header("a&b:c"), &header("")] {
            assert_eq!(word(Some(bad), ""), client, "{bad}");
        }
        assert_eq!(word(Some(&header("id:secret")), "client_id=id&client_secret=secret"), request);
        assert_eq!(word(Some(&header("id:secret")), "client_id=other"), request);
        assert_eq!(word(None, "client_id=a&client_id=b&client_secret=c"), request);
    }

    #[test]
    fn an_explanation_tells_nobody_which_ids_exist() {
        let id = "wb-01m8643ymkb2tb3hdpzaskcpr0";
        assert!(explain("abc", "x").contains("begin with `wb-`"));
        assert!(explain(id, "x").contains("not complete"));
        let secret = secret::ClientSecret::generate(&crate::clock::SystemIds);
        assert!(explain(id, secret.expose()).contains("no such client id, or"));
    }
}
