//! Who calls: tokens, organizations and projects as a caller sees them, principals.

mod policies;
mod principals;
mod projects;
mod providers;
mod service_principals;
mod several_servers;
mod tokens;

use serde_json::{Value, json};
use waybill_testkit::{Api, Scope};

use crate::running::Registry;

const PRINCIPALS: &str = "/api/v1/organizations/{organization_id}/principals";
const PROJECTS: &str = "/resource-manager/2019-12-10/projects";
const ORGANIZATIONS: &str = "/resource-manager/2019-12-10/organizations";
const WHOAMI: &str = "/api/v1/whoami";

/// Makes a principal and takes its place.
async fn principal(registry: &Registry, maker: &Api, name: &str, role: &str, scope: Scope<'_>) -> Api {
    let (client_id, client_secret) = maker.create_principal(name, role, scope).await;
    let caller = registry.api_of(&client_id, &client_secret).await;
    caller.in_project(maker.project_id())
}

/// The values of one member of each element of a list.
fn pick(answer: &Value, list: &str, member: &str) -> Vec<String> {
    let list = answer[list].as_array().unwrap_or_else(|| panic!("no list `{list}` in {answer}"));
    list.iter().map(|item| item[member].as_str().unwrap_or_default().to_owned()).collect()
}

/// What was recorded of what `owner` and others did, as `principal action resource detail`.
async fn audited(registry: &Registry) -> Vec<String> {
    let rows = registry.server.app().store.read(|tx| {
        let organization = tx.first_organization()?.expect("an organization").id;
        tx.audited(organization, jiff::Timestamp::UNIX_EPOCH, 1000)
    });
    rows.await.expect("an audit trail").iter().map(|row| row.join(" ").trim_end().to_owned()).collect()
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
