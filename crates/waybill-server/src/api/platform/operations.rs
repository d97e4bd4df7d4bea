//! Waiting for operations: every one is done when it is answered, so nobody waits.

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Deserialize;
use waybill_api::{
    hcp::{Location, Operation, OperationState},
    platform::WaitResponse,
};
use waybill_model::role::Permission;

use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::Route,
    },
    app::App,
    auth::{Caller, Place},
};

/// What stands for no project.
const NO_PROJECT: &str = "-";

#[derive(Clone, Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the placeholders of the path")]
pub(super) struct OperationPath {
    organization_id: String,
    project_id: String,
    operation_id: String,
}

pub(super) async fn wait(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<OperationPath>,
) -> ApiResult<WaitResponse> {
    let (project, need) = if path.project_id == NO_PROJECT {
        (String::new(), Permission::ReadOrganization)
    } else {
        (path.project_id.clone(), Permission::ReadProject)
    };
    let place = Place { organization: path.organization_id.clone(), project, ..Place::default() };
    app.read(caller, place, need, |_, _, _| Ok(())).await?;
    if !app.operations.knows(&path.operation_id) {
        return Err(ApiError::not_found(format!("operation `{}` does not exist", path.operation_id)));
    }
    let location =
        Location { organization_id: path.organization_id, project_id: path.project_id, region: None };
    Ok(Json(WaitResponse { operation: done(path.operation_id, location, app.clock.now()) }))
}

/// An operation of that identifier.
pub(super) fn done(id: String, location: Location, now: Timestamp) -> Operation {
    Operation {
        id,
        state: OperationState::Done,
        location,
        created_at: now.into(),
        updated_at: now.into(),
        ..Operation::default()
    }
}
