//! Who may do what, asked over HTTP: every operation that is served, for every role on every scope.
//!
//! The expectations are written down by hand and know nothing of the rule in the model.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use waybill_server::api;
use waybill_testkit::{Answer, Api, Scope};

use crate::running::Registry;

/// An operation, what to send, what somebody who may is answered, and who that is.
///
/// Where somebody who may would spoil the test for the next one, the request is about something absent, so that
/// the answer is an error; but never 403.
struct Case {
    operation: &'static str,
    method: Method,
    path: &'static str,
    /// JSON, or nothing. `{n}` is a new number each time.
    body: &'static str,
    /// HTTP status and code (0 for a success).
    allowed: (u16, u64),
    /// Roles that may, when held on the organization, on the project, on the bucket: V viewer, C contributor,
    /// A admin, O owner. Whoever is not listed is refused with 403 and code 7.
    who: [&'static str; 3],
}

const ALL: &str = "VCAO";
const CONTRIBUTORS: &str = "-CAO";
const ADMINS: &str = "--AO";
const OWNERS: &str = "---O";
const NONE: &str = "----";

const EVERYWHERE: [&str; 3] = [ALL, ALL, ALL];
const WRITE: [&str; 3] = [CONTRIBUTORS, CONTRIBUTORS, CONTRIBUTORS];
const DELETE: [&str; 3] = [ADMINS, ADMINS, ADMINS];
const READ_PROJECT: [&str; 3] = [ALL, ALL, NONE];
const WRITE_PROJECT: [&str; 3] = [CONTRIBUTORS, CONTRIBUTORS, NONE];
const MANAGE_PROJECT: [&str; 3] = [ADMINS, ADMINS, NONE];
const MANAGE_ORGANIZATION: [&str; 3] = [OWNERS, NONE, NONE];
const READ_ORGANIZATIONS_PRINCIPALS: [&str; 3] = [ADMINS, NONE, NONE];

const OK: (u16, u64) = (200, 0);
const INVALID: (u16, u64) = (400, 3);
const NOT_FOUND: (u16, u64) = (404, 5);
const EXISTS: (u16, u64) = (409, 6);
const PRECONDITION: (u16, u64) = (400, 9);
/// How the registry says that a version is not there.
const NO_VERSION: (u16, u64) = (409, 10);

const BUILD: &str = "buckets/ubuntu/versions/1/builds/{build_id}";
const OLD: &str = "/packer/2021-04-30/organizations/{organization_id}/projects/{project_id}";
const PRINCIPALS: &str = "/api/v1/organizations/{organization_id}/principals";
const OWN: &str = "/api/v1/organizations/{organization_id}/projects/{project_id}";
const OF_ORGANIZATION: &str = "/2019-12-10/iam/organization/{organization_id}";
const OF_PROJECT: &str = "/2019-12-10/iam/project/{project_id}";

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    let case = |operation, method: &str, path, body, allowed, who| {
        let method = method.parse().expect("a method");
        Case { operation, method, path, body, allowed, who }
    };
    vec![
        case("PackerService_GetRegistry", "GET", "registry", "", OK, READ_PROJECT),
        case("PackerService_CreateRegistry", "PUT", "registry", "{}", EXISTS, MANAGE_PROJECT),
        case("PackerService_UpdateRegistry", "PATCH", "registry", r#"{"update_mask": "activated", "activated": true}"#, OK, MANAGE_PROJECT),

        // Somebody with a role on a bucket lists that one: see `a_list_holds_what_one_may_read`.
        case("PackerService_ListBuckets", "GET", "buckets", "", OK, EVERYWHERE),
        case("PackerService_CreateBucket", "PUT", "buckets", r#"{"name": "new-{n}"}"#, OK, WRITE_PROJECT),
        case("PackerService_GetBucket", "GET", "buckets/ubuntu", "", OK, EVERYWHERE),
        case("PackerService_UpdateBucket", "PATCH", "buckets/ubuntu", r#"{"description": "{n}"}"#, OK, WRITE),
        case("PackerService_DeleteBucket", "DELETE", "buckets/absent", "", NOT_FOUND, MANAGE_PROJECT),
        case("PackerService_ListBucketAncestry", "GET", "buckets/ubuntu/ancestry", "", OK, EVERYWHERE),

        case("PackerService_ListVersions", "GET", "buckets/ubuntu/versions", "", OK, EVERYWHERE),
        case("PackerService_CreateVersion", "POST", "buckets/ubuntu/versions", r#"{"fingerprint": "1", "template_type": "HCL2"}"#, EXISTS, WRITE),
        case("PackerService_GetVersion", "GET", "buckets/ubuntu/versions/1", "", OK, EVERYWHERE),
        case("PackerService_UpdateVersion", "PATCH", "buckets/ubuntu/versions/absent", r#"{"complete": true}"#, NO_VERSION, WRITE),
        case("PackerService_UpdateVersion", "PATCH", "buckets/ubuntu/versions/absent", r#"{"revoke_in": "0s"}"#, NO_VERSION, WRITE),
        case("PackerService_UpdateVersion", "PATCH", "buckets/ubuntu/versions/absent", r#"{"restore": true}"#, NO_VERSION, WRITE),
        case("PackerService_DeleteVersion", "DELETE", "buckets/ubuntu/versions/absent", "", NO_VERSION, DELETE),

        case("PackerService_ListBuilds", "GET", "buckets/ubuntu/versions/1/builds", "", OK, EVERYWHERE),
        case("PackerService_CreateBuild", "POST", "buckets/ubuntu/versions/1/builds", r#"{"component_type": "x.y"}"#, PRECONDITION, WRITE),
        case("PackerService_GetBuild", "GET", BUILD, "", OK, EVERYWHERE),
        case("PackerService_UpdateBuild", "PATCH", BUILD, r#"{"status": "BUILD_FAILED"}"#, PRECONDITION, WRITE),
        case("PackerService_DeleteBuild", "DELETE", "buckets/ubuntu/versions/1/builds/01M8643YMKB2TB3HDPZASKCPR0", "", NOT_FOUND, DELETE),
        case("PackerService_UploadSbom", "PUT", "buckets/ubuntu/versions/1/builds/{build_id}/sboms", r#"{"name": "base", "format": "CYCLONEDX", "compressed_sbom": "AAAA"}"#, INVALID, WRITE),
        case("PackerService_ListSboms", "GET", "buckets/ubuntu/versions/1/builds/{build_id}/sboms", "", OK, EVERYWHERE),
        case("PackerService_GetSbom", "GET", "buckets/ubuntu/versions/1/builds/{build_id}/sboms/absent", "", NOT_FOUND, EVERYWHERE),
        case("PackerService_GetSbom", "DELETE", "buckets/ubuntu/versions/1/builds/{build_id}/sboms/absent", "", PRECONDITION, DELETE),

        case("PackerService_ListChannels", "GET", "buckets/ubuntu/channels", "", OK, EVERYWHERE),
        case("PackerService_CreateChannel", "POST", "buckets/ubuntu/channels", r#"{"name": "prod"}"#, EXISTS, WRITE),
        case("PackerService_GetChannel", "GET", "buckets/ubuntu/channels/prod", "", OK, EVERYWHERE),
        case("PackerService_UpdateChannel", "PATCH", "buckets/ubuntu/channels/prod", r#"{"update_mask": "restricted", "restricted": false}"#, OK, WRITE),
        case("PackerService_UpdateChannel", "PATCH", "buckets/ubuntu/channels/prod", r#"{"update_mask": "versionFingerprint", "version_fingerprint": "1"}"#, OK, WRITE),
        case("PackerService_DeleteChannel", "DELETE", "buckets/ubuntu/channels/absent", "", NOT_FOUND, WRITE),
        case("PackerService_ListChannelAssignmentHistory", "GET", "buckets/ubuntu/channels/prod/history", "", OK, EVERYWHERE),
        case("PackerService_AssignChannelVersion", "POST", "buckets/ubuntu/channels/assign", r#"{"source_channel": "latest", "target_channel": "prod"}"#, OK, WRITE),

        case("PackerService_SearchExternalArtifact", "POST", "_search/external_artifact", r#"{"external_identifier": "ami-1"}"#, OK, READ_PROJECT),
        case("PackerService_GetEnforcedBlocksByBucket", "GET", "enforced_blocks/bucket/ubuntu", "", OK, EVERYWHERE),

        case("2021 PackerService_GetChannel", "GET", "{old}/images/ubuntu/channels/prod", "", OK, EVERYWHERE),
        case("2021 PackerService_GetIteration", "GET", "{old}/images/ubuntu/iteration?fingerprint=1", "", OK, EVERYWHERE),

        case("OrganizationService_List", "GET", "/resource-manager/2019-12-10/organizations", "", OK, EVERYWHERE),
        case("OrganizationService_Get", "GET", "/resource-manager/2019-12-10/organizations/{organization_id}", "", OK, EVERYWHERE),
        case("ProjectService_List", "GET", "/resource-manager/2019-12-10/projects", "", OK, EVERYWHERE),
        case("ProjectService_Get", "GET", "/resource-manager/2019-12-10/projects/{project_id}", "", OK, EVERYWHERE),
        case("ProjectService_Create", "POST", "/resource-manager/2019-12-10/projects", r#"{"name": "project {n}"}"#, OK, MANAGE_ORGANIZATION),
        case("IamService_GetCallerIdentity", "GET", "/iam/2019-12-10/caller-identity", "", OK, EVERYWHERE),

        case("OperationService_Wait", "GET", "/operation/2020-05-05/organizations/{organization_id}/projects/{project_id}/operations/absent/wait", "", NOT_FOUND, EVERYWHERE),

        case("ServicePrincipalsService_CreateServicePrincipal", "POST", "{of_organization}/service-principals", r#"{"name": "new-{n}"}"#, OK, MANAGE_ORGANIZATION),
        case("ServicePrincipalsService_CreateServicePrincipal", "POST", "{of_project}/service-principals", r#"{"name": "new-{n}"}"#, OK, MANAGE_PROJECT),
        case("ServicePrincipalsService_GetServicePrincipal", "GET", "{of_organization}/service-principal/owner", "", OK, READ_ORGANIZATIONS_PRINCIPALS),
        case("ServicePrincipalsService_GetServicePrincipal", "GET", "{of_project}/service-principal/project-owner", "", OK, MANAGE_PROJECT),
        case("ServicePrincipalsService_DeleteServicePrincipal", "DELETE", "{of_organization}/service-principal/absent", "", NOT_FOUND, MANAGE_ORGANIZATION),
        case("ServicePrincipalsService_DeleteServicePrincipal", "DELETE", "{of_project}/service-principal/absent", "", NOT_FOUND, MANAGE_PROJECT),
        case("ServicePrincipalsService_CreateServicePrincipalKey", "POST", "{of_organization}/service-principal/absent/keys", "", NOT_FOUND, MANAGE_ORGANIZATION),
        case("ServicePrincipalsService_CreateServicePrincipalKey", "POST", "{of_project}/service-principal/absent/keys", "", NOT_FOUND, MANAGE_PROJECT),
        case("ServicePrincipalsService_DeleteServicePrincipalKey", "DELETE", "{of_organization}/service-principal/owner/key/absent", "", NOT_FOUND, MANAGE_ORGANIZATION),
        case("ServicePrincipalsService_DeleteServicePrincipalKey", "DELETE", "{of_project}/service-principal/project-viewer/key/absent", "", NOT_FOUND, MANAGE_PROJECT),

        case("WhoAmI", "GET", "/api/v1/whoami", "", OK, EVERYWHERE),
        case("ListPrincipals", "GET", PRINCIPALS, "", OK, MANAGE_PROJECT),
        case("DeleteVersion", "DELETE", "{own}/buckets/ubuntu/versions/absent", "", NO_VERSION, DELETE),
        case("DeleteVersion", "DELETE", "{own}/buckets/ubuntu/versions/absent?force=true&reason=none", "", NO_VERSION, DELETE),
        case("CreatePrincipal", "POST", PRINCIPALS, r#"{"name": "new-{n}", "role": "viewer"}"#, OK, MANAGE_ORGANIZATION),
        case("CreatePrincipal", "POST", PRINCIPALS, r#"{"name": "new-{n}", "role": "viewer", "project_id": "{project_id}"}"#, OK, MANAGE_PROJECT),
        case("CreatePrincipal", "POST", PRINCIPALS, r#"{"name": "new-{n}", "role": "viewer", "project_id": "{project_id}", "bucket": "ubuntu"}"#, OK, MANAGE_PROJECT),
    ]
}

/// Operations that have a test of their own, because they are about no role or leave nothing for the next case.
const ELSEWHERE: [&str; 5] =
    ["OAuth2_Token", "PackerService_DeleteRegistry", "DeletePrincipal", "DownloadSbom", "GetOpenApi"];

/// A case's path with its beginning written out.
fn full(path: &str) -> String {
    let beginnings = [
        ("{old}", OLD),
        ("{own}", OWN),
        ("{of_organization}", OF_ORGANIZATION),
        ("{of_project}", OF_PROJECT),
    ];
    beginnings.iter().fold(path.to_owned(), |path, (short, long)| path.replace(short, long))
}

/// A registry with something in it, and a caller for each role on each scope.
struct Stage {
    registry: Registry,
    owner: Api,
    build_id: String,
    /// By scope as in [`Case::who`], then by role.
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
        let mut callers = Vec::new();
        for (name, scope) in [
            ("organization", Scope::Organization),
            ("project", Scope::Project),
            ("bucket", Scope::Bucket("ubuntu")),
        ] {
            let mut roles = Vec::new();
            for role in ["viewer", "contributor", "admin", "owner"] {
                let (id, secret) = owner.create_principal(&format!("{name}-{role}"), role, scope).await;
                roles.push(registry.api_of(&id, &secret).await);
            }
            callers.push(roles);
        }
        Self { registry, owner, build_id, callers }
    }

    async fn send(&self, caller: &Api, case: &Case, number: usize) -> Answer {
        let path = full(case.path).replace("{build_id}", &self.build_id);
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
            for (caller, letter) in callers.iter().zip(["V", "C", "A", "O"]) {
                number += 1;
                let answer = stage.send(caller, &case, number).await;
                let outcome = (answer.status(), answer.code().unwrap_or(0));
                if outcome == case.allowed {
                    letters.push_str(letter);
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
    for caller in bucket.iter().chain(&organization[..2]).chain(&project[..2]) {
        caller.delete("registry").await.fails(403, 7);
    }
    for caller in organization[2..].iter().chain(&project[2..]) {
        let off = json!({"update_mask": "activated", "activated": false});
        stage.owner.patch("registry", off).await.ok();
        caller.delete("registry").await.ok();
        stage.owner.put("registry", json!({})).await.ok();
    }
}

#[tokio::test]
async fn a_principal_is_deleted_by_administrators() {
    let stage = Stage::set().await;
    // Principals of the organization, then of the project; 404 for whoever may not even see them.
    let cases = [
        (json!({}), [["404", "404", "403", "200"], ["404"; 4], ["404"; 4]]),
        (
            json!({"project_id": stage.owner.project_id()}),
            [["404", "404", "200", "200"], ["404", "404", "200", "200"], ["404"; 4]],
        ),
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
            assert_eq!(found, expected, "{scope}");
        }
    }
}

#[tokio::test]
async fn a_restricted_channel_does_not_exist_for_viewers() {
    let stage = Stage::set().await;
    for callers in &stage.callers {
        for (caller, may) in callers.iter().zip([false, true, true, true]) {
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
