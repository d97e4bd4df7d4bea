//! What surrounds the registry: tokens, organizations, projects, service principals.
//!
//! Names are those of the interface's schemas without the name space (`resourcemanager.`, `iam.`) and without
//! dots: `iam.ServicePrincipal.Key` is [`ServicePrincipalKey`]. What would repeat itself or say nothing is
//! shorter: [`OrganizationState`], [`ProjectState`], [`ResourceType`], [`UserIdentityType`], [`TokenError`].
//! Operations and locations are shared with the registry and live in [`hcp`](crate::hcp).

mod identity;
mod oauth2;
mod operation;
mod organization;
mod project;
mod webhook;
mod workload_identity;

pub use identity::{
    CreateServicePrincipalBody, CreateServicePrincipalKeyResponse, CreateServicePrincipalResponse,
    DeleteServicePrincipalKeyResponse, DeleteServicePrincipalResponse, GetCallerIdentityResponse,
    GetServicePrincipalResponse, Group, Principal, PrincipalType, ServicePrincipal, ServicePrincipalKey,
    ServicePrincipalKeyState, UserIdentityType, UserPrincipal,
};
pub use oauth2::{Token, TokenError, TokenRequest};
pub use operation::{WaitQuery, WaitResponse};
pub use organization::{
    Organization, OrganizationGetResponse, OrganizationListResponse, OrganizationOwner, OrganizationState,
};
pub use project::{
    Project, ProjectCreateRequest, ProjectCreateResponse, ProjectGetResponse, ProjectListQuery,
    ProjectListResponse, ProjectState, ResourceId, ResourceType,
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
