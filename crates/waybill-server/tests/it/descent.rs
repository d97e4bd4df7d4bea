//! What versions inherit from what they were made from, where that is easily overlooked.
//!
//! The ordinary course of things is a matter of the naive registry and of the tests with real clients.

use std::time::Duration;

use serde_json::{Value, json};
use waybill_testkit::Api;

use crate::running::Registry;

/// Two buckets; `app` has a version that was made from one of `base`.
async fn family(registry: &Registry) -> Api {
    let owner = registry.api().await;
    owner.create_bucket("base").await;
    owner.create_bucket("app").await;
    let parent = owner.publish("base", "parent", &["null.base"]).await;
    owner.create_version("app", "child").await;
    let body = json!({
        "component_type": "null.app", "status": "BUILD_DONE", "platform": "null",
        "parent_version_id": parent["id"], "artifacts": [{"external_identifier": "x"}],
    });
    owner.post("buckets/app/versions/child/builds", body).await.ok();
    owner
}

async fn child(owner: &Api) -> Value {
    owner.get("buckets/app/versions/child").await.ok()["version"].clone()
}

async fn change(owner: &Api, version: &str, body: Value) -> Value {
    let (bucket, fingerprint) = version.split_once('/').expect("a bucket and a fingerprint");
    owner.patch(&format!("buckets/{bucket}/versions/{fingerprint}"), body).await.ok()["version"].clone()
}

#[tokio::test]
async fn who_inherited_a_schedule_follows_when_it_is_replaced() {
    let registry = Registry::start().await;
    let owner = family(&registry).await;
    change(&owner, "base/parent", json!({"revoke_in": "60s"})).await;
    let first = child(&owner).await;
    assert_eq!(
        (&first["status"], &first["revocation_type"]),
        (&json!("VERSION_REVOCATION_SCHEDULED"), &json!("INHERITED"))
    );

    let parent = change(&owner, "base/parent", json!({"revoke_in": "2h"})).await;
    assert_eq!(child(&owner).await["revoke_at"], parent["revoke_at"]);
    registry.clock.advance(Duration::from_mins(2));
    assert_eq!(child(&owner).await["status"], "VERSION_REVOCATION_SCHEDULED", "the first schedule is gone");

    change(&owner, "base/parent", json!({"revoke_in": "3h", "skip_descendants_revocation": true})).await;
    let alone = child(&owner).await;
    assert_eq!((&alone["status"], alone.get("revoke_at")), (&json!("VERSION_ACTIVE"), None));
}

#[tokio::test]
async fn who_inherited_a_revocation_keeps_it_as_its_own_when_the_ancestor_is_deleted() {
    let own = "/api/v1/organizations/{organization_id}/projects/{project_id}/buckets/base/versions/parent";
    let forced = format!("{own}?force=true&reason=leaked");
    for path in [forced.as_str(), "buckets/base"] {
        let registry = Registry::start().await;
        let owner = family(&registry).await;
        change(&owner, "base/parent", json!({"revoke_in": "0s", "revocation_message": "leaked"})).await;
        owner.patch("buckets/app/versions/child", json!({"restore": true})).await.fails(400, 9);

        owner.delete(path).await.ok();
        let orphan = child(&owner).await;
        assert_eq!(
            (&orphan["status"], &orphan["revocation_type"]),
            (&json!("VERSION_REVOKED"), &json!("MANUAL"))
        );
        assert_eq!(orphan["revocation_message"], "leaked");
        assert_eq!(change(&owner, "app/child", json!({"restore": true})).await["status"], "VERSION_ACTIVE");
    }
}

#[tokio::test]
async fn what_a_build_is_made_from_counts_once_it_is_done() {
    let registry = Registry::start().await;
    let owner = family(&registry).await;
    let parent = owner.get("buckets/base/versions/parent").await.ok()["version"]["id"].clone();
    owner.create_version("app", "next").await;
    let builds = "buckets/app/versions/next/builds";
    let running =
        json!({"component_type": "null.two", "status": "BUILD_RUNNING", "parent_version_id": parent});
    owner.post(builds, running).await.ok();
    let done = json!({
        "component_type": "null.one", "status": "BUILD_DONE", "platform": "null",
        "parent_version_id": parent, "artifacts": [{"external_identifier": "y"}],
    });
    owner.post(builds, done).await.ok();
    let next = owner.get("buckets/app/versions/next").await.ok()["version"].clone();
    assert_eq!(next["parents"]["status"], "UP_TO_DATE");
}
