//! Who is calling, in HCP's words.

use axum::{Json, extract::State};
use waybill_api::platform::{GetCallerIdentityResponse, ServicePrincipal};
use waybill_store::Principal;

use super::directory;
use crate::{
    api::error::ApiResult,
    app::App,
    auth::{Caller, principals::resource_name},
};

/// Tells the principal of the token: a check of credentials that needs no right.
pub(super) async fn caller(State(app): State<App>, caller: Caller) -> ApiResult<GetCallerIdentityResponse> {
    let principal = app.store.read(move |tx| directory::oneself(tx, &caller)).await?;
    Ok(Json(GetCallerIdentityResponse { principal }))
}

pub(super) fn wire(principal: Principal) -> ServicePrincipal {
    ServicePrincipal {
        resource_name: resource_name(&principal),
        id: principal.uid,
        name: principal.name,
        organization_id: principal.organization_uid,
        project_id: principal.project_uid.unwrap_or_default(),
        managed_by: String::new(),
        created_at: principal.created_at.into(),
    }
}
