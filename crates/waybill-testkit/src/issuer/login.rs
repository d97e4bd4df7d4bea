//! Logging people in by the authorization code flow with PKCE, as strict as providers are.

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::{self, Query},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{State, documents, object, with};

/// An application that was registered with the provider.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: String,
    pub secret: String,
    /// Where people may be sent back to, to the letter.
    pub redirects: Vec<String>,
}

/// Who logs in.
#[derive(Clone, Debug)]
pub struct User {
    pub subject: String,
    pub email: String,
    pub email_verified: bool,
    pub name: String,
    pub groups: Vec<String>,
}

/// A code that was given out.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    client: String,
    redirect: String,
    nonce: String,
    challenge: String,
    user: User,
    expires_at: i64,
    is_used: bool,
}

/// Seconds for which a code is good.
const CODE_LIFETIME: i64 = 60;

impl User {
    /// Somebody with an address that was verified, in no group.
    pub fn new(subject: &str, email: &str) -> Self {
        let name = email.split('@').next().unwrap_or(email).to_owned();
        Self {
            subject: subject.to_owned(),
            email: email.to_owned(),
            email_verified: true,
            name,
            groups: Vec::new(),
        }
    }
}

type Pairs = Vec<(String, String)>;

pub(super) async fn authorize(
    extract::State(issuer): extract::State<Arc<State>>,
    Query(query): Query<Pairs>,
) -> Response {
    if let Some(refused) = documents::trouble(&issuer).await {
        return refused;
    }
    let now = issuer.now();
    let mut settings = issuer.settings();
    let (Ok(id), Ok(redirect)) = (one(&query, "client_id"), one(&query, "redirect_uri")) else {
        return page("client_id and redirect_uri are required, once each");
    };
    // Nobody is sent to an address that was not registered, not even with an error.
    let Some(client) = settings.clients.iter().find(|client| client.id == id) else {
        return page("unknown client_id");
    };
    if !client.redirects.contains(&redirect) {
        return page(&format!("redirect_uri {redirect} is not registered"));
    }
    let back = |pairs: &[(&str, &str)]| {
        let mut pairs = pairs.to_vec();
        let state = one(&query, "state").unwrap_or_default();
        pairs.push(("state", &state));
        let separator = if redirect.contains('?') { '&' } else { '?' };
        let query = serde_urlencoded::to_string(pairs).expect("pairs of texts");
        Redirect::to(&format!("{redirect}{separator}{query}")).into_response()
    };
    let refuse =
        |error: &str, description: &str| back(&[("error", error), ("error_description", description)]);
    if one(&query, "response_type").as_deref() != Ok("code") {
        return refuse("unsupported_response_type", "response_type must be code");
    }
    let scope = one(&query, "scope").unwrap_or_default();
    if !scope.split(' ').any(|scope| scope == "openid") {
        return refuse("invalid_scope", "scope must hold openid");
    }
    if one(&query, "state").is_err() {
        return refuse("invalid_request", "state is required, once");
    }
    let Ok(nonce) = one(&query, "nonce") else {
        return refuse("invalid_request", "nonce is required, once");
    };
    let challenge = one(&query, "code_challenge").unwrap_or_default();
    if challenge.len() != 43 || one(&query, "code_challenge_method").as_deref() != Ok("S256") {
        return refuse("invalid_request", "a code_challenge of method S256 is required");
    }
    let Some(user) = settings.user.clone() else {
        return refuse("access_denied", "nobody is signed in");
    };
    settings.n_grants += 1;
    let code = format!("code-{}", settings.n_grants);
    let expires_at = now + CODE_LIFETIME;
    let answer = back(&[("code", &code)]);
    let grant =
        Grant { client: id, redirect: redirect.clone(), nonce, challenge, user, expires_at, is_used: false };
    settings.grants.insert(code, grant);
    answer
}

pub(super) async fn token(
    extract::State(issuer): extract::State<Arc<State>>,
    headers: HeaderMap,
    Form(form): Form<Pairs>,
) -> Response {
    if let Some(refused) = documents::trouble(&issuer).await {
        return refused;
    }
    let now = issuer.now();
    let mut settings = issuer.settings();
    let (id, secret) = match credentials(&headers, &form) {
        Ok(credentials) => credentials,
        Err(problem) => return failure(StatusCode::BAD_REQUEST, "invalid_request", problem),
    };
    if !settings.clients.iter().any(|client| client.id == id && client.secret == secret) {
        return failure(StatusCode::UNAUTHORIZED, "invalid_client", "unknown client, or not its secret");
    }
    if one(&form, "grant_type").as_deref() != Ok("authorization_code") {
        return failure(StatusCode::BAD_REQUEST, "unsupported_grant_type", "it must be authorization_code");
    }
    let invalid = |problem| failure(StatusCode::BAD_REQUEST, "invalid_grant", problem);
    let code = one(&form, "code").unwrap_or_default();
    let Some(grant) = settings.grants.get_mut(&code) else { return invalid("unknown code") };
    if std::mem::replace(&mut grant.is_used, true) {
        return invalid("the code was used before");
    }
    if grant.client != id {
        return invalid("the code was given to another client");
    }
    if grant.expires_at <= now {
        return invalid("the code has expired");
    }
    if one(&form, "redirect_uri").as_ref() != Ok(&grant.redirect) {
        return invalid("redirect_uri is not the one of the authorization request");
    }
    let verifier = one(&form, "code_verifier").unwrap_or_default();
    if !(43..=128).contains(&verifier.len())
        || URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier)) != grant.challenge
    {
        return invalid("code_verifier does not fit the code_challenge");
    }
    let Grant { nonce, user, .. } = grant.clone();
    let claims = json!({
        "iss": issuer.url,
        "sub": user.subject,
        "aud": id,
        "iat": now,
        "exp": now + 300,
        "nonce": nonce,
        "email": user.email,
        "email_verified": user.email_verified,
        "name": user.name,
        "groups": user.groups,
    });
    let claims = with(claims, &settings.id_token);
    let id_token = settings.keys.last().expect("there is always a key").sign(&claims);
    let body = object(json!({
        "access_token": format!("access-of-{code}"),
        "token_type": "Bearer",
        "expires_in": 300,
        "id_token": id_token,
    }));
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// A client names itself in one way: in the header, both parts form-encoded, or in the form.
fn credentials(headers: &HeaderMap, form: &Pairs) -> Result<(String, String), &'static str> {
    let in_form = (one(form, "client_id"), one(form, "client_secret"));
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        let (Ok(id), Ok(secret)) = in_form else { return Err("no client authentication") };
        return Ok((id, secret));
    };
    if in_form.1.is_ok() {
        return Err("client authentication in two ways");
    }
    let text = header.to_str().ok().and_then(|header| header.strip_prefix("Basic "));
    let text =
        text.and_then(|text| STANDARD.decode(text).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or("the Authorization header is no Basic authentication")?;
    let (id, secret) = text.split_once(':').ok_or("the Authorization header has no colon")?;
    let decoded = |part: &str| {
        let pairs: Pairs = serde_urlencoded::from_str(&format!("a={part}")).unwrap_or_default();
        pairs.into_iter().next().map(|(_, value)| value).ok_or("the Authorization header is not form-encoded")
    };
    Ok((decoded(id)?, decoded(secret)?))
}

/// A parameter that is there exactly once, and not empty.
fn one(pairs: &Pairs, name: &str) -> Result<String, ()> {
    let mut found = pairs.iter().filter(|(key, _)| key == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) if !value.is_empty() => Ok(value.clone()),
        _ => Err(()),
    }
}

fn page(problem: &str) -> Response {
    (StatusCode::BAD_REQUEST, format!("This request cannot be served: {problem}")).into_response()
}

fn failure(status: StatusCode, error: &str, description: &str) -> Response {
    let body: Value = json!({"error": error, "error_description": description});
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
