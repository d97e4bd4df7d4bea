//! Staying logged in: refresh tokens are used once, and a copy ends the session.

use std::time::Duration;

use serde_json::Value;

use super::{SDK, ada, audited, bearer, form, refused, tokens};
use crate::running::Registry;

fn refresh_form(token: &Value) -> String {
    let token = token.as_str().expect("a refresh token");
    form(&[("grant_type", "refresh_token"), ("client_id", "waybill"), ("refresh_token", token)])
}

async fn refresh(registry: &Registry, tokens: &Value) -> Value {
    registry.token_request(None, &refresh_form(&tokens["refresh_token"])).await.ok()
}

#[tokio::test]
async fn each_refresh_token_leads_to_the_next() {
    let (registry, mut browser) = ada().await;
    let mut held = tokens(&registry, &mut browser).await;
    for _ in 0..5 {
        registry.clock.advance(Duration::from_hours(24));
        bearer(&registry, &held).get("/api/v1/whoami").await.fails(401, 16);
        let next = refresh(&registry, &held).await;
        assert_ne!(next["refresh_token"], held["refresh_token"]);
        bearer(&registry, &next).get("/api/v1/whoami").await.ok();
        held = next;
    }
}

#[tokio::test]
async fn two_processes_may_refresh_at_the_same_moment() {
    let (registry, mut browser) = ada().await;
    let held = tokens(&registry, &mut browser).await;
    let first = refresh(&registry, &held).await;
    registry.clock.advance(Duration::from_mins(1));
    let second = refresh(&registry, &held).await;
    assert_eq!(first["refresh_token"], second["refresh_token"], "whichever of them is kept");
    for tokens in [&first, &second] {
        bearer(&registry, tokens).get("/api/v1/whoami").await.ok();
    }
    registry.clock.advance(Duration::from_hours(1));
    bearer(&registry, &refresh(&registry, &second).await).get("/api/v1/whoami").await.ok();
}

#[tokio::test]
async fn a_copy_of_an_old_refresh_token_ends_the_session() {
    let (registry, mut browser) = ada().await;
    for generations in [1, 2, 3] {
        let first = tokens(&registry, &mut browser).await;
        let mut newest = first.clone();
        for _ in 0..generations {
            newest = refresh(&registry, &newest).await;
        }
        registry.clock.advance(Duration::from_secs(61));
        let (error, description) =
            refused(&registry.token_request(None, &refresh_form(&first["refresh_token"])).await);
        assert_eq!(error, "invalid_grant");
        assert!(description.contains("somebody has a copy"), "{description}");
        bearer(&registry, &newest).get("/api/v1/whoami").await.fails(401, 16);
        let newest = registry.token_request(None, &refresh_form(&newest["refresh_token"])).await;
        assert!(refused(&newest).1.contains("log in again"));
    }
    let ended =
        audited(&registry).await.into_iter().filter(|row| row.contains("an old refresh token was used"));
    assert_eq!(ended.count(), 3);
}

#[tokio::test]
async fn two_generations_back_is_old_even_within_a_minute() {
    let (registry, mut browser) = ada().await;
    let first = tokens(&registry, &mut browser).await;
    let second = refresh(&registry, &first).await;
    refresh(&registry, &second).await;
    let answer = registry.token_request(None, &refresh_form(&first["refresh_token"])).await;
    assert!(refused(&answer).1.contains("somebody has a copy"));
}

#[tokio::test]
async fn other_refresh_tokens_are_refused() {
    let (registry, mut browser) = ada().await;
    let held = tokens(&registry, &mut browser).await;
    let good = refresh_form(&held["refresh_token"]);
    let other = Registry::start().await;
    assert_eq!(refused(&other.token_request(None, &good).await).0, "invalid_grant", "of another registry");
    for (form, word) in [
        (good.replace("wbr_", "wbr_A"), "invalid_grant"),
        (good.replace("wbr_", ""), "invalid_grant"),
        (good.replace("client_id=waybill", &format!("client_id={SDK}")), "invalid_grant"),
        (good.replace("client_id=waybill", "client_id=evil"), "invalid_client"),
        (refresh_form(&"x".into()), "invalid_grant"),
        (form(&[("grant_type", "refresh_token"), ("client_id", "waybill")]), "invalid_request"),
    ] {
        assert_eq!(refused(&registry.token_request(None, &form).await).0, word, "{form}");
    }
    registry.token_request(None, &good).await.ok();
}

#[tokio::test]
async fn a_program_stays_logged_in_for_thirty_days() {
    let (registry, mut browser) = ada().await;
    let mut held = tokens(&registry, &mut browser).await;
    registry.clock.advance(Duration::from_secs(30 * 24 * 3600 - 10));
    held = refresh(&registry, &held).await;
    registry.clock.advance(Duration::from_secs(10));
    let answer = registry.token_request(None, &refresh_form(&held["refresh_token"])).await;
    assert!(refused(&answer).1.contains("log in again"));
}

#[tokio::test]
async fn a_login_outlives_a_restart() {
    let (registry, mut browser) = ada().await;
    let held = tokens(&registry, &mut browser).await;
    let registry = registry.restart().await;
    browser.origin = format!("http://{}", registry.server.address());
    assert!(browser.get("/login").await.html.contains("You are logged in"));
    bearer(&registry, &held).get("/api/v1/whoami").await.ok();
    bearer(&registry, &refresh(&registry, &held).await).get("/api/v1/whoami").await.ok();
}
