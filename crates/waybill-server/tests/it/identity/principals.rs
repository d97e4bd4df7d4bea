//! Service principals: making, listing and deleting them.

use serde_json::{Value, json};
use waybill_testkit::{Api, Scope};

use super::{PRINCIPALS, WHOAMI, audited, pick, principal};
use crate::running::Registry;

/// The names of all principals that a caller sees.
async fn listed(caller: &Api) -> Vec<String> {
    pick(&caller.get(PRINCIPALS).await.ok(), "principals", "name")
}

async fn id(caller: &Api) -> String {
    caller.get(WHOAMI).await.ok()["principal"]["id"].as_str().expect("an id").to_owned()
}

async fn delete(caller: &Api, id: &str) -> waybill_testkit::Answer {
    caller.delete(&format!("{PRINCIPALS}/{id}")).await
}

#[tokio::test]
async fn a_principal_is_made_with_a_role_and_a_key() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    owner.create_bucket("ubuntu").await;
    let (organization, project) = (owner.organization_id(), owner.project_id());
    let on_organization = json!({"name": "bot", "role": "viewer"});
    let on_project = json!({"name": "bot", "role": "admin", "project_id": project});
    let on_bucket =
        json!({"name": "bot-2", "role": "contributor", "project_id": project, "bucket": "ubuntu"});
    let cases = [
        (on_organization, json!({"role": "viewer", "organization_id": organization})),
        (on_project, json!({"role": "admin", "project_id": project})),
        (on_bucket, json!({"role": "contributor", "project_id": project, "bucket": "ubuntu"})),
    ];
    for (body, role) in cases {
        let made = owner.post(PRINCIPALS, body.clone()).await.ok();
        let principal = &made["principal"];
        assert_eq!(principal["name"], body["name"]);
        assert_eq!(principal["kind"], "service");
        assert_eq!(principal.get("project_id"), body.get("project_id"));
        assert_eq!(principal["roles"], json!([role]));
        assert_eq!(pick(principal, "keys", "client_id"), [made["client_id"].as_str().expect("a client id")]);
        assert_eq!(principal["keys"][0].as_object().map(serde_json::Map::len), Some(2), "no secret");
        let (id, secret) = (made["client_id"].as_str(), made["client_secret"].as_str());
        let (id, secret) = (id.expect("a client id"), secret.expect("a secret"));
        assert!(id.starts_with("wb-") && secret.starts_with("wbs_"));
        let me = registry.api_of(id, secret).await.get(WHOAMI).await.ok();
        assert_eq!(me["roles"], principal["roles"]);
        assert_eq!(me["principal"]["id"], principal["id"]);
    }
    let trail = audited(&registry).await;
    let of = |resource: &str| trail.iter().filter(|row| row.contains(resource)).count();
    assert_eq!(
        of(&format!("owner principal.create iam/organization/{organization}/service-principal/bot ")),
        1
    );
    assert_eq!(of(&format!("owner principal.create iam/project/{project}/service-principal/bot ")), 1);
    assert!(trail.iter().any(|row| row.contains("\"bucket\":\"ubuntu\"")));
    assert!(!trail.iter().any(|row| row.contains("wbs_")), "no secret in the audit trail");
}

#[tokio::test]
async fn a_workload_s_principal_needs_no_key() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let body =
        json!({"name": "bot", "role": "publisher", "project_id": owner.project_id(), "without_key": true});
    let made = owner.post(PRINCIPALS, body).await.ok();
    assert_eq!(made["principal"]["keys"], json!([]));
    assert_eq!((made.get("client_id"), made.get("client_secret")), (None, None));
    let trail = audited(&registry).await;
    assert!(!trail.iter().any(|row| row.contains("key.create")), "{trail:?}");
}

#[tokio::test]
async fn a_principal_that_cannot_be_is_refused() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let project = owner.project_id().to_owned();
    let create = async |body: Value| owner.post(PRINCIPALS, body).await;
    for body in [
        json!({}),
        json!({"name": "bot"}),
        json!({"role": "viewer"}),
        json!({"name": "ab", "role": "viewer"}),
        json!({"name": "a b c", "role": "viewer"}),
        json!({"name": "bot", "role": "king"}),
        json!({"name": "bot", "role": "roles/viewer"}),
        json!({"name": "bot", "role": "viewer", "colour": "red"}),
        json!({"name": "bot", "role": "viewer", "bucket": "ubuntu"}),
        json!({"name": "bot", "role": "viewer", "project_id": ""}),
        json!({"name": "bot", "role": "viewer", "project_id": project, "bucket": "a"}),
    ] {
        create(body).await.fails(400, 3);
    }
    create(json!({"name": "bot", "role": "viewer", "project_id": "nowhere"})).await.fails(404, 5);
    create(json!({"name": "bot", "role": "viewer", "project_id": project, "bucket": "absent"}))
        .await
        .fails(404, 5);

    create(json!({"name": "bot", "role": "viewer"})).await.ok();
    create(json!({"name": "bot", "role": "admin"})).await.fails(409, 6);
    create(json!({"name": "bot", "role": "viewer", "project_id": project})).await.ok();
    create(json!({"name": "bot", "role": "viewer", "project_id": project})).await.fails(409, 6);
    owner
        .in_organization("nowhere")
        .post(PRINCIPALS, json!({"name": "cat", "role": "viewer"}))
        .await
        .fails(404, 5);
    assert_eq!(listed(&owner).await, ["owner", "bot", "bot"]);
}

#[tokio::test]
async fn nobody_gives_more_than_they_have() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    owner.create_bucket("ubuntu").await;
    let second = owner.create_project("second").await;
    let project = owner.project_id();

    let org_admin = principal(&registry, &owner, "org-admin", "admin", Scope::Organization).await;
    let project_owner = principal(&registry, &owner, "project-owner", "owner", Scope::Project).await;
    let project_admin = principal(&registry, &owner, "project-admin", "admin", Scope::Project).await;
    let contributor = principal(&registry, &owner, "contributor", "contributor", Scope::Organization).await;
    let bucket_owner = principal(&registry, &owner, "bucket-owner", "owner", Scope::Bucket("ubuntu")).await;

    // Per caller: the roles it may give on the organization, its project, a bucket, another project.
    let cases = [
        (&owner, ["VCAO", "VCAO", "VCAO", "VCAO"]),
        (&org_admin, ["----", "VCA-", "VCA-", "VCA-"]),
        (&project_owner, ["----", "VCAO", "VCAO", "----"]),
        (&project_admin, ["----", "VCA-", "VCA-", "----"]),
        (&contributor, ["----", "----", "----", "----"]),
        (&bucket_owner, ["----", "----", "----", "----"]),
    ];
    let mut number = 0;
    for (caller, expected) in cases {
        let scopes = [
            json!({}),
            json!({"project_id": project}),
            json!({"project_id": project, "bucket": "ubuntu"}),
            json!({"project_id": second}),
        ];
        for (scope, expected) in scopes.into_iter().zip(expected) {
            let mut found = String::new();
            for (role, letter) in [("viewer", 'V'), ("contributor", 'C'), ("admin", 'A'), ("owner", 'O')] {
                number += 1;
                let mut body = scope.clone();
                body["name"] = format!("bot-{number}").into();
                body["role"] = role.into();
                let answer = caller.post(PRINCIPALS, body).await;
                match answer.status() {
                    200 => found.push(letter),
                    // Another project's existence is nobody's business.
                    404 if scope["project_id"] == *second => {
                        answer.fails(404, 5);
                        found.push('-');
                    }
                    _ => {
                        answer.fails(403, 7);
                        found.push('-');
                    }
                }
            }
            let name = caller.get(WHOAMI).await.ok()["principal"]["name"].to_string();
            assert_eq!(found, expected, "{name} on {scope}");
        }
    }
}

#[tokio::test]
async fn principals_are_listed_page_by_page() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let mut names = vec!["owner".to_owned()];
    for number in 0..6 {
        let scope = if number % 2 == 0 { Scope::Project } else { Scope::Organization };
        names.push(format!("bot-{number}"));
        owner.create_principal(&names[number + 1], "viewer", scope).await;
    }
    assert_eq!(listed(&owner).await, names);

    let (mut found, mut token, mut n_pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = owner.get(&format!("{PRINCIPALS}?page_size=3&page_token={token}")).await.ok();
        for principal in page["principals"].as_array().expect("principals") {
            assert_eq!(principal["roles"].as_array().map(Vec::len), Some(1), "{principal}");
            assert_eq!(principal["keys"].as_array().map(Vec::len), Some(1), "{principal}");
        }
        found.extend(pick(&page, "principals", "name"));
        n_pages += 1;
        match page.get("next_page_token") {
            Some(next) => token = next.as_str().expect("a token").to_owned(),
            None => break,
        }
    }
    assert_eq!((found, n_pages), (names, 3));
    for query in ["page_token=x", "page_size=x", "page_size=-1", "colour=red"] {
        owner.get(&format!("{PRINCIPALS}?{query}")).await.fails(400, 3);
    }
    owner.in_organization("nowhere").get(PRINCIPALS).await.fails(404, 5);
}

#[tokio::test]
async fn a_project_administrator_sees_the_projects_principals() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    owner.create_bucket("ubuntu").await;
    let org_admin = principal(&registry, &owner, "org-admin", "admin", Scope::Organization).await;
    let admin = principal(&registry, &owner, "admin", "admin", Scope::Project).await;
    let bucket = principal(&registry, &owner, "bucket-owner", "owner", Scope::Bucket("ubuntu")).await;
    let viewer = principal(&registry, &owner, "viewer", "viewer", Scope::Organization).await;
    assert_eq!(listed(&org_admin).await, ["owner", "org-admin", "admin", "bucket-owner", "viewer"]);
    assert_eq!(listed(&admin).await, ["admin", "bucket-owner"]);
    let page = admin.get(&format!("{PRINCIPALS}?page_size=1")).await.ok();
    assert_eq!(pick(&page, "principals", "name"), ["admin"]);
    let next = page["next_page_token"].as_str().expect("a token");
    let page = admin.get(&format!("{PRINCIPALS}?page_size=1&page_token={next}")).await.ok();
    assert_eq!(pick(&page, "principals", "name"), ["bucket-owner"]);
    for caller in [&bucket, &viewer] {
        caller.get(PRINCIPALS).await.fails(403, 7);
    }
}

#[tokio::test]
async fn a_principal_is_deleted_by_who_could_have_made_it() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    owner.create_bucket("ubuntu").await;
    let second = owner.create_project("second").await;
    let org_admin = principal(&registry, &owner, "org-admin", "admin", Scope::Organization).await;
    let org_viewer = principal(&registry, &owner, "org-viewer", "viewer", Scope::Organization).await;
    let boss = principal(&registry, &owner, "boss", "owner", Scope::Project).await;
    let admin = principal(&registry, &owner, "admin", "admin", Scope::Project).await;
    let elsewhere =
        principal(&registry, &owner.in_project(&second), "elsewhere", "viewer", Scope::Project).await;
    let in_bucket = principal(&registry, &owner, "in-bucket", "contributor", Scope::Bucket("ubuntu")).await;

    delete(&admin, &id(&boss).await).await.fails(403, 7);
    delete(&org_admin, &id(&boss).await).await.fails(403, 7);
    delete(&org_admin, &id(&org_viewer).await).await.fails(403, 7);
    for unseen in [id(&elsewhere).await, id(&org_viewer).await, id(&owner).await] {
        delete(&admin, &unseen).await.fails(404, 5);
    }
    for absent in ["01M8643YMKB2TB3HDPZASKCPR0", "%00", "x"] {
        delete(&owner, absent).await.fails(404, 5);
    }
    delete(&owner.in_organization("nowhere"), &id(&admin).await).await.fails(404, 5);
    for caller in [&owner, &boss, &admin, &in_bucket] {
        let message = delete(caller, &id(caller).await).await.fails(400, 9);
        assert!(message.contains("cannot delete itself"), "{message}");
    }
    let all = ["owner", "org-admin", "org-viewer", "boss", "admin", "elsewhere", "in-bucket"];
    assert_eq!(listed(&owner).await, all, "nobody was deleted");

    assert_eq!(delete(&admin, &id(&in_bucket).await).await.ok(), json!({}));
    assert_eq!(delete(&boss, &id(&admin).await).await.ok(), json!({}));
    assert_eq!(delete(&org_admin, &id(&elsewhere).await).await.ok(), json!({}));
    let boss_id = id(&boss).await;
    assert_eq!(delete(&owner, &boss_id).await.ok(), json!({}));
    delete(&owner, &boss_id).await.fails(404, 5);
    assert_eq!(listed(&owner).await, ["owner", "org-admin", "org-viewer"]);
    let expected = format!(
        "admin principal.delete iam/project/{}/service-principal/in-bucket {{\"id\":",
        owner.project_id()
    );
    assert!(audited(&registry).await.iter().any(|row| row.starts_with(&expected)));
}
