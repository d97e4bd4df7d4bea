//! Logging in at the organization's login provider: OpenID Connect, authorization code with PKCE.
//!
//! What must be known when the provider sends the browser back is in a cookie of this browser, signed: only the
//! browser that began can end, and no server has to remember anything.
//! The provider's token is judged by its keys ([`Issuers`](crate::auth::federation::Issuers)), must be for us and for
//! this very attempt (`nonce`), and the person in it must meet the operator's condition. `account` says who that is
//! here.

mod account;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, header},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::form_urlencoded;
use waybill_api::error::Code;
use waybill_model::condition::{Condition, Facts};

use self::account::Vouched;
use super::{
    address_name, cookie,
    page::{PageResult, go, leave},
    return_to::ReturnTo,
    seal::Purpose,
    session::{self, random_secret},
    sign_in::too_many,
};
use crate::{
    api::{
        error::ApiError,
        extract::{Pairs, Query},
    },
    app::App,
    auth::{
        federation::{Claims, Discovery, FederationError},
        workload_identity::proof::facts,
    },
    egress::EgressRequest,
    listen::Peer,
};

/// Where people log in, as the operator configured it.
#[derive(Clone, Debug)]
pub struct ProviderOptions {
    pub issuer: String,
    pub client_id: String,
    /// `None` for a provider that knows us as a public client.
    pub client_secret: Option<SecretString>,
    /// What people know it as.
    pub name: String,
    pub scope: String,
    /// The claim that lists a person's groups.
    pub groups_claim: String,
    /// Who may log in at all.
    pub condition: Option<Condition>,
}

/// What the cookie of an attempt holds.
#[derive(Serialize, Deserialize)]
struct Attempt {
    state: String,
    nonce: String,
    verifier: String,
    return_to: String,
    /// Microseconds since 1970.
    expires_at: i64,
}

#[derive(Default, Deserialize)]
pub(super) struct BeginQuery {
    return_to: Option<String>,
}

/// Time to log in there, a second factor included.
const ATTEMPT_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// Longest text of the provider's that a page repeats.
const SHOWN: usize = 200;

/// Longest `sub`, as OpenID Connect has it.
const LONGEST_SUBJECT: usize = 255;

/// Sends the browser to the provider.
pub(super) async fn begin(State(app): State<App>, Query(query): Query<BeginQuery>) -> PageResult {
    let provider = app.logins.provider()?;
    let now = app.clock.now();
    let discovery = app.issuers.discover(&provider.issuer, now).await;
    let discovery = discovery.map_err(|error| unusable(provider, error))?;
    let (authorization, _) = discovery.login().map_err(|error| unusable(provider, error))?;
    let expires_at = now.checked_add(ATTEMPT_LIFETIME).unwrap_or(Timestamp::MAX);
    let attempt = Attempt {
        state: random_secret(&app),
        nonce: random_secret(&app),
        verifier: random_secret(&app),
        return_to: ReturnTo::new(query.return_to.as_deref()).as_str().to_owned(),
        expires_at: expires_at.as_microsecond(),
    };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(attempt.verifier.as_bytes()));
    let mut to = authorization.clone();
    to.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", &provider.client_id),
        ("redirect_uri", &redirect_uri(&app)),
        ("scope", &provider.scope),
        ("state", &attempt.state),
        ("nonce", &attempt.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let sealed = app.logins.seals.seal(Purpose::Provider, &attempt);
    Ok(leave(to.as_str(), [cookie::set(cookie::PROVIDER, &sealed, ATTEMPT_LIFETIME)]))
}

/// Takes the browser back from the provider and logs the person in.
pub(super) async fn end(
    State(app): State<App>,
    Pairs(query): Pairs,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> PageResult {
    let provider = app.logins.provider()?;
    let now = app.clock.now();
    let attempt = attempt(&app, &headers, now)?;
    let code = code(provider, &attempt, &query)?;
    // Nobody makes us ask the provider about codes without end.
    let from = peer.map(|Extension(peer)| address_name(peer.client)).unwrap_or_default();
    app.logins.addresses.begin(&from, now).map_err(too_many)?;
    let token = exchange(&app, provider, code, &attempt.verifier, now).await?;
    let claims = app.issuers.verify(&provider.issuer, &token, &[&provider.client_id], now).await;
    let claims = claims.map_err(|error| unusable(provider, error))?;
    check_claims(provider, &claims, &attempt.nonce)?;
    check_condition(provider, &claims)?;
    let vouched = Vouched::read(provider, &claims)?;
    let cookie = account::log_in(&app, &headers, vouched, now).await?;
    app.logins.addresses.forgive(&from);
    let return_to = ReturnTo::new(Some(&attempt.return_to));
    Ok(go(&return_to, [cookie, cookie::remove(cookie::PROVIDER)]))
}

/// What this browser began.
fn attempt(app: &App, headers: &HeaderMap, now: Timestamp) -> Result<Attempt, ApiError> {
    let sealed = cookie::read(headers, cookie::PROVIDER).unwrap_or_default();
    let attempt: Option<Attempt> = app.logins.seals.open(Purpose::Provider, sealed);
    attempt.filter(|attempt| now.as_microsecond() < attempt.expires_at).ok_or_else(|| {
        ApiError::denied("this browser has begun no login at the provider, or too long ago: start again")
    })
}

/// The code that the provider answers with, if it is an answer to this attempt.
fn code<'q>(
    provider: &ProviderOptions,
    attempt: &Attempt,
    query: &'q [(String, String)],
) -> Result<&'q str, ApiError> {
    let member = |name: &str| {
        let mut values = query.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    };
    let state = member("state").unwrap_or_default();
    if !bool::from(state.as_bytes().ct_eq(attempt.state.as_bytes())) {
        return Err(ApiError::denied(
            "this is not the answer to the login that this browser began last: start again, in one window",
        ));
    }
    if member("iss").is_some_and(|issuer| issuer != provider.issuer) {
        return Err(ApiError::denied("this answer is of another login provider: start again"));
    }
    if let Some(error) = member("error") {
        let description = member("error_description").unwrap_or_default();
        return Err(ApiError::denied(format!(
            "{} did not log you in: {} {}",
            provider.name,
            shown(error),
            shown(description)
        )));
    }
    member("code").filter(|code| !code.is_empty()).ok_or_else(|| {
        ApiError::denied(format!("{} answered neither with a code nor with an error", provider.name))
    })
}

/// Gets the provider's token for a code.
async fn exchange(
    app: &App,
    provider: &ProviderOptions,
    code: &str,
    verifier: &str,
    now: Timestamp,
) -> Result<String, ApiError> {
    let discovery = app.issuers.discover(&provider.issuer, now).await;
    let discovery = discovery.map_err(|error| unusable(provider, error))?;
    let request = token_request(provider, &discovery, &redirect_uri(app), code, verifier)?;
    let answer = app.egress.send(request).await.map_err(|error| failed(provider, error.to_string()))?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if !answer.status.is_success() {
        let error = shown(body["error"].as_str().unwrap_or("no reason"));
        let description = shown(body["error_description"].as_str().unwrap_or_default());
        return Err(failed(
            provider,
            format!(
                "its token endpoint answered {} to a code: {error} {description}",
                answer.status.as_u16()
            ),
        ));
    }
    let token = body["id_token"].as_str().ok_or_else(|| {
        failed(
            provider,
            "its token endpoint answered without an `id_token`: is `openid` in the scope?".to_owned(),
        )
    })?;
    Ok(token.to_owned())
}

/// The request for a token. We name ourselves in the header, unless the provider wants it in the form.
fn token_request(
    provider: &ProviderOptions,
    discovery: &Discovery,
    redirect_uri: &str,
    code: &str,
    verifier: &str,
) -> Result<EgressRequest, ApiError> {
    let (_, endpoint) = discovery.login().map_err(|error| unusable(provider, error))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code_verifier", verifier);
    let knows = |method: &str| discovery.token_auth_methods.iter().any(|known| known == method);
    match &provider.client_secret {
        Some(secret) if !knows("client_secret_basic") && knows("client_secret_post") => {
            form.append_pair("client_id", &provider.client_id)
                .append_pair("client_secret", secret.expose_secret());
        }
        Some(secret) => {
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encode(&provider.client_id), encode(secret.expose_secret()));
            let basic = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(pair)));
            headers.insert(header::AUTHORIZATION, basic.expect("base 64 is plain"));
        }
        None => {
            form.append_pair("client_id", &provider.client_id);
        }
    }
    let body = form.finish().into();
    Ok(EgressRequest { method: Method::POST, url: endpoint.clone(), headers, body })
}

/// The token is an answer to this attempt and for us (OpenID Connect Core, section 3.1.3.7; the rest was verified).
fn check_claims(provider: &ProviderOptions, claims: &Claims, nonce: &str) -> Result<(), ApiError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if !bool::from(text("nonce").unwrap_or_default().as_bytes().ct_eq(nonce.as_bytes())) {
        return Err(not_ours(provider, "it is not for this login (`nonce`)"));
    }
    let has_several =
        claims.get("aud").and_then(Value::as_array).is_some_and(|audiences| 1 < audiences.len());
    match claims.get("azp") {
        Some(party) if party.as_str() != Some(&provider.client_id) => {
            Err(not_ours(provider, "it was made for another client (`azp`)"))
        }
        None if has_several => Err(not_ours(provider, "it is for several, and not said for whom (`azp`)")),
        _ => Ok(()),
    }
}

/// Refuses who does not meet the operator's condition; one without an answer refuses too.
fn check_condition(provider: &ProviderOptions, claims: &Claims) -> Result<(), ApiError> {
    let Some(condition) = &provider.condition else { return Ok(()) };
    let refused = match condition.evaluate(&Facts::oidc(facts(claims.clone()))) {
        Ok(true) => return Ok(()),
        Ok(false) => {
            let subject = shown(claims.get("sub").and_then(Value::as_str).unwrap_or_default());
            tracing::info!(subject, "Refused a login at the provider: the condition is not met");
            None
        }
        Err(error) => Some(format!("the condition of the login has no answer for somebody: {error}")),
    };
    let message =
        format!("{} knows you, but you may not log in to this registry: ask whoever runs it", provider.name);
    Err(ApiError { cause: refused, ..ApiError::denied(message) })
}

impl super::Logins {
    /// Lets people log in at a provider.
    #[must_use]
    pub fn with_provider(mut self, options: Option<ProviderOptions>) -> Self {
        self.provider = options;
        self
    }

    /// The issuer that vouches for people here, if there is one.
    pub fn issuer(&self) -> Option<&str> {
        self.provider.as_ref().map(|provider| provider.issuer.as_str())
    }

    fn provider(&self) -> Result<&ProviderOptions, ApiError> {
        self.provider
            .as_ref()
            .ok_or_else(|| ApiError::not_found("this registry has no login provider: log in with a password"))
    }
}

/// Where the provider sends people back to; it must be registered there to the letter.
fn redirect_uri(app: &App) -> String {
    format!("{}{}", app.settings.public_url, super::CALLBACK)
}

fn not_ours(provider: &ProviderOptions, why: &str) -> ApiError {
    ApiError::denied(format!("the token of {} does not count: {why}. Start again", provider.name))
}

/// Something is wrong between us and the provider, which the person cannot change.
fn failed(provider: &ProviderOptions, cause: String) -> ApiError {
    let message =
        format!("{} could not log you in at the moment; this registry's log says why", provider.name);
    ApiError { code: Code::Unavailable, message, cause: Some(cause) }
}

fn unusable(provider: &ProviderOptions, error: FederationError) -> ApiError {
    match error {
        FederationError::Issuer { .. } | FederationError::Unavailable { .. } => {
            failed(provider, error.to_string())
        }
        FederationError::NotProven(fault) => not_ours(provider, &fault.to_string()),
        FederationError::NotAcceptable(fault) => not_ours(provider, &fault.to_string()),
    }
}

/// What the provider wrote, short and in one line.
fn shown(text: &str) -> String {
    text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn provider(client_secret: Option<&str>) -> ProviderOptions {
        ProviderOptions {
            issuer: "https://sso.example".to_owned(),
            client_id: "way:bill".to_owned(),
            client_secret: client_secret.map(Into::into),
            name: "SSO".to_owned(),
            scope: "openid".to_owned(),
            groups_claim: "groups".to_owned(),
            condition: None,
        }
    }

    fn claims(value: &Value) -> Claims {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn a_token_is_for_this_login_and_for_us() {
        let check =
            |value: Value| check_claims(&provider(None), &claims(&value), "n").map_err(|error| error.message);
        assert_eq!(check(json!({ "nonce": "n", "aud": "way:bill" })), Ok(()));
        assert_eq!(check(json!({ "nonce": "n", "aud": ["way:bill"], "azp": "way:bill" })), Ok(()));
        assert_eq!(check(json!({ "nonce": "n", "aud": ["way:bill", "x"], "azp": "way:bill" })), Ok(()));
        for (wrong, part) in [
            (json!({ "aud": "way:bill" }), "nonce"),
            (json!({ "nonce": "m", "aud": "way:bill" }), "nonce"),
            (json!({ "nonce": ["n"], "aud": "way:bill" }), "nonce"),
            (json!({ "nonce": "n", "aud": "way:bill", "azp": "x" }), "azp"),
            (json!({ "nonce": "n", "aud": ["way:bill", "x"] }), "azp"),
            (json!({ "nonce": "n", "aud": "way:bill", "azp": 7 }), "azp"),
        ] {
            assert!(check(wrong.clone()).is_err_and(|message| message.contains(part)), "{wrong}");
        }
    }

    #[test]
    fn a_condition_decides_and_no_answer_is_no() {
        let check = |value: Value| {
            let condition = "jwt_claims.groups.0 == dev".parse().expect("a condition");
            let provider = ProviderOptions { condition: Some(condition), ..provider(None) };
            check_condition(&provider, &claims(&value)).map_err(|error| error.cause)
        };
        assert_eq!(check(json!({ "groups": ["dev"] })), Ok(()));
        assert_eq!(check(json!({ "groups": ["ops"] })), Err(None));
        assert!(check(json!({})).is_err_and(|cause| cause.is_some_and(|cause| cause.contains("no answer"))));
    }

    #[test]
    fn we_name_ourselves_as_the_provider_wants() {
        let check = |secret: Option<&str>, methods: &[&str]| {
            let discovery = Discovery {
                issuer: "https://sso.example".to_owned(),
                jwks_uri: "https://sso.example/keys".parse().expect("an address"),
                authorization_endpoint: "https://sso.example/auth".parse().ok(),
                token_endpoint: "https://sso.example/token".parse().ok(),
                token_auth_methods: methods.iter().map(|method| (*method).to_owned()).collect(),
            };
            let request =
                token_request(&provider(secret), &discovery, "https://us/", "c&d", "v").expect("a request");
            let header =
                request.headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
            (header, String::from_utf8(request.body.to_vec()).unwrap())
        };
        let plain =
            "grant_type=authorization_code&code=c%26d&redirect_uri=https%3A%2F%2Fus%2F&code_verifier=v";
        let basic = format!("Basic {}", BASE64_STANDARD.encode("way%3Abill:s%2Bt"));
        assert_eq!(check(Some("s+t"), &["client_secret_basic"]), (Some(basic.clone()), plain.to_owned()));
        assert_eq!(check(Some("s+t"), &["private_key_jwt"]).0, Some(basic));
        let post = format!("{plain}&client_id=way%3Abill&client_secret=s%2Bt");
        assert_eq!(check(Some("s+t"), &["client_secret_post"]), (None, post));
        assert_eq!(check(None, &["none"]), (None, format!("{plain}&client_id=way%3Abill")));
    }
}
