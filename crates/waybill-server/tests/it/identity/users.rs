//! People: making, changing, deleting and finding them, and what they are when they call.

use serde_json::{Value, json};
use waybill_testkit::{Answer, Api, Scope};

use super::{USERS, WHOAMI, audited, pick, principal, user, user_id};
use crate::running::Registry;

const LOOK_UP: &str = "/iam/2019-12-10/organizations/{organization_id}/principals";
const OF_USERS: &str = "/iam/2019-12-10/organizations/{organization_id}/user-principals";
const CALLER: &str = "/iam/2019-12-10/caller-identity";

async fn listed(caller: &Api) -> Vec<String> {
    pick(&caller.get(USERS).await.ok(), "users", "email")
}

async fn by_email(caller: &Api, email: &str) -> Answer {
    caller.post(&format!("{OF_USERS}/by-email"), json!({ "email": email })).await
}

#[tokio::test]
async fn a_person_is_made_changed_and_deleted() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let organization = owner.organization_id();
    let body = json!({"email": "Ada@Example.com", "full_name": " Ada Lovelace ", "role": "contributor"});
    let made = owner.post(USERS, body).await.ok()["user"].clone();
    let id = made["id"].as_str().expect("an id");
    let expected = json!({
        "id": id,
        "email": "ada@example.com",
        "full_name": "Ada Lovelace",
        "has_password": false,
        "created_at": "2027-01-15T08:00:00.000000Z",
        "updated_at": "2027-01-15T08:00:00.000000Z",
        "roles": [{"role": "contributor", "organization_id": organization}],
        "groups": [],
    });
    assert_eq!(made, expected);
    let path = format!("{USERS}/{id}");
    assert_eq!(owner.get(&path).await.ok()["user"], made);

    registry.clock.advance(std::time::Duration::from_secs(5));
    let changed = owner.patch(&path, json!({"email": "AK@example.com"})).await.ok()["user"].clone();
    assert_eq!(
        (&changed["email"], &changed["full_name"]),
        (&json!("ak@example.com"), &json!("Ada Lovelace"))
    );
    assert_eq!(changed["updated_at"], "2027-01-15T08:00:05.000000Z");
    let changed = owner.patch(&path, json!({"full_name": ""})).await.ok()["user"].clone();
    assert_eq!(changed.get("full_name"), None);
    assert_eq!(owner.patch(&path, json!({})).await.ok()["user"], changed, "nothing is nothing");
    assert_eq!(listed(&owner).await, ["ak@example.com"]);

    assert_eq!(owner.delete(&path).await.ok(), json!({}));
    assert_eq!(listed(&owner).await, [""; 0]);
    for answer in [owner.get(&path).await, owner.patch(&path, json!({})).await, owner.delete(&path).await] {
        answer.fails(404, 5);
    }
    let resource = format!("iam/organization/{organization}/user-principal/{id}");
    let trail: Vec<_> = audited(&registry).await.into_iter().filter(|row| row.contains(&resource)).collect();
    let expected = [
        r#"user.create R {"email":"ada@example.com","id":"ID","role":"contributor"}"#,
        r#"user.update R {"email":"ak@example.com"}"#,
        r#"user.update R {"full_name":""}"#,
        r#"user.delete R {"email":"ak@example.com"}"#,
    ];
    assert_eq!(trail, expected.map(|row| format!("owner {}", row.replace('R', &resource).replace("ID", id))));
    // The address is free again.
    owner.post(USERS, json!({"email": "ak@example.com"})).await.ok();
}

#[tokio::test]
async fn a_person_who_cannot_be_is_refused() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let create = async |body: Value| owner.post(USERS, body).await;
    for body in [
        json!({}),
        json!({"email": ""}),
        json!({"email": "ada"}),
        json!({"email": "ada@example.com\n"}),
        json!({"email": "Ada <ada@example.com>"}),
        json!({"email": format!("{}@example.com", "x".repeat(65))}),
        json!({"email": "ada@example.com", "full_name": "Ada\u{7}"}),
        json!({"email": "ada@example.com", "full_name": "x".repeat(257)}),
        json!({"email": "ada@example.com", "role": "king"}),
        json!({"email": "ada@example.com", "role": "group-manager"}),
        json!({"email": "ada@example.com", "password": "secret"}),
    ] {
        create(body).await.fails(400, 3);
    }
    create(json!({"email": "ada@example.com"})).await.ok();
    let message = create(json!({"email": "ADA@example.com"})).await.fails(409, 6);
    assert!(message.contains("`ada@example.com`"), "{message}");
    let bob = create(json!({"email": "bob@example.com"})).await.ok()["user"]["id"].clone();
    let path = format!("{USERS}/{}", bob.as_str().expect("an id"));
    owner.patch(&path, json!({"email": "ada@example.com"})).await.fails(409, 6);
    owner.patch(&path, json!({"email": "bob"})).await.fails(400, 3);
    owner.patch(&path, json!({"role": "owner"})).await.fails(400, 3);
    for absent in ["01M8643YMKB2TB3HDPZASKCPR0", "%00", "x"] {
        owner.get(&format!("{USERS}/{absent}")).await.fails(404, 5);
    }
    owner.in_organization("nowhere").get(&path).await.fails(404, 5);
    // Who is not a person is not found among them.
    let me = owner.get(WHOAMI).await.ok()["principal"]["id"].clone();
    owner.delete(&format!("{USERS}/{}", me.as_str().expect("an id"))).await.fails(404, 5);
    assert_eq!(listed(&owner).await, ["ada@example.com", "bob@example.com"]);
}

#[tokio::test]
async fn people_are_listed_page_by_page() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let mut emails: Vec<String> =
        ["mia", "ada", "zoe", "ben", "eve"].map(|name| format!("{name}@example.com")).into();
    for email in &emails {
        owner.post(USERS, json!({ "email": email })).await.ok();
    }
    emails.sort();
    let (mut found, mut token, mut n_pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = owner.get(&format!("{USERS}?page_size=2&page_token={token}")).await.ok();
        found.extend(pick(&page, "users", "email"));
        n_pages += 1;
        match page.get("next_page_token") {
            Some(next) => next.as_str().expect("a token").clone_into(&mut token),
            None => break,
        }
    }
    assert_eq!((found, n_pages), (emails, 3));
    for query in ["page_token=x", "page_size=x", "colour=red"] {
        owner.get(&format!("{USERS}?{query}")).await.fails(400, 3);
    }
}

#[tokio::test]
async fn a_person_calls_with_their_roles_until_they_are_deleted() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let id = user_id(&owner, "ada@example.com", Some("owner")).await;
    let ada = user(&registry, &id).await;
    let me = ada.get(WHOAMI).await.ok();
    assert_eq!(me["principal"]["kind"], "user");
    assert_eq!(me["principal"]["name"], "ada@example.com");
    assert_eq!(me["principal"]["id"], id);
    assert_eq!(me["roles"], json!([{"role": "owner", "organization_id": owner.organization_id()}]));
    let identity = ada.get(CALLER).await.ok()["principal"].clone();
    assert_eq!((&identity["type"], &identity["id"]), (&json!("PRINCIPAL_TYPE_USER"), &json!(id)));
    assert_eq!(identity["user"]["email"], "ada@example.com");
    assert_eq!(identity.get("service"), None);

    ada.create_bucket("ubuntu").await;
    let message = ada.delete(&format!("{USERS}/{id}")).await.fails(400, 9);
    assert!(message.contains("cannot delete themselves"), "{message}");

    // Somebody who has owned all leaves, and another owner stays.
    owner.delete(&format!("{USERS}/{id}")).await.ok();
    for path in [WHOAMI, CALLER, "buckets"] {
        ada.get(path).await.fails(401, 16);
    }
}

#[tokio::test]
async fn the_last_owner_cannot_be_deleted() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let ada_id = user_id(&owner, "ada@example.com", Some("owner")).await;
    let ada = user(&registry, &ada_id).await;
    // The service principal that made everything goes; a person and a group of another person own what is left.
    let service = owner.get(WHOAMI).await.ok()["principal"]["id"].clone();
    let principals = "/api/v1/organizations/{organization_id}/principals";
    ada.delete(&format!("{principals}/{}", service.as_str().expect("an id"))).await.ok();
    let bob_id = user_id(&ada, "bob@example.com", None).await;
    let bob = user(&registry, &bob_id).await;
    let group = super::group(&ada, "owners", &[&bob_id]).await;
    super::bind(&ada, "roles/owner", &[(&ada_id, "USER"), (&group, "GROUP")]).await;
    assert_eq!(bob.get(USERS).await.ok()["users"].as_array().map(Vec::len), Some(2), "by the group");

    bob.delete(&format!("{USERS}/{ada_id}")).await.ok();
    ada.get(WHOAMI).await.fails(401, 16);
    // Whichever way: leaving the group, or taking it away.
    let members = "/iam/2019-12-10/iam/organization/{organization_id}/group/owners/members";
    let leave = json!({"member_principal_ids_to_remove": [bob_id]});
    let message = bob.put(members, leave).await.fails(400, 9);
    assert!(message.contains("nobody would own the organization"), "{message}");
    bob.delete(members.trim_end_matches("/members")).await.fails(400, 9);
    assert_eq!(listed(&bob).await, ["bob@example.com"], "nothing has changed");
}

#[tokio::test]
async fn people_are_managed_by_the_organizations_owners() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    owner.create_bucket("ubuntu").await;
    let id = user_id(&owner, "ada@example.com", Some("owner")).await;
    let path = format!("{USERS}/{id}");
    let admin = principal(&registry, &owner, "org-admin", "admin", Scope::Organization).await;
    let auditor = principal(&registry, &owner, "auditor", "auditor", Scope::Organization).await;
    let local = principal(&registry, &owner, "local", "owner", Scope::Project).await;
    for reader in [&admin, &auditor] {
        assert_eq!(listed(reader).await, ["ada@example.com"]);
        reader.get(&path).await.ok();
    }
    for caller in [&admin, &auditor, &local] {
        caller.post(USERS, json!({"email": "eve@example.com"})).await.fails(403, 7);
        caller.patch(&path, json!({"full_name": "Eve"})).await.fails(403, 7);
        caller.delete(&path).await.fails(403, 7);
    }
    local.get(USERS).await.fails(403, 7);
    local.get(&path).await.fails(403, 7);
}

#[tokio::test]
async fn everybody_is_looked_up_by_identifier() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let ada = user_id(&owner, "ada@example.com", None).await;
    let team = super::group(&owner, "Web Team", &[&ada]).await;
    let me = owner.get(WHOAMI).await.ok()["principal"]["id"].as_str().expect("an id").to_owned();
    let look_up = async |ids: &[&str], rest: &str| {
        let ids: Vec<_> = ids.iter().map(|id| format!("principal_ids={id}")).collect();
        owner.get(&format!("{LOOK_UP}?{}{rest}", ids.join("&"))).await
    };

    let basic = look_up(&[&team, &me, &ada, &team], "&view=PRINCIPAL_VIEW_BASIC").await.ok();
    let expected = json!([
        {"id": team, "type": "PRINCIPAL_TYPE_GROUP", "group_ids": []},
        {"id": me, "type": "PRINCIPAL_TYPE_SERVICE", "group_ids": []},
        {"id": ada, "type": "PRINCIPAL_TYPE_USER", "group_ids": []},
    ]);
    assert_eq!(basic["principals"], expected, "in the order in which they were asked for, each once");
    for view in ["", "&view=PRINCIPAL_VIEW_FULL"] {
        let full = look_up(&[&ada, &me, &team], view).await.ok()["principals"].clone();
        assert_eq!(full[0]["user"]["email"], "ada@example.com");
        assert_eq!(full[0]["group_ids"], json!([team]));
        assert_eq!(full[1]["service"]["name"], "owner");
        assert_eq!(full[2]["group"]["display_name"], "Web Team");
        assert_eq!(full[2]["group"]["member_count"], 1);
    }
    assert_eq!(look_up(&[], "").await.ok(), json!({"principals": []}));

    // Clients crash when one of many is missing, so one that is missing is an error.
    let absent = "01M8643YMKB2TB3HDPZASKCPR0";
    let message = look_up(&[&ada, absent, "nonsense"], "").await.fails(404, 5);
    assert!(message.contains(&format!("`{absent}`")), "{message}");
    for id in ["nonsense", "%00", ""] {
        look_up(&[&ada, id], "").await.fails(404, 5);
    }
    look_up(&[&ada], "&view=ALL").await.fails(400, 3);
    // As many as a policy of HCP may name.
    look_up(&vec![ada.as_str(); 1000], "").await.ok();
    look_up(&vec![ada.as_str(); 1001], "").await.fails(400, 3);
}

#[tokio::test]
async fn a_person_is_looked_up_by_identifier_and_by_address() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let id = user_id(&owner, "ada@example.com", None).await;
    user_id(&owner, "bob@example.com", None).await;
    let found = owner.get(&format!("{OF_USERS}/{id}")).await.ok()["user_principal"].clone();
    assert_eq!((&found["id"], &found["email"]), (&json!(id), &json!("ada@example.com")));
    assert_eq!(found["full_name"], "Somebody");
    assert_eq!(by_email(&owner, "Ada@example.com").await.ok(), json!({ "user_principals": [found] }));
    assert_eq!(by_email(&owner, "eve@example.com").await.ok(), json!({"user_principals": []}));
    for bad in ["", "ada", "ada@example.com\0"] {
        by_email(&owner, bad).await.fails(400, 3);
    }
    let me = owner.get(WHOAMI).await.ok()["principal"]["id"].as_str().expect("an id").to_owned();
    for absent in ["01M8643YMKB2TB3HDPZASKCPR0", "%00", me.as_str()] {
        owner.get(&format!("{OF_USERS}/{absent}")).await.fails(404, 5);
    }
    owner.in_organization("nowhere").get(&format!("{OF_USERS}/{id}")).await.fails(404, 5);
    by_email(&owner.in_organization("nowhere"), "ada@example.com").await.fails(404, 5);
}

#[tokio::test]
async fn whoever_writes_policies_may_look_people_up_and_nobody_else() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    owner.create_bucket("ubuntu").await;
    let id = user_id(&owner, "ada@example.com", None).await;
    super::group(&owner, "team", &[&id]).await;
    let mut callers = Vec::new();
    for (name, role, scope, may) in [
        ("org-viewer", "viewer", Scope::Organization, true),
        ("admin", "admin", Scope::Project, true),
        ("auditor", "auditor", Scope::Project, true),
        ("bucket-admin", "admin", Scope::Bucket("ubuntu"), true),
        ("contributor", "contributor", Scope::Project, false),
        ("bucket-viewer", "viewer", Scope::Bucket("ubuntu"), false),
    ] {
        callers.push((principal(&registry, &owner, name, role, scope).await, may));
    }
    for (caller, may) in callers {
        let group = "/iam/2019-12-10/iam/organization/{organization_id}/group/team";
        let answers = [
            caller.get(&format!("{LOOK_UP}?principal_ids={id}")).await,
            caller.get(&format!("{OF_USERS}/{id}")).await,
            by_email(&caller, "ada@example.com").await,
            caller.get(group).await,
            caller.get(&format!("{group}/members")).await,
        ];
        for answer in answers {
            if may {
                answer.ok();
            } else {
                answer.fails(403, 7);
            }
        }
    }
}
