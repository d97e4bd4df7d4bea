//! Opening: an empty database, the same again, another edition's, a newer one's, and several servers at once.

use std::sync::Barrier;

use waybill_model::build::BuildStatus;
use waybill_store::{Error, Store};

use crate::support::{Db, Place, at, new_build, options};

on_both! {
    opening_again_changes_nothing,
    a_database_of_another_edition_is_refused,
    a_database_of_a_newer_release_is_refused,
    a_failed_opening_leaves_the_database_free,
    children_of_before_are_found,
}

fn refusal(db: &Db) -> String {
    db.store.close();
    let error = Store::open(&db.place.database(), &options()).err().expect("it must be refused");
    assert!(matches!(error, Error::Migration { .. }), "{error}");
    error.to_string()
}

fn opening_again_changes_nothing(db: &mut Db) {
    let project = db.scene().project;
    db.bucket(project, "ubuntu");
    for _ in 0..3 {
        db.reopen();
        assert_eq!(db.read(move |tx| tx.count_buckets(project)), 1);
    }
    db.bucket(project, "debian");
}

fn a_database_of_another_edition_is_refused(db: &mut Db) {
    db.store.close();
    db.place.execute("UPDATE schema_migrations SET checksum = 'other' WHERE number = 1");
    assert_eq!(
        refusal(db),
        "migration 1 (registry): the database was made by another edition of this migration"
    );
}

fn a_database_of_a_newer_release_is_refused(db: &mut Db) {
    db.store.close();
    db.place.execute("INSERT INTO schema_migrations (number, name, checksum) VALUES (99, 'future', 'x')");
    assert_eq!(
        refusal(db),
        "migration 99 (unknown): the database was made by a newer waybill: use that version or a newer one"
    );
}

fn a_failed_opening_leaves_the_database_free(db: &mut Db) {
    db.store.close();
    db.place.execute("UPDATE schema_migrations SET checksum = 'x' || checksum");
    refusal(db);
    refusal(db);
    db.place.execute("UPDATE schema_migrations SET checksum = substr(checksum, 2)");
    db.reopen();
    assert!(db.first_organization().is_none());
}

fn children_of_before_are_found(db: &mut Db) {
    let project = db.scene().project;
    let [base, app, web, open] = ["base", "app", "web", "open"].map(|name| db.bucket(project, name));
    let parent = db.complete(base, 1, &[]);
    let (of_app, of_web) = (db.complete(app, 1, &[parent, parent]), db.complete(web, 1, &[parent]));
    for (bucket, version) in [(app, of_app), (web, of_web)] {
        let latest = db.channel(bucket, "latest");
        db.write(move |tx| tx.assign_channel(latest, Some(version), "ci", at(5)));
    }
    let unfinished = db.version(open, "fp-1");
    db.write(move |tx| {
        let build = tx.insert_build(unfinished, &new_build("null.a", BuildStatus::Done), at(3))?;
        tx.set_parent(build, Some(parent))
    });
    let children = |db: &Db| -> Vec<String> {
        db.read(move |tx| tx.children(base)).iter().map(|child| child.bucket.to_string()).collect()
    };
    let expected = ["app", "app", "web"];
    assert_eq!(children(db), expected);
    db.store.close();
    db.place.execute(
        "DROP TABLE bucket_children; ALTER TABLE audit DROP COLUMN credential;
         DELETE FROM schema_migrations WHERE number >= 3",
    );
    db.reopen();
    assert_eq!(children(db), expected);
}

/// Opens a store several times at once and tells how each fared.
fn open_at_once(place: &Place) -> Vec<Result<Store, Error>> {
    let barrier = Barrier::new(6);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    Store::open(&place.database(), &options())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("opening does not panic")).collect()
    })
}

#[test]
fn servers_that_start_at_once_on_an_empty_postgres_all_start() {
    let place = Place::postgres();
    for opened in open_at_once(&place) {
        opened.expect("one makes the tables, the others wait").close();
    }
}

#[test]
fn servers_start_at_once_whatever_the_isolation_that_postgres_has_by_default() {
    let place = Place::postgres();
    let Place::Postgres(database) = &place else { unreachable!("it was just made") };
    for setting in
        ["default_transaction_isolation TO 'repeatable read'", "default_transaction_read_only TO on"]
    {
        database.query(&format!("ALTER DATABASE {} SET {setting}", database.name()));
    }
    for opened in open_at_once(&place) {
        opened.expect("one makes the tables, the others wait").close();
    }
    let db = Db::at(place, &options());
    let project = db.scene().project;
    db.bucket(project, "ubuntu");
    assert_eq!(db.read(move |tx| tx.count_buckets(project)), 1);
}

#[test]
fn of_servers_that_start_at_once_on_one_folder_one_starts() {
    let place = Place::sqlite();
    let opened = open_at_once(&place);
    let (started, refused): (Vec<_>, Vec<_>) = opened.into_iter().partition(Result::is_ok);
    assert_eq!(started.len(), 1);
    for error in refused.into_iter().filter_map(Result::err) {
        assert!(matches!(error, Error::Locked { .. }), "{error}");
    }
}
