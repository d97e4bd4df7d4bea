//! The run task of HCP Terraform: the key that its requests are signed with, and how strict it is.
//!
//! The key is made when somebody first asks for it, and stays until somebody asks for another one: clients read it at
//! each refresh and take a change for drift.

use serde_json::{Value, json};
use waybill_model::run_task::OnUntracked;
use waybill_store::{Registry, RunTask, Tx};

use super::{change::Actor, registries};
use crate::{api::error::ApiError, app::Moment, auth::Scope, hex::hex};

/// The run task, if somebody asked for it before.
pub fn get(tx: &mut Tx<'_>, scope: &Scope) -> Result<Option<RunTask>, ApiError> {
    active(tx, scope)?;
    Ok(tx.run_task(scope.project()?)?)
}

/// The run task, made now unless it is there.
pub fn ensure(tx: &mut Tx<'_>, scope: &Scope, moment: &Moment<'_>) -> Result<RunTask, ApiError> {
    match get(tx, scope)? {
        Some(task) => Ok(task),
        None => put(tx, scope, moment, moment.uid().to_string(), "run_task.create"),
    }
}

/// Gives the run task another key. The one before is dead at once.
pub fn regenerate_key(tx: &mut Tx<'_>, scope: &Scope, moment: &Moment<'_>) -> Result<RunTask, ApiError> {
    match get(tx, scope)? {
        Some(task) => put(tx, scope, moment, task.uid, "run_task.regenerate_key"),
        None => ensure(tx, scope, moment),
    }
}

pub fn on_untracked(tx: &mut Tx<'_>, scope: &Scope) -> Result<OnUntracked, ApiError> {
    Ok(active(tx, scope)?.on_untracked)
}

/// Changes what is said of artifacts that the registry does not know; `None` leaves it.
pub fn set_on_untracked(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    asked: Option<OnUntracked>,
) -> Result<OnUntracked, ApiError> {
    let stored = on_untracked(tx, scope)?;
    let Some(asked) = asked.filter(|asked| *asked != stored) else { return Ok(stored) };
    let actor = Actor::caller(scope)?;
    tx.set_on_untracked(actor.project, asked, moment.now)?;
    let detail = json!({ "on_untracked_image": asked.as_str() });
    actor.record(tx, moment, "run_task.update", "run-task", detail)?;
    Ok(asked)
}

fn put(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    uid: String,
    action: &'static str,
) -> Result<RunTask, ApiError> {
    let mut random = [0; 32];
    moment.ids().random(&mut random);
    let task = RunTask { uid, hmac_key: hex(&random) };
    let actor = Actor::caller(scope)?;
    tx.set_run_task(actor.project, &task)?;
    actor.record(tx, moment, action, "run-task", Value::Null)?;
    Ok(task)
}

/// The registry, which must be active: a run task of one that answers nothing would stop every plan.
fn active(tx: &mut Tx<'_>, scope: &Scope) -> Result<Registry, ApiError> {
    let registry = registries::get(tx, scope)?;
    if registry.activated {
        return Ok(registry);
    }
    Err(ApiError::precondition(format!(
        "Registry not activated: the registry of project `{}` is deactivated, activate it first",
        scope.project_uid
    )))
}
