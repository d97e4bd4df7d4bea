//! Parents and children, and how a build's parent is known.

use waybill_model::{
    build::{Build, BuildStatus},
    ids::{BucketId, ProjectId, Uid, VersionId},
};
use waybill_store::{CurrentVersion, Link, ParentRow};

use crate::support::{Db, at, done_build, new_artifact, new_build, new_channel, parse, stored_build};

on_both! {
    a_parent_is_told_with_where_its_channel_points,
    a_version_has_a_parent_for_each_build_that_names_one,
    parents_of_several_versions_are_told_together,
    children_are_buckets_whose_latest_was_made_from_a_bucket,
    children_of_several_buckets_are_told_together,
    the_version_of_an_artifact_is_its_newest_complete_one,
}

/// Names a build's parent as its client does.
fn name_parent(
    db: &Db,
    version: VersionId,
    component: &'static str,
    parent: Option<VersionId>,
    channel: &Uid,
) {
    let channel = channel.to_string();
    db.write(move |tx| {
        let build = stored_build(tx, version, component)?;
        let named = parent.map_or("unknown".to_owned(), |parent| parent.to_string());
        let build = Build { parent_version_uid: named, parent_channel_uid: channel.clone(), ..build };
        tx.update_build(&build, at(5))?;
        tx.set_parent(build.id, parent)
    });
}

fn point(db: &Db, bucket: BucketId, name: &'static str, version: Option<VersionId>) -> Uid {
    db.write(move |tx| {
        let channel = match tx.channel(bucket, &parse(name))? {
            Some(channel) => channel.id,
            None => tx.insert_channel(bucket, &new_channel(name), at(1))?,
        };
        tx.assign_channel(channel, version, "ci", at(2))?;
        Ok(tx.channel(bucket, &parse(name))?.expect("it was made").uid)
    })
}

fn current(db: &Db, version: VersionId) -> CurrentVersion {
    let version = db.read(move |tx| tx.version_by_id(version)).expect("it is there");
    CurrentVersion {
        id: version.id,
        uid: version.uid.to_string(),
        fingerprint: version.fingerprint,
        number: version.number.unwrap_or(0),
    }
}

fn a_parent_is_told_with_where_its_channel_points(db: &mut Db) {
    let project = db.scene().project;
    let (base, app) = (db.bucket(project, "base"), db.bucket(project, "app"));
    let (old, new) = (db.complete(base, 1, &[]), db.complete(base, 2, &[]));
    let child = db.complete(app, 1, &[old]);
    let parent = || {
        let mut parents = db.read(move |tx| tx.parents(child));
        assert_eq!(parents.len(), 1);
        parents.swap_remove(0)
    };
    let CurrentVersion { id, uid, fingerprint, number } = current(db, old);
    let expected = ParentRow {
        bucket: parse("base"),
        version: id,
        version_uid: uid,
        fingerprint,
        version_number: number,
        channel: None,
        current: None,
        restricted: false,
    };
    assert_eq!(parent(), expected, "without any channel");

    point(db, base, "latest", Some(new));
    assert_eq!(
        parent(),
        ParentRow { current: Some(current(db, new)), ..expected.clone() },
        "`latest` counts"
    );

    let prod = point(db, base, "prod", Some(old));
    name_parent(db, child, "null.1", Some(old), &prod);
    let channel = db.read(move |tx| tx.channel(base, &parse("prod"))).expect("it was made");
    let through = ParentRow { channel: Some((channel.id, parse("prod"))), ..expected.clone() };
    assert_eq!(parent(), ParentRow { current: Some(current(db, old)), ..through.clone() });
    point(db, base, "prod", Some(new));
    assert_eq!(parent(), ParentRow { current: Some(current(db, new)), ..through.clone() });
    point(db, base, "prod", None);
    assert_eq!(parent(), through, "the channel points nowhere, `latest` does not stand in for it");

    db.write(move |tx| tx.delete_channel(channel.id));
    assert_eq!(parent(), ParentRow { current: Some(current(db, new)), ..expected.clone() }, "it is gone");

    // A channel of another bucket is none of the parent's.
    let foreign = point(db, app, "prod", Some(child));
    name_parent(db, child, "null.1", Some(old), &foreign);
    assert_eq!(parent(), ParentRow { current: Some(current(db, new)), ..expected });
}

fn a_version_has_a_parent_for_each_build_that_names_one(db: &mut Db) {
    let project = db.scene().project;
    let [base, other, app] = ["base", "other", "app"].map(|name| db.bucket(project, name));
    let [one, two] = [1, 2].map(|number| db.complete(base, number, &[]));
    let three = db.complete(other, 3, &[]);
    let child = db.complete(app, 1, &[three, two, one, two]);
    let list: Vec<_> = db
        .read(move |tx| tx.parents(child))
        .into_iter()
        .map(|parent| (parent.bucket.to_string(), parent.version_number))
        .collect();
    let base = |number: u32| ("base".to_owned(), number);
    assert_eq!(list, [base(1), base(2), base(2), ("other".to_owned(), 3)]);
    assert_eq!(db.read(move |tx| tx.parents(one)), []);
}

fn parents_of_several_versions_are_told_together(db: &mut Db) {
    let project = db.scene().project;
    let (base, app) = (db.bucket(project, "base"), db.bucket(project, "app"));
    let (old, new) = (db.complete(base, 1, &[]), db.complete(base, 2, &[]));
    point(db, base, "latest", Some(new));
    let both = db.complete(app, 1, &[old, new, old]);
    let one = db.complete(app, 2, &[new]);
    let none = db.complete(app, 3, &[]);
    let links = |versions: &[VersionId]| {
        let versions = versions.to_vec();
        let mut links = db.read(move |tx| tx.parent_links(&versions));
        links.sort_by_key(|link| (link.of, link.used));
        links
    };
    let link = |of: VersionId, used: VersionId| Link { of, used: Some(used), current: Some(new) };
    assert_eq!(links(&[one, none, both]), [link(both, old), link(both, new), link(one, new)]);
    assert_eq!(links(&[none]), []);
    assert_eq!(links(&[]), []);

    let prod = point(db, base, "prod", None);
    name_parent(db, one, "null.1", Some(new), &prod);
    assert_eq!(links(&[one]), [Link { current: None, ..link(one, new) }], "its channel points nowhere");
    let unknown = Link { of: one, used: None, current: None };
    name_parent(db, one, "null.0", None, &crate::support::uid());
    assert_eq!(links(&[one]), [unknown, Link { current: None, ..link(one, new) }]);
    // A known parent that is deleted becomes unknown, and is the same as the other one.
    db.write(move |tx| tx.delete_version(base, new, at(9)));
    assert_eq!(links(&[one]), [unknown]);
    assert_eq!(db.read(move |tx| tx.parents(one)), []);
    // What a build is made from counts once it is done, for what is not known.
    db.write(move |tx| {
        let build = Build { status: BuildStatus::Running, ..stored_build(tx, one, "null.0")? };
        tx.update_build(&build, at(5))?;
        let build = Build { status: BuildStatus::Running, ..stored_build(tx, one, "null.1")? };
        tx.update_build(&build, at(5))
    });
    assert_eq!(links(&[one]), []);
}

fn children_are_buckets_whose_latest_was_made_from_a_bucket(db: &mut Db) {
    let project = db.scene().project;
    let [base, app, web, old] = ["base", "app", "web", "old"].map(|name| db.bucket(project, name));
    let (one, two) = (db.complete(base, 1, &[]), db.complete(base, 2, &[]));
    point(db, base, "latest", Some(two));
    let children = || -> Vec<(String, u32, u32, Option<u32>)> {
        db.read(move |tx| tx.children(base))
            .into_iter()
            .map(|child| {
                let now = child.parent.current.map(|current| current.number);
                (child.bucket.to_string(), child.version_number, child.parent.version_number, now)
            })
            .collect()
    };
    assert_eq!(children(), []);
    let web_one = db.complete(web, 1, &[two]);
    let app_one = db.complete(app, 1, &[one, two]);
    let old_one = db.complete(old, 1, &[one]);
    let old_two = db.complete(old, 2, &[]);
    assert_eq!(children(), [], "no `latest` points at them");
    point(db, web, "latest", Some(web_one));
    point(db, app, "latest", Some(app_one));
    point(db, old, "latest", Some(old_two));
    point(db, old, "prod", Some(old_one));
    let row = |bucket: &str, of: u32| (bucket.to_owned(), 1, of, Some(2));
    assert_eq!(children(), [row("app", 1), row("app", 2), row("web", 2)]);
    let child = db.read(move |tx| tx.children(base)).swap_remove(2);
    let expected = current(db, web_one);
    assert_eq!((child.version_uid, child.fingerprint), (expected.uid, expected.fingerprint));
    assert_eq!(db.read(move |tx| tx.children(web)), []);
}

fn children_of_several_buckets_are_told_together(db: &mut Db) {
    let project = db.scene().project;
    let [base, app, web] = ["base", "app", "web"].map(|name| db.bucket(project, name));
    let (one, two) = (db.complete(base, 1, &[]), db.complete(base, 2, &[]));
    let old = db.complete(app, 1, &[one]);
    let new = db.complete(app, 2, &[two, two]);
    let of_both = db.complete(web, 1, &[one, old]);
    let find = |buckets: &[BucketId]| {
        let buckets = buckets.to_vec();
        let mut links = db.read(move |tx| tx.child_links(&buckets));
        links.sort_by_key(|link| (link.of, link.used));
        links
    };
    assert_eq!(find(&[web, base, app]), [], "no `latest` points at them");
    point(db, app, "latest", Some(new));
    point(db, web, "latest", Some(of_both));
    point(db, app, "prod", Some(old));
    let link =
        |of: BucketId, used: VersionId, current: Option<VersionId>| Link { of, used: Some(used), current };
    let expected = [link(base, one, None), link(base, two, None), link(app, old, Some(new))];
    assert_eq!(find(&[web, base, app]), expected);
    assert_eq!(find(&[base]), expected[..2]);
    assert_eq!(find(&[web]), []);
    assert_eq!(find(&[]), []);
    point(db, base, "latest", Some(two));
    assert_eq!(find(&[base]), [link(base, one, Some(two)), link(base, two, Some(two))]);
    // The same as one by one.
    for bucket in [base, app, web] {
        let mut rows: Vec<_> = db
            .read(move |tx| tx.children(bucket))
            .into_iter()
            .map(|child| link(bucket, child.parent.version, child.parent.current.map(|current| current.id)))
            .collect();
        rows.sort_by_key(|link| link.used);
        rows.dedup();
        assert_eq!(find(&[bucket]), rows);
    }
}

fn the_version_of_an_artifact_is_its_newest_complete_one(db: &mut Db) {
    let (project, elsewhere) = (db.scene().project, db.scene().project);
    let (bucket, foreign) = (db.bucket(project, "ubuntu"), db.bucket(elsewhere, "ubuntu"));
    let find = |project: ProjectId, identifier: &'static str, platform: &'static str, not: VersionId| {
        db.read(move |tx| tx.version_of_artifact(project, identifier, platform, not))
    };
    let none = VersionId(0);
    assert_eq!(find(project, "ami-1", "aws", none), None);
    let publish = |bucket: BucketId, number: u32, complete: bool| {
        let fingerprint = if complete { format!("v-{number}") } else { format!("open-{number}") };
        db.write(move |tx| {
            let version = tx.insert_version(bucket, &crate::support::new_version(&fingerprint), at(1))?;
            done_build(tx, version, "null.a", &[("ami-1", "eu"), ("ami-1", "us")])?;
            if complete {
                tx.complete_version(bucket, version, number, at(2))?;
            }
            Ok(version)
        })
    };
    let first = publish(bucket, 1, true);
    let second = publish(bucket, 2, true);
    let open = publish(bucket, 3, false);
    let there = publish(foreign, 1, true);
    assert_eq!(find(project, "ami-1", "aws", none), Some(second));
    assert_eq!(find(project, "ami-1", "aws", second), Some(first), "not itself");
    assert_eq!(find(project, "ami-1", "aws", open), Some(second));
    assert_eq!(find(project, "ami-1", "gcp", none), None, "on the same platform only");
    assert_eq!(find(project, "ami-2", "aws", none), None);
    assert_eq!(find(project, "AMI-1", "aws", none), None);
    assert_eq!(find(elsewhere, "ami-1", "aws", none), Some(there));
    // An artifact of a build that did not finish does not count.
    db.write(move |tx| {
        let version = tx.insert_version(bucket, &crate::support::new_version("failed"), at(1))?;
        let build = tx.insert_build(version, &new_build("null.a", BuildStatus::Failed), at(1))?;
        tx.put_artifacts(build, &[new_artifact("ami-1", "eu")], false, at(1))?;
        tx.complete_version(bucket, version, 9, at(2)).map(drop)
    });
    assert_eq!(find(project, "ami-1", "aws", none), Some(second));
}
