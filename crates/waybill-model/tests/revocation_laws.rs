//! Laws of revocation over a whole family of versions: what inherits what, and what restoring leaves.

use jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, prelude::*};
use waybill_model::{
    ids::VersionId,
    revocation::{
        Decision, Facts, Revoke, RevokeAt, VersionIntent, decide, effective, inherit, parse_revoke_in,
    },
    version::{Revocation, RevocationKind, Tally, TemplateType, Version},
};

const NOW: i64 = 1000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a test uses small numbers")
}

/// Complete versions, numbered by place; each may have parents, which stand before it.
#[derive(Clone, Debug)]
struct Family {
    versions: Vec<Version>,
    parents: Vec<Vec<usize>>,
}

impl Family {
    fn new(parents: Vec<Vec<usize>>) -> Self {
        let version = |n: i64| Version {
            id: VersionId(n),
            uid: "00000000000000000000000000".parse().expect("a ULID"),
            bucket_id: waybill_model::ids::BucketId(1),
            fingerprint: format!("fp-{n}").parse().expect("a fingerprint"),
            number: Some(1),
            template_type: TemplateType::Hcl2,
            author: "ci".into(),
            created_at: at(0),
            updated_at: at(0),
            completed_at: Some(at(0)),
            revocation: None,
            tally: Tally { done: 1, ..Tally::default() },
            has_descendants: false,
            has_parents: false,
        };
        Self { versions: (0..).take(parents.len()).map(version).collect(), parents }
    }

    fn ancestors(&self, of: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = self.parents[of].clone();
        while let Some(parent) = open.pop() {
            if !found.contains(&parent) {
                found.push(parent);
                open.extend(&self.parents[parent]);
            }
        }
        found
    }

    /// Asks for something and carries the decision out as the store does; false if it was refused.
    fn ask(&mut self, which: usize, intent: &VersionIntent) -> bool {
        let is_revoked = |&ancestor: &usize| self.versions[ancestor].is_revoked(at(NOW));
        let facts = Facts {
            author: "eve".into(),
            revoked_ancestor: self
                .ancestors(which)
                .iter()
                .find(|place| is_revoked(place))
                .map(ToString::to_string),
            assigned_channels: vec![],
        };
        match decide(&self.versions[which], intent, &facts, at(NOW)) {
            Err(_) | Ok(Decision::Unchanged | Decision::Complete { .. }) => return false,
            Ok(Decision::Revoke { revocation, .. } | Decision::Schedule { revocation, .. }) => {
                self.versions[which].revocation = Some(revocation);
            }
            Ok(Decision::Restore | Decision::CancelSchedule) => self.versions[which].revocation = None,
        }
        self.settle();
        true
    }

    /// Works out anew what everybody inherits.
    fn settle(&mut self) {
        for which in 0..self.versions.len() {
            let from_ancestors: Vec<_> = self
                .ancestors(which)
                .into_iter()
                .filter_map(|ancestor| {
                    let revocation = self.versions[ancestor].revocation.as_ref()?;
                    let passes_on = revocation.kind == RevocationKind::Manual && revocation.inheritable;
                    passes_on.then(|| {
                        revocation.inherited_from(VersionId(i64::try_from(ancestor).expect("small")))
                    })
                })
                .collect();
            self.versions[which].revocation =
                effective(self.versions[which].revocation.as_ref(), from_ancestors);
        }
    }

    fn revocations(&self) -> Vec<Option<Revocation>> {
        self.versions.iter().map(|version| version.revocation.clone()).collect()
    }
}

/// Up to eight versions with up to two parents each.
fn family() -> impl Strategy<Value = Family> {
    vec(vec(0_usize..8, 0..3), 1..9).prop_map(|parents| {
        let before = |(place, parents): (usize, Vec<usize>)| {
            parents.into_iter().filter(|&parent| parent < place).collect()
        };
        Family::new(parents.into_iter().enumerate().map(before).collect())
    })
}

fn revoke(second: i64, include_descendants: bool) -> VersionIntent {
    VersionIntent::Revoke(Revoke {
        at: RevokeAt::At(at(second)),
        message: String::new(),
        roll_back_channels: true,
        include_descendants,
    })
}

/// Requests: which version, and when to revoke it, or to restore it.
fn requests() -> impl Strategy<Value = Vec<(usize, VersionIntent)>> {
    let intent = prop_oneof![
        3 => (NOW - 100..NOW + 100, any::<bool>()).prop_map(|(second, include)| revoke(second, include)),
        1 => Just(VersionIntent::Restore),
    ];
    vec((0_usize..8, intent), 0..10)
}

fn any_inherited() -> impl Strategy<Value = Revocation> {
    (0_i64..4, 0_i64..3, "[ab]?").prop_map(|(second, from, message)| Revocation {
        at: at(second),
        message,
        author: "eve".into(),
        kind: RevocationKind::Inherited { from: VersionId(from) },
        inheritable: true,
    })
}

fn any_revocation() -> impl Strategy<Value = Revocation> {
    let manual =
        any_inherited().prop_map(|revocation| Revocation { kind: RevocationKind::Manual, ..revocation });
    prop_oneof![any_inherited(), manual]
}

fn taken(current: Option<Revocation>, candidate: &Revocation) -> Option<Revocation> {
    inherit(current.as_ref(), candidate).or(current)
}

proptest! {
    #[test]
    fn revoking_then_restoring_leaves_no_trace(
        mut family in family(),
        requests in requests(),
        which in 0_usize..8,
        second in NOW - 100..NOW + 100,
        include_descendants in any::<bool>(),
    ) {
        for (which, intent) in &requests {
            family.ask(which % family.versions.len(), intent);
        }
        let which = which % family.versions.len();
        let was_revoked = family.versions[which].revocation.is_some();
        let before = family.revocations();
        // A schedule that is replaced is gone: the law is for versions that were good.
        if !was_revoked && family.ask(which, &revoke(second, include_descendants)) {
            prop_assert_ne!(family.revocations(), before.clone());
            if family.ask(which, &VersionIntent::Restore) {
                prop_assert_eq!(family.revocations(), before);
            } else {
                prop_assert!(family.ancestors(which).iter().any(|&a| family.versions[a].is_revoked(at(NOW))));
            }
        }
    }

    #[test]
    fn nothing_built_from_a_revoked_version_is_good(mut family in family(), requests in requests()) {
        for (which, intent) in &requests {
            family.ask(which % family.versions.len(), intent);
        }
        for (which, version) in family.versions.iter().enumerate() {
            let has_own = version.revocation.as_ref().is_some_and(|r| r.kind == RevocationKind::Manual);
            let ancestors = family.ancestors(which);
            let passes_on = |&ancestor: &usize| {
                let ancestor = &family.versions[ancestor];
                ancestor.is_revoked(at(NOW)) && ancestor.revocation.as_ref().is_some_and(|r| r.inheritable)
            };
            if !has_own && ancestors.iter().any(passes_on) {
                prop_assert!(version.is_revoked(at(NOW)));
            }
        }
    }

    #[test]
    fn a_decision_is_in_force_as_it_says(second in NOW - 100..NOW + 100) {
        let mut family = Family::new(vec![vec![]]);
        prop_assert!(family.ask(0, &revoke(second, true)));
        prop_assert_eq!(family.versions[0].is_revoked(at(NOW)), second <= NOW + 5);
        prop_assert!(family.versions[0].is_revoked(at(second.max(NOW))));
    }

    #[test]
    fn inheriting_twice_is_inheriting_once(
        current in proptest::option::of(any_revocation()),
        candidate in any_revocation(),
    ) {
        let once = taken(current, &candidate);
        prop_assert_eq!(inherit(once.as_ref(), &candidate), None);
    }

    #[test]
    fn the_order_of_ancestors_does_not_matter(
        current in proptest::option::of(any_revocation()),
        mut candidates in vec(any_inherited(), 0..5),
    ) {
        let forward = candidates.iter().fold(current.clone(), taken);
        let backward = candidates.iter().rev().fold(current.clone(), taken);
        prop_assert_eq!(&forward, &backward);
        candidates.sort_by_key(|candidate| candidate.at);
        if current.is_none() {
            prop_assert_eq!(forward.map(|winner| winner.at), candidates.first().map(|earliest| earliest.at));
        }
    }

    #[test]
    fn a_written_time_is_read_back(
        days in 0_i64..10_000,
        hours in 0_i64..100,
        minutes in 0_i64..100,
        seconds in 0_i64..100,
    ) {
        let expected = SignedDuration::from_secs(((days * 24 + hours) * 60 + minutes) * 60 + seconds);
        prop_assert_eq!(parse_revoke_in(&format!("{days}d{hours}h{minutes}m{seconds}s")), Ok(expected));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[0-9dhms .+-]{0,24}|\\PC*") {
        if let Ok(wait) = parse_revoke_in(&text) {
            prop_assert!(!wait.is_negative());
        }
    }
}
