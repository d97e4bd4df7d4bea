//! Lists of workload identity providers, which HCP's interface has not: who can get in without a secret.

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::own;
use waybill_model::{ids::ProviderId, names::PrincipalName, role::Permission, workload_identity::Trust};
use waybill_store::{PageKey, WorkloadIdentityProvider};

use super::lists;
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Query, Route},
        hcp::ProjectPath,
        page::{BY_NAME, List},
    },
    app::App,
    auth::{Caller, permission::shown, workload_identity::resource_name},
};

/// A service principal of a project, by name.
#[derive(Deserialize)]
pub(super) struct OwnerPath {
    #[serde(flatten)]
    project: ProjectPath,
    service_principal: String,
}

/// Lists the workload identity providers of a project
///
/// By the names of their service principals. Each is a way to become its principal without a secret.
#[utoipa::path(
    get, path = super::WORKLOAD_IDENTITY_PROVIDERS, operation_id = "ListWorkloadIdentityProviders",
    tag = "workload identity",
    params(
        ("organization_id" = String, Path), ("project_id" = String, Path),
        own::ListWorkloadIdentityProvidersQuery,
    ),
    responses((status = OK, description = "One page of them", body = own::ListWorkloadIdentityProvidersResponse)),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
    Query(query): Query<own::ListWorkloadIdentityProvidersQuery>,
) -> ApiResult<own::ListWorkloadIdentityProvidersResponse> {
    let name = format!("workload-identity-providers/{}", path.project_id);
    let list = List { name, columns: &[("name", BY_NAME)] };
    let slice = lists::slice(&app, &list, query.page_size, query.page_token)?;
    let asked = slice.clone();
    let found = app.read(caller, path.place(), Permission::ReadProjectPrincipals, move |tx, scope, _| {
        let (organization, project) = (scope.organization, scope.project()?);
        let key = |found: &WorkloadIdentityProvider| PageKey::Text(found.principal_name.clone(), found.id.0);
        lists::page(&asked, key, |after, limit| {
            let after = (after.name, ProviderId(after.row));
            tx.workload_identity_providers(organization, project, after, limit)
        })
    });
    let page = found.await?.map(wire);
    Ok(Json(own::ListWorkloadIdentityProvidersResponse {
        next_page_token: lists::next_page_token(&app, &list, &slice, &page),
        workload_identity_providers: page.items,
    }))
}

/// Lists the workload identity providers of a service principal by name
#[utoipa::path(
    get, path = super::WORKLOAD_IDENTITY_PROVIDERS_OF, operation_id = "ListWorkloadIdentityProvidersOfPrincipal",
    tag = "workload identity",
    params(
        ("organization_id" = String, Path), ("project_id" = String, Path), ("service_principal" = String, Path),
    ),
    responses((status = OK, description = "All of them", body = own::ListWorkloadIdentityProvidersResponse)),
)]
pub(super) async fn list_of_principal(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<OwnerPath>,
) -> ApiResult<own::ListWorkloadIdentityProvidersResponse> {
    let place = path.project.place();
    let found = app.read(caller, place, Permission::ReadProjectPrincipals, move |tx, scope, _| {
        let project = scope.project()?;
        let principal = match path.service_principal.parse::<PrincipalName>() {
            Ok(name) => tx.principal_named(scope.organization, Some(project), &name)?,
            Err(_) => None,
        };
        let principal = principal.ok_or_else(|| {
            ApiError::not_found(format!(
                "service principal `{}` does not exist in project `{}`",
                shown(&path.service_principal),
                scope.project_uid
            ))
        })?;
        Ok(tx.workload_identity_providers_of(principal.id)?)
    });
    let workload_identity_providers = found.await?.into_iter().map(wire).collect();
    Ok(Json(own::ListWorkloadIdentityProvidersResponse {
        workload_identity_providers,
        next_page_token: None,
    }))
}

fn wire(provider: WorkloadIdentityProvider) -> own::WorkloadIdentityProvider {
    let resource_name = resource_name(&provider);
    let (oidc, aws) = match provider.provider.trust {
        Trust::Oidc { issuer, audiences } => {
            (Some(own::OidcIssuer { issuer_uri: issuer, allowed_audiences: audiences }), None)
        }
        Trust::Aws { account } => (None, Some(own::AwsAccount { account_id: account })),
    };
    own::WorkloadIdentityProvider {
        id: provider.uid,
        name: provider.name,
        resource_name,
        service_principal: provider.principal_name,
        description: provider.provider.description,
        conditional_access: provider.provider.condition,
        oidc,
        aws,
        created_at: provider.created_at.into(),
        updated_at: provider.updated_at.into(),
    }
}
