//! Who may do what, asked over HTTP: every operation that is served, for every role on every scope.
//!
//! The expectations are written down by hand and know nothing of the rule in the model.

mod table;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waybill_server::api;
use waybill_testkit::{Answer, Api, Scope};

use self::table::{Case, ELSEWHERE, OLD, PRINCIPALS, ROLES, cases, full};
use crate::running::Registry;

/// A registry with something in it, and a caller for each role on each scope.
struct Stage {
    registry: Registry,
    owner: Api,
    build_id: String,
    /// A person without a role, who is in the group `team`.
    user_id: String,
    /// By scope as in [`Case::who`], then by role as in [`ROLES`].
    callers: Vec<Vec<Api>>,
}

impl Stage {
    async fn set() -> Self {
        let registry = Registry::start().await;
        let owner = registry.api().await;
        owner.create_bucket("ubuntu").await;
        owner.create_bucket("debian").await;
        owner.publish("ubuntu", "1", &["amazon-ebs.base"]).await;
        let builds = owner.get("buckets/ubuntu/versions/1/builds").await.ok();
        let build_id = builds["builds"][0]["id"].as_str().expect("a build").to_owned();
        owner.post("buckets/ubuntu/channels", json!({"name": "prod", "version_fingerprint": "1"})).await.ok();
        owner.post("buckets/ubuntu/channels", json!({"name": "secret", "restricted": true})).await.ok();
        let user = owner
            .post("/api/v1/organizations/{organization_id}/users", json!({"email": "ada@example.com"}))
            .await;
        let user_id = user.ok()["user"]["id"].as_str().expect("an id").to_owned();
        let team = json!({"name": "team", "member_principal_ids": [user_id]});
        owner.post("/iam/2019-12-10/iam/organization/{organization_id}/groups", team).await.ok();
        let mut callers = Vec::new();
        for (name, scope) in [
            ("organization", Scope::Organization),
            ("project", Scope::Project),
            ("bucket", Scope::Bucket("ubuntu")),
        ] {
            let mut roles = Vec::new();
            for (role, _) in ROLES {
                let (id, secret) = owner.create_principal(&format!("{name}-{role}"), role, scope).await;
                roles.push(registry.api_of(&id, &secret).await);
            }
            callers.push(roles);
        }
        Self { registry, owner, build_id, user_id, callers }
    }

    async fn send(&self, caller: &Api, case: &Case, number: usize) -> Answer {
        let path = full(case.path).replace("{build_id}", &self.build_id).replace("{user_id}", &self.user_id);
        let body =
            case.body.replace("{n}", &number.to_string()).replace("{project_id}", self.owner.project_id());
        let body: Option<Value> = (!body.is_empty()).then(|| serde_json::from_str(&body).expect("JSON"));
        caller.send(case.method.clone(), &path, body.as_ref()).await
    }
}

#[tokio::test]
async fn each_role_on_each_scope_may_what_the_table_says() {
    let stage = Stage::set().await;
    let mut wrong = Vec::new();
    let mut number = 0;
    for case in cases() {
        let mut found = Vec::new();
        for callers in &stage.callers {
            let mut letters = String::new();
            for (caller, (_, letter)) in callers.iter().zip(ROLES) {
                number += 1;
                let answer = stage.send(caller, &case, number).await;
                let outcome = (answer.status(), answer.code().unwrap_or(0));
                if outcome == case.allowed {
                    letters.push(letter);
                } else if outcome == (403, 7) {
                    letters.push('-');
                } else {
                    letters.push('?');
                    wrong.push(format!("{} is answered {answer:?}", case.operation));
                }
            }
            found.push(letters);
        }
        if found != case.who {
            let Case { operation, method, path, who, .. } = &case;
            wrong.push(format!("{operation} ({method} {path}): expected {who:?}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_or_from_elsewhere() {
    let stage = Stage::set().await;
    let second = stage.owner.create_project("second").await;
    let owner_of_second = stage.owner.in_project(&second);
    let (id, secret) = owner_of_second.create_principal("stranger", "owner", Scope::Project).await;
    let stranger = stage.registry.api_of(&id, &secret).await;
    let nobody = stage.registry.nobody();
    let mut wrong = Vec::new();
    for (number, case) in cases().iter().enumerate() {
        let answer = stage.send(&nobody, case, number).await;
        if (answer.status(), answer.code()) != (401, Some(16)) {
            wrong.push(format!("{} without a token: {answer:?}", case.operation));
        }
        // What is about no project of its own is answered for the stranger's.
        let path = full(case.path);
        let is_general =
            path.starts_with('/') && !path.contains("{project_id}") && !case.body.contains("{project_id}");
        let answer = stage.send(&stranger, case, number).await;
        let outcome = (answer.status(), answer.code());
        let expected: &[_] = match case.operation {
            "ProjectService_Create" | "CreatePrincipal" if is_general => &[(403, Some(7))],
            name if name.starts_with("ServicePrincipals") && is_general => &[(403, Some(7))],
            "GroupsService_GetGroup" | "GroupsService_ListGroupMembers" => &[(200, None)],
            "GetSession" | "EndCurrentSession" | "EndSession" => &[(404, Some(5))],
            name if name.starts_with("GroupsService_") => &[(403, Some(7))],
            "ListUsers" | "CreateUser" | "GetUser" | "UpdateUser" | "DeleteUser" | "SetPassword"
            | "ListGroups" | "UpdateGroup" => &[(403, Some(7))],
            name if name.ends_with("IamPolicy") && is_general => &[(403, Some(7))],
            _ if is_general => &[(200, None)],
            _ => &[(404, Some(5))],
        };
        if !expected.contains(&outcome) {
            wrong.push(format!("{} from another project: {answer:?}", case.operation));
        }
        if path.contains("{organization_id}") || !path.starts_with('/') {
            let answer = stage.send(&stage.owner.in_organization("nowhere"), case, number).await;
            if (answer.status(), answer.code()) != (404, Some(5)) {
                wrong.push(format!("{} in another organization: {answer:?}", case.operation));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_served_operation_is_in_the_table() {
    let operations =
        api::hcp::routes().into_iter().chain(api::hcp21::routes()).chain(api::platform::routes());
    let mut served: BTreeSet<String> = operations
        .map(|(api, id, _)| {
            if api == waybill_api::operation::Api::Packer2021 { format!("2021 {id}") } else { id.to_owned() }
        })
        .collect();
    served.extend(api::waybill::operations().map(|(_, _, id)| id.to_owned()));
    let mut listed: BTreeSet<String> = cases().iter().map(|case| case.operation.to_owned()).collect();
    listed.extend(ELSEWHERE.map(str::to_owned));
    assert_eq!(served, listed);
}

#[tokio::test]
async fn a_registry_is_deleted_by_administrators() {
    let stage = Stage::set().await;
    let [organization, project, bucket] = &stage.callers[..] else { panic!("three scopes") };
    let may = |(role, _): &(&str, char)| ["admin", "owner"].contains(role);
    for (caller, role) in organization.iter().chain(project).zip(ROLES.iter().cycle()) {
        if !may(role) {
            caller.delete("registry").await.fails(403, 7);
        }
    }
    for caller in bucket {
        caller.delete("registry").await.fails(403, 7);
    }
    for (caller, role) in organization.iter().chain(project).zip(ROLES.iter().cycle()) {
        if !may(role) {
            continue;
        }
        let off = json!({"update_mask": "activated", "activated": false});
        stage.owner.patch("registry", off).await.ok();
        caller.delete("registry").await.ok();
        stage.owner.put("registry", json!({})).await.ok();
    }
}

#[tokio::test]
async fn a_principal_is_deleted_by_administrators() {
    const NOBODY: &str = "404 404 404 404 404 404 404 404";
    const ADMINS: &str = "404 404 200 200 404 404 404 403";
    let stage = Stage::set().await;
    // Principals of the organization, then of the project; 404 for whoever may not even see them.
    let cases = [
        (json!({}), ["404 404 403 200 404 404 404 403", NOBODY, NOBODY]),
        (json!({"project_id": stage.owner.project_id()}), [ADMINS, ADMINS, NOBODY]),
    ];
    let mut number = 0;
    for (scope, expected) in cases {
        for (callers, expected) in stage.callers.iter().zip(expected) {
            let mut found = Vec::new();
            for caller in callers {
                number += 1;
                let mut body = scope.clone();
                body["name"] = format!("target-{number}").into();
                body["role"] = "viewer".into();
                let target = stage.owner.post(PRINCIPALS, body).await.ok();
                let id = target["principal"]["id"].as_str().expect("an id");
                found.push(caller.delete(&format!("{PRINCIPALS}/{id}")).await.status().to_string());
            }
            assert_eq!(found.join(" "), expected, "{scope}");
        }
    }
}

#[tokio::test]
async fn a_restricted_channel_does_not_exist_for_viewers() {
    let stage = Stage::set().await;
    for callers in &stage.callers {
        for (caller, (role, _)) in callers.iter().zip(ROLES) {
            let may = !["viewer", "publisher"].contains(&role);
            for path in ["buckets/ubuntu/channels/secret", "buckets/ubuntu/channels/secret/history"] {
                let answer = caller.get(path).await;
                if may {
                    answer.ok();
                } else {
                    answer.fails(404, 5);
                }
            }
            let path = format!("{OLD}/images/ubuntu/channels/secret");
            let answer = caller.get(&path).await;
            if may {
                answer.ok();
            } else {
                answer.fails(404, 5);
            }
            let listed = caller.get("buckets/ubuntu/channels").await.ok().to_string();
            assert_eq!(listed.contains("\"secret\""), may);
        }
    }
}

#[tokio::test]
async fn a_list_holds_what_one_may_read() {
    let stage = Stage::set().await;
    for (callers, expected) in
        stage.callers.iter().zip([&["debian", "ubuntu"][..], &["debian", "ubuntu"], &["ubuntu"]])
    {
        for caller in callers {
            let list = caller.get("buckets").await.ok();
            let names: Vec<_> =
                list["buckets"].as_array().expect("buckets").iter().map(|b| b["name"].clone()).collect();
            assert_eq!(names, expected);
        }
    }
    for caller in &stage.callers[2] {
        for path in ["buckets/debian", "buckets/debian/versions", "buckets/debian/channels"] {
            let answer = caller.get(path).await;
            let absent = caller.get(&path.replace("debian", "absent")).await;
            assert_eq!(answer.status(), absent.status(), "another bucket might as well not exist");
            assert!(matches!(answer.status(), 403 | 404), "{answer:?}");
        }
    }
}
