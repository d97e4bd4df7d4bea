//! People log in: as a browser does it, and as a program does it through a browser.

mod authorize;
mod browser;
mod device;
mod exchange;
mod meanwhile;
mod pages;
mod password;
mod provider;
mod refresh;
mod session;
mod several_servers;
mod throttle;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use waybill_testkit::{Answer, Api};

pub(crate) use self::browser::Browser;
use crate::{running::Registry, trail::audited};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";
const USERS: &str = "/api/v1/organizations/{organization_id}/users";

/// HCP's SDK for the US.
const SDK: &str = "4edd6521-6eb9-4d78-9039-7ce8569d667c";
const SDK_REDIRECT: &str = "http://localhost:8443/oidc/callback";
const REDIRECT: &str = "http://127.0.0.1:49152/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Makes a person with a password; returns their identifier.
async fn person(owner: &Api, email: &str, role: Option<&str>) -> String {
    let mut body = json!({ "email": email });
    if let Some(role) = role {
        body["role"] = role.into();
    }
    let made = owner.post(USERS, body).await.ok();
    let id = made["user"]["id"].as_str().expect("an identifier").to_owned();
    owner.put(&format!("{USERS}/{id}/password"), json!({ "password": PASSWORD })).await.ok();
    id
}

/// A registry with Ada, who may read everything, and her browser, in which she is logged in.
pub(crate) async fn ada() -> (Registry, Browser) {
    let registry = Registry::start().await;
    person(&registry.api().await, ADA, Some("viewer")).await;
    let mut browser = Browser::new(&registry);
    browser.log_in(ADA, PASSWORD).await;
    (registry, browser)
}

/// Where the command line sends a browser.
fn authorization(redirect_uri: &str, state: &str) -> String {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    query(
        "/oauth2/auth",
        &[
            ("response_type", "code"),
            ("client_id", "waybill"),
            ("redirect_uri", redirect_uri),
            ("state", state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("scope", "openid offline_access"),
        ],
    )
}

/// Where HCP's SDK sends a browser.
fn sdk_authorization(state: &str) -> String {
    query(
        "/oauth2/auth",
        &[
            ("response_type", "code"),
            ("client_id", SDK),
            ("redirect_uri", SDK_REDIRECT),
            ("scope", "openid offline_access"),
            ("state", state),
            ("audience", "https://api.hashicorp.cloud"),
            ("access_type", "offline"),
        ],
    )
}

fn query(path: &str, members: &[(&str, &str)]) -> String {
    format!("{path}?{}", form(members))
}

fn form(members: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish()
}

/// A member of the query of an address.
fn member(address: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(address).expect("an address");
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// A code for the command line, as her browser got it.
async fn code(browser: &mut Browser) -> String {
    let consent = browser.get(&authorization(REDIRECT, "s")).await;
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    member(&answer.location(), "code").expect("a code")
}

/// The form that exchanges a code.
fn code_form(code: &str) -> String {
    form(&[
        ("grant_type", "authorization_code"),
        ("client_id", "waybill"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ])
}

/// Tokens of the command line on which she logs in.
pub(crate) async fn tokens(registry: &Registry, browser: &mut Browser) -> Value {
    let code = code(browser).await;
    registry.token_request(None, &code_form(&code)).await.ok()
}

/// The API as whoever has these tokens.
pub(crate) fn bearer(registry: &Registry, tokens: &Value) -> Api {
    registry.nobody().with_token(tokens["access_token"].as_str())
}

/// The error of an endpoint for programs, and its sentence.
#[track_caller]
fn refused(answer: &Answer) -> (String, String) {
    assert!(answer.status() >= 400, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (text("error"), text("error_description"))
}
