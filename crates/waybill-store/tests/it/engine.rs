//! What the two doors promise, whatever is behind them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use waybill_model::ids::{BucketId, ProjectId};
use waybill_store::{Error, NewSbom, Options, Result, Tx};

use crate::{
    gate::{Gate, until},
    support::{Db, at, done_build, is_constraint, new_bucket, new_version, options, parse, uid},
};

on_both! {
    a_failing_closure_does_not_disturb_its_neighbours,
    a_panicking_closure_is_an_error_for_its_caller_only,
    an_error_of_the_caller_rolls_back_and_comes_back,
    a_closure_that_goes_on_after_a_failed_statement_is_rolled_back,
    the_error_of_a_change_without_an_answer_surfaces,
    a_read_sees_one_state_of_the_data,
    a_read_cannot_write,
    a_transaction_reads_its_own_changes,
    an_answer_comes_after_the_commit,
    a_caller_that_goes_away_does_not_undo_its_write,
    a_full_queue_says_busy_and_loses_nothing,
    closing_answers_everything_that_is_queued,
    a_closed_store_says_so,
    reads_go_on_while_a_write_takes_its_time,
    an_empty_transaction_is_fine,
    many_callers_at_once_are_all_answered,
}

/// One writer, so that writes have an order on both databases.
fn one_writer() -> Options {
    Options { readers: 1, connections: 2, ..options() }
}

fn names(db: &Db, project: ProjectId) -> Vec<String> {
    db.read(move |tx| {
        let slice = waybill_store::Slice { limit: 1000, ..crate::search::slice(0) };
        let order = waybill_store::Order { column: waybill_store::Column::Name, descending: false };
        tx.buckets(project, &waybill_store::Slice { order, ..slice })
    })
    .items
    .iter()
    .map(|bucket| bucket.name.to_string())
    .collect()
}

fn insert(tx: &mut Tx<'_>, project: ProjectId, name: &str) -> Result<BucketId> {
    tx.insert_bucket(project, &new_bucket(name), at(1))
}

fn a_failing_closure_does_not_disturb_its_neighbours(db: &mut Db) {
    let project = db.scene().project;
    insert_taken(db, project);
    let (gate, turnstile) = Gate::new();
    let first = db.start(move |_| {
        turnstile.pass();
        Ok(())
    });
    gate.wait();
    let writes = (0..30).map(|number| {
        db.store.write(move |tx| {
            insert(tx, project, &format!("bucket-{number:02}"))?;
            if number % 3 == 1 {
                // The second statement fails, the first must not stay.
                insert(tx, project, "taken")?;
            }
            if number % 3 == 2 {
                return Err(Error::Busy);
            }
            Ok(number)
        })
    });
    for (number, answer) in db.queued(writes, || gate.open()).into_iter().enumerate() {
        match (number % 3, answer) {
            (0, Ok(found)) => assert_eq!(found, number),
            (1, Err(error)) => assert!(is_constraint(&error), "{error}"),
            (2, Err(Error::Busy)) => {}
            (_, answer) => panic!("write {number}: {answer:?}"),
        }
    }
    db.wait(first).expect("it changed nothing");
    let mut expected: Vec<_> = (0..30).step_by(3).map(|number| format!("bucket-{number:02}")).collect();
    expected.push("taken".to_owned());
    assert_eq!(names(db, project), expected);
}

fn insert_taken(db: &Db, project: ProjectId) {
    db.write(move |tx| insert(tx, project, "taken"));
}

fn a_panicking_closure_is_an_error_for_its_caller_only(db: &mut Db) {
    let project = db.scene().project;
    let (gate, turnstile) = Gate::new();
    let first = db.start(move |_| {
        turnstile.pass();
        Ok(())
    });
    gate.wait();
    let writes = (0..9).map(|number| {
        db.store.write(move |tx| {
            insert(tx, project, &format!("bucket-{number}"))?;
            assert!(number % 3 != 1, "this test panics on purpose");
            Ok(())
        })
    });
    for (number, answer) in db.queued(writes, || gate.open()).into_iter().enumerate() {
        match (number % 3, answer) {
            (1, Err(Error::Panicked)) | (0 | 2, Ok(())) => {}
            (_, answer) => panic!("write {number}: {answer:?}"),
        }
    }
    db.wait(first).expect("it changed nothing");
    for _ in 0..5 {
        let read = db.try_read(move |tx| -> Result<()> {
            tx.count_buckets(project)?;
            panic!("this test panics on purpose")
        });
        assert!(matches!(read, Err(Error::Panicked)));
    }
    assert_eq!(names(db, project), [0, 2, 3, 5, 6, 8].map(|number| format!("bucket-{number}")));
}

#[derive(Debug)]
enum CallersError {
    Refused(&'static str),
    Store(#[expect(dead_code, reason = "shown when a test fails")] Error),
}

impl From<Error> for CallersError {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

fn an_error_of_the_caller_rolls_back_and_comes_back(db: &mut Db) {
    let project = db.scene().project;
    let refused: Result<(), CallersError> = db.runtime.block_on(db.store.write(move |tx| {
        insert(tx, project, "ubuntu")?;
        assert_eq!(tx.count_buckets(project)?, 1);
        tx.emit(&waybill_store::Event { uid: uid(), project, kind: "x", payload: "" }, at(1))?;
        Err(CallersError::Refused("because"))
    }));
    assert!(matches!(refused, Err(CallersError::Refused("because"))), "{refused:?}");
    assert_eq!(names(db, project), [""; 0]);
    assert_eq!(db.read(move |tx| tx.events(project)), []);
    let refused: Result<(), CallersError> =
        db.runtime.block_on(db.store.read(|_| Err(CallersError::Refused("because"))));
    assert!(matches!(refused, Err(CallersError::Refused("because"))), "{refused:?}");
}

fn a_closure_that_goes_on_after_a_failed_statement_is_rolled_back(db: &mut Db) {
    let project = db.scene().project;
    insert_taken(db, project);
    let answer = db.try_write(move |tx| {
        insert(tx, project, "before")?;
        assert!(insert(tx, project, "taken").is_err());
        Ok(())
    });
    assert!(matches!(answer, Err(Error::Aborted)), "{answer:?}");
    assert_eq!(names(db, project), ["taken"]);
}

fn the_error_of_a_change_without_an_answer_surfaces(db: &mut Db) {
    let project = db.scene().project;
    // A registry is there: the change fails at once (SQLite), with the next question, or with the commit.
    let at_commit = db.try_write(move |tx| {
        insert(tx, project, "one")?;
        tx.insert_registry(project, &uid(), "PLUS", at(1))
    });
    assert!(is_constraint(&at_commit.expect_err("it is there")));
    let only = db.try_write(move |tx| tx.insert_registry(project, &uid(), "PLUS", at(1)));
    assert!(is_constraint(&only.expect_err("it is there")));
    let before_a_question = db.try_write(move |tx| {
        tx.insert_registry(project, &uid(), "PLUS", at(1))?;
        insert(tx, project, "two").map(drop)
    });
    assert!(is_constraint(&before_a_question.expect_err("it is there")));
    let bucket = db.bucket(project, "three");
    let version = db.version(bucket, "fp-1");
    let build = db.write(move |tx| done_build(tx, version, "null.a", &[]));
    let in_the_middle = db.try_write(move |tx| {
        tx.insert_blob("digest", b"x")?;
        for format in ["spdx", "invented", "cyclonedx"] {
            let new = NewSbom {
                uid: uid(),
                name: parse("sbom"),
                format,
                digest: "digest".to_owned(),
                size_bytes: 1,
            };
            tx.put_sbom(build, &new, at(1))?;
        }
        Ok(())
    });
    assert!(is_constraint(&in_the_middle.expect_err("there is no such format")));
    assert_eq!(db.read(|tx| tx.blob("digest")), None);
    assert_eq!(names(db, project), ["three"]);
}

fn a_read_sees_one_state_of_the_data(db: &mut Db) {
    let project = db.scene().project;
    insert_taken(db, project);
    let (gate, turnstile) = Gate::new();
    let store = Arc::clone(&db.store);
    let reading = db.runtime.spawn(async move {
        store
            .read(move |tx| {
                let before = tx.count_buckets(project)?;
                turnstile.pass();
                let after = tx.count_buckets(project)?;
                let found = tx.bucket(project, &parse("later"))?;
                Ok::<_, Error>((before, after, found))
            })
            .await
    });
    gate.wait();
    db.bucket(project, "later");
    assert_eq!(db.read(move |tx| tx.count_buckets(project)), 2);
    gate.open();
    assert_eq!(db.wait(reading).expect("reading works"), (1, 1, None));
}

fn a_read_cannot_write(db: &mut Db) {
    let project = db.scene().project;
    db.try_read(move |tx| insert(tx, project, "ubuntu")).expect_err("a read cannot write");
    assert_eq!(names(db, project), [""; 0]);
}

fn a_transaction_reads_its_own_changes(db: &mut Db) {
    let project = db.scene().project;
    db.write(move |tx| {
        let bucket = insert(tx, project, "ubuntu")?;
        let version = tx.insert_version(bucket, &new_version("fp-1"), at(1))?;
        assert_eq!(tx.bucket_by_id(bucket)?.expect("it was made").version_count, 1);
        let build = done_build(tx, version, "null.a", &[("ami-1", "eu"), ("ami-2", "eu")])?;
        assert_eq!(tx.builds(version)?[0].artifacts.len(), 2);
        assert_eq!(tx.version_by_id(version)?.expect("it was made").tally.done, 1);
        tx.delete_build(build)?;
        assert_eq!(tx.builds(version)?, []);
        tx.delete_bucket(bucket)?;
        assert_eq!(tx.count_buckets(project)?, 0);
        Ok(())
    });
}

fn an_answer_comes_after_the_commit(db: &mut Db) {
    let project = db.scene().project;
    for number in 0..50 {
        db.write(move |tx| insert(tx, project, &format!("bucket-{number}")));
        // Another connection than the one that wrote.
        assert_eq!(db.read(move |tx| tx.count_buckets(project)), number + 1);
    }
    db.reopen();
    assert_eq!(db.read(move |tx| tx.count_buckets(project)), 50);
}

fn a_caller_that_goes_away_does_not_undo_its_write(db: &mut Db) {
    let project = db.scene().project;
    let (gate, turnstile) = Gate::new();
    let started = db.start(move |tx| {
        turnstile.pass();
        insert(tx, project, "ubuntu")
    });
    gate.wait();
    started.abort();
    until("the task is gone", || started.is_finished());
    gate.open();
    until("the write is there", || names(db, project) == ["ubuntu"]);
}

fn a_full_queue_says_busy_and_loses_nothing(db: &mut Db) {
    db.reopen_with(&one_writer());
    let project = db.scene().project;
    let (gate, turnstile) = Gate::new();
    let first = db.start(move |_| {
        turnstile.pass();
        Ok(())
    });
    gate.wait();
    let writes = (0..5000).map(|number| {
        db.store.write(move |tx| {
            // Few of them write, or the test would take its time.
            if number % 100 == 0 {
                insert(tx, project, &format!("bucket-{number:04}")).map(drop)
            } else {
                Ok(())
            }
        })
    });
    let answers: Vec<Result<()>> = db.queued(writes, || gate.open());
    db.wait(first).expect("it changed nothing");
    let busy = answers.iter().position(Result::is_err).expect("the queue is not endless");
    assert!(busy >= 1000, "a queue that is full at {busy} is short");
    for (number, answer) in answers.iter().enumerate() {
        match answer {
            Ok(()) => assert!(number < busy, "{number} came after the queue was full"),
            Err(Error::Busy) => assert!(number >= busy),
            Err(error) => panic!("write {number}: {error}"),
        }
    }
    assert_eq!(names(db, project).len(), busy.div_ceil(100));
    insert_taken(db, project);
}

fn closing_answers_everything_that_is_queued(db: &mut Db) {
    let project = db.scene().project;
    let (gate, turnstile) = Gate::new();
    let first = db.start(move |tx| {
        turnstile.pass();
        insert(tx, project, "first")
    });
    gate.wait();
    let store = Arc::clone(&db.store);
    let writes =
        (0..200).map(|number| db.store.write(move |tx| insert(tx, project, &format!("bucket-{number}"))));
    let mut closing = None;
    let answers = db.queued(writes, || {
        closing = Some(thread::spawn(move || store.close()));
        // Closing has begun as soon as the store takes nothing more.
        until("the store closes", || {
            let late = std::pin::pin!(db.store.read(|_| Ok::<_, Error>(())));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            matches!(late.poll(&mut context), std::task::Poll::Ready(Err(Error::Closed)))
        });
        gate.open();
    });
    for answer in answers {
        answer.expect("what was queued is done");
    }
    db.wait(first).expect("what was running is done");
    closing.expect("it was begun").join().expect("closing does not panic");
    db.reopen();
    assert_eq!(names(db, project).len(), 201);
}

fn a_closed_store_says_so(db: &mut Db) {
    db.store.close();
    assert!(matches!(db.try_read(|_| Ok(())), Err(Error::Closed)));
    assert!(matches!(db.try_write(|_| Ok(())), Err(Error::Closed)));
    db.store.close();
}

fn reads_go_on_while_a_write_takes_its_time(db: &mut Db) {
    let project = db.scene().project;
    let (gate, turnstile) = Gate::new();
    let writing = db.start(move |tx| {
        insert(tx, project, "ubuntu")?;
        turnstile.pass();
        Ok(())
    });
    gate.wait();
    for _ in 0..20 {
        assert_eq!(names(db, project), [""; 0], "what is not committed is not seen");
    }
    gate.open();
    db.wait(writing).expect("the name is free");
    assert_eq!(names(db, project), ["ubuntu"]);
}

fn an_empty_transaction_is_fine(db: &mut Db) {
    assert_eq!(db.write(|_| Ok(7)), 7);
    assert_eq!(db.read(|_| Ok(7)), 7);
    assert!(matches!(db.try_write(|_| Err::<(), _>(Error::Busy)), Err(Error::Busy)));
}

fn many_callers_at_once_are_all_answered(db: &mut Db) {
    let project = db.scene().project;
    let runs = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..64)
        .map(|caller| {
            let (store, runs) = (Arc::clone(&db.store), Arc::clone(&runs));
            db.runtime.spawn(async move {
                for number in 0..10 {
                    let (name, counted) = (format!("bucket-{caller}-{number}"), Arc::clone(&runs));
                    store
                        .write(move |tx| {
                            counted.fetch_add(1, Ordering::Relaxed);
                            insert(tx, project, &name)
                        })
                        .await?;
                    store.read(move |tx| tx.count_buckets(project)).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .collect();
    for task in tasks {
        let answered =
            db.runtime.block_on(async { tokio::time::timeout(Duration::from_mins(1), task).await });
        answered.expect("within a minute").expect("no panic").expect("the names are free");
    }
    assert_eq!(db.read(move |tx| tx.count_buckets(project)), 640);
    assert!(runs.load(Ordering::Relaxed) >= 640);
}
