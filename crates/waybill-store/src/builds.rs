//! Builds and their artifacts.

use std::collections::HashMap;

use jiff::Timestamp;
use waybill_model::{
    build::{Artifact, Build, BuildStatus, NewArtifact},
    ids::{BucketId, BuildId, Uid, VersionId},
    labels::Labels,
    names::ComponentType,
};

use crate::{
    blobs::Owner,
    buckets::{labels, labels_text},
    error::Result,
    row::Row,
    tx::{Both, Tx, of_rows},
    value::{Value, id_list},
};

/// A build to be made.
#[derive(Clone, Debug)]
pub struct NewBuild {
    pub uid: Uid,
    pub component_type: ComponentType,
    pub status: BuildStatus,
    pub packer_run_uuid: String,
    pub platform: String,
    pub source_external_identifier: String,
    pub parent_version_uid: String,
    pub parent_channel_uid: String,
    pub labels: Labels,
}

// What may be large comes with the first artifact only: the join repeats a build for each of them.
macro_rules! build_columns {
    () => {
        build_columns!("CASE WHEN a.position IS NULL OR a.position = 0 THEN b.metadata END")
    };
    ($metadata:literal) => {
        concat!(
            "b.id, b.uid, b.version_id, b.component_type, b.status, b.packer_run_uuid, b.platform,
             b.source_external_identifier, b.parent_version_uid, b.parent_channel_uid,
             CASE WHEN a.position IS NULL OR a.position = 0 THEN b.labels END, ",
            $metadata,
            ", b.created_at, b.updated_at, a.id, a.uid, a.external_identifier, a.region, a.created_at"
        )
    };
}
macro_rules! build_columns_of_lists {
    () => {
        build_columns!("CAST(NULL AS TEXT)")
    };
}

/// In order of creation, artifacts as they were stored.
const BUILDS: &str = concat!(
    "SELECT ",
    build_columns!(),
    " FROM builds b LEFT JOIN artifacts a ON a.build_id = b.id
     WHERE b.version_id = $1
     ORDER BY b.id, a.position"
);
const BUILDS_OF_VERSIONS: Both = of_rows!(
    [build_columns_of_lists!()]
        ["JOIN builds b ON b.version_id = j.id LEFT JOIN artifacts a ON a.build_id = b.id
      ORDER BY b.version_id, b.id, a.position"]
);
const BUILDS_BY_ROW: Both = of_rows!(
    [build_columns_of_lists!()]["JOIN builds b ON b.id = j.id LEFT JOIN artifacts a ON a.build_id = b.id ORDER BY b.id, a.position"]
);
const COUNTS: Both =
    of_rows!(["b.version_id, COUNT(*)"]["JOIN builds b ON b.version_id = j.id GROUP BY b.version_id"]);
const COUNTS_OF_LATEST: Both = of_rows!(
    ["l.bucket_id, COUNT(*)"]["JOIN channels l ON l.bucket_id = j.id AND l.name = 'latest' AND l.managed
      JOIN builds b ON b.version_id = l.version_id GROUP BY l.bucket_id"]
);
const BUILD: &str = concat!(
    "SELECT ",
    build_columns!(),
    " FROM builds b LEFT JOIN artifacts a ON a.build_id = b.id
     WHERE b.version_id = $1 AND b.uid = $2
     ORDER BY a.position"
);
const COMPONENT: &str = "SELECT uid FROM builds WHERE version_id = $1 AND component_type = $2";
const INSERT: &str = "
    INSERT INTO builds
        (uid, version_id, component_type, status, packer_run_uuid, platform, source_external_identifier,
         parent_version_uid, parent_channel_uid, labels, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) RETURNING id";
const UPDATE: &str = "
    UPDATE builds
       SET status = $2, packer_run_uuid = $3, platform = $4, source_external_identifier = $5,
           parent_version_uid = $6, parent_channel_uid = $7, labels = $8, metadata = $9, updated_at = $10
     WHERE id = $1";
const SET_PARENT: &str = "UPDATE builds SET parent_version_id = $2 WHERE id = $1";
const DELETE: &str = "DELETE FROM builds WHERE id = $1";
const DELETE_ARTIFACTS: &str = "DELETE FROM artifacts WHERE build_id = $1";
const INSERT_ARTIFACT: &str = "
    INSERT INTO artifacts (uid, build_id, position, external_identifier, region, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
/// Running builds that have been silent since a time, with what names them.
const SILENT: &str = "
    SELECT b.id, b.uid, b.version_id, b.component_type FROM builds b
     WHERE b.status = 'running' AND b.updated_at < $1
     ORDER BY b.updated_at LIMIT $2";
const CANCEL: &str = "
    UPDATE builds SET status = 'cancelled', updated_at = $2 WHERE id = $1 AND status = 'running'";

impl Tx<'_> {
    /// All builds of a version with their artifacts, in order of creation.
    pub fn builds(&mut self, version: VersionId) -> Result<Vec<Build>> {
        let mut builds = Vec::new();
        self.many(BUILDS, &[version.into()], |row| gather(&mut builds, row))?;
        Ok(builds)
    }

    /// The builds of several versions, grouped by version, without their metadata: that may be large, and no list
    /// shows it.
    pub fn builds_of(&mut self, versions: &[VersionId]) -> Result<Vec<Build>> {
        let mut builds = Vec::new();
        if versions.is_empty() {
            return Ok(builds);
        }
        self.many(BUILDS_OF_VERSIONS, &[id_list(versions.iter().map(|version| version.0))], |row| {
            gather(&mut builds, row)
        })?;
        Ok(builds)
    }

    /// How many builds these versions have; those that have none are left out. No version is named twice.
    pub fn build_counts(&mut self, versions: &[VersionId]) -> Result<HashMap<VersionId, u32>> {
        if versions.is_empty() {
            return Ok(HashMap::new());
        }
        let list = id_list(versions.iter().map(|version| version.0));
        let counts = self.many(COUNTS, &[list], |row| Ok((VersionId(row.int(0)?), row.count(1)?)))?;
        Ok(counts.into_iter().collect())
    }

    /// How many builds the version has that `latest` of these buckets points at, where there is one with builds.
    pub fn latest_build_counts(&mut self, buckets: &[BucketId]) -> Result<HashMap<BucketId, u32>> {
        if buckets.is_empty() {
            return Ok(HashMap::new());
        }
        let list = id_list(buckets.iter().map(|bucket| bucket.0));
        let counts =
            self.many(COUNTS_OF_LATEST, &[list], |row| Ok((BucketId(row.int(0)?), row.count(1)?)))?;
        Ok(counts.into_iter().collect())
    }

    /// Builds by their rows, without their metadata as well.
    pub(crate) fn builds_by_row(&mut self, rows: &[BuildId]) -> Result<Vec<Build>> {
        let mut builds = Vec::new();
        if rows.is_empty() {
            return Ok(builds);
        }
        self.many(BUILDS_BY_ROW, &[id_list(rows.iter().map(|row| row.0))], |row| gather(&mut builds, row))?;
        Ok(builds)
    }

    pub fn build(&mut self, version: VersionId, uid: &str) -> Result<Option<Build>> {
        let mut builds = Vec::new();
        self.many(BUILD, &[version.into(), uid.into()], |row| gather(&mut builds, row))?;
        Ok(builds.pop())
    }

    /// The build of a component, if the version has one.
    pub fn build_of_component(
        &mut self,
        version: VersionId,
        component: &ComponentType,
    ) -> Result<Option<String>> {
        self.one(COMPONENT, &[version.into(), component.as_str().into()], |row| row.text(0))
    }

    pub fn insert_build(&mut self, version: VersionId, new: &NewBuild, now: Timestamp) -> Result<BuildId> {
        let params = [
            new.uid.as_str().into(),
            version.into(),
            new.component_type.as_str().into(),
            new.status.as_str().into(),
            (&new.packer_run_uuid).into(),
            (&new.platform).into(),
            (&new.source_external_identifier).into(),
            (&new.parent_version_uid).into(),
            (&new.parent_channel_uid).into(),
            labels_text(&new.labels).into(),
            now.into(),
        ];
        self.insert(INSERT, &params).map(BuildId)
    }

    /// Writes a build's members, its artifacts excluded.
    pub fn update_build(&mut self, build: &Build, now: Timestamp) -> Result<()> {
        let params = vec![
            build.id.into(),
            build.status.as_str().into(),
            (&build.packer_run_uuid).into(),
            (&build.platform).into(),
            (&build.source_external_identifier).into(),
            (&build.parent_version_uid).into(),
            (&build.parent_channel_uid).into(),
            labels_text(&build.labels).into(),
            build.metadata.as_ref().map_or(Value::Null, Into::into),
            now.into(),
        ];
        self.send(UPDATE, params)
    }

    /// Says which version a build was made from, as far as the registry knows.
    pub fn set_parent(&mut self, build: BuildId, parent: Option<VersionId>) -> Result<()> {
        self.send(SET_PARENT, vec![build.into(), parent.into()])
    }

    /// Replaces a build's artifacts; `replace` is false when it has none yet.
    pub fn put_artifacts(
        &mut self,
        build: BuildId,
        artifacts: &[(Uid, NewArtifact)],
        replace: bool,
        now: Timestamp,
    ) -> Result<()> {
        if replace {
            self.send(DELETE_ARTIFACTS, vec![build.into()])?;
        }
        for (position, (uid, artifact)) in (0_i64..).zip(artifacts) {
            let params = vec![
                uid.as_str().into(),
                build.into(),
                position.into(),
                (&artifact.external_identifier).into(),
                (&artifact.region).into(),
                now.into(),
            ];
            self.send(INSERT_ARTIFACT, params)?;
        }
        Ok(())
    }

    /// Deletes a build with its artifacts and SBOMs.
    pub fn delete_build(&mut self, build: BuildId) -> Result<()> {
        let digests = self.digests_of(Owner::Build(build))?;
        self.send(DELETE, vec![build.into()])?;
        self.delete_unused_blobs(&digests)
    }

    /// Running builds without a sign of life since a time: row, id, version, component.
    pub fn silent_builds(
        &mut self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(BuildId, String, VersionId, ComponentType)>> {
        self.many(SILENT, &[since.into(), limit.into()], |row| {
            Ok((
                BuildId(row.int(0)?),
                row.text(1)?,
                VersionId(row.int(2)?),
                row.parse(3, "a component type")?,
            ))
        })
    }

    pub fn cancel_build(&mut self, build: BuildId, now: Timestamp) -> Result<()> {
        self.send(CANCEL, vec![build.into(), now.into()])
    }
}

/// A build comes as one row for each of its artifacts, or one without any.
pub(crate) fn gather(builds: &mut Vec<Build>, row: &Row<'_>) -> Result<()> {
    let id = BuildId(row.int(0)?);
    if builds.last().is_none_or(|last| last.id != id) {
        builds.push(Build {
            id,
            uid: row.parse(1, "a ULID")?,
            version_id: VersionId(row.int(2)?),
            component_type: row.parse(3, "a component type")?,
            status: row.parse(4, "a build status")?,
            packer_run_uuid: row.text(5)?,
            platform: row.text(6)?,
            source_external_identifier: row.text(7)?,
            parent_version_uid: row.text(8)?,
            parent_channel_uid: row.text(9)?,
            labels: labels(row, 10)?,
            metadata: row.opt_text(11)?,
            artifacts: Vec::new(),
            created_at: row.time(12)?,
            updated_at: row.time(13)?,
        });
    }
    if let (Some(_), Some(build)) = (row.opt_int(14)?, builds.last_mut()) {
        build.artifacts.push(Artifact {
            uid: row.parse(15, "a ULID")?,
            external_identifier: row.text(16)?,
            region: row.text(17)?,
            created_at: row.time(18)?,
        });
    }
    Ok(())
}
