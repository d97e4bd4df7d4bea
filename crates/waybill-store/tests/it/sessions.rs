//! People who are logged in.

use waybill_model::ids::PrincipalId;
use waybill_store::{NewSession, Result, SessionKind, Tx};

use crate::support::{Db, at, principal, uid};

on_both! {
    a_session_is_found_by_the_digest_of_its_secret,
    a_rotated_session_remembers_one_secret,
    sessions_end_alone_with_others_by_age_and_with_their_person,
}

fn session(
    tx: &mut Tx<'_>,
    principal: PrincipalId,
    kind: SessionKind,
    secret: u8,
    expires_at: i64,
) -> Result<String> {
    let new = NewSession {
        uid: uid(),
        principal,
        kind,
        digest: vec![secret; 32],
        client: "waybill".to_owned(),
        expires_at: at(expires_at),
    };
    tx.insert_session(&new, at(1))?;
    Ok(new.uid.to_string())
}

fn person(db: &Db, name: &'static str) -> (PrincipalId, String) {
    let organization =
        db.first_organization().map_or_else(|| db.scene().organization, |organization| organization.id);
    db.write(move |tx| principal(tx, organization, None, name))
}

fn a_session_is_found_by_the_digest_of_its_secret(db: &mut Db) {
    let (ada, ada_uid) = person(db, "ada");
    let made = db.write(move |tx| session(tx, ada, SessionKind::Browser, 1, 100));
    let found = db.read(|tx| tx.session_by_digest(&[1; 32])).expect("it is there");
    assert_eq!((&found.uid, found.principal, &found.principal_uid), (&made, ada, &ada_uid));
    assert_eq!((found.kind, found.client.as_str()), (SessionKind::Browser, "waybill"));
    assert_eq!((found.created_at, found.rotated_at, found.expires_at), (at(1), at(1), at(100)));
    assert_eq!((&found.digest, &found.previous_digest), (&vec![1; 32], &None));
    assert_eq!(db.read(move |tx| tx.session(&made)), Some(found));
    assert_eq!(db.read(|tx| tx.session_by_digest(&[1; 31])), None);
    assert_eq!(db.read(|tx| tx.session("nobody")), None);
    assert!(
        db.try_write(move |tx| session(tx, ada, SessionKind::Client, 1, 100)).is_err(),
        "no secret stands for two sessions"
    );
}

fn a_rotated_session_remembers_one_secret(db: &mut Db) {
    let (ada, _) = person(db, "ada");
    let made = db.write(move |tx| session(tx, ada, SessionKind::Client, 1, 100));
    let rotate = |current: u8, next: u8, second: i64| {
        let made = made.clone();
        db.write(move |tx| tx.rotate_session(&made, &[current; 32], &[next; 32], at(second)))
    };
    assert!(rotate(1, 2, 10));
    assert!(!rotate(1, 9, 11), "the first secret is not the session's any more");
    assert!(rotate(2, 3, 12));
    let found = db.read(|tx| tx.session_by_digest(&[3; 32])).expect("by the newest");
    assert_eq!((found.previous_digest, found.rotated_at), (Some(vec![2; 32]), at(12)));
    assert_eq!(db.read(|tx| tx.session_by_digest(&[2; 32])), None);
}

fn sessions_end_alone_with_others_by_age_and_with_their_person(db: &mut Db) {
    let ((ada, ada_uid), (bob, _)) = (person(db, "ada"), person(db, "bob"));
    let [first, second, third] = [(1, 50), (2, 60), (3, 70)].map(|(secret, expires_at)| {
        db.write(move |tx| session(tx, ada, SessionKind::Client, secret, expires_at))
    });
    let other = db.write(move |tx| session(tx, bob, SessionKind::Browser, 4, 55));
    let of = |person, now| -> Vec<String> {
        db.read(move |tx| tx.sessions(person, at(now))).into_iter().map(|session| session.uid).collect()
    };
    assert_eq!(of(ada, 49), [first.clone(), second.clone(), third.clone()]);
    assert_eq!(of(ada, 50), [second.clone(), third.clone()], "one that has expired is not shown");

    let delete = |uid: &str| {
        let uid = uid.to_owned();
        db.write(move |tx| tx.delete_session(&uid))
    };
    assert!(delete(&second) && !delete(&second));
    let fourth = db.write(move |tx| session(tx, ada, SessionKind::Browser, 5, 80));
    let keep = fourth.clone();
    assert_eq!(db.write(move |tx| tx.delete_other_sessions(ada, &keep)), 2);
    assert_eq!((of(ada, 0), of(bob, 0)), (vec![fourth], vec![other]));

    assert_eq!(db.write(|tx| tx.delete_expired_sessions(at(54))), 0);
    assert_eq!(db.write(|tx| tx.delete_expired_sessions(at(55))), 1);
    assert_eq!(of(bob, 0), [""; 0]);

    assert!(
        db.read(|tx| tx.session_by_digest(&[5; 32])).is_some_and(|session| session.principal_uid == ada_uid)
    );
    db.write(move |tx| tx.delete_principal(ada));
    assert_eq!(db.read(|tx| tx.session_by_digest(&[5; 32])), None);
}
