//! What an update makes of a build, case by case, and what no sequence of updates breaks.

use std::collections::BTreeMap;

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{
    BuildStatus::{Cancelled, Done, Failed, Running, Unset},
    *,
};
use crate::samples::{artifact, at, build, parse};

fn labels(pairs: &[(&str, &str)]) -> Labels {
    let map: BTreeMap<_, _> = pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
    Labels::try_from(map).expect("a test uses good labels")
}

fn new(external_identifier: &str, region: &str) -> NewArtifact {
    NewArtifact { external_identifier: external_identifier.to_owned(), region: region.to_owned() }
}

/// A build that has all members.
fn full(status: BuildStatus) -> Build {
    Build {
        packer_run_uuid: "run-1".into(),
        platform: "aws".into(),
        source_external_identifier: "ami-0".into(),
        parent_version_uid: "parent-version".into(),
        parent_channel_uid: "parent-channel".into(),
        labels: labels(&[("os", "ubuntu")]),
        metadata: Some(r#"{"packer":{"version":"1.14.3"}}"#.into()),
        artifacts: vec![artifact("ami-1", "eu"), artifact("ami-2", "us")],
        ..build(status)
    }
}

/// The update that leads to [`full`].
fn full_update() -> BuildUpdate {
    BuildUpdate {
        status: Some(Done),
        packer_run_uuid: Some("run-1".into()),
        platform: Some("aws".into()),
        source_external_identifier: Some("ami-0".into()),
        parent_version_uid: Some("parent-version".into()),
        parent_channel_uid: Some("parent-channel".into()),
        labels: Some(labels(&[("os", "ubuntu")])),
        metadata: Some(r#"{"packer":{"version":"1.14.3"}}"#.into()),
        artifacts: Some(vec![new("ami-1", "eu"), new("ami-2", "us")]),
    }
}

fn says(status: BuildStatus) -> BuildUpdate {
    BuildUpdate { status: Some(status), ..BuildUpdate::default() }
}

fn complete() -> Openness {
    Openness::Complete(parse("fp-1"))
}

#[test]
fn every_status_but_done_may_be_followed_by_every_other() {
    let refused = || {
        Err("build `null.base` (00000000000000000000000007) is done, which is final: \
             nothing about it can be changed"
            .to_owned())
    };
    let becomes = |from: BuildStatus, to: BuildStatus| match update(&full(from), Openness::Open, &says(to)) {
        Ok(BuildChange::Write { build, artifacts }) => {
            assert_eq!(artifacts, None);
            assert_eq!(build, Build { status: build.status, ..full(from) }, "nothing else changes");
            Ok(Some(build.status))
        }
        Ok(BuildChange::Repeat) => Ok(None),
        Err(error) => Err(error.to_string()),
    };
    for from in [Unset, Running, Failed, Cancelled] {
        for to in [Running, Done, Failed, Cancelled] {
            assert_eq!(becomes(from, to), Ok(Some(to)), "{from:?} to {to:?}");
        }
        assert_eq!(becomes(from, Unset), Ok(Some(from)), "unset leaves {from:?}");
    }
    for to in [Running, Failed, Cancelled] {
        assert_eq!(becomes(Done, to), refused(), "done to {to:?}");
    }
    assert_eq!(becomes(Done, Done), Ok(None));
    assert_eq!(becomes(Done, Unset), Ok(None));
}

#[test]
fn a_heartbeat_changes_only_status_and_run() {
    let heartbeat = BuildUpdate { packer_run_uuid: Some("run-2".into()), ..says(Running) };
    for from in [Unset, Running, Failed, Cancelled] {
        let expected = Build { status: Running, packer_run_uuid: "run-2".into(), ..full(from) };
        assert_eq!(
            update(&full(from), Openness::Open, &heartbeat),
            Ok(BuildChange::Write { build: expected, artifacts: None })
        );
    }
}

#[test]
fn what_is_present_and_not_empty_replaces_what_is_stored() {
    let write = |update_: &BuildUpdate| match update(&full(Running), Openness::Open, update_) {
        Ok(BuildChange::Write { build, artifacts }) => (build, artifacts),
        other => panic!("{other:?}"),
    };
    let empty = || Some(String::new());
    let nothing_new = BuildUpdate {
        status: Some(Unset),
        packer_run_uuid: empty(),
        platform: empty(),
        source_external_identifier: empty(),
        parent_version_uid: empty(),
        parent_channel_uid: empty(),
        labels: Some(Labels::default()),
        metadata: empty(),
        artifacts: Some(vec![]),
    };
    assert_eq!(write(&BuildUpdate::default()), (full(Running), None));
    assert_eq!(write(&nothing_new), (full(Running), None));
    for json in ["null", "{}", " null\n"] {
        let without_metadata = BuildUpdate { metadata: Some(json.into()), ..BuildUpdate::default() };
        assert_eq!(write(&without_metadata), (full(Running), None));
    }

    let other = BuildUpdate {
        status: Some(Failed),
        packer_run_uuid: Some("run-2".into()),
        platform: Some("gce".into()),
        source_external_identifier: Some("<no-defined-source-file>".into()),
        parent_version_uid: Some("not a ULID".into()),
        parent_channel_uid: Some("deleted long ago".into()),
        labels: Some(labels(&[("arch", "arm64")])),
        metadata: Some(r#"{"vcs":null}"#.into()),
        artifacts: None,
    };
    let expected = Build {
        status: Failed,
        packer_run_uuid: "run-2".into(),
        platform: "gce".into(),
        source_external_identifier: "<no-defined-source-file>".into(),
        parent_version_uid: "not a ULID".into(),
        parent_channel_uid: "deleted long ago".into(),
        labels: labels(&[("arch", "arm64")]),
        metadata: Some(r#"{"vcs":null}"#.into()),
        ..full(Running)
    };
    assert_eq!(write(&other), (expected, None));
}

#[test]
fn done_needs_an_artifact_and_a_platform() {
    let check = |stored: &[Artifact], given: &[NewArtifact], platform: &str| {
        let current = Build { artifacts: stored.to_vec(), ..build(Running) };
        let done =
            BuildUpdate { platform: Some(platform.into()), artifacts: Some(given.to_vec()), ..says(Done) };
        match update(&current, Openness::Open, &done) {
            Ok(BuildChange::Write { artifacts, .. }) => Ok(artifacts),
            Ok(BuildChange::Repeat) => panic!("it was not done"),
            Err(error) => Err(error.to_string()),
        }
    };
    let one = [new("ami-1", "")];
    let region_only = [new("", "eu")];
    assert_eq!(check(&[], &one, "aws"), Ok(Some(one.to_vec())));
    assert_eq!(check(&[], &region_only, "aws"), Ok(Some(region_only.to_vec())));
    assert_eq!(check(&[artifact("ami-0", "eu")], &[], "aws"), Ok(None), "stored already");
    assert_eq!(check(&[artifact("ami-0", "eu")], &one, "aws"), Ok(Some(one.to_vec())), "replaced");
    let twice = [new("ami-1", "eu"), new("ami-1", "eu")];
    assert_eq!(check(&[], &twice, "aws"), Ok(Some(twice.to_vec())), "the same twice is legal");
    assert_eq!(
        check(&[], &[], "aws"),
        Err("build `null.base` cannot be done without an artifact that has an `external_identifier` \
             or a `region`"
            .into())
    );
    assert_eq!(check(&[], &one, ""), Err("build `null.base` cannot be done without a `platform`".into()));
    assert_eq!(
        check(&[], &[new("ami-1", ""), new("", "")], "aws"),
        Err("an artifact has an `external_identifier` or a `region`, \
             number 2 of build `null.base` has neither"
            .into())
    );
}

#[test]
fn before_done_artifacts_are_added() {
    let check = |given: &[NewArtifact]| {
        let said = BuildUpdate { artifacts: Some(given.to_vec()), ..says(Unset) };
        match update(&full(Running), Openness::Open, &said) {
            Ok(BuildChange::Write { artifacts, .. }) => artifacts,
            other => panic!("{other:?}"),
        }
    };
    let stored = [new("ami-1", "eu"), new("ami-2", "us")];
    let with = |added: &[NewArtifact]| Some([&stored, added].concat());
    assert_eq!(check(&[]), None);
    assert_eq!(check(&[new("ami-3", "us")]), with(&[new("ami-3", "us")]));
    assert_eq!(check(&[new("ami-1", "us")]), with(&[new("ami-1", "us")]), "another region");
    assert_eq!(check(&stored), None, "sent again after a lost answer");
    assert_eq!(check(&[new("ami-2", "us"), new("ami-3", "")]), with(&[new("ami-3", "")]));
}

#[test]
fn done_again_is_a_repeat_only_if_it_says_the_same() {
    let check = |said: BuildUpdate| update(&full(Done), Openness::Open, &said).map_err(|_| ());
    assert_eq!(check(full_update()), Ok(BuildChange::Repeat));
    assert_eq!(check(says(Done)), Ok(BuildChange::Repeat));
    let other_text = |text: &str| Some(text.to_owned());
    assert_eq!(check(BuildUpdate { packer_run_uuid: other_text("run-2"), ..full_update() }), Err(()));
    assert_eq!(check(BuildUpdate { platform: other_text("gce"), ..full_update() }), Err(()));
    assert_eq!(check(BuildUpdate { labels: Some(labels(&[("os", "debian")])), ..full_update() }), Err(()));
    assert_eq!(check(BuildUpdate { metadata: other_text(r#"{"vcs":1}"#), ..full_update() }), Err(()));
    assert_eq!(check(BuildUpdate { artifacts: Some(vec![new("ami-1", "eu")]), ..full_update() }), Err(()));
    assert_eq!(check(BuildUpdate { status: Some(Failed), ..full_update() }), Err(()));
}

#[test]
fn builds_of_a_complete_version_are_history() {
    let message = "version `fp-1` is complete: builds cannot be added to it, changed or deleted; \
                   use another fingerprint to start a new version";
    let check =
        |from, said: &BuildUpdate| update(&full(from), complete(), said).map_err(|error| error.to_string());
    for from in BuildStatus::ALL {
        for to in [Running, Failed, Cancelled] {
            assert_eq!(check(from, &says(to)), Err(message.to_owned()));
        }
    }
    assert_eq!(check(Done, &full_update()), Ok(BuildChange::Repeat), "the last DONE, sent again");
    assert_eq!(Openness::Open.check(), Ok(()));
    assert_eq!(complete().check().map_err(|error| error.to_string()), Err(message.to_owned()));
}

#[test]
fn texts_have_limits() {
    let check = |said: BuildUpdate| match update(&build(Unset), Openness::Open, &said) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    };
    let text = |n: usize| "x".repeat(n);
    let with_platform = |platform: String| BuildUpdate { platform: Some(platform), ..says(Running) };
    assert_eq!(check(with_platform(text(1024))), Ok(()));
    assert_eq!(
        check(with_platform(text(1025))),
        Err("`platform` of a build has at most 1024 bytes, found 1025".into())
    );
    assert_eq!(
        check(with_platform("a\0b".into())),
        Err("`platform` of a build cannot contain the character NUL, found `a\\0b`".into())
    );
    let with_artifact = |artifact| BuildUpdate { artifacts: Some(vec![artifact]), ..says(Running) };
    assert_eq!(check(with_artifact(new(&text(1024), &text(1024)))), Ok(()));
    assert_eq!(
        check(with_artifact(new(&text(1025), ""))),
        Err("`artifacts.external_identifier` of a build has at most 1024 bytes, found 1025".into())
    );
    assert_eq!(
        check(with_artifact(new("ami-1", "\0"))),
        Err("`artifacts.region` of a build cannot contain the character NUL, found `\\0`".into())
    );
}

#[test]
fn artifacts_show_only_when_done() {
    for status in BuildStatus::ALL {
        assert_eq!(full(status).visible_artifacts().len(), if status == Done { 2 } else { 0 });
    }
}

#[test]
fn a_running_build_is_dead_after_ten_silent_minutes() {
    let check = |status, seconds| build(status).is_silent(at(seconds), SILENT_AFTER);
    assert!(!check(Running, 0));
    assert!(!check(Running, 599));
    assert!(check(Running, 600));
    assert!(!check(Running, -600), "a clock that went back kills nothing");
    for status in [Unset, Done, Cancelled, Failed] {
        assert!(!check(status, 6000));
    }
}

#[test]
fn a_status_is_a_word() {
    let words = BuildStatus::ALL.map(BuildStatus::as_str);
    assert_eq!(words, ["unset", "running", "done", "cancelled", "failed"]);
    for status in BuildStatus::ALL {
        assert_eq!(status.as_str().parse(), Ok(status));
    }
    assert_eq!(
        "DONE".parse::<BuildStatus>().map_err(|error| error.to_string()),
        Err("a build status is one of `unset`, `running`, `done`, `cancelled` and `failed`, found `DONE`"
            .into())
    );
}

fn any_update() -> impl Strategy<Value = BuildUpdate> {
    let text = || option::of(select(&["", "a", "b"]).prop_map(str::to_owned));
    let artifacts = vec((select(&["", "ami-1", "ami-2"]), select(&["", "eu"])), 0..3);
    (option::of(select(&BuildStatus::ALL)), text(), text(), text(), text(), option::of(artifacts)).prop_map(
        |(status, packer_run_uuid, platform, source_external_identifier, metadata, artifacts)| BuildUpdate {
            status,
            packer_run_uuid,
            platform,
            source_external_identifier,
            metadata,
            artifacts: artifacts.map(|list| list.iter().map(|(id, region)| new(id, region)).collect()),
            ..BuildUpdate::default()
        },
    )
}

/// Carries a change out as the store does.
fn apply(current: &Build, change: BuildChange) -> Build {
    match change {
        BuildChange::Repeat => current.clone(),
        BuildChange::Write { mut build, artifacts } => {
            if let Some(artifacts) = artifacts {
                build.artifacts =
                    artifacts.iter().map(|new| artifact(&new.external_identifier, &new.region)).collect();
            }
            build
        }
    }
}

proptest! {
    #[test]
    fn an_update_keeps_every_promise_of_a_build(updates in vec(any_update(), 0..12)) {
        let mut current = build(Unset);
        for said in updates {
            let Ok(change) = update(&current, Openness::Open, &said) else { continue };
            let next = apply(&current, change);
            if current.status == Done {
                prop_assert_eq!(&next, &current, "done is final");
            }
            if next.status == Done {
                prop_assert!(!next.artifacts.is_empty() && !next.platform.is_empty());
            }
            prop_assert!(next.artifacts.iter().all(|artifact| artifact.key() != ("", "")));
            prop_assert!(current.status == Unset || next.status != Unset, "nothing un-starts");
            if said.artifacts.is_none() {
                prop_assert_eq!(&next.artifacts, &current.artifacts);
            }
            let is_erased = |old: &str, new: &str| !old.is_empty() && new.is_empty();
            prop_assert!(!is_erased(&current.platform, &next.platform));
            prop_assert!(!is_erased(&current.packer_run_uuid, &next.packer_run_uuid));
            // Sent again after a lost answer, it changes nothing.
            let again = update(&next, Openness::Open, &said);
            prop_assert_eq!(again.map(|change| apply(&next, change)), Ok(next.clone()));
            current = next;
        }
    }
}

#[test]
fn metadata_is_bounded_in_size_and_depth() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(check_metadata(&nested(64)), Ok(()));
    assert_eq!(check_metadata(&nested(65)), Err(BuildError::MetadataTooDeep));
    assert_eq!(check_metadata(r#"{"a":"[[[\"{{{"}"#), Ok(()));
    assert_eq!(check_metadata(&"[{}],".repeat(1000)), Ok(()));
    let large = " ".repeat(MAX_METADATA_BYTES + 1);
    assert_eq!(check_metadata(&large), Err(BuildError::MetadataTooLarge(large.len())));
}

#[test]
fn artifacts_are_bounded_in_number() {
    let update_with = |artifacts| BuildUpdate { artifacts: Some(artifacts), ..BuildUpdate::default() };
    let artifact = |n: usize| NewArtifact { external_identifier: n.to_string(), region: String::new() };
    let many = update_with((0..=MAX_ARTIFACTS).map(artifact).collect());
    assert_eq!(check_texts(&many), Err(BuildError::TooManyArtifacts(MAX_ARTIFACTS + 1)));
    assert_eq!(check_texts(&update_with((0..MAX_ARTIFACTS).map(artifact).collect())), Ok(()));
}
