//! Receivers that do not accept, addresses that are not connected to, and values that no webhook can have.

use std::time::Duration;

use serde_json::{Value, json};
use waybill_server::egress::EgressOptions;
use waybill_testkit::Api;

use super::{KEY, OWN, create, get, new, one, start, update};
use crate::{receiver::Receiver, running::Registry};

/// Checks that nobody can be made to send events to `url`, be it at once, by enabling or by changing the address;
/// returns the reason.
async fn refused(owner: &Api, accepting: Option<&Receiver>, url: &str) -> String {
    const BEGINNING: &str = "Error verifying webhook configuration: ";
    let answer = create(owner, new("fresh", url, true)).await;
    let message = answer.fails(400, 9);
    assert!(message.starts_with(BEGINNING), "{message}");
    assert_eq!(answer.json()["details"], json!([]));
    owner.get(&one("fresh")).await.fails(404, 5);

    let made = create(owner, new("disabled", url, false)).await.ok()["webhook"].clone();
    let all = json!({"description": "other", "enabled": true});
    update(owner, "disabled", "enabled,description", all).await.fails(400, 9);
    assert_eq!(get(owner, "disabled").await, made, "nothing of the call is applied");
    owner.delete(&one("disabled")).await.ok();

    if let Some(accepting) = accepting {
        let made = create(owner, new("enabled", &accepting.url("/good"), true)).await.ok()["webhook"].clone();
        let all = json!({"description": "other", "enabled": true, "config": {"url": url}});
        update(owner, "enabled", "config,description", all).await.fails(400, 9);
        assert_eq!(get(owner, "enabled").await, made, "nothing of the call is applied");
        owner.delete(&one("enabled")).await.ok();
    }
    message[BEGINNING.len()..].to_owned()
}

#[tokio::test]
async fn a_receiver_that_does_not_accept_is_sent_nothing_else() {
    let (_registry, owner, receiver) = start().await;
    let good = Receiver::start().await;
    for status in [300, 304, 400, 401, 404, 500, 503] {
        receiver.answer(status);
        let reason = refused(&owner, Some(&good), &receiver.url("/hook")).await;
        assert!(reason.contains(&status.to_string()), "{reason}");
    }
    // Its word is not passed on, nor is the path, which may be secret.
    receiver.answer(500);
    let reason = refused(&owner, None, &receiver.url("/secret-path")).await;
    assert!(!reason.contains("secret-path"), "{reason}");
    // Signed with another key, or not at all.
    receiver.answer(200);
    receiver.expect_key(Some(KEY));
    let mut body = new("events", &receiver.url("/"), true);
    create(&owner, body.clone()).await.fails(400, 9);
    body["config"]["hmac_key"] = "another secret".into();
    create(&owner, body.clone()).await.fails(400, 9);
    body["config"]["hmac_key"] = KEY.into();
    create(&owner, body).await.ok();
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (_registry, owner, receiver) = start().await;
    let target = Receiver::start().await;
    for status in [301, 302, 303, 307, 308] {
        receiver.redirect(status, &target.url("/elsewhere"));
        let reason = refused(&owner, None, &receiver.url("/hook")).await;
        assert!(reason.contains("redirects are not followed"), "{reason}");
    }
    assert_eq!(target.events(), [Value::Null; 0]);
}

#[tokio::test]
async fn a_slow_receiver_is_not_waited_for() {
    let egress = EgressOptions { time_limit: Duration::from_millis(300), ..Receiver::reachable() };
    let registry = Registry::start_reaching(egress).await;
    let owner = registry.api().await;
    let receiver = Receiver::start().await;
    receiver.hold();
    let reason = refused(&owner, None, &receiver.url("/hook")).await;
    assert!(reason.contains("did not answer within 0.3 s"), "{reason}");
    receiver.release();
}

#[tokio::test]
async fn what_is_not_public_is_not_connected_to() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let receiver = Receiver::start().await;
    let port = receiver.url("").rsplit(':').next().unwrap_or_default().to_owned();
    for host in [
        "169.254.169.254",
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "192.168.1.1",
        "0.0.0.0",
        "0",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
    ] {
        for url in [format!("https://{host}:{port}/latest/meta-data"), format!("http://{host}:{port}/")] {
            let reason = refused(&owner, None, &url).await;
            assert!(reason.contains("does not connect to"), "{url}: {reason}");
        }
    }
    assert_eq!(receiver.events(), [Value::Null; 0]);
}

#[tokio::test]
async fn nobody_listens() {
    let (_registry, owner, receiver) = start().await;
    let url = receiver.url("/hook");
    drop(receiver);
    refused(&owner, None, &url).await;
    refused(&owner, None, "https://receiver.invalid/hook").await;
    // It answers, but not with TLS.
    let plain = Receiver::start().await;
    refused(&owner, None, &plain.url("/").replace("http://", "https://")).await;
}

#[tokio::test]
async fn what_no_webhook_can_be_is_refused() {
    let (_registry, owner, receiver) = start().await;
    let url = receiver.url("/");
    create(&owner, new("events", &url, true)).await.ok();
    let before = get(&owner, "events").await;
    let long = format!("https://receiver.test/{}", "x".repeat(2048));
    let event = |source: &str, action: &str| json!([{"events": [{"source": source, "action": action}]}]);
    let many = |count: usize| Value::Array(vec![json!({"source": "s", "action": "a"}); count]);
    let cases: Vec<(&str, Value)> = vec![
        ("config", json!({})),
        ("config", Value::Null),
        ("config", json!({"url": ""})),
        ("config", json!({"url": long})),
        ("config", json!({"url": "receiver.test"})),
        ("config", json!({"url": "ftp://receiver.test/"})),
        ("config", json!({"url": "file:///etc/passwd"})),
        ("config", json!({"url": "https://user:password@receiver.test/"})),
        ("config", json!({"url": "https://receiver.test/\r\nX-Evil: 1"})),
        ("config", json!({"url": "https://receiver.test/\u{0}"})),
        ("config", json!({"url": url, "hmac_key": "x".repeat(513)})),
        ("config", json!({"url": url, "hmac_key": "not-a-secret\n"})),
        ("config", json!({"url": url, "hmac_key": "not-a-\u{0}secret"})),
        ("config", json!({"url": 1})),
        ("description", json!("x".repeat(257))),
        ("description", json!("a\u{0}b")),
        ("enabled", json!("yes")),
        ("subscriptions", json!("all")),
        ("subscriptions", json!([{"events": [{"source": super::VERSION}]}])),
        ("subscriptions", event("", "*")),
        ("subscriptions", event("s\u{0}", "*")),
        ("subscriptions", event("s", &"a".repeat(129))),
        ("subscriptions", json!([{"resource_id": "r".repeat(257), "events": []}])),
        ("subscriptions", json!([{"events": many(501)}])),
        ("subscriptions", Value::Array(vec![json!({"events": []}); 101])),
    ];
    for (member, value) in cases {
        let mut body = new("other", &url, false);
        body[member] = value.clone();
        create(&owner, body).await.fails(400, 3);
        update(&owner, "events", member, json!({ member: value })).await.fails(400, 3);
    }
    for mask in
        ["", "name", "resource_name", "createdAt", "config.secret", "events", "*", "description;enabled"]
    {
        update(&owner, "events", mask, json!({"description": "other"})).await.fails(400, 3);
    }
    owner.patch(&one("events"), json!({})).await.fails(400, 3);
    owner.patch(&format!("{}/name", one("events")), json!({})).await.fails(400, 3);
    owner.post(super::WEBHOOKS, json!({})).await.fails(400, 3);
    assert_eq!(get(&owner, "events").await, before);
    assert_eq!(owner.get(OWN).await.ok()["webhooks"].as_array().map(Vec::len), Some(1));
    assert_eq!(receiver.events().len(), 1);
}
