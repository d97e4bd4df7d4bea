//! Registries: made, switched off and on, deleted with everything in them.

use serde_json::json;
use waybill_model::ids::ProjectId;
use waybill_store::{Registry, Tx};

use crate::{api::error::ApiError, app::Moment, auth::Scope, registry::change::Actor};

/// What may change about a registry; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct RegistryChange {
    pub activated: Option<bool>,
    pub feature_tier: Option<String>,
}

pub fn get(tx: &mut Tx<'_>, scope: &Scope) -> Result<Registry, ApiError> {
    stored(tx, scope, scope.project()?)
}

pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    feature_tier: &str,
) -> Result<Registry, ApiError> {
    let actor = Actor::caller(scope)?;
    if tx.registry(actor.project)?.is_some() {
        return Err(ApiError::exists(format!("project `{}` has a registry already", scope.project_uid)));
    }
    tx.insert_registry(actor.project, &moment.uid(), feature_tier, moment.now)?;
    actor.record(tx, moment, "registry.create", "registry", serde_json::Value::Null)?;
    get(tx, scope)
}

pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    change: &RegistryChange,
) -> Result<Registry, ApiError> {
    let actor = Actor::caller(scope)?;
    let stored = stored(tx, scope, actor.project)?;
    let activated = change.activated.unwrap_or(stored.activated);
    let feature_tier = change.feature_tier.clone().unwrap_or_else(|| stored.feature_tier.clone());
    if activated != stored.activated || feature_tier != stored.feature_tier {
        tx.update_registry(actor.project, activated, &feature_tier, moment.now)?;
        let detail = json!({ "activated": activated, "feature_tier": feature_tier });
        actor.record(tx, moment, "registry.update", "registry", detail)?;
    }
    get(tx, scope)
}

/// Only a deactivated registry can be deleted: nobody deletes by one slip.
pub fn delete(tx: &mut Tx<'_>, scope: &Scope, moment: &Moment<'_>) -> Result<Registry, ApiError> {
    let actor = Actor::caller(scope)?;
    let registry = stored(tx, scope, actor.project)?;
    if registry.activated {
        return Err(ApiError::precondition(format!(
            "the registry of project `{}` is active: deactivate it first, then delete it",
            scope.project_uid
        )));
    }
    let detail = json!({ "buckets": tx.count_buckets(actor.project)? });
    tx.delete_registry(actor.project)?;
    actor.record(tx, moment, "registry.delete", "registry", detail)?;
    Ok(registry)
}

fn stored(tx: &mut Tx<'_>, scope: &Scope, project: ProjectId) -> Result<Registry, ApiError> {
    tx.registry(project)?.ok_or_else(|| {
        ApiError::not_found(format!("project `{}` has no registry: create one first", scope.project_uid))
    })
}
