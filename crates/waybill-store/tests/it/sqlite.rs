//! What only SQLite has: a folder of its own, and groups of writes.

use std::path::Path;

use waybill_store::{Database, Durability, Error, Options, Store};

use crate::{
    gate::{Gate, until},
    support::{Db, Place, at, new_bucket, options},
};

#[test]
fn a_folder_has_one_store_at_a_time() {
    let db = Db::sqlite();
    let database = db.place.database();
    let error = Store::open(&database, &options()).err().expect("the folder is taken");
    let Place::Sqlite(folder) = &db.place else { unreachable!("it was just made") };
    assert_eq!(
        error.to_string(),
        format!(
            "another waybill process uses the data folder {}: stop it, or choose another folder",
            folder.path().display()
        )
    );
    db.store.close();
    Store::open(&database, &options()).expect("the folder is free").close();
}

#[test]
fn a_store_that_is_dropped_keeps_its_folder_until_its_threads_are_done() {
    let mut db = Db::sqlite();
    let project = db.scene().project;
    let database = db.place.database();
    let (gate, turnstile) = Gate::new();
    let started = db.start(move |tx| {
        turnstile.pass();
        tx.insert_bucket(project, &new_bucket("ubuntu"), at(1))
    });
    gate.wait();
    // The last handle goes while a write runs.
    started.abort();
    let idle = Db::sqlite();
    let store = std::mem::replace(&mut db.store, std::sync::Arc::clone(&idle.store));
    until("the task is gone", || started.is_finished());
    drop(store);
    let error = Store::open(&database, &options()).err().expect("the writer is still at work");
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    gate.open();
    let mut opened = None;
    until("the threads end", || {
        opened = Store::open(&database, &options()).ok();
        opened.is_some()
    });
    let store = opened.expect("it was opened");
    let count = db.runtime.block_on(store.read(move |tx| tx.count_buckets(project)));
    assert_eq!(count.expect("reading works"), 1, "what was begun was finished");
    store.close();
}

#[test]
fn a_folder_that_is_not_there_is_an_error_that_names_it() {
    let error = Store::open(&Database::Sqlite("/nowhere/waybill.db".into()), &options())
        .err()
        .expect("there is no such folder");
    assert!(matches!(&error, Error::Open { what, .. } if what.starts_with("/nowhere")), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let place = Place::sqlite();
    let Database::Sqlite(path) = place.database() else { unreachable!("it was just made") };
    std::fs::write(&path, "This is not a database. ".repeat(100)).expect("the folder is writable");
    let error = Store::open(&place.database(), &options()).err().expect("it is no database");
    assert!(error.to_string().contains("not a database"), "{error}");
}

#[test]
fn every_durability_can_be_had() {
    for durability in [Durability::Full, Durability::Normal, Durability::Off] {
        for group_commit in [true, false] {
            let options = Options { durability, group_commit, readers: 0, connections: 0 };
            let mut db = Db::at(Place::sqlite(), &options);
            let project = db.scene().project;
            db.bucket(project, "ubuntu");
            db.reopen();
            assert_eq!(db.read(move |tx| tx.count_buckets(project)), 1);
        }
    }
}

/// Size of the write-ahead log, which grows by each commit that has to be durable.
fn log_size(place: &Place) -> u64 {
    let Database::Sqlite(path) = place.database() else { unreachable!("a test of SQLite") };
    let log = Path::new(&path).with_extension("db-wal");
    std::fs::metadata(log).map_or(0, |metadata| metadata.len())
}

#[test]
fn writes_that_queue_are_committed_together() {
    let grown = |group_commit: bool| {
        let db = Db::at(Place::sqlite(), &Options { group_commit, ..options() });
        let project = db.scene().project;
        let (gate, turnstile) = Gate::new();
        let first = db.start(move |_| {
            turnstile.pass();
            Ok(())
        });
        gate.wait();
        let before = log_size(&db.place);
        let writes = (0..20).map(|number| {
            db.store
                .write(move |tx| tx.insert_bucket(project, &new_bucket(&format!("bucket-{number}")), at(1)))
        });
        for written in db.queued(writes, || gate.open()) {
            written.expect("the names are free");
        }
        db.wait(first).expect("nothing was written");
        log_size(&db.place) - before
    };
    let (together, alone) = (grown(true), grown(false));
    assert!(together * 4 < alone, "{together} bytes for a group, {alone} bytes for one commit each");
}
