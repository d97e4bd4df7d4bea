//! Ancestry: whether what was built from a version is still up to date.
//!
//! A build may say which version of another bucket it started from, and through which channel it found it.
//! That relation is up to date as long as the channel (without a channel: the parent bucket's `latest`) still
//! points at the version that was used.

use crate::ids::VersionId;

/// How a thing stands to the versions it was built from, or to those built from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AncestryStatus {
    /// The registry does not know the version that was used, or has nothing to compare it with.
    Undetermined,
    UpToDate,
    OutOfDate,
}

/// Compares the version that was used with the one that the channel points at now.
///
/// `used` is `None` when the build names a version that this registry does not have (deleted, or of
/// elsewhere); `current` is `None` when the channel is gone or unassigned: then there is no newer version to
/// move to, and the relation is undetermined too.
pub fn relation(used: Option<VersionId>, current: Option<VersionId>) -> AncestryStatus {
    match (used, current) {
        (Some(used), Some(current)) if used == current => AncestryStatus::UpToDate,
        (Some(_), Some(_)) => AncestryStatus::OutOfDate,
        _ => AncestryStatus::Undetermined,
    }
}

/// Sums relations up for a bucket or a version: the worst of them, where out of date is worse than
/// undetermined and that worse than up to date.
///
/// Returns `None` when there is no relation at all: the status is then left out of answers.
pub fn combine(relations: impl IntoIterator<Item = AncestryStatus>) -> Option<AncestryStatus> {
    relations.into_iter().max_by_key(|status| match status {
        AncestryStatus::UpToDate => 0,
        AncestryStatus::Undetermined => 1,
        AncestryStatus::OutOfDate => 2,
    })
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::{AncestryStatus::*, *};

    #[test]
    fn a_relation_is_up_to_date_while_the_channel_stays() {
        let (one, two) = (Some(VersionId(1)), Some(VersionId(2)));
        assert_eq!(relation(one, one), UpToDate);
        assert_eq!(relation(one, two), OutOfDate);
        assert_eq!(relation(two, one), OutOfDate, "also when the channel moved back");
        assert_eq!(relation(one, None), Undetermined);
        assert_eq!(relation(None, one), Undetermined);
        assert_eq!(relation(None, None), Undetermined);
    }

    #[test]
    fn the_worst_relation_counts() {
        assert_eq!(combine([]), None);
        assert_eq!(combine([UpToDate]), Some(UpToDate));
        assert_eq!(combine([Undetermined]), Some(Undetermined));
        assert_eq!(combine([UpToDate, UpToDate]), Some(UpToDate));
        assert_eq!(combine([UpToDate, Undetermined]), Some(Undetermined));
        assert_eq!(combine([Undetermined, OutOfDate, UpToDate]), Some(OutOfDate));
    }

    proptest! {
        #[test]
        fn neither_order_nor_grouping_matter(
            statuses in vec(select(&[Undetermined, UpToDate, OutOfDate]), 0..8),
            cut in 0_usize..8,
        ) {
            let (left, right) = statuses.split_at(cut.min(statuses.len()));
            let sum = combine(statuses.iter().copied());
            prop_assert_eq!(combine(statuses.iter().rev().copied()), sum);
            let parts = [combine(left.iter().copied()), combine(right.iter().copied())];
            prop_assert_eq!(combine(parts.into_iter().flatten()), sum);
        }
    }
}
