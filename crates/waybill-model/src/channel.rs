//! Channels: names that point at a version, moved by people.
//!
//! A channel points at a complete version that is not revoked, or at none.
//! `latest` is managed: the registry points it at the newest valid version, and nobody else moves or deletes
//! it.
//! Every move leaves an entry in the channel's history, which is what a rollback goes by.

use jiff::Timestamp;
use thiserror::Error;

use crate::{
    ids::{BucketId, ChannelId, Uid, VersionId},
    names::{ChannelName, Fingerprint},
    version::{NotAssignable, Version},
};

/// A stored channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    pub id: ChannelId,
    pub uid: Uid,
    pub bucket_id: BucketId,
    pub name: ChannelName,
    /// True for `latest`.
    pub managed: bool,
    /// True when viewers do not see it.
    pub restricted: bool,
    /// The version it points at. A version that is revoked by schedule stays here.
    pub version_id: Option<VersionId>,
    pub author: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An entry of a channel's history: what it was pointed at, or that it was unassigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub version_id: Option<VersionId>,
    pub author: String,
    pub assigned_at: Timestamp,
}

/// Why a channel could not be moved or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AssignError {
    /// People who come from HCP know this text, and tests match it.
    /// Whoever looks the version up makes this one; [`assign`] has a version already.
    #[error("version with fingerprint (fingerprint: {0}) does not exist")]
    UnknownVersion(Fingerprint),
    #[error(
        "channel `{0}` is managed by the registry and follows the newest valid version: \
         it cannot be assigned, unassigned or deleted"
    )]
    Managed(ChannelName),
    #[error("channel `{0}` has no version that could be assigned to another channel")]
    Unassigned(ChannelName),
    #[error(transparent)]
    Version(NotAssignable),
}

/// Decides whether a person may point a channel at a version.
///
/// Pointing it where it points already is allowed: the caller answers as if it had moved and adds no history.
pub fn assign(channel: &Channel, version: &Version, now: Timestamp) -> Result<(), AssignError> {
    channel.check_movable()?;
    version.is_assignable(now).map_err(AssignError::Version)
}

impl Channel {
    /// Checks that people may move, unassign and delete the channel.
    pub fn check_movable(&self) -> Result<(), AssignError> {
        if self.managed { Err(AssignError::Managed(self.name.clone())) } else { Ok(()) }
    }

    /// Returns the version that an assignment from this channel to another one copies.
    pub fn version_to_copy(&self) -> Result<VersionId, AssignError> {
        self.version_id.ok_or_else(|| AssignError::Unassigned(self.name.clone()))
    }
}

/// Returns where a channel goes back to when its version is revoked or deleted: the newest version it pointed
/// at that is valid now, or `None` to unassign it.
///
/// The history may begin with the version to leave: that is not valid any more.
pub fn roll_back_target(
    history_newest_first: &[Option<VersionId>],
    is_valid: impl Fn(VersionId) -> bool,
) -> Option<VersionId> {
    history_newest_first.iter().copied().flatten().find(|&version| is_valid(version))
}

/// Returns what `latest` points at: the complete version with the highest number that is not revoked.
/// One whose revocation is scheduled counts until that moment.
pub fn newest_valid<'a>(
    versions: impl IntoIterator<Item = &'a Version>,
    now: Timestamp,
) -> Option<VersionId> {
    versions
        .into_iter()
        .filter(|version| version.is_valid(now))
        .max_by_key(|version| version.number)
        .map(|version| version.id)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*};

    use super::*;
    use crate::samples::{at, channel, revocation, version};

    #[test]
    fn people_assign_complete_versions_that_are_not_revoked() {
        let check = |name: &str, number: u32, revoked_at: Option<i64>| {
            let mut version = version(7, number);
            version.revocation = revoked_at.map(revocation);
            assign(&channel(name), &version, at(100)).map_err(|error| error.to_string())
        };
        let managed = "channel `latest` is managed by the registry and follows the newest valid version: \
                       it cannot be assigned, unassigned or deleted";
        assert_eq!(check("prod", 3, None), Ok(()));
        assert_eq!(check("prod", 3, Some(101)), Ok(()), "a scheduled revocation does not prevent it");
        assert_eq!(
            check("prod", 3, Some(100)),
            Err("version `fp-7` (v3) was revoked at 1970-01-01T00:01:40Z: \
                 restore it, or assign another version"
                .into())
        );
        assert_eq!(
            check("prod", 0, None),
            Err("version `fp-7` is not complete: a channel can point at it once all its builds are done"
                .into())
        );
        assert_eq!(check("latest", 3, None), Err(managed.into()));
        assert_eq!(check("latest", 0, None), Err(managed.into()));
    }

    #[test]
    fn a_managed_channel_is_not_moved_by_people() {
        assert_eq!(channel("prod").check_movable(), Ok(()));
        assert_eq!(channel("latest").check_movable(), Err(AssignError::Managed(ChannelName::latest())));
    }

    #[test]
    fn only_an_assigned_channel_can_be_copied() {
        let mut prod = channel("prod");
        assert_eq!(
            prod.version_to_copy().map_err(|error| error.to_string()),
            Err("channel `prod` has no version that could be assigned to another channel".into())
        );
        prod.version_id = Some(VersionId(3));
        assert_eq!(prod.version_to_copy(), Ok(VersionId(3)));
    }

    #[test]
    fn an_unknown_version_is_reported_in_the_words_that_clients_know() {
        let error = AssignError::UnknownVersion("abc".parse().expect("a fingerprint"));
        assert_eq!(error.to_string(), "version with fingerprint (fingerprint: abc) does not exist");
    }

    #[test]
    fn a_channel_goes_back_to_the_newest_valid_version_it_had() {
        let check = |history: &[i64], valid: &[i64]| {
            // 0 stands for an unassignment.
            let history: Vec<_> = history.iter().map(|&id| (id != 0).then_some(VersionId(id))).collect();
            roll_back_target(&history, |id| valid.contains(&id.0)).map(|id| id.0)
        };
        assert_eq!(check(&[3, 2, 1], &[1, 2]), Some(2));
        assert_eq!(check(&[3, 2, 1], &[1]), Some(1), "2 was revoked before");
        assert_eq!(check(&[3, 1, 2], &[1, 2]), Some(1), "what counts is the channel's order, not the number");
        assert_eq!(check(&[3, 0, 1], &[1]), Some(1), "it was unassigned between");
        assert_eq!(check(&[3, 2], &[9]), None, "9 is valid, but was never here");
        assert_eq!(check(&[3], &[]), None);
        assert_eq!(check(&[], &[1]), None);
    }

    #[test]
    fn latest_is_the_highest_number_that_is_not_revoked() {
        let check = |versions: &[(u32, Option<i64>)]| {
            let versions: Vec<_> = versions
                .iter()
                .zip(1..)
                .map(|(&(number, revoked_at), id)| {
                    let mut version = version(id, number);
                    version.revocation = revoked_at.map(revocation);
                    version
                })
                .collect();
            newest_valid(&versions, at(100)).map(|id| id.0)
        };
        assert_eq!(check(&[]), None);
        assert_eq!(check(&[(0, None)]), None, "incomplete");
        assert_eq!(check(&[(1, None), (2, None), (0, None)]), Some(2));
        assert_eq!(check(&[(2, None), (1, None)]), Some(1), "by number, not by id");
        assert_eq!(check(&[(1, None), (2, Some(99))]), Some(1), "revoked");
        assert_eq!(check(&[(1, None), (2, Some(100))]), Some(1), "revoked this moment");
        assert_eq!(check(&[(1, None), (2, Some(101))]), Some(2), "scheduled");
        assert_eq!(check(&[(1, Some(5)), (2, Some(6))]), None);
    }

    proptest! {
        #[test]
        fn a_rollback_never_ends_at_an_invalid_version(
            history in vec(option::of(0_i64..8), 0..12),
            valid in vec(any::<bool>(), 8),
        ) {
            let history: Vec<_> = history.into_iter().map(|id| id.map(VersionId)).collect();
            let is_valid = |id: VersionId| usize::try_from(id.0).is_ok_and(|id| valid[id]);
            match roll_back_target(&history, is_valid) {
                Some(target) => {
                    prop_assert!(is_valid(target));
                    let newer = history.iter().take_while(|&&entry| entry != Some(target));
                    prop_assert!(newer.flatten().all(|&id| !is_valid(id)), "a newer one was passed over");
                }
                None => prop_assert!(!history.iter().flatten().any(|&id| is_valid(id))),
            }
        }

        #[test]
        fn what_latest_points_at_can_be_assigned(
            versions in vec((0_u32..6, option::of(0_i64..200)), 0..8),
            now in 0_i64..200,
        ) {
            let versions: Vec<_> = (1..)
                .zip(versions)
                .map(|(id, (number, revoked_at))| {
                    let mut version = version(id, number);
                    version.revocation = revoked_at.map(revocation);
                    version
                })
                .collect();
            let newest = newest_valid(&versions, at(now));
            let of_newest = versions.iter().find(|version| Some(version.id) == newest);
            prop_assert_eq!(newest.is_some(), of_newest.is_some());
            for version in &versions {
                let is_assignable = version.is_assignable(at(now)).is_ok();
                prop_assert_eq!(is_assignable, version.is_valid(at(now)));
                if is_assignable {
                    prop_assert!(of_newest.is_some_and(|newest| version.number <= newest.number));
                }
            }
        }
    }
}
