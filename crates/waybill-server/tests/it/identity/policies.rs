//! Policies: read as a whole, replaced as a whole, by those who may give what changes.

use serde_json::{Value, json};
use waybill_testkit::{Api, Scope};

use super::audited;
use crate::running::Registry;

const OF_ORGANIZATION: &str = "/resource-manager/2019-12-10/organizations/{organization_id}/iam-policy";
const OF_PROJECT: &str = "/resource-manager/2019-12-10/projects/{project_id}/iam-policy";
const OF_RESOURCE: &str = "/2019-12-10/resource-manager/resources/iam-policy";

/// A registry with its owner and two service principals that have no role.
struct Stage {
    registry: Registry,
    owner: Api,
}

impl Stage {
    async fn set() -> Self {
        let registry = Registry::start().await;
        let owner = registry.api().await;
        Self { registry, owner }
    }

    /// A service principal of the organization: its identifier and itself.
    async fn principal(&self, name: &str) -> (String, Api) {
        let parent = "/2019-12-10/iam/organization/{organization_id}";
        let made =
            self.owner.post(&format!("{parent}/service-principals"), json!({ "name": name })).await.ok();
        let key = self.owner.post(&format!("{parent}/service-principal/{name}/keys"), json!({})).await.ok();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let api = self.registry.api_of(&text(&key["key"]["client_id"]), &text(&key["client_secret"])).await;
        (text(&made["service_principal"]["id"]), api)
    }

    fn bucket(&self, name: &str) -> String {
        format!("packer/project/{}/bucket/{name}", self.owner.project_id())
    }
}

async fn read(caller: &Api, path: &str) -> Value {
    let policy = caller.get(path).await.ok()["policy"].clone();
    assert!(policy["etag"].as_str().is_some_and(|etag| !etag.is_empty()), "{policy}");
    policy
}

fn service(id: &str) -> Value {
    json!({"member_id": id, "member_type": "SERVICE_PRINCIPAL"})
}

fn policy(etag: &Value, bindings: &[(&str, &[&str])]) -> Value {
    let bindings: Vec<Value> = bindings
        .iter()
        .map(|(role, members)| {
            json!({"role_id": role, "members": members.iter().map(|id| service(id)).collect::<Vec<_>>()})
        })
        .collect();
    json!({"policy": {"bindings": bindings, "etag": etag}})
}

#[tokio::test]
async fn a_policy_is_replaced_as_a_whole_and_counts_at_once() {
    let stage = Stage::set().await;
    let (first_id, first) = stage.principal("first").await;
    let (second_id, second) = stage.principal("second").await;
    first.get("buckets").await.fails(404, 5);

    let empty = read(&stage.owner, OF_PROJECT).await;
    assert_eq!(empty["bindings"], json!([]), "what is inherited is not in it");
    let body = policy(
        &empty["etag"],
        &[("roles/viewer", &[&first_id, &second_id]), ("roles/publisher", &[&second_id])],
    );
    let set = stage.owner.put(OF_PROJECT, body.clone()).await.ok()["policy"].clone();
    assert_ne!(set["etag"], empty["etag"]);
    assert_eq!(set, read(&stage.owner, OF_PROJECT).await);
    let mut members = Vec::new();
    for binding in set["bindings"].as_array().expect("bindings") {
        for member in binding["members"].as_array().expect("members") {
            assert_eq!(member["member_type"], "SERVICE_PRINCIPAL");
            members.push((binding["role_id"].as_str(), member["member_id"].as_str()));
        }
    }
    members.sort_unstable();
    let mut expected = [
        (Some("roles/publisher"), Some(second_id.as_str())),
        (Some("roles/viewer"), Some(first_id.as_str())),
        (Some("roles/viewer"), Some(second_id.as_str())),
    ];
    expected.sort_unstable();
    assert_eq!(members, expected);
    // In the order in which they were given, also when that is another one than before.
    let (one, two) = (first_id.as_str(), second_id.as_str());
    for bindings in [
        vec![("roles/viewer", vec![two, one]), ("roles/publisher", vec![two]), ("roles/revoker", vec![one])],
        vec![("roles/viewer", vec![one, two]), ("roles/publisher", vec![two])],
    ] {
        let bindings: Vec<(&str, &[&str])> =
            bindings.iter().map(|(role, ids)| (*role, ids.as_slice())).collect();
        let body = policy(&json!(""), &bindings);
        let set = stage.owner.put(OF_PROJECT, body.clone()).await.ok();
        assert_eq!(set["policy"]["bindings"], body["policy"]["bindings"]);
    }
    let set = read(&stage.owner, OF_PROJECT).await;
    first.get("buckets").await.ok();
    first.put("buckets", json!({"name": "ubuntu"})).await.fails(403, 7);
    second.put("buckets", json!({"name": "ubuntu"})).await.ok();

    // The same again changes nothing, whatever the order.
    let again = policy(
        &set["etag"],
        &[("roles/publisher", &[&second_id]), ("roles/viewer", &[&second_id, &first_id])],
    );
    assert_eq!(stage.owner.put(OF_PROJECT, again).await.ok()["policy"]["etag"], set["etag"]);
    // A state of before is refused, and nothing of it is done.
    let message = stage.owner.put(OF_PROJECT, body).await.fails(409, 10);
    assert!(message.contains("read it again"), "{message}");
    assert_eq!(read(&stage.owner, OF_PROJECT).await, set);
    // No bindings take all roles away; the etag of the first empty state does not come again.
    let cleared = stage.owner.put(OF_PROJECT, policy(&set["etag"], &[])).await.ok()["policy"].clone();
    assert_eq!(cleared["bindings"], json!([]));
    assert_ne!(cleared["etag"], empty["etag"]);
    first.get("buckets").await.fails(404, 5);

    let audited = audited(&stage.registry).await;
    let rows: Vec<&String> = audited.iter().filter(|row| row.contains("policy.set")).collect();
    assert_eq!(rows.len(), 4, "{audited:?}");
    assert!(rows[0].contains(&format!("project/{}", stage.owner.project_id())), "{rows:?}");
    let who = [
        "viewer service principal first",
        "viewer service principal second",
        "publisher service principal second",
    ];
    let ids = [&first_id, &second_id, &second_id];
    let who: Vec<_> = who.iter().zip(ids).map(|(who, id)| format!("{who} ({id})")).collect();
    assert!(rows[0].ends_with(&json!({"added": who, "removed": []}).to_string()), "{rows:?}");
    assert!(rows[3].ends_with(&json!({"added": [], "removed": who}).to_string()), "{rows:?}");
}

#[tokio::test]
async fn buckets_have_policies_by_name_and_by_identifier() {
    let stage = Stage::set().await;
    let (id, bot) = stage.principal("bot").await;
    stage.owner.create_bucket("ubuntu").await;
    stage.owner.create_bucket("debian").await;
    let name = stage.bucket("ubuntu");
    let encoded = name.replace('/', "%2F");
    let policy = read(&stage.owner, &format!("{OF_RESOURCE}?resource_name={encoded}")).await;
    assert_eq!(policy["bindings"], json!([]));
    let body = |etag: &Value, role: &str| {
        json!({
            "resource_name": name,
            "policy": {"bindings": [{"role_id": role, "members": [service(&id)]}], "etag": etag},
        })
    };
    // Clients without an etag set the first policy.
    let set = stage.owner.put(OF_RESOURCE, body(&json!(""), "roles/contributor")).await.ok();
    bot.get("buckets/ubuntu").await.ok();
    bot.get("buckets/debian").await.fails(403, 7);
    bot.get(&format!("{OF_RESOURCE}?resource_name={encoded}")).await.fails(403, 7);

    let bucket = stage.owner.get("buckets/ubuntu").await.ok();
    let bucket_id = bucket["bucket"]["id"].as_str().expect("an identifier");
    let by_id = read(&stage.owner, &format!("{OF_RESOURCE}?resource_id={bucket_id}")).await;
    assert_eq!(by_id, set["policy"]);
    // An admin of the bucket keeps its policy, and gives no more than that.
    stage.owner.put(OF_RESOURCE, body(&by_id["etag"], "roles/admin")).await.ok();
    let own = read(&bot, &format!("{OF_RESOURCE}?resource_name={encoded}")).await;
    bot.put(OF_RESOURCE, body(&own["etag"], "roles/owner")).await.fails(403, 7);
    bot.put(OF_RESOURCE, body(&own["etag"], "roles/viewer")).await.ok();
    bot.put(OF_RESOURCE, body(&json!(""), "roles/admin")).await.fails(403, 7);

    for (query, status, code) in [
        ("", 400, 3),
        ("?resource_name=bucket%2Fubuntu", 400, 3),
        ("?resource_id=ubuntu", 404, 5),
        ("?resource_id=01M8643YMKB2TB3HDPZASKCPR0", 404, 5),
    ] {
        stage.owner.get(&format!("{OF_RESOURCE}{query}")).await.fails(status, code);
    }
    // An identifier alone does not tell anybody where it is.
    let (_, stranger) = stage.principal("stranger").await;
    let by_id = |id: &str| format!("{OF_RESOURCE}?resource_id={id}");
    let refused = stranger.get(&by_id(bucket_id)).await.fails(404, 5);
    let unknown = stranger.get(&by_id("01M8643YMKB2TB3HDPZASKCPR0")).await.fails(404, 5);
    assert_eq!(refused.replace(bucket_id, "01M8643YMKB2TB3HDPZASKCPR0"), unknown);
    let absent = stage.bucket("absent");
    let encoded = absent.replace('/', "%2F");
    stage.owner.get(&format!("{OF_RESOURCE}?resource_name={encoded}")).await.fails(404, 5);
    let give = json!({"resource_name": absent, "policy": {"bindings": [{"role_id": "roles/viewer", "members": [service(&id)]}]}});
    stage.owner.put(OF_RESOURCE, give).await.fails(404, 5);
    // Clients take a policy away after its bucket, and are done.
    let clear = json!({"resource_name": absent, "policy": {"etag": "of-before"}});
    let cleared = stage.owner.put(OF_RESOURCE, clear.clone()).await.ok();
    assert_eq!(cleared["policy"]["bindings"], json!([]));
    bot.put(OF_RESOURCE, clear).await.fails(403, 7);
}

#[tokio::test]
async fn what_cannot_be_given_is_refused_and_says_why() {
    let stage = Stage::set().await;
    let (id, _) = stage.principal("bot").await;
    let second = stage.owner.create_project("second").await;
    let parent = format!("/2019-12-10/iam/project/{second}/service-principals");
    let made = stage.owner.post(&parent, json!({"name": "elsewhere"})).await.ok();
    let elsewhere = made["service_principal"]["id"].as_str().expect("an identifier").to_owned();
    let etag = json!("");
    let user = json!({"policy": {"bindings": [
        {"role_id": "roles/viewer", "members": [{"member_id": id, "member_type": "USER"}]}]}});
    for (body, says) in [
        (policy(&etag, &[("roles/king", &[&id])]), "a role is one of `viewer`"),
        (policy(&etag, &[("roles/iam.group-manager", &[&id])]), "on a group only"),
        (
            policy(&etag, &[("roles/viewer", &["01M8643YMKB2TB3HDPZASKCPR0"])]),
            "there is no principal `01M8643YMKB2TB3HDPZASKCPR0`",
        ),
        (policy(&etag, &[("roles/viewer", &["\u{0}"])]), "there is no principal"),
        (policy(&etag, &[("roles/viewer", &[&elsewhere])]), "belongs to another project"),
        (user, "is a service principal, not a user"),
        (json!({}), "`policy` is missing"),
    ] {
        let message = stage.owner.put(OF_PROJECT, body).await.fails(400, 3);
        assert!(message.contains(says), "{message}");
    }
    let many: Vec<String> = (0..1001).map(|number| format!("principal-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let message = stage.owner.put(OF_PROJECT, policy(&etag, &[("roles/viewer", &many)])).await.fails(400, 3);
    assert!(message.contains("up to 1000 principals, this one has 1001"), "{message}");
    assert_eq!(read(&stage.owner, OF_PROJECT).await["bindings"], json!([]));
}

#[tokio::test]
async fn nobody_gives_or_takes_more_than_they_have() {
    let stage = Stage::set().await;
    let (id, _) = stage.principal("bot").await;
    let (key, secret) = stage.owner.create_principal("admin", "admin", Scope::Project).await;
    let admin = stage.registry.api_of(&key, &secret).await;
    let (key, secret) = stage.owner.create_principal("owner-too", "owner", Scope::Project).await;
    let owner_too = stage.registry.api_of(&key, &secret).await;
    let me = owner_too.get("/api/v1/whoami").await.ok();
    let owner_id = me["principal"]["id"].as_str().expect("an identifier").to_owned();

    let stored = read(&admin, OF_PROJECT).await;
    let mut more = stored.clone();
    more["bindings"]
        .as_array_mut()
        .expect("bindings")
        .push(json!({"role_id": "roles/promoter", "members": [service(&id)]}));
    // What others have may stay in it.
    let stored = admin.put(OF_PROJECT, json!({"policy": more})).await.ok()["policy"].clone();
    let mut raised = stored.clone();
    raised["bindings"]
        .as_array_mut()
        .expect("bindings")
        .push(json!({"role_id": "roles/owner", "members": [service(&id)]}));
    admin.put(OF_PROJECT, json!({"policy": raised})).await.fails(403, 7);
    // To leave an owner out is to take its role away.
    let without: Vec<Value> = stored["bindings"]
        .as_array()
        .expect("bindings")
        .iter()
        .filter(|binding| !binding.to_string().contains(&owner_id))
        .cloned()
        .collect();
    let body = json!({"policy": {"bindings": without, "etag": stored["etag"]}});
    let message = admin.put(OF_PROJECT, body).await.fails(403, 7);
    assert!(message.contains("`roles/owner`"), "{message}");
    assert_eq!(read(&stage.owner, OF_PROJECT).await, stored);
    admin.get(OF_ORGANIZATION).await.fails(403, 7);
}

#[tokio::test]
async fn an_organization_keeps_an_owner() {
    let stage = Stage::set().await;
    let (id, _) = stage.principal("bot").await;
    let stored = read(&stage.owner, OF_ORGANIZATION).await;
    let etag = &stored["etag"];
    for body in [policy(etag, &[]), policy(etag, &[("roles/admin", &[&id])])] {
        let message = stage.owner.put(OF_ORGANIZATION, body).await.fails(400, 9);
        assert!(message.contains("nobody would own the organization"), "{message}");
    }
    // Another one will do, and the one before is nobody any more.
    stage.owner.put(OF_ORGANIZATION, policy(etag, &[("roles/owner", &[&id])])).await.ok();
    stage.owner.get(OF_ORGANIZATION).await.fails(403, 7);
}

#[tokio::test]
async fn a_principal_that_goes_takes_its_roles_along_and_changes_the_etag() {
    let stage = Stage::set().await;
    let (id, _) = stage.principal("bot").await;
    let set = stage.owner.put(OF_PROJECT, policy(&json!(""), &[("roles/viewer", &[&id])])).await.ok();
    stage.owner.delete("/2019-12-10/iam/organization/{organization_id}/service-principal/bot").await.ok();
    let after = read(&stage.owner, OF_PROJECT).await;
    assert_eq!(after["bindings"], json!([]));
    assert_ne!(after["etag"], set["policy"]["etag"]);
    stage.owner.put(OF_PROJECT, policy(&set["policy"]["etag"], &[])).await.fails(409, 10);
}
