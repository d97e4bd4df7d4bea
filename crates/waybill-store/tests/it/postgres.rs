//! What only PostgreSQL has: several servers on one database, conflicts, and connections that break.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use waybill_model::{
    build::BuildStatus,
    ids::{BucketId, VersionId},
};
use waybill_store::{Database, Error, Event, Result, Store};

use crate::{
    gate::{Gate, until},
    support::{Db, Place, at, is_constraint, new_bucket, new_build, new_version, options, parse, uid},
};

/// Two stores on one database, as two servers have them.
fn two_servers() -> (Db, Arc<Store>) {
    let db = Db::postgres();
    let other = Store::open(&db.place.database(), &options()).expect("several servers may share it");
    (db, Arc::new(other))
}

/// Runs callers on both stores at once and returns what they got.
fn race<T: Send + 'static, F>(db: &Db, other: &Arc<Store>, callers: usize, call: F) -> Vec<Result<T>>
where
    F: Fn(usize, Arc<Store>) -> futures_util::future::BoxFuture<'static, Result<T>>,
{
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let store = if caller % 2 == 0 { &db.store } else { other };
            db.runtime.spawn(call(caller, Arc::clone(store)))
        })
        .collect();
    tasks.into_iter().map(|task| db.wait(task)).collect()
}

#[test]
fn concurrent_changes_of_one_row_lose_nothing() {
    let (db, other) = two_servers();
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let answers = race(&db, &other, 8, move |caller, store| {
        Box::pin(async move {
            let mut numbers = Vec::new();
            for turn in 0..12 {
                let fingerprint = format!("fp-{caller}-{turn}");
                // Reads the counters and writes what follows from them.
                let number = store
                    .write(move |tx| {
                        let last = tx.bucket_by_id(bucket)?.expect("it is there").last_number;
                        let version = tx.insert_version(bucket, &new_version(&fingerprint), at(1))?;
                        assert!(tx.complete_version(bucket, version, last + 1, at(2))?);
                        Ok::<_, Error>(last + 1)
                    })
                    .await?;
                numbers.push(number);
            }
            Ok(numbers)
        })
    });
    let numbers: Vec<u32> = answers.into_iter().flat_map(|answer| answer.expect("conflicts end")).collect();
    let expected: BTreeSet<u32> = (1..=96).collect();
    assert_eq!(numbers.iter().copied().collect::<BTreeSet<_>>(), expected);
    let bucket = db.read(move |tx| tx.bucket_by_id(bucket)).expect("it is there");
    assert_eq!((bucket.version_count, bucket.last_number), (96, 96));
    other.close();
}

#[test]
fn whoever_loses_a_race_for_a_name_finds_the_winners_row() {
    let (db, other) = two_servers();
    let project = db.scene().project;
    for name in ["one", "two", "three", "four", "five"] {
        let answers = race(&db, &other, 8, move |_, store| {
            Box::pin(async move {
                store
                    .write(move |tx| match tx.bucket(project, &parse(name))? {
                        Some(bucket) => Ok::<_, Error>((bucket.id, false)),
                        None => Ok((tx.insert_bucket(project, &new_bucket(name), at(1))?, true)),
                    })
                    .await
            })
        });
        let answers: Vec<(BucketId, bool)> =
            answers.into_iter().map(|answer| answer.expect("somebody wins")).collect();
        assert_eq!(answers.iter().map(|(bucket, _)| bucket).collect::<BTreeSet<_>>().len(), 1);
        assert_eq!(answers.iter().filter(|(_, made)| *made).count(), 1);
    }
    other.close();
}

#[test]
fn whoever_adds_to_what_is_deleted_meanwhile_learns_that_it_is_gone() {
    let (db, other) = two_servers();
    let bucket = db.bucket(db.scene().project, "ubuntu");
    for round in 0..10 {
        let version =
            db.write(move |tx| tx.insert_version(bucket, &new_version(&format!("fp-{round}")), at(1)));
        let answers = race(&db, &other, 6, move |caller, store| {
            Box::pin(async move {
                store
                    .write(move |tx| {
                        if caller == 3 {
                            tx.delete_version(bucket, version, at(2))?;
                            return Ok::<_, Error>(None);
                        }
                        if tx.version_by_id(version)?.is_none() {
                            return Ok(None);
                        }
                        let component = format!("null.{caller}");
                        tx.insert_build(version, &new_build(&component, BuildStatus::default()), at(2))
                            .map(Some)
                    })
                    .await
            })
        });
        for answer in answers {
            answer.expect("a build before the deletion, nothing after it");
        }
        assert_eq!(db.read(move |tx| tx.builds(version)), []);
    }
    assert_eq!(db.read(move |tx| tx.bucket_by_id(bucket)).expect("it is there").version_count, 0);
    other.close();
}

#[test]
fn a_closure_that_violates_a_constraint_by_itself_is_not_tried_for_long() {
    let db = Db::postgres();
    let project = db.scene().project;
    db.bucket(project, "taken");
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let started = Instant::now();
    let error = db
        .try_write(move |tx| {
            counted.fetch_add(1, Ordering::Relaxed);
            tx.insert_bucket(project, &new_bucket("taken"), at(1))
        })
        .expect_err("the name is taken");
    assert!(is_constraint(&error), "{error}");
    assert!((2..=8).contains(&runs.load(Ordering::Relaxed)), "{runs:?} runs");
    assert!(started.elapsed().as_secs() < 5);
}

fn disconnect(db: &Db) {
    let Place::Postgres(database) = &db.place else { unreachable!("a test of PostgreSQL") };
    database.disconnect_everybody();
}

#[test]
fn connections_that_were_cut_while_idle_are_made_again() {
    let db = Db::postgres();
    let project = db.scene().project;
    for round in 0..5 {
        disconnect(&db);
        // A question first, a change first, and nothing but changes that nobody waits for.
        assert_eq!(db.read(move |tx| tx.count_buckets(project)), round);
        disconnect(&db);
        db.write(move |tx| tx.insert_bucket(project, &new_bucket(&format!("bucket-{round}")), at(1)));
        assert_eq!(db.read(move |tx| tx.count_buckets(project)), round + 1);
    }
}

#[test]
fn a_connection_that_was_cut_while_it_rested_leaves_no_commit_in_doubt() {
    let db = Db::postgres();
    let project = db.scene().project;
    for round in 0..3 {
        // Both writers have a connection.
        let writes = (0..2).map(|_| db.store.write(move |tx| tx.count_buckets(project)));
        for answer in db.queued(writes, || ()) {
            answer.expect("the connections are there");
        }
        disconnect(&db);
        let cut = Instant::now();
        until("they have rested", || cut.elapsed() > Duration::from_millis(300));
        // `BEGIN`, the change and `COMMIT` travel together, so a broken connection met here would leave a doubt.
        db.write(move |tx| tx.emit(&Event { uid: uid(), project, kind: "x", payload: "" }, at(1)));
        assert_eq!(db.read(move |tx| tx.events(project)).len(), round + 1);
    }
}

#[test]
fn a_transaction_whose_connection_is_cut_before_the_commit_runs_again() {
    let db = Db::postgres();
    let project = db.scene().project;
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let (gate, turnstile) = Gate::new();
    let started = db.start(move |tx| {
        let run = counted.fetch_add(1, Ordering::SeqCst);
        tx.insert_bucket(project, &new_bucket("ubuntu"), at(1))?;
        if run == 0 {
            turnstile.pass();
        }
        tx.count_buckets(project)
    });
    gate.wait();
    disconnect(&db);
    gate.open();
    assert_eq!(db.wait(started).expect("it runs again"), 1);
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(db.read(move |tx| tx.count_buckets(project)), 1, "once, although it ran twice");
}

#[test]
fn a_commit_that_was_cut_is_in_doubt_and_never_done_twice() {
    let db = Db::postgres();
    let project = db.scene().project;
    let (gate, turnstile) = Gate::new();
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let started = db.start(move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        tx.insert_bucket(project, &new_bucket("ubuntu"), at(1))?;
        turnstile.pass();
        Ok(())
    });
    gate.wait();
    disconnect(&db);
    gate.open();
    let answer = db.wait(started);
    assert!(matches!(answer, Err(Error::InDoubt)), "{answer:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[test]
fn servers_that_are_cut_off_again_and_again_lose_no_acknowledged_write() {
    let (db, other) = two_servers();
    let project = db.scene().project;
    let Place::Postgres(database) = &db.place else { unreachable!("a test of PostgreSQL") };
    let done = Arc::new(AtomicUsize::new(0));
    let cutter = {
        let (database, done) = (database.clone(), Arc::clone(&done));
        std::thread::spawn(move || {
            for _ in 0..20 {
                database.disconnect_everybody();
                // Between two cuts there is progress, so the test comes to an end.
                let before = done.load(Ordering::SeqCst);
                until("something is written", || done.load(Ordering::SeqCst) > before + 5);
            }
            done.store(usize::MAX / 2, Ordering::SeqCst);
        })
    };
    let answers = race(&db, &other, 8, move |caller, store| {
        let done = Arc::clone(&done);
        Box::pin(async move {
            let mut acknowledged = Vec::new();
            for turn in 0_u32.. {
                let name = format!("bucket-{caller}-{turn}");
                let new = new_bucket(&name);
                match store.write(move |tx| tx.insert_bucket(project, &new, at(1))).await {
                    Ok(_) => acknowledged.push(name),
                    // Cut twice in a row, or during the commit.
                    Err(Error::InDoubt | Error::Postgres(_) | Error::Unavailable { .. } | Error::Closed) => {}
                    Err(error) => return Err(error),
                }
                if done.fetch_add(1, Ordering::SeqCst) >= usize::MAX / 2 {
                    break;
                }
            }
            Ok(acknowledged)
        })
    });
    cutter.join().expect("the database can be asked");
    disconnect(&db);
    let acknowledged: Vec<String> =
        answers.into_iter().flat_map(|answer| answer.expect("only lost connections")).collect();
    assert!(acknowledged.len() > 20, "only {} writes got through", acknowledged.len());
    for name in acknowledged {
        let found = db.read({
            let name = name.parse().expect("a bucket name");
            move |tx| tx.bucket(project, &name)
        });
        assert!(found.is_some(), "{name} was acknowledged");
    }
    other.close();
}

#[test]
fn a_store_can_be_opened_inside_a_runtime() {
    let place = Place::postgres();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open(&place.database(), &options()).expect("it blocks, but works");
        store.read(|tx| Ok::<_, Error>(tx.first_organization()?.is_none())).await.expect("reading works");
        store.close();
    });
}

#[test]
fn a_connection_string_that_cannot_be_used_is_an_error_that_says_why() {
    let open = |url: &str| {
        let error = Store::open(&Database::Postgres(url.to_owned()), &options()).err();
        error.expect("it leads nowhere").to_string()
    };
    let text = open("postgres://waybill@127.0.0.1:1/waybill");
    assert!(text.starts_with("cannot open the PostgreSQL database: "), "{text}");
    assert!(text.contains("refused"), "{text}");
    let text = open("postgres://waybill@127.0.0.1/waybill?sslmode=sometimes");
    assert!(text.starts_with("cannot open the PostgreSQL connection string: "), "{text}");
    let Database::Postgres(good) = Place::postgres().database() else { unreachable!("a test of PostgreSQL") };
    let text = open(&format!("{good}_which_is_not_there"));
    assert!(text.contains("does not exist"), "{text}");
    let text = open(&format!("{good}?sslmode=require"));
    assert!(text.contains("TLS") || text.contains("SSL"), "{text}");
}

#[test]
fn rows_of_versions_are_never_used_again_after_a_rollback() {
    let db = Db::postgres();
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let first: VersionId = db.version(bucket, "fp-1");
    db.try_write(move |tx| {
        tx.insert_version(bucket, &new_version("fp-2"), at(1))?;
        Err::<(), _>(Error::Busy)
    })
    .expect_err("it was rolled back");
    assert!(db.version(bucket, "fp-2") > first);
}
