//! Buckets: looked up, changed, counted, deleted with everything in them.

use waybill_model::ids::{BucketId, PrincipalId};
use waybill_model::role::Role;
use waybill_store::{Bucket, BucketChanges, NewBucket, PolicyScope};

use crate::support::{
    Db, at, done_build, is_constraint, labels, new_bucket, new_channel, new_version, parse, principal, uid,
};

on_both! {
    a_bucket_is_found_by_name_and_row,
    a_bucket_name_is_unique_in_its_project,
    description_and_labels_change,
    versions_are_counted,
    buckets_of_a_principal_are_those_it_has_a_role_on,
    deleting_a_bucket_deletes_everything_in_it,
}

fn a_bucket_is_found_by_name_and_row(db: &mut Db) {
    let (project, other) = (db.scene().project, db.scene().project);
    let new = NewBucket {
        uid: uid(),
        name: parse("ubuntu"),
        description: "the base".to_owned(),
        labels: labels(&[("os", "linux"), ("a", "")]),
    };
    let mut expected = Bucket {
        id: BucketId(0),
        uid: new.uid.to_string(),
        project,
        name: new.name.clone(),
        description: new.description.clone(),
        labels: new.labels.clone(),
        last_number: 0,
        version_count: 0,
        created_at: at(7),
        updated_at: at(7),
    };
    let id = db.write(move |tx| tx.insert_bucket(project, &new, at(7)));
    expected.id = id;
    assert_eq!(db.read(move |tx| tx.bucket(project, &parse("ubuntu"))).as_ref(), Some(&expected));
    assert_eq!(db.read(move |tx| tx.bucket_by_id(id)).as_ref(), Some(&expected));
    assert_eq!(db.read(move |tx| tx.bucket(project, &parse("Ubuntu"))), None);
    assert_eq!(db.read(move |tx| tx.bucket(other, &parse("ubuntu"))), None);
    assert_eq!(db.read(|tx| tx.bucket_by_id(BucketId(99))), None);
    assert_eq!(db.read(move |tx| tx.count_buckets(project)), 1);
    assert_eq!(db.read(move |tx| tx.count_buckets(other)), 0);
}

fn a_bucket_name_is_unique_in_its_project(db: &mut Db) {
    let (project, other) = (db.scene().project, db.scene().project);
    db.bucket(project, "ubuntu");
    db.bucket(project, "Ubuntu");
    db.bucket(other, "ubuntu");
    let error = db
        .try_write(move |tx| tx.insert_bucket(project, &new_bucket("ubuntu"), at(2)))
        .expect_err("the name is taken");
    assert!(is_constraint(&error), "{error}");
    assert_eq!(db.read(move |tx| tx.count_buckets(project)), 2);
}

fn description_and_labels_change(db: &mut Db) {
    let project = db.scene().project;
    let (id, other) = (db.bucket(project, "ubuntu"), db.bucket(project, "debian"));
    let before = db.read(move |tx| tx.bucket_by_id(other));
    db.write(move |tx| {
        let changes = BucketChanges { description: "new".to_owned(), labels: labels(&[("a", "b")]) };
        tx.update_bucket(id, &changes, at(9))
    });
    let bucket = db.read(move |tx| tx.bucket_by_id(id)).expect("it is there");
    assert_eq!((bucket.description.as_str(), bucket.labels), ("new", labels(&[("a", "b")])));
    assert_eq!((bucket.created_at, bucket.updated_at), (at(1), at(9)));
    db.write(move |tx| {
        let changes = BucketChanges { description: String::new(), labels: labels(&[]) };
        tx.update_bucket(id, &changes, at(10))
    });
    let bucket = db.read(move |tx| tx.bucket_by_id(id)).expect("it is there");
    assert_eq!((bucket.description.as_str(), bucket.labels), ("", labels(&[])));
    assert_eq!(db.read(move |tx| tx.bucket_by_id(other)), before);
}

fn versions_are_counted(db: &mut Db) {
    let project = db.scene().project;
    let (bucket, other) = (db.bucket(project, "ubuntu"), db.bucket(project, "debian"));
    let count =
        |bucket: BucketId| db.read(move |tx| tx.bucket_by_id(bucket)).expect("it is there").version_count;
    let first = db.version(bucket, "fp-1");
    db.version(bucket, "fp-2");
    db.complete(bucket, 1, &[]);
    assert_eq!((count(bucket), count(other)), (3, 0));
    let refused = db.try_write(move |tx| tx.insert_version(bucket, &new_version("fp-2"), at(8)));
    assert!(is_constraint(&refused.expect_err("the fingerprint is taken")));
    assert_eq!(count(bucket), 3);
    db.write(move |tx| tx.delete_version(bucket, first, at(20)));
    assert_eq!((count(bucket), count(other)), (2, 0));
    let bucket = db.read(move |tx| tx.bucket_by_id(bucket)).expect("it is there");
    assert_eq!((bucket.last_number, bucket.updated_at), (1, at(20)));
}

fn buckets_of_a_principal_are_those_it_has_a_role_on(db: &mut Db) {
    let scene = db.scene();
    let elsewhere = db.scene().project;
    let [ubuntu, debian, alpine] = ["ubuntu", "debian", "alpine"].map(|name| db.bucket(scene.project, name));
    let foreign = db.bucket(elsewhere, "ubuntu");
    let (bot, other) = db.write(move |tx| {
        let (bot, _) = principal(tx, scene.organization, None, "ci-bot")?;
        let (other, _) = principal(tx, scene.organization, None, "other")?;
        tx.bind(bot, PolicyScope::Bucket(ubuntu), Role::Viewer, at(1))?;
        tx.bind(bot, PolicyScope::Bucket(ubuntu), Role::Admin, at(1))?;
        tx.bind(bot, PolicyScope::Bucket(alpine), Role::Viewer, at(1))?;
        tx.bind(bot, PolicyScope::Bucket(foreign), Role::Viewer, at(1))?;
        tx.bind(other, PolicyScope::Bucket(debian), Role::Viewer, at(1))?;
        tx.bind(other, PolicyScope::Project(scene.project), Role::Admin, at(1))?;
        Ok((bot, other))
    });
    let list = |project, principal: PrincipalId| -> Vec<String> {
        let buckets = db.read(move |tx| tx.buckets_of_principal(project, principal));
        buckets.iter().map(|bucket| bucket.name.to_string()).collect()
    };
    assert_eq!(list(scene.project, bot), ["alpine", "ubuntu"]);
    assert_eq!(list(elsewhere, bot), ["ubuntu"]);
    assert_eq!(list(scene.project, other), ["debian"]);
    assert_eq!(list(elsewhere, other), [""; 0]);
    // Whoever is in a group has the roles of the group.
    db.place.execute(&format!(
        "INSERT INTO group_members (group_id, member_id, created_at) VALUES ({bot}, {other}, 1)"
    ));
    assert_eq!(list(scene.project, other), ["alpine", "debian", "ubuntu"]);
}

fn deleting_a_bucket_deletes_everything_in_it(db: &mut Db) {
    let scene = db.scene();
    let (gone, stays) = (db.bucket(scene.project, "gone"), db.bucket(scene.project, "stays"));
    let fill = |bucket: BucketId| {
        db.write(move |tx| {
            let version = tx.insert_version(bucket, &new_version("fp-1"), at(1))?;
            let build = done_build(tx, version, "null.a", &[("ami-1", "eu"), ("ami-1", "us")])?;
            let channel = tx.insert_channel(bucket, &new_channel("prod"), at(1))?;
            tx.assign_channel(channel, Some(version), "ci", at(1))?;
            let (bot, _) = principal(tx, scene.organization, None, &format!("bot-{bucket}"))?;
            tx.bind(bot, PolicyScope::Bucket(bucket), Role::Admin, at(1))?;
            Ok((version, build, channel, bot))
        })
    };
    let (version, build, channel, bot) = fill(gone);
    let (version_there, _, channel_there, bot_there) = fill(stays);
    db.write(move |tx| tx.delete_bucket(gone));
    db.read(move |tx| {
        assert_eq!(tx.bucket_by_id(gone)?, None);
        assert_eq!(tx.bucket(scene.project, &parse("gone"))?, None);
        assert_eq!(tx.version_by_id(version)?, None);
        assert_eq!(tx.builds(version)?, []);
        assert_eq!(tx.sboms(build)?, []);
        assert_eq!(tx.channels(gone)?, []);
        assert_eq!(tx.count_assignments(channel)?, 0);
        assert_eq!(tx.role_bindings(bot)?, []);
        assert_eq!(tx.count_buckets(scene.project)?, 1);
        assert_eq!(tx.builds(version_there)?.len(), 1);
        assert_eq!(tx.builds(version_there)?[0].artifacts.len(), 2);
        assert_eq!(tx.count_assignments(channel_there)?, 1);
        assert_eq!(tx.role_bindings(bot_there)?.len(), 1);
        Ok(())
    });
    // The name is free, and what comes there is new.
    let again = db.bucket(scene.project, "gone");
    assert_eq!(db.read(move |tx| tx.channels(again)), []);
    let again = db.version(again, "fp-1");
    assert_ne!(again, version, "a version's row is never used again");
}
