//! Versions: looked up, numbered, revoked, deleted.

use jiff::Timestamp;
use waybill_model::{
    build::BuildStatus,
    ids::{BucketId, VersionId},
    version::{Revocation, RevocationKind, Tally, TemplateType, Version},
};
use waybill_store::NewVersion;

use crate::support::{Db, at, done_build, is_constraint, new_build, new_version, parse, uid};

on_both! {
    a_version_is_found_by_fingerprint_row_and_identifier,
    several_versions_are_found_together,
    the_latest_of_several_buckets_are_found_together,
    a_fingerprint_is_unique_in_its_bucket,
    builds_of_an_open_version_are_tallied,
    a_version_is_completed_once_and_numbered,
    a_number_is_given_once,
    complete_versions_come_highest_first,
    a_revocation_is_stored_and_taken_back,
    due_revocations_are_those_whose_moment_has_come,
    inheritors_are_those_that_took_the_revocation_over,
    who_inherited_a_revocation_from_what_goes_keeps_it_as_its_own,
    deleting_a_version_deletes_what_is_in_it,
}

fn a_version_is_found_by_fingerprint_row_and_identifier(db: &mut Db) {
    let (project, other) = (db.scene().project, db.scene().project);
    let (bucket, next) = (db.bucket(project, "ubuntu"), db.bucket(project, "debian"));
    let new = NewVersion {
        uid: uid(),
        fingerprint: parse("01F-x.y_z"),
        template_type: TemplateType::Json,
        author: "ci-bot".to_owned(),
    };
    let uid = new.uid.clone();
    let mut expected = Version {
        id: VersionId(0),
        uid: uid.clone(),
        bucket_id: bucket,
        fingerprint: new.fingerprint.clone(),
        number: None,
        template_type: TemplateType::Json,
        author: "ci-bot".to_owned(),
        created_at: at(7),
        updated_at: at(7),
        completed_at: None,
        revocation: None,
        tally: Tally::default(),
        has_descendants: false,
        has_parents: false,
    };
    expected.id = db.write(move |tx| tx.insert_version(bucket, &new, at(7)));
    let id = expected.id;
    db.read(move |tx| {
        assert_eq!(tx.version(bucket, &parse("01F-x.y_z"))?.as_ref(), Some(&expected));
        assert_eq!(tx.version_by_id(id)?.as_ref(), Some(&expected));
        assert_eq!(tx.version_by_uid(project, uid.as_str())?.as_ref(), Some(&expected));
        assert_eq!(tx.version(next, &parse("01F-x.y_z"))?, None);
        assert_eq!(tx.version(bucket, &parse("01f-x.y_z"))?, None);
        assert_eq!(tx.version_by_uid(other, uid.as_str())?, None);
        assert_eq!(tx.version_by_uid(project, "nothing")?, None);
        assert_eq!(tx.version_by_id(VersionId(99))?, None);
        assert_eq!(tx.bucket_name_of(id)?, Some(parse("ubuntu")));
        assert_eq!(tx.bucket_name_of(VersionId(99))?, None);
        Ok(())
    });
}

fn several_versions_are_found_together(db: &mut Db) {
    let project = db.scene().project;
    let (bucket, next) = (db.bucket(project, "ubuntu"), db.bucket(project, "debian"));
    let (one, two) = (db.complete(bucket, 1, &[]), db.complete(next, 1, &[]));
    let open = db.version(bucket, "open");
    db.write(move |tx| tx.insert_build(open, &new_build("null.a", BuildStatus::Failed), at(3)));
    let find = |ids: &[VersionId]| {
        let ids = ids.to_vec();
        let mut found = db.read(move |tx| tx.versions_by_row(&ids));
        found.sort_by_key(|(_, version)| version.id);
        found
    };
    let single = |id: VersionId| db.read(move |tx| tx.version_by_id(id)).expect("it is there");
    let expected =
        [(parse("ubuntu"), single(one)), (parse("debian"), single(two)), (parse("ubuntu"), single(open))];
    assert_eq!(find(&[open, VersionId(99), two, one]), expected);
    assert_eq!(find(&[two]), expected[1..2]);
    assert_eq!(find(&[]), []);
    let many: Vec<VersionId> = (0..5000).map(VersionId).collect();
    assert_eq!(find(&many), expected);
}

fn the_latest_of_several_buckets_are_found_together(db: &mut Db) {
    let project = db.scene().project;
    let [one, two, three, none] = ["one", "two", "three", "none"].map(|name| db.bucket(project, name));
    let of = |bucket: BucketId, name: &'static str, number: u32| {
        let version = db.complete(bucket, number, &[]);
        let channel = db.channel(bucket, name);
        db.write(move |tx| tx.assign_channel(channel, Some(version), "ci", at(5)));
        version
    };
    let (first, second) = (of(one, "latest", 1), of(two, "latest", 1));
    of(one, "prod", 2);
    of(three, "prod", 1);
    let unassigned = db.channel(three, "latest");
    let find = |buckets: &[BucketId]| -> Vec<VersionId> {
        let buckets = buckets.to_vec();
        let mut ids: Vec<_> =
            db.read(move |tx| tx.latest_versions(&buckets)).iter().map(|version| version.id).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(find(&[none, two, three, one, BucketId(99)]), [first, second]);
    assert_eq!(find(&[two]), [second]);
    assert_eq!(find(&[three, none]), []);
    assert_eq!(find(&[]), []);
    db.write(move |tx| tx.assign_channel(unassigned, Some(second), "ci", at(6)));
    let found = db.read(move |tx| tx.latest_versions(&[two]));
    assert_eq!(found.first(), db.read(move |tx| tx.version_by_id(second)).as_ref());
}

fn a_fingerprint_is_unique_in_its_bucket(db: &mut Db) {
    let project = db.scene().project;
    let (bucket, next) = (db.bucket(project, "ubuntu"), db.bucket(project, "debian"));
    db.version(bucket, "fp-1");
    db.version(bucket, "FP-1");
    db.version(next, "fp-1");
    let error = db
        .try_write(move |tx| tx.insert_version(bucket, &new_version("fp-1"), at(1)))
        .expect_err("the fingerprint is taken");
    assert!(is_constraint(&error), "{error}");
}

fn builds_of_an_open_version_are_tallied(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let (version, other) = (db.version(bucket, "fp-1"), db.version(bucket, "fp-2"));
    db.write(move |tx| {
        let statuses = [
            BuildStatus::Unset,
            BuildStatus::Running,
            BuildStatus::Running,
            BuildStatus::Done,
            BuildStatus::Done,
            BuildStatus::Done,
            BuildStatus::Failed,
            BuildStatus::Cancelled,
            BuildStatus::Cancelled,
        ];
        for (at_build, status) in statuses.into_iter().enumerate() {
            tx.insert_build(version, &new_build(&format!("null.{at_build}"), status), at(1))?;
        }
        Ok(())
    });
    let tally = Tally { unset: 1, running: 2, done: 3, failed: 1, cancelled: 2 };
    assert_eq!(db.read(move |tx| tx.version_by_id(version)).expect("it is there").tally, tally);
    assert_eq!(db.read(move |tx| tx.version_by_id(other)).expect("it is there").tally, Tally::default());
}

fn a_version_is_completed_once_and_numbered(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let (first, second) = (db.version(bucket, "fp-1"), db.version(bucket, "fp-2"));
    let complete = |version: VersionId, number: u32, now: Timestamp| {
        db.write(move |tx| tx.complete_version(bucket, version, number, now))
    };
    assert!(complete(second, 1, at(11)));
    assert!(!complete(second, 2, at(12)), "it has its number");
    assert!(complete(first, 2, at(13)));
    assert!(!complete(VersionId(99), 3, at(14)));
    db.read(move |tx| {
        let version = tx.version_by_id(second)?.expect("it is there");
        assert_eq!(
            (version.number, version.completed_at, version.updated_at),
            (Some(1), Some(at(11)), at(11))
        );
        assert_eq!(tx.version_by_number(bucket, 1)?, Some(version));
        assert_eq!(tx.version_by_number(bucket, 2)?.map(|version| version.id), Some(first));
        assert_eq!(tx.version_by_number(bucket, 0)?, None);
        assert_eq!(tx.version_by_number(bucket, 3)?, None);
        assert_eq!(tx.version_by_number(BucketId(99), 1)?, None);
        let bucket = tx.bucket_by_id(bucket)?.expect("it is there");
        assert_eq!((bucket.last_number, bucket.updated_at), (2, at(13)));
        Ok(())
    });
}

fn a_number_is_given_once(db: &mut Db) {
    let project = db.scene().project;
    let (bucket, next) = (db.bucket(project, "ubuntu"), db.bucket(project, "debian"));
    db.complete(bucket, 1, &[]);
    db.complete(next, 1, &[]);
    let open = db.version(bucket, "open");
    let error =
        db.try_write(move |tx| tx.complete_version(bucket, open, 1, at(9))).expect_err("the number is taken");
    assert!(is_constraint(&error), "{error}");
    assert_eq!(db.read(move |tx| tx.version_by_id(open)).expect("it is there").number, None);
}

fn complete_versions_come_highest_first(db: &mut Db) {
    let project = db.scene().project;
    let (bucket, next) = (db.bucket(project, "ubuntu"), db.bucket(project, "debian"));
    for number in [2, 10, 1, 9] {
        db.complete(bucket, number, &[]);
    }
    db.version(bucket, "open");
    db.complete(next, 5, &[]);
    let list = |limit: u32| -> Vec<Option<u32>> {
        db.read(move |tx| tx.complete_versions(bucket, limit)).iter().map(|version| version.number).collect()
    };
    assert_eq!(list(u32::MAX), [Some(10), Some(9), Some(2), Some(1)]);
    assert_eq!(list(2), [Some(10), Some(9)]);
}

fn revocation(second: i64) -> Revocation {
    Revocation {
        at: at(second),
        message: "old kernel".to_owned(),
        author: "eve".to_owned(),
        kind: RevocationKind::Manual,
        inheritable: true,
    }
}

fn a_revocation_is_stored_and_taken_back(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let (version, other) = (db.complete(bucket, 1, &[]), db.complete(bucket, 2, &[]));
    let stored = |version: VersionId| {
        let version = db.read(move |tx| tx.version_by_id(version)).expect("it is there");
        (version.revocation, version.updated_at)
    };
    for revocation in [
        revocation(50),
        Revocation { message: String::new(), inheritable: false, ..revocation(60) },
        Revocation { kind: RevocationKind::Inherited { from: other }, ..revocation(70) },
        // The version that it came from may be gone.
        Revocation { kind: RevocationKind::Inherited { from: VersionId(99) }, ..revocation(70) },
    ] {
        let new = revocation.clone();
        db.write(move |tx| tx.revoke_version(version, &new, false, at(8)));
        assert_eq!(stored(version), (Some(revocation), at(8)));
    }
    assert_eq!(stored(other), (None, at(4)));
    db.write(move |tx| tx.restore_version(version, at(9)));
    assert_eq!(stored(version), (None, at(9)));
}

fn due_revocations_are_those_whose_moment_has_come(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let versions: Vec<VersionId> = (1..=5).map(|number| db.complete(bucket, number, &[])).collect();
    let [late, early, done, future, restored] = versions[..] else { panic!("five versions were made") };
    db.write(move |tx| {
        tx.revoke_version(late, &revocation(30), false, at(8))?;
        tx.revoke_version(early, &revocation(20), false, at(8))?;
        tx.revoke_version(done, &revocation(10), true, at(8))?;
        tx.revoke_version(future, &revocation(31), false, at(8))?;
        tx.revoke_version(restored, &revocation(10), false, at(8))?;
        tx.restore_version(restored, at(9))
    });
    let due = |now: i64, limit: u32| -> Vec<VersionId> {
        db.read(move |tx| tx.due_revocations(at(now), limit)).iter().map(|version| version.id).collect()
    };
    assert_eq!(due(19, 10), []);
    assert_eq!(due(20, 10), [early]);
    assert_eq!(due(30, 10), [early, late]);
    assert_eq!(due(30, 1), [early]);
    assert_eq!(due(31, 10), [early, late, future]);
    db.write(move |tx| tx.set_revocation_done(early));
    assert_eq!(due(31, 10), [late, future]);
    // Revoking again starts over.
    db.write(move |tx| tx.revoke_version(early, &revocation(15), false, at(40)));
    assert_eq!(due(31, 10), [early, late, future]);
}

fn inheritors_are_those_that_took_the_revocation_over(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let [parent, child, other] = [1, 2, 3].map(|number| db.complete(bucket, number, &[]));
    let inherited = Revocation { kind: RevocationKind::Inherited { from: parent }, ..revocation(10) };
    db.write(move |tx| {
        tx.revoke_version(parent, &revocation(10), true, at(8))?;
        tx.revoke_version(child, &inherited, true, at(8))?;
        tx.revoke_version(other, &revocation(10), true, at(8))
    });
    let inheritors = |of: VersionId| -> Vec<VersionId> {
        db.read(move |tx| tx.inheritors(of)).iter().map(|version| version.id).collect()
    };
    assert_eq!(inheritors(parent), [child]);
    assert_eq!(inheritors(child), []);
    db.write(move |tx| tx.restore_version(child, at(9)));
    assert_eq!(inheritors(parent), []);
}

fn who_inherited_a_revocation_from_what_goes_keeps_it_as_its_own(db: &mut Db) {
    let project = db.scene().project;
    let (base, app) = (db.bucket(project, "base"), db.bucket(project, "app"));
    let (one, two) = (db.complete(base, 1, &[]), db.complete(base, 2, &[]));
    let heirs = [(one, 1), (two, 2)].map(|(parent, number)| {
        let heir = db.complete(app, number, &[parent]);
        let inherited = Revocation { kind: RevocationKind::Inherited { from: parent }, ..revocation(10) };
        db.write(move |tx| tx.revoke_version(heir, &inherited, true, at(8)));
        heir
    });
    let kinds = || {
        heirs.map(|heir| {
            let version = db.read(move |tx| tx.version_by_id(heir)).expect("it is there");
            version.revocation.expect("it was revoked").kind
        })
    };
    db.write(move |tx| tx.delete_version(base, one, at(9)));
    assert_eq!(kinds(), [RevocationKind::Manual, RevocationKind::Inherited { from: two }]);
    db.write(move |tx| tx.delete_bucket(base));
    assert_eq!(kinds(), [RevocationKind::Manual; 2]);
}

fn deleting_a_version_deletes_what_is_in_it(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let (gone, stays) = (db.version(bucket, "fp-1"), db.version(bucket, "fp-2"));
    for version in [gone, stays] {
        db.write(move |tx| done_build(tx, version, "null.a", &[("ami-1", "eu")]));
    }
    let channel = db.channel(bucket, "prod");
    db.write(move |tx| tx.assign_channel(channel, Some(gone), "ci", at(5)));
    db.write(move |tx| tx.delete_version(bucket, gone, at(9)));
    db.read(move |tx| {
        assert_eq!(tx.version_by_id(gone)?, None);
        assert_eq!(tx.builds(gone)?, []);
        assert_eq!(tx.builds(stays)?.len(), 1);
        // Whoever deletes moves the channels first; the store says what there is.
        let (channel, version) = tx.resolve_channel(bucket, &parse("prod"))?.expect("the channel stays");
        assert_eq!((channel.version_id, version), (Some(gone), None));
        assert_eq!(tx.channel_past(channel.id, 9)?, [Some(gone)], "history remembers what is gone");
        Ok(())
    });
    let again = db.version(bucket, "fp-1");
    assert_ne!(again, gone, "a version's row is never used again");
    assert_eq!(db.read(move |tx| tx.resolve_channel(bucket, &parse("prod"))).and_then(|found| found.1), None);
}
