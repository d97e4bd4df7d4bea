//! Projects that change and go.

use waybill_model::role::Role;
use waybill_store::PolicyScope;

use crate::support::{Db, at, is_constraint, parse, principal, text, uid};

on_both! {
    a_project_is_renamed_and_described,
    a_project_goes_with_everything_that_is_its_own,
}

fn a_project_is_renamed_and_described(db: &mut Db) {
    let scene = db.scene();
    let (organization, project) = (scene.organization, scene.project);
    db.write(move |tx| tx.insert_project(organization, &text(), &parse("other"), "", at(1)));
    db.write(move |tx| tx.rename_project(project, &parse("Bob's images")));
    db.write(move |tx| tx.describe_project(project, "All of them"));
    let found =
        db.read(move |tx| tx.project_named(organization, &parse("Bob's images"))).expect("it is there");
    assert_eq!((found.id, found.description.as_str()), (project, "All of them"));
    assert_eq!(db.read(move |tx| tx.project_named(organization, &parse("images"))), None);
    let error =
        db.try_write(move |tx| tx.rename_project(project, &parse("other"))).expect_err("the name is taken");
    assert!(is_constraint(&error), "{error}");
}

fn a_project_goes_with_everything_that_is_its_own(db: &mut Db) {
    let scene = db.scene();
    let (organization, project) = (scene.organization, scene.project);
    let (other, bot_uid, guest) = db.write(move |tx| {
        let other = tx.insert_project(organization, &text(), &parse("other"), "", at(1))?;
        tx.insert_registry(other, &uid(), "PLUS", at(1))?;
        let (bot, bot_uid) = principal(tx, organization, Some(project), "bot")?;
        tx.bind(bot, PolicyScope::Project(project), Role::Admin, at(1))?;
        let (guest, _) = principal(tx, organization, None, "guest")?;
        tx.bind(guest, PolicyScope::Project(project), Role::Viewer, at(1))?;
        tx.bind(guest, PolicyScope::Project(other), Role::Admin, at(1))?;
        Ok((other, bot_uid, guest))
    });
    let bucket = db.bucket(project, "ubuntu");
    let version = db.version(bucket, "fp-1");
    db.write(move |tx| {
        crate::support::done_build(tx, version, "null.a", &[("ami-1", "eu")])?;
        tx.bind(guest, PolicyScope::Bucket(bucket), Role::Admin, at(1))
    });
    db.write(move |tx| tx.delete_project(project));
    let left = db.read(move |tx| tx.projects(organization));
    assert_eq!(left.iter().map(|project| project.id).collect::<Vec<_>>(), [other]);
    assert_eq!(db.read(move |tx| tx.registry(project)), None);
    assert!(db.read(move |tx| tx.registry(other)).is_some());
    assert_eq!(db.read(move |tx| tx.principal(&bot_uid)), None);
    assert_eq!(db.read(|tx| tx.credential("bot")), None);
    assert!(db.read(|tx| tx.credential("guest")).is_some());
    let roles = db.read(move |tx| tx.role_bindings(guest));
    assert_eq!(roles.iter().map(|binding| binding.role).collect::<Vec<_>>(), [Role::Admin]);
    // Its name is free again, and its identifier names nothing.
    db.write(move |tx| tx.insert_project(organization, &text(), &parse("images"), "", at(3)));
    db.write(move |tx| tx.delete_project(project));
}
