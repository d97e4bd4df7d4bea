//! How people prove who they are.

use waybill_model::ids::PrincipalId;
use waybill_store::ExternalGroup;

use crate::support::{Db, Scene, at};

on_both! {
    a_person_is_found_by_address_and_by_what_the_provider_calls_them,
    only_who_cannot_log_in_is_bound_to_a_provider,
    groups_of_the_provider_are_told_with_membership,
}

/// Makes principals past the store: how users and groups are made has tests of its own.
fn people(db: &Db) -> Scene {
    let scene = db.scene();
    let organization = scene.organization;
    db.place.execute(&format!(
        "INSERT INTO principals (uid, organization_id, name, kind, created_at) VALUES
             ('u-ada', {organization}, 'ada@example.com', 'user', 1),
             ('u-bob', {organization}, 'bob@example.com', 'user', 1),
             ('s-ada', {organization}, 'ada@example.com', 'service', 1),
             ('g-dev', {organization}, 'dev', 'group', 1),
             ('g-ops', {organization}, 'ops', 'group', 1),
             ('g-own', {organization}, 'own', 'group', 1);
         INSERT INTO users (principal_id, full_name, issuer, subject, password_hash, updated_at)
         SELECT id, 'Ada', '', '', NULL, 1 FROM principals WHERE uid = 'u-ada';
         INSERT INTO users (principal_id, full_name, issuer, subject, password_hash, updated_at)
         SELECT id, 'Bob', 'https://sso.example', '42', NULL, 1 FROM principals WHERE uid = 'u-bob';
         INSERT INTO user_groups (principal_id, display_name, description, external_name, policy_version, updated_at)
         SELECT id, name, '', CASE WHEN uid = 'g-own' THEN NULL ELSE 'sso-' || name END, 0, 1
           FROM principals WHERE kind = 'group';"
    ));
    scene
}

fn a_person_is_found_by_address_and_by_what_the_provider_calls_them(db: &mut Db) {
    let scene = people(db);
    let organization = scene.organization;
    let ada = db.read(move |tx| tx.login_by_email(organization, "ada@example.com")).expect("she is there");
    assert_eq!((ada.uid.as_str(), ada.full_name.as_str()), ("u-ada", "Ada"));
    assert_eq!((ada.issuer.as_str(), ada.subject.as_str(), &ada.password_hash), ("", "", &None));
    assert_eq!(db.read(|tx| tx.login("u-ada")), Some(ada));
    assert_eq!(db.read(|tx| tx.login("s-ada")), None, "a service principal does not log in");
    assert_eq!(db.read(move |tx| tx.login_by_email(organization, "dev")), None);

    let by = |issuer: &'static str, subject: &'static str| {
        db.read(move |tx| tx.login_by_subject(organization, issuer, subject)).map(|login| login.uid)
    };
    assert_eq!(by("https://sso.example", "42").as_deref(), Some("u-bob"));
    assert_eq!(by("https://other.example", "42"), None);
    assert_eq!(by("https://sso.example", "43"), None);
    assert_eq!(by("", ""), None, "nobody is known by having no name");
}

fn only_who_cannot_log_in_is_bound_to_a_provider(db: &mut Db) {
    people(db);
    let id = |uid: &'static str| db.read(move |tx| tx.login(uid)).expect("it is there").principal;
    let (ada, bob) = (id("u-ada"), id("u-bob"));
    let bind = |who: PrincipalId, subject: &'static str| {
        db.write(move |tx| tx.bind_login(who, "https://sso.example", subject, at(9)))
    };
    assert!(!bind(bob, "7"), "another name of somebody who has one");
    assert!(bind(ada, "7"));
    assert!(!bind(ada, "8"));
    db.place.execute("UPDATE users SET subject = '', issuer = ''");
    db.write(move |tx| tx.set_password_hash(ada, "$argon2id$…", at(10)));
    assert!(!bind(ada, "7"), "somebody with a password");
    let ada = db.read(|tx| tx.login("u-ada")).expect("she is there");
    assert_eq!(ada.password_hash.as_deref(), Some("$argon2id$…"));
}

fn groups_of_the_provider_are_told_with_membership(db: &mut Db) {
    let organization = people(db).organization;
    let ada = db.read(|tx| tx.login("u-ada")).expect("she is there").principal;
    let groups = || -> Vec<ExternalGroup> { db.read(move |tx| tx.external_groups(organization, ada)) };
    let [dev, ops] = groups().try_into().expect("the group that is kept by hand is none of them");
    assert_eq!((dev.name.as_str(), dev.external_name.as_str(), dev.is_member), ("dev", "sso-dev", false));
    assert_eq!([dev.uid, ops.uid], ["g-dev", "g-ops"]);
    db.write(move |tx| tx.join_external_group(ops.id, ada, at(3)));
    assert_eq!(groups().iter().map(|group| group.is_member).collect::<Vec<_>>(), [false, true]);
    db.write(move |tx| tx.leave_external_group(ops.id, ada));
    assert_eq!(groups().iter().filter(|group| group.is_member).count(), 0);
}
