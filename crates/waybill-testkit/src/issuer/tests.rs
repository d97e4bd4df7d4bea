//! The provider does what providers do, above all refuse.

use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use reqwest::{Client as Http, redirect};

use super::*;

const REDIRECT: &str = "https://registry.example/login/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Of that verifier, as RFC 7636 computes it in its appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn http() -> Http {
    crate::server::use_ring();
    Http::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap()
}

async fn issuer() -> Issuer {
    let issuer = Issuer::start().await;
    issuer.register(Client {
        id: "registry".to_owned(),
        secret: "s e:c+ret".to_owned(),
        redirects: vec![REDIRECT.to_owned()],
    });
    issuer.sign_in(Some(User { groups: vec!["ops".to_owned()], ..User::new("u1", "ada@example.com") }));
    issuer
}

type Pairs<'a> = Vec<(&'a str, &'a str)>;

/// Those pairs, changed: an empty value removes one.
fn changed<'a>(pairs: &[(&'a str, &'a str)], changes: &[(&'a str, &'a str)]) -> Pairs<'a> {
    let mut pairs = pairs.to_vec();
    for (name, value) in changes {
        pairs.retain(|(other, _)| other != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    pairs
}

async fn authorize(issuer: &Issuer, changes: &[(&str, &str)]) -> (u16, String) {
    let request = changed(
        &[
            ("client_id", "registry"),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("scope", "openid email"),
            ("state", "s1"),
            ("nonce", "n1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ],
        changes,
    );
    let query = serde_urlencoded::to_string(request).unwrap();
    let answer = http().get(format!("{}/authorize?{query}", issuer.url())).send().await.unwrap();
    let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), location.unwrap_or_default())
}

async fn token(issuer: &Issuer, code: &str, changes: &[(&str, &str)]) -> (u16, Value) {
    let form = changed(
        &[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
            ("client_id", "registry"),
            ("client_secret", "s e:c+ret"),
        ],
        changes,
    );
    let answer = http().post(format!("{}/token", issuer.url())).form(&form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn code(issuer: &Issuer) -> String {
    let (status, location) = authorize(issuer, &[]).await;
    assert_eq!(status, 303, "{location}");
    let code = location.strip_prefix(&format!("{REDIRECT}?code=")).unwrap();
    code.strip_suffix("&state=s1").unwrap().to_owned()
}

#[tokio::test]
async fn tokens_are_signed_by_the_published_key() {
    let issuer = Issuer::start().await;
    for algorithm in
        [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA]
    {
        let old = issuer.key();
        issuer.rotate(algorithm);
        let keys = http().get(format!("{}/keys", issuer.url())).send().await.unwrap();
        let keys: JwkSet = keys.json().await.unwrap();
        let [jwk] = &keys.keys[..] else { panic!("one key") };
        let key = DecodingKey::from_jwk(jwk).unwrap();
        let mut validation = Validation::new(algorithm);
        validation.set_audience(&["registry"]);
        validation.set_issuer(&[issuer.url()]);
        let decode = |token: &str| jsonwebtoken::decode::<Value>(token, &key, &validation).is_ok();
        let claims = json!({"aud": "registry"});
        assert!(decode(&issuer.token(&claims)), "{algorithm:?}");
        assert!(!decode(&issuer.token_signed_by(&issuer.forged_key(), &claims)));
        assert!(!decode(&issuer.token_signed_by(&old, &claims)));
        assert!(!decode(&unsigned(&issuer.claims(&claims))));
    }
    assert_eq!((issuer.key_fetches(), issuer.discoveries()), (5, 0));
}

#[tokio::test]
async fn somebody_logs_in() {
    let issuer = issuer().await;
    let code = code(&issuer).await;
    let (status, answer) = token(&issuer, &code, &[]).await;
    assert_eq!(status, 200, "{answer}");
    let id_token = answer["id_token"].as_str().unwrap();
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(id_token).unwrap();
    assert_eq!(claims["nonce"], "n1");
    assert_eq!(claims["aud"], "registry");
    assert_eq!(claims["groups"], json!(["ops"]));
    assert_eq!(token(&issuer, &code, &[]).await.1["error"], "invalid_grant", "a code is used once");
}

#[tokio::test]
async fn basic_authentication_is_form_encoded() {
    let issuer = issuer().await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code(&issuer).await),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let url = format!("{}/token", issuer.url());
    let send =
        |secret: &'static str| http().post(&url).basic_auth("registry", Some(secret)).form(&form).send();
    assert_eq!(send("wrong").await.unwrap().status(), 401);
    assert_eq!(send("s+e%3Ac%2Bret").await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_wrong_client_is_sent_nowhere() {
    let issuer = issuer().await;
    for change in [
        ("client_id", "other"),
        ("client_id", ""),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", "https://registry.example/login/callback/"),
        ("redirect_uri", ""),
    ] {
        let (status, location) = authorize(&issuer, &[change]).await;
        assert_eq!((status, location.as_str()), (400, ""), "{change:?}");
    }
}

#[tokio::test]
async fn a_wrong_request_is_sent_back() {
    let issuer = issuer().await;
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "email", "invalid_scope"),
        ("state", "", "invalid_request"),
        ("nonce", "", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
    ] {
        let (status, location) = authorize(&issuer, &[(name, value)]).await;
        assert_eq!(status, 303);
        assert!(location.starts_with(&format!("{REDIRECT}?error={error}&")), "{name}: {location}");
    }
    issuer.sign_in(None);
    assert!(authorize(&issuer, &[]).await.1.contains("error=access_denied"));
}

#[tokio::test]
async fn a_code_is_given_to_whom_it_belongs() {
    let issuer = issuer().await;
    issuer.register(Client { id: "other".into(), secret: "o".into(), redirects: vec![REDIRECT.into()] });
    for (changes, error) in [
        (vec![("client_secret", "wrong")], "invalid_client"),
        (vec![("client_id", "other"), ("client_secret", "o")], "invalid_grant"),
        (vec![("client_secret", "")], "invalid_request"),
        (vec![("grant_type", "password")], "unsupported_grant_type"),
        (vec![("code", "guessed")], "invalid_grant"),
        (vec![("redirect_uri", "https://registry.example/")], "invalid_grant"),
        (vec![("code_verifier", "")], "invalid_grant"),
        (vec![("code_verifier", "another-verifier-that-is-long-enough-to-be-one")], "invalid_grant"),
    ] {
        let (status, answer) = token(&issuer, &code(&issuer).await, &changes).await;
        assert!(400 <= status && answer["error"] == error, "{changes:?}: {status} {answer}");
    }
    issuer.set_time(1_790_000_000);
    let late = code(&issuer).await;
    issuer.set_time(1_790_000_060);
    assert_eq!(token(&issuer, &late, &[]).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn trouble_on_demand() {
    let issuer = issuer().await;
    let get = async |path: &str| http().get(format!("{}{path}", issuer.url())).send().await.unwrap();
    issuer.discovery(json!({"issuer": "https://other.example", "token_endpoint": null}));
    let document: Value = get("/.well-known/openid-configuration").await.json().await.unwrap();
    assert_eq!(document["issuer"], "https://other.example");
    assert_eq!(document.get("token_endpoint"), None);
    issuer.key_set(Some("nothing".to_owned()));
    assert_eq!(get("/keys").await.text().await.unwrap(), "nothing");
    issuer.fail(true);
    assert_eq!(get("/keys").await.status(), 503);
    issuer.id_token(json!({"nonce": "other"}));
    issuer.fail(false);
    let (_, answer) = token(&issuer, &code(&issuer).await, &[]).await;
    let claims: Value =
        jsonwebtoken::dangerous::insecure_decode_claims(answer["id_token"].as_str().unwrap()).unwrap();
    assert_eq!(claims["nonce"], "other");
}
