//! Logging in where there is no browser: a code is shown there and typed here.

use std::time::Duration;

use serde_json::Value;
use waybill_testkit::Answer;

use super::{ADA, PASSWORD, ada, bearer, browser::Browser, form, query, refused};
use crate::running::Registry;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn start(registry: &Registry, client: &str) -> Answer {
    let request = registry
        .request(reqwest::Method::POST, "/oauth2/device_authorization")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form(&[("client_id", client), ("scope", "openid offline_access")]));
    Answer::of(request).await
}

async fn poll(registry: &Registry, device: &Value) -> Answer {
    let code = device["device_code"].as_str().expect("a code");
    let form = form(&[("grant_type", GRANT), ("client_id", "waybill"), ("device_code", code)]);
    registry.token_request(None, &form).await
}

#[tokio::test]
async fn a_program_without_a_browser_is_let_in() {
    let (registry, _) = ada().await;
    let answer = start(&registry, "waybill").await;
    let device = answer.ok();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!((&device["expires_in"], &device["interval"]), (&600.into(), &5.into()));
    let user_code = device["user_code"].as_str().expect("a code");
    let public = registry.server.public_url();
    assert_eq!(device["verification_uri"], format!("{public}/device"));
    assert_eq!(device["verification_uri_complete"], format!("{public}/device?user_code={user_code}"));
    registry.clock.advance(Duration::from_secs(5));
    assert_eq!(refused(&poll(&registry, &device).await).0, "authorization_pending");
    registry.clock.advance(Duration::from_secs(4));
    assert_eq!(refused(&poll(&registry, &device).await).0, "slow_down");
    registry.clock.advance(Duration::from_secs(5));
    assert_eq!(refused(&poll(&registry, &device).await).0, "authorization_pending");

    let mut browser = Browser::new(&registry);
    let login = browser.get(&query("/device", &[("user_code", user_code)])).await.location();
    let login = browser.get(&login).await;
    let page = browser.submit(&login, &[("email", ADA), ("password", PASSWORD)]).await.location();
    let page = browser.get(&page).await;
    assert!(page.html.contains(user_code) && !page.html.contains("Allow"), "only filled in: {}", page.html);
    registry.clock.advance(Duration::from_mins(3));
    let typed = user_code.to_lowercase().replace('-', " ");
    let consent = browser.submit(&page, &[("user_code", &typed)]).await;
    for shown in ["the waybill command line", user_code, "3 minutes ago", ADA, "Allow", "Refuse"] {
        assert!(consent.html.contains(shown), "{shown}: {}", consent.html);
    }
    assert_eq!(refused(&poll(&registry, &device).await).0, "authorization_pending", "nobody has decided");
    let done = browser.submit(&consent, &[("decision", "allow")]).await;
    assert!(done.html.contains("Done"), "{}", done.html);

    let tokens = poll(&registry, &device).await.ok();
    assert_eq!(bearer(&registry, &tokens).get("/api/v1/whoami").await.ok()["principal"]["name"], ADA);
    assert_eq!(refused(&poll(&registry, &device).await).0, "invalid_grant", "once");
    bearer(&registry, &tokens).get("/api/v1/whoami").await.fails(401, 16);
    let again = browser.submit(&page, &[("user_code", user_code)]).await;
    assert_eq!(again.status, 404, "a code that was used is none");
}

#[tokio::test]
async fn a_person_may_refuse_and_decide_once() {
    let (registry, mut browser) = ada().await;
    let device = start(&registry, "waybill").await.ok();
    let user_code = device["user_code"].as_str().expect("a code");
    let page = browser.get("/device").await;
    let consent = browser.submit(&page, &[("user_code", user_code)]).await;
    let done = browser.submit(&consent, &[("decision", "deny")]).await;
    assert!(done.html.contains("Refused"), "{}", done.html);
    assert_eq!(browser.submit(&consent, &[("decision", "allow")]).await.status, 404);
    assert_eq!(refused(&poll(&registry, &device).await).0, "access_denied");
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes() {
    let (registry, mut browser) = ada().await;
    let device = start(&registry, "waybill").await.ok();
    registry.clock.advance(Duration::from_mins(10));
    assert_eq!(refused(&poll(&registry, &device).await).0, "expired_token");
    let page = browser.get("/device").await;
    let typed = browser.submit(&page, &[("user_code", device["user_code"].as_str().expect("a code"))]).await;
    assert_eq!(typed.status, 404);
    assert!(typed.html.contains("no program waits under this code"), "{}", typed.html);
}

#[tokio::test]
async fn an_approval_that_nobody_fetched_in_time_is_void() {
    let (registry, mut browser) = ada().await;
    let device = start(&registry, "waybill").await.ok();
    let page = browser.get("/device").await;
    let fields = [("user_code", device["user_code"].as_str().expect("a code")), ("decision", "allow")];
    assert!(browser.submit(&page, &fields).await.html.contains("Done"));
    registry.clock.advance(Duration::from_mins(10));
    assert_eq!(refused(&poll(&registry, &device).await).0, "expired_token");
}

#[tokio::test]
async fn codes_cannot_be_guessed() {
    let (_registry, mut browser) = ada().await;
    let page = browser.get("/device").await;
    for typed in ["", "BCDF-GHJK", "x", "ABCD-EFGH", "<b>"] {
        let answer = browser.submit(&page, &[("user_code", typed)]).await;
        assert_eq!(answer.status, 404, "{typed}");
        assert!(!answer.html.contains("<b>"));
    }
    let answer = browser.submit(&page, &[("user_code", "BCDF-GHJK")]).await;
    assert_eq!(answer.status, 429);
    assert!(answer.html.contains("wait 1 second"), "{}", answer.html);
}

#[tokio::test]
async fn a_decision_comes_from_the_page_of_the_session() {
    let (registry, mut browser) = ada().await;
    let device = start(&registry, "waybill").await.ok();
    let page = browser.get("/device").await;
    let fields = [("user_code", device["user_code"].as_str().expect("a code")), ("decision", "allow")];
    assert_eq!(browser.submit(&page, &[fields[0], fields[1], ("csrf", "x")]).await.status, 403);
    let request = browser
        .bare(reqwest::Method::POST, "/device")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://evil.example")
        .body(form(&fields));
    assert_eq!(browser.send(request).await.status, 403);
    assert_eq!(Browser::new(&registry).submit(&page, &fields).await.status, 401);
    assert_eq!(refused(&poll(&registry, &device).await).0, "authorization_pending");
}

#[tokio::test]
async fn who_asks_for_codes_without_end_waits() {
    let registry = Registry::start().await;
    assert_eq!(refused(&start(&registry, "evil").await).0, "invalid_client");
    for _ in 0..60 {
        start(&registry, "waybill").await.ok();
    }
    let answer = start(&registry, "waybill").await;
    assert_eq!((answer.status(), refused(&answer).0.as_str()), (429, "slow_down"));
    registry.clock.advance(Duration::from_hours(1));
    start(&registry, "waybill").await.ok();
}
