//! For operators: health, metrics, the log, PostgreSQL.

use std::time::Duration;

use serde_json::json;
use waybill_testkit::{Answer, Scope, Waybill, postgres};

use super::{BINARY, options};

#[tokio::test]
async fn health_readiness_and_metrics_need_no_token() {
    let waybill = Waybill::start(BINARY);
    let api = waybill.api().await;
    let stranger = api.with_token(None);
    let health = stranger.get("/healthz").await;
    assert_eq!((health.status(), health.text().trim()), (200, "ok"), "{health:?}");
    let ready = stranger.get("/readyz").await;
    assert_eq!(ready.status(), 200, "{ready:?}");
    api.get("buckets").await.ok();
    api.get("buckets/nothing").await.fails(404, 5);
    let metrics = stranger.get("/metrics").await;
    assert_eq!(metrics.status(), 200, "{metrics:?}");
    let text = metrics.text();
    assert!(text.contains("# HELP waybill_") && text.contains("# TYPE waybill_"), "{text}");
    assert!(
        !text.contains(api.project_id()) && !text.contains("nothing"),
        "no identifiers in labels: {text}"
    );
    waybill.stop().await;
}

/// The most talkative log there is holds no secret and no token.
#[tokio::test]
async fn secrets_do_not_reach_the_log() {
    let mut waybill = options().environment("RUST_LOG", "trace").environment("WAYBILL_LOG", "trace").start();
    let api = waybill.api().await;
    api.create_bucket("noisy").await;
    let (id, secret) = api.create_principal("noisy-one", "viewer", Scope::Organization).await;
    let theirs = waybill.api_of(&id, &secret).await;
    theirs.get("buckets").await.ok();
    let wrong = waybill
        .client()
        .post(format!("{}/oauth2/token", waybill.url()))
        .basic_auth(&id, Some("wbs_a-wrong-secret"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    assert_eq!(Answer::of(wrong).await.status(), 401);
    let owner = waybill.credentials().client_secret.clone();
    let output = waybill.output();
    let log = waybill.stop().await;
    assert!(!log.is_empty(), "the log goes to stderr");
    for secret in [&owner, &secret, "wbs_a-wrong-secret", api.token(), theirs.token()] {
        let signature = secret.rsplit('.').next().unwrap_or(secret);
        assert!(!log.contains(signature) && !output.contains(signature), "a secret is in the log");
    }
}

#[tokio::test]
async fn postgresql_serves_as_well() {
    let database = postgres::database();
    let mut waybill = options().database(&database.url()).start();
    let api = waybill.api().await;
    api.create_bucket("images").await;
    let version = api.publish("images", "one", &["null.a", "null.b"]).await;
    assert_eq!(version["name"], "v1");
    waybill.restart().await;
    let api = api.at(&waybill.url());
    assert_eq!(api.get("buckets/images/channels/latest").await.ok()["channel"]["version"]["name"], "v1");
    // A database that went away for a moment is used again.
    database.disconnect_everybody();
    let answer = api.get("buckets/images").await;
    assert!(answer.status() == 200 || answer.status() == 503, "{answer:?}");
    for _ in 0..200 {
        if api.get("buckets/images").await.status() == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    api.patch("buckets/images", json!({"description": "again"})).await.ok();
    waybill.stop().await;
}
