//! What was made from what: parents, children, descendants.
//!
//! A build names its parent; `builds.parent_version_id` is that version where the registry knows it.

use std::collections::HashSet;

use waybill_model::{
    ids::{BucketId, ChannelId, ProjectId, VersionId},
    names::{BucketName, ChannelName, Fingerprint},
    version::Version,
};

use crate::{
    error::Result,
    row::Row,
    tx::{Both, Tx, of_rows},
    value::id_list,
    versions::{version, version_columns},
};

/// One build's parent, with what the relation is judged by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParentRow {
    pub bucket: BucketName,
    pub version: VersionId,
    pub version_uid: String,
    pub fingerprint: Fingerprint,
    pub version_number: u32,
    /// The channel that the parent was found through, if one was named and is still there.
    pub channel: Option<(ChannelId, ChannelName)>,
    /// What that channel points at now or, without a channel, the bucket's `latest`.
    pub current: Option<CurrentVersion>,
    /// Whether that channel, or `latest`, is for contributors only.
    pub restricted: bool,
}

/// Where a parent's channel points now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CurrentVersion {
    pub id: VersionId,
    pub uid: String,
    pub fingerprint: Fingerprint,
    pub number: u32,
}

/// A relation as far as its status needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link<T> {
    /// Whose relation it is.
    pub of: T,
    /// The version that was used; `None` where a build names one that the registry does not know.
    pub used: Option<VersionId>,
    /// What its channel or, without a channel, the bucket's `latest` points at now.
    pub current: Option<VersionId>,
}

/// A bucket whose latest complete version was made from a version of another bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildRow {
    pub bucket: BucketName,
    pub version_uid: String,
    pub fingerprint: Fingerprint,
    pub version_number: u32,
    /// The parent's version that it was made from.
    pub parent: ParentRow,
}

// What a parent is, given a build `b`: its version `p`, the channel `c` it was found through, and where that
// channel (or `latest`) points now, `n`.
macro_rules! parent_columns {
    () => {
        "k.name, p.id, p.uid, p.fingerprint, COALESCE(p.number, 0), c.id, c.name, n.id, n.uid, n.fingerprint,
         COALESCE(n.number, 0), COALESCE(c.restricted, l.restricted, FALSE)"
    };
}
macro_rules! current_joins {
    () => {
        " LEFT JOIN channels c ON c.uid = b.parent_channel_uid AND c.bucket_id = p.bucket_id
          LEFT JOIN channels l ON l.bucket_id = p.bucket_id AND l.name = 'latest'
          LEFT JOIN versions n ON n.id = CASE WHEN c.id IS NULL THEN l.version_id ELSE c.version_id END "
    };
}
macro_rules! parent_joins {
    () => {
        concat!(
            " JOIN versions p ON p.id = b.parent_version_id JOIN buckets k ON k.id = p.bucket_id ",
            current_joins!()
        )
    };
}

const PARENTS: &str = concat!(
    "SELECT ",
    parent_columns!(),
    " FROM builds b ",
    parent_joins!(),
    " WHERE b.version_id = $1 ORDER BY k.name, p.id, b.id"
);
/// What a build was made from counts once it is done.
const PARENT_LINKS: Both = of_rows!(
    ["DISTINCT b.version_id, p.id, n.id"]
    [
        "JOIN builds b ON b.version_id = j.id LEFT JOIN versions p ON p.id = b.parent_version_id ",
        current_joins!(),
        "WHERE p.id IS NOT NULL
            OR (b.status = 'done' AND b.parent_version_id IS NULL AND b.parent_version_uid <> '')"
    ]
);
/// Where children of buckets are looked for. What these have of the buckets is asked for apart: told of both at once,
/// PostgreSQL thinks that it is so much that it reads all builds there are.
const LATEST_OF_CHILDREN: Both = of_rows!(
    ["DISTINCT m.version_id"]["JOIN bucket_children h ON h.parent_id = j.id
      JOIN channels m ON m.bucket_id = h.child_id AND m.name = 'latest' AND m.version_id IS NOT NULL"]
);
const CHILD_LINKS: Both = of_rows!(
    ["DISTINCT p.bucket_id, p.id, n.id"]
    [
        "JOIN builds b ON b.version_id = j.id JOIN versions p ON p.id = b.parent_version_id ",
        current_joins!()
    ]
);
const CHILDREN: &str = concat!(
    "SELECT ",
    parent_columns!(),
    ", q.name, v.uid, v.fingerprint, COALESCE(v.number, 0)
       FROM bucket_children h
       JOIN buckets q ON q.id = h.child_id
       JOIN channels m ON m.bucket_id = q.id AND m.name = 'latest'
       JOIN versions v ON v.id = m.version_id
       JOIN builds b ON b.version_id = v.id ",
    parent_joins!(),
    " WHERE h.parent_id = $1 AND p.bucket_id = $1 ORDER BY q.name, p.id, b.id"
);
const SET_DESCENDANTS: &str = "
    UPDATE versions SET has_descendants = TRUE
     WHERE NOT has_descendants AND id IN (SELECT b.parent_version_id FROM builds b WHERE b.version_id = $1)";
/// The same of the buckets: a bucket's children are looked for among these.
const ADD_CHILD: &str = "
    INSERT INTO bucket_children (parent_id, child_id)
    SELECT DISTINCT p.bucket_id, v.bucket_id
      FROM builds b JOIN versions v ON v.id = b.version_id JOIN versions p ON p.id = b.parent_version_id
     WHERE b.version_id = $1
        ON CONFLICT (parent_id, child_id) DO NOTHING";
const UNSET_DESCENDANTS: &str = "
    UPDATE versions SET has_descendants = FALSE
     WHERE has_descendants
       AND id IN (SELECT b.parent_version_id FROM builds b WHERE b.version_id = $1)
       AND NOT EXISTS (
           SELECT 1 FROM builds c JOIN versions v ON v.id = c.version_id
            WHERE c.parent_version_id = versions.id AND c.version_id <> $1 AND v.number IS NOT NULL)";
/// The same before a whole bucket goes: what remains may still descend from its versions' parents.
const UNSET_DESCENDANTS_OF_BUCKET: &str = "
    UPDATE versions SET has_descendants = FALSE
     WHERE has_descendants
       AND id IN (SELECT b.parent_version_id
                    FROM versions w JOIN builds b ON b.version_id = w.id
                   WHERE w.bucket_id = $1)
       AND NOT EXISTS (
           SELECT 1 FROM builds c JOIN versions v ON v.id = c.version_id
            WHERE c.parent_version_id = versions.id AND v.bucket_id <> $1 AND v.number IS NOT NULL)";
/// Everything complete that was made from a version, directly or through others.
const DESCENDANTS: &str = concat!(
    "WITH RECURSIVE descendants (id) AS (
         SELECT b.version_id FROM builds b WHERE b.parent_version_id IS NOT NULL AND b.parent_version_id = $1
          UNION
         SELECT b.version_id FROM descendants d
           JOIN builds b ON b.parent_version_id IS NOT NULL AND b.parent_version_id = d.id)
     SELECT ",
    version_columns!(),
    " FROM versions v
      WHERE v.id IN (SELECT d.id FROM descendants d) AND v.number IS NOT NULL AND v.id <> $1 ORDER BY v.id"
);
/// Everything that a version was made from, directly or through others.
const ANCESTORS: &str = concat!(
    "WITH RECURSIVE ancestors (id) AS (
         SELECT b.parent_version_id FROM builds b
          WHERE b.version_id = $1 AND b.parent_version_id IS NOT NULL
          UNION
         SELECT b.parent_version_id FROM ancestors a JOIN builds b ON b.version_id = a.id
          WHERE b.parent_version_id IS NOT NULL)
     SELECT ",
    version_columns!(),
    " FROM versions v WHERE v.id IN (SELECT a.id FROM ancestors a) AND v.id <> $1 ORDER BY v.id"
);
const CHILD_BUCKETS: &str = "
    SELECT DISTINCT q.name FROM builds b
      JOIN versions v ON v.id = b.version_id
      JOIN buckets q ON q.id = v.bucket_id
     WHERE b.parent_version_id IS NOT NULL AND b.parent_version_id = $1 AND v.id <> $1
       AND v.number IS NOT NULL
     ORDER BY q.name";
const FORGET: &str = "
    UPDATE builds SET parent_version_id = NULL WHERE parent_version_id IS NOT NULL AND parent_version_id = $1";
const FORGET_BUCKET: &str = "
    UPDATE builds SET parent_version_id = NULL
     WHERE parent_version_id IS NOT NULL
       AND parent_version_id IN (SELECT v.id FROM versions v WHERE v.bucket_id = $1)";
/// Who inherited a revocation from what goes keeps it as its own: somebody must be able to lift it.
const DISINHERIT: &str = "
    UPDATE versions SET revocation_from = NULL WHERE revocation_from IS NOT NULL AND revocation_from = $1";
const DISINHERIT_BUCKET: &str = "
    UPDATE versions SET revocation_from = NULL
     WHERE revocation_from IS NOT NULL
       AND revocation_from IN (SELECT v.id FROM versions v WHERE v.bucket_id = $1)";
/// The newest tracked artifact with an identifier, on the same platform, in another version.
const VERSION_OF_ARTIFACT: &str = "
    SELECT b.version_id FROM artifacts a
      JOIN builds b ON b.id = a.build_id
      JOIN versions v ON v.id = b.version_id
      JOIN buckets k ON k.id = v.bucket_id
     WHERE a.external_identifier = $2 AND k.project_id = $1 AND b.platform = $3
       AND b.version_id <> $4 AND b.status = 'done' AND v.number IS NOT NULL
     ORDER BY a.id DESC LIMIT 1";

impl Tx<'_> {
    /// The parents of a version, one row for each build that names one.
    pub fn parents(&mut self, version: VersionId) -> Result<Vec<ParentRow>> {
        self.many(PARENTS, &[version.into()], ParentRow::from_row)
    }

    /// What versions were made from, each relation once, in no order.
    pub fn parent_links(&mut self, versions: &[VersionId]) -> Result<Vec<Link<VersionId>>> {
        if versions.is_empty() {
            return Ok(Vec::new());
        }
        let list = id_list(versions.iter().map(|version| version.0));
        self.many(PARENT_LINKS, &[list], |row| Link::from_row(row, VersionId))
    }

    /// What the latest versions of all buckets have of these buckets, each relation once, in no order.
    pub fn child_links(&mut self, buckets: &[BucketId]) -> Result<Vec<Link<BucketId>>> {
        if buckets.is_empty() {
            return Ok(Vec::new());
        }
        let list = id_list(buckets.iter().map(|bucket| bucket.0));
        let children = self.many(LATEST_OF_CHILDREN, &[list], |row| row.int(0))?;
        if children.is_empty() {
            return Ok(Vec::new());
        }
        let list = id_list(children);
        let mut links = self.many(CHILD_LINKS, &[list], |row| Link::from_row(row, BucketId))?;
        let wanted: HashSet<BucketId> = buckets.iter().copied().collect();
        links.retain(|link| wanted.contains(&link.of));
        Ok(links)
    }

    /// The buckets whose latest version was made from some version of this bucket.
    pub fn children(&mut self, bucket: BucketId) -> Result<Vec<ChildRow>> {
        self.many(CHILDREN, &[bucket.into()], |row| {
            Ok(ChildRow {
                bucket: row.parse(12, "a bucket name")?,
                version_uid: row.text(13)?,
                fingerprint: row.parse(14, "a fingerprint")?,
                version_number: row.count(15)?,
                parent: ParentRow::from_row(row)?,
            })
        })
    }

    pub fn descendants(&mut self, of: VersionId) -> Result<Vec<Version>> {
        self.many(DESCENDANTS, &[of.into()], version)
    }

    pub fn ancestors(&mut self, of: VersionId) -> Result<Vec<Version>> {
        self.many(ANCESTORS, &[of.into()], version)
    }

    /// The buckets that hold complete versions made from this one.
    pub fn child_buckets(&mut self, of: VersionId) -> Result<Vec<BucketName>> {
        self.many(CHILD_BUCKETS, &[of.into()], |row| row.parse(0, "a bucket name"))
    }

    /// Remembers on its parents, and on their buckets, that a version was made from them: it is complete now.
    pub fn mark_parents_of(&mut self, version: VersionId) -> Result<()> {
        self.send(SET_DESCENDANTS, vec![version.into()])?;
        self.send(ADD_CHILD, vec![version.into()])
    }

    /// Before a version goes: its parents may lose their last descendant.
    pub fn unmark_parents_of(&mut self, version: VersionId) -> Result<()> {
        self.send(UNSET_DESCENDANTS, vec![version.into()])
    }

    /// The complete version that a source artifact belongs to.
    pub fn version_of_artifact(
        &mut self,
        project: ProjectId,
        external_identifier: &str,
        platform: &str,
        not: VersionId,
    ) -> Result<Option<VersionId>> {
        let params = [project.into(), external_identifier.into(), platform.into(), not.into()];
        self.one(VERSION_OF_ARTIFACT, &params, |row| row.int(0).map(VersionId))
    }

    pub(crate) fn forget_parent(&mut self, version: VersionId) -> Result<()> {
        self.unmark_parents_of(version)?;
        self.send(FORGET, vec![version.into()])?;
        self.send(DISINHERIT, vec![version.into()])
    }

    pub(crate) fn forget_parents_in_bucket(&mut self, bucket: BucketId) -> Result<()> {
        self.send(UNSET_DESCENDANTS_OF_BUCKET, vec![bucket.into()])?;
        self.send(FORGET_BUCKET, vec![bucket.into()])?;
        self.send(DISINHERIT_BUCKET, vec![bucket.into()])
    }
}

impl<T> Link<T> {
    fn from_row(row: &Row<'_>, of: fn(i64) -> T) -> Result<Self> {
        Ok(Self {
            of: of(row.int(0)?),
            used: row.opt_int(1)?.map(VersionId),
            current: row.opt_int(2)?.map(VersionId),
        })
    }
}

impl ParentRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let channel = match row.opt_int(5)? {
            Some(id) => Some((ChannelId(id), row.parse(6, "a channel name")?)),
            None => None,
        };
        let current = match row.opt_int(7)? {
            Some(id) => Some(CurrentVersion {
                id: VersionId(id),
                uid: row.text(8)?,
                fingerprint: row.parse(9, "a fingerprint")?,
                number: row.count(10)?,
            }),
            None => None,
        };
        Ok(Self {
            bucket: row.parse(0, "a bucket name")?,
            version: VersionId(row.int(1)?),
            version_uid: row.text(2)?,
            fingerprint: row.parse(3, "a fingerprint")?,
            version_number: row.count(4)?,
            channel,
            current,
            restricted: row.bool(11)?,
        })
    }
}
