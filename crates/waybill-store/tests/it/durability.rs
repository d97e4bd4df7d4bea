//! A process that is killed loses nothing that it acknowledged.
//!
//! The test runs its own program again as a child, which writes, prints each acknowledgement, and is killed.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
};

use waybill_store::{Database, Durability, Error, Options, Store};

use crate::support::{Db, at, new_bucket, options, scene};

on_both! {
    a_killed_process_loses_nothing_that_it_acknowledged,
}

/// Tells the child what to write to; without it `child` is no test but a test that passes.
const VARIABLE: &str = "WAYBILL_STORE_TEST_DATABASE";

/// Stops the child however the test ends.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn a_killed_process_loses_nothing_that_it_acknowledged(db: &mut Db) {
    db.store.close();
    let place = match db.place.database() {
        Database::Sqlite(path) => path.display().to_string(),
        Database::Postgres(url) => url,
    };
    let program = std::env::current_exe().expect("a test has a program");
    let mut child = Killed(
        Command::new(program)
            .args(["durability::child", "--exact", "--nocapture", "--test-threads=1"])
            .env(VARIABLE, place)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the test can be run again"),
    );
    let output = BufReader::new(child.0.stdout.take().expect("it is piped"));
    let mut acknowledged = Vec::new();
    for line in output.lines() {
        let line = line.expect("the child writes text");
        // The test harness writes on the same line before the first.
        let Some((_, name)) = line.split_once("acknowledged ") else { continue };
        acknowledged.push(name.to_owned());
        if acknowledged.len() == 1 && !db.place.is_postgres() {
            let error =
                Store::open(&db.place.database(), &options()).err().expect("the child has the folder");
            assert!(matches!(error, Error::Locked { .. }), "{error}");
        }
        if acknowledged.len() == 300 {
            child.0.kill().expect("the child is ours");
        }
    }
    assert!(acknowledged.len() >= 300, "the child ended early, after {}", acknowledged.len());
    db.reopen();
    let organization = db.first_organization().expect("the child made it").id;
    let project = db.read(move |tx| tx.projects(organization)).swap_remove(0).id;
    for name in acknowledged {
        let found = db.read({
            let name = name.parse().expect("a bucket name");
            move |tx| tx.bucket(project, &name)
        });
        assert!(found.is_some(), "{name} was acknowledged");
    }
}

#[test]
fn child() {
    let Some(place) = std::env::var_os(VARIABLE) else { return };
    let place = place.into_string().expect("the parent's text");
    let database = if place.starts_with("postgres") {
        Database::Postgres(place)
    } else {
        Database::Sqlite(place.into())
    };
    let store = Store::open(&database, &Options { durability: Durability::Normal, ..options() })
        .expect("nobody else has it");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let scene = store.write(scene).await.expect("an empty database");
        let store = std::sync::Arc::new(store);
        let callers: Vec<_> = (0..8)
            .map(|caller| {
                let store = std::sync::Arc::clone(&store);
                tokio::spawn(async move {
                    for number in 0_u32.. {
                        let name = format!("bucket-{caller}-{number}");
                        let new = name.clone();
                        store
                            .write(move |tx| tx.insert_bucket(scene.project, &new_bucket(&new), at(1)))
                            .await
                            .expect("the name is free");
                        // Written at once: a line that is still in a buffer would be no acknowledgement.
                        let mut output = std::io::stdout().lock();
                        writeln!(output, "acknowledged {name}").and_then(|()| output.flush()).ok();
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.ok();
        }
    });
}
