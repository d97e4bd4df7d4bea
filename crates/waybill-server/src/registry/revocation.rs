//! Changes of a version's standing: completed by hand, revoked now or later, restored; with its descendants.

use std::collections::BTreeMap;

use serde_json::json;
use waybill_model::{
    build::BuildStatus,
    ids::{BucketId, VersionId},
    names::{BucketName, ChannelName, Fingerprint},
    revocation::{Decision, Facts, VersionIntent, decide, inherit},
    role::Permission,
    version::{Revocation, RevocationKind, Version},
};
use waybill_store::Tx;

use crate::{
    api::error::ApiError,
    app::Moment,
    auth::Scope,
    registry::{
        change::Actor,
        channels,
        completion::{complete, inherited, refresh_latest},
        versions::find,
        view::{self, VersionView},
    },
};

pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    fingerprint: &Fingerprint,
    intent: &VersionIntent,
) -> Result<VersionView, ApiError> {
    let version = find(tx, scope, fingerprint)?;
    let name = scope.bucket_name()?;
    let actor = Actor::caller(scope)?;
    let id = version.id;
    let facts = facts(tx, &actor, &version, moment)?;
    let resource = format!("bucket/{name}/version/{fingerprint}");
    let mut touched = Touched::default();
    touched.add(version.bucket_id, name);
    match within_reach(tx, scope, &version, decide(&version, intent, &facts, moment.now)?)? {
        Decision::Unchanged => {}
        Decision::Complete { .. } => {
            drop_unstarted_builds(tx, &actor, moment, &resource, id)?;
            complete(tx, &actor, moment, name, version)?;
        }
        Decision::Revoke { revocation, roll_back_channels, include_descendants } => {
            replace(tx, &actor, moment, &version, &mut touched)?;
            tx.revoke_version(id, &revocation, true, moment.now)?;
            let mut revoked = vec![(id, name.clone())];
            if include_descendants {
                revoked.extend(revoke_descendants(tx, &actor, moment, &version, &revocation, &mut touched)?);
            }
            let detail = json!({ "message": revocation.message, "at": revocation.at });
            actor.record(tx, moment, "version.revoke", &resource, detail)?;
            if roll_back_channels {
                roll_back_all(tx, &actor, moment, &revoked)?;
            }
        }
        Decision::Schedule { revocation, include_descendants } => {
            replace(tx, &actor, moment, &version, &mut touched)?;
            tx.revoke_version(id, &revocation, false, moment.now)?;
            if include_descendants {
                revoke_descendants(tx, &actor, moment, &version, &revocation, &mut touched)?;
            }
            let detail = json!({ "message": revocation.message, "at": revocation.at });
            actor.record(tx, moment, "version.schedule-revocation", &resource, detail)?;
        }
        decision @ (Decision::Restore | Decision::CancelSchedule) => {
            restore(tx, &actor, moment, &version, &mut touched)?;
            let action = match decision {
                Decision::Restore => "version.restore",
                _ => "version.cancel-revocation",
            };
            actor.record(tx, moment, action, &resource, serde_json::Value::Null)?;
        }
    }
    for (bucket, name) in &touched.0 {
        refresh_latest(tx, &actor, moment, *bucket, name)?;
    }
    let version = tx.version_by_id(id)?.ok_or_else(|| ApiError::internal("a version vanished"))?;
    view::version(tx, name, version)
}

/// Whoever has a role on one bucket only cannot revoke what others made from it in theirs, now or later.
fn within_reach(
    tx: &mut Tx<'_>,
    scope: &Scope,
    version: &Version,
    mut decision: Decision,
) -> Result<Decision, ApiError> {
    if scope.may_everywhere(Permission::RevokeVersion) {
        return Ok(decision);
    }
    let (Decision::Revoke { revocation, include_descendants, .. }
    | Decision::Schedule { revocation, include_descendants }) = &mut decision
    else {
        return Ok(decision);
    };
    let reaches_further = *include_descendants
        && tx.descendants(version.id)?.iter().any(|descendant| descendant.bucket_id != version.bucket_id);
    if reaches_further {
        return Err(ApiError::denied(
            "versions in other buckets were made from this one: revoking them needs a role on the project; \
             `skip_descendants_revocation` revokes this one alone",
        ));
    }
    revocation.inheritable = false;
    Ok(decision)
}

/// Acts upon scheduled revocations whose moment has come: `latest` is where it shows. Returns how many there were.
pub fn fire_due(tx: &mut Tx<'_>, moment: &Moment<'_>, limit: u32) -> Result<usize, ApiError> {
    let due = tx.due_revocations(moment.now, limit)?;
    for version in &due {
        tx.set_revocation_done(version.id)?;
        let Some((actor, bucket)) = crate::jobs::owner_of(tx, version.bucket_id)? else { continue };
        let resource = format!("bucket/{bucket}/version/{}", version.fingerprint);
        let detail = json!({ "scheduled": true });
        actor.record(tx, moment, "version.revoke", &resource, detail)?;
        refresh_latest(tx, &actor, moment, version.bucket_id, &bucket)?;
    }
    Ok(due.len())
}

/// Buckets whose `latest` may have to move.
#[derive(Default)]
struct Touched(BTreeMap<BucketId, BucketName>);

impl Touched {
    fn add(&mut self, bucket: BucketId, name: &BucketName) {
        self.0.entry(bucket).or_insert_with(|| name.clone());
    }
}

fn facts(tx: &mut Tx<'_>, actor: &Actor, version: &Version, moment: &Moment<'_>) -> Result<Facts, ApiError> {
    let mut revoked_ancestor = None;
    if version.revocation.is_some() && version.has_parents {
        let ancestors = tx.ancestors(version.id)?;
        // One that only inherited from this version is no reason: it is restored together with it.
        let inherited = RevocationKind::Inherited { from: version.id };
        let has_other_reason = |ancestor: &&Version| {
            ancestor.is_revoked(moment.now)
                && ancestor.revocation.as_ref().is_none_or(|revocation| revocation.kind != inherited)
        };
        if let Some(ancestor) = ancestors.iter().find(has_other_reason) {
            let bucket = tx.bucket_name_of(ancestor.id)?;
            let bucket = bucket.as_ref().map_or("", BucketName::as_str);
            revoked_ancestor = Some(format!("{bucket} {}", ancestor.name()));
        }
    }
    let assigned_channels: Vec<ChannelName> = tx
        .channels_on(version.id)?
        .into_iter()
        .filter(|channel| !channel.managed)
        .map(|channel| channel.name)
        .collect();
    Ok(Facts { author: actor.author.clone(), revoked_ancestor, assigned_channels })
}

fn drop_unstarted_builds(
    tx: &mut Tx<'_>,
    actor: &Actor,
    moment: &Moment<'_>,
    resource: &str,
    version: VersionId,
) -> Result<(), ApiError> {
    for build in tx.builds(version)? {
        if build.status == BuildStatus::Unset {
            tx.delete_build(build.id)?;
            let detail = json!({ "component_type": build.component_type.as_str() });
            actor.record(tx, moment, "build.delete", &format!("{resource}/build/{}", build.uid), detail)?;
        }
    }
    Ok(())
}

/// Passes a revocation on. Returns which versions took it over, with their buckets.
fn revoke_descendants(
    tx: &mut Tx<'_>,
    actor: &Actor,
    moment: &Moment<'_>,
    from: &Version,
    revocation: &Revocation,
    touched: &mut Touched,
) -> Result<Vec<(VersionId, BucketName)>, ApiError> {
    let candidate = revocation.inherited_from(from.id);
    let in_force = revocation.is_in_force(moment.now);
    let action = if in_force { "version.revoke" } else { "version.schedule-revocation" };
    let mut revoked = Vec::new();
    for descendant in tx.descendants(from.id)? {
        let Some(inherits) = inherit(descendant.revocation.as_ref(), &candidate) else { continue };
        tx.revoke_version(descendant.id, &inherits, in_force, moment.now)?;
        if let Some(name) = tx.bucket_name_of(descendant.id)? {
            let resource = format!("bucket/{name}/version/{}", descendant.fingerprint);
            let detail = json!({ "inherited_from": from.uid.as_str(), "at": revocation.at });
            actor.record(tx, moment, action, &resource, detail)?;
            touched.add(descendant.bucket_id, &name);
            revoked.push((descendant.id, name));
        }
    }
    Ok(revoked)
}

/// Moves every channel of people that points at one of these versions to what it pointed at before.
fn roll_back_all(
    tx: &mut Tx<'_>,
    actor: &Actor,
    moment: &Moment<'_>,
    revoked: &[(VersionId, BucketName)],
) -> Result<(), ApiError> {
    let ids: Vec<VersionId> = revoked.iter().map(|(id, _)| *id).collect();
    for (id, bucket) in revoked {
        for channel in tx.channels_on(*id)? {
            if !channel.managed {
                channels::roll_back(tx, actor, moment, bucket, &channel, &ids)?;
            }
        }
    }
    Ok(())
}

/// Before a schedule is replaced: nobody keeps what they inherited from it.
fn replace(
    tx: &mut Tx<'_>,
    actor: &Actor,
    moment: &Moment<'_>,
    version: &Version,
    touched: &mut Touched,
) -> Result<(), ApiError> {
    if version.revocation.is_some() { restore(tx, actor, moment, version, touched) } else { Ok(()) }
}

/// Clears a revocation and what was inherited from it. Whoever has another revoked ancestor inherits from that.
fn restore(
    tx: &mut Tx<'_>,
    actor: &Actor,
    moment: &Moment<'_>,
    version: &Version,
    touched: &mut Touched,
) -> Result<(), ApiError> {
    let mut restored = vec![version.clone()];
    restored.extend(tx.inheritors(version.id)?);
    for each in &restored {
        tx.restore_version(each.id, moment.now)?;
    }
    for mut each in restored {
        each.revocation = None;
        if each.has_parents
            && let Some(revocation) = inherited(tx, &each)?
        {
            tx.revoke_version(each.id, &revocation, revocation.is_in_force(moment.now), moment.now)?;
        }
        if let Some(name) = tx.bucket_name_of(each.id)? {
            if each.id != version.id {
                let resource = format!("bucket/{name}/version/{}", each.fingerprint);
                let detail = json!({ "inherited_from": version.uid.as_str() });
                actor.record(tx, moment, "version.restore", &resource, detail)?;
            }
            touched.add(each.bucket_id, &name);
        }
    }
    Ok(())
}
