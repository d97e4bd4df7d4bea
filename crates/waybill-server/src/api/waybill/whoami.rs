//! Who is calling, with what rights.

use axum::{Json, extract::State};
use waybill_api::own;

use super::principals::{caller_of, role_binding};
use crate::{api::error::ApiResult, app::App, auth::Caller, auth::principals::Standing};

/// Tells who is calling, with what rights
///
/// Answers every caller who exists, also one without any role.
#[utoipa::path(
    get, path = super::WHOAMI, operation_id = "WhoAmI", tag = "principals",
    responses((status = OK, description = "The principal of the token", body = own::WhoAmI)),
)]
pub(super) async fn get(State(app): State<App>, caller: Caller) -> ApiResult<own::WhoAmI> {
    let standing = app.store.read(move |tx| Standing::of(tx, &caller)).await?;
    let Standing { principal, credential, bindings, .. } = standing;
    Ok(Json(own::WhoAmI {
        principal: caller_of(principal),
        client_id: credential,
        roles: bindings.into_iter().map(role_binding).collect(),
    }))
}
