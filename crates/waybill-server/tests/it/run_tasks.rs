//! The run task: its address and key, which stay, and what it is strict about.

use reqwest::Method;
use serde_json::{Value, json};
use waybill_testkit::{Api, Scope};

use crate::{running::Registry, trail};

const TASK: &str = "runtasks/validation";
const CONFIG: &str = "runtasks/config";

async fn deactivate(owner: &Api) {
    owner.patch("registry", json!({"update_mask": "activated", "activated": false})).await.ok();
}

/// What was recorded of run tasks, as `action detail`.
async fn audited(registry: &Registry) -> Vec<String> {
    let rows = trail::audited(registry).await.into_iter();
    rows.filter_map(|row| row.strip_prefix("owner ").map(str::to_owned))
        .filter(|row| row.starts_with("run_task."))
        .collect()
}

#[tokio::test]
async fn the_key_is_made_once_and_changes_when_somebody_asks() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let before = owner.get("registry").await.ok();
    let first = owner.get(TASK).await.ok();
    let key = first["hmac_key"].as_str().expect("a key");
    assert!(
        key.len() == 64 && key.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()),
        "{key}"
    );
    let url = first["api_url"].as_str().expect("a URL");
    let address = format!("{}/packer/2021-04-30/terraform-cloud/validation/", registry.server.public_url());
    let uid = url.strip_prefix(&address).unwrap_or_else(|| panic!("{url}"));
    assert_eq!(uid.len(), 26);
    for _ in 0..2 {
        assert_eq!(owner.get(TASK).await.ok(), first, "a read changes nothing");
    }
    let after = owner.get("registry").await.ok();
    assert_eq!(after["registry"]["updated_at"], before["registry"]["updated_at"]);

    let regenerated = owner.patch("runtasks/hmac", json!({"location": {"region": {}}})).await.ok();
    assert_ne!(regenerated["hmac_key"], first["hmac_key"]);
    let second = owner.get(TASK).await.ok();
    assert_eq!(second, json!({"api_url": url, "hmac_key": regenerated["hmac_key"]}));
    // As Terraform sends it, and with no body at all.
    owner.patch("runtasks/hmac", json!({})).await.ok();
    owner.send(Method::PATCH, "runtasks/hmac", None).await.ok();
    let third = owner.get(TASK).await.ok();
    assert_ne!(third["hmac_key"], second["hmac_key"]);

    let project = owner.project_id();
    let regenerate = format!("run_task.regenerate_key packer/project/{project}/run-task");
    let create = format!("run_task.create packer/project/{project}/run-task");
    let expected = [&create, &regenerate, &regenerate, &regenerate].map(String::as_str);
    assert_eq!(audited(&registry).await, expected);
    let registry = registry.restart().await;
    let owner = registry.api().await;
    assert_eq!(owner.get(TASK).await.ok()["hmac_key"], third["hmac_key"]);
}

#[tokio::test]
async fn a_key_that_is_asked_for_by_many_at_once_is_one() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let answers = futures_util::future::join_all((0..8).map(|_| owner.get(TASK))).await;
    let first = answers[0].ok();
    for answer in &answers {
        assert_eq!(answer.ok(), first);
    }
    assert_eq!(audited(&registry).await.len(), 1);

    // Regenerating makes the first one too.
    let other = owner.in_project(&owner.create_project("second").await);
    let made = other.patch("runtasks/hmac", json!({})).await.ok();
    let found = other.get(TASK).await.ok();
    assert_eq!(found["hmac_key"], made["hmac_key"]);
    assert_ne!(found["hmac_key"], first["hmac_key"]);
    assert_ne!(found["api_url"], first["api_url"]);
}

#[tokio::test]
async fn what_is_untracked_warns_until_it_is_told_to_fail() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let check = async |expected: &str| {
        assert_eq!(owner.get(CONFIG).await.ok(), json!({"on_untracked_image": expected}));
        let shown = owner.get("registry").await.ok();
        let config = &shown["registry"]["config"]["tfc_run_task_config"];
        assert_eq!(config["on_untracked_image"], expected);
    };
    check("WARN").await;
    for (body, expected) in [
        (json!({"on_untracked_image": "FAIL"}), "FAIL"),
        (json!({"on_untracked_image": "UNSET"}), "FAIL"),
        (json!({}), "FAIL"),
        (json!({"on_untracked_image": "FAIL"}), "FAIL"),
        (json!({"on_untracked_image": "WARN"}), "WARN"),
    ] {
        assert_eq!(owner.patch(CONFIG, body).await.ok(), json!({"on_untracked_image": expected}));
        check(expected).await;
    }
    owner.patch(CONFIG, json!({"on_untracked_image": "IGNORE"})).await.fails(400, 3);
    let changes = ["fail", "warn"].map(|word| {
        let project = owner.project_id();
        format!(r#"run_task.update packer/project/{project}/run-task {{"on_untracked_image":"{word}"}}"#)
    });
    assert_eq!(audited(&registry).await, changes, "what changes nothing leaves no trace");
}

#[tokio::test]
async fn the_key_is_nowhere_but_where_it_is_asked_for() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let task = owner.get(TASK).await.ok();
    let key = task["hmac_key"].as_str().expect("a key").to_owned();
    let (id, secret) = owner.create_principal("reader", "viewer", Scope::Project).await;
    let viewer = registry.api_of(&id, &secret).await;
    for caller in [&owner, &viewer] {
        let shown = caller.get("registry").await.ok();
        let config = &shown["registry"]["config"]["tfc_run_task_config"];
        assert!(
            task["api_url"]
                .as_str()
                .is_some_and(|url| config["api_id"].as_str().is_some_and(|id| url.ends_with(id)))
        );
        assert_eq!(config.get("hmac_key"), None);
        assert!(!shown.to_string().contains(&key));
        caller.get(CONFIG).await.ok();
    }
    viewer.get(TASK).await.fails(403, 7);
    viewer.patch("runtasks/hmac", json!({})).await.fails(403, 7);
    viewer.patch(CONFIG, json!({"on_untracked_image": "FAIL"})).await.fails(403, 7);
    let project = owner.project_id().to_owned();
    let told = registry.server.app().store.read(move |tx| {
        let organization = tx.first_organization()?.expect("an organization");
        let project = tx.project(organization.id, &project)?.expect("a project");
        Ok::<_, waybill_store::Error>((
            tx.audited(organization.id, jiff::Timestamp::UNIX_EPOCH, 1000)?,
            tx.events(project.id)?,
        ))
    });
    let told = format!("{:?}", told.await.expect("what was told"));
    assert!(told.contains("run_task.create") && !told.contains(&key));
}

#[tokio::test]
async fn there_is_one_kind_of_task_and_it_needs_an_active_registry() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    for other in ["image", "Validation", "%00"] {
        let message = owner.get(&format!("runtasks/{other}")).await.fails(400, 3);
        assert!(message.contains("`validation`"), "{message}");
    }
    let first = owner.get(TASK).await.ok();
    owner.patch(CONFIG, json!({"on_untracked_image": "FAIL"})).await.ok();
    deactivate(&owner).await;
    let all = async |status, code, text: &str| {
        for (method, path) in [
            (Method::GET, TASK),
            (Method::PATCH, "runtasks/hmac"),
            (Method::GET, CONFIG),
            (Method::PATCH, CONFIG),
        ] {
            let body: Value = json!({"on_untracked_image": "WARN"});
            let body = (method == Method::PATCH).then_some(&body);
            let message = owner.send(method, path, body).await.fails(status, code);
            assert!(message.contains(text), "{message}");
        }
    };
    all(400, 9, "Registry not activated").await;
    owner.delete("registry").await.ok();
    all(404, 5, "has no registry").await;
    // Another registry is nothing that the old key is good for.
    owner.put("registry", json!({})).await.ok();
    assert_eq!(owner.get(CONFIG).await.ok(), json!({"on_untracked_image": "WARN"}));
    let second = owner.get(TASK).await.ok();
    assert_ne!(second["api_url"], first["api_url"]);
    assert_ne!(second["hmac_key"], first["hmac_key"]);
}

#[tokio::test]
async fn the_task_itself_is_not_offered_yet() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let task = owner.get(TASK).await.ok();
    let url = task["api_url"].as_str().expect("a URL");
    let path = url.strip_prefix(registry.server.public_url()).expect("a path");
    registry.nobody().post(path, json!({"payload_version": 1})).await.fails(501, 12);
}
