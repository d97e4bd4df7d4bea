//! The registry of a project.

use axum::{Json, extract::State};
use waybill_api::hcp::{
    CreateRegistryBody, CreateRegistryResponse, DeleteRegistryResponse, FieldMask, GetRegistryResponse,
    RegistryConfigTier, UpdateRegistryBody, UpdateRegistryResponse,
};
use waybill_model::role::Permission;

use super::{ProjectPath, convert::Answer};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Route},
    },
    app::App,
    auth::{Caller, bootstrap::FEATURE_TIER},
    registry::registries::{self, RegistryChange},
};

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
) -> ApiResult<GetRegistryResponse> {
    let registry = app
        .read(caller, path.place(), Permission::ReadRegistry, |tx, scope, _| registries::get(tx, scope))
        .await?;
    let location = path.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    Ok(Json(GetRegistryResponse { registry: answer.registry(registry) }))
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
    Body(body): Body<CreateRegistryBody>,
) -> ApiResult<CreateRegistryResponse> {
    let tier = tier(body.feature_tier).unwrap_or(FEATURE_TIER);
    let registry = app
        .write(caller, path.place(), Permission::ManageRegistry, move |tx, scope, moment| {
            registries::create(tx, scope, moment, tier)
        })
        .await?;
    let location = path.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    let operation = answer.operation(&app);
    Ok(Json(CreateRegistryResponse { registry: answer.registry(registry), operation }))
}

/// Without a mask `activated` is left alone, and a tier that is set is applied; with one, what it names.
pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
    Body(body): Body<UpdateRegistryBody>,
) -> ApiResult<UpdateRegistryResponse> {
    let mask = body.update_mask.as_deref().unwrap_or_default();
    let named = FieldMask::parse(mask, &["activated", "feature_tier"])
        .map_err(|error| ApiError::invalid(error.to_string()))?;
    let takes_tier = mask.is_empty() || named.contains("feature_tier");
    let change = RegistryChange {
        activated: named.contains("activated").then(|| body.activated.unwrap_or(false)),
        feature_tier: tier(body.feature_tier).filter(|_| takes_tier).map(str::to_owned),
    };
    let registry = app
        .write(caller, path.place(), Permission::ManageRegistry, move |tx, scope, moment| {
            registries::update(tx, scope, moment, &change)
        })
        .await?;
    let location = path.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    let operation = answer.operation(&app);
    Ok(Json(UpdateRegistryResponse { registry: answer.registry(registry), operation }))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
) -> ApiResult<DeleteRegistryResponse> {
    let registry = app.write(caller, path.place(), Permission::ManageRegistry, registries::delete).await?;
    let location = path.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    let operation = answer.operation(&app);
    Ok(Json(DeleteRegistryResponse { registry: Some(answer.registry(registry)), operation }))
}

fn tier(asked: Option<RegistryConfigTier>) -> Option<&'static str> {
    asked.filter(|tier| *tier != RegistryConfigTier::Unset).map(RegistryConfigTier::as_str)
}
