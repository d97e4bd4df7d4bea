//! Who is calling, with what rights.

use axum::{Json, extract::State};
use waybill_api::own;

use super::principals::role_binding;
use crate::{api::error::ApiResult, app::App, auth::Caller, auth::principals::Standing};

/// Answers every caller who exists, also one without any role.
pub(super) async fn get(State(app): State<App>, caller: Caller) -> ApiResult<own::WhoAmI> {
    let client_id = caller.client_id.clone();
    let standing = app.store.read(move |tx| Standing::of(tx, &caller)).await?;
    let Standing { principal, bindings, .. } = standing;
    Ok(Json(own::WhoAmI {
        principal: own::Caller {
            id: principal.uid,
            name: principal.name,
            kind: own::PrincipalKind::Service,
            organization_id: principal.organization_uid,
            project_id: principal.project_uid,
        },
        client_id,
        roles: bindings.into_iter().map(role_binding).collect(),
    }))
}
