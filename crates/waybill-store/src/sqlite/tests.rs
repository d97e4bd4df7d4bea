//! What no test from outside can provoke: a database that is full.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::mpsc,
};

use futures_util::{FutureExt, future::join_all};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::{
    error::{Error, Result},
    store::{Database, Durability, Options, Store},
    tx::Tx,
};

fn open(folder: &TempDir) -> Store {
    let options = Options { durability: Durability::Off, ..Options::default() };
    Store::open(&Database::Sqlite(folder.path().join("waybill.db")), &options).expect("an empty folder")
}

/// Lets the database grow to so many pages only.
fn limit(tx: &mut Tx<'_>, pages: i64) -> Result<()> {
    let sql: &'static str = Box::leak(format!("PRAGMA max_page_count = {pages}").into_boxed_str());
    tx.many(sql, &[], |_| Ok(())).map(drop)
}

fn insert(tx: &mut Tx<'_>, name: &str, size: usize) -> Result<()> {
    tx.insert_organization(name, name, Timestamp::UNIX_EPOCH)?;
    tx.insert_blob(name, &vec![7; size])
}

#[test]
fn a_full_database_fails_whom_it_must_and_lies_to_nobody() {
    let folder = tempfile::tempdir().expect("the system's temporary folder is writable");
    let store = open(&folder);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (release, held) = mpsc::channel::<()>();
    // A group: the first waits until the others are queued, and one is too large for the database, which gives
    // up the transaction of them all.
    let names = ["one", "two", "three", "large", "four", "five"];
    let first = store.write(move |tx| {
        let pages = tx.one("PRAGMA page_count", &[], |row| row.int(0))?.unwrap_or(0);
        limit(tx, pages + 100)?;
        insert(tx, "one", 10)?;
        held.recv().ok();
        Ok::<_, Error>(())
    });
    let mut writes = vec![first.boxed()];
    for name in names.into_iter().skip(1) {
        let size = if name == "large" { 8 << 20 } else { 10 };
        writes.push(store.write(move |tx| insert(tx, name, size)).boxed());
    }
    let mut writes = pin!(join_all(writes));
    let mut release = Some(release);
    let answers = runtime.block_on(poll_fn(|context| {
        let answers = writes.as_mut().poll(context);
        if let Some(release) = release.take() {
            release.send(()).expect("the write waits");
        }
        answers
    }));
    for (name, answer) in names.into_iter().zip(&answers) {
        match answer {
            Ok(()) | Err(Error::Commit { .. }) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
    assert!(answers[3].is_err(), "it does not fit");

    // With room again it goes on, and what is there is what was acknowledged.
    let after = |name: &'static str, size: usize| {
        runtime.block_on(store.write(move |tx| {
            limit(tx, 1_000_000)?;
            insert(tx, name, size)
        }))
    };
    after("later", 8 << 20).expect("there is room");
    after("last", 10).expect("there is room");
    store.close();
    let store = open(&folder);
    for (name, answer) in names.into_iter().zip(answers) {
        let found = runtime.block_on(store.read(move |tx| tx.blob(name))).expect("reading works");
        assert_eq!(found.is_some(), answer.is_ok(), "{name} was answered {answer:?}");
    }
    store.close();
}
