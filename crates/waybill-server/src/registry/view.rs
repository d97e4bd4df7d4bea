//! What answers are made of: a resource with everything that belongs to it, loaded in as few statements for a page of
//! them as for one.

use std::{collections::HashMap, hash::Hash};

use waybill_model::{
    ancestry::{AncestryStatus, combine, relation},
    build::Build,
    channel::Channel,
    ids::{BucketId, VersionId},
    names::{BucketName, Fingerprint},
    version::{RevocationKind, Version},
};
use waybill_store::{Bucket, Link, ParentRow, Tx};

use crate::api::error::ApiError;

/// A version with its builds.
#[derive(Clone, Debug)]
pub struct VersionView {
    pub bucket: BucketName,
    pub version: Version,
    /// The last changed first, as Terraform's data sources promise.
    pub builds: Vec<Build>,
    /// Whether what it was made from is still current; `None` when no build names a parent.
    pub parents: Option<AncestryStatus>,
    pub inherited_from: Option<Ancestor>,
}

/// The version that a revocation was inherited from.
#[derive(Clone, Debug)]
pub struct Ancestor {
    pub bucket: BucketName,
    pub uid: String,
    pub name: String,
    pub fingerprint: Fingerprint,
}

/// A channel with what it points at.
#[derive(Clone, Debug)]
pub struct ChannelView {
    pub bucket: BucketName,
    pub channel: Channel,
    pub version: Option<VersionView>,
}

/// A bucket with its newest valid version.
#[derive(Clone, Debug)]
pub struct BucketView {
    pub bucket: Bucket,
    pub latest: Option<VersionView>,
    pub parents: Option<AncestryStatus>,
    pub children: Option<AncestryStatus>,
}

/// Loads what belongs to a version, its builds' metadata included.
pub fn version(tx: &mut Tx<'_>, bucket: &BucketName, version: Version) -> Result<VersionView, ApiError> {
    let builds = tx.builds(version.id)?;
    Ok(with_builds(tx, vec![(bucket.clone(), version)], builds)?.remove(0))
}

/// Loads what belongs to versions of one bucket, in their order.
pub fn versions(
    tx: &mut Tx<'_>,
    bucket: &BucketName,
    versions: Vec<Version>,
) -> Result<Vec<VersionView>, ApiError> {
    of_buckets(tx, versions.into_iter().map(|version| (bucket.clone(), version)).collect())
}

/// Loads what the channels of one bucket point at.
pub fn channels(
    tx: &mut Tx<'_>,
    bucket: &BucketName,
    channels: Vec<Channel>,
) -> Result<Vec<ChannelView>, ApiError> {
    let by_id = version_views(tx, channels.iter().filter_map(|channel| channel.version_id))?;
    let view = |channel: Channel| {
        let version = channel.version_id.and_then(|id| by_id.get(&id).cloned());
        ChannelView { bucket: bucket.clone(), channel, version }
    };
    Ok(channels.into_iter().map(view).collect())
}

/// Loads versions by their rows; those that are gone are left out.
pub fn version_views(
    tx: &mut Tx<'_>,
    ids: impl Iterator<Item = VersionId>,
) -> Result<HashMap<VersionId, VersionView>, ApiError> {
    let found = tx.versions_by_row(&set(ids))?;
    let views = of_buckets(tx, found)?;
    Ok(views.into_iter().map(|view| (view.version.id, view)).collect())
}

/// Loads what belongs to a bucket.
pub fn bucket(tx: &mut Tx<'_>, bucket: Bucket) -> Result<BucketView, ApiError> {
    Ok(buckets(tx, vec![bucket])?.remove(0))
}

/// Loads what belongs to buckets, in their order.
pub fn buckets(tx: &mut Tx<'_>, buckets: Vec<Bucket>) -> Result<Vec<BucketView>, ApiError> {
    let ids: Vec<BucketId> = buckets.iter().map(|bucket| bucket.id).collect();
    let names: HashMap<BucketId, &BucketName> =
        buckets.iter().map(|bucket| (bucket.id, &bucket.name)).collect();
    let latest = tx.latest_versions(&ids)?.into_iter();
    let latest =
        latest.filter_map(|version| Some(((*names.get(&version.bucket_id)?).clone(), version))).collect();
    let mut latest: HashMap<BucketId, VersionView> =
        of_buckets(tx, latest)?.into_iter().map(|view| (view.version.bucket_id, view)).collect();
    let children = statuses(tx.child_links(&ids)?);
    let view = |bucket: Bucket| {
        let latest = latest.remove(&bucket.id);
        let parents = latest.as_ref().and_then(|latest| latest.parents);
        BucketView { children: children.get(&bucket.id).copied(), bucket, latest, parents }
    };
    Ok(buckets.into_iter().map(view).collect())
}

/// Loads what belongs to versions, in their order.
fn of_buckets(tx: &mut Tx<'_>, versions: Vec<(BucketName, Version)>) -> Result<Vec<VersionView>, ApiError> {
    let ids = set(versions.iter().map(|(_, version)| version.id));
    let builds = tx.builds_of(&ids)?;
    with_builds(tx, versions, builds)
}

/// Adds to versions their builds and what these were made from. Two statements at most, however many there are.
fn with_builds(
    tx: &mut Tx<'_>,
    versions: Vec<(BucketName, Version)>,
    all_builds: Vec<Build>,
) -> Result<Vec<VersionView>, ApiError> {
    let mut builds: HashMap<VersionId, Vec<Build>> = HashMap::with_capacity(versions.len());
    for build in all_builds {
        builds.entry(build.version_id).or_default().push(build);
    }
    let made_from_others = versions.iter().filter(|(_, version)| version.has_parents);
    let made_from_others = set(made_from_others.map(|(_, version)| version.id));
    let parents = statuses(tx.parent_links(&made_from_others)?);
    let origins = set(versions.iter().filter_map(|(_, version)| inherited_from(version)));
    let origins: HashMap<VersionId, Ancestor> =
        tx.versions_by_row(&origins)?.into_iter().map(|origin| (origin.1.id, origin.into())).collect();
    let view = |(bucket, version): (BucketName, Version)| {
        let mut builds = builds.remove(&version.id).unwrap_or_default();
        builds.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then_with(|| a.uid.cmp(&b.uid)));
        VersionView {
            bucket,
            builds,
            parents: parents.get(&version.id).copied(),
            inherited_from: inherited_from(&version).and_then(|from| origins.get(&from).cloned()),
            version,
        }
    };
    Ok(versions.into_iter().map(view).collect())
}

/// The version that a version's revocation comes from, if that is another one.
fn inherited_from(version: &Version) -> Option<VersionId> {
    match version.revocation.as_ref()?.kind {
        RevocationKind::Inherited { from } => Some(from),
        RevocationKind::Manual => None,
    }
}

/// Sums relations up for each thing that has some.
fn statuses<T: Copy + Eq + Hash>(links: Vec<Link<T>>) -> HashMap<T, AncestryStatus> {
    let mut all: HashMap<T, AncestryStatus> = HashMap::new();
    for Link { of, used, current } in links {
        let status = relation(used, current);
        all.entry(of)
            .and_modify(|worst| *worst = combine([*worst, status]).unwrap_or(status))
            .or_insert(status);
    }
    all
}

/// Whether a parent is still what its channel (or the bucket's `latest`) points at.
pub fn status_of(parent: &ParentRow) -> AncestryStatus {
    relation(Some(parent.version), parent.current.as_ref().map(|current| current.id))
}

/// Each of them once.
fn set(ids: impl Iterator<Item = VersionId>) -> Vec<VersionId> {
    let mut ids: Vec<VersionId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

impl From<(BucketName, Version)> for Ancestor {
    fn from((bucket, version): (BucketName, Version)) -> Self {
        Self {
            bucket,
            uid: version.uid.as_str().to_owned(),
            name: version.name(),
            fingerprint: version.fingerprint,
        }
    }
}
