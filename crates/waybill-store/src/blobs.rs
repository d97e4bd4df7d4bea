//! Documents by the digest of their stored bytes: the same SBOM uploaded twice is kept once, until the last SBOM
//! that names it is gone.
//!
//! Whoever deletes SBOMs, directly or with what they belong to, asks first which digests they name and says
//! afterwards that these may be unused now. So a deletion looks at its own documents only, however many there are.

use waybill_model::ids::{BucketId, BuildId, ProjectId, SbomId, VersionId};

use crate::{
    error::Result,
    tx::{Both, Tx},
    value::Value,
};

/// What is about to lose its SBOMs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner {
    Sbom(SbomId),
    Build(BuildId),
    Version(VersionId),
    Bucket(BucketId),
    Project(ProjectId),
}

const INSERT: &str = "INSERT INTO blobs (digest, content) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
const CONTENT: &str = "SELECT content FROM blobs WHERE digest = $1";
const OF_SBOM: &str = "SELECT s.digest FROM sboms s WHERE s.id = $1";
const OF_BUILD: &str = "SELECT DISTINCT s.digest FROM sboms s WHERE s.build_id = $1";
const OF_VERSION: &str = "
    SELECT DISTINCT s.digest FROM builds b JOIN sboms s ON s.build_id = b.id WHERE b.version_id = $1";
const OF_BUCKET: &str = "
    SELECT DISTINCT s.digest
      FROM versions v
      JOIN builds b ON b.version_id = v.id
      JOIN sboms s ON s.build_id = b.id
     WHERE v.bucket_id = $1";
const OF_PROJECT: &str = "
    SELECT DISTINCT s.digest
      FROM buckets k
      JOIN versions v ON v.bucket_id = k.id
      JOIN builds b ON b.version_id = v.id
      JOIN sboms s ON s.build_id = b.id
     WHERE k.project_id = $1";
/// A set of digests is one JSON array: SQLite has no arrays, PostgreSQL no `json_each`.
const DELETE_UNUSED: Both = Both {
    sqlite: "
        DELETE FROM blobs
         WHERE digest IN (SELECT j.value FROM json_each($1) j)
           AND NOT EXISTS (SELECT 1 FROM sboms s WHERE s.digest = blobs.digest)",
    postgres: "
        DELETE FROM blobs
         WHERE digest IN (SELECT j.value FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON)) j (value))
           AND NOT EXISTS (SELECT 1 FROM sboms s WHERE s.digest = blobs.digest)",
};

impl Tx<'_> {
    pub fn insert_blob(&mut self, digest: &str, content: &[u8]) -> Result<()> {
        self.send(INSERT, vec![digest.into(), content.into()])
    }

    pub fn blob(&mut self, digest: &str) -> Result<Option<Vec<u8>>> {
        self.one(CONTENT, &[digest.into()], |row| row.bytes(0))
    }

    /// The digests that an owner's SBOMs name, each once.
    pub(crate) fn digests_of(&mut self, owner: Owner) -> Result<Vec<String>> {
        let (sql, id): (_, Value) = match owner {
            Owner::Sbom(id) => (OF_SBOM, id.into()),
            Owner::Build(id) => (OF_BUILD, id.into()),
            Owner::Version(id) => (OF_VERSION, id.into()),
            Owner::Bucket(id) => (OF_BUCKET, id.into()),
            Owner::Project(id) => (OF_PROJECT, id.into()),
        };
        self.many(sql, &[id], |row| row.text(0))
    }

    /// Deletes those of the documents that no SBOM names any more.
    pub(crate) fn delete_unused_blobs(&mut self, digests: &[String]) -> Result<()> {
        if digests.is_empty() {
            return Ok(());
        }
        let list = serde_json::to_string(digests).expect("texts are JSON");
        self.send(DELETE_UNUSED, vec![list.into()])
    }
}
