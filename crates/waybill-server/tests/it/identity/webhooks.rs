//! Webhooks as Terraform makes, changes and deletes them: none sends anything to whoever did not accept a test event.

mod changes;
mod refusals;

use serde_json::{Value, json};
use waybill_testkit::{Answer, Api, Scope, postgres};

use super::{audited, pick, principal};
use crate::{receiver::Receiver, running::Registry};

const WEBHOOKS: &str = "/2023-05-31/webhook/project/{project_id}/webhooks";
const OWN: &str = "/api/v1/organizations/{organization_id}/projects/{project_id}/webhooks";
const VERSION: &str = "hashicorp.packer.version";
const KEY: &str = "not-a-secret";

/// The path of a webhook.
fn one(name: &str) -> String {
    format!("/2023-05-31/webhook/project/{{project_id}}/geo/us/webhook/{name}")
}

/// A registry that reaches the receiver.
async fn start() -> (Registry, Api, Receiver) {
    let registry = Registry::start_reaching(Receiver::reachable()).await;
    let owner = registry.api().await;
    (registry, owner, Receiver::start().await)
}

/// What makes a webhook.
fn new(name: &str, url: &str, enabled: bool) -> Value {
    json!({
        "name": name, "description": "d", "enabled": enabled, "config": {"url": url},
        "subscriptions": [{"events": [{"source": VERSION, "action": "*"}]}],
    })
}

async fn create(owner: &Api, body: Value) -> Answer {
    owner.post(WEBHOOKS, body).await
}

async fn update(owner: &Api, name: &str, mask: &str, webhook: Value) -> Answer {
    owner.patch(&one(name), json!({"update_mask": mask, "webhook": webhook})).await
}

async fn get(owner: &Api, name: &str) -> Value {
    owner.get(&one(name)).await.ok()["webhook"].clone()
}

#[tokio::test]
async fn terraform_makes_changes_renames_and_deletes_one() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let project = owner.project_id();
    let encoded =
        |name: &str| format!("/2023-05-31/webhook%2Fproject%2F{project}%2Fgeo%2Fus%2Fwebhook%2F{name}");
    let events: Vec<_> = ["create", "update", "delete", "complete", "revoke", "restore", "assign"]
        .map(|action| json!({"action": action, "source": VERSION}))
        .into();
    let url = "http://receiver.invalid/hook";
    let body = json!({
        "config": {"hmac_key": KEY, "url": url}, "description": "events of packer versions", "enabled": false,
        "name": "image-events", "subscriptions": [{"events": events}],
    });
    let made = owner.post(&format!("/2023-05-31/webhook/project%2F{project}/webhooks"), body).await.ok();
    let mut webhook = made["webhook"].clone();
    assert_eq!(webhook["resource_name"], format!("webhook/project/{project}/geo/us/webhook/image-events"));
    assert_eq!(webhook["resource_id"].as_str().map(str::len), Some(26));
    assert_eq!(webhook["config"], json!({"url": url}));
    assert_eq!(webhook["description"], "events of packer versions");
    assert_eq!(webhook["enabled"], false);
    assert_eq!(webhook["subscriptions"], json!([{"events": events}]));
    assert_eq!(owner.get(&encoded("image-events")).await.ok(), made);

    let unset = "0001-01-01T00:00:00.000Z";
    registry.clock.advance(std::time::Duration::from_secs(1));
    let body = json!({"update_mask": "description", "webhook": {
        "config": {"hmac_key": KEY, "url": url}, "created_at": unset, "description": "other", "subscriptions": [],
        "updated_at": unset,
    }});
    let changed = owner.patch(&encoded("image-events"), body).await.ok();
    assert_ne!(changed["webhook"]["updated_at"], webhook["updated_at"]);
    webhook["description"] = "other".into();
    webhook["updated_at"] = changed["webhook"]["updated_at"].clone();
    assert_eq!(changed["webhook"], webhook);

    let renamed = owner
        .patch(&format!("{}/name", encoded("image-events")), json!({"name": "image-events-two"}))
        .await
        .ok();
    let name = format!("webhook/project/{project}/geo/us/webhook/image-events-two");
    assert_eq!(renamed["webhook"]["resource_name"], name);
    assert_eq!(renamed["webhook"]["resource_id"], webhook["resource_id"]);
    owner.get(&encoded("image-events")).await.fails(404, 5);

    let body = json!({"update_mask": "enabled", "webhook": {
        "config": {"hmac_key": KEY, "url": url}, "created_at": unset, "description": "not this", "enabled": true,
        "subscriptions": [], "updated_at": unset,
    }});
    let refused = owner.patch(&encoded("image-events-two"), body).await;
    assert!(refused.fails(400, 9).starts_with("Error verifying webhook configuration: "), "{refused:?}");
    assert_eq!(refused.json()["details"], json!([]));
    assert_eq!(owner.get(&encoded("image-events-two")).await.ok(), renamed);

    assert_eq!(owner.delete(&encoded("image-events-two")).await.ok(), json!({}));
    owner.get(&encoded("image-events-two")).await.fails(404, 5);
    owner.delete(&encoded("image-events-two")).await.fails(404, 5);

    let told: Vec<_> = audited(&registry).await.into_iter().filter(|row| row.contains(" webhook.")).collect();
    let shown: Vec<_> = told.iter().map(|row| row.strip_prefix("owner ").unwrap_or(row)).collect();
    let id = &webhook["resource_id"];
    let state = json!({
        "enabled": false, "id": id, "receiver": "http://receiver.invalid", "signed": true, "subscriptions": 1,
    });
    let webhook = format!("webhook/project/{project}/geo/us/webhook/image-events");
    assert_eq!(
        shown,
        [
            format!("webhook.create {webhook} {state}"),
            format!("webhook.update {webhook} {state}"),
            format!(r#"webhook.rename {webhook} {{"id":{id},"name":"image-events-two"}}"#),
            format!("webhook.delete {webhook}-two {state}"),
        ]
    );
    assert!(!told.concat().contains(KEY), "{told:#?}");
}

#[tokio::test]
async fn whoever_is_to_be_sent_events_is_asked_first() {
    let (registry, owner, receiver) = start().await;
    let made = create(&owner, new("plain", &receiver.url("/hook?token=1"), true)).await.ok();
    assert_eq!(made["webhook"]["enabled"], true);
    let [event] = &receiver.events()[..] else { panic!("one event: {:?}", receiver.events()) };
    assert_eq!(receiver.paths(), ["/hook?token=1"]);
    assert_eq!(event["event_source"], "hashicorp.webhook.verification");
    assert_eq!(event["event_action"], "test");
    assert_eq!(event["event_version"], "1");
    assert_eq!(event["resource_id"], made["webhook"]["resource_id"]);
    assert_eq!(event["resource_name"], made["webhook"]["resource_name"]);
    assert_eq!(event["event_payload"]["project_id"], owner.project_id());
    assert!(event["event_id"].as_str().is_some_and(|id| id.starts_with("webhook.event:")), "{event}");
    assert!(event["event_description"].as_str().is_some_and(|text| !text.is_empty()), "{event}");

    receiver.expect_key(Some(KEY));
    receiver.answer(204);
    let mut body = new("signed", &receiver.url("/hook"), true);
    create(&owner, body.clone()).await.fails(400, 9);
    body["config"]["hmac_key"] = KEY.into();
    create(&owner, body).await.ok();
    let ids: Vec<_> = receiver.events().iter().map(|event| event["event_id"].to_string()).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");

    // One that is not enabled is nobody's business.
    create(&owner, new("quiet", &receiver.url("/hook"), false)).await.ok();
    assert_eq!(receiver.events().len(), 3);
    drop(registry);
}

#[tokio::test]
async fn a_name_is_one_webhooks_in_its_project() {
    let (registry, owner, receiver) = start().await;
    let url = receiver.url("/");
    create(&owner, new("first", &url, false)).await.ok();
    create(&owner, new("First", &url, false)).await.ok();
    create(&owner, new("first", &url, false)).await.fails(409, 6);
    create(&owner, new("first", &url, true)).await.fails(409, 6);
    assert_eq!(receiver.events().len(), 0, "nobody is asked for what cannot be made");
    let rename =
        async |from: &str, to: &str| owner.patch(&format!("{}/name", one(from)), json!({"name": to})).await;
    rename("first", "First").await.fails(409, 6);
    rename("first", "a/b").await.fails(400, 3);
    rename("absent", "third").await.fails(404, 5);
    let before = get(&owner, "first").await;
    assert_eq!(rename("first", "first").await.ok()["webhook"], before);
    for name in ["", "..", "-a", "a b", "a/b", "é", "a\u{0}", &"x".repeat(65)] {
        create(&owner, new(name, &url, false)).await.fails(400, 3);
    }
    for name in ["%00", "-a", "first%20"] {
        owner.get(&one(name)).await.fails(404, 5);
        owner.delete(&one(name)).await.fails(404, 5);
    }
    owner.get("/2023-05-31/webhook/project/{project_id}/geo/eu/webhook/first").await.fails(404, 5);

    let second = owner.in_project(&owner.create_project("second").await);
    second.get(&one("first")).await.fails(404, 5);
    second.delete(&one("first")).await.fails(404, 5);
    create(&second, new("first", &url, false)).await.ok();
    // Who belongs to one project sees nothing of the other.
    let admin = principal(&registry, &owner, "admin", "admin", Scope::Project).await;
    get(&admin, "first").await;
    let elsewhere = admin.in_project(second.project_id());
    for answer in [
        elsewhere.get(&one("first")).await,
        elsewhere.delete(&one("first")).await,
        create(&elsewhere, new("third", &url, true)).await,
        admin.in_project("nowhere").get(&one("first")).await,
        admin.in_project("%00").get(&one("first")).await,
    ] {
        answer.fails(404, 5);
    }
    assert_eq!(receiver.events().len(), 0);
}

#[tokio::test]
async fn a_project_has_a_hundred_webhooks() {
    let (_registry, owner, receiver) = start().await;
    for number in 0..100 {
        create(&owner, new(&format!("w{number:02}"), &receiver.url("/"), false)).await.ok();
    }
    for enabled in [false, true] {
        let message = create(&owner, new("another", &receiver.url("/"), enabled)).await.fails(429, 8);
        assert!(message.contains("has 100 webhooks"), "{message}");
    }
    assert_eq!(receiver.events().len(), 0);
    let listed = owner.get(OWN).await.ok();
    let names = pick(&listed, "webhooks", "name");
    assert_eq!((names.len(), names[0].as_str(), names[99].as_str()), (100, "w00", "w99"));
    owner.delete(&one("w50")).await.ok();
    create(&owner, new("another", &receiver.url("/"), true)).await.ok();
}

#[tokio::test]
async fn a_webhook_that_is_made_several_times_at_once_is_made_once() {
    let database = postgres::database();
    let registry = Registry::start_on(&database.url(), None).await.expect("a registry");
    let owner = registry.api().await;
    let url = "https://receiver.test/";
    let answers =
        futures_util::future::join_all((0..6).map(|_| create(&owner, new("events", url, false)))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| (answer.status(), answer.code())).collect();
    statuses.sort_unstable();
    let mut expected = vec![(409, Some(6)); 6];
    expected[0] = (200, None);
    assert_eq!(statuses, expected);
    assert_eq!(pick(&owner.get(OWN).await.ok(), "webhooks", "name"), ["events"]);
}

#[tokio::test]
async fn a_receiver_is_asked_again_by_hand() {
    let (registry, owner, receiver) = start().await;
    let mut body = new("events", &receiver.url("/secret-path"), false);
    body["config"]["hmac_key"] = KEY.into();
    body["subscriptions"] =
        json!([{"resource_id": "r", "events": [{"source": "s", "action": "a"}]}, {"events": []}]);
    let made = create(&owner, body).await.ok()["webhook"].clone();
    let listed = owner.get(OWN).await.ok();
    assert_eq!(
        listed["webhooks"],
        json!([{
            "id": made["resource_id"], "name": "events", "resource_name": made["resource_name"], "description": "d",
            "enabled": false, "url": receiver.url("/secret-path"), "signed": true,
            "subscriptions": [
                {"resource_id": "r", "events": [{"source": "s", "action": "a"}]},
                {"events": []},
            ],
            "created_at": made["created_at"], "updated_at": made["updated_at"],
        }])
    );
    let verify = async |caller: &Api| caller.post(&format!("{OWN}/events/verify"), json!({})).await;
    receiver.expect_key(Some(KEY));
    assert_eq!(verify(&owner).await.ok(), json!({"accepted": true, "status": 200}));
    receiver.answer(503);
    let refused = verify(&owner).await.ok();
    assert_eq!((&refused["accepted"], &refused["status"]), (&json!(false), &json!(503)));
    assert!(refused["problem"].as_str().is_some_and(|problem| problem.contains("503")), "{refused}");
    assert_eq!(receiver.events().len(), 2);
    assert_eq!(get(&owner, "events").await, made, "nothing changes");
    drop(receiver);
    let unreachable = verify(&owner).await.ok();
    assert_eq!((&unreachable["accepted"], unreachable.get("status")), (&json!(false), None));
    let problem = unreachable["problem"].as_str().expect("a problem");
    assert!(!problem.contains("secret-path"), "a path may be secret: {problem}");

    owner.post(&format!("{OWN}/absent/verify"), json!({})).await.fails(404, 5);
    let auditor = principal(&registry, &owner, "auditor", "viewer", Scope::Project).await;
    auditor.get(OWN).await.fails(403, 7);
    verify(&auditor).await.fails(403, 7);
}
