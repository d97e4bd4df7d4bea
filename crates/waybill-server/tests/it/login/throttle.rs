//! Guessing passwords takes time.

use std::time::Duration;

use serde_json::json;

use super::{ADA, PASSWORD, USERS, ada, audited, bearer, browser::Browser, person, tokens};
use crate::running::Registry;

#[tokio::test]
async fn an_account_pauses_after_some_failures() {
    let (registry, _) = ada().await;
    let mut browser = Browser::new(&registry);
    let page = browser.get("/login").await;
    let wrong = [("email", ADA), ("password", "wrong horse battery")];
    let right = [("email", ADA), ("password", PASSWORD)];
    for _ in 0..5 {
        assert_eq!(browser.submit(&page, &wrong).await.status, 401);
    }
    let paused = browser.submit(&page, &right).await;
    assert_eq!((paused.status, browser.session()), (429, None), "the right one has to wait as well");
    assert!(paused.html.contains("wait 1 second and try again"), "{}", paused.html);
    registry.clock.advance(Duration::from_secs(1));
    assert_eq!(browser.submit(&page, &wrong).await.status, 401);
    assert!(browser.submit(&page, &right).await.html.contains("wait 2 seconds"));
    registry.clock.advance(Duration::from_secs(2));
    assert_eq!(browser.submit(&page, &right).await.status, 303);

    let mut other = Browser::new(&registry);
    let page = other.get("/login").await;
    for _ in 0..5 {
        assert_eq!(other.submit(&page, &wrong).await.status, 401, "success has wiped the slate");
    }
    let unknown = [("email", "nobody@example.com"), ("password", PASSWORD)];
    for _ in 0..5 {
        assert_eq!(other.submit(&page, &unknown).await.status, 401);
    }
    assert_eq!(other.submit(&page, &unknown).await.status, 429, "whether it exists or not");
}

#[tokio::test]
async fn an_address_pauses_whatever_accounts_it_tries() {
    let (registry, _) = ada().await;
    let mut browser = Browser::new(&registry);
    let page = browser.get("/login").await;
    for number in 0..30 {
        let email = format!("user{number}@example.com");
        let answer = browser.submit(&page, &[("email", &email), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 401, "{number}");
    }
    let answer = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 429);
    registry.clock.advance(Duration::from_secs(1));
    browser.log_in(ADA, PASSWORD).await;
}

/// How attempts with a wrong password are answered that come by way of a proxy.
async fn fail(registry: &Registry, clients: &[&'static str]) -> Vec<u16> {
    let mut browser = Browser::new(registry);
    let page = browser.get("/login").await;
    let mut answers = Vec::new();
    for client in clients {
        browser.forwarded_for = Some(client);
        let wrong = [("email", ADA), ("password", "wrong horse battery")];
        answers.push(browser.submit(&page, &wrong).await.status);
    }
    answers
}

#[tokio::test]
async fn behind_a_proxy_that_is_trusted_each_client_waits_for_itself() {
    let registry = Registry::start_configured(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a range")];
    })
    .await;
    person(&registry.api().await, ADA, None).await;
    let evil = ["198.51.100.1", "203.0.113.1, 198.51.100.1", "203.0.113.2,198.51.100.1", "x, 198.51.100.1"];
    assert_eq!(fail(&registry, &evil).await, [401; 4]);
    assert_eq!(fail(&registry, &evil).await, [401, 429, 429, 429], "whatever it pretends to be");
    let mut home = Browser::new(&registry);
    home.forwarded_for = Some("203.0.113.1");
    home.log_in(ADA, PASSWORD).await;
    let failures: Vec<_> =
        audited(&registry).await.into_iter().filter(|row| row.contains("login.fail")).collect();
    assert!(failures.len() == 5 && failures.iter().all(|row| row.contains("198.51.100.1")), "{failures:?}");
}

#[tokio::test]
async fn nobody_else_is_believed_about_an_address() {
    let (registry, _) = ada().await;
    let clients = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4", "203.0.113.5", "203.0.113.6"];
    assert_eq!(fail(&registry, &clients).await, [401, 401, 401, 401, 401, 429]);
}

#[tokio::test]
async fn whoever_has_a_stolen_token_keeps_nobody_from_logging_in() {
    let (registry, mut browser) = ada().await;
    let me = bearer(&registry, &tokens(&registry, &mut browser).await);
    let whoami = me.get("/api/v1/whoami").await.ok();
    let path = format!("{USERS}/{}/password", whoami["principal"]["id"].as_str().expect("an identifier"));
    let wrong = json!({ "password": "another horse battery", "current_password": "wrong" });
    for status in [403, 403, 403, 403, 403, 429] {
        assert_eq!(me.put(&path, wrong.clone()).await.status(), status);
    }
    Browser::new(&registry).log_in(ADA, PASSWORD).await;
}

#[tokio::test]
async fn ones_own_password_cannot_be_guessed_with_a_stolen_token() {
    let (registry, mut browser) = ada().await;
    let me = bearer(&registry, &tokens(&registry, &mut browser).await);
    let id =
        me.get("/api/v1/whoami").await.ok()["principal"]["id"].as_str().expect("an identifier").to_owned();
    let body = |current: &str| json!({ "password": "another horse battery", "current_password": current });
    let path = format!("{USERS}/{id}/password");
    for _ in 0..5 {
        me.put(&path, body("wrong")).await.fails(403, 7);
    }
    assert!(me.put(&path, body(PASSWORD)).await.fails(429, 8).contains("wait 1 second"));
    registry.clock.advance(Duration::from_secs(1));
    me.put(&path, body(PASSWORD)).await.ok();
}
