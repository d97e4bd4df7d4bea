//! The run task: what HCP Terraform is set up with, and how strict it is.

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::hcp::{
    GetRegistryTFCRunTaskAPIResponse, GetRunTaskConfigResponse, RegenerateTFCRunTaskHmacKeyBody,
    RegenerateTFCRunTaskHmacKeyResponse, RunTaskBehaviour, UpdateRunTaskConfigBody,
    UpdateRunTaskConfigResponse,
};
use waybill_model::{role::Permission, run_task::OnUntracked};

use super::{ProjectPath, convert};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Route},
    },
    app::App,
    auth::{Caller, permission::shown},
    registry::run_tasks,
};

/// The path of a kind of run task.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RunTaskPath {
    #[serde(flatten)]
    project: ProjectPath,
    task_type: String,
}

/// The one kind of run task that there is.
const VALIDATION: &str = "validation";

/// Where HCP Terraform finds the run task, and its key: a secret, so for those who manage the registry.
pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<RunTaskPath>,
) -> ApiResult<GetRegistryTFCRunTaskAPIResponse> {
    let RunTaskPath { project, task_type } = path;
    if task_type != VALIDATION {
        return Err(ApiError::invalid(format!(
            "there is no run task of type `{}`, only `{VALIDATION}`",
            shown(&task_type)
        )));
    }
    let (place, need) = (project.place(), Permission::ManageRegistry);
    let found =
        app.read(caller.clone(), place.clone(), need, |tx, scope, _| run_tasks::get(tx, scope)).await?;
    let task = match found {
        Some(task) => task,
        None => app.write(caller, place, need, run_tasks::ensure).await?,
    };
    // As it was before it left HCP's published interface.
    let api_url =
        format!("{}/packer/2021-04-30/terraform-cloud/validation/{}", app.settings.public_url, task.uid);
    Ok(Json(GetRegistryTFCRunTaskAPIResponse { api_url, hmac_key: task.hmac_key.into() }))
}

pub(super) async fn regenerate_key(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
    Body(_): Body<RegenerateTFCRunTaskHmacKeyBody>,
) -> ApiResult<RegenerateTFCRunTaskHmacKeyResponse> {
    let task = app.write(caller, path.place(), Permission::ManageRegistry, run_tasks::regenerate_key).await?;
    Ok(Json(RegenerateTFCRunTaskHmacKeyResponse { hmac_key: task.hmac_key.into() }))
}

pub(super) async fn config(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
) -> ApiResult<GetRunTaskConfigResponse> {
    let on_untracked = app
        .read(caller, path.place(), Permission::ReadRegistry, |tx, scope, _| {
            run_tasks::on_untracked(tx, scope)
        })
        .await?;
    Ok(Json(GetRunTaskConfigResponse { on_untracked_image: convert::on_untracked(on_untracked) }))
}

pub(super) async fn update_config(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
    Body(body): Body<UpdateRunTaskConfigBody>,
) -> ApiResult<UpdateRunTaskConfigResponse> {
    let asked = match body.on_untracked_image.unwrap_or_default() {
        RunTaskBehaviour::Unset => None,
        RunTaskBehaviour::Fail => Some(OnUntracked::Fail),
        RunTaskBehaviour::Warn => Some(OnUntracked::Warn),
    };
    let on_untracked = app
        .write(caller, path.place(), Permission::ManageRegistry, move |tx, scope, moment| {
            run_tasks::set_on_untracked(tx, scope, moment, asked)
        })
        .await?;
    Ok(Json(UpdateRunTaskConfigResponse { on_untracked_image: convert::on_untracked(on_untracked) }))
}
