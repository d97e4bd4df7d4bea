//! Who calls: tokens, organizations and projects as a caller sees them, principals.

mod group_roles;
mod groups;
mod policies;
mod principals;
mod projects;
mod providers;
mod service_principals;
mod several_servers;
mod signatures;
mod tokens;
mod users;
mod webhooks;
mod workload;

use jiff::SignedDuration;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use waybill_server::clock::Clock;
use waybill_store::{NewSession, SessionKind};
use waybill_testkit::{Api, Scope};

use crate::{running::Registry, trail::audited};

const PRINCIPALS: &str = "/api/v1/organizations/{organization_id}/principals";
const USERS: &str = "/api/v1/organizations/{organization_id}/users";
const PROJECTS: &str = "/resource-manager/2019-12-10/projects";
const ORGANIZATIONS: &str = "/resource-manager/2019-12-10/organizations";
const WHOAMI: &str = "/api/v1/whoami";

/// Makes a principal and takes its place.
async fn principal(registry: &Registry, maker: &Api, name: &str, role: &str, scope: Scope<'_>) -> Api {
    let (client_id, client_secret) = maker.create_principal(name, role, scope).await;
    let caller = registry.api_of(&client_id, &client_secret).await;
    caller.in_project(maker.project_id())
}

/// Makes a person, perhaps with a role on the organization, and tells their identifier.
async fn user_id(maker: &Api, email: &str, role: Option<&str>) -> String {
    let mut body = json!({"email": email, "full_name": "Somebody"});
    if let Some(role) = role {
        body["role"] = role.into();
    }
    maker.post(USERS, body).await.ok()["user"]["id"].as_str().expect("an id").to_owned()
}

/// Takes the place of a person, as if they had logged in: how they do that has tests of its own.
async fn user(registry: &Registry, id: &str) -> Api {
    let app = registry.server.app();
    let now = registry.clock.now();
    let (session, person) = (app.ids.uid(now), id.to_owned());
    let uid = session.clone();
    let made = app.store.write(move |tx| {
        let principal = tx.principal(&person)?.expect("a person").id;
        let new = NewSession {
            uid: uid.clone(),
            principal,
            kind: SessionKind::Client,
            digest: uid.as_str().into(),
            client: "test".to_owned(),
            expires_at: now + SignedDuration::from_hours(1),
        };
        tx.insert_session(&new, now)
    });
    made.await.expect("a session");
    let token = app.issue(id, session.as_str()).await.expect("a token");
    registry.nobody().with_token(Some(token.token.expose_secret()))
}

/// Makes a group and tells its identifier.
async fn group(maker: &Api, name: &str, members: &[&str]) -> String {
    let path = "/iam/2019-12-10/iam/organization/{organization_id}/groups";
    let made = maker.post(path, json!({"name": name, "member_principal_ids": members})).await.ok();
    made["group"]["resource_id"].as_str().expect("an id").to_owned()
}

/// Lets nobody else than these have a role on the organization, which is this one.
async fn bind(caller: &Api, role: &str, members: &[(&str, &str)]) {
    let path = "/resource-manager/2019-12-10/organizations/{organization_id}/iam-policy";
    let etag = caller.get(path).await.ok()["policy"]["etag"].clone();
    let members: Vec<_> =
        members.iter().map(|(id, kind)| json!({"member_id": id, "member_type": kind})).collect();
    let bindings = [json!({"role_id": role, "members": members})];
    caller.put(path, json!({"policy": {"bindings": bindings, "etag": etag}})).await.ok();
}

/// The values of one member of each element of a list.
fn pick(answer: &Value, list: &str, member: &str) -> Vec<String> {
    let list = answer[list].as_array().unwrap_or_else(|| panic!("no list `{list}` in {answer}"));
    list.iter().map(|item| item[member].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn everybody_may_ask_who_they_are() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let (organization, project) = (owner.organization_id().to_owned(), owner.project_id().to_owned());

    let me = owner.get(WHOAMI).await.ok();
    assert_eq!(me["client_id"], registry.owner("client_id"));
    assert_eq!(me["principal"]["name"], "owner");
    assert_eq!(me["principal"]["kind"], "service");
    assert_eq!(me["principal"]["organization_id"], organization);
    assert_eq!(me["principal"].get("project_id"), None);
    assert_eq!(me["roles"], json!([{"role": "owner", "organization_id": organization}]));

    let identity = owner.get("/iam/2019-12-10/caller-identity").await.ok();
    let service = &identity["principal"]["service"];
    assert_eq!(identity["principal"]["type"], "PRINCIPAL_TYPE_SERVICE");
    assert_eq!(identity["principal"]["id"], me["principal"]["id"]);
    assert_eq!(service["name"], "owner");
    assert_eq!(service["resource_name"], format!("iam/organization/{organization}/service-principal/owner"));

    owner.create_bucket("ubuntu").await;
    let bot = principal(&registry, &owner, "bot", "viewer", Scope::Bucket("ubuntu")).await;
    let me = bot.get(WHOAMI).await.ok();
    assert_eq!(me["principal"]["project_id"], project);
    assert_eq!(me["roles"], json!([{"role": "viewer", "project_id": project, "bucket": "ubuntu"}]));
    let identity = bot.get("/iam/2019-12-10/caller-identity").await.ok();
    let name = format!("iam/project/{project}/service-principal/bot");
    assert_eq!(identity["principal"]["service"]["resource_name"], name);
    assert_eq!(identity["principal"]["service"]["project_id"], project);

    // The role goes with the bucket; the principal stays.
    owner.delete("buckets/ubuntu").await.ok();
    assert_eq!(bot.get(WHOAMI).await.ok()["roles"], json!([]));
    bot.get("/iam/2019-12-10/caller-identity").await.ok();
    bot.get(ORGANIZATIONS).await.fails(403, 7);
    bot.get(PROJECTS).await.fails(403, 7);
}
