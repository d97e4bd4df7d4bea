//! What people were asked to let programs do.

use waybill_model::ids::PrincipalId;
use waybill_store::{GrantKind, GrantState, NewLoginGrant, NewSession, SessionKind};

use crate::support::{Db, at, principal, uid};

on_both! {
    a_code_is_approved_when_it_is_made_and_used_once,
    a_device_waits_for_one_decision,
    grants_end_by_age_with_their_person_and_with_their_session,
}

fn person(db: &Db) -> (PrincipalId, String) {
    let scene = db.scene();
    db.write(move |tx| principal(tx, scene.organization, None, "ada"))
}

fn code(secret: u8, principal: PrincipalId) -> NewLoginGrant {
    NewLoginGrant {
        kind: GrantKind::Code,
        digest: vec![secret; 32],
        user_code: None,
        principal: Some(principal),
        client_id: "waybill".to_owned(),
        redirect_uri: "http://127.0.0.1:1/".to_owned(),
        code_challenge: "challenge".to_owned(),
        expires_at: at(100),
    }
}

fn device(secret: u8, user_code: &str) -> NewLoginGrant {
    NewLoginGrant {
        kind: GrantKind::Device,
        digest: vec![secret; 32],
        user_code: Some(user_code.to_owned()),
        principal: None,
        client_id: "waybill".to_owned(),
        redirect_uri: String::new(),
        code_challenge: String::new(),
        expires_at: at(200),
    }
}

/// A session of a person that one of the codes may become.
fn session(db: &Db, principal: PrincipalId, secret: u8) -> String {
    let new = NewSession {
        uid: uid(),
        principal,
        kind: SessionKind::Client,
        digest: vec![secret; 32],
        client: "waybill".to_owned(),
        expires_at: at(1000),
    };
    let uid = new.uid.to_string();
    db.write(move |tx| tx.insert_session(&new, at(1)));
    uid
}

fn a_code_is_approved_when_it_is_made_and_used_once(db: &mut Db) {
    let (ada, ada_uid) = person(db);
    db.write(move |tx| tx.insert_login_grant(&code(1, ada), at(5)));
    let found = db.read(|tx| tx.login_grant(&[1; 32])).expect("it is there");
    assert_eq!((found.kind, found.state), (GrantKind::Code, GrantState::Approved));
    assert_eq!(found.principal, Some((ada, ada_uid)));
    assert_eq!((found.client_id.as_str(), found.code_challenge.as_str()), ("waybill", "challenge"));
    assert_eq!((found.created_at, found.polled_at, found.expires_at), (at(5), at(5), at(100)));
    assert_eq!(db.read(|tx| tx.login_grant(&[2; 32])), None);

    let made = session(db, ada, 9);
    let exchange = || {
        let (found, made) = (found.clone(), made.clone());
        db.write(move |tx| tx.use_login_grant(&found, &made))
    };
    assert!(exchange());
    assert!(!exchange(), "a code is used once");
    let used = db.read(|tx| tx.login_grant(&[1; 32])).expect("its row stays");
    assert_eq!((used.state, used.session), (GrantState::Used, Some(made)));
}

fn a_device_waits_for_one_decision(db: &mut Db) {
    let (ada, ada_uid) = person(db);
    db.write(|tx| tx.insert_login_grant(&device(1, "BCDFGHJK"), at(5)));
    db.write(|tx| tx.insert_login_grant(&device(2, "LMNPQRST"), at(5)));
    let by_code = |code: &'static str| db.read(move |tx| tx.login_grant_by_user_code(code));
    let found = by_code("BCDFGHJK").expect("it is there");
    assert_eq!((found.kind, found.state, &found.principal), (GrantKind::Device, GrantState::Pending, &None));
    assert_eq!(by_code("BCDFGHJL"), None);

    let poll = found.clone();
    db.write(move |tx| tx.poll_login_grant(&poll, at(7)));
    assert_eq!(by_code("BCDFGHJK").map(|grant| grant.polled_at), Some(at(7)));

    let early = (found.clone(), session(db, ada, 8));
    assert!(!db.write(move |tx| tx.use_login_grant(&early.0, &early.1)), "nobody has approved it");
    let decide = |is_approved: bool| {
        let found = found.clone();
        db.write(move |tx| tx.decide_login_grant(&found, is_approved, ada))
    };
    assert!(decide(true));
    assert!(!decide(false), "the first decision stands");
    let approved = db.read(|tx| tx.login_grant(&[1; 32])).expect("it is there");
    assert_eq!((approved.state, approved.principal), (GrantState::Approved, Some((ada, ada_uid))));

    let other = by_code("LMNPQRST").expect("it is there");
    assert!(db.write(move |tx| tx.decide_login_grant(&other, false, ada)));
    assert_eq!(by_code("LMNPQRST").map(|grant| grant.state), Some(GrantState::Denied));
    assert!(
        db.try_write(|tx| tx.insert_login_grant(&device(3, "BCDFGHJK"), at(5))).is_err(),
        "no two devices have the same code"
    );
}

fn grants_end_by_age_with_their_person_and_with_their_session(db: &mut Db) {
    let (ada, _) = person(db);
    db.write(move |tx| {
        tx.insert_login_grant(&code(1, ada), at(5))?;
        tx.insert_login_grant(&code(2, ada), at(5))?;
        tx.insert_login_grant(&device(3, "BCDFGHJK"), at(5))
    });
    let is_there = |secret: u8| db.read(move |tx| tx.login_grant(&[secret; 32])).is_some();
    let made = session(db, ada, 9);
    let gone = made.clone();
    db.write(move |tx| {
        let grant = tx.login_grant(&[1; 32])?.expect("it is there");
        tx.use_login_grant(&grant, &made)
    });
    assert!(db.write(move |tx| tx.delete_session(&gone)));
    assert_eq!([1, 2, 3].map(is_there), [false, true, true]);
    assert_eq!(db.write(|tx| tx.delete_expired_login_grants(at(100))), 1);
    assert_eq!([2, 3].map(is_there), [false, true]);
    db.write(move |tx| {
        let grant = tx.login_grant(&[3; 32])?.expect("it is there");
        tx.decide_login_grant(&grant, true, ada)
    });
    db.write(|tx| tx.insert_login_grant(&device(4, "LMNPQRST"), at(5)));
    assert_eq!(db.write(move |tx| tx.delete_login_grants(ada)), 1);
    assert_eq!([3, 4].map(is_there), [false, true], "what she has not decided is not hers");
    db.write(move |tx| {
        let grant = tx.login_grant(&[4; 32])?.expect("it is there");
        tx.decide_login_grant(&grant, true, ada)
    });
    db.write(move |tx| tx.delete_principal(ada));
    assert!(!is_there(4));
}
