//! Registries: made, switched, deleted with everything in them.

use waybill_model::{build::BuildStatus, ids::ProjectId, run_task::OnUntracked};
use waybill_store::{Registry, RunTask};

use crate::support::{
    Db, at, done_build, is_constraint, new_build, new_channel, new_version, parse, text, uid,
};

on_both! {
    a_registry_is_made_once_and_switched,
    a_run_task_is_the_registrys_own,
    deleting_a_registry_deletes_everything_in_it_and_nothing_else,
}

fn bare_project(db: &Db) -> ProjectId {
    db.write(|tx| {
        let organization = tx.insert_organization(&text(), "Acme", at(0))?;
        tx.insert_project(organization, &text(), &parse("images"), "", at(0))
    })
}

fn a_registry_is_made_once_and_switched(db: &mut Db) {
    let (project, other) = (bare_project(db), bare_project(db));
    assert_eq!(db.read(move |tx| tx.registry(project)), None);
    let id = uid();
    let expected = Registry {
        uid: id.to_string(),
        activated: true,
        feature_tier: "STANDARD".to_owned(),
        run_task_uid: String::new(),
        on_untracked: OnUntracked::Warn,
        created_at: at(5),
        updated_at: at(5),
    };
    db.write(move |tx| tx.insert_registry(project, &id, "STANDARD", at(5)));
    assert_eq!(db.read(move |tx| tx.registry(project)).as_ref(), Some(&expected));
    assert_eq!(db.read(move |tx| tx.registry(other)), None);
    db.write(move |tx| tx.update_registry(project, false, "PLUS", at(9)));
    let switched =
        Registry { activated: false, feature_tier: "PLUS".to_owned(), updated_at: at(9), ..expected };
    assert_eq!(db.read(move |tx| tx.registry(project)), Some(switched));
    let error = db
        .try_write(move |tx| tx.insert_registry(project, &uid(), "PLUS", at(1)))
        .expect_err("a project has one registry");
    assert!(is_constraint(&error), "{error}");
}

fn a_run_task_is_the_registrys_own(db: &mut Db) {
    let (here, there) = (db.scene().project, db.scene().project);
    let task = |key: &str| RunTask { uid: "task".to_owned(), hmac_key: key.to_owned() };
    let stored = |project| db.read(move |tx| tx.run_task(project)).map(|task| (task.uid, task.hmac_key));
    let before = db.read(move |tx| tx.registry(here)).expect("a registry");
    assert_eq!(stored(here), None);
    for key in ["first", "second"] {
        db.write(move |tx| tx.set_run_task(here, &task(key)));
        assert_eq!(stored(here), Some(("task".to_owned(), key.to_owned())));
    }
    assert_eq!(stored(there), None);
    let made = Registry { run_task_uid: "task".to_owned(), ..before };
    assert_eq!(db.read(move |tx| tx.registry(here)).as_ref(), Some(&made));
    db.write(move |tx| tx.set_on_untracked(here, OnUntracked::Fail, at(7)));
    let failing = Registry { on_untracked: OnUntracked::Fail, updated_at: at(7), ..made };
    assert_eq!(db.read(move |tx| tx.registry(here)), Some(failing));
    db.write(move |tx| {
        tx.delete_registry(here)?;
        tx.insert_registry(here, &uid(), "PLUS", at(8))
    });
    assert_eq!(stored(here), None, "another registry has another task");
    let again = db.read(move |tx| tx.registry(here)).expect("a registry");
    assert_eq!((again.run_task_uid.as_str(), again.on_untracked), ("", OnUntracked::Warn));
}

fn deleting_a_registry_deletes_everything_in_it_and_nothing_else(db: &mut Db) {
    let (here, there) = (db.scene().project, db.scene().project);
    for project in [here, there] {
        db.write(move |tx| {
            for name in ["ubuntu", "debian"] {
                let bucket = tx.insert_bucket(project, &crate::support::new_bucket(name), at(1))?;
                let version = tx.insert_version(bucket, &new_version("fp-1"), at(1))?;
                done_build(tx, version, "null.a", &[("ami-1", "eu")])?;
                tx.insert_build(version, &new_build("null.b", BuildStatus::default()), at(1))?;
                let channel = tx.insert_channel(bucket, &new_channel("latest"), at(1))?;
                tx.assign_channel(channel, Some(version), "ci", at(1))?;
            }
            Ok(())
        });
    }
    db.write(move |tx| tx.delete_registry(here));
    assert_eq!(db.read(move |tx| tx.registry(here)), None);
    assert_eq!(db.read(move |tx| tx.count_buckets(here)), 0);
    assert!(db.read(move |tx| tx.registry(there)).is_some());
    assert_eq!(db.read(move |tx| tx.count_buckets(there)), 2);
    let bucket = db.read(move |tx| tx.bucket(there, &parse("ubuntu"))).expect("it stays").id;
    let version = db.read(move |tx| tx.version(bucket, &parse("fp-1"))).expect("it stays").id;
    assert_eq!(db.read(move |tx| tx.builds(version)).len(), 2);
    // And it can be made again.
    db.write(move |tx| tx.insert_registry(here, &uid(), "PLUS", at(2)));
    assert_eq!(db.read(move |tx| tx.count_buckets(here)), 0);
}
