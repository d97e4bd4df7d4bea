//! What surrounds the registry: tokens, organizations, projects, principals of every kind.
//!
//! Names are those of the interface's schemas without the name space (`resourcemanager.`, `iam.`) and without
//! dots: `iam.ServicePrincipal.Key` is [`ServicePrincipalKey`]. What would repeat itself or say nothing is
//! shorter: [`OrganizationState`], [`ProjectState`], [`ProjectSetNameBody`], [`ResourceType`],
//! [`UserIdentityType`], [`TokenError`].
//! Operations and locations are shared with the registry and live in [`hcp`](crate::hcp).

mod group;
mod identity;
mod oauth2;
mod operation;
mod organization;
mod policy;
mod project;
mod user;
mod webhook;
mod workload_identity;

pub use group::{
    CreateGroupBody, CreateGroupResponse, DeleteGroupResponse, GetGroupResponse, Group, GroupMember,
    GroupMemberPrincipalType, ListGroupMembersResponse, UpdateGroupMembersBody, UpdateGroupMembersResponse,
    UpdateGroupQuery, UpdateGroupResponse,
};
pub use identity::{
    CreateServicePrincipalBody, CreateServicePrincipalKeyResponse, CreateServicePrincipalResponse,
    DeleteServicePrincipalKeyResponse, DeleteServicePrincipalResponse, GetCallerIdentityResponse,
    GetServicePrincipalResponse, Principal, PrincipalType, ServicePrincipal, ServicePrincipalKey,
    ServicePrincipalKeyState,
};
pub use oauth2::{DeviceAuthorization, Token, TokenError, TokenRequest};
pub use operation::{WaitQuery, WaitResponse};
pub use organization::{
    Organization, OrganizationGetResponse, OrganizationListResponse, OrganizationOwner, OrganizationState,
};
pub use policy::{
    IamPolicyResponse, Policy, PolicyBinding, PolicyBindingMember, PolicyBindingMemberType,
    ResourceGetIamPolicyQuery, ResourceSetIamPolicyRequest, SetIamPolicyBody,
};
pub use project::{
    Project, ProjectCreateRequest, ProjectCreateResponse, ProjectDeleteResponse, ProjectGetResponse,
    ProjectListQuery, ProjectListResponse, ProjectSetDescriptionBody, ProjectSetDescriptionResponse,
    ProjectSetNameBody, ProjectSetNameResponse, ProjectState, ResourceId, ResourceType,
};
pub use user::{
    BatchGetPrincipalsQuery, BatchGetPrincipalsResponse, ListUserPrincipalsForOrganizationByEmailBody,
    ListUserPrincipalsForOrganizationByEmailResponse, PrincipalView, UserIdentityType, UserPrincipal,
    UserPrincipalResponse,
};
pub use webhook::{
    CreateWebhookRequestBody, CreateWebhookResponse, DeleteWebhookResponse, GetWebhookResponse,
    UpdateWebhookNameRequestBody, UpdateWebhookNameResponse, UpdateWebhookRequestBody, UpdateWebhookResponse,
    Webhook, WebhookConfig, WebhookDelivery, WebhookPayload, WebhookRequest, WebhookResponse,
    WebhookSubscription, WebhookSubscriptionEvent,
};
pub use workload_identity::{
    AWS4Request, AWSWorkloadIdentityProviderConfig, CreateWorkloadIdentityProviderBody,
    CreateWorkloadIdentityProviderResponse, DeleteWorkloadIdentityProviderResponse,
    ExchangeWorkloadIdentityTokenBody, ExchangeWorkloadIdentityTokenResponse,
    GetWorkloadIdentityProviderResponse, OIDCWorkloadIdentityProviderConfig,
    UpdateWorkloadIdentityProviderBody, UpdateWorkloadIdentityProviderQuery,
    UpdateWorkloadIdentityProviderResponse, WorkloadIdentityProvider,
};
