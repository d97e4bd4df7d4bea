//! Channels: moving pointers to versions, with their history.

use std::collections::{BTreeSet, HashSet};

use serde_json::json;
use waybill_model::{
    channel::{self, AssignError, Assignment, Channel},
    ids::VersionId,
    names::{BucketName, ChannelName, Fingerprint},
    role::Permission,
    version::Version,
};
use waybill_store::{NewChannel, Page, Slice, Tx};

use crate::{
    api::error::ApiError,
    app::Moment,
    auth::Scope,
    registry::{
        change::Actor,
        fit,
        view::{self, ChannelView, VersionView},
    },
};

/// How far back a roll-back looks.
const HISTORY: u32 = 1000;
/// A bucket's channels are always answered together.
const CHANNELS_PER_BUCKET: usize = 1000;

/// What may change about a channel; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct ChannelChange {
    pub restricted: Option<bool>,
    /// `Some(None)` unassigns.
    pub version: Option<Option<Fingerprint>>,
}

/// An entry of a channel's history.
#[derive(Clone, Debug)]
pub struct AssignmentView {
    pub assignment: Assignment,
    pub version: Option<VersionView>,
}

/// The hot read: three statements, permission included.
pub fn get(tx: &mut Tx<'_>, scope: &Scope, name: &ChannelName) -> Result<ChannelView, ApiError> {
    let bucket = scope.bucket_name()?;
    let found = tx.resolve_channel(scope.bucket()?, name)?;
    let Some((channel, version)) = found.filter(|(channel, _)| is_visible(scope, channel)) else {
        return Err(unknown(scope, name));
    };
    let version = match version {
        Some(version) => Some(view::version(tx, bucket, version)?),
        None => None,
    };
    Ok(ChannelView { bucket: bucket.clone(), channel, version })
}

pub fn list(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<ChannelView>, ApiError> {
    let mut channels = tx.channels(scope.bucket()?)?;
    channels.retain(|channel| is_visible(scope, channel));
    view::channels(tx, scope.bucket_name()?, channels)
}

pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    name: &ChannelName,
    restricted: bool,
    version: Option<&Fingerprint>,
) -> Result<ChannelView, ApiError> {
    let bucket = scope.bucket()?;
    if tx.channel(bucket, name)?.is_some() {
        return Err(ApiError::exists(format!(
            "channel `{name}` exists already in bucket `{}`",
            scope.bucket_name()?
        )));
    }
    if tx.channels(bucket)?.len() >= CHANNELS_PER_BUCKET {
        return Err(ApiError::precondition(format!(
            "bucket `{}` has {CHANNELS_PER_BUCKET} channels, which is the most it can have",
            scope.bucket_name()?
        )));
    }
    let actor = Actor::caller(scope)?;
    let new = NewChannel {
        uid: moment.uid(),
        name: name.clone(),
        managed: false,
        restricted,
        author: actor.author.clone(),
    };
    tx.insert_channel(bucket, &new, moment.now)?;
    actor.record(tx, moment, "channel.create", &resource(scope, name)?, serde_json::Value::Null)?;
    if let Some(fingerprint) = version {
        let channel = find(tx, scope, name)?;
        let version = assignable(tx, scope, fingerprint)?;
        point(tx, scope, moment, &actor, &channel, Some(&version))?;
    }
    get(tx, scope, name)
}

pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    name: &ChannelName,
    change: &ChannelChange,
) -> Result<ChannelView, ApiError> {
    let channel = find(tx, scope, name)?;
    let actor = Actor::caller(scope)?;
    if let Some(target) = &change.version {
        channel.check_movable()?;
        let version = match target {
            Some(fingerprint) => Some(assignable(tx, scope, fingerprint)?),
            None => None,
        };
        point(tx, scope, moment, &actor, &channel, version.as_ref())?;
    }
    if let Some(restricted) = change.restricted.filter(|restricted| *restricted != channel.restricted) {
        tx.restrict_channel(channel.id, restricted, &actor.author, moment.now)?;
        let detail = json!({ "restricted": restricted });
        actor.record(tx, moment, "channel.update", &resource(scope, name)?, detail)?;
    }
    get(tx, scope, name)
}

/// Points one channel at what another points at. Returns source and target.
pub fn copy(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    source: &ChannelName,
    target: &ChannelName,
) -> Result<(ChannelView, ChannelView), ApiError> {
    let from = find(tx, scope, source)?;
    let to = find(tx, scope, target)?;
    let version = tx
        .version_by_id(from.version_to_copy()?)?
        .ok_or_else(|| ApiError::internal("a channel points at nothing"))?;
    point(tx, scope, moment, &Actor::caller(scope)?, &to, Some(&version))?;
    Ok((get(tx, scope, source)?, get(tx, scope, target)?))
}

pub fn delete(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    name: &ChannelName,
) -> Result<(), ApiError> {
    let channel = find(tx, scope, name)?;
    channel.check_movable()?;
    tx.delete_channel(channel.id)?;
    Actor::caller(scope)?.record(
        tx,
        moment,
        "channel.delete",
        &resource(scope, name)?,
        serde_json::Value::Null,
    )
}

/// A page of a channel's history, newest first, and how long the whole is.
pub fn history(
    tx: &mut Tx<'_>,
    scope: &Scope,
    name: &ChannelName,
    slice: &Slice,
) -> Result<(Page<AssignmentView>, i64), ApiError> {
    let channel = find(tx, scope, name)?;
    let count = tx.count_assignments(channel.id)?;
    // An entry carries its version with all builds, as often as the channel pointed there.
    let weigh = |tx: &mut Tx<'_>, assignments: &[Assignment]| {
        let versions: BTreeSet<VersionId> =
            assignments.iter().filter_map(|assignment| assignment.version_id).collect();
        let counts = tx.build_counts(&Vec::from_iter(versions))?;
        let weight = |assignment: &Assignment| counts.get(&assignment.version_id?).copied();
        Ok(assignments.iter().map(|assignment| weight(assignment).unwrap_or(0)).collect())
    };
    let page = fit::page(tx, slice, |tx, slice| tx.assignments(channel.id, slice), weigh)?;
    let ids = page.items.iter().filter_map(|assignment| assignment.version_id);
    let versions = view::version_views(tx, ids)?;
    let page = page.map(|assignment| {
        let version = assignment.version_id.and_then(|id| versions.get(&id).cloned());
        AssignmentView { assignment, version }
    });
    Ok((page, count))
}

/// Moves a channel to the newest valid version it pointed at before, or to none. `leaving` are not valid any more.
pub fn roll_back(
    tx: &mut Tx<'_>,
    actor: &Actor,
    moment: &Moment<'_>,
    bucket: &BucketName,
    channel: &Channel,
    leaving: &[VersionId],
) -> Result<(), ApiError> {
    let past = tx.channel_past(channel.id, HISTORY)?;
    let mut newest = None;
    let mut seen: HashSet<VersionId> = leaving.iter().copied().collect();
    for id in past.iter().copied().flatten() {
        if seen.insert(id) {
            newest = tx.version_by_id(id)?.filter(|version| version.is_valid(moment.now));
        }
        if newest.is_some() {
            break;
        }
    }
    let is_valid = |id: VersionId| newest.as_ref().is_some_and(|version| version.id == id);
    let target = channel::roll_back_target(&past, is_valid);
    tx.assign_channel(channel.id, target, &actor.author, moment.now)?;
    let resource = format!("bucket/{bucket}/channel/{}", channel.name);
    let (_, detail) = assignment(newest.as_ref());
    actor.record(tx, moment, "channel.roll-back", &resource, detail)
}

/// A channel that the caller may see.
fn find(tx: &mut Tx<'_>, scope: &Scope, name: &ChannelName) -> Result<Channel, ApiError> {
    tx.channel(scope.bucket()?, name)?
        .filter(|channel| is_visible(scope, channel))
        .ok_or_else(|| unknown(scope, name))
}

/// Who may not read a restricted channel does not learn that it exists.
fn is_visible(scope: &Scope, channel: &Channel) -> bool {
    !channel.restricted || scope.may(Permission::ReadRestrictedChannel)
}

fn unknown(scope: &Scope, name: &ChannelName) -> ApiError {
    let bucket = scope.bucket_name().map_or("", BucketName::as_str);
    ApiError::not_found(format!("channel `{name}` does not exist in bucket `{bucket}`"))
}

fn assignable(tx: &mut Tx<'_>, scope: &Scope, fingerprint: &Fingerprint) -> Result<Version, ApiError> {
    let version = tx.version(scope.bucket()?, fingerprint)?;
    Ok(version.ok_or_else(|| AssignError::UnknownVersion(fingerprint.clone()))?)
}

/// Points a channel. Pointing it where it points already is no change and leaves no trace.
fn point(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    actor: &Actor,
    channel: &Channel,
    version: Option<&Version>,
) -> Result<(), ApiError> {
    match version {
        Some(version) => channel::assign(channel, version, moment.now)?,
        None => channel.check_movable()?,
    }
    let target = version.map(|version| version.id);
    if target == channel.version_id {
        return Ok(());
    }
    tx.assign_channel(channel.id, target, &actor.author, moment.now)?;
    let (action, detail) = assignment(version);
    actor.record(tx, moment, action, &resource(scope, &channel.name)?, detail)
}

/// How it is recorded that a channel points at a version now, or at none.
pub(super) fn assignment(version: Option<&Version>) -> (&'static str, serde_json::Value) {
    match version {
        Some(version) => (
            "channel.assign",
            json!({ "version": version.name(), "fingerprint": version.fingerprint.as_str() }),
        ),
        None => ("channel.unassign", serde_json::Value::Null),
    }
}

fn resource(scope: &Scope, name: &ChannelName) -> Result<String, ApiError> {
    Ok(format!("bucket/{}/channel/{name}", scope.bucket_name()?))
}
