//! Channels and the history of their assignments.

use waybill_model::{channel::Channel, ids::ChannelId};
use waybill_store::NewChannel;

use crate::support::{Db, at, done_build, is_constraint, new_channel, parse, uid};

on_both! {
    a_channel_is_found_by_name_and_identifier,
    a_channel_name_is_unique_in_its_bucket,
    only_the_managed_channel_is_managed,
    channels_come_by_name,
    a_channel_resolves_to_its_version,
    assignments_are_remembered,
    a_channel_can_be_restricted,
    deleting_a_channel_deletes_its_history,
}

fn a_channel_is_found_by_name_and_identifier(db: &mut Db) {
    let (project, other) = (db.scene().project, db.scene().project);
    let (bucket, next) = (db.bucket(project, "ubuntu"), db.bucket(project, "debian"));
    let new = NewChannel {
        uid: uid(),
        name: parse("prod"),
        managed: false,
        restricted: true,
        author: "ci-bot".to_owned(),
    };
    let uid = new.uid.clone();
    let mut expected = Channel {
        id: ChannelId(0),
        uid: uid.clone(),
        bucket_id: bucket,
        name: parse("prod"),
        managed: false,
        restricted: true,
        version_id: None,
        author: "ci-bot".to_owned(),
        created_at: at(5),
        updated_at: at(5),
    };
    expected.id = db.write(move |tx| tx.insert_channel(bucket, &new, at(5)));
    db.read(move |tx| {
        assert_eq!(tx.channel(bucket, &parse("prod"))?.as_ref(), Some(&expected));
        assert_eq!(tx.channel_by_uid(project, uid.as_str())?.as_ref(), Some(&expected));
        assert_eq!(tx.resolve_channel(bucket, &parse("prod"))?, Some((expected.clone(), None)));
        assert_eq!(tx.channel(bucket, &parse("Prod"))?, None);
        assert_eq!(tx.channel(next, &parse("prod"))?, None);
        assert_eq!(tx.channel_by_uid(other, uid.as_str())?, None);
        assert_eq!(tx.channel_by_uid(project, "")?, None);
        assert_eq!(tx.resolve_channel(next, &parse("prod"))?, None);
        Ok(())
    });
}

fn a_channel_name_is_unique_in_its_bucket(db: &mut Db) {
    let project = db.scene().project;
    let (bucket, next) = (db.bucket(project, "ubuntu"), db.bucket(project, "debian"));
    db.channel(bucket, "prod");
    db.channel(bucket, "PROD");
    db.channel(next, "prod");
    let error = db
        .try_write(move |tx| tx.insert_channel(bucket, &new_channel("prod"), at(1)))
        .expect_err("the name is taken");
    assert!(is_constraint(&error), "{error}");
}

fn only_the_managed_channel_is_managed(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    db.channel(bucket, "prod");
    assert_eq!(db.read(move |tx| tx.managed_channel(bucket)), None);
    let latest = db.channel(bucket, "latest");
    let found = db.read(move |tx| tx.managed_channel(bucket)).expect("it was made");
    assert_eq!((found.id, found.managed), (latest, true));
}

fn channels_come_by_name(db: &mut Db) {
    let project = db.scene().project;
    let (bucket, next) = (db.bucket(project, "ubuntu"), db.bucket(project, "debian"));
    for name in ["prod", "latest", "Beta", "a-b", "aab", "10-x", "9-x"] {
        db.channel(bucket, name);
    }
    db.channel(next, "other");
    let names: Vec<_> =
        db.read(move |tx| tx.channels(bucket)).iter().map(|channel| channel.name.to_string()).collect();
    // By bytes, not as a language would have it.
    assert_eq!(names, ["10-x", "9-x", "Beta", "a-b", "aab", "latest", "prod"]);
}

fn a_channel_resolves_to_its_version(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let (first, second) = (db.complete(bucket, 1, &[]), db.version(bucket, "open"));
    db.write(move |tx| done_build(tx, second, "null.a", &[]).map(drop));
    let (prod, beta) = (db.channel(bucket, "prod"), db.channel(bucket, "beta"));
    let resolve = || {
        let (channel, version) =
            db.read(move |tx| tx.resolve_channel(bucket, &parse("prod"))).expect("it is there");
        assert_eq!(channel.version_id, version.as_ref().map(|version| version.id));
        version
    };
    assert_eq!(resolve(), None);
    for version in [first, second] {
        db.write(move |tx| tx.assign_channel(prod, Some(version), "ci", at(5)));
        assert_eq!(resolve(), db.read(move |tx| tx.version_by_id(version)));
    }
    db.write(move |tx| tx.assign_channel(beta, Some(second), "ci", at(5)));
    let on: Vec<ChannelId> =
        db.read(move |tx| tx.channels_on(second)).iter().map(|channel| channel.id).collect();
    assert_eq!(on, [beta, prod], "by name");
    assert_eq!(db.read(move |tx| tx.channels_on(first)), []);
    db.write(move |tx| tx.assign_channel(prod, None, "ci", at(6)));
    assert_eq!(resolve(), None);
}

fn assignments_are_remembered(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let (first, second) = (db.complete(bucket, 1, &[]), db.complete(bucket, 2, &[]));
    let (channel, other) = (db.channel(bucket, "prod"), db.channel(bucket, "beta"));
    assert_eq!(db.read(move |tx| tx.channel_past(channel, 9)), []);
    assert_eq!(db.read(move |tx| tx.count_assignments(channel)), 0);
    for (second, version, author) in [(5, Some(first), "ann"), (6, Some(second), "ben"), (7, None, "eve")] {
        db.write(move |tx| tx.assign_channel(channel, version, author, at(second)));
    }
    db.read(move |tx| {
        assert_eq!(tx.channel_past(channel, 9)?, [None, Some(second), Some(first)]);
        assert_eq!(tx.channel_past(channel, 2)?, [None, Some(second)]);
        assert_eq!(tx.count_assignments(channel)?, 3);
        assert_eq!(tx.channel_past(other, 9)?, []);
        let channel = tx.channel(bucket, &parse("prod"))?.expect("it is there");
        assert_eq!((channel.version_id, channel.author.as_str(), channel.updated_at), (None, "eve", at(7)));
        Ok(())
    });
}

fn a_channel_can_be_restricted(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let (channel, version) = (db.channel(bucket, "prod"), db.complete(bucket, 1, &[]));
    db.write(move |tx| tx.assign_channel(channel, Some(version), "ci", at(5)));
    for restricted in [true, false] {
        db.write(move |tx| tx.restrict_channel(channel, restricted, "eve", at(9)));
        let stored = db.read(move |tx| tx.channel(bucket, &parse("prod"))).expect("it is there");
        assert_eq!(
            (stored.restricted, stored.author.as_str(), stored.updated_at),
            (restricted, "eve", at(9))
        );
        assert_eq!(stored.version_id, Some(version), "it points where it did");
    }
    assert_eq!(db.read(move |tx| tx.count_assignments(channel)), 1);
}

fn deleting_a_channel_deletes_its_history(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let (gone, stays, version) =
        (db.channel(bucket, "gone"), db.channel(bucket, "stays"), db.complete(bucket, 1, &[]));
    db.write(move |tx| {
        tx.assign_channel(gone, Some(version), "ci", at(5))?;
        tx.assign_channel(stays, Some(version), "ci", at(5))
    });
    db.write(move |tx| tx.delete_channel(gone));
    db.read(move |tx| {
        assert_eq!(tx.channel(bucket, &parse("gone"))?, None);
        assert_eq!(tx.count_assignments(gone)?, 0);
        assert_eq!(tx.count_assignments(stays)?, 1);
        assert_eq!(tx.channels_on(version)?.len(), 1);
        Ok(())
    });
    let again = db.channel(bucket, "gone");
    assert_eq!(db.read(move |tx| tx.channel_past(again, 9)), []);
}
