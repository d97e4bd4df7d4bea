//! Organizations: a caller sees the one it belongs to, and no other.

use axum::{Json, extract::State};
use waybill_api::platform::{OrganizationGetResponse, OrganizationListResponse, OrganizationState};
use waybill_model::role::{Permission, allows};
use waybill_store::Organization;

use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::Route,
    },
    app::App,
    auth::{Caller, principals::Standing},
};

/// Lists the caller's organization. Clients without a configured one want exactly one entry.
pub(super) async fn list(State(app): State<App>, caller: Caller) -> ApiResult<OrganizationListResponse> {
    let organization = own(&app, caller).await?;
    Ok(Json(OrganizationListResponse { organizations: vec![wire(organization)], pagination: None }))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(organization_id): Route<String>,
) -> ApiResult<OrganizationGetResponse> {
    let organization = own(&app, caller).await?;
    if organization.uid != organization_id {
        return Err(unknown(&organization_id));
    }
    Ok(Json(OrganizationGetResponse { organization: wire(organization) }))
}

/// What is not the caller's own might as well not exist.
pub(in crate::api) fn unknown(organization_id: &str) -> ApiError {
    ApiError::not_found(format!(
        "organization `{organization_id}` does not exist, or you do not belong to it"
    ))
}

/// The caller's organization, if it has a role anywhere in it.
async fn own(app: &App, caller: Caller) -> Result<Organization, ApiError> {
    app.store
        .read(move |tx| {
            let standing = Standing::of(tx, &caller)?;
            if !allows(standing.roles(), Permission::ReadOrganization) {
                return Err(ApiError::denied(format!(
                    "{} has no role: ask an administrator for one",
                    standing.who()
                )));
            }
            Ok(standing.organization)
        })
        .await
}

fn wire(organization: Organization) -> waybill_api::platform::Organization {
    waybill_api::platform::Organization {
        id: organization.uid,
        name: organization.name,
        state: OrganizationState::Active,
        owner: None,
        tfc_synced: false,
        created_at: organization.created_at.into(),
    }
}
