//! Builds and their artifacts.

use waybill_model::{
    build::{Artifact, Build, BuildStatus},
    ids::{BucketId, BuildId, VersionId},
    labels::Labels,
};
use waybill_store::NewBuild;

use crate::support::{
    Db, at, done_build, is_constraint, labels, new_artifact, new_build, parse, stored_build, uid,
};

on_both! {
    a_build_is_stored_as_it_was_given,
    a_component_has_one_build_in_a_version,
    builds_come_in_order_of_creation_with_their_artifacts,
    builds_of_several_versions_are_grouped,
    builds_of_several_versions_are_counted,
    every_member_of_a_build_can_be_updated,
    artifacts_are_added_in_order_or_replaced,
    deleting_a_build_deletes_its_artifacts,
    silent_builds_are_found_and_cancelled,
}

fn version(db: &Db) -> VersionId {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    db.version(bucket, "fp-1")
}

fn a_build_is_stored_as_it_was_given(db: &mut Db) {
    let version = version(db);
    let new = NewBuild {
        uid: uid(),
        component_type: parse("amazon-ebs.ubuntu 24.04"),
        status: BuildStatus::Running,
        packer_run_uuid: "run".to_owned(),
        platform: "aws".to_owned(),
        source_external_identifier: "ami-0".to_owned(),
        parent_version_uid: "version".to_owned(),
        parent_channel_uid: "channel".to_owned(),
        labels: labels(&[("a", "b")]),
    };
    let mut expected = Build {
        id: BuildId(0),
        uid: new.uid.clone(),
        version_id: version,
        component_type: new.component_type.clone(),
        status: BuildStatus::Running,
        packer_run_uuid: "run".to_owned(),
        platform: "aws".to_owned(),
        source_external_identifier: "ami-0".to_owned(),
        parent_version_uid: "version".to_owned(),
        parent_channel_uid: "channel".to_owned(),
        labels: labels(&[("a", "b")]),
        metadata: None,
        artifacts: Vec::new(),
        created_at: at(5),
        updated_at: at(5),
    };
    let uid = new.uid.clone();
    expected.id = db.write(move |tx| tx.insert_build(version, &new, at(5)));
    db.read(move |tx| {
        assert_eq!(tx.build(version, uid.as_str())?.as_ref(), Some(&expected));
        assert_eq!(tx.builds(version)?, std::slice::from_ref(&expected));
        assert_eq!(tx.build(version, "nothing")?, None);
        assert_eq!(tx.build(VersionId(99), uid.as_str())?, None, "only in its version");
        let component = tx.build_of_component(version, &parse("amazon-ebs.ubuntu 24.04"))?;
        assert_eq!(component, Some(uid.to_string()));
        assert_eq!(tx.build_of_component(version, &parse("amazon-ebs.ubuntu"))?, None);
        Ok(())
    });
}

fn a_component_has_one_build_in_a_version(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let (version, next) = (db.version(bucket, "fp-1"), db.version(bucket, "fp-2"));
    let insert = |version: VersionId, component: &'static str| {
        db.try_write(move |tx| tx.insert_build(version, &new_build(component, BuildStatus::Unset), at(1)))
    };
    insert(version, "null.a").expect("it is new");
    insert(version, "null.A").expect("case matters");
    insert(next, "null.a").expect("it is new there");
    let error = insert(version, "null.a").expect_err("it has a build");
    assert!(is_constraint(&error), "{error}");
    let error = insert(VersionId(99), "null.a").expect_err("there is no such version");
    assert!(is_constraint(&error), "{error}");
}

fn builds_come_in_order_of_creation_with_their_artifacts(db: &mut Db) {
    let version = version(db);
    db.write(move |tx| {
        done_build(tx, version, "null.z", &[("ami-2", "eu"), ("ami-1", "us"), ("ami-1", "ap")])?;
        done_build(tx, version, "null.a", &[])?;
        done_build(tx, version, "null.m", &[("", "eu"), ("ami-9", "")]).map(drop)
    });
    let list = |build: &Build| {
        let artifacts: Vec<_> = build
            .artifacts
            .iter()
            .map(|artifact| format!("{}/{}", artifact.external_identifier, artifact.region))
            .collect();
        format!("{}: {}", build.component_type, artifacts.join(" "))
    };
    let builds: Vec<_> = db.read(move |tx| tx.builds(version)).iter().map(list).collect();
    assert_eq!(builds, ["null.z: ami-2/eu ami-1/us ami-1/ap", "null.a: ", "null.m: /eu ami-9/"]);
}

fn builds_of_several_versions_are_grouped(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let [one, two, three, empty] = ["fp-1", "fp-2", "fp-3", "fp-4"].map(|name| db.version(bucket, name));
    db.write(move |tx| {
        for (version, component) in [(two, "null.a"), (one, "null.b"), (two, "null.c"), (three, "null.d")] {
            done_build(tx, version, component, &[("x", "1"), ("x", "2")])?;
        }
        Ok(())
    });
    let list = |versions: &[VersionId]| -> Vec<(VersionId, String, usize)> {
        let versions = versions.to_vec();
        let builds = db.read(move |tx| tx.builds_of(&versions));
        let row = |build: &Build| (build.version_id, build.component_type.to_string(), build.artifacts.len());
        builds.iter().map(row).collect()
    };
    let row = |version: VersionId, component: &str| (version, component.to_owned(), 2);
    assert_eq!(list(&[two, empty, one]), [row(one, "null.b"), row(two, "null.a"), row(two, "null.c")]);
    assert_eq!(list(&[three]), [row(three, "null.d")]);
    assert_eq!(list(&[empty, VersionId(99)]), []);
    assert_eq!(list(&[]), []);
    let many: Vec<VersionId> = (0..5000).map(VersionId).collect();
    assert_eq!(list(&many).len(), 4);
    // But for their metadata they are what they are alone.
    db.write(move |tx| {
        let build = stored_build(tx, three, "null.d")?;
        tx.update_build(&Build { metadata: Some("{}".to_owned()), ..build }, at(4))
    });
    let alone = db.read(move |tx| stored_build(tx, three, "null.d"));
    assert_eq!(alone.metadata.as_deref(), Some("{}"));
    let together = db.read(move |tx| tx.builds_of(&[three, one])).pop();
    assert_eq!(together, Some(Build { metadata: None, ..alone }));
}

fn builds_of_several_versions_are_counted(db: &mut Db) {
    let project = db.scene().project;
    let [ubuntu, debian, none] = ["ubuntu", "debian", "none"].map(|name| db.bucket(project, name));
    let [one, two, empty] = ["fp-1", "fp-2", "fp-3"].map(|name| db.version(ubuntu, name));
    let there = db.version(debian, "fp-1");
    db.write(move |tx| {
        for (version, builds) in [(one, 3), (two, 1), (there, 2)] {
            for number in 0..builds {
                done_build(tx, version, &format!("null.{number}"), &[("x", "1"), ("x", "2")])?;
            }
        }
        Ok(())
    });
    let counts = |versions: &[VersionId]| {
        let versions = versions.to_vec();
        db.read(move |tx| tx.build_counts(&versions))
    };
    assert_eq!(counts(&[two, empty, there, one]), [(one, 3), (two, 1), (there, 2)].into());
    assert_eq!(counts(&[empty]), [].into());
    assert_eq!(counts(&[]), [].into());

    for (bucket, name, version) in [(ubuntu, "latest", one), (ubuntu, "prod", two), (debian, "latest", there)]
    {
        let channel = db.channel(bucket, name);
        db.write(move |tx| tx.assign_channel(channel, Some(version), "ci", at(5)));
    }
    db.channel(none, "latest");
    let of_latest = |buckets: &[BucketId]| {
        let buckets = buckets.to_vec();
        db.read(move |tx| tx.latest_build_counts(&buckets))
    };
    assert_eq!(of_latest(&[none, ubuntu, debian]), [(ubuntu, 3), (debian, 2)].into());
    assert_eq!(of_latest(&[debian]), [(debian, 2)].into());
    assert_eq!(of_latest(&[]), [].into());
}

fn every_member_of_a_build_can_be_updated(db: &mut Db) {
    let version = version(db);
    db.write(move |tx| {
        tx.insert_build(version, &new_build("null.a", BuildStatus::Unset), at(1))?;
        tx.insert_build(version, &new_build("null.b", BuildStatus::Unset), at(1))
    });
    let untouched = db.read(move |tx| stored_build(tx, version, "null.b"));
    let before = db.read(move |tx| stored_build(tx, version, "null.a"));
    for (status, metadata) in [
        (BuildStatus::Running, Some(r#"{"packer":{"options":[1.50, "ü\u0000"]}}"#)),
        (BuildStatus::Failed, Some("{}")),
        (BuildStatus::Cancelled, None),
        (BuildStatus::Done, None),
        (BuildStatus::Unset, None),
    ] {
        let build = Build {
            status,
            packer_run_uuid: "run-2".to_owned(),
            platform: "gcp".to_owned(),
            source_external_identifier: "image".to_owned(),
            parent_version_uid: "v".to_owned(),
            parent_channel_uid: "c".to_owned(),
            labels: labels(&[("k", "v")]),
            metadata: metadata.map(str::to_owned),
            updated_at: at(9),
            ..before.clone()
        };
        let new = build.clone();
        db.write(move |tx| tx.update_build(&new, at(9)));
        assert_eq!(db.read(move |tx| stored_build(tx, version, "null.a")), build);
    }
    assert_eq!(db.read(move |tx| stored_build(tx, version, "null.b")), untouched);
}

fn artifacts_are_added_in_order_or_replaced(db: &mut Db) {
    let version = version(db);
    let build = db.write(move |tx| tx.insert_build(version, &new_build("null.a", BuildStatus::Done), at(1)));
    let stored = || db.read(move |tx| stored_build(tx, version, "null.a")).artifacts;
    let texts = |artifacts: &[Artifact]| -> Vec<String> {
        artifacts.iter().map(|artifact| artifact.external_identifier.clone()).collect()
    };
    db.write(move |tx| tx.put_artifacts(build, &[], false, at(2)));
    assert_eq!(stored(), []);
    let new = new_artifact("ami-1", "eu");
    let id = new.0.clone();
    db.write(move |tx| tx.put_artifacts(build, std::slice::from_ref(&new), false, at(3)));
    let [artifact] = &stored()[..] else { panic!("there is one") };
    assert_eq!((&artifact.uid, artifact.region.as_str(), artifact.created_at), (&id, "eu", at(3)));
    let many: Vec<String> = (0..100).map(|number| format!("image-{number}")).collect();
    let names = many.clone();
    db.write(move |tx| {
        let new: Vec<_> = names.iter().map(|name| new_artifact(name, "")).collect();
        tx.put_artifacts(build, &new, true, at(4))
    });
    assert_eq!(texts(&stored()), many);
    db.write(move |tx| tx.put_artifacts(build, &[], true, at(5)));
    assert_eq!(stored(), []);
}

fn deleting_a_build_deletes_its_artifacts(db: &mut Db) {
    let version = version(db);
    let (gone, stays) = db.write(move |tx| {
        let gone = done_build(tx, version, "null.a", &[("ami-1", "eu")])?;
        Ok((gone, done_build(tx, version, "null.b", &[("ami-1", "eu")])?))
    });
    db.write(move |tx| tx.delete_build(gone));
    let builds = db.read(move |tx| tx.builds(version));
    assert_eq!(builds.iter().map(|build| build.id).collect::<Vec<_>>(), [stays]);
    assert_eq!(builds[0].artifacts.len(), 1);
    db.write(move |tx| done_build(tx, version, "null.a", &[]).map(drop));
    assert_eq!(db.read(move |tx| stored_build(tx, version, "null.a")).artifacts, []);
    db.write(|tx| tx.delete_build(BuildId(99)));
}

fn silent_builds_are_found_and_cancelled(db: &mut Db) {
    let version = version(db);
    let silent = db.write(move |tx| {
        let mut silent = Vec::new();
        for (component, status, second) in [
            ("null.late", BuildStatus::Running, 20),
            ("null.early", BuildStatus::Running, 10),
            ("null.alive", BuildStatus::Running, 30),
            ("null.done", BuildStatus::Done, 10),
            ("null.unset", BuildStatus::Unset, 10),
        ] {
            silent.push(tx.insert_build(version, &new_build(component, status), at(second))?);
        }
        Ok(silent)
    });
    let find = |since: i64, limit: u32| -> Vec<BuildId> {
        db.read(move |tx| tx.silent_builds(at(since), limit)).into_iter().map(|(build, ..)| build).collect()
    };
    assert_eq!(find(10, 9), []);
    assert_eq!(find(30, 9), [silent[1], silent[0]]);
    assert_eq!(find(30, 1), [silent[1]]);
    let (_, uid, of, component) = db.read(|tx| tx.silent_builds(at(30), 1)).swap_remove(0);
    let stored = db.read(move |tx| stored_build(tx, version, "null.early"));
    assert_eq!((uid, of, component), (stored.uid.to_string(), version, stored.component_type));
    let (early, done) = (silent[1], silent[3]);
    db.write(move |tx| {
        tx.cancel_build(early, at(40))?;
        tx.cancel_build(done, at(40))
    });
    assert_eq!(find(30, 9), [silent[0]]);
    let cancelled = db.read(move |tx| stored_build(tx, version, "null.early"));
    assert_eq!((cancelled.status, cancelled.updated_at), (BuildStatus::Cancelled, at(40)));
    let untouched = db.read(move |tx| stored_build(tx, version, "null.done"));
    assert_eq!((untouched.status, untouched.updated_at), (BuildStatus::Done, at(10)));
    assert_eq!(untouched.labels, Labels::default());
}
