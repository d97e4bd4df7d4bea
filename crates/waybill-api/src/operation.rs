//! Every operation of the compatible interfaces: method, path and name.
//!
//! The server routes what it offers and refuses the rest by this table, so that no client meets an empty 404; the
//! client finds its paths here. Paths are written for axum, with placeholders that are the same in all interfaces:
//! `{organization_id}`, `{project_id}`, `{bucket_name}`, `{fingerprint}`, `{build_id}`, `{channel_name}`, …

/// An operation. Within one interface the id is unique; `PackerService_GetBucket` exists in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    pub api: Api,
    /// As in the interface's description, such as `PackerService_GetBucket`.
    pub id: &'static str,
    pub method: Method,
    pub path: &'static str,
}

/// The interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    Packer2023,
    Packer2021,
    Platform,
}

/// The methods that occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    Get,
    Put,
    Post,
    Patch,
    Delete,
}

/// The operation of that id.
pub fn operation(api: Api, id: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.api == api && operation.id == id)
}

impl Method {
    /// The method's name in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

macro_rules! operations {
    ($($api:ident $base:literal { $($method:ident $path:literal => $id:literal,)* })*) => {
        &[$($(
            Operation { api: Api::$api, id: $id, method: Method::$method, path: concat!($base, $path) },
        )*)*]
    };
}

/// All of them, by interface and path.
pub static OPERATIONS: &[Operation] = operations!(
    Packer2023 "/packer/2023-01-01/organizations/{organization_id}/projects/{project_id}" {
        Post "/_search/external_artifact" => "PackerService_SearchExternalArtifact",
        Get "/buckets" => "PackerService_ListBuckets",
        Put "/buckets" => "PackerService_CreateBucket",
        Get "/buckets/{bucket_name}" => "PackerService_GetBucket",
        Patch "/buckets/{bucket_name}" => "PackerService_UpdateBucket",
        Delete "/buckets/{bucket_name}" => "PackerService_DeleteBucket",
        Get "/buckets/{bucket_name}/ancestry" => "PackerService_ListBucketAncestry",
        Get "/buckets/{bucket_name}/channels" => "PackerService_ListChannels",
        Post "/buckets/{bucket_name}/channels" => "PackerService_CreateChannel",
        Post "/buckets/{bucket_name}/channels/assign" => "PackerService_AssignChannelVersion",
        Get "/buckets/{bucket_name}/channels/{channel_name}" => "PackerService_GetChannel",
        Patch "/buckets/{bucket_name}/channels/{channel_name}" => "PackerService_UpdateChannel",
        Delete "/buckets/{bucket_name}/channels/{channel_name}" => "PackerService_DeleteChannel",
        Get "/buckets/{bucket_name}/channels/{channel_name}/history" => "PackerService_ListChannelAssignmentHistory",
        Get "/buckets/{bucket_name}/packages" => "PackerService_ListBucketPackages",
        Get "/buckets/{bucket_name}/packages/vulnerability-summary" => "PackerService_ListBucketPackagesVulnerabilitySummary",
        Get "/buckets/{bucket_name}/packages/with-vulnerabilities" => "PackerService_ListBucketPackagesWithVulnerabilities",
        Get "/buckets/{bucket_name}/versions" => "PackerService_ListVersions",
        Post "/buckets/{bucket_name}/versions" => "PackerService_CreateVersion",
        Get "/buckets/{bucket_name}/versions/{fingerprint}" => "PackerService_GetVersion",
        Patch "/buckets/{bucket_name}/versions/{fingerprint}" => "PackerService_UpdateVersion",
        Delete "/buckets/{bucket_name}/versions/{fingerprint}" => "PackerService_DeleteVersion",
        Get "/buckets/{bucket_name}/versions/{fingerprint}/builds" => "PackerService_ListBuilds",
        Post "/buckets/{bucket_name}/versions/{fingerprint}/builds" => "PackerService_CreateBuild",
        Get "/buckets/{bucket_name}/versions/{fingerprint}/builds/{build_id}" => "PackerService_GetBuild",
        Patch "/buckets/{bucket_name}/versions/{fingerprint}/builds/{build_id}" => "PackerService_UpdateBuild",
        Delete "/buckets/{bucket_name}/versions/{fingerprint}/builds/{build_id}" => "PackerService_DeleteBuild",
        Get "/buckets/{bucket_name}/versions/{fingerprint}/builds/{build_id}/packages" => "PackerService_ListBuildPackages",
        Get "/buckets/{bucket_name}/versions/{fingerprint}/builds/{build_id}/sboms" => "PackerService_ListSboms",
        Put "/buckets/{bucket_name}/versions/{fingerprint}/builds/{build_id}/sboms" => "PackerService_UploadSbom",
        Get "/buckets/{bucket_name}/versions/{fingerprint}/builds/{build_id}/sboms/{sbom_name}" => "PackerService_GetSbom",
        Get "/buckets/{bucket_name}/vulnerabilities" => "PackerService_ListBucketVulnerabilities",
        Get "/enforced_blocks" => "PackerService_ListEnforcedBlocks",
        Put "/enforced_blocks" => "PackerService_CreateEnforcedBlock",
        Get "/enforced_blocks/bucket/{bucket_name}" => "PackerService_GetEnforcedBlocksByBucket",
        Get "/enforced_blocks/{enforced_block_id}" => "PackerService_GetEnforcedBlock",
        Patch "/enforced_blocks/{enforced_block_id}" => "PackerService_UpdateEnforcedBlock",
        Delete "/enforced_blocks/{enforced_block_id}" => "PackerService_DeleteEnforcedBlock",
        Get "/enforced_blocks/{enforced_block_id}/versions" => "PackerService_GetEnforcedBlockVersions",
        Put "/enforced_blocks/{enforced_block_id}/versions" => "PackerService_CreateEnforcedBlockVersion",
        Patch "/enforced_blocks/{enforced_block_id}/versions/{enforced_block_version_id}" => "PackerService_UpdateEnforcedBlockVersion",
        Delete "/enforced_blocks/{enforced_block_id}/versions/{enforced_block_version_id}" => "PackerService_DeleteEnforcedBlockVersion",
        Get "/enforced_blocks/{enforced_block_id}/versions/{enforced_block_version_id}/buckets" => "PackerService_GetEnforcedBlockLinkedBuckets",
        Post "/enforced_blocks/{enforced_block_id}/versions/{enforced_block_version_id}/buckets" => "PackerService_ManageEnforcedBlockLinkedBuckets",
        Get "/registry" => "PackerService_GetRegistry",
        Put "/registry" => "PackerService_CreateRegistry",
        Patch "/registry" => "PackerService_UpdateRegistry",
        Delete "/registry" => "PackerService_DeleteRegistry",
        Get "/runtasks/config" => "PackerService_GetRunTaskConfig",
        Patch "/runtasks/config" => "PackerService_UpdateRunTaskConfig",
        Patch "/runtasks/hmac" => "PackerService_RegenerateTFCRunTaskHmacKey",
        Get "/runtasks/{task_type}" => "PackerService_GetRegistryTFCRunTaskAPI",
    }
    Packer2021 "/packer/2021-04-30/organizations/{organization_id}/projects/{project_id}" {
        Get "/builds/{build_id}" => "PackerService_GetBuild",
        Patch "/builds/{build_id}" => "PackerService_UpdateBuild",
        Delete "/builds/{build_id}" => "PackerService_DeleteBuild",
        Get "/images" => "PackerService_ListBuckets",
        Put "/images" => "PackerService_CreateBucket",
        Get "/images/{bucket_name}" => "PackerService_GetBucket",
        Patch "/images/{bucket_name}" => "PackerService_UpdateBucket",
        Delete "/images/{bucket_name}" => "PackerService_DeleteBucket",
        Get "/images/{bucket_name}/ancestry" => "PackerService_ListBucketAncestry",
        Get "/images/{bucket_name}/channels" => "PackerService_ListChannels",
        Post "/images/{bucket_name}/channels" => "PackerService_CreateChannel",
        Get "/images/{bucket_name}/channels/{channel_name}" => "PackerService_GetChannel",
        Patch "/images/{bucket_name}/channels/{channel_name}" => "PackerService_UpdateChannel",
        Delete "/images/{bucket_name}/channels/{channel_name}" => "PackerService_DeleteChannel",
        Get "/images/{bucket_name}/channels/{channel_name}/history" => "PackerService_ListChannelHistory",
        Get "/images/{bucket_name}/iteration" => "PackerService_GetIteration",
        Get "/images/{bucket_name}/iterations" => "PackerService_ListIterations",
        Post "/images/{bucket_name}/iterations" => "PackerService_CreateIteration",
        Post "/images/{bucket_name}/iterations/{iteration_id}" => "PackerService_CreateBuild",
        Get "/images/{bucket_name}/iterations/{iteration_id}/builds" => "PackerService_ListBuilds",
        Patch "/iterations/{iteration_id}" => "PackerService_UpdateIteration",
        Delete "/iterations/{iteration_id}" => "PackerService_DeleteIteration",
        Get "/registry" => "PackerService_GetRegistry",
        Put "/registry" => "PackerService_CreateRegistry",
        Patch "/registry" => "PackerService_UpdateRegistry",
        Delete "/registry" => "PackerService_DeleteRegistry",
        Patch "/runtasks/hmac" => "PackerService_RegenerateTFCRunTaskHmacKey",
        Get "/runtasks/{task_type}" => "PackerService_GetRegistryTFCRunTaskAPI",
    }
    Platform "" {
        Get "/2019-12-10/iam/project/{project_id}/service-principal/{service_principal}/workload-identity-provider/{workload_identity_provider}" => "ServicePrincipalsService_GetWorkloadIdentityProvider",
        Patch "/2019-12-10/iam/project/{project_id}/service-principal/{service_principal}/workload-identity-provider/{workload_identity_provider}" => "ServicePrincipalsService_UpdateWorkloadIdentityProvider",
        Delete "/2019-12-10/iam/project/{project_id}/service-principal/{service_principal}/workload-identity-provider/{workload_identity_provider}" => "ServicePrincipalsService_DeleteWorkloadIdentityProvider",
        Post "/2019-12-10/iam/project/{project_id}/service-principal/{service_principal}/workload-identity-provider/{workload_identity_provider}/exchange-token" => "ServicePrincipalsService_ExchangeWorkloadIdentityToken",
        Post "/2019-12-10/iam/project/{project_id}/service-principal/{service_principal}/workload-identity-providers" => "ServicePrincipalsService_CreateWorkloadIdentityProvider",
        Get "/2019-12-10/iam/{scope}/{scope_id}/service-principal/{service_principal}" => "ServicePrincipalsService_GetServicePrincipal",
        Delete "/2019-12-10/iam/{scope}/{scope_id}/service-principal/{service_principal}" => "ServicePrincipalsService_DeleteServicePrincipal",
        Delete "/2019-12-10/iam/{scope}/{scope_id}/service-principal/{service_principal}/key/{key}" => "ServicePrincipalsService_DeleteServicePrincipalKey",
        Post "/2019-12-10/iam/{scope}/{scope_id}/service-principal/{service_principal}/keys" => "ServicePrincipalsService_CreateServicePrincipalKey",
        Post "/2019-12-10/iam/{scope}/{scope_id}/service-principals" => "ServicePrincipalsService_CreateServicePrincipal",
        Get "/2019-12-10/resource-manager/resources/iam-policy" => "ResourceService_GetIamPolicy",
        Put "/2019-12-10/resource-manager/resources/iam-policy" => "ResourceService_SetIamPolicy",
        Get "/2023-05-31/webhook/project/{project_id}/geo/{geo}/webhook/{webhook}" => "WebhookService_GetWebhook",
        Patch "/2023-05-31/webhook/project/{project_id}/geo/{geo}/webhook/{webhook}" => "WebhookService_UpdateWebhook",
        Delete "/2023-05-31/webhook/project/{project_id}/geo/{geo}/webhook/{webhook}" => "WebhookService_DeleteWebhook",
        Patch "/2023-05-31/webhook/project/{project_id}/geo/{geo}/webhook/{webhook}/name" => "WebhookService_UpdateWebhookName",
        Post "/2023-05-31/webhook/project/{project_id}/webhooks" => "WebhookService_CreateWebhook",
        Get "/iam/2019-12-10/caller-identity" => "IamService_GetCallerIdentity",
        Get "/iam/2019-12-10/iam/organization/{organization_id}/group/{group}" => "GroupsService_GetGroup",
        Patch "/iam/2019-12-10/iam/organization/{organization_id}/group/{group}" => "GroupsService_UpdateGroup2",
        Delete "/iam/2019-12-10/iam/organization/{organization_id}/group/{group}" => "GroupsService_DeleteGroup",
        Get "/iam/2019-12-10/iam/organization/{organization_id}/group/{group}/members" => "GroupsService_ListGroupMembers",
        Put "/iam/2019-12-10/iam/organization/{organization_id}/group/{group}/members" => "GroupsService_UpdateGroupMembers",
        Post "/iam/2019-12-10/iam/organization/{organization_id}/groups" => "GroupsService_CreateGroup",
        Get "/iam/2019-12-10/organizations/{organization_id}/principals" => "IamService_BatchGetPrincipals",
        Post "/iam/2019-12-10/organizations/{organization_id}/user-principals/by-email" => "IamService_ListUserPrincipalsForOrganizationByEmail",
        Get "/iam/2019-12-10/organizations/{organization_id}/user-principals/{user_principal_id}" => "IamService_GetUserPrincipalByIdInOrganization",
        Get "/oauth2/auth" => "OAuth2_Authorize",
        Post "/oauth2/token" => "OAuth2_Token",
        Get "/operation/2020-05-05/organizations/{organization_id}/projects/{project_id}/operations/{operation_id}/wait" => "OperationService_Wait",
        Get "/resource-manager/2019-12-10/organizations" => "OrganizationService_List",
        Get "/resource-manager/2019-12-10/organizations/{organization_id}" => "OrganizationService_Get",
        Get "/resource-manager/2019-12-10/organizations/{organization_id}/iam-policy" => "OrganizationService_GetIamPolicy",
        Put "/resource-manager/2019-12-10/organizations/{organization_id}/iam-policy" => "OrganizationService_SetIamPolicy",
        Get "/resource-manager/2019-12-10/projects" => "ProjectService_List",
        Post "/resource-manager/2019-12-10/projects" => "ProjectService_Create",
        Get "/resource-manager/2019-12-10/projects/{project_id}" => "ProjectService_Get",
        Delete "/resource-manager/2019-12-10/projects/{project_id}" => "ProjectService_Delete",
        Put "/resource-manager/2019-12-10/projects/{project_id}/description" => "ProjectService_SetDescription",
        Get "/resource-manager/2019-12-10/projects/{project_id}/iam-policy" => "ProjectService_GetIamPolicy",
        Put "/resource-manager/2019-12-10/projects/{project_id}/iam-policy" => "ProjectService_SetIamPolicy",
        Put "/resource-manager/2019-12-10/projects/{project_id}/name" => "ProjectService_SetName",
    }
);
