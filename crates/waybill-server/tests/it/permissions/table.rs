//! Every operation, who may do it, and what somebody who may is answered.

use reqwest::Method;

/// An operation, what to send, what somebody who may is answered, and who that is.
///
/// Where somebody who may would spoil the test for the next one, the request is about something absent, so that
/// the answer is an error; but never 403.
pub(super) struct Case {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) path: &'static str,
    /// JSON, or nothing. `{n}` is a new number each time.
    pub(super) body: &'static str,
    /// HTTP status and code (0 for a success).
    pub(super) allowed: (u16, u64),
    /// Roles that may, when held on the organization, on the project, on the bucket, by the letters of [`ROLES`].
    /// Whoever is not listed is refused with 403 and code 7.
    pub(super) who: [&'static str; 3],
}

/// The roles in the order of the letters in [`Case::who`].
pub(super) const ROLES: [(&str, char); 8] = [
    ("viewer", 'V'),
    ("contributor", 'C'),
    ("admin", 'A'),
    ("owner", 'O'),
    ("publisher", 'P'),
    ("promoter", 'M'),
    ("revoker", 'R'),
    ("auditor", 'U'),
];

const ALL: &str = "VCAOPMRU";
const PUBLISHERS: &str = "-CAOP---";
const PROMOTERS: &str = "-CAO-M--";
const REVOKERS: &str = "-CAO--R-";
const ADMINS: &str = "--AO----";
const AUDITORS: &str = "--AO---U";
const OWNERS: &str = "---O----";
const NONE: &str = "--------";

const EVERYWHERE: [&str; 3] = [ALL, ALL, ALL];
const PUBLISH: [&str; 3] = [PUBLISHERS, PUBLISHERS, PUBLISHERS];
const PROMOTE: [&str; 3] = [PROMOTERS, PROMOTERS, PROMOTERS];
const REVOKE: [&str; 3] = [REVOKERS, REVOKERS, REVOKERS];
const ADMINISTER: [&str; 3] = [ADMINS, ADMINS, ADMINS];
const AUDIT: [&str; 3] = [AUDITORS, AUDITORS, AUDITORS];
const READ_PROJECT: [&str; 3] = [ALL, ALL, NONE];
const CREATE_BUCKETS: [&str; 3] = [PUBLISHERS, PUBLISHERS, NONE];
const AUDIT_PROJECT: [&str; 3] = [AUDITORS, AUDITORS, NONE];
const MANAGE_PROJECT: [&str; 3] = [ADMINS, ADMINS, NONE];
/// Who gives roles to others, or sees all of the organization anyway.
const LOOK_UP: [&str; 3] = [ALL, AUDITORS, ADMINS];
const AUDIT_ORGANIZATION: [&str; 3] = [AUDITORS, NONE, NONE];
const MANAGE_ORGANIZATION: [&str; 3] = [OWNERS, NONE, NONE];

const OK: (u16, u64) = (200, 0);
const INVALID: (u16, u64) = (400, 3);
const NOT_FOUND: (u16, u64) = (404, 5);
const EXISTS: (u16, u64) = (409, 6);
const PRECONDITION: (u16, u64) = (400, 9);
const ABORTED: (u16, u64) = (409, 10);
/// How the registry says that a version is not there.
const NO_VERSION: (u16, u64) = (409, 10);

const BUILD: &str = "buckets/ubuntu/versions/1/builds/{build_id}";
pub(super) const OLD: &str = "/packer/2021-04-30/organizations/{organization_id}/projects/{project_id}";
pub(super) const PRINCIPALS: &str = "/api/v1/organizations/{organization_id}/principals";
const USERS: &str = "/api/v1/organizations/{organization_id}/users";
const GROUPS: &str = "/api/v1/organizations/{organization_id}/groups";
const IAM: &str = "/iam/2019-12-10/organizations/{organization_id}";
const OF_GROUPS: &str = "/iam/2019-12-10/iam/organization/{organization_id}/group";
const OWN: &str = "/api/v1/organizations/{organization_id}/projects/{project_id}";
const OF_ORGANIZATION: &str = "/2019-12-10/iam/organization/{organization_id}";
const ORGANIZATION: &str = "/resource-manager/2019-12-10/organizations/{organization_id}";
const PROJECT: &str = "/resource-manager/2019-12-10/projects/{project_id}";
const POLICY: &str = "/2019-12-10/resource-manager/resources/iam-policy";
/// A policy that nobody could set, because it was made from a state that never was.
const STALE: &str = r#"{"policy": {"etag": "stale"}}"#;
const OF_PROJECT: &str = "/2019-12-10/iam/project/{project_id}";
const WEBHOOK: &str = "/2023-05-31/webhook/project/{project_id}";

/// A workload identity provider that could be made.
const PROVIDER: &str = r#"{"name": "new-{n}", "provider": {"conditional_access": "aws.arn == `a`", "aws_config": {"account_id": "123456789012"}}}"#;

#[rustfmt::skip]
pub(super) fn cases() -> Vec<Case> {
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
        case("PackerService_CreateBucket", "PUT", "buckets", r#"{"name": "new-{n}"}"#, OK, CREATE_BUCKETS),
        case("PackerService_GetBucket", "GET", "buckets/ubuntu", "", OK, EVERYWHERE),
        case("PackerService_UpdateBucket", "PATCH", "buckets/ubuntu", r#"{"description": "{n}"}"#, OK, PUBLISH),
        case("PackerService_DeleteBucket", "DELETE", "buckets/absent", "", NOT_FOUND, MANAGE_PROJECT),
        case("PackerService_ListBucketAncestry", "GET", "buckets/ubuntu/ancestry", "", OK, EVERYWHERE),

        case("PackerService_ListVersions", "GET", "buckets/ubuntu/versions", "", OK, EVERYWHERE),
        case("PackerService_CreateVersion", "POST", "buckets/ubuntu/versions", r#"{"fingerprint": "1", "template_type": "HCL2"}"#, EXISTS, PUBLISH),
        case("PackerService_GetVersion", "GET", "buckets/ubuntu/versions/1", "", OK, EVERYWHERE),
        case("PackerService_UpdateVersion", "PATCH", "buckets/ubuntu/versions/absent", r#"{"complete": true}"#, NO_VERSION, PUBLISH),
        case("PackerService_UpdateVersion", "PATCH", "buckets/ubuntu/versions/absent", r#"{"revoke_in": "0s"}"#, NO_VERSION, REVOKE),
        case("PackerService_UpdateVersion", "PATCH", "buckets/ubuntu/versions/absent", r#"{"restore": true}"#, NO_VERSION, REVOKE),
        case("PackerService_DeleteVersion", "DELETE", "buckets/ubuntu/versions/absent", "", NO_VERSION, ADMINISTER),

        case("PackerService_ListBuilds", "GET", "buckets/ubuntu/versions/1/builds", "", OK, EVERYWHERE),
        case("PackerService_CreateBuild", "POST", "buckets/ubuntu/versions/1/builds", r#"{"component_type": "x.y"}"#, PRECONDITION, PUBLISH),
        case("PackerService_GetBuild", "GET", BUILD, "", OK, EVERYWHERE),
        case("PackerService_UpdateBuild", "PATCH", BUILD, r#"{"status": "BUILD_FAILED"}"#, PRECONDITION, PUBLISH),
        case("PackerService_DeleteBuild", "DELETE", "buckets/ubuntu/versions/1/builds/01M8643YMKB2TB3HDPZASKCPR0", "", NOT_FOUND, ADMINISTER),
        case("PackerService_UploadSbom", "PUT", "buckets/ubuntu/versions/1/builds/{build_id}/sboms", r#"{"name": "base", "format": "CYCLONEDX", "compressed_sbom": "AAAA"}"#, INVALID, PUBLISH),
        case("PackerService_ListSboms", "GET", "buckets/ubuntu/versions/1/builds/{build_id}/sboms", "", OK, EVERYWHERE),
        case("PackerService_GetSbom", "GET", "buckets/ubuntu/versions/1/builds/{build_id}/sboms/absent", "", NOT_FOUND, EVERYWHERE),
        case("PackerService_GetSbom", "DELETE", "buckets/ubuntu/versions/1/builds/{build_id}/sboms/absent", "", PRECONDITION, ADMINISTER),

        case("PackerService_ListChannels", "GET", "buckets/ubuntu/channels", "", OK, EVERYWHERE),
        case("PackerService_CreateChannel", "POST", "buckets/ubuntu/channels", r#"{"name": "prod"}"#, EXISTS, PROMOTE),
        case("PackerService_GetChannel", "GET", "buckets/ubuntu/channels/prod", "", OK, EVERYWHERE),
        case("PackerService_UpdateChannel", "PATCH", "buckets/ubuntu/channels/prod", r#"{"update_mask": "restricted", "restricted": false}"#, OK, PROMOTE),
        case("PackerService_UpdateChannel", "PATCH", "buckets/ubuntu/channels/prod", r#"{"update_mask": "versionFingerprint", "version_fingerprint": "1"}"#, OK, PROMOTE),
        case("PackerService_DeleteChannel", "DELETE", "buckets/ubuntu/channels/absent", "", NOT_FOUND, PROMOTE),
        case("PackerService_ListChannelAssignmentHistory", "GET", "buckets/ubuntu/channels/prod/history", "", OK, EVERYWHERE),
        case("PackerService_AssignChannelVersion", "POST", "buckets/ubuntu/channels/assign", r#"{"source_channel": "latest", "target_channel": "prod"}"#, OK, PROMOTE),

        case("PackerService_SearchExternalArtifact", "POST", "_search/external_artifact", r#"{"external_identifier": "ami-1"}"#, OK, READ_PROJECT),
        case("PackerService_GetEnforcedBlocksByBucket", "GET", "enforced_blocks/bucket/ubuntu", "", OK, EVERYWHERE),
        case("PackerService_GetRegistryTFCRunTaskAPI", "GET", "runtasks/validation", "", OK, MANAGE_PROJECT),
        case("PackerService_RegenerateTFCRunTaskHmacKey", "PATCH", "runtasks/hmac", "{}", OK, MANAGE_PROJECT),
        case("PackerService_GetRunTaskConfig", "GET", "runtasks/config", "", OK, READ_PROJECT),
        case("PackerService_UpdateRunTaskConfig", "PATCH", "runtasks/config", r#"{"on_untracked_image": "FAIL"}"#, OK, MANAGE_PROJECT),

        case("2021 PackerService_GetChannel", "GET", "{old}/images/ubuntu/channels/prod", "", OK, EVERYWHERE),
        case("2021 PackerService_GetIteration", "GET", "{old}/images/ubuntu/iteration?fingerprint=1", "", OK, EVERYWHERE),

        case("OrganizationService_List", "GET", "/resource-manager/2019-12-10/organizations", "", OK, EVERYWHERE),
        case("OrganizationService_Get", "GET", "/resource-manager/2019-12-10/organizations/{organization_id}", "", OK, EVERYWHERE),
        case("ProjectService_List", "GET", "/resource-manager/2019-12-10/projects", "", OK, EVERYWHERE),
        case("ProjectService_Get", "GET", "/resource-manager/2019-12-10/projects/{project_id}", "", OK, EVERYWHERE),
        case("ProjectService_Create", "POST", "/resource-manager/2019-12-10/projects", r#"{"name": "project {n}"}"#, OK, MANAGE_ORGANIZATION),
        case("ProjectService_SetName", "PUT", "{project}/name", r#"{"name": "default"}"#, OK, MANAGE_PROJECT),
        case("ProjectService_SetDescription", "PUT", "{project}/description", r#"{"description": "{n}"}"#, OK, MANAGE_PROJECT),
        case("ProjectService_Delete", "DELETE", "{project}", "", PRECONDITION, MANAGE_ORGANIZATION),
        case("IamService_GetCallerIdentity", "GET", "/iam/2019-12-10/caller-identity", "", OK, EVERYWHERE),

        case("IamService_BatchGetPrincipals", "GET", "{iam}/principals?principal_ids={user_id}", "", OK, LOOK_UP),
        case("IamService_GetUserPrincipalByIdInOrganization", "GET", "{iam}/user-principals/{user_id}", "", OK, LOOK_UP),
        case("IamService_ListUserPrincipalsForOrganizationByEmail", "POST", "{iam}/user-principals/by-email", r#"{"email": "ada@example.com"}"#, OK, LOOK_UP),
        case("GroupsService_CreateGroup", "POST", "{of_groups}s", r#"{"name": "group {n}"}"#, OK, MANAGE_ORGANIZATION),
        case("GroupsService_GetGroup", "GET", "{of_groups}/team", "", OK, LOOK_UP),
        case("GroupsService_UpdateGroup2", "PATCH", "{of_groups}/team?update_mask=description", r#"{"description": "{n}"}"#, OK, MANAGE_ORGANIZATION),
        case("GroupsService_DeleteGroup", "DELETE", "{of_groups}/absent", "", NOT_FOUND, MANAGE_ORGANIZATION),
        case("GroupsService_ListGroupMembers", "GET", "{of_groups}/team/members", "", OK, LOOK_UP),
        case("GroupsService_UpdateGroupMembers", "PUT", "{of_groups}/team/members", "{}", OK, MANAGE_ORGANIZATION),

        case("OperationService_Wait", "GET", "/operation/2020-05-05/organizations/{organization_id}/projects/{project_id}/operations/absent/wait", "", NOT_FOUND, EVERYWHERE),

        case("ServicePrincipalsService_CreateServicePrincipal", "POST", "{of_organization}/service-principals", r#"{"name": "new-{n}"}"#, OK, MANAGE_ORGANIZATION),
        case("ServicePrincipalsService_CreateServicePrincipal", "POST", "{of_project}/service-principals", r#"{"name": "new-{n}"}"#, OK, MANAGE_PROJECT),
        case("ServicePrincipalsService_GetServicePrincipal", "GET", "{of_organization}/service-principal/owner", "", OK, AUDIT_ORGANIZATION),
        case("ServicePrincipalsService_GetServicePrincipal", "GET", "{of_project}/service-principal/project-owner", "", OK, AUDIT_PROJECT),
        case("ServicePrincipalsService_DeleteServicePrincipal", "DELETE", "{of_organization}/service-principal/absent", "", NOT_FOUND, MANAGE_ORGANIZATION),
        case("ServicePrincipalsService_DeleteServicePrincipal", "DELETE", "{of_project}/service-principal/absent", "", NOT_FOUND, MANAGE_PROJECT),
        case("ServicePrincipalsService_CreateServicePrincipalKey", "POST", "{of_organization}/service-principal/absent/keys", "", NOT_FOUND, MANAGE_ORGANIZATION),
        case("ServicePrincipalsService_CreateServicePrincipalKey", "POST", "{of_project}/service-principal/absent/keys", "", NOT_FOUND, MANAGE_PROJECT),
        case("ServicePrincipalsService_DeleteServicePrincipalKey", "DELETE", "{of_organization}/service-principal/owner/key/absent", "", NOT_FOUND, MANAGE_ORGANIZATION),
        case("ServicePrincipalsService_DeleteServicePrincipalKey", "DELETE", "{of_project}/service-principal/project-viewer/key/absent", "", NOT_FOUND, MANAGE_PROJECT),
        case("ServicePrincipalsService_CreateWorkloadIdentityProvider", "POST", "{of_project}/service-principal/absent/workload-identity-providers", PROVIDER, NOT_FOUND, MANAGE_PROJECT),
        case("ServicePrincipalsService_GetWorkloadIdentityProvider", "GET", "{of_project}/service-principal/project-viewer/workload-identity-provider/absent", "", NOT_FOUND, AUDIT_PROJECT),
        case("ServicePrincipalsService_UpdateWorkloadIdentityProvider", "PATCH", "{of_project}/service-principal/project-viewer/workload-identity-provider/absent", "{}", NOT_FOUND, MANAGE_PROJECT),
        case("ServicePrincipalsService_DeleteWorkloadIdentityProvider", "DELETE", "{of_project}/service-principal/project-viewer/workload-identity-provider/absent", "", NOT_FOUND, MANAGE_PROJECT),

        case("OrganizationService_GetIamPolicy", "GET", "{organization}/iam-policy", "", OK, AUDIT_ORGANIZATION),
        case("OrganizationService_SetIamPolicy", "PUT", "{organization}/iam-policy", STALE, ABORTED, MANAGE_ORGANIZATION),
        case("ProjectService_GetIamPolicy", "GET", "{project}/iam-policy", "", OK, AUDIT_PROJECT),
        case("ProjectService_SetIamPolicy", "PUT", "{project}/iam-policy", STALE, ABORTED, MANAGE_PROJECT),
        case("ResourceService_GetIamPolicy", "GET", "{policy}?resource_name=packer%2Fproject%2F{project_id}%2Fbucket%2Fubuntu", "", OK, AUDIT),
        case("ResourceService_GetIamPolicy", "GET", "{policy}?resource_name=iam%2Forganization%2F{organization_id}%2Fgroup%2Fabsent", "", NOT_FOUND, AUDIT_ORGANIZATION),
        case("ResourceService_SetIamPolicy", "PUT", "{policy}", r#"{"resource_name": "packer/project/{project_id}/bucket/ubuntu", "policy": {"etag": "stale"}}"#, ABORTED, ADMINISTER),

        case("WebhookService_CreateWebhook", "POST", "{webhook}/webhooks", r#"{"name": "new-{n}", "config": {"url": "https://receiver.test/"}}"#, OK, MANAGE_PROJECT),
        case("WebhookService_GetWebhook", "GET", "{webhook}/geo/us/webhook/absent", "", NOT_FOUND, AUDIT_PROJECT),
        case("WebhookService_UpdateWebhook", "PATCH", "{webhook}/geo/us/webhook/absent", r#"{"update_mask": "enabled"}"#, NOT_FOUND, MANAGE_PROJECT),
        case("WebhookService_UpdateWebhookName", "PATCH", "{webhook}/geo/us/webhook/absent/name", r#"{"name": "other"}"#, NOT_FOUND, MANAGE_PROJECT),
        case("WebhookService_DeleteWebhook", "DELETE", "{webhook}/geo/us/webhook/absent", "", NOT_FOUND, MANAGE_PROJECT),
        case("ListWebhooks", "GET", "{own}/webhooks", "", OK, AUDIT_PROJECT),
        case("VerifyWebhook", "POST", "{own}/webhooks/absent/verify", "{}", NOT_FOUND, MANAGE_PROJECT),

        case("WhoAmI", "GET", "/api/v1/whoami", "", OK, EVERYWHERE),
        // Sessions are people's: a service principal has none.
        case("GetSession", "GET", "/api/v1/session", "", NOT_FOUND, EVERYWHERE),
        case("EndCurrentSession", "DELETE", "/api/v1/session", "", NOT_FOUND, EVERYWHERE),
        case("ListSessions", "GET", "/api/v1/sessions", "", OK, EVERYWHERE),
        case("EndSession", "DELETE", "/api/v1/sessions/absent", "", NOT_FOUND, EVERYWHERE),
        case("ListUsers", "GET", USERS, "", OK, AUDIT_ORGANIZATION),
        case("CreateUser", "POST", USERS, r#"{"email": "new-{n}@example.com"}"#, OK, MANAGE_ORGANIZATION),
        case("GetUser", "GET", "{users}/{user_id}", "", OK, AUDIT_ORGANIZATION),
        case("UpdateUser", "PATCH", "{users}/{user_id}", r#"{"full_name": "{n}"}"#, OK, MANAGE_ORGANIZATION),
        case("DeleteUser", "DELETE", "{users}/absent", "", NOT_FOUND, MANAGE_ORGANIZATION),
        // Everybody may their own: see `login::password`.
        case("SetPassword", "PUT", "{users}/{user_id}/password", r#"{"password": "short"}"#, INVALID, MANAGE_ORGANIZATION),
        case("ListGroups", "GET", GROUPS, "", OK, AUDIT_ORGANIZATION),
        case("UpdateGroup", "PATCH", "{groups}/absent", "{}", NOT_FOUND, MANAGE_ORGANIZATION),
        case("ListWorkloadIdentityProviders", "GET", "{own}/workload-identity-providers", "", OK, AUDIT_PROJECT),
        case("ListWorkloadIdentityProvidersOfPrincipal", "GET", "{own}/service-principals/project-viewer/workload-identity-providers", "", OK, AUDIT_PROJECT),
        case("ListPrincipals", "GET", PRINCIPALS, "", OK, AUDIT_PROJECT),
        case("DeleteVersion", "DELETE", "{own}/buckets/ubuntu/versions/absent", "", NO_VERSION, ADMINISTER),
        case("DeleteVersion", "DELETE", "{own}/buckets/ubuntu/versions/absent?force=true&reason=none", "", NO_VERSION, ADMINISTER),
        case("CreatePrincipal", "POST", PRINCIPALS, r#"{"name": "new-{n}", "role": "viewer"}"#, OK, MANAGE_ORGANIZATION),
        case("CreatePrincipal", "POST", PRINCIPALS, r#"{"name": "new-{n}", "role": "viewer", "project_id": "{project_id}"}"#, OK, MANAGE_PROJECT),
        case("CreatePrincipal", "POST", PRINCIPALS, r#"{"name": "new-{n}", "role": "viewer", "project_id": "{project_id}", "bucket": "ubuntu"}"#, OK, MANAGE_PROJECT),
    ]
}

/// Operations that have a test of their own, because they are about no role or leave nothing for the next case.
pub(super) const ELSEWHERE: [&str; 8] = [
    "OAuth2_Authorize",
    "OAuth2_Token",
    "ServicePrincipalsService_ExchangeWorkloadIdentityToken",
    "PackerService_DeleteRegistry",
    "DeletePrincipal",
    "DownloadSbom",
    "GetLoginWays",
    "GetOpenApi",
];

/// A case's path with its beginning written out.
pub(super) fn full(path: &str) -> String {
    let beginnings = [
        ("{old}", OLD),
        ("{own}", OWN),
        ("{users}", USERS),
        ("{groups}", GROUPS),
        ("{iam}", IAM),
        ("{of_groups}", OF_GROUPS),
        ("{of_organization}", OF_ORGANIZATION),
        ("{of_project}", OF_PROJECT),
        ("{webhook}", WEBHOOK),
        ("{organization}", ORGANIZATION),
        ("{project}", PROJECT),
        ("{policy}", POLICY),
    ];
    beginnings.iter().fold(path.to_owned(), |path, (short, long)| path.replace(short, long))
}
