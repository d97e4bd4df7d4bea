//! Finding what the registry knows of an artifact by its identifier outside.

use std::collections::HashMap;

use waybill_model::{
    build::Build,
    ids::{BucketId, BuildId, ProjectId},
    names::BucketName,
    version::Version,
};

use crate::{
    buckets::labels,
    error::Result,
    page::{Key, Page, Slice},
    tx::Tx,
    versions::{VERSION_COLUMNS, version, version_columns},
};

/// A build that has an artifact of the wanted identifier, with where it belongs.
#[derive(Clone, Debug)]
pub struct ArtifactHit {
    pub bucket: BucketId,
    pub bucket_uid: String,
    pub bucket_name: BucketName,
    pub bucket_labels: waybill_model::labels::Labels,
    pub version: Version,
    pub build: Build,
}

// Only finished builds show artifacts. An empty platform or region means any.
macro_rules! search {
    ($key:literal, $order:literal) => {
        concat!(
            "SELECT ",
            version_columns!(),
            ", k.id, k.uid, k.name, k.labels, b.id
               FROM builds b
               JOIN versions v ON v.id = b.version_id
               JOIN buckets k ON k.id = v.bucket_id
              WHERE k.project_id = $1 AND b.status = 'done'
                AND b.id IN (SELECT a.build_id FROM artifacts a
                              WHERE a.external_identifier = $2 AND ($4 = '' OR a.region = $4))
                AND ($3 = '' OR b.platform = $3)
                AND b.id ",
            $key,
            " $5 ORDER BY b.id ",
            $order,
            " LIMIT $6"
        )
    };
}

/// Newest first.
const OLDER: &str = search!("<", "DESC");
const NEWER: &str = search!(">", "ASC");

impl Tx<'_> {
    /// Builds with an artifact of exactly this identifier, newest first; revoked ones included.
    pub fn search_artifacts(
        &mut self,
        project: ProjectId,
        external_identifier: &str,
        platform: &str,
        region: &str,
        slice: &Slice,
    ) -> Result<Page<ArtifactHit>> {
        let sql = if slice.backwards { NEWER } else { OLDER };
        let params = [
            project.into(),
            external_identifier.into(),
            platform.into(),
            region.into(),
            slice.start_row().into(),
            slice.rows().into(),
        ];
        let rows = self.many(sql, &params, |row| {
            let found = Found {
                version: version(row)?,
                bucket: BucketId(row.int(VERSION_COLUMNS)?),
                bucket_uid: row.text(VERSION_COLUMNS + 1)?,
                bucket_name: row.parse(VERSION_COLUMNS + 2, "a bucket name")?,
                bucket_labels: labels(row, VERSION_COLUMNS + 3)?,
            };
            Ok((BuildId(row.int(VERSION_COLUMNS + 4)?), found))
        })?;
        let page = slice.cut(rows, |(build, _)| Key::Int(0, build.0));
        let ids: Vec<BuildId> = page.items.iter().map(|(build, _)| *build).collect();
        let mut builds: HashMap<BuildId, Build> =
            self.builds_by_row(&ids)?.into_iter().map(|build| (build.id, build)).collect();
        let hit = |(id, found): (BuildId, Found)| {
            let build = builds.remove(&id)?;
            let Found { version, bucket, bucket_uid, bucket_name, bucket_labels } = found;
            Some(ArtifactHit { bucket, bucket_uid, bucket_name, bucket_labels, version, build })
        };
        // Every build is there: it was just found in the same state of the data.
        let items = page.items.into_iter().filter_map(hit).collect();
        Ok(Page { items, next: page.next, previous: page.previous })
    }
}

/// A hit before its build is read.
struct Found {
    version: Version,
    bucket: BucketId,
    bucket_uid: String,
    bucket_name: BucketName,
    bucket_labels: waybill_model::labels::Labels,
}
