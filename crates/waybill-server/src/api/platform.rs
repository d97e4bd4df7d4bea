//! What surrounds the registry in HCP's interface: tokens, organizations, projects, identity, operations.
//!
//! What is not served here is refused by the router with code 12.

mod directory;
mod exchange;
mod groups;
mod identity;
pub(crate) mod oauth;
mod operations;
mod organizations;
mod policies;
mod projects;
mod service_principals;
mod webhooks;
mod workload_identity;

use axum::{
    Router,
    routing::{MethodRouter, any, delete, get, patch, post, put},
};
use waybill_api::operation::Api;

use crate::{app::App, login};

/// The operations that are served, by their names in the table of operations.
pub fn routes() -> Vec<(Api, &'static str, MethodRouter<App>)> {
    [
        ("OAuth2_Authorize", get(login::authorize::ask)),
        ("OAuth2_Token", post(oauth::token)),
        ("OrganizationService_List", get(organizations::list)),
        ("OrganizationService_Get", get(organizations::get)),
        ("OrganizationService_GetIamPolicy", get(policies::get_of_organization)),
        ("OrganizationService_SetIamPolicy", put(policies::set_of_organization)),
        ("ProjectService_GetIamPolicy", get(policies::get_of_project)),
        ("ProjectService_SetIamPolicy", put(policies::set_of_project)),
        ("ResourceService_GetIamPolicy", get(policies::get_of_resource)),
        ("ResourceService_SetIamPolicy", put(policies::set_of_resource)),
        ("ProjectService_List", get(projects::list)),
        ("ProjectService_Create", post(projects::create)),
        ("ProjectService_Get", get(projects::get)),
        ("ProjectService_SetName", put(projects::set_name)),
        ("ProjectService_SetDescription", put(projects::set_description)),
        ("ProjectService_Delete", delete(projects::delete)),
        ("IamService_GetCallerIdentity", get(identity::caller)),
        ("IamService_BatchGetPrincipals", get(directory::batch)),
        ("IamService_GetUserPrincipalByIdInOrganization", get(directory::user)),
        ("IamService_ListUserPrincipalsForOrganizationByEmail", post(directory::by_email)),
        ("GroupsService_CreateGroup", post(groups::create)),
        ("GroupsService_GetGroup", get(groups::get)),
        ("GroupsService_UpdateGroup2", patch(groups::update)),
        ("GroupsService_DeleteGroup", delete(groups::delete)),
        ("GroupsService_ListGroupMembers", get(groups::members)),
        ("GroupsService_UpdateGroupMembers", put(groups::update_members)),
        ("ServicePrincipalsService_CreateServicePrincipal", post(service_principals::create)),
        ("ServicePrincipalsService_GetServicePrincipal", get(service_principals::get)),
        ("ServicePrincipalsService_DeleteServicePrincipal", delete(service_principals::delete)),
        ("ServicePrincipalsService_CreateServicePrincipalKey", post(service_principals::create_key)),
        ("ServicePrincipalsService_DeleteServicePrincipalKey", delete(service_principals::delete_key)),
        ("ServicePrincipalsService_CreateWorkloadIdentityProvider", post(workload_identity::create)),
        ("ServicePrincipalsService_GetWorkloadIdentityProvider", get(workload_identity::get)),
        ("ServicePrincipalsService_UpdateWorkloadIdentityProvider", patch(workload_identity::update)),
        ("ServicePrincipalsService_DeleteWorkloadIdentityProvider", delete(workload_identity::delete)),
        ("WebhookService_CreateWebhook", post(webhooks::create)),
        ("WebhookService_GetWebhook", get(webhooks::get)),
        ("WebhookService_UpdateWebhook", patch(webhooks::update)),
        ("WebhookService_UpdateWebhookName", patch(webhooks::rename)),
        ("WebhookService_DeleteWebhook", delete(webhooks::delete)),
        ("ServicePrincipalsService_ExchangeWorkloadIdentityToken", post(exchange::token)),
        ("OperationService_Wait", get(operations::wait)),
    ]
    .into_iter()
    .map(|(operation, route)| (Api::Platform, operation, route))
    .collect()
}

/// What clients of HCP may ask for although there is no such operation, with a better answer than that.
pub fn refusals() -> Router<App> {
    Router::new()
        .route(workload_identity::OF_ORGANIZATION, post(workload_identity::refuse))
        .route(workload_identity::ONE_OF_ORGANIZATION, any(workload_identity::refuse_one))
        .route(exchange::OF_ORGANIZATION, post(exchange::refuse))
}
