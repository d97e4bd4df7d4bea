//! Waybill's own API under `/api/v1`: what the compatible interfaces lack.
//!
//! Requests are strict: a member that is not known here is an error, and what is needed is not an `Option`.
//! The documentation of these types is what `docs/openapi.json` says.

mod directory;
mod session;
mod webhook;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use self::directory::{
    CreateUserBody, DeleteUserResponse, Group, GroupResponse, ListGroupsQuery, ListGroupsResponse,
    ListUsersQuery, ListUsersResponse, UpdateGroupBody, UpdateUserBody, User, UserResponse,
};
pub use self::session::{
    CurrentSession, EndSessionResponse, ListSessionsResponse, LoginProvider, LoginWays, Session, SessionKind,
    SetPasswordBody, SetPasswordResponse,
};
pub use self::webhook::{
    ListWebhooksResponse, VerifyWebhookResponse, Webhook, WebhookEvent, WebhookSubscription,
};
use crate::{encoding::is_default, secret::Secret, time::DateTime, wire_enum::wire_enum};

/// Who is calling, with what rights (`GET whoami`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhoAmI {
    pub principal: Caller,
    /// What the token was got with: a key's client id, or the identifier of a workload identity provider or of a
    /// session.
    pub client_id: String,
    pub roles: Vec<RoleBinding>,
}

/// The principal behind a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Caller {
    pub id: String,
    pub name: String,
    pub kind: PrincipalKind,
    pub organization_id: String,
    /// Set for a principal of one project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
}

/// A role and the place where it holds, down to everything below: an organization, a project, a bucket or a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleBinding {
    pub role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// The bucket's name, in that project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The group's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// A principal with its roles and keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Principal {
    pub id: String,
    pub name: String,
    pub kind: PrincipalKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: DateTime,
    pub roles: Vec<RoleBinding>,
    pub keys: Vec<Key>,
}

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Key {
    pub client_id: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: DateTime,
}

/// Which page of `GET organizations/{organization_id}/principals`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ListPrincipalsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListPrincipalsResponse {
    pub principals: Vec<Principal>,
    /// Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// Makes a principal with one role and, unless it needs none, one key (`POST organizations/{organization_id}/principals`).
///
/// With `bucket`, the role is on that bucket of `project_id`; with `project_id` alone, the principal belongs to
/// the project; with neither, to the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePrincipalBody {
    pub name: String,
    pub role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Make no key: for a workload that proves itself in another way.
    #[serde(default, skip_serializing_if = "is_default")]
    pub without_key: bool,
}

/// The only answer that carries the secret, if there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatePrincipalResponse {
    pub principal: Principal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Password)]
    pub client_secret: Option<Secret>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeletePrincipalResponse {}

/// Whose tokens stand for a service principal: `oidc` or `aws` is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkloadIdentityProvider {
    pub id: String,
    pub name: String,
    /// What clients are configured with: `iam/project/…/workload-identity-provider/…`.
    pub resource_name: String,
    /// The name of the principal that a token is exchanged for.
    pub service_principal: String,
    pub description: String,
    /// What must be true of a token.
    pub conditional_access: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc: Option<OidcIssuer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsAccount>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: DateTime,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: DateTime,
}

/// An OpenID Connect issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OidcIssuer {
    pub issuer_uri: String,
    /// Empty: the provider's resource name is the only one.
    pub allowed_audiences: Vec<String>,
}

/// An AWS account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AwsAccount {
    pub account_id: String,
}

/// Which page of a list of workload identity providers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ListWorkloadIdentityProvidersQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListWorkloadIdentityProvidersResponse {
    pub workload_identity_providers: Vec<WorkloadIdentityProvider>,
    /// Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// How a version is deleted (`DELETE …/versions/{fingerprint}`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct DeleteVersionQuery {
    /// Delete it even though channels serve it or others were built from it.
    pub force: bool,
    /// Why, which is needed with `force`: kept with the record of who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeleteVersionResponse {}

wire_enum! {
    /// What a principal may do. Each of the first four includes those before it; the others keep apart what a
    /// contributor may all do.
    #[derive(ToSchema)]
    #[schema(rename_all = "kebab-case")]
    pub enum Role in "role" {
        Viewer = "viewer",
        Contributor = "contributor",
        Admin = "admin",
        Owner = "owner",
        /// Publishes, and promotes nothing.
        Publisher = "publisher",
        /// Moves channels, and publishes nothing.
        Promoter = "promoter",
        /// Revokes and restores.
        Revoker = "revoker",
        /// Sees everything, changes nothing.
        Auditor = "auditor",
        /// Keeps the members of a group; on groups only.
        GroupManager = "group-manager",
    }
}

wire_enum! {
    /// What acts.
    #[derive(ToSchema)]
    #[schema(rename_all = "lowercase")]
    pub enum PrincipalKind in "kind" {
        /// A machine with a client id and secret.
        Service = "service",
        /// A person.
        User = "user",
        /// Several people.
        Group = "group",
    }
}
