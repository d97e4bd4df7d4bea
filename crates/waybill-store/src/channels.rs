//! Channels and the history of their assignments.

use jiff::Timestamp;
use waybill_model::{
    channel::{Assignment, Channel},
    ids::{BucketId, ChannelId, Uid, VersionId},
    names::ChannelName,
    version::Version,
};

use crate::{
    error::Result,
    page::{Key, Page, Slice},
    row::Row,
    tx::Tx,
    versions::{VERSION_COLUMNS, version, version_columns},
};

/// A channel to be made, unassigned.
#[derive(Clone, Debug)]
pub struct NewChannel {
    pub uid: Uid,
    pub name: ChannelName,
    pub managed: bool,
    pub restricted: bool,
    pub author: String,
}

macro_rules! channel_columns {
    () => {
        "c.id, c.uid, c.bucket_id, c.name, c.managed, c.restricted, c.version_id, c.author, c.created_at,
         c.updated_at"
    };
}

macro_rules! channel {
    ($rest:literal) => {
        concat!("SELECT ", channel_columns!(), " FROM channels c ", $rest)
    };
}

const CHANNEL: &str = channel!("WHERE c.bucket_id = $1 AND c.name = $2");
const CHANNEL_BY_UID: &str =
    channel!("JOIN buckets b ON b.id = c.bucket_id WHERE b.project_id = $1 AND c.uid = $2");
const MANAGED: &str = channel!("WHERE c.bucket_id = $1 AND c.name = 'latest' AND c.managed");
const CHANNELS: &str = channel!("WHERE c.bucket_id = $1 ORDER BY c.name");
const CHANNELS_ON: &str = channel!("WHERE c.version_id IS NOT NULL AND c.version_id = $1 ORDER BY c.name");
/// The hot read: a channel and what it points at in one statement.
const RESOLVE: &str = concat!(
    "SELECT ",
    version_columns!(),
    ", ",
    channel_columns!(),
    " FROM channels c LEFT JOIN versions v ON v.id = c.version_id WHERE c.bucket_id = $1 AND c.name = $2"
);
const INSERT: &str = "
    INSERT INTO channels (uid, bucket_id, name, managed, restricted, author, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id";
const RESTRICT: &str = "UPDATE channels SET restricted = $2, author = $3, updated_at = $4 WHERE id = $1";
const ASSIGN: &str = "UPDATE channels SET version_id = $2, author = $3, updated_at = $4 WHERE id = $1";
const REMEMBER: &str = "
    INSERT INTO channel_assignments (channel_id, version_id, author, assigned_at) VALUES ($1, $2, $3, $4)";
const DELETE: &str = "DELETE FROM channels WHERE id = $1";
const HISTORY: &str = "
    SELECT h.version_id FROM channel_assignments h WHERE h.channel_id = $1 ORDER BY h.id DESC LIMIT $2";
const HISTORY_COUNT: &str = "SELECT COUNT(*) FROM channel_assignments h WHERE h.channel_id = $1";
const HISTORY_OLDER: &str = "
    SELECT h.id, h.version_id, h.author, h.assigned_at FROM channel_assignments h
     WHERE h.channel_id = $1 AND h.id < $2 ORDER BY h.id DESC LIMIT $3";
const HISTORY_NEWER: &str = "
    SELECT h.id, h.version_id, h.author, h.assigned_at FROM channel_assignments h
     WHERE h.channel_id = $1 AND h.id > $2 ORDER BY h.id LIMIT $3";

impl Tx<'_> {
    pub fn channel(&mut self, bucket: BucketId, name: &ChannelName) -> Result<Option<Channel>> {
        self.one(CHANNEL, &[bucket.into(), name.as_str().into()], |row| channel(row, 0))
    }

    /// A channel of any bucket in the project, by what clients call its id.
    pub fn channel_by_uid(
        &mut self,
        project: waybill_model::ids::ProjectId,
        uid: &str,
    ) -> Result<Option<Channel>> {
        self.one(CHANNEL_BY_UID, &[project.into(), uid.into()], |row| channel(row, 0))
    }

    /// The channel `latest`, which the registry moves.
    pub fn managed_channel(&mut self, bucket: BucketId) -> Result<Option<Channel>> {
        self.one(MANAGED, &[bucket.into()], |row| channel(row, 0))
    }

    /// All channels of a bucket, by name.
    pub fn channels(&mut self, bucket: BucketId) -> Result<Vec<Channel>> {
        self.many(CHANNELS, &[bucket.into()], |row| channel(row, 0))
    }

    /// The channels that point at a version, by name.
    pub fn channels_on(&mut self, version: VersionId) -> Result<Vec<Channel>> {
        self.many(CHANNELS_ON, &[version.into()], |row| channel(row, 0))
    }

    /// A channel with the version that it points at.
    pub fn resolve_channel(
        &mut self,
        bucket: BucketId,
        name: &ChannelName,
    ) -> Result<Option<(Channel, Option<Version>)>> {
        self.one(RESOLVE, &[bucket.into(), name.as_str().into()], |row| {
            let pointed_at = match row.opt_int(0)? {
                Some(_) => Some(version(row)?),
                None => None,
            };
            Ok((channel(row, VERSION_COLUMNS)?, pointed_at))
        })
    }

    pub fn insert_channel(
        &mut self,
        bucket: BucketId,
        new: &NewChannel,
        now: Timestamp,
    ) -> Result<ChannelId> {
        let params = [
            new.uid.as_str().into(),
            bucket.into(),
            new.name.as_str().into(),
            new.managed.into(),
            new.restricted.into(),
            (&new.author).into(),
            now.into(),
        ];
        self.insert(INSERT, &params).map(ChannelId)
    }

    pub fn restrict_channel(
        &mut self,
        channel: ChannelId,
        restricted: bool,
        author: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.send(RESTRICT, vec![channel.into(), restricted.into(), author.into(), now.into()])
    }

    /// Points a channel at a version, or at none, and remembers that in its history.
    pub fn assign_channel(
        &mut self,
        channel: ChannelId,
        version: Option<VersionId>,
        author: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.send(ASSIGN, vec![channel.into(), version.into(), author.into(), now.into()])?;
        self.send(REMEMBER, vec![channel.into(), version.into(), author.into(), now.into()])
    }

    /// Deletes a channel with its history.
    pub fn delete_channel(&mut self, channel: ChannelId) -> Result<()> {
        self.send(DELETE, vec![channel.into()])
    }

    /// What a channel pointed at, newest first.
    pub fn channel_past(&mut self, channel: ChannelId, limit: u32) -> Result<Vec<Option<VersionId>>> {
        self.many(HISTORY, &[channel.into(), limit.into()], |row| Ok(row.opt_int(0)?.map(VersionId)))
    }

    pub fn count_assignments(&mut self, channel: ChannelId) -> Result<i64> {
        Ok(self.one(HISTORY_COUNT, &[channel.into()], |row| row.int(0))?.unwrap_or(0))
    }

    /// A channel's history, newest first. Its key is the row alone, so the slice's order is not asked.
    pub fn assignments(&mut self, channel: ChannelId, slice: &Slice) -> Result<Page<Assignment>> {
        let sql = if slice.backwards { HISTORY_NEWER } else { HISTORY_OLDER };
        let params = [channel.into(), slice.start_row().into(), slice.rows().into()];
        let rows = self.many(sql, &params, |row| {
            let assignment = Assignment {
                version_id: row.opt_int(1)?.map(VersionId),
                author: row.text(2)?,
                assigned_at: row.time(3)?,
            };
            Ok((row.int(0)?, assignment))
        })?;
        Ok(slice.cut(rows, |row| Key::Int(0, row.0)).map(|row| row.1))
    }
}

/// Reads the columns of `channel_columns` from the position `at`.
fn channel(row: &Row<'_>, at: usize) -> Result<Channel> {
    Ok(Channel {
        id: ChannelId(row.int(at)?),
        uid: row.parse(at + 1, "a ULID")?,
        bucket_id: BucketId(row.int(at + 2)?),
        name: row.parse(at + 3, "a channel name")?,
        managed: row.bool(at + 4)?,
        restricted: row.bool(at + 5)?,
        version_id: row.opt_int(at + 6)?.map(VersionId),
        author: row.text(at + 7)?,
        created_at: row.time(at + 8)?,
        updated_at: row.time(at + 9)?,
    })
}
