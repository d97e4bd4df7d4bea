//! Buckets: named lines of versions.

use jiff::Timestamp;
use waybill_model::{
    ids::{BucketId, ProjectId, Uid},
    labels::Labels,
    names::BucketName,
};

use crate::{
    blobs::Owner,
    error::{Error, Result},
    page::{Column, Key, ListSql, Page, Slice, list_sql},
    row::Row,
    tx::Tx,
};

/// A stored bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub id: BucketId,
    pub uid: String,
    pub project: ProjectId,
    pub name: BucketName,
    pub description: String,
    pub labels: Labels,
    /// The highest number given to a version so far.
    pub last_number: u32,
    /// Every version, incomplete ones included.
    pub version_count: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A bucket to be made.
#[derive(Clone, Debug)]
pub struct NewBucket {
    pub uid: Uid,
    pub name: BucketName,
    pub description: String,
    pub labels: Labels,
}

/// The new values of a bucket's free members.
#[derive(Clone, Debug)]
pub struct BucketChanges {
    pub description: String,
    pub labels: Labels,
}

macro_rules! bucket {
    ($rest:literal) => {
        concat!(
            "SELECT b.id, b.uid, b.project_id, b.name, b.description, b.labels, b.last_number, b.version_count,
                    b.created_at, b.updated_at
               FROM buckets b ",
            $rest
        )
    };
}

const BUCKET: &str = bucket!("WHERE b.project_id = $1 AND b.name = $2");
const BUCKET_BY_ID: &str = bucket!("WHERE b.id = $1");
const IDENTIFIED: &str = "
    SELECT j.uid, b.name FROM buckets b JOIN projects j ON j.id = b.project_id WHERE b.uid = $1";
const LIST: ListSql = list_sql!(
    "SELECT b.id, b.uid, b.project_id, b.name, b.description, b.labels, b.last_number, b.version_count,
            b.created_at, b.updated_at
       FROM buckets b WHERE b.project_id = $1",
    name: "b.name", created_at: "b.created_at", updated_at: "b.updated_at", id: "b.id"
);
/// Only the buckets that a principal has a role on, of its own or by a group.
const LIST_OF_PRINCIPAL: &str = bucket!(
    "WHERE b.project_id = $1
       AND b.id IN (SELECT r.bucket_id
                      FROM (SELECT p.id FROM principals p WHERE p.id = $2
                             UNION ALL
                            SELECT m.group_id FROM group_members m WHERE m.member_id = $2) s
                      JOIN role_bindings r ON r.principal_id = s.id
                     WHERE r.bucket_id IS NOT NULL)
     ORDER BY b.name"
);
const INSERT: &str = "
    INSERT INTO buckets
        (uid, project_id, name, description, labels, last_number, version_count, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $6) RETURNING id";
const UPDATE: &str = "UPDATE buckets SET description = $2, labels = $3, updated_at = $4 WHERE id = $1";
const COUNT_VERSION: &str = "
    UPDATE buckets SET version_count = version_count + $2, updated_at = $3 WHERE id = $1";
const NUMBER: &str = "UPDATE buckets SET last_number = $2, updated_at = $3 WHERE id = $1";
const DELETE: &str = "DELETE FROM buckets WHERE id = $1";
const COUNT: &str = "SELECT COUNT(*) FROM buckets WHERE project_id = $1";

impl Tx<'_> {
    pub fn bucket(&mut self, project: ProjectId, name: &BucketName) -> Result<Option<Bucket>> {
        self.one(BUCKET, &[project.into(), name.as_str().into()], Bucket::from_row)
    }

    /// The project and the name of a bucket by its identifier.
    pub fn bucket_identified(&mut self, uid: &Uid) -> Result<Option<(String, BucketName)>> {
        self.one(IDENTIFIED, &[uid.as_str().into()], |row| Ok((row.text(0)?, row.parse(1, "a bucket name")?)))
    }

    pub fn bucket_by_id(&mut self, id: BucketId) -> Result<Option<Bucket>> {
        self.one(BUCKET_BY_ID, &[id.into()], Bucket::from_row)
    }

    pub fn buckets(&mut self, project: ProjectId, slice: &Slice) -> Result<Page<Bucket>> {
        let column = slice.order.column;
        self.page(&LIST, project.into(), slice, Bucket::from_row, |bucket| match column {
            Column::Name => Key::Text(bucket.name.as_str().to_owned(), bucket.id.0),
            Column::CreatedAt => Key::Int(bucket.created_at.as_microsecond(), bucket.id.0),
            Column::UpdatedAt => Key::Int(bucket.updated_at.as_microsecond(), bucket.id.0),
        })
    }

    /// The buckets on which a principal has a role of its own, by name.
    pub fn buckets_of_principal(
        &mut self,
        project: ProjectId,
        principal: waybill_model::ids::PrincipalId,
    ) -> Result<Vec<Bucket>> {
        self.many(LIST_OF_PRINCIPAL, &[project.into(), principal.into()], Bucket::from_row)
    }

    pub fn count_buckets(&mut self, project: ProjectId) -> Result<i64> {
        Ok(self.one(COUNT, &[project.into()], |row| row.int(0))?.unwrap_or(0))
    }

    pub fn insert_bucket(&mut self, project: ProjectId, new: &NewBucket, now: Timestamp) -> Result<BucketId> {
        let params = [
            new.uid.as_str().into(),
            project.into(),
            new.name.as_str().into(),
            (&new.description).into(),
            labels_text(&new.labels).into(),
            now.into(),
        ];
        self.insert(INSERT, &params).map(BucketId)
    }

    pub fn update_bucket(&mut self, id: BucketId, changes: &BucketChanges, now: Timestamp) -> Result<()> {
        let params =
            vec![id.into(), (&changes.description).into(), labels_text(&changes.labels).into(), now.into()];
        self.send(UPDATE, params)
    }

    /// Counts a version that was made (1) or deleted (-1).
    pub(crate) fn count_version(&mut self, id: BucketId, change: i64, now: Timestamp) -> Result<()> {
        self.send(COUNT_VERSION, vec![id.into(), change.into(), now.into()])
    }

    /// Remembers the number just given to a version.
    pub(crate) fn set_last_number(&mut self, id: BucketId, number: u32, now: Timestamp) -> Result<()> {
        self.send(NUMBER, vec![id.into(), number.into(), now.into()])
    }

    /// Deletes a bucket with everything in it.
    pub fn delete_bucket(&mut self, id: BucketId) -> Result<()> {
        let digests = self.digests_of(Owner::Bucket(id))?;
        self.forget_parents_in_bucket(id)?;
        self.send(DELETE, vec![id.into()])?;
        self.delete_unused_blobs(&digests)
    }
}

impl Bucket {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: BucketId(row.int(0)?),
            uid: row.text(1)?,
            project: ProjectId(row.int(2)?),
            name: row.parse(3, "a bucket name")?,
            description: row.text(4)?,
            labels: labels(row, 5)?,
            last_number: row.count(6)?,
            version_count: row.int(7)?,
            created_at: row.time(8)?,
            updated_at: row.time(9)?,
        })
    }
}

/// Labels are JSON text that SQL does not look into.
pub(crate) fn labels_text(labels: &Labels) -> String {
    let map: std::collections::BTreeMap<_, _> = labels.iter().collect();
    serde_json::to_string(&map).expect("a map of strings is JSON")
}

pub(crate) fn labels(row: &Row<'_>, column: usize) -> Result<Labels> {
    let text = row.text(column)?;
    if text == "{}" {
        return Ok(Labels::default());
    }
    serde_json::from_str::<std::collections::BTreeMap<String, String>>(&text)
        .ok()
        .and_then(|map| Labels::try_from(map).ok())
        .ok_or(Error::Corrupt { column, expected: "labels", found: text })
}
