//! A PostgreSQL that takes no connections: callers learn it at once, nobody storms it, and it is found again.

use std::time::{Duration, Instant};

use waybill_model::ids::ProjectId;
use waybill_store::Error;
use waybill_testkit::postgres;

use crate::{
    gate::{Gate, until},
    support::{Db, Place, at, new_bucket},
};

/// Whether the test's database takes connections; asked for from another one.
struct Switch {
    other: postgres::Database,
    name: String,
}

impl Switch {
    fn of(db: &Db) -> Self {
        let Place::Postgres(database) = &db.place else { unreachable!("a test of PostgreSQL") };
        Self { other: postgres::database(), name: database.name().to_owned() }
    }

    fn off(&self) {
        self.other.query(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.name));
        self.other.query(&format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        ));
    }

    fn on(&self) {
        self.other.query(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name));
    }
}

fn insert(db: &Db, project: ProjectId, name: String) -> Result<(), Error> {
    db.try_write(move |tx| tx.insert_bucket(project, &new_bucket(&name), at(1)).map(drop))
}

#[test]
fn callers_learn_at_once_that_there_is_no_database_and_when_it_is_back() {
    let db = Db::postgres();
    let project = db.scene().project;
    let switch = Switch::of(&db);
    switch.off();
    // The first to use a lost connection may get its error; after that it is plain.
    until("the store knows", || {
        matches!(insert(&db, project, "ubuntu".to_owned()), Err(Error::Unavailable { .. }))
    });
    let started = Instant::now();
    for number in 0..300 {
        let error = insert(&db, project, format!("bucket-{number}")).expect_err("there is no database");
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
        let error = db.try_read(move |tx| tx.count_buckets(project)).expect_err("there is no database");
        assert!(matches!(error, Error::Unavailable { .. } | Error::Postgres(_) | Error::Closed), "{error}");
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    switch.on();
    until("the database is found again", || insert(&db, project, "debian".to_owned()).is_ok());
    // One of the readers: each finds it after a pause of its own.
    let mut found = None;
    until("also by readers", || {
        found = db.try_read(move |tx| tx.count_buckets(project)).ok();
        found.is_some()
    });
    assert_eq!(found, Some(1));
}

#[test]
fn a_store_that_lost_its_database_closes_and_answers_everybody() {
    let db = Db::postgres();
    let project = db.scene().project;
    let switch = Switch::of(&db);
    // Both writers are held, so that the others wait in the queue.
    let gates: Vec<_> = (0..2)
        .map(|_| {
            let (gate, turnstile) = Gate::new();
            let runs = std::sync::atomic::AtomicUsize::new(0);
            let started = db.start(move |tx| {
                tx.count_buckets(project)?;
                if runs.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
                    turnstile.pass();
                }
                tx.count_buckets(project)
            });
            gate.wait();
            (gate, started)
        })
        .collect();
    switch.off();
    let store = std::sync::Arc::clone(&db.store);
    let mut closing = None;
    let writes = (0..100).map(|_| db.store.write(move |tx| tx.count_buckets(project)));
    let answers = db.queued(writes, || {
        closing = Some(std::thread::spawn(move || store.close()));
        for (gate, _) in &gates {
            gate.open();
        }
    });
    for answer in answers {
        let error = answer.expect_err("there is no database");
        assert!(matches!(error, Error::Unavailable { .. } | Error::Closed), "{error}");
    }
    for (_, started) in gates {
        db.wait(started).expect_err("its connection is gone, and there is no other");
    }
    let closing = closing.expect("it was begun");
    until("the store is closed", || closing.is_finished());
    switch.on();
}

#[test]
fn a_store_without_work_closes_at_once() {
    let db = Db::postgres();
    let switch = Switch::of(&db);
    switch.off();
    let started = Instant::now();
    db.store.close();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    switch.on();
}
