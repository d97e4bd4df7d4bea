//! What a session is good for: the whole API with a cookie, as long as it lasts.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use waybill_server::jobs;

use super::{ADA, PASSWORD, ada, bearer, browser::Browser, tokens};

async fn json(browser: &mut Browser, method: Method, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let mut request = browser.bare(method.clone(), path);
    if method != Method::GET {
        request = request.header("content-type", "application/json").body("{}");
    }
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let page = browser.send(request).await;
    (page.status, serde_json::from_str(&page.html).unwrap_or_default())
}

#[tokio::test]
async fn a_cookie_stands_for_a_token() {
    let (registry, mut browser) = ada().await;
    let (status, me) = json(&mut browser, Method::GET, "/api/v1/whoami", &[]).await;
    assert_eq!(
        (status, &me["principal"]["name"], &me["principal"]["kind"]),
        (200, &ADA.into(), &"user".into())
    );
    let (status, session) = json(&mut browser, Method::GET, "/api/v1/session", &[]).await;
    assert_eq!((status, &session["kind"], &session["id"]), (200, &"browser".into(), &me["client_id"]));
    assert_eq!(session["principal"]["id"], me["principal"]["id"]);
    assert!(session["csrf_token"].as_str().is_some_and(|token| token.len() == 43), "{session}");
    let project = registry.owner("project_id");
    let buckets = format!(
        "/packer/2023-01-01/organizations/{}/projects/{project}/buckets",
        registry.owner("organization_id")
    );
    assert_eq!(json(&mut browser, Method::GET, &buckets, &[]).await.0, 200);
    let anonymous = registry.nobody().get("/api/v1/session").await;
    anonymous.fails(401, 16);
    assert!(registry.api().await.get("/api/v1/session").await.fails(404, 5).contains("no session"));
}

#[tokio::test]
async fn with_both_the_token_counts() {
    let (registry, mut browser) = ada().await;
    let owner = registry.api().await;
    let token = format!("Bearer {}", owner.token());
    let (_, me) = json(&mut browser, Method::GET, "/api/v1/whoami", &[("authorization", &token)]).await;
    assert_eq!(me["principal"]["name"], "owner");
    let (status, _) =
        json(&mut browser, Method::GET, "/api/v1/whoami", &[("authorization", "Bearer x")]).await;
    assert_eq!(status, 401, "a bad token is not replaced by a good cookie");
}

#[tokio::test]
async fn what_changes_something_comes_from_our_own_pages() {
    let (registry, mut browser) = ada().await;
    let (_, session) = json(&mut browser, Method::GET, "/api/v1/session", &[]).await;
    let token = session["csrf_token"].as_str().expect("a token").to_owned();
    let origin = browser.origin.clone();
    let path = "/api/v1/sessions/01M8643YMKB2TB3HDPZASKCPR0";
    let own: &[(&str, &str)] = &[("origin", &origin), ("sec-fetch-site", "same-origin")];
    let good = [own, &[("x-csrf-token", &token)]].concat();
    assert_eq!(json(&mut browser, Method::DELETE, path, &good).await.0, 404, "let in");

    let (status, body) = json(&mut browser, Method::DELETE, path, own).await;
    assert_eq!((status, &body["code"]), (403, &7.into()), "without the header");
    assert!(body["message"].as_str().is_some_and(|message| message.contains("X-CSRF-Token")), "{body}");
    for fields in [
        [own, &[("x-csrf-token", "x")]].concat(),
        [own, &[("x-csrf-token", &token[..42])]].concat(),
        vec![("x-csrf-token", token.as_str())],
        vec![("x-csrf-token", &token), ("origin", "https://evil.example")],
        vec![("x-csrf-token", &token), ("origin", "null")],
        vec![("x-csrf-token", &token), ("sec-fetch-site", "same-site")],
        vec![("x-csrf-token", &token), ("sec-fetch-site", "cross-site"), ("origin", &origin)],
    ] {
        let (status, body) = json(&mut browser, Method::DELETE, path, &fields).await;
        assert_eq!((status, &body["code"]), (403, &7.into()), "{fields:?}");
    }
    let mut other = Browser::new(&registry);
    other.log_in(ADA, PASSWORD).await;
    assert_eq!(json(&mut other, Method::DELETE, path, &good).await.0, 403, "another session's token");
}

#[tokio::test]
async fn a_session_ends_with_its_time() {
    let (registry, mut browser) = ada().await;
    registry.clock.advance(Duration::from_secs(12 * 3600 - 1));
    assert_eq!(json(&mut browser, Method::GET, "/api/v1/whoami", &[]).await.0, 200);
    registry.clock.advance(Duration::from_secs(1));
    let (status, body) = json(&mut browser, Method::GET, "/api/v1/whoami", &[]).await;
    assert_eq!((status, &body["code"]), (401, &16.into()));
    assert!(body["message"].as_str().is_some_and(|message| message.contains("/login")), "{body}");
    assert!(browser.get("/login").await.html.contains("Log in to"));
}

#[tokio::test]
async fn a_logout_ends_everything_at_once() {
    let (registry, mut browser) = ada().await;
    let (_, session) = json(&mut browser, Method::GET, "/api/v1/session", &[]).await;
    let tokens = tokens(&registry, &mut browser).await;
    let me = bearer(&registry, &tokens);
    me.get("/api/v1/whoami").await.ok();
    me.delete("/api/v1/session").await.ok();
    me.get("/api/v1/whoami").await.fails(401, 16);
    me.get("buckets").await.fails(401, 16);
    me.delete("/api/v1/session").await.fails(401, 16);

    let secret = browser.session().expect("a session").clone();
    let origin = browser.origin.clone();
    let token = session["csrf_token"].as_str().expect("a token");
    let fields = [("origin", origin.as_str()), ("x-csrf-token", token)];
    assert_eq!(json(&mut browser, Method::DELETE, "/api/v1/session", &fields).await.0, 200);
    assert_eq!(browser.session(), None, "the cookie is taken back");
    browser.cookies.insert("__Host-waybill-session".to_owned(), secret);
    assert_eq!(json(&mut browser, Method::GET, "/api/v1/whoami", &[]).await.0, 401);
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_sessions() {
    let (registry, mut browser) = ada().await;
    let me = bearer(&registry, &tokens(&registry, &mut browser).await);
    let listed = me.get("/api/v1/sessions").await.ok();
    let sessions = listed["sessions"].as_array().expect("sessions").clone();
    let shown: Vec<_> =
        sessions.iter().map(|session| (session["kind"].clone(), session["current"].clone())).collect();
    assert_eq!(shown, [("browser".into(), false.into()), ("client".into(), true.into())]);
    assert_eq!(sessions[1]["client"], "the waybill command line");
    let path =
        |session: &Value| format!("/api/v1/sessions/{}", session["id"].as_str().expect("an identifier"));

    super::person(&registry.api().await, "bob@example.com", None).await;
    let mut other = Browser::new(&registry);
    other.log_in("bob@example.com", PASSWORD).await;
    let bob = bearer(&registry, &tokens(&registry, &mut other).await);
    bob.delete(&path(&sessions[0])).await.fails(404, 5);

    me.delete(&path(&sessions[0])).await.ok();
    assert!(browser.get("/login").await.html.contains("Log in to"));
    me.delete(&path(&sessions[0])).await.fails(404, 5);
    me.delete(&path(&sessions[1])).await.ok();
    me.get("/api/v1/sessions").await.fails(401, 16);
    assert_eq!(registry.api().await.get("/api/v1/sessions").await.ok(), json!({ "sessions": [] }));
}

#[tokio::test]
async fn a_deleted_person_is_out_at_once() {
    let (registry, mut browser) = ada().await;
    let me = bearer(&registry, &tokens(&registry, &mut browser).await);
    let id =
        me.get("/api/v1/whoami").await.ok()["principal"]["id"].as_str().expect("an identifier").to_owned();
    registry.api().await.delete(&format!("{}/{id}", super::USERS)).await.ok();
    me.get("/api/v1/whoami").await.fails(401, 16);
    assert_eq!(json(&mut browser, Method::GET, "/api/v1/whoami", &[]).await.0, 401);
    assert!(browser.get("/login").await.html.contains("Log in to"));
}

#[tokio::test]
async fn the_ways_to_log_in_are_told_to_everybody() {
    let (registry, _) = ada().await;
    let ways = registry.nobody().get("/api/v1/login").await.ok();
    assert_eq!(ways, json!({ "issuer": registry.server.public_url(), "password": true }));
    let metadata = registry.nobody().get("/.well-known/oauth-authorization-server").await.ok();
    assert_eq!(metadata["issuer"], ways["issuer"]);
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
}

#[tokio::test]
async fn what_is_over_is_forgotten() {
    let (registry, mut browser) = ada().await;
    let app = registry.server.app();
    let held = tokens(&registry, &mut browser).await;
    assert_eq!(jobs::forget_logins(app).await.expect("a job"), 0);
    registry.clock.advance(Duration::from_hours(2));
    assert_eq!(jobs::forget_logins(app).await.expect("a job"), 1, "the code that was used");
    registry.clock.advance(Duration::from_hours(11));
    assert_eq!(jobs::forget_logins(app).await.expect("a job"), 1, "the browser's session");
    let refresh = super::form(&[
        ("grant_type", "refresh_token"),
        ("client_id", "waybill"),
        ("refresh_token", held["refresh_token"].as_str().expect("a token")),
    ]);
    registry.token_request(None, &refresh).await.ok();
    registry.clock.advance(Duration::from_hours(30 * 24));
    assert_eq!(jobs::forget_logins(app).await.expect("a job"), 1, "the program's session");
}
