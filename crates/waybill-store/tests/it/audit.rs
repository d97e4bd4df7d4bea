//! The audit trail and the outbox.

use waybill_model::ids::{OrganizationId, ProjectId};
use waybill_store::{Audit, Audited, Event};

use crate::support::{Db, at, uid};

on_both! {
    the_audit_trail_tells_who_did_what_oldest_first,
    events_come_in_order_and_are_forgotten_by_age,
}

fn the_audit_trail_tells_who_did_what_oldest_first(db: &mut Db) {
    let scene = db.scene();
    let audit = Audit {
        organization: scene.organization,
        principal: "ci-bot",
        credential: Some("wb-1"),
        action: "version.revoke",
        resource: "packer/project/p/bucket/b",
        detail: "",
    };
    db.write(move |tx| {
        tx.record(&Audit { action: "second", ..audit.clone() }, at(20))?;
        tx.record(&Audit { action: "first", ..audit.clone() }, at(10))?;
        tx.record(
            &Audit {
                action: "third",
                detail: "{\"a\":1}",
                principal: "waybill",
                credential: None,
                ..audit.clone()
            },
            at(20),
        )?;
        // It outlives whom and what it tells of.
        tx.record(&Audit { organization: OrganizationId(99), ..audit.clone() }, at(10))
    });
    let list = |organization: OrganizationId, since: i64, limit: u32| {
        db.read(move |tx| tx.audited(organization, at(since), limit))
    };
    let actions = |rows: Vec<Audited>| rows.into_iter().map(|row| row.action).collect::<Vec<_>>();
    assert_eq!(actions(list(scene.organization, 0, 10)), ["first", "second", "third"]);
    assert_eq!(actions(list(scene.organization, 11, 10)), ["second", "third"]);
    assert_eq!(actions(list(scene.organization, 20, 1)), ["second"]);
    assert_eq!(actions(list(scene.organization, 21, 10)), [""; 0]);
    assert_eq!(list(OrganizationId(99), 0, 10).len(), 1);
    let [second, third] = &list(scene.organization, 20, 2)[..] else { panic!("two rows") };
    assert_eq!((second.principal.as_str(), second.credential.as_deref()), ("ci-bot", Some("wb-1")));
    let expected = Audited {
        principal: "waybill".to_owned(),
        credential: None,
        action: "third".to_owned(),
        resource: "packer/project/p/bucket/b".to_owned(),
        detail: "{\"a\":1}".to_owned(),
    };
    assert_eq!(*third, expected);
}

fn events_come_in_order_and_are_forgotten_by_age(db: &mut Db) {
    let (project, other) = (db.scene().project, db.scene().project);
    db.write(move |tx| {
        for (kind, project, second) in
            [("one", project, 20), ("two", project, 10), ("there", other, 10), ("three", project, 30)]
        {
            tx.emit(&Event { uid: uid(), project, kind, payload: "{}" }, at(second))?;
        }
        Ok(())
    });
    let list = |project: ProjectId| -> Vec<String> {
        db.read(move |tx| tx.events(project)).into_iter().map(|(kind, _)| kind).collect()
    };
    assert_eq!(list(project), ["one", "two", "three"]);
    assert_eq!(db.read(move |tx| tx.events(other)), [("there".to_owned(), "{}".to_owned())]);
    assert_eq!(db.write(|tx| tx.delete_events(at(10))), 0);
    assert_eq!(db.write(|tx| tx.delete_events(at(20))), 2);
    assert_eq!(list(project), ["one", "three"]);
    assert_eq!(list(other), [""; 0]);
}
