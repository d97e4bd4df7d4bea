//! SBOMs of builds. The document itself is a blob.

use jiff::Timestamp;
use waybill_model::{
    ids::{BuildId, SbomId, Uid},
    names::SbomName,
};

use crate::{
    blobs::Owner,
    error::{Error, Result},
    row::Row,
    tx::Tx,
};

/// A stored SBOM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sbom {
    pub id: SbomId,
    pub uid: String,
    pub name: SbomName,
    /// `cyclonedx` or `spdx`.
    pub format: String,
    /// Names the blob: the document, compressed with zstd.
    pub digest: String,
    /// Of the document before compression.
    pub size_bytes: i64,
    pub created_at: Timestamp,
}

/// An SBOM to be stored.
#[derive(Clone, Debug)]
pub struct NewSbom {
    pub uid: Uid,
    pub name: SbomName,
    pub format: &'static str,
    pub digest: String,
    pub size_bytes: i64,
}

const SBOMS: &str = "
    SELECT s.id, s.uid, s.name, s.format, s.digest, s.size_bytes, s.created_at
      FROM sboms s WHERE s.build_id = $1 ORDER BY s.name";
const SBOM: &str = "
    SELECT s.id, s.uid, s.name, s.format, s.digest, s.size_bytes, s.created_at
      FROM sboms s WHERE s.build_id = $1 AND s.name = $2";
const DIGEST: &str = "SELECT s.digest FROM sboms s WHERE s.build_id = $1 AND s.name = $2";
const PUT: &str = "
    INSERT INTO sboms (uid, build_id, name, format, digest, size_bytes, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (build_id, name) DO UPDATE
       SET uid = excluded.uid, format = excluded.format, digest = excluded.digest,
           size_bytes = excluded.size_bytes, created_at = excluded.created_at";
const DELETE: &str = "DELETE FROM sboms WHERE id = $1";

impl Tx<'_> {
    /// The SBOMs of a build, by name.
    pub fn sboms(&mut self, build: BuildId) -> Result<Vec<Sbom>> {
        self.many(SBOMS, &[build.into()], Sbom::from_row)
    }

    pub fn sbom(&mut self, build: BuildId, name: &SbomName) -> Result<Option<Sbom>> {
        self.one(SBOM, &[build.into(), name.as_str().into()], Sbom::from_row)
    }

    /// Stores an SBOM, in place of one of the same name, whose document goes if no other SBOM names it.
    pub fn put_sbom(&mut self, build: BuildId, new: &NewSbom, now: Timestamp) -> Result<()> {
        let replaced = self.many(DIGEST, &[build.into(), new.name.as_str().into()], |row| row.text(0))?;
        let params = vec![
            new.uid.as_str().into(),
            build.into(),
            new.name.as_str().into(),
            new.format.into(),
            (&new.digest).into(),
            new.size_bytes.into(),
            now.into(),
        ];
        self.send(PUT, params)?;
        self.delete_unused_blobs(&replaced)
    }

    /// Deletes an SBOM, and its document if no other one names it.
    pub fn delete_sbom(&mut self, sbom: SbomId) -> Result<()> {
        let digests = self.digests_of(Owner::Sbom(sbom))?;
        self.send(DELETE, vec![sbom.into()])?;
        self.delete_unused_blobs(&digests)
    }
}

impl Sbom {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: SbomId(row.int(0)?),
            uid: row.text(1)?,
            name: name(row, 2)?,
            format: row.text(3)?,
            digest: row.text(4)?,
            size_bytes: row.int(5)?,
            created_at: row.time(6)?,
        })
    }
}

/// An SBOM without a name of its own is called by its version's fingerprint, which may look otherwise.
fn name(row: &Row<'_>, column: usize) -> Result<SbomName> {
    let found = row.text(column)?;
    SbomName::known(&found).map_err(|_| Error::Corrupt { column, expected: "an SBOM name", found })
}
