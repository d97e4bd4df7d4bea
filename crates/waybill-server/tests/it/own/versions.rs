//! Deleting a version that is in use.

use serde_json::{Value, json};
use waybill_testkit::{Answer, Api};

use crate::{running::Registry, trail::trail};

async fn delete(caller: &Api, fingerprint: &str, query: &str) -> Answer {
    let path = "/api/v1/organizations/{organization_id}/projects/{project_id}/buckets/debian/versions";
    caller.delete(&format!("{path}/{fingerprint}{query}")).await
}

async fn served_by(owner: &Api, channel: &str) -> Value {
    let channel = owner.get(&format!("buckets/debian/channels/{channel}")).await.ok();
    channel["channel"]["version"]["fingerprint"].clone()
}

#[tokio::test]
async fn what_is_in_use_is_deleted_by_force_only() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    owner.create_bucket("debian").await;
    for fingerprint in ["1", "2", "3"] {
        owner.publish("debian", fingerprint, &["null.base"]).await;
    }
    let body = json!({"name": "prod", "version_fingerprint": "1"});
    owner.post("buckets/debian/channels", body).await.ok();
    let body = json!({"update_mask": "versionFingerprint", "version_fingerprint": "2"});
    owner.patch("buckets/debian/channels/prod", body).await.ok();

    let message = delete(&owner, "2", "").await.fails(400, 9);
    assert!(message.contains("channel `prod`"), "{message}");
    delete(&owner, "2", "?force=false").await.fails(400, 9);
    delete(&owner, "2", "?force=true").await.fails(400, 3);
    delete(&owner, "2", "?force=true&reason=%20").await.fails(400, 3);
    delete(&owner, "2", "?reason=leaked").await.fails(400, 3);
    delete(&owner, "2", "?force=yes&reason=leaked").await.fails(400, 3);
    delete(&owner, "2", "?force=true&reason=leaked&rollback_channels=true").await.fails(400, 3);
    owner.get("buckets/debian/versions/2").await.ok();

    assert_eq!(delete(&owner, "2", "?force=true&reason=it+leaked+a+%22key%22").await.ok(), json!({}));
    owner.get("buckets/debian/versions/2").await.fails(409, 10);
    assert_eq!(served_by(&owner, "prod").await, "1", "back to what it had before");
    assert_eq!(served_by(&owner, "latest").await, "3");
    delete(&owner, "2", "?force=true&reason=again").await.fails(409, 10);

    // What nobody uses needs no force, and numbers are not used twice.
    assert_eq!(delete(&owner, "3", "").await.ok(), json!({}));
    assert_eq!(served_by(&owner, "latest").await, "1");
    owner.publish("debian", "4", &["null.base"]).await;
    assert_eq!(owner.get("buckets/debian/versions/4").await.ok()["version"]["name"], "v4");

    let trail = trail(&registry).await;
    let details: Vec<Value> = trail
        .iter()
        .filter(|row| row.action == "version.delete")
        .map(|row| serde_json::from_str(&row.detail).expect("JSON"))
        .collect();
    let expected =
        [json!({"version": "v2", "forced": "it leaked a \"key\""}), json!({"version": "v3", "forced": null})];
    assert_eq!(details, expected);
    // `latest` moves by itself, and it is written down where to.
    let moved = trail.iter().filter(|row| row.resource.ends_with("/debian/channel/latest"));
    let moved: Vec<_> = moved.map(|row| format!("{} {}", row.action, row.detail)).collect();
    let to = |number: u32| format!(r#"channel.assign {{"fingerprint":"{number}","version":"v{number}"}}"#);
    assert_eq!(moved, [1, 2, 3, 1, 4].map(to));
}

#[tokio::test]
async fn what_was_built_from_a_deleted_version_stays() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    owner.create_bucket("debian").await;
    owner.create_bucket("ubuntu").await;
    let parent = owner.publish("debian", "1", &["null.base"]).await;
    owner.post("buckets/ubuntu/versions", json!({"fingerprint": "c", "template_type": "HCL2"})).await.ok();
    let body = json!({
        "component_type": "null.base", "status": "BUILD_DONE", "platform": "null",
        "parent_version_id": parent["id"], "artifacts": [{"external_identifier": "x"}],
    });
    owner.post("buckets/ubuntu/versions/c/builds", body).await.ok();
    let status = |version: &Value| version["version"]["parents"]["status"].clone();
    let child = owner.get("buckets/ubuntu/versions/c").await.ok();
    assert_eq!((&child["version"]["name"], status(&child)), (&json!("v1"), json!("UP_TO_DATE")));

    let message = delete(&owner, "1", "").await.fails(400, 9);
    assert!(message.contains("bucket `ubuntu`"), "{message}");
    delete(&owner, "1", "?force=true&reason=gone").await.ok();
    let child = owner.get("buckets/ubuntu/versions/c").await.ok();
    assert_eq!((&child["version"]["name"], status(&child)), (&json!("v1"), json!("UNDETERMINED")));
}
