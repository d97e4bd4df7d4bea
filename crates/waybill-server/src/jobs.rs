//! What the registry does by itself, from time to time, each in a transaction of its own.
//!
//! Every server of an installation runs all of them: each is a no-op where another server was faster.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use tokio::time::sleep;
use waybill_model::{ids::BucketId, names::BucketName};
use waybill_store::Tx;

use crate::{
    api::error::ApiError,
    app::App,
    registry::{change::Actor, revocation},
    shutdown::Shutdown,
};

/// How soon after its moment a scheduled revocation shows on `latest`.
const TICK: Duration = Duration::from_secs(1);
/// Of one transaction: the rest waits for the next turn.
const BATCH: u32 = 100;
/// Events are kept for whoever was away for a week.
const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A code that comes again within this time after its end is still recognized.
const GRANTS_KEPT: SignedDuration = SignedDuration::from_hours(1);
/// Turns between deletions of old events: about an hour.
const TURNS_PER_CLEANING: u64 = 3600;
/// Turns between looks at the age of the signing key.
const TURNS_PER_ROTATION: u64 = 600;
/// A token lives an hour and a key signs for a month: what a thief of the database could forge ends with the month.
const KEY_AGE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Turns between looks for silent builds.
const TURNS_PER_SILENCE: u64 = 10;

/// Runs all jobs until the shutdown.
pub async fn run(app: App, shutdown: Shutdown) {
    let mut turn = 0_u64;
    loop {
        tokio::select! {
            () = shutdown.wait() => return,
            () = sleep(TICK) => {}
        }
        turn += 1;
        report("scheduled revocations", fire_revocations(&app).await);
        if turn.is_multiple_of(TURNS_PER_SILENCE) {
            report("silent builds", cancel_silent_builds(&app).await);
        }
        if turn.is_multiple_of(TURNS_PER_ROTATION) {
            report("signing key", rotate_signing_key(&app).await);
        }
        if turn.is_multiple_of(TURNS_PER_CLEANING) {
            report("old events", delete_old_events(&app).await);
            report("exchanged tokens", forget_expired_tokens(&app).await);
            report("logins that are over", forget_logins(&app).await);
        }
    }
}

fn report(job: &str, result: Result<u64, ApiError>) {
    match result {
        Ok(0) => {}
        Ok(done) => tracing::info!(job, done, "Job done: {job}"),
        Err(error) => {
            let cause = error.cause.unwrap_or(error.message);
            tracing::error!(job, error = %cause, "Job failed, it runs again: {job}");
        }
    }
}

/// Acts upon revocations whose moment has come. Looks before it writes: nearly always there is nothing to do.
pub async fn fire_revocations(app: &App) -> Result<u64, ApiError> {
    let now = app.clock.now();
    let due = app.store.read(move |tx| tx.due_revocations(now, 1).map_err(ApiError::from)).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let service = app.clone();
    let fired = app.store.write(move |tx| revocation::fire_due(tx, &service.moment(), BATCH)).await?;
    Ok(fired as u64)
}

/// Cancels builds whose Packer was killed: it would have sent a sign of life every two minutes.
pub async fn cancel_silent_builds(app: &App) -> Result<u64, ApiError> {
    let limit = SignedDuration::try_from(app.settings.silent_build_after).unwrap_or(SignedDuration::MAX);
    let since = app.clock.now().checked_sub(limit).unwrap_or(jiff::Timestamp::MIN);
    let silent = app.store.read(move |tx| tx.silent_builds(since, 1).map_err(ApiError::from)).await?;
    if silent.is_empty() {
        return Ok(0);
    }
    let service = app.clone();
    app.store
        .write(move |tx| {
            let moment = service.moment();
            let silent = tx.silent_builds(since, BATCH)?;
            for (build, uid, version, component) in &silent {
                tx.cancel_build(*build, moment.now)?;
                let Some(version) = tx.version_by_id(*version)? else { continue };
                let Some((actor, bucket)) = owner_of(tx, version.bucket_id)? else { continue };
                let resource = format!("bucket/{bucket}/version/{}/build/{uid}", version.fingerprint);
                let detail =
                    json!({ "component_type": component.as_str(), "status": "cancelled", "silent": true });
                actor.record(tx, &moment, "build.update", &resource, detail)?;
            }
            Ok(silent.len() as u64)
        })
        .await
}

/// Makes a new signing key when the newest is a month old.
pub async fn rotate_signing_key(app: &App) -> Result<u64, ApiError> {
    let rotated = app.tokens.rotate(&app.store, app.ids.as_ref(), app.clock.now(), KEY_AGE).await;
    rotated.map(u64::from).map_err(|error| ApiError::internal(error.to_string()))
}

/// Forgets events that nobody came for.
pub async fn delete_old_events(app: &App) -> Result<u64, ApiError> {
    let before = app.clock.now().checked_sub(EVENTS_KEPT).unwrap_or(jiff::Timestamp::MIN);
    app.store.write(move |tx| tx.delete_events(before).map_err(ApiError::from)).await
}

/// Forgets exchanged tokens of workloads that nobody could exchange again, because they expired.
pub async fn forget_expired_tokens(app: &App) -> Result<u64, ApiError> {
    let now = app.clock.now();
    let some = app.store.read(move |tx| tx.has_expired_exchanges(now).map_err(ApiError::from)).await?;
    if !some {
        return Ok(0);
    }
    app.store.write(move |tx| tx.delete_expired_exchanges(now).map_err(ApiError::from)).await
}

/// Forgets sessions whose time is over, and codes that nobody can use any more.
pub async fn forget_logins(app: &App) -> Result<u64, ApiError> {
    let now = app.clock.now();
    let grants = now.checked_sub(GRANTS_KEPT).unwrap_or(jiff::Timestamp::MIN);
    app.store
        .write(move |tx| Ok(tx.delete_expired_sessions(now)? + tx.delete_expired_login_grants(grants)?))
        .await
}

/// The registry itself as the one who changes something in a bucket, and the bucket's name.
pub fn owner_of(tx: &mut Tx<'_>, bucket: BucketId) -> Result<Option<(Actor, BucketName)>, ApiError> {
    let Some(bucket) = tx.bucket_by_id(bucket)? else { return Ok(None) };
    let Some((organization, project_uid)) = tx.owner_of_project(bucket.project)? else { return Ok(None) };
    Ok(Some((Actor::registry(organization, bucket.project, project_uid), bucket.name)))
}
