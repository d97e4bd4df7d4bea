//! Groups of people.

use std::time::Duration;

use serde_json::{Value, json};
use waybill_testkit::{Answer, Api, Scope};

use super::{WHOAMI, audited, bind, group, pick, principal, user, user_id};
use crate::running::Registry;

const GROUPS: &str = "/iam/2019-12-10/iam/organization/{organization_id}/groups";
const GROUP: &str = "/iam/2019-12-10/iam/organization/{organization_id}/group";
const OWN: &str = "/api/v1/organizations/{organization_id}/groups";
const POLICY: &str = "/2019-12-10/resource-manager/resources/iam-policy";

async fn read(caller: &Api, slug: &str) -> Value {
    caller.get(&format!("{GROUP}/{slug}")).await.ok()["group"].clone()
}

async fn members(caller: &Api, slug: &str) -> Vec<String> {
    pick(&caller.get(&format!("{GROUP}/{slug}/members")).await.ok(), "members", "email")
}

async fn change_members(caller: &Api, slug: &str, add: &[&str], remove: &[&str]) -> Answer {
    let body = json!({"member_principal_ids_to_add": add, "member_principal_ids_to_remove": remove});
    caller.put(&format!("{GROUP}/{slug}/members"), body).await
}

#[tokio::test]
async fn a_group_is_made_read_changed_and_deleted() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let organization = owner.organization_id();
    let ada = user_id(&owner, "ada@example.com", None).await;
    let body = json!({"name": "Web Team (EU)", "description": "All of them", "member_principal_ids": [ada]});
    let answer = owner.post(GROUPS, body).await.ok();
    assert_eq!(answer.get("operation_id"), None, "it is done");
    let made = answer["group"].clone();
    let name = format!("iam/organization/{organization}/group/web-team-eu");
    let expected = json!({
        "resource_id": made["resource_id"],
        "resource_name": name,
        "display_name": "Web Team (EU)",
        "description": "All of them",
        "member_count": 1,
        "scim_synchronized": false,
        "created_at": "2027-01-15T08:00:00.000000Z",
        "updated_at": "2027-01-15T08:00:00.000000Z",
    });
    assert_eq!(made, expected);
    assert_eq!(made["resource_id"].as_str().map(str::len), Some(26));
    assert_eq!(read(&owner, "web-team-eu").await, made);
    // As Go's clients write the name of a resource: in one part of the path.
    let escaped = name.replace('/', "%2F");
    assert_eq!(owner.get(&format!("/iam/2019-12-10/{escaped}")).await.ok()["group"], made);
    assert_eq!(members(&owner, "web-team-eu").await, ["ada@example.com"]);

    registry.clock.advance(Duration::from_secs(5));
    // The body is a whole group whose times say nothing; the mask says what is meant.
    let unset = "0001-01-01T00:00:00.000Z";
    let body =
        json!({"description": "Some", "display_name": "Other", "created_at": unset, "updated_at": unset});
    let path = format!("{GROUP}/web-team-eu");
    let answer = owner.patch(&format!("{path}?update_mask=description"), body).await.ok();
    assert_eq!(answer, json!({}));
    let changed = read(&owner, "web-team-eu").await;
    assert_eq!(
        (&changed["description"], &changed["display_name"]),
        (&json!("Some"), &json!("Web Team (EU)"))
    );
    assert_eq!(changed["updated_at"], "2027-01-15T08:00:05.000000Z");
    assert_eq!(changed["created_at"], made["created_at"]);
    // What is meant and absent is empty; the resource's name stays.
    let body = json!({"display_name": "The team"});
    owner.patch(&format!("{path}?update_mask=display_name,description"), body).await.ok();
    let changed = read(&owner, "web-team-eu").await;
    assert_eq!((changed.get("description"), &changed["display_name"]), (None, &json!("The team")));
    owner.patch(&path, json!({"display_name": "Without a mask", "description": "x"})).await.ok();
    assert_eq!(read(&owner, "web-team-eu").await["display_name"], "Without a mask");

    assert_eq!(owner.delete(&path).await.ok(), json!({}));
    for answer in [
        owner.get(&path).await,
        owner.get(&format!("{path}/members")).await,
        owner.patch(&path, json!({"display_name": "x"})).await,
        owner.delete(&path).await,
        change_members(&owner, "web-team-eu", &[&ada], &[]).await,
    ] {
        let message = answer.fails(404, 5);
        assert!(message.contains("`web-team-eu`"), "{message}");
    }
    let trail: Vec<_> = audited(&registry).await.into_iter().filter(|row| row.contains(&name)).collect();
    let id = &made["resource_id"];
    let detail = json!({"display_name": "Web Team (EU)", "id": id, "members": [ada]});
    assert_eq!(trail[0], format!("owner group.create {name} {detail}"));
    let updated = format!(r#"owner group.update {name} {{"description":"Some","id":{id}}}"#);
    assert_eq!(trail[1], updated);
    assert_eq!(trail.len(), 5);
}

#[tokio::test]
async fn a_group_that_cannot_be_is_refused() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let me = owner.get(WHOAMI).await.ok()["principal"]["id"].clone();
    let team = group(&owner, "team", &[]).await;
    for body in [
        json!({}),
        json!({"name": ""}),
        json!({"name": "***"}),
        json!({"name": "x".repeat(129)}),
        json!({"name": "a\u{0}b"}),
        json!({"name": "good", "description": "x".repeat(1025)}),
        json!({"name": "good", "member_principal_ids": [me]}),
        json!({"name": "good", "member_principal_ids": [team]}),
        json!({"name": "good", "member_principal_ids": vec!["x"; 1001]}),
    ] {
        owner.post(GROUPS, body).await.fails(400, 3);
    }
    for absent in ["01M8643YMKB2TB3HDPZASKCPR0", "nobody", "a\u{0}"] {
        let body = json!({"name": "good", "member_principal_ids": [absent]});
        owner.post(GROUPS, body).await.fails(404, 5);
    }
    // Another name that looks the same in a path.
    let message = owner.post(GROUPS, json!({"name": "  TEAM! "})).await.fails(409, 6);
    assert!(message.contains("`team`"), "{message}");
    owner.post(GROUPS, json!({"name": "good", "description": null, "more": 1})).await.ok();
    let path = format!("{GROUP}/good");
    owner.patch(&format!("{path}?update_mask=colour"), json!({})).await.fails(400, 3);
    owner.patch(&format!("{path}?update_mask=display_name"), json!({})).await.fails(400, 3);
    for absent in ["absent", "%00", "a%20b", "Good"] {
        owner.get(&format!("{GROUP}/{absent}")).await.fails(404, 5);
        owner.delete(&format!("{GROUP}/{absent}")).await.fails(404, 5);
    }
    owner.in_organization("nowhere").get(&path).await.fails(404, 5);
    owner.in_organization("nowhere").post(GROUPS, json!({"name": "x"})).await.fails(404, 5);
}

#[tokio::test]
async fn members_come_and_go() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let mut ids = Vec::new();
    for name in ["ada", "bob", "eve"] {
        ids.push(user_id(&owner, &format!("{name}@example.com"), None).await);
    }
    let [ada, bob, eve] = &ids[..] else { panic!("three") };
    group(&owner, "team", &[]).await;
    assert_eq!(change_members(&owner, "team", &[ada, bob], &[]).await.ok(), json!({}));
    change_members(&owner, "team", &[ada], &[]).await.ok();
    assert_eq!(members(&owner, "team").await, ["ada@example.com", "bob@example.com"]);
    change_members(&owner, "team", &[eve, eve], &[ada]).await.ok();
    change_members(&owner, "team", &[], &[ada]).await.ok();
    assert_eq!(members(&owner, "team").await, ["bob@example.com", "eve@example.com"]);
    let answer = owner.get(&format!("{GROUP}/team/members")).await.ok();
    assert_eq!(answer["group"], read(&owner, "team").await);
    assert_eq!(answer["group"]["member_count"], 2);
    let expected = json!({
        "id": bob,
        "name": "Somebody",
        "email": "bob@example.com",
        "principal_type": "GROUP_MEMBER_PRINCIPAL_TYPE_USER",
    });
    assert_eq!(answer["members"][0], expected);

    let me = owner.get(WHOAMI).await.ok()["principal"]["id"].as_str().expect("an id").to_owned();
    change_members(&owner, "team", &[&me], &[]).await.fails(400, 3);
    change_members(&owner, "team", &[ada], &[ada]).await.fails(400, 3);
    // Too many are counted, not compared with each other.
    let many = vec![ada.as_str(); 1001];
    for (add, remove) in [(many.as_slice(), [ada.as_str()].as_slice()), (&[ada], &many)] {
        let message = change_members(&owner, "team", add, remove).await.fails(400, 3);
        assert!(message.contains("up to 1000 members"), "{message}");
    }
    let absent = "01M8643YMKB2TB3HDPZASKCPR0";
    for (add, remove) in [(vec![ada.as_str(), absent], vec![]), (vec![], vec![absent])] {
        let message = change_members(&owner, "team", &add, &remove).await.fails(404, 5);
        assert!(message.contains(absent), "{message}");
    }
    assert_eq!(members(&owner, "team").await, ["bob@example.com", "eve@example.com"], "all or nothing");
    owner.put(&format!("{GROUP}/team/members"), json!({"member_principal_ids_to_add": null})).await.ok();
    let rows = audited(&registry).await;
    assert_eq!(rows.iter().filter(|row| row.contains("group.update-members")).count(), 2, "{rows:#?}");
}

#[tokio::test]
async fn members_are_listed_page_by_page() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let mut ids = Vec::new();
    for name in ["d", "a", "c", "b", "e"] {
        ids.push(user_id(&owner, &format!("{name}@example.com"), None).await);
    }
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    group(&owner, "team", &all).await;
    group(&owner, "other", &all).await;
    let page = async |query: &str| owner.get(&format!("{GROUP}/team/members?{query}")).await;
    let ids_of = |answer: &Value| pick(answer, "members", "id");
    let token =
        |answer: &Value, which: &str| answer["pagination"][which].as_str().unwrap_or_default().to_owned();
    let first = page("pagination.page_size=2").await.ok();
    assert_eq!((ids_of(&first), token(&first, "previous_page_token")), (ids[..2].to_vec(), String::new()));
    let next = token(&first, "next_page_token");
    let second = page(&format!("pagination.page_size=2&pagination.next_page_token={next}")).await.ok();
    assert_eq!(ids_of(&second), ids[2..4]);
    let next = token(&second, "next_page_token");
    let third = page(&format!("pagination.page_size=2&pagination.next_page_token={next}")).await.ok();
    assert_eq!((ids_of(&third), token(&third, "next_page_token")), (ids[4..].to_vec(), String::new()));
    let back = token(&second, "previous_page_token");
    let first_again =
        page(&format!("pagination.page_size=2&pagination.previous_page_token={back}")).await.ok();
    assert_eq!(ids_of(&first_again), ids[..2]);
    assert_eq!(page("").await.ok().get("pagination"), None);
    // A token of one group is none of another.
    let other = format!("{GROUP}/other/members?pagination.next_page_token={next}");
    owner.get(&other).await.fails(400, 3);
    page("pagination.page_size=x").await.fails(400, 3);
}

#[tokio::test]
async fn members_have_the_roles_of_the_group() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    owner.create_bucket("ubuntu").await;
    let ada_id = user_id(&owner, "ada@example.com", None).await;
    let ada = user(&registry, &ada_id).await;
    ada.get("buckets/ubuntu").await.fails(404, 5);
    let team = group(&owner, "team", &[]).await;
    let me = owner.get(WHOAMI).await.ok()["principal"]["id"].as_str().expect("an id").to_owned();
    bind(&owner, "roles/owner", &[(&me, "SERVICE_PRINCIPAL"), (&team, "GROUP")]).await;
    ada.get("buckets/ubuntu").await.fails(404, 5);
    change_members(&owner, "team", &[&ada_id], &[]).await.ok();
    ada.get("buckets/ubuntu").await.ok();
    assert_eq!(ada.get(WHOAMI).await.ok()["roles"][0]["role"], "owner");
    change_members(&owner, "team", &[], &[&ada_id]).await.ok();
    ada.get("buckets/ubuntu").await.fails(404, 5);
    // A group that is deleted gives nothing any more.
    change_members(&owner, "team", &[&ada_id], &[]).await.ok();
    ada.get("buckets/ubuntu").await.ok();
    owner.delete(&format!("{GROUP}/team")).await.ok();
    ada.get("buckets/ubuntu").await.fails(404, 5);
}

#[tokio::test]
async fn a_group_is_kept_by_its_manager() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let (ada_id, bob_id) =
        (user_id(&owner, "ada@example.com", None).await, user_id(&owner, "bob@example.com", None).await);
    let ada = user(&registry, &ada_id).await;
    for name in ["team", "other"] {
        group(&owner, name, &[]).await;
    }
    ada.get(&format!("{GROUP}/team")).await.fails(403, 7);
    let resource = read(&owner, "team").await["resource_name"].clone();
    let members = [json!({"member_id": ada_id, "member_type": "USER"})];
    let policy = json!({"bindings": [{"role_id": "roles/iam.group-manager", "members": members}]});
    owner.put(POLICY, json!({"resource_name": resource, "policy": policy})).await.ok();

    change_members(&ada, "team", &[&bob_id], &[]).await.ok();
    let path = format!("{GROUP}/team");
    ada.patch(&format!("{path}?update_mask=description"), json!({"description": "Ada's"})).await.ok();
    assert_eq!(read(&ada, "team").await["description"], "Ada's");
    let renamed =
        ada.patch(&format!("{path}?update_mask=display_name"), json!({"display_name": "Mine"})).await;
    renamed.fails(403, 7);
    // Sending what it is called already renames nothing.
    ada.patch(&path, json!({"display_name": "team", "description": "Still Ada's"})).await.ok();
    ada.delete(&path).await.fails(403, 7);
    ada.post(GROUPS, json!({"name": "mine"})).await.fails(403, 7);
    let id = read(&owner, "team").await["resource_id"].as_str().expect("an id").to_owned();
    ada.patch(&format!("{OWN}/{id}"), json!({"external_name": "mine"})).await.fails(403, 7);
    // One group's manager is nobody on another's.
    change_members(&ada, "other", &[&bob_id], &[]).await.fails(403, 7);
    ada.patch(&format!("{GROUP}/other"), json!({"display_name": "other"})).await.fails(403, 7);

    let admin = principal(&registry, &owner, "admin", "admin", Scope::Organization).await;
    change_members(&admin, "team", &[], &[&bob_id]).await.fails(403, 7);
    admin.delete(&path).await.fails(403, 7);
    admin.get(&path).await.ok();
}

#[tokio::test]
async fn a_group_follows_one_of_the_login_providers() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let ada = user_id(&owner, "ada@example.com", None).await;
    let id = group(&owner, "team", &[&ada]).await;
    let path = format!("{OWN}/{id}");
    let answer = owner.patch(&path, json!({"external_name": " acme/web "})).await.ok()["group"].clone();
    assert_eq!((&answer["external_name"], &answer["name"]), (&json!("acme/web"), &json!("team")));
    assert_eq!(read(&owner, "team").await["scim_synchronized"], true);
    for (add, remove) in [(vec![ada.as_str()], vec![]), (vec![], vec![ada.as_str()])] {
        let message = change_members(&owner, "team", &add, &remove).await.fails(400, 9);
        assert!(message.contains("`acme/web`"), "{message}");
    }
    assert_eq!(members(&owner, "team").await, ["ada@example.com"]);
    owner.patch(&path, json!({"external_name": ""})).await.ok();
    assert_eq!(read(&owner, "team").await["scim_synchronized"], false);
    change_members(&owner, "team", &[], &[&ada]).await.ok();
    for bad in [json!({"external_name": "two\nlines"}), json!({"colour": "red"}), json!({"display_name": ""})]
    {
        owner.patch(&path, bad).await.fails(400, 3);
    }
    for absent in [ada.as_str(), "%00", "x"] {
        owner.patch(&format!("{OWN}/{absent}"), json!({})).await.fails(404, 5);
    }
}

#[tokio::test]
async fn groups_are_listed_page_by_page() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    for name in ["ops", "dev", "web"] {
        group(&owner, name, &[]).await;
    }
    let first = owner.get(&format!("{OWN}?page_size=2")).await.ok();
    assert_eq!(pick(&first, "groups", "name"), ["dev", "ops"]);
    let token = first["next_page_token"].as_str().expect("a token");
    let second = owner.get(&format!("{OWN}?page_size=2&page_token={token}")).await.ok();
    assert_eq!(pick(&second, "groups", "name"), ["web"]);
    assert_eq!(second.get("next_page_token"), None);
    assert_eq!(second["groups"][0]["roles"], json!([]));
    let viewer = principal(&registry, &owner, "viewer", "viewer", Scope::Organization).await;
    viewer.get(OWN).await.fails(403, 7);
}
