//! The token endpoint and what tokens are good for.

use std::time::Duration;

use reqwest::Method;
use waybill_testkit::{Answer, Scope};

use super::{PRINCIPALS, WHOAMI, principal};
use crate::running::Registry;

const FORM: &str = "grant_type=client_credentials";
const UNKNOWN: &str = "wb-01m8643ymkb2tb3hdpzaskcpr0";

/// The error of the token endpoint, which is RFC 6749's and not the API's.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> (String, String) {
    assert_eq!(answer.status(), status, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
    let body = answer.json();
    let member = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    assert!(body.as_object().is_some_and(|members| members.len() == 2), "only two members: {answer:?}");
    (member("error"), member("error_description"))
}

#[tokio::test]
async fn credentials_are_exchanged_for_a_token() {
    let registry = Registry::start().await;
    let (id, secret) = (registry.owner("client_id"), registry.owner("client_secret"));
    let form = format!("{FORM}&client_id={id}&client_secret={secret}");
    for answer in [
        registry.token(id, secret).await,
        registry.token_request(Some((id, secret)), FORM).await,
        registry
            .token_request(Some((id, secret)), &format!("{FORM}&audience=x&scope=openid&unknown=1"))
            .await,
        registry.token_request(Some((id, secret)), &format!("{FORM}&client_id={id}")).await,
        registry.token_request(None, &form).await,
    ] {
        let token = answer.ok();
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
        assert_eq!((&token["token_type"], &token["expires_in"]), (&"bearer".into(), &3600.into()));
        assert_eq!(token.as_object().map(serde_json::Map::len), Some(3), "{token}");
        let caller = registry.nobody().with_token(token["access_token"].as_str());
        assert_eq!(caller.get(WHOAMI).await.ok()["client_id"], id);
    }
}

#[tokio::test]
async fn wrong_credentials_are_refused_without_saying_what_is_wrong() {
    let registry = Registry::start().await;
    let (id, secret) = (registry.owner("client_id"), registry.owner("client_secret"));
    let (other, _) = registry.api().await.create_principal("other", "viewer", Scope::Organization).await;
    let wrong = registry.token(&other, secret).await;
    let unknown = registry.token(UNKNOWN, secret).await;
    let (error, description) = refused(&wrong, 401);
    assert_eq!(error, "invalid_client");
    assert_eq!(description, refused(&unknown, 401).1, "a known client id is not told from an unknown one");
    assert_eq!(wrong.header("www-authenticate"), Some("Basic realm=\"waybill\", charset=\"UTF-8\""));

    // Both ways that clients try, one after the other.
    let form = format!("{FORM}&client_id={other}&client_secret={secret}");
    assert_eq!(refused(&registry.token_request(None, &form).await, 401).0, "invalid_client");

    let (_, description) = refused(&registry.token("my-hcp-client-id", secret).await, 401);
    assert!(description.contains("`wb-`"), "{description}");
    let (_, description) = refused(&registry.token(id, &secret[..40]).await, 401);
    assert!(description.contains("53 characters"), "{description}");
    for (id, secret) in [("", ""), (id, ""), ("", secret), ("\0", "\0"), (secret, id)] {
        assert_eq!(refused(&registry.token(id, secret).await, 401).0, "invalid_client", "{id:?}");
    }
    assert_eq!(refused(&registry.token_request(None, FORM).await, 401).0, "invalid_client");
}

#[tokio::test]
async fn other_grants_are_refused_by_name() {
    let registry = Registry::start().await;
    let basic = Some((registry.owner("client_id"), registry.owner("client_secret")));
    for grant in ["password", "CLIENT_CREDENTIALS"] {
        let answer = registry.token_request(basic, &format!("grant_type={grant}")).await;
        assert_eq!(refused(&answer, 400).0, "unsupported_grant_type", "{grant}");
    }
    for grant in ["authorization_code&code=x", "refresh_token&refresh_token=x"] {
        let answer = registry.token_request(basic, &format!("grant_type={grant}")).await;
        assert_eq!(refused(&answer, 401).0, "invalid_client", "for programs of people: {grant}");
    }
    for form in ["", "grant_type=", "audience=x", &format!("{FORM}&{FORM}"), &"x".repeat(20_000)] {
        let answer = registry.token_request(basic, form).await;
        assert_eq!(refused(&answer, 400).0, "invalid_request", "{form:.30}");
    }
    let json = registry.request(Method::POST, "/oauth2/token").json(&serde_json::json!({"grant_type": "x"}));
    assert_eq!(refused(&Answer::of(json).await, 400).0, "invalid_request");
    registry.nobody().get("/oauth2/token").await.fails(501, 12);
}

#[tokio::test]
async fn a_request_without_a_good_token_is_told_what_to_do() {
    let registry = Registry::start().await;
    let nobody = registry.nobody();
    for path in [WHOAMI, PRINCIPALS, "registry", "buckets", "/resource-manager/2019-12-10/projects"] {
        let answer = nobody.get(path).await;
        assert!(answer.fails(401, 16).contains("POST /oauth2/token"), "{answer:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    let fails = async |token: &str| nobody.with_token(Some(token)).get(WHOAMI).await.fails(401, 16);
    assert!(fails("abc").await.contains("not one of this registry"));
    let hcp = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImhjcCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4In0.AAAA";
    assert!(fails(hcp).await.contains("delete ~/.config/hcp/creds-cache.json"));

    let basic = nobody.request(Method::GET, WHOAMI).basic_auth("a", Some("b"));
    assert!(Answer::of(basic).await.fails(401, 16).contains("`Bearer`"));
    let token = registry.api().await.token().to_owned();
    for scheme in ["bearer", "BEARER", "Bearer"] {
        let request =
            nobody.request(Method::GET, WHOAMI).header("authorization", format!("{scheme} {token}"));
        Answer::of(request).await.ok();
    }
}

#[tokio::test]
async fn a_token_of_another_registry_names_the_file_to_delete() {
    let (one, two) = (Registry::start().await, Registry::start().await);
    let token = one.api().await.token().to_owned();
    let message = two.nobody().with_token(Some(&token)).get("registry").await.fails(401, 16);
    assert!(message.contains("delete ~/.config/hcp/creds-cache.json"), "{message}");
    assert_ne!(one.owner("client_id"), two.owner("client_id"));
    assert_ne!(one.owner("organization_id"), two.owner("organization_id"));
}

#[tokio::test]
async fn a_token_lives_an_hour_and_over_restarts_and_rotations() {
    let registry = Registry::start().await;
    let token = registry.api().await.token().to_owned();
    registry.clock.advance(Duration::from_mins(30));
    let registry = registry.restart().await;
    registry.nobody().with_token(Some(&token)).get(WHOAMI).await.ok();

    let app = registry.server.app();
    for _ in 0..3 {
        registry.clock.advance(Duration::from_mins(5));
        let rotated =
            app.tokens.rotate(&app.store, app.ids.as_ref(), app.clock.now(), jiff::SignedDuration::ZERO);
        assert!(rotated.await.expect("rotated"));
        registry.nobody().with_token(Some(&token)).get(WHOAMI).await.ok();
    }
    let registry = registry.restart().await;
    registry.clock.advance(Duration::from_mins(14));
    registry.nobody().with_token(Some(&token)).get(WHOAMI).await.ok();
    registry.clock.advance(Duration::from_mins(1));
    let message = registry.nobody().with_token(Some(&token)).get(WHOAMI).await.fails(401, 16);
    assert!(message.contains("expired at"), "{message}");
}

#[tokio::test]
async fn a_deleted_principals_token_is_refused_at_once() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let bot = principal(&registry, &owner, "bot", "admin", Scope::Organization).await;
    let id = bot.get(WHOAMI).await.ok()["principal"]["id"].as_str().expect("an id").to_owned();
    bot.get("buckets").await.ok();
    owner.delete(&format!("{PRINCIPALS}/{id}")).await.ok();
    let paths = [
        WHOAMI,
        PRINCIPALS,
        "buckets",
        "registry",
        "/iam/2019-12-10/caller-identity",
        "/resource-manager/2019-12-10/organizations",
        "/resource-manager/2019-12-10/projects",
    ];
    for path in paths {
        let message = bot.get(path).await.fails(401, 16);
        assert!(message.contains("was deleted"), "{path}: {message}");
    }
    bot.put("buckets", serde_json::json!({"name": "ubuntu"})).await.fails(401, 16);
}

#[tokio::test]
async fn deleted_credentials_get_no_token() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let (client_id, secret) = owner.create_principal("bot", "viewer", Scope::Project).await;
    let bot = registry.api_of(&client_id, &secret).await;
    let id = bot.get(WHOAMI).await.ok()["principal"]["id"].as_str().expect("an id").to_owned();
    owner.delete(&format!("{PRINCIPALS}/{id}")).await.ok();
    assert_eq!(refused(&registry.token(&client_id, &secret).await, 401).0, "invalid_client");
}
