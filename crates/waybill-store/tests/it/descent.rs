//! Descendants and ancestors through any number of generations, and who remembers that there are some.

use waybill_model::{
    build::BuildStatus,
    ids::VersionId,
    version::{Revocation, RevocationKind},
};

use crate::support::{Db, at, new_build, new_version};

on_both! {
    descendants_and_ancestors_go_through_all_generations,
    a_diamond_counts_everyone_once,
    a_cycle_ends,
    open_versions_are_no_descendants,
    child_buckets_are_told_once,
    the_mark_of_descendants_is_set_and_unset,
    deleting_a_bucket_unmarks_the_parents_of_its_versions,
    deleting_a_parent_forgets_it,
    a_revocation_stays_when_the_version_that_it_came_from_goes,
}

fn descendants(db: &Db, of: VersionId) -> Vec<VersionId> {
    db.read(move |tx| tx.descendants(of)).iter().map(|version| version.id).collect()
}

fn ancestors(db: &Db, of: VersionId) -> Vec<VersionId> {
    db.read(move |tx| tx.ancestors(of)).iter().map(|version| version.id).collect()
}

fn is_marked(db: &Db, version: VersionId) -> bool {
    db.read(move |tx| tx.version_by_id(version)).expect("it is there").has_descendants
}

fn descendants_and_ancestors_go_through_all_generations(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let mut line = vec![db.complete(bucket, 1, &[])];
    for number in 2..=40 {
        line.push(db.complete(bucket, number, &[line[line.len() - 1]]));
    }
    let stranger = db.complete(bucket, 41, &[]);
    assert_eq!(descendants(db, line[0]), line[1..]);
    assert_eq!(descendants(db, line[20]), line[21..]);
    assert_eq!(descendants(db, line[39]), []);
    assert_eq!(ancestors(db, line[39]), line[..39]);
    assert_eq!(ancestors(db, line[1]), line[..1]);
    assert_eq!(ancestors(db, line[0]), []);
    assert_eq!((descendants(db, stranger), ancestors(db, stranger)), (vec![], vec![]));
    let first = db.read({
        let first = line[0];
        move |tx| tx.ancestors(first)
    });
    assert_eq!(first, []);
    let parent = db.read({
        let second = line[1];
        move |tx| tx.ancestors(second)
    });
    let first = line[0];
    assert_eq!(parent.first().cloned(), db.read(move |tx| tx.version_by_id(first)), "a whole version");
}

fn a_diamond_counts_everyone_once(db: &mut Db) {
    let project = db.scene().project;
    let [base, left, right, app] = ["base", "left", "right", "app"].map(|name| db.bucket(project, name));
    let top = db.complete(base, 1, &[]);
    let (one, two) = (db.complete(left, 1, &[top]), db.complete(right, 1, &[top]));
    let bottom = db.complete(app, 1, &[one, two, top, one]);
    assert_eq!(descendants(db, top), [one, two, bottom]);
    assert_eq!(ancestors(db, bottom), [top, one, two]);
}

fn a_cycle_ends(db: &mut Db) {
    // No client can make one, since a parent is complete before its child begins; yet a loop must not hang.
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let one = db.complete(bucket, 1, &[]);
    let two = db.complete(bucket, 2, &[one]);
    let three = db.complete(bucket, 3, &[two, two]);
    db.write(move |tx| {
        let builds = tx.builds(one)?;
        tx.set_parent(builds[0].id, Some(three))
    });
    assert_eq!(descendants(db, one), [two, three]);
    assert_eq!(ancestors(db, one), [two, three]);
    db.write(move |tx| {
        let builds = tx.builds(one)?;
        tx.set_parent(builds[0].id, Some(one))
    });
    assert_eq!(descendants(db, one), [two, three], "its own parent");
    assert_eq!(ancestors(db, one), []);
}

fn open_versions_are_no_descendants(db: &mut Db) {
    let project = db.scene().project;
    let (base, app) = (db.bucket(project, "base"), db.bucket(project, "app"));
    let parent = db.complete(base, 1, &[]);
    let open = db.write(move |tx| {
        let open = tx.insert_version(app, &new_version("open"), at(2))?;
        let build = tx.insert_build(open, &new_build("null.a", BuildStatus::default()), at(2))?;
        tx.set_parent(build, Some(parent))?;
        Ok(open)
    });
    assert_eq!(descendants(db, parent), []);
    assert_eq!(ancestors(db, open), [parent]);
    let beyond = db.complete(app, 2, &[open]);
    assert_eq!(descendants(db, parent), [beyond], "what was made from it is");
    assert_eq!(ancestors(db, beyond), [parent, open]);
}

fn child_buckets_are_told_once(db: &mut Db) {
    let project = db.scene().project;
    let [base, web, app] = ["base", "web", "app"].map(|name| db.bucket(project, name));
    let parent = db.complete(base, 1, &[]);
    let other = db.complete(base, 2, &[parent]);
    db.complete(web, 1, &[parent, parent]);
    db.complete(web, 2, &[parent]);
    db.complete(app, 1, &[parent, other]);
    let names = |of: VersionId| -> Vec<String> {
        db.read(move |tx| tx.child_buckets(of)).iter().map(ToString::to_string).collect()
    };
    assert_eq!(names(parent), ["app", "base", "web"]);
    assert_eq!(names(other), ["app"]);
}

fn the_mark_of_descendants_is_set_and_unset(db: &mut Db) {
    let project = db.scene().project;
    let (base, app) = (db.bucket(project, "base"), db.bucket(project, "app"));
    let [one, two, three] = [1, 2, 3].map(|number| db.complete(base, number, &[]));
    let first = db.complete(app, 1, &[one, two]);
    let second = db.complete(app, 2, &[two]);
    let marks = || [one, two, three, first].map(|version| is_marked(db, version));
    assert_eq!(marks(), [true, true, false, false]);
    db.write(move |tx| tx.delete_version(app, first, at(9)));
    assert_eq!([one, two, three].map(|version| is_marked(db, version)), [false, true, false]);
    // An open version does not count as a descendant, so it does not keep the mark.
    db.write(move |tx| {
        let open = tx.insert_version(app, &new_version("open"), at(2))?;
        let build = tx.insert_build(open, &new_build("null.a", BuildStatus::default()), at(2))?;
        tx.set_parent(build, Some(two))
    });
    db.write(move |tx| tx.delete_version(app, second, at(9)));
    assert!(!is_marked(db, two));
    let third = db.complete(app, 3, &[three]);
    assert!(is_marked(db, three));
    db.write(move |tx| tx.unmark_parents_of(third));
    assert!(!is_marked(db, three));
    db.write(move |tx| tx.mark_parents_of(third));
    assert!(is_marked(db, three));
}

fn deleting_a_bucket_unmarks_the_parents_of_its_versions(db: &mut Db) {
    let project = db.scene().project;
    let [base, app, web] = ["base", "app", "web"].map(|name| db.bucket(project, name));
    let (one, two) = (db.complete(base, 1, &[]), db.complete(base, 2, &[]));
    let parent = db.complete(app, 1, &[one, two]);
    db.complete(app, 2, &[one, parent]);
    db.complete(web, 1, &[two]);
    db.write(move |tx| tx.delete_bucket(app));
    assert!(!is_marked(db, one), "nothing descends from it any more");
    assert!(is_marked(db, two), "another bucket does");
    assert_eq!(descendants(db, one), []);
}

fn deleting_a_parent_forgets_it(db: &mut Db) {
    let project = db.scene().project;
    let (base, app) = (db.bucket(project, "base"), db.bucket(project, "app"));
    let (one, two) = (db.complete(base, 1, &[]), db.complete(base, 2, &[]));
    let child = db.complete(app, 1, &[one, two]);
    db.write(move |tx| tx.delete_version(base, one, at(9)));
    assert_eq!(ancestors(db, child), [two]);
    assert_eq!(db.read(move |tx| tx.parents(child)).len(), 1);
    db.write(move |tx| tx.delete_bucket(base));
    assert_eq!(ancestors(db, child), []);
    assert_eq!(db.read(move |tx| tx.parents(child)), []);
    assert!(db.read(move |tx| tx.version_by_id(child)).expect("the child stays").has_parents);
    assert_eq!(db.read(move |tx| tx.builds(child)).len(), 3);
}

fn a_revocation_stays_when_the_version_that_it_came_from_goes(db: &mut Db) {
    let project = db.scene().project;
    let (base, app) = (db.bucket(project, "base"), db.bucket(project, "app"));
    let (one, two) = (db.complete(base, 1, &[]), db.complete(base, 2, &[]));
    let (of_one, of_two) = (db.complete(app, 1, &[one]), db.complete(app, 2, &[two]));
    let revocation = |from: VersionId| Revocation {
        at: at(5),
        message: "old".to_owned(),
        author: "ci".to_owned(),
        kind: RevocationKind::Inherited { from },
        inheritable: true,
    };
    let found =
        |db: &Db, id: VersionId| db.read(move |tx| tx.version_by_id(id)).expect("it stays").revocation;
    db.write(move |tx| {
        tx.revoke_version(of_one, &revocation(one), true, at(5))?;
        tx.revoke_version(of_two, &revocation(two), true, at(5))
    });
    db.write(move |tx| tx.delete_version(base, one, at(9)));
    assert_eq!(found(db, of_one), Some(Revocation { kind: RevocationKind::Manual, ..revocation(one) }));
    assert_eq!(found(db, of_two), Some(revocation(two)));
    db.write(move |tx| tx.delete_bucket(base));
    assert_eq!(found(db, of_two), Some(Revocation { kind: RevocationKind::Manual, ..revocation(two) }));
}
