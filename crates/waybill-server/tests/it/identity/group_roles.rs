//! Whoever is in a group has the group's roles, in lists as well as one by one, until they are out of it.

use serde_json::{Value, json};

use super::{group, user, user_id};
use crate::running::Registry;

fn names(list: &Value) -> Vec<&str> {
    list["buckets"].as_array().expect("buckets").iter().filter_map(|bucket| bucket["name"].as_str()).collect()
}

#[tokio::test]
async fn a_group_s_role_on_a_bucket_is_that_of_its_members() {
    const MEMBERS: &str = "/iam/2019-12-10/iam/organization/{organization_id}/group/crew/members";
    const POLICY: &str = "/2019-12-10/resource-manager/resources/iam-policy";
    let registry = Registry::start().await;
    let owner = registry.api().await;
    for bucket in ["ubuntu", "debian", "alpine"] {
        owner.create_bucket(bucket).await;
    }
    owner.publish("ubuntu", "1", &["amazon-ebs.base"]).await;
    owner.post("buckets/ubuntu/channels", json!({"name": "prod"})).await.ok();
    let ada_id = user_id(&owner, "ada@example.com", None).await;
    let crew_id = group(&owner, "crew", &[&ada_id]).await;
    let ada = user(&registry, &ada_id).await;
    ada.get("buckets").await.fails(404, 5);

    let give = |bucket: &str, role: &str, id: &str, kind: &str| {
        json!({
            "resource_name": format!("packer/project/{}/bucket/{bucket}", owner.project_id()),
            "policy": {"bindings": [{"role_id": role, "members": [{"member_id": id, "member_type": kind}]}]},
        })
    };
    owner.put(POLICY, give("ubuntu", "roles/promoter", &crew_id, "GROUP")).await.ok();
    owner.put(POLICY, give("debian", "roles/viewer", &ada_id, "USER")).await.ok();
    assert_eq!(
        names(&ada.get("buckets").await.ok()),
        ["debian", "ubuntu"],
        "both of her own and by the group"
    );
    ada.get("buckets/alpine").await.fails(403, 7);
    let assign = json!({"update_mask": "versionFingerprint", "version_fingerprint": "1"});
    ada.patch("buckets/ubuntu/channels/prod", assign.clone()).await.ok();
    let message = ada.patch("buckets/debian/channels/prod", assign.clone()).await.fails(403, 7);
    assert!(message.contains("`promoter` on the bucket"), "{message}");

    owner.put(MEMBERS, json!({"member_principal_ids_to_remove": [ada_id]})).await.ok();
    assert_eq!(names(&ada.get("buckets").await.ok()), ["debian"]);
    ada.patch("buckets/ubuntu/channels/prod", assign).await.fails(403, 7);
}
