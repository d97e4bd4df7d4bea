//! Organizations and projects: whoever has a role in one sees it, nobody else does.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use waybill_testkit::{Answer, Api, Scope};

use super::{ORGANIZATIONS, PROJECTS, audited, pick, principal};
use crate::running::Registry;

/// The projects that clients of HCP find for an organization.
async fn listed(caller: &Api) -> Vec<String> {
    let path = format!("{PROJECTS}?scope.id={}&scope.type=ORGANIZATION", caller.organization_id());
    pick(&caller.get(&path).await.ok(), "projects", "name")
}

async fn create(caller: &Api, body: Value) -> Answer {
    caller.post(PROJECTS, body).await
}

#[tokio::test]
async fn a_client_finds_its_organization_and_project() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let (organization, project) = (owner.organization_id(), owner.project_id());

    let answer = owner.get(ORGANIZATIONS).await.ok();
    assert_eq!(pick(&answer, "organizations", "id"), [organization]);
    assert_eq!(answer["organizations"][0]["state"], "ACTIVE");
    let one = owner.get(&format!("{ORGANIZATIONS}/{organization}")).await.ok();
    assert_eq!(one["organization"], answer["organizations"][0]);
    for other in [project, "11111111-1111-4111-8111-111111111111", "%00", "a%2Fb"] {
        owner.get(&format!("{ORGANIZATIONS}/{other}")).await.fails(404, 5);
    }

    let answer = owner.get(&format!("{PROJECTS}?scope.id={organization}&scope.type=ORGANIZATION")).await.ok();
    let expected = json!({
        "id": project,
        "name": "default",
        "parent": {"id": organization, "type": "ORGANIZATION"},
        "state": "ACTIVE",
        "created_at": "2027-01-15T08:00:00.000000Z",
    });
    assert_eq!(answer["projects"], json!([expected]));
    assert_eq!(owner.get(&format!("{PROJECTS}/{project}")).await.ok()["project"], expected);
    for other in [organization, "22222222-2222-4222-8222-222222222222", "%00"] {
        owner.get(&format!("{PROJECTS}/{other}")).await.fails(404, 5);
    }
}

#[tokio::test]
async fn projects_are_asked_for_in_many_ways() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    registry.clock.advance(Duration::from_secs(1));
    let second = owner.create_project("a second").await;
    let list =
        async |query: &str| pick(&owner.get(&format!("{PROJECTS}?{query}")).await.ok(), "projects", "name");
    assert_eq!(list("").await, ["default", "a second"], "the oldest first");
    assert_eq!(list("scope.id=&scope.type=").await, ["default", "a second"]);
    assert_eq!(list("scope.type=ORGANIZATION&pagination.page_size=1").await, ["default", "a second"]);
    assert_eq!(list(&format!("scope.type=PROJECT&scope.id={second}")).await, ["a second"]);
    assert_eq!(list("sorting.order_by=name").await, ["a second", "default"]);
    assert_eq!(list("sorting.order_by=created_at%20desc").await, ["a second", "default"]);
    owner.get(&format!("{PROJECTS}?sorting.order_by=colour")).await.fails(400, 3);
    assert_eq!(list("query=SECOND").await, ["a second"]);
    assert_eq!(list("query=e").await, ["default", "a second"]);
    assert_eq!(list("query=absent").await, [""; 0]);
    assert_eq!(list("query=%00").await, [""; 0]);
    // Packer explains 403 and crashes at any other error.
    let foreign = "11111111-1111-4111-8111-111111111111";
    for query in [
        format!("scope.id={foreign}"),
        format!("scope.type=PROJECT&scope.id={foreign}"),
        "scope.id=%00".into(),
    ] {
        owner.get(&format!("{PROJECTS}?{query}")).await.fails(403, 7);
    }
}

#[tokio::test]
async fn a_caller_sees_the_projects_it_has_a_role_in() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    owner.create_bucket("ubuntu").await;
    let second = owner.create_project("second").await;

    let organization = principal(&registry, &owner, "everywhere", "viewer", Scope::Organization).await;
    let project = principal(&registry, &owner, "at-home", "viewer", Scope::Project).await;
    let bucket = principal(&registry, &owner, "in-a-bucket", "viewer", Scope::Bucket("ubuntu")).await;
    assert_eq!(listed(&owner).await, ["default", "second"]);
    assert_eq!(listed(&organization).await, ["default", "second"]);
    assert_eq!(listed(&project).await, ["default"]);
    assert_eq!(listed(&bucket).await, ["default"]);

    for caller in [&organization, &project, &bucket] {
        assert_eq!(
            pick(&caller.get(ORGANIZATIONS).await.ok(), "organizations", "id"),
            [owner.organization_id()]
        );
        caller.get(&format!("{ORGANIZATIONS}/{{organization_id}}")).await.ok();
        caller.get(&format!("{PROJECTS}/{{project_id}}")).await.ok();
    }
    organization.get(&format!("{PROJECTS}/{second}")).await.ok();
    for caller in [&project, &bucket] {
        let unseen = caller.get(&format!("{PROJECTS}/{second}")).await.fails(404, 5);
        let absent = caller.get(&format!("{PROJECTS}/{}", "0".repeat(second.len()))).await.fails(404, 5);
        assert_eq!(unseen.replace(&second, ""), absent.replace(&"0".repeat(second.len()), ""));
    }
    let elsewhere =
        principal(&registry, &owner.in_project(&second), "elsewhere", "owner", Scope::Project).await;
    assert_eq!(listed(&elsewhere).await, ["second"]);
    elsewhere.in_project(owner.project_id()).get("buckets").await.fails(404, 5);
}

#[tokio::test]
async fn a_project_is_made_with_its_registry() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let organization = owner.organization_id();
    let parent = json!({"type": "ORGANIZATION", "id": organization});
    let body = json!({"name": "Bob's images", "description": "All of them", "parent": parent});
    let answer = create(&owner, body.clone()).await.ok();
    let project = &answer["project"];
    assert_eq!((&project["name"], &project["description"]), (&body["name"], &body["description"]));
    assert_eq!(project["parent"], parent);
    assert_eq!(answer.get("operation_id"), None, "it is done");
    let id = project["id"].as_str().expect("an id");
    assert_eq!(owner.get(&format!("{PROJECTS}/{id}")).await.ok()["project"], *project);
    let registry_of_it = owner.in_project(id).get("registry").await.ok();
    assert_eq!(registry_of_it["registry"]["config"]["activated"], true);
    owner.in_project(id).create_bucket("ubuntu").await;

    let expected =
        format!("owner project.create resource-manager/project/{id} {{\"name\":\"Bob's images\"}}");
    assert!(audited(&registry).await.contains(&expected));
    let message = create(&owner, body).await.fails(409, 6);
    assert!(message.contains("`Bob's images`"), "{message}");
    // Everything but the name may be left out.
    create(&owner, json!({"name": "plain"})).await.ok();
    create(&owner, json!({"name": "null", "description": null, "parent": null, "more": 1})).await.ok();
}

#[tokio::test]
async fn a_project_that_cannot_be_is_refused() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    for body in [
        json!({}),
        json!({"name": ""}),
        json!({"name": "a/b"}),
        json!({"name": "x".repeat(41)}),
        json!({"name": "good", "description": "x".repeat(257)}),
        json!({"name": "good", "description": "a\0b"}),
        json!({"name": "good", "parent": {"type": "PROJECT", "id": owner.project_id()}}),
        json!({"name": 1}),
    ] {
        create(&owner, body).await.fails(400, 3);
    }
    let foreign = json!({"type": "ORGANIZATION", "id": "11111111-1111-4111-8111-111111111111"});
    create(&owner, json!({"name": "good", "parent": foreign})).await.fails(404, 5);
    let not_json = owner.request(Method::POST, PROJECTS).header("content-type", "application/json").body("{");
    Answer::of(not_json).await.fails(400, 3);

    let admin = principal(&registry, &owner, "admin", "admin", Scope::Organization).await;
    let local = principal(&registry, &owner, "local", "owner", Scope::Project).await;
    for caller in [&admin, &local] {
        create(caller, json!({"name": "good"})).await.fails(403, 7);
    }
    assert_eq!(listed(&owner).await, ["default"]);
}

async fn set(caller: &Api, project: &str, member: &str, value: &str) -> Answer {
    caller.put(&format!("{PROJECTS}/{project}/{member}"), json!({ member: value })).await
}

#[tokio::test]
async fn a_project_is_renamed_and_described() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let second = owner.create_project("second").await;
    let done = json!({"operation_id": ""});
    assert_eq!(set(&owner, &second, "name", "Bob's images").await.ok(), done);
    assert_eq!(set(&owner, &second, "description", "All of them").await.ok(), done);
    assert_eq!(set(&owner, &second, "name", "Bob's images").await.ok(), done, "again");
    let project = owner.get(&format!("{PROJECTS}/{second}")).await.ok()["project"].clone();
    assert_eq!((&project["name"], &project["description"]), (&json!("Bob's images"), &json!("All of them")));
    assert_eq!(listed(&owner).await, ["default", "Bob's images"]);
    // Clients leave an empty description out.
    owner.put(&format!("{PROJECTS}/{second}/description"), json!({})).await.ok();
    let project = owner.get(&format!("{PROJECTS}/{second}")).await.ok()["project"].clone();
    assert_eq!(project.get("description"), None);

    let message = set(&owner, &second, "name", "default").await.fails(409, 6);
    assert!(message.contains("`default`"), "{message}");
    for name in ["", "a/b", &"x".repeat(41)] {
        set(&owner, &second, "name", name).await.fails(400, 3);
    }
    set(&owner, &second, "description", &"x".repeat(257)).await.fails(400, 3);
    for absent in ["22222222-2222-4222-8222-222222222222", "%00", "x"] {
        set(&owner, absent, "name", "good").await.fails(404, 5);
        set(&owner, absent, "description", "good").await.fails(404, 5);
        owner.delete(&format!("{PROJECTS}/{absent}")).await.fails(404, 5);
    }
    let resource = format!("resource-manager/project/{second}");
    let trail: Vec<_> = audited(&registry).await.into_iter().filter(|row| row.contains(&resource)).collect();
    let updated = |detail: &str| format!("owner project.update {resource} {detail}");
    let expected = [
        updated(r#"{"name":"Bob's images"}"#),
        updated(r#"{"description":"All of them"}"#),
        updated(r#"{"description":""}"#),
    ];
    assert_eq!(trail[1..], expected);
}

#[tokio::test]
async fn a_project_is_changed_by_its_administrators_and_deleted_by_owners() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let second = owner.create_project("second").await;
    let in_second = owner.in_project(&second);
    let org_admin = principal(&registry, &owner, "org-admin", "admin", Scope::Organization).await;
    let admin = principal(&registry, &in_second, "admin", "admin", Scope::Project).await;
    let contributor = principal(&registry, &in_second, "contributor", "contributor", Scope::Project).await;
    let stranger = principal(&registry, &owner, "stranger", "owner", Scope::Project).await;
    for (number, caller) in [&org_admin, &admin].into_iter().enumerate() {
        set(caller, &second, "name", &format!("renamed {number}")).await.ok();
        set(caller, &second, "description", &format!("described {number}")).await.ok();
        caller.delete(&format!("{PROJECTS}/{second}")).await.fails(403, 7);
    }
    set(&contributor, &second, "name", "mine").await.fails(403, 7);
    set(&contributor, &second, "description", "mine").await.fails(403, 7);
    set(&stranger, &second, "name", "mine").await.fails(404, 5);
    stranger.delete(&format!("{PROJECTS}/{second}")).await.fails(404, 5);
    assert_eq!(listed(&owner).await, ["default", "renamed 1"]);
}

#[tokio::test]
async fn a_project_goes_with_everything_that_is_its_own() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let second = owner.create_project("second").await;
    let in_second = owner.in_project(&second);
    let local = principal(&registry, &in_second, "local", "admin", Scope::Project).await;
    let guest = principal(&registry, &owner, "guest", "viewer", Scope::Organization).await;
    in_second.create_bucket("ubuntu").await;
    local.get("buckets").await.ok();
    let local_id = local.get(super::WHOAMI).await.ok()["principal"]["id"].as_str().expect("an id").to_owned();
    let hook = json!({"name": "events", "enabled": false, "config": {"url": "https://receiver.invalid"}});
    let hook = in_second.post(&format!("/2023-05-31/webhook/project%2F{second}/webhooks"), hook).await.ok();
    let hook = hook["webhook"]["resource_id"].as_str().expect("an id").to_owned();
    let path = format!("{PROJECTS}/{second}");

    let message = owner.delete(&path).await.fails(400, 9);
    assert!(message.contains("delete its 1 bucket first"), "{message}");
    in_second.delete("buckets/ubuntu").await.ok();
    let operation = owner.delete(&path).await.ok()["operation"].clone();
    assert_eq!(operation["state"], "DONE");
    assert_eq!(
        operation["location"],
        json!({"organization_id": owner.organization_id(), "project_id": second})
    );
    // There is no project any more to wait in.
    let operations = "/operation/2020-05-05/organizations/{organization_id}/projects/-/operations";
    let id = operation["id"].as_str().expect("an id");
    let waited = owner.get(&format!("{operations}/{id}/wait?timeout=5s")).await.ok();
    assert_eq!((&waited["operation"]["state"], &waited["operation"]["id"]), (&json!("DONE"), &json!(id)));

    owner.get(&path).await.fails(404, 5);
    owner.delete(&path).await.fails(404, 5);
    in_second.get("registry").await.fails(404, 5);
    // Its principals' tokens are refused at once.
    local.get(super::WHOAMI).await.fails(401, 16);
    guest.get("buckets").await.ok();
    assert_eq!(listed(&guest).await, ["default"]);
    let trail = audited(&registry).await;
    let detail = json!({
        "name": "second", "principals": [format!("local ({local_id})")], "webhooks": [format!("events ({hook})")],
    });
    let deleted = format!("owner project.delete resource-manager/project/{second} {detail}");
    assert!(trail.contains(&deleted), "{trail:#?}");
    // The name is free again.
    owner.create_project("second").await;
}

#[tokio::test]
async fn an_organization_keeps_a_project() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let first = format!("{PROJECTS}/{}", owner.project_id());
    let message = owner.delete(&first).await.fails(400, 9);
    assert!(message.contains("the only one"), "{message}");
    let second = owner.create_project("second").await;
    owner.delete(&format!("{PROJECTS}/{second}")).await.ok();
    owner.delete(&first).await.fails(400, 9);
    assert_eq!(listed(&owner).await, ["default"]);
}
