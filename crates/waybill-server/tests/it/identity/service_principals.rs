//! Service principals as clients of HCP make and delete them: by name, without a role, with up to two keys.

use reqwest::Method;
use serde_json::{Value, json};
use waybill_testkit::{Answer, Api, Scope};

use super::{PRINCIPALS, WHOAMI, audited, pick, principal};
use crate::running::Registry;

const OF_ORGANIZATION: &str = "/2019-12-10/iam/organization/{organization_id}";
const OF_PROJECT: &str = "/2019-12-10/iam/project/{project_id}";

async fn create(caller: &Api, parent: &str, name: &str) -> Answer {
    caller.post(&format!("{parent}/service-principals"), json!({ "name": name })).await
}

async fn get(caller: &Api, parent: &str, name: &str) -> Answer {
    caller.get(&format!("{parent}/service-principal/{name}")).await
}

/// Clients send no body, not even its type.
async fn create_key(caller: &Api, parent: &str, name: &str) -> Answer {
    caller.send(Method::POST, &format!("{parent}/service-principal/{name}/keys"), None).await
}

/// Logs in with the key of an answer.
async fn log_in(registry: &Registry, made: &Value) -> Api {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    registry.api_of(&text(&made["key"]["client_id"]), &text(&made["client_secret"])).await
}

#[tokio::test]
async fn a_principal_is_made_without_role_and_key() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let (organization, project) = (owner.organization_id(), owner.project_id());
    for (parent, parent_name, project_id) in [
        (OF_ORGANIZATION, format!("organization/{organization}"), None),
        (OF_PROJECT, format!("project/{project}"), Some(project)),
    ] {
        let resource = format!("iam/{parent_name}/service-principal/bot");
        let made = create(&owner, parent, "bot").await.ok();
        let bot = &made["service_principal"];
        assert_eq!(bot["name"], "bot");
        assert_eq!(bot["resource_name"], resource);
        assert_eq!(bot["organization_id"], organization);
        assert_eq!(bot.get("project_id").and_then(Value::as_str), project_id);
        let read = get(&owner, parent, "bot").await.ok();
        assert_eq!(read["service_principal"], *bot);
        assert_eq!(read["keys"], json!([]));
        create(&owner, parent, "bot").await.fails(409, 6);

        let first = create_key(&owner, parent, "bot").await.ok();
        let client_id = first["key"]["client_id"].as_str().expect("a client id");
        assert_eq!(first["key"]["resource_name"], format!("{resource}/key/{client_id}"));
        assert_eq!(first["key"]["state"], "ACTIVE");
        let read = get(&owner, parent, "bot").await.ok();
        assert_eq!(read["keys"], json!([first["key"]]));
        assert!(!read.to_string().contains("wbs_"), "the secret is seen once");

        let bot = log_in(&registry, &first).await;
        let me = bot.get(WHOAMI).await.ok();
        assert_eq!(me["principal"]["id"], made["service_principal"]["id"]);
        assert_eq!(me["roles"], json!([]));
        bot.get("buckets").await.fails(404, 5);
        let trail = audited(&registry).await;
        let id = &made["service_principal"]["id"];
        let created = format!(r#"owner principal.create {resource} {{"id":{id}}}"#);
        assert!(trail.contains(&created), "{trail:#?}");
        let detail = json!({"id": client_id, "principal_id": id});
        let created = format!("owner key.create {resource}/key/{client_id} {detail}");
        assert!(trail.contains(&created), "{trail:#?}");
    }
    for name in ["", "ab", "a b c", "\u{0}ab"] {
        create(&owner, OF_PROJECT, name).await.fails(400, 3);
    }
    owner.send(Method::POST, &format!("{OF_PROJECT}/service-principals"), None).await.fails(400, 3);
}

#[tokio::test]
async fn a_deleted_key_opens_nothing() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    create(&owner, OF_PROJECT, "bot").await.ok();
    let first = create_key(&owner, OF_PROJECT, "bot").await.ok();
    let second = create_key(&owner, OF_PROJECT, "bot").await.ok();
    let message = create_key(&owner, OF_PROJECT, "bot").await.fails(429, 8);
    assert!(message.contains("has 2 keys"), "{message}");
    let (by_first, by_second) = (log_in(&registry, &first).await, log_in(&registry, &second).await);
    by_first.get(WHOAMI).await.ok();

    let path = |made: &Value| {
        format!(
            "{OF_PROJECT}/service-principal/bot/key/{}",
            made["key"]["client_id"].as_str().expect("an id")
        )
    };
    assert_eq!(owner.delete(&path(&first)).await.ok(), json!({}));
    by_first.get(WHOAMI).await.fails(401, 16);
    by_second.get(WHOAMI).await.ok();
    let (id, secret) = (first["key"]["client_id"].as_str(), first["client_secret"].as_str());
    assert_eq!(registry.token(id.expect("an id"), secret.expect("a secret")).await.status(), 401);
    owner.delete(&path(&first)).await.fails(404, 5);
    let read = get(&owner, OF_PROJECT, "bot").await.ok();
    assert_eq!(pick(&read, "keys", "client_id"), [second["key"]["client_id"].as_str().expect("an id")]);
    let third = create_key(&owner, OF_PROJECT, "bot").await.ok();
    assert_ne!(third["key"]["client_id"], first["key"]["client_id"], "client ids are not used twice");

    // A key of somebody else is not one of the principal's.
    let other = path(&first).replace(id.expect("an id"), registry.owner("client_id"));
    owner.delete(&other).await.fails(404, 5);
    owner.get(WHOAMI).await.ok();
}

#[tokio::test]
async fn a_key_is_changed_for_another_but_not_cut_off_by_itself() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let second = create_key(&owner, OF_ORGANIZATION, "owner").await.ok();
    let key = |client_id: &str| format!("{OF_ORGANIZATION}/service-principal/owner/key/{client_id}");
    let first_key = key(registry.owner("client_id"));
    let message = owner.delete(&first_key).await.fails(400, 9);
    assert!(message.contains("log in with another key"), "{message}");
    log_in(&registry, &second).await.delete(&first_key).await.ok();
    owner.get(WHOAMI).await.fails(401, 16);
}

#[tokio::test]
async fn a_principal_is_logged_out_when_it_is_deleted() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    create(&owner, OF_ORGANIZATION, "bot").await.ok();
    let bot = log_in(&registry, &create_key(&owner, OF_ORGANIZATION, "bot").await.ok()).await;
    bot.get(WHOAMI).await.ok();
    let path = format!("{OF_ORGANIZATION}/service-principal/bot");
    assert_eq!(owner.delete(&path).await.ok(), json!({}));
    bot.get(WHOAMI).await.fails(401, 16);
    owner.delete(&path).await.fails(404, 5);
    owner.get(&path).await.fails(404, 5);
    owner.delete(&format!("{OF_ORGANIZATION}/service-principal/owner")).await.fails(400, 9);
}

#[tokio::test]
async fn nobody_makes_a_key_to_more_than_they_have() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    principal(&registry, &owner, "boss", "owner", Scope::Project).await;
    let admin = principal(&registry, &owner, "admin", "admin", Scope::Project).await;
    let org_admin = principal(&registry, &owner, "org-admin", "admin", Scope::Organization).await;
    principal(&registry, &owner, "viewer", "viewer", Scope::Project).await;

    for caller in [&admin, &org_admin] {
        let boss = get(caller, OF_PROJECT, "boss").await.ok();
        let client_id = pick(&boss, "keys", "client_id").remove(0);
        create_key(caller, OF_PROJECT, "boss").await.fails(403, 7);
        let path = format!("{OF_PROJECT}/service-principal/boss");
        caller.delete(&format!("{path}/key/{client_id}")).await.fails(403, 7);
        caller.delete(&path).await.fails(403, 7);
    }
    create_key(&admin, OF_PROJECT, "viewer").await.ok();
    create_key(&org_admin, OF_PROJECT, "admin").await.ok();
    get(&org_admin, OF_ORGANIZATION, "owner").await.ok();
    create_key(&org_admin, OF_ORGANIZATION, "owner").await.fails(403, 7);
    // Principals of the organization are nothing that a project's administrator sees.
    get(&admin, OF_ORGANIZATION, "owner").await.fails(403, 7);
}

#[tokio::test]
async fn a_principal_is_found_by_its_own_name_only() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let second = owner.create_project("second").await;
    create(&owner, OF_PROJECT, "bot").await.ok();
    get(&owner, OF_PROJECT, "bot").await.ok();
    // As the SDK sends it: the whole name is one segment.
    let encoded = "/2019-12-10/iam%2Fproject%2F{project_id}%2Fservice-principal%2Fbot";
    owner.get(encoded).await.ok();
    get(&owner, OF_ORGANIZATION, "bot").await.fails(404, 5);
    get(&owner.in_project(&second), OF_PROJECT, "bot").await.fails(404, 5);
    for name in ["cat", "a", "%00", "bot%20", "BOT"] {
        get(&owner, OF_PROJECT, name).await.fails(404, 5);
        create_key(&owner, OF_PROJECT, name).await.fails(404, 5);
    }
    for parent in ["/2019-12-10/iam/organization/nowhere", "/2019-12-10/iam/project/nowhere"] {
        get(&owner, parent, "owner").await.fails(404, 5);
        create(&owner, parent, "cat").await.fails(404, 5);
    }
    get(&owner, "/2019-12-10/iam/project/%00", "owner").await.fails(404, 5);
    get(&owner, "/2019-12-10/iam/country/x", "owner").await.fails(400, 3);
    let names = pick(&owner.get(PRINCIPALS).await.ok(), "principals", "name");
    assert_eq!(names, ["owner", "bot"]);
}
