//! Logging in without a secret, as clients with a credential file of the scheme `workload` do it: over TLS, on any
//! transport of the rest, without an access token.

use serde_json::{Value, json};
use waybill_testkit::{Answer, Api, Scope, issuer::Issuer};

use super::options;

const PROVIDERS: &str =
    "/2019-12-10/iam/project/{project_id}/service-principal/ci-bot/workload-identity-providers";

/// Makes a principal that may publish and that tokens of an issuer stand for; tells the provider's resource name.
async fn provider(owner: &Api, issuer: &Issuer) -> String {
    owner.create_principal("ci-bot", "contributor", Scope::Project).await;
    let provider = json!({
        "conditional_access": "jwt_claims.sub == `job`",
        "oidc_config": {"issuer_uri": issuer.url(), "allowed_audiences": ["waybill"]},
    });
    let made = owner.post(PROVIDERS, json!({"name": "github", "provider": provider})).await.ok();
    made["provider"]["resource_name"].as_str().expect("a name").to_owned()
}

/// As the SDK does it with the name that a credential file has: the slashes as they are, nothing but the token.
async fn exchange(api: &Api, name: &str, token: &str) -> Answer {
    api.with_token(None)
        .post(&format!("/2019-12-10/{name}/exchange-token"), json!({"jwt_token": token}))
        .await
}

fn job(issuer: &Issuer) -> String {
    issuer.token(&json!({"sub": "job", "aud": "waybill"}))
}

#[tokio::test]
async fn a_workload_publishes_with_a_token_of_its_own() {
    let issuer = Issuer::start().await;
    let waybill = options().argument("--egress-allow").argument("127.0.0.1").start();
    let owner = waybill.api().await;
    let name = provider(&owner, &issuer).await;
    for path in [name.clone(), name.replace('/', "%2F")] {
        let answer = exchange(&owner, &path, &job(&issuer)).await.ok();
        assert_eq!(answer["expires_in"], 3600);
        let workload = owner.with_token(answer["access_token"].as_str());
        // Everything else may be in the clear, as clients on the same machine like it.
        let workload = if path == name { workload } else { workload.at(&waybill.plain_url()) };
        let bucket = if path == name { "ubuntu" } else { "debian" };
        workload.create_bucket(bucket).await;
        workload.publish(bucket, "1", &["amazon-ebs.base"]).await;
        let channels = workload.get(&format!("buckets/{bucket}/versions/1")).await.ok();
        assert_eq!(channels["version"]["author_id"], "ci-bot");
    }
    let log = waybill.log();
    let token = job(&issuer);
    assert!(!log.contains(token.split('.').next().expect("a header")), "no token is in the log: {log}");
    waybill.stop().await;
}

#[tokio::test]
async fn a_token_is_taken_once_if_the_operator_says_so_over_restarts_too() {
    let issuer = Issuer::start().await;
    let mut waybill = options()
        .environment("WAYBILL_EGRESS_ALLOW", "127.0.0.1")
        .argument("--workload-token-reuse")
        .argument("0s")
        .start();
    let name = provider(&waybill.api().await, &issuer).await;
    let token = job(&issuer);
    let api = waybill.api().await;
    let access: Value = exchange(&api, &name, &token).await.ok();
    waybill.restart().await;
    let api = waybill.api().await;
    exchange(&api, &name, &token).await.fails(401, 16);
    exchange(&api, &name, &issuer.token(&json!({"sub": "job", "aud": "waybill", "jti": "2"}))).await.ok();
    api.with_token(access["access_token"].as_str()).get("buckets").await.ok();
    waybill.stop().await;
}

#[tokio::test]
async fn without_leave_the_registry_does_not_go_to_this_machine() {
    let issuer = Issuer::start().await;
    let waybill = options().start();
    let owner = waybill.api().await;
    owner.create_principal("ci-bot", "contributor", Scope::Project).await;
    let provider = json!({
        "conditional_access": "jwt_claims.sub == `job`",
        "oidc_config": {"issuer_uri": issuer.url()},
    });
    let message = owner.post(PROVIDERS, json!({"name": "github", "provider": provider})).await.fails(400, 3);
    assert!(message.contains("--egress-allow 127.0.0.1"), "{message}");
    waybill.stop().await;
}

#[test]
fn the_time_of_reuse_is_a_time() {
    let refused = super::run(&["serve", "--workload-token-reuse", "often"]);
    assert_eq!(refused.status.code(), Some(2));
    let message = super::text(&refused.stderr);
    assert!(message.contains("--workload-token-reuse must be a time such as 10m"), "{message}");
}
