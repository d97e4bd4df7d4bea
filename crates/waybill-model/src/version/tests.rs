//! Status, completion, creation and deletion of versions, case by case, and their laws.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::{
    build::{
        BuildChange, BuildError,
        BuildStatus::{Cancelled, Done, Failed, Running, Unset},
        BuildUpdate, NewArtifact, update,
    },
    samples::{at, build, parse, revocation, version},
};

#[test]
fn the_status_of_an_open_version_is_told_by_its_builds() {
    let check = |statuses: &[BuildStatus]| {
        let mut open = version(1, 0);
        open.tally = Tally::from_statuses(statuses.iter().copied());
        open.status(at(0))
    };
    assert_eq!(check(&[]), VersionStatus::Running, "just created");
    assert_eq!(check(&[Unset]), VersionStatus::Running);
    assert_eq!(check(&[Running]), VersionStatus::Running);
    assert_eq!(check(&[Failed]), VersionStatus::Failed);
    assert_eq!(check(&[Cancelled]), VersionStatus::Cancelled);
    assert_eq!(check(&[Done]), VersionStatus::Incomplete);
    assert_eq!(check(&[Running, Unset, Done]), VersionStatus::Running);
    assert_eq!(check(&[Running, Failed]), VersionStatus::Running);
    assert_eq!(check(&[Running, Failed, Cancelled, Done, Unset]), VersionStatus::Running);
    assert_eq!(check(&[Failed, Cancelled, Unset, Done]), VersionStatus::Failed);
    assert_eq!(check(&[Failed, Done]), VersionStatus::Failed);
    assert_eq!(check(&[Cancelled, Unset]), VersionStatus::Cancelled);
    assert_eq!(check(&[Cancelled, Done]), VersionStatus::Cancelled);
    assert_eq!(check(&[Unset, Done]), VersionStatus::Running);
}

#[test]
fn the_status_of_a_complete_version_is_told_by_its_revocation() {
    let check = |revoked_at: Option<i64>| {
        let mut complete = version(1, 1);
        complete.revocation = revoked_at.map(revocation);
        (complete.status(at(100)), complete.is_revoked(at(100)), complete.is_valid(at(100)))
    };
    assert_eq!(check(None), (VersionStatus::Active, false, true));
    assert_eq!(check(Some(101)), (VersionStatus::RevocationScheduled, false, true));
    assert_eq!(check(Some(100)), (VersionStatus::Revoked, true, false));
    assert_eq!(check(Some(99)), (VersionStatus::Revoked, true, false));

    let mut open = version(1, 0);
    open.revocation = Some(revocation(0));
    assert!(!open.is_revoked(at(100)), "only complete versions are revoked");
    assert_eq!(open.status(at(100)), VersionStatus::Running);
}

#[test]
fn an_open_version_is_called_v0() {
    assert_eq!(version(9, 0).name(), "v0");
    assert_eq!(version(9, 1).name(), "v1");
    assert_eq!(version(9, 12).name(), "v12");
    assert_eq!(version(9, 0).openness(), Openness::Open);
    assert_eq!(version(9, 1).openness(), Openness::Complete(parse("fp-9")));
    assert_eq!((next_number(0), next_number(12)), (1, 13));
}

#[test]
fn a_version_completes_when_all_builds_are_done() {
    let check = |statuses: &[BuildStatus]| completes(&Tally::from_statuses(statuses.iter().copied()));
    assert!(!check(&[]), "there must be one");
    assert!(check(&[Done]));
    assert!(check(&[Done, Done]));
    for other in [Unset, Running, Failed, Cancelled] {
        assert!(!check(&[other]));
        assert!(!check(&[Done, other]));
    }
}

#[test]
fn completing_by_hand_drops_what_never_started() {
    let check = |statuses: &[BuildStatus]| {
        complete_by_hand(&Tally::from_statuses(statuses.iter().copied())).map_err(|error| error.to_string())
    };
    assert_eq!(check(&[Done]), Ok(0));
    assert_eq!(check(&[Done, Unset, Unset]), Ok(2));
    let nothing = Err("completing needs at least one build that is done, there is none".to_owned());
    assert_eq!(check(&[]), nothing);
    assert_eq!(check(&[Unset]), nothing);
    let unfinished = |counts| {
        Err(format!(
            "completing needs every build that has started to be done: {counts}; finish or delete these first"
        ))
    };
    assert_eq!(check(&[Done, Running]), unfinished("1 running, 0 failed, 0 cancelled"));
    assert_eq!(check(&[Done, Failed, Failed]), unfinished("0 running, 2 failed, 0 cancelled"));
    assert_eq!(check(&[Cancelled]), unfinished("0 running, 0 failed, 1 cancelled"));
}

#[test]
fn creating_an_open_version_again_finds_it() {
    let check =
        |number, requested| create_again(&version(9, number), requested).map_err(|error| error.to_string());
    assert_eq!(check(0, TemplateType::Hcl2), Ok(()));
    assert_eq!(
        check(0, TemplateType::Json),
        Err("version `fp-9` exists with template type hcl2, not json: \
             use another fingerprint to start a new version"
            .into())
    );
    assert_eq!(
        check(4, TemplateType::Hcl2),
        Err("version `fp-9` exists and is complete (v4): use another fingerprint to start a new version"
            .into())
    );
}

#[test]
fn a_version_in_use_is_deleted_by_force_only() {
    let check = |channels: &[&str], children: &[&str], force| {
        let uses = VersionUses {
            channels: channels.iter().map(|name| parse(name)).collect(),
            children: children.iter().map(|name| parse(name)).collect(),
        };
        delete(&version(9, 1), uses, force).map_err(|error| error.to_string())
    };
    assert_eq!(check(&[], &[], false), Ok(()));
    assert_eq!(
        check(&["prod", "dev"], &["web"], false),
        Err("version `fp-9` is served by channel `prod`, `dev`: move the channel, or delete by force".into())
    );
    assert_eq!(
        check(&[], &["web"], false),
        Err("version `fp-9` is the parent of versions in bucket `web`: delete these first, or delete by force"
            .into())
    );
    assert_eq!(check(&["prod"], &["web"], true), Ok(()));
}

#[test]
fn a_template_type_is_a_word() {
    for kind in TemplateType::ALL {
        assert_eq!(kind.to_string().parse(), Ok(kind));
    }
    assert_eq!(
        "HCL2".parse::<TemplateType>().map_err(|error| error.to_string()),
        Err("a template type is one of `unset`, `hcl2` and `json`, found `HCL2`".into())
    );
}

fn statuses() -> impl Strategy<Value = Vec<BuildStatus>> {
    vec(select(&BuildStatus::ALL), 0..6)
}

proptest! {
    #[test]
    fn every_version_has_a_status_that_agrees_with_the_rest(
        statuses in statuses(),
        number in 0_u32..3,
        revoked_at in proptest::option::of(0_i64..200),
        now in 0_i64..200,
    ) {
        let mut version = version(1, number);
        version.tally = Tally::from_statuses(statuses.iter().copied());
        version.revocation = revoked_at.map(revocation);
        prop_assert_eq!(version.tally.total() as usize, statuses.len());
        let status = version.status(at(now));
        let of_complete = [VersionStatus::Active, VersionStatus::RevocationScheduled, VersionStatus::Revoked];
        prop_assert_eq!(version.is_complete(), of_complete.contains(&status));
        prop_assert_eq!(version.is_complete(), version.name() != "v0");
        prop_assert_eq!(version.is_revoked(at(now)), status == VersionStatus::Revoked);
        prop_assert_eq!(version.is_valid(at(now)), version.is_complete() && !version.is_revoked(at(now)));
        prop_assert_eq!(version.is_assignable(at(now)).is_ok(), version.is_valid(at(now)));
    }

    #[test]
    fn what_completes_by_itself_completes_by_hand(statuses in statuses()) {
        let tally = Tally::from_statuses(statuses.iter().copied());
        if completes(&tally) {
            prop_assert_eq!(complete_by_hand(&tally), Ok(0));
        }
        if let Ok(dropped) = complete_by_hand(&tally) {
            let kept = Tally { unset: tally.unset - dropped, ..tally };
            prop_assert!(completes(&kept));
        }
    }

    /// Plays updates of three builds in any order and stops nowhere.
    #[test]
    fn a_version_completes_at_most_once(
        steps in vec((0_usize..3, select(&BuildStatus::ALL)), 0..40),
    ) {
        let mut builds = vec![build(Unset); 3];
        let mut version = version(1, 0);
        let mut n_completions = 0;
        for (which, status) in steps {
            let artifact = NewArtifact { external_identifier: "ami-1".into(), region: String::new() };
            let said = BuildUpdate {
                status: Some(status),
                platform: Some("aws".into()),
                artifacts: (status == Done).then(|| vec![artifact]),
                ..BuildUpdate::default()
            };
            match update(&builds[which], version.openness(), &said) {
                Ok(BuildChange::Write { build, .. }) => {
                    prop_assert!(!version.is_complete());
                    builds[which] = build;
                    version.tally = Tally::from_statuses(builds.iter().map(|build| build.status));
                    if completes(&version.tally) {
                        n_completions += 1;
                        version.number = Some(next_number(n_completions - 1));
                    }
                }
                Ok(BuildChange::Repeat) => prop_assert_eq!(builds[which].status, Done),
                Err(BuildError::Done { .. }) => prop_assert_eq!(builds[which].status, Done),
                Err(error) => {
                    prop_assert_eq!(error, BuildError::VersionComplete(parse("fp-1")));
                    prop_assert!(version.is_complete());
                }
            }
        }
        prop_assert!(n_completions <= 1);
        prop_assert_eq!(version.is_complete(), builds.iter().all(|build| build.status == Done));
    }
}
