//! What a change takes from its request, when the receiver is asked again, and what happens meanwhile.

use serde_json::{Value, json};
use waybill_testkit::{Api, Scope};

use super::{KEY, OWN, create, get, new, one, principal, start, update};
use crate::receiver::Receiver;

/// How often a receiver was asked during something.
async fn asked<T>(receiver: &Receiver, something: impl Future<Output = T>) -> (T, usize) {
    let before = receiver.events().len();
    let answer = something.await;
    (answer, receiver.events().len() - before)
}

#[tokio::test]
async fn only_what_the_mask_names_changes() {
    let (_registry, owner, receiver) = start().await;
    let mut body = new("events", &receiver.url("/a"), false);
    body["config"]["hmac_key"] = KEY.into();
    create(&owner, body).await.ok();
    let mut expected = get(&owner, "events").await;
    let b = receiver.url("/b");
    let everything = json!({
        "config": {"url": b, "hmac_key": "another secret"}, "description": "other", "enabled": false,
        "subscriptions": [{"resource_id": "r", "events": []}], "resource_id": "x", "resource_name": "x",
        "created_at": "2001-01-01T00:00:00Z", "updated_at": "0001-01-01T00:00:00.000Z",
        "last_delivery": {"id": "x"}, "from_the_future": 1,
    });
    for (mask, member, value) in [
        ("description", "description", json!("other")),
        ("config.url", "config", json!({"url": b})),
        ("config.hmacKey", "config", json!({"url": b})),
        ("subscriptions", "subscriptions", everything["subscriptions"].clone()),
        ("enabled", "enabled", json!(false)),
    ] {
        let changed = update(&owner, "events", mask, everything.clone()).await.ok()["webhook"].clone();
        expected[member] = value;
        assert_eq!(changed, expected, "{mask}");
        assert_eq!(get(&owner, "events").await, expected, "{mask}");
    }
    // Named and absent is nothing; `config` without `url` is no config.
    for (mask, member, value) in [
        ("description", "description", json!("")),
        ("subscriptions", "subscriptions", json!([])),
        ("enabled", "enabled", json!(false)),
        ("config.hmac_key", "config", json!({"url": b})),
    ] {
        expected[member] = value;
        assert_eq!(update(&owner, "events", mask, json!({})).await.ok()["webhook"], expected, "{mask}");
    }
    assert_eq!(owner.get(OWN).await.ok()["webhooks"][0]["signed"], false);
    update(&owner, "events", "config", json!({})).await.fails(400, 3);
    update(&owner, "events", "config.url", json!({"config": {"hmac_key": KEY}})).await.fails(400, 3);
    assert_eq!(get(&owner, "events").await, expected);
    // Several at once, as Terraform does.
    let all = "config,description,enabled,subscriptions";
    let body = json!({"config": {"url": receiver.url("/c")}, "description": "all", "enabled": true});
    let changed = update(&owner, "events", all, body).await.ok()["webhook"].clone();
    assert_eq!((&changed["description"], &changed["enabled"]), (&json!("all"), &json!(true)));
    assert_eq!(receiver.paths(), ["/c"]);
}

#[tokio::test]
async fn the_receiver_of_an_enabled_webhook_is_asked_when_it_changes() {
    let (_registry, owner, receiver) = start().await;
    create(&owner, new("events", &receiver.url("/a"), true)).await.ok();
    let change = async |mask: &str, webhook: Value| {
        let (answer, count) = asked(&receiver, update(&owner, "events", mask, webhook)).await;
        answer.ok();
        count
    };
    let to = |url: &str| json!({"url": receiver.url(url)});
    assert_eq!(change("description", json!({"description": "x"})).await, 0);
    assert_eq!(change("subscriptions", json!({})).await, 0);
    assert_eq!(change("enabled", json!({"enabled": true})).await, 0);
    assert_eq!(change("config", json!({"config": to("/a")})).await, 0, "nothing changed");
    assert_eq!(change("config", json!({"config": to("/b")})).await, 1);
    receiver.expect_key(Some(KEY));
    assert_eq!(change("config.hmacKey", json!({"config": {"hmac_key": KEY}})).await, 1);
    assert_eq!(change("enabled", json!({})).await, 0);
    assert_eq!(change("config", json!({"config": to("/c")})).await, 0, "it sends nothing");
    receiver.expect_key(None);
    assert_eq!(change("enabled", json!({"enabled": true})).await, 1);
    assert_eq!(change("config,enabled", json!({"config": to("/d")})).await, 0);
    assert_eq!(receiver.paths(), ["/a", "/b", "/b", "/c"]);
}

/// Starts an update, waits until the receiver is asked, does something, lets the receiver answer and returns what
/// the update was answered.
async fn meanwhile<T>(
    owner: &Api,
    receiver: &Receiver,
    update: impl Future<Output = T> + Send + 'static,
    something: impl AsyncFnOnce(&Api),
) -> T
where
    T: Send + 'static,
{
    receiver.hold();
    let count = receiver.events().len() + 1;
    let waiting = tokio::spawn(update);
    receiver.wait_for(count).await;
    something(owner).await;
    receiver.release();
    waiting.await.expect("the update does not panic")
}

fn enable(owner: &Api, name: &'static str) -> impl Future<Output = waybill_testkit::Answer> + Send + 'static {
    let owner = owner.clone();
    async move { update(&owner, name, "enabled", json!({"enabled": true})).await }
}

#[tokio::test]
async fn a_webhook_may_be_renamed_while_its_receiver_is_asked() {
    let (_registry, owner, receiver) = start().await;
    create(&owner, new("before", &receiver.url("/"), false)).await.ok();
    let answer = meanwhile(&owner, &receiver, enable(&owner, "before"), async |owner| {
        owner.patch(&format!("{}/name", one("before")), json!({"name": "after"})).await.ok();
        // And its old name may be another's by then.
        create(owner, new("before", "https://other.test/", false)).await.ok();
    });
    let changed = answer.await.ok()["webhook"].clone();
    assert!(changed["resource_name"].as_str().is_some_and(|name| name.ends_with("/after")), "{changed}");
    assert_eq!(get(&owner, "after").await["enabled"], true);
    assert_eq!(get(&owner, "before").await["enabled"], false);
}

#[tokio::test]
async fn what_was_changed_meanwhile_stays_and_a_new_receiver_is_asked_too() {
    let (_registry, owner, receiver) = start().await;
    create(&owner, new("events", &receiver.url("/a"), false)).await.ok();
    let config = json!({"config": {"url": receiver.url("/b")}, "description": "other"});
    let answer = meanwhile(&owner, &receiver, enable(&owner, "events"), async |owner| {
        update(owner, "events", "config,description", config).await.ok();
    });
    let changed = answer.await.ok()["webhook"].clone();
    assert_eq!(changed["config"]["url"], receiver.url("/b"));
    assert_eq!((&changed["description"], &changed["enabled"]), (&json!("other"), &json!(true)));
    assert_eq!(receiver.paths(), ["/a", "/b"]);

    // One that does not accept is not enabled by the consent of the one before.
    update(&owner, "events", "enabled", json!({})).await.ok();
    let refusing = Receiver::start().await;
    refusing.answer(500);
    let config = json!({"config": {"url": refusing.url("/")}});
    let answer = meanwhile(&owner, &receiver, enable(&owner, "events"), async |owner| {
        update(owner, "events", "config", config).await.ok();
    });
    answer.await.fails(400, 9);
    assert_eq!(get(&owner, "events").await["enabled"], false);
    assert_eq!(refusing.events().len(), 1);
}

#[tokio::test]
async fn a_webhook_that_changes_all_the_time_is_given_up() {
    let (_registry, owner, receiver) = start().await;
    create(&owner, new("events", &receiver.url("/0"), false)).await.ok();
    receiver.hold();
    let waiting = tokio::spawn(enable(&owner, "events"));
    for number in 1..=2 {
        receiver.wait_for(number).await;
        let config = json!({"config": {"url": receiver.url(&format!("/{number}"))}});
        update(&owner, "events", "config", config).await.ok();
        receiver.release();
        receiver.hold();
    }
    waiting.await.expect("it ends").fails(409, 10);
    assert_eq!(get(&owner, "events").await["enabled"], false);
    receiver.release();
}

#[tokio::test]
async fn a_webhook_that_is_gone_stays_gone() {
    let (_registry, owner, receiver) = start().await;
    create(&owner, new("events", &receiver.url("/"), false)).await.ok();
    let answer = meanwhile(&owner, &receiver, enable(&owner, "events"), async |owner| {
        owner.delete(&one("events")).await.ok();
        create(owner, new("events", "https://other.test/", false)).await.ok();
    });
    answer.await.fails(404, 5);
    assert_eq!(get(&owner, "events").await["enabled"], false, "another one of that name is not meant");

    let url = receiver.url("/");
    let making = owner.clone();
    let waiting = async move { create(&making, new("new", &url, true)).await };
    let answer = meanwhile(&owner, &receiver, waiting, async |owner| {
        create(owner, new("new", "https://other.test/", false)).await.ok();
    });
    answer.await.fails(409, 6);
    assert_eq!(get(&owner, "new").await["config"]["url"], "https://other.test/");
}

#[tokio::test]
async fn whoever_lost_the_right_meanwhile_changes_nothing() {
    let (registry, owner, receiver) = start().await;
    create(&owner, new("events", &receiver.url("/"), false)).await.ok();
    let admin = principal(&registry, &owner, "admin", "admin", Scope::Project).await;
    let id = admin.get("/api/v1/whoami").await.ok()["principal"]["id"].as_str().expect("an id").to_owned();
    let answer = meanwhile(&owner, &receiver, enable(&admin, "events"), async |owner| {
        owner.delete(&format!("{}/{id}", crate::identity::PRINCIPALS)).await.ok();
    });
    answer.await.fails(401, 16);
    assert_eq!(get(&owner, "events").await["enabled"], false);

    // Who may not is told so before anybody is asked.
    let viewer = principal(&registry, &owner, "viewer", "viewer", Scope::Project).await;
    let (answer, count) = asked(&receiver, enable(&viewer, "events")).await;
    answer.fails(403, 7);
    let (answer, more) = asked(&receiver, create(&viewer, new("new", &receiver.url("/"), true))).await;
    answer.fails(403, 7);
    viewer.get(&one("events")).await.fails(403, 7);
    assert_eq!(count + more, 0);
}
