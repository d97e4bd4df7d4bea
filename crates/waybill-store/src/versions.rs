//! Versions: one attempt to build a whole template, known by its fingerprint.

use jiff::Timestamp;
use waybill_model::{
    ids::{BucketId, ProjectId, Uid, VersionId},
    names::{BucketName, Fingerprint},
    version::{Revocation, RevocationKind, Tally, TemplateType, Version},
};

use crate::{
    blobs::Owner,
    error::Result,
    page::{Column, Key, ListSql, Page, Slice},
    row::Row,
    tx::{Both, Tx, of_rows},
    value::id_list,
};

/// A version to be made.
#[derive(Clone, Debug)]
pub struct NewVersion {
    pub uid: Uid,
    pub fingerprint: Fingerprint,
    pub template_type: TemplateType,
    pub author: String,
}

// Only an incomplete version's builds need counting: those of a complete one are all done. One number holds the five
// counts, twelve bits each (a version has at most a thousand builds), because one pass is a fifth of the work of five.
macro_rules! version_columns {
    () => {
        "v.id, v.uid, v.bucket_id, v.fingerprint, v.number, v.template_type, v.author, v.created_at, v.updated_at,
         v.completed_at, v.revoke_at, v.revocation_message, v.revocation_author, v.revocation_from,
         v.revocation_inheritable, v.has_parents, v.has_descendants,
         CASE WHEN v.number IS NULL
              THEN (SELECT CAST(COALESCE(SUM(CASE b.status
                           WHEN 'unset' THEN 1 WHEN 'running' THEN 4096 WHEN 'done' THEN 16777216
                           WHEN 'failed' THEN 68719476736 ELSE 281474976710656 END), 0) AS BIGINT)
                      FROM builds b WHERE b.version_id = v.id)
              ELSE 0 END"
    };
}
pub(crate) use version_columns;

/// How many columns [`version_columns`] has: what follows them in a statement starts here.
pub(crate) const VERSION_COLUMNS: usize = 18;

macro_rules! version {
    ($rest:literal) => {
        concat!("SELECT ", version_columns!(), " FROM versions v ", $rest)
    };
}

const VERSION: &str = version!("WHERE v.bucket_id = $1 AND v.fingerprint = $2");
const VERSION_BY_ID: &str = version!("WHERE v.id = $1");
const VERSIONS_BY_ROW: Both = of_rows!(
    [version_columns!(), ", k.name"]["JOIN versions v ON v.id = j.id JOIN buckets k ON k.id = v.bucket_id"]
);
const LATEST_OF_BUCKETS: Both = of_rows!(
    [version_columns!()]["JOIN channels l ON l.bucket_id = j.id AND l.name = 'latest' AND l.managed
      JOIN versions v ON v.id = l.version_id"]
);
const VERSION_BY_UID: &str =
    version!("JOIN buckets k ON k.id = v.bucket_id WHERE k.project_id = $1 AND v.uid = $2");
const VERSION_BY_NUMBER: &str = version!("WHERE v.bucket_id = $1 AND v.number = $2");
const BY_NUMBER_DOWN: &str =
    version!("WHERE v.bucket_id = $1 AND v.number IS NOT NULL ORDER BY v.number DESC LIMIT $2");
const DUE: &str = version!(
    "WHERE v.revoke_at IS NOT NULL AND NOT v.revocation_done AND v.revoke_at <= $1 ORDER BY v.revoke_at LIMIT $2"
);
const INHERITED_FROM: &str = version!("WHERE v.revocation_from IS NOT NULL AND v.revocation_from = $1");
const LIST_BY_CREATION: [&str; 2] = [
    version!(
        "WHERE v.bucket_id = $1 AND (v.created_at, v.id) > ($2, $3) ORDER BY v.created_at, v.id LIMIT $4"
    ),
    version!(
        "WHERE v.bucket_id = $1 AND (v.created_at, v.id) < ($2, $3) ORDER BY v.created_at DESC, v.id DESC LIMIT $4"
    ),
];
const LIST_BY_UPDATE: [&str; 2] = [
    version!(
        "WHERE v.bucket_id = $1 AND (v.updated_at, v.id) > ($2, $3) ORDER BY v.updated_at, v.id LIMIT $4"
    ),
    version!(
        "WHERE v.bucket_id = $1 AND (v.updated_at, v.id) < ($2, $3) ORDER BY v.updated_at DESC, v.id DESC LIMIT $4"
    ),
];
/// A version's name is its number: `v0` while incomplete.
/// The first of the two comparisons says nothing new, but SQLite begins at the right place of the index by it alone.
const LIST_BY_NAME: [&str; 2] = [
    version!(
        "WHERE v.bucket_id = $1 AND COALESCE(v.number, 0) >= $2 AND (COALESCE(v.number, 0), v.id) > ($2, $3)
         ORDER BY COALESCE(v.number, 0), v.id LIMIT $4"
    ),
    version!(
        "WHERE v.bucket_id = $1 AND COALESCE(v.number, 0) <= $2 AND (COALESCE(v.number, 0), v.id) < ($2, $3)
         ORDER BY COALESCE(v.number, 0) DESC, v.id DESC LIMIT $4"
    ),
];
const LIST: ListSql = ListSql {
    name: LIST_BY_NAME,
    name_is_number: true,
    created_at: LIST_BY_CREATION,
    updated_at: LIST_BY_UPDATE,
};

const INSERT: &str = "
    INSERT INTO versions
        (uid, bucket_id, fingerprint, template_type, author, created_at, updated_at, revocation_message,
         revocation_author, revocation_inheritable, revocation_done, has_parents, has_descendants)
    VALUES ($1, $2, $3, $4, $5, $6, $6, '', '', FALSE, FALSE, FALSE, FALSE) RETURNING id";
const COMPLETE: &str =
    "UPDATE versions SET number = $2, completed_at = $3, updated_at = $3 WHERE id = $1 AND number IS NULL";
const REVOKE: &str = "
    UPDATE versions
       SET revoke_at = $2, revocation_message = $3, revocation_author = $4, revocation_from = $5,
           revocation_inheritable = $6, revocation_done = $7, updated_at = $8
     WHERE id = $1";
const RESTORE: &str = "
    UPDATE versions
       SET revoke_at = NULL, revocation_message = '', revocation_author = '', revocation_from = NULL,
           revocation_inheritable = FALSE, revocation_done = FALSE, updated_at = $2
     WHERE id = $1";
const REVOCATION_DONE: &str = "UPDATE versions SET revocation_done = TRUE WHERE id = $1";
const HAS_PARENTS: &str = "UPDATE versions SET has_parents = TRUE WHERE id = $1 AND NOT has_parents";
const DELETE: &str = "DELETE FROM versions WHERE id = $1";
const BUCKET_NAME: &str =
    "SELECT b.name FROM buckets b JOIN versions v ON v.bucket_id = b.id WHERE v.id = $1";

impl Tx<'_> {
    pub fn version(&mut self, bucket: BucketId, fingerprint: &Fingerprint) -> Result<Option<Version>> {
        self.one(VERSION, &[bucket.into(), fingerprint.as_str().into()], version)
    }

    pub fn version_by_id(&mut self, id: VersionId) -> Result<Option<Version>> {
        self.one(VERSION_BY_ID, &[id.into()], version)
    }

    /// Versions by their rows, with the names of their buckets, in no order; those that are gone are left out.
    pub fn versions_by_row(&mut self, ids: &[VersionId]) -> Result<Vec<(BucketName, Version)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.many(VERSIONS_BY_ROW, &[id_list(ids.iter().map(|id| id.0))], |row| {
            Ok((row.parse(VERSION_COLUMNS, "a bucket name")?, version(row)?))
        })
    }

    /// What `latest` of several buckets points at, in no order.
    pub fn latest_versions(&mut self, buckets: &[BucketId]) -> Result<Vec<Version>> {
        if buckets.is_empty() {
            return Ok(Vec::new());
        }
        self.many(LATEST_OF_BUCKETS, &[id_list(buckets.iter().map(|bucket| bucket.0))], version)
    }

    /// A version of any bucket in the project, by what clients call its id.
    pub fn version_by_uid(&mut self, project: ProjectId, uid: &str) -> Result<Option<Version>> {
        self.one(VERSION_BY_UID, &[project.into(), uid.into()], version)
    }

    pub fn version_by_number(&mut self, bucket: BucketId, number: u32) -> Result<Option<Version>> {
        self.one(VERSION_BY_NUMBER, &[bucket.into(), number.into()], version)
    }

    pub fn bucket_name_of(&mut self, version: VersionId) -> Result<Option<BucketName>> {
        self.one(BUCKET_NAME, &[version.into()], |row| row.parse(0, "a bucket name"))
    }

    pub fn versions(&mut self, bucket: BucketId, slice: &Slice) -> Result<Page<Version>> {
        let column = slice.order.column;
        self.page(&LIST, bucket.into(), slice, version, |version| match column {
            Column::Name => Key::Int(version.number.unwrap_or(0).into(), version.id.0),
            Column::CreatedAt => Key::Int(version.created_at.as_microsecond(), version.id.0),
            Column::UpdatedAt => Key::Int(version.updated_at.as_microsecond(), version.id.0),
        })
    }

    /// Complete versions, the highest number first.
    pub fn complete_versions(&mut self, bucket: BucketId, limit: u32) -> Result<Vec<Version>> {
        self.many(BY_NUMBER_DOWN, &[bucket.into(), limit.into()], version)
    }

    /// Versions whose moment of revocation has come and was not acted upon.
    pub fn due_revocations(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Version>> {
        self.many(DUE, &[now.into(), limit.into()], version)
    }

    /// Versions that inherited their revocation from this one.
    pub fn inheritors(&mut self, version_id: VersionId) -> Result<Vec<Version>> {
        self.many(INHERITED_FROM, &[version_id.into()], version)
    }

    pub fn insert_version(
        &mut self,
        bucket: BucketId,
        new: &NewVersion,
        now: Timestamp,
    ) -> Result<VersionId> {
        let params = [
            new.uid.as_str().into(),
            bucket.into(),
            new.fingerprint.as_str().into(),
            new.template_type.as_str().into(),
            (&new.author).into(),
            now.into(),
        ];
        let id = self.insert(INSERT, &params).map(VersionId)?;
        self.count_version(bucket, 1, now)?;
        Ok(id)
    }

    /// Gives a version its number. True the first time only.
    pub fn complete_version(
        &mut self,
        bucket: BucketId,
        id: VersionId,
        number: u32,
        now: Timestamp,
    ) -> Result<bool> {
        let completed = self.execute(COMPLETE, &[id.into(), number.into(), now.into()])? == 1;
        if completed {
            self.set_last_number(bucket, number, now)?;
        }
        Ok(completed)
    }

    /// Stores a revocation. `done`: its moment has come and the caller acts upon it.
    pub fn revoke_version(
        &mut self,
        id: VersionId,
        revocation: &Revocation,
        done: bool,
        now: Timestamp,
    ) -> Result<()> {
        let from = match revocation.kind {
            RevocationKind::Manual => None,
            RevocationKind::Inherited { from } => Some(from),
        };
        let params = vec![
            id.into(),
            revocation.at.into(),
            (&revocation.message).into(),
            (&revocation.author).into(),
            from.into(),
            revocation.inheritable.into(),
            done.into(),
            now.into(),
        ];
        self.send(REVOKE, params)
    }

    pub fn restore_version(&mut self, id: VersionId, now: Timestamp) -> Result<()> {
        self.send(RESTORE, vec![id.into(), now.into()])
    }

    /// Remembers that the moment of a scheduled revocation was acted upon.
    pub fn set_revocation_done(&mut self, id: VersionId) -> Result<()> {
        self.send(REVOCATION_DONE, vec![id.into()])
    }

    /// Remembers that some build of the version names a parent.
    pub fn set_has_parents(&mut self, id: VersionId) -> Result<()> {
        self.send(HAS_PARENTS, vec![id.into()])
    }

    /// Deletes a version with its builds, artifacts and SBOMs.
    pub fn delete_version(&mut self, bucket: BucketId, id: VersionId, now: Timestamp) -> Result<()> {
        let digests = self.digests_of(Owner::Version(id))?;
        self.forget_parent(id)?;
        self.send(DELETE, vec![id.into()])?;
        self.count_version(bucket, -1, now)?;
        self.delete_unused_blobs(&digests)
    }
}

/// Reads the columns of [`version_columns`].
pub(crate) fn version(row: &Row<'_>) -> Result<Version> {
    let revocation = match row.opt_time(10)? {
        None => None,
        Some(at) => Some(Revocation {
            at,
            message: row.text(11)?,
            author: row.text(12)?,
            kind: match row.opt_int(13)? {
                None => RevocationKind::Manual,
                Some(from) => RevocationKind::Inherited { from: VersionId(from) },
            },
            inheritable: row.bool(14)?,
        }),
    };
    let number = match row.opt_int(4)? {
        None => None,
        Some(_) => Some(row.count(4)?),
    };
    Ok(Version {
        id: VersionId(row.int(0)?),
        uid: row.parse(1, "a ULID")?,
        bucket_id: BucketId(row.int(2)?),
        fingerprint: row.parse(3, "a fingerprint")?,
        number,
        template_type: row.parse(5, "a template type")?,
        author: row.text(6)?,
        created_at: row.time(7)?,
        updated_at: row.time(8)?,
        completed_at: row.opt_time(9)?,
        revocation,
        has_parents: row.bool(15)?,
        has_descendants: row.bool(16)?,
        tally: tally(row.int(17)?),
    })
}

/// Takes the five counts out of the number that holds them.
fn tally(packed: i64) -> Tally {
    // Masked to twelve bits, so every count fits.
    let count = |place: u32| u32::try_from(packed >> (12 * place) & 0xfff).unwrap_or(u32::MAX);
    Tally { unset: count(0), running: count(1), done: count(2), failed: count(3), cancelled: count(4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_holds_five_counts() {
        let packed = 1 + 1000 * 4096 + 3 * 16_777_216 + 4 * 68_719_476_736 + 999 * 281_474_976_710_656;
        assert_eq!(tally(packed), Tally { unset: 1, running: 1000, done: 3, failed: 4, cancelled: 999 });
    }
}
