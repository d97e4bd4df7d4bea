//! What answers are made of: a resource with everything that belongs to it, loaded in few statements.

use std::collections::HashMap;

use waybill_model::{
    ancestry::{AncestryStatus, combine, relation},
    build::Build,
    channel::Channel,
    ids::{BucketId, VersionId},
    names::{BucketName, Fingerprint},
    version::{RevocationKind, Version},
};
use waybill_store::{Bucket, ParentRow, Tx};

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

/// Loads what belongs to a version.
pub fn version(tx: &mut Tx<'_>, bucket: &BucketName, version: Version) -> Result<VersionView, ApiError> {
    let builds = tx.builds(version.id)?;
    with_builds(tx, bucket, version, builds)
}

/// Loads what belongs to versions of one bucket, in their order.
pub fn versions(
    tx: &mut Tx<'_>,
    bucket: &BucketName,
    versions: Vec<Version>,
) -> Result<Vec<VersionView>, ApiError> {
    let ids: Vec<VersionId> = versions.iter().map(|version| version.id).collect();
    let mut builds = grouped(tx, &ids)?;
    versions
        .into_iter()
        .map(|version| {
            let builds = builds.remove(&version.id).unwrap_or_default();
            with_builds(tx, bucket, version, builds)
        })
        .collect()
}

/// Loads what the channels of one bucket point at.
pub fn channels(
    tx: &mut Tx<'_>,
    bucket: &BucketName,
    channels: Vec<Channel>,
) -> Result<Vec<ChannelView>, ApiError> {
    let by_id = version_views(tx, bucket, channels.iter().filter_map(|channel| channel.version_id))?;
    let view = |channel: Channel| {
        let version = channel.version_id.and_then(|id| by_id.get(&id).cloned());
        ChannelView { bucket: bucket.clone(), channel, version }
    };
    Ok(channels.into_iter().map(view).collect())
}

/// Loads versions of one bucket by their rows; those that are gone are left out.
pub fn version_views(
    tx: &mut Tx<'_>,
    bucket: &BucketName,
    ids: impl Iterator<Item = VersionId>,
) -> Result<HashMap<VersionId, VersionView>, ApiError> {
    let mut ids: Vec<VersionId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(tx.version_by_id(id)?);
    }
    let views = versions(tx, bucket, found)?;
    Ok(views.into_iter().map(|view| (view.version.id, view)).collect())
}

/// Loads what belongs to a bucket.
pub fn bucket(tx: &mut Tx<'_>, bucket: Bucket) -> Result<BucketView, ApiError> {
    Ok(buckets(tx, vec![bucket])?.remove(0))
}

/// Loads what belongs to buckets, in their order.
pub fn buckets(tx: &mut Tx<'_>, buckets: Vec<Bucket>) -> Result<Vec<BucketView>, ApiError> {
    let ids: Vec<BucketId> = buckets.iter().map(|bucket| bucket.id).collect();
    let with_descendants = tx.buckets_with_descendants(&ids)?;
    let mut views = Vec::with_capacity(buckets.len());
    for bucket in buckets {
        let pointed_at = match tx.managed_channel(bucket.id)?.and_then(|channel| channel.version_id) {
            Some(id) => tx.version_by_id(id)?,
            None => None,
        };
        let latest = match pointed_at {
            Some(latest) => Some(version(tx, &bucket.name, latest)?),
            None => None,
        };
        let children = if with_descendants.contains(&bucket.id) {
            combine(tx.children(bucket.id)?.iter().map(|child| status_of(&child.parent)))
        } else {
            None
        };
        let parents = latest.as_ref().and_then(|latest| latest.parents);
        views.push(BucketView { bucket, latest, parents, children });
    }
    Ok(views)
}

fn with_builds(
    tx: &mut Tx<'_>,
    bucket: &BucketName,
    version: Version,
    mut builds: Vec<Build>,
) -> Result<VersionView, ApiError> {
    builds.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then_with(|| a.uid.cmp(&b.uid)));
    let parents = if version.has_parents { parents_of(tx, version.id)? } else { None };
    let inherited_from = match version.revocation.as_ref().map(|revocation| revocation.kind) {
        Some(RevocationKind::Inherited { from }) => ancestor(tx, from)?,
        _ => None,
    };
    Ok(VersionView { bucket: bucket.clone(), version, builds, parents, inherited_from })
}

fn parents_of(tx: &mut Tx<'_>, version: VersionId) -> Result<Option<AncestryStatus>, ApiError> {
    let rows = tx.parents(version)?;
    let unknown = tx.has_unknown_parent(version)?.then_some(AncestryStatus::Undetermined);
    Ok(combine(rows.iter().map(status_of).chain(unknown)))
}

/// Whether a parent is still what its channel (or the bucket's `latest`) points at.
pub fn status_of(parent: &ParentRow) -> AncestryStatus {
    relation(Some(parent.version), parent.current.as_ref().map(|current| current.id))
}

fn ancestor(tx: &mut Tx<'_>, id: VersionId) -> Result<Option<Ancestor>, ApiError> {
    let (Some(version), Some(bucket)) = (tx.version_by_id(id)?, tx.bucket_name_of(id)?) else {
        return Ok(None);
    };
    Ok(Some(Ancestor {
        bucket,
        uid: version.uid.as_str().to_owned(),
        name: version.name(),
        fingerprint: version.fingerprint,
    }))
}

fn grouped(tx: &mut Tx<'_>, versions: &[VersionId]) -> Result<HashMap<VersionId, Vec<Build>>, ApiError> {
    let mut builds: HashMap<VersionId, Vec<Build>> = HashMap::with_capacity(versions.len());
    for build in tx.builds_of(versions)? {
        builds.entry(build.version_id).or_default().push(build);
    }
    Ok(builds)
}
