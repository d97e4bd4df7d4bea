//! What happens when a version becomes complete, and where `latest` points.

use serde_json::json;
use waybill_model::{
    channel::newest_valid,
    ids::BucketId,
    names::BucketName,
    revocation::effective,
    version::{RevocationKind, Version, next_number},
};
use waybill_store::Tx;

use crate::{
    api::error::ApiError,
    app::Moment,
    registry::{change::Actor, channels::assignment},
};

/// How many versions are looked at first for `latest`; nearly always the first one is it.
const NEWEST: u32 = 4;

/// Completes a version: number, inherited revocation, `latest`, all in this transaction. Returns it as it is now.
pub fn complete(
    tx: &mut Tx<'_>,
    actor: &Actor,
    moment: &Moment<'_>,
    bucket: &BucketName,
    mut version: Version,
) -> Result<Version, ApiError> {
    let row = tx
        .bucket_by_id(version.bucket_id)?
        .ok_or_else(|| ApiError::internal("a version without a bucket"))?;
    let number = next_number(row.last_number);
    if !tx.complete_version(version.bucket_id, version.id, number, moment.now)? {
        return Ok(version);
    }
    version.number = Some(number);
    version.completed_at = Some(moment.now);
    version.updated_at = moment.now;
    if version.has_parents {
        tx.mark_parents_of(version.id)?;
        version.revocation = inherited(tx, &version)?;
        if let Some(revocation) = &version.revocation {
            tx.revoke_version(version.id, revocation, revocation.is_in_force(moment.now), moment.now)?;
        }
    }
    let resource = format!("bucket/{bucket}/version/{}", version.fingerprint);
    let detail = json!({ "version": version.name() });
    actor.record(tx, moment, "version.complete", &resource, detail)?;
    // No version has a higher number: if this one is valid, it is the newest.
    match newest_valid([&version], moment.now) {
        Some(_) => point_latest(tx, actor, moment, version.bucket_id, bucket, Some(&version))?,
        None => refresh_latest(tx, actor, moment, version.bucket_id, bucket)?,
    }
    Ok(version)
}

/// The revocation that a version takes over from what it was made from, if any.
pub fn inherited(
    tx: &mut Tx<'_>,
    version: &Version,
) -> Result<Option<waybill_model::version::Revocation>, ApiError> {
    let ancestors = tx.ancestors(version.id)?;
    let candidates = ancestors.iter().filter_map(|ancestor| {
        let revocation = ancestor.revocation.as_ref()?;
        (revocation.inheritable && revocation.kind == RevocationKind::Manual)
            .then(|| revocation.inherited_from(ancestor.id))
    });
    Ok(effective(version.revocation.as_ref(), candidates))
}

/// Points `latest` at the newest valid version of a bucket, or at none.
pub fn refresh_latest(
    tx: &mut Tx<'_>,
    actor: &Actor,
    moment: &Moment<'_>,
    bucket: BucketId,
    bucket_name: &BucketName,
) -> Result<(), ApiError> {
    let mut versions = tx.complete_versions(bucket, NEWEST)?;
    let mut newest = newest_valid(&versions, moment.now);
    if newest.is_none() {
        versions = tx.complete_versions(bucket, u32::MAX)?;
        newest = newest_valid(&versions, moment.now);
    }
    let newest = versions.iter().find(|version| Some(version.id) == newest);
    point_latest(tx, actor, moment, bucket, bucket_name, newest)
}

fn point_latest(
    tx: &mut Tx<'_>,
    actor: &Actor,
    moment: &Moment<'_>,
    bucket: BucketId,
    bucket_name: &BucketName,
    newest: Option<&Version>,
) -> Result<(), ApiError> {
    let Some(channel) = tx.managed_channel(bucket)? else { return Ok(()) };
    let target = newest.map(|version| version.id);
    if target == channel.version_id {
        return Ok(());
    }
    tx.assign_channel(channel.id, target, &actor.author, moment.now)?;
    let resource = format!("bucket/{bucket_name}/channel/{}", channel.name);
    let (action, detail) = assignment(newest);
    actor.record(tx, moment, action, &resource, detail)
}
