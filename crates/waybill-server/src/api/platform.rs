//! What surrounds the registry in HCP's interface: tokens, organizations, projects, identity, operations.
//!
//! What is not served here is refused by the router with code 12.

mod identity;
mod oauth;
mod operations;
mod organizations;
mod projects;
mod service_principals;

use axum::routing::{MethodRouter, delete, get, post};
use waybill_api::operation::Api;

use crate::app::App;

/// The operations that are served, by their names in the table of operations.
pub fn routes() -> Vec<(Api, &'static str, MethodRouter<App>)> {
    [
        ("OAuth2_Token", post(oauth::token)),
        ("OrganizationService_List", get(organizations::list)),
        ("OrganizationService_Get", get(organizations::get)),
        ("ProjectService_List", get(projects::list)),
        ("ProjectService_Create", post(projects::create)),
        ("ProjectService_Get", get(projects::get)),
        ("IamService_GetCallerIdentity", get(identity::caller)),
        ("ServicePrincipalsService_CreateServicePrincipal", post(service_principals::create)),
        ("ServicePrincipalsService_GetServicePrincipal", get(service_principals::get)),
        ("ServicePrincipalsService_DeleteServicePrincipal", delete(service_principals::delete)),
        ("ServicePrincipalsService_CreateServicePrincipalKey", post(service_principals::create_key)),
        ("ServicePrincipalsService_DeleteServicePrincipalKey", delete(service_principals::delete_key)),
        ("OperationService_Wait", get(operations::wait)),
    ]
    .into_iter()
    .map(|(operation, route)| (Api::Platform, operation, route))
    .collect()
}
