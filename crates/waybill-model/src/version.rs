//! Versions: all builds of one template under one fingerprint.
//!
//! A version is open until all its builds are done, or until somebody completes it by hand.
//! Then it gets the bucket's next number and a name (`v1`, `v2`, … in order of completion, never used twice),
//! and its builds never change again; an open version is called `v0`.
//! Clients take every name but `v0` as complete, so the two always agree.
//! A complete version can be revoked, now or later, and restored (see [`revocation`](crate::revocation)).

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use thiserror::Error;

use crate::{
    build::{BuildStatus, Openness},
    ids::{BucketId, Uid, VersionId},
    names::{BucketName, ChannelName, Fingerprint},
    text::{list, shown},
};

/// The language of the template that a version comes from; fixed when the version is created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TemplateType {
    #[default]
    Unset,
    Hcl2,
    Json,
}

/// How many builds of a version are in which status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tally {
    pub unset: u32,
    pub running: u32,
    pub done: u32,
    pub failed: u32,
    pub cancelled: u32,
}

/// That a version is, or will be, out of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// When it takes effect; in the future while it is only scheduled.
    pub at: Timestamp,
    /// Why, for people; may be empty.
    pub message: String,
    pub author: String,
    pub kind: RevocationKind,
    /// True when what was built from the version inherits it; always true of an inherited one.
    pub inheritable: bool,
}

/// Where a revocation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationKind {
    /// Somebody revoked this version.
    Manual,
    /// Somebody revoked the version `from`, which this one was built from, directly or through others.
    Inherited { from: VersionId },
}

/// A stored version with the facts that its status needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub id: VersionId,
    pub uid: Uid,
    pub bucket_id: BucketId,
    pub fingerprint: Fingerprint,
    /// `None` while the version is incomplete; else 1 or more.
    pub number: Option<u32>,
    pub template_type: TemplateType,
    pub author: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub revocation: Option<Revocation>,
    pub tally: Tally,
    /// True when a complete version was built from this one.
    pub has_descendants: bool,
    /// True when some build of it names what it was made from.
    pub has_parents: bool,
}

/// What a version is worth at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionStatus {
    /// Open: a build runs, or is still to start.
    Running,
    /// Open although all its builds are done: the last unfinished one was deleted.
    Incomplete,
    /// Open: nothing runs and a build failed.
    Failed,
    /// Open: nothing runs, nothing failed and a build was cancelled.
    Cancelled,
    /// Complete and good for use.
    Active,
    /// Complete and good for use until a known moment.
    RevocationScheduled,
    Revoked,
}

/// Why no channel may point at a version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotAssignable {
    #[error("version `{0}` is not complete: a channel can point at it once all its builds are done")]
    Incomplete(Fingerprint),
    #[error("version `{fingerprint}` ({name}) was revoked at {at}: restore it, or assign another version")]
    Revoked { fingerprint: Fingerprint, name: String, at: Timestamp },
}

/// Why a version cannot be completed by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CompleteError {
    #[error("completing needs at least one build that is done, there is none")]
    NothingDone,
    #[error(
        "completing needs every build that has started to be done: {running} running, {failed} failed, \
         {cancelled} cancelled; finish or delete these first"
    )]
    Unfinished { running: u32, failed: u32, cancelled: u32 },
}

/// Why a version cannot be created under a fingerprint that the bucket has already.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExistsError {
    #[error(
        "version `{fingerprint}` exists and is complete ({name}): \
         use another fingerprint to start a new version"
    )]
    Complete { fingerprint: Fingerprint, name: String },
    #[error(
        "version `{fingerprint}` exists with template type {existing}, not {requested}: \
         use another fingerprint to start a new version"
    )]
    OtherTemplateType { fingerprint: Fingerprint, existing: TemplateType, requested: TemplateType },
}

/// Who relies on a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionUses {
    /// Channels that point at it, without the managed one: `latest` finds another version by itself.
    pub channels: Vec<ChannelName>,
    /// Buckets with a live version that was built from it.
    pub children: Vec<BucketName>,
}

/// Why a version cannot be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeleteError {
    #[error(
        "version `{fingerprint}` is served by channel {}: move the channel, or delete by force",
        list(channels)
    )]
    Served { fingerprint: Fingerprint, channels: Vec<ChannelName> },
    #[error(
        "version `{fingerprint}` is the parent of versions in bucket {}: \
         delete these first, or delete by force",
        list(children)
    )]
    HasChildren { fingerprint: Fingerprint, children: Vec<BucketName> },
}

/// Why a text is not the name of a template type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a template type is one of `unset`, `hcl2` and `json`, found `{found}`")]
pub struct TemplateTypeError {
    /// The text, cut to a length that a message can carry.
    pub found: String,
}

impl Version {
    /// Returns `v0` for an open version, else `v` and its number.
    pub fn name(&self) -> String {
        format!("v{}", self.number.unwrap_or(0))
    }

    pub fn is_complete(&self) -> bool {
        self.number.is_some()
    }

    /// Returns whether builds may still be added, changed and deleted.
    pub fn openness(&self) -> Openness {
        if self.is_complete() { Openness::Complete(self.fingerprint.clone()) } else { Openness::Open }
    }

    pub fn status(&self, now: Timestamp) -> VersionStatus {
        match &self.revocation {
            _ if !self.is_complete() => self.tally.status(),
            None => VersionStatus::Active,
            Some(revocation) if revocation.is_in_force(now) => VersionStatus::Revoked,
            Some(_) => VersionStatus::RevocationScheduled,
        }
    }

    /// True when the version is complete and its revocation has taken effect.
    pub fn is_revoked(&self, now: Timestamp) -> bool {
        self.status(now) == VersionStatus::Revoked
    }

    /// True when a channel may point at the version: it is complete and not revoked.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        matches!(self.status(now), VersionStatus::Active | VersionStatus::RevocationScheduled)
    }

    /// Checks that a channel may point at the version; a scheduled revocation does not prevent that.
    pub fn is_assignable(&self, now: Timestamp) -> Result<(), NotAssignable> {
        match &self.revocation {
            _ if !self.is_complete() => Err(NotAssignable::Incomplete(self.fingerprint.clone())),
            Some(revocation) if revocation.is_in_force(now) => Err(NotAssignable::Revoked {
                fingerprint: self.fingerprint.clone(),
                name: self.name(),
                at: revocation.at,
            }),
            _ => Ok(()),
        }
    }
}

impl Revocation {
    /// True from the moment it takes effect.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.at <= now
    }
}

impl Tally {
    pub fn from_statuses(statuses: impl IntoIterator<Item = BuildStatus>) -> Self {
        let mut tally = Self::default();
        for status in statuses {
            match status {
                BuildStatus::Unset => tally.unset += 1,
                BuildStatus::Running => tally.running += 1,
                BuildStatus::Done => tally.done += 1,
                BuildStatus::Failed => tally.failed += 1,
                BuildStatus::Cancelled => tally.cancelled += 1,
            }
        }
        tally
    }

    /// Returns the tally after one build went from a status to another.
    #[must_use]
    pub fn moved(mut self, from: BuildStatus, to: BuildStatus) -> Self {
        *self.of(from) = self.of(from).saturating_sub(1);
        *self.of(to) += 1;
        self
    }

    /// Returns the tally with one more build of a status.
    #[must_use]
    pub fn with(mut self, status: BuildStatus) -> Self {
        *self.of(status) += 1;
        self
    }

    fn of(&mut self, status: BuildStatus) -> &mut u32 {
        match status {
            BuildStatus::Unset => &mut self.unset,
            BuildStatus::Running => &mut self.running,
            BuildStatus::Done => &mut self.done,
            BuildStatus::Failed => &mut self.failed,
            BuildStatus::Cancelled => &mut self.cancelled,
        }
    }

    pub fn total(&self) -> u32 {
        self.unset + self.running + self.done + self.failed + self.cancelled
    }

    /// Returns the status of an open version with these builds: what still runs counts first, then what went
    /// wrong, then what is still to start.
    fn status(&self) -> VersionStatus {
        if 0 < self.running || self.total() == 0 {
            VersionStatus::Running
        } else if 0 < self.failed {
            VersionStatus::Failed
        } else if 0 < self.cancelled {
            VersionStatus::Cancelled
        } else if 0 < self.unset {
            VersionStatus::Running
        } else {
            VersionStatus::Incomplete
        }
    }
}

/// True when a version with these builds is complete by itself: all are done, and there is at least one.
///
/// To be asked when a build becomes DONE, not when one is deleted: deleting the last unfinished build
/// completes nothing.
pub fn completes(tally: &Tally) -> bool {
    0 < tally.done && tally.done == tally.total()
}

/// Decides whether somebody may complete a version with these builds by hand.
///
/// That needs a build that is done and none that started and is not; those that never started are dropped
/// from the version, and their number is returned.
pub fn complete_by_hand(tally: &Tally) -> Result<u32, CompleteError> {
    let &Tally { unset, running, done, failed, cancelled } = tally;
    if running + failed + cancelled != 0 {
        Err(CompleteError::Unfinished { running, failed, cancelled })
    } else if done == 0 {
        Err(CompleteError::NothingDone)
    } else {
        Ok(unset)
    }
}

/// Returns the number of the next version to complete in a bucket, where `last` is the highest ever given
/// there (0: none yet), deleted versions included.
pub fn next_number(last: u32) -> u32 {
    last + 1
}

/// Decides whether creating a version that exists already may be answered with the existing one.
///
/// It may while that is open and of the same template type, so that two jobs that start together under one
/// fingerprint both succeed.
pub fn create_again(existing: &Version, requested: TemplateType) -> Result<(), ExistsError> {
    let fingerprint = existing.fingerprint.clone();
    if existing.is_complete() {
        Err(ExistsError::Complete { fingerprint, name: existing.name() })
    } else if existing.template_type != requested {
        Err(ExistsError::OtherTemplateType { fingerprint, existing: existing.template_type, requested })
    } else {
        Ok(())
    }
}

/// Decides whether a version may be deleted; `force` deletes what is in use too.
pub fn delete(version: &Version, uses: VersionUses, force: bool) -> Result<(), DeleteError> {
    let VersionUses { channels, children } = uses;
    let fingerprint = version.fingerprint.clone();
    if force {
        Ok(())
    } else if !channels.is_empty() {
        Err(DeleteError::Served { fingerprint, channels })
    } else if !children.is_empty() {
        Err(DeleteError::HasChildren { fingerprint, children })
    } else {
        Ok(())
    }
}

impl TemplateType {
    /// Every template type, in the order of declaration.
    pub const ALL: [Self; 3] = [Self::Unset, Self::Hcl2, Self::Json];

    /// Returns the word that the store keeps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Hcl2 => "hcl2",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for TemplateType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TemplateType {
    type Err = TemplateTypeError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == s)
            .ok_or_else(|| TemplateTypeError { found: shown(s) })
    }
}

#[cfg(test)]
mod tests;
