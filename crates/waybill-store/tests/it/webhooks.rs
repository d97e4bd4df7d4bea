//! Webhooks: made, changed, renamed and deleted, each in its project.

use waybill_model::webhook::{EventKind, HmacKey, Receiver, Subscription, Webhook as Content};
use waybill_store::Webhook;

use crate::support::{Db, at, is_constraint, parse, uid};

on_both! {
    a_webhook_comes_back_as_it_was_stored,
    a_name_is_used_once_in_a_project,
    a_webhook_is_found_by_its_identifier_whatever_it_is_called,
}

fn key(text: &str) -> HmacKey {
    HmacKey::new(text.to_owned()).expect("a key")
}

fn content() -> Content {
    let event =
        |action: &str| EventKind { source: "hashicorp.packer.version".to_owned(), action: action.to_owned() };
    Content {
        receiver: Receiver {
            url: "https://receiver.test/?a=%20'\"é".to_owned(),
            hmac_key: key("ключ для подписи"),
        },
        description: "two\nlines, '; DROP TABLE webhooks; --".to_owned(),
        enabled: true,
        subscriptions: vec![
            Subscription { resource_id: String::new(), events: vec![event("*"), event("*")] },
            Subscription { resource_id: "packer/\"x\"".to_owned(), events: vec![] },
        ],
    }
}

fn bare() -> Content {
    let receiver = Receiver { url: "https://other.test/".to_owned(), hmac_key: HmacKey::default() };
    Content { receiver, description: String::new(), enabled: false, subscriptions: vec![] }
}

fn find(db: &Db, project: waybill_model::ids::ProjectId, name: &'static str) -> Option<Webhook> {
    db.read(move |tx| tx.webhook(project, &parse(name)))
}

fn a_webhook_comes_back_as_it_was_stored(db: &mut Db) {
    let project = db.scene().project;
    let id = uid();
    let text = id.to_string();
    db.write(move |tx| tx.insert_webhook(project, &id, &parse("events"), &content(), at(3)));
    let stored = find(db, project, "events").expect("it was made");
    assert_eq!((stored.uid.as_str(), stored.name.as_str(), &stored.content), (&*text, "events", &content()));
    assert_eq!((stored.created_at, stored.updated_at), (at(3), at(3)));

    let row = stored.id;
    db.write(move |tx| tx.update_webhook(row, &bare(), at(5)));
    let changed = find(db, project, "events").expect("it stays");
    assert_eq!(changed, Webhook { content: bare(), updated_at: at(5), ..stored });
    assert_eq!(changed.content.receiver.hmac_key.expose(), None);

    db.write(move |tx| tx.delete_webhook(row));
    assert_eq!(find(db, project, "events"), None);
}

fn a_name_is_used_once_in_a_project(db: &mut Db) {
    let (here, there) = (db.scene().project, db.scene().project);
    for (project, name) in [(here, "b"), (here, "a"), (here, "B"), (there, "a")] {
        db.write(move |tx| tx.insert_webhook(project, &uid(), &parse(name), &bare(), at(1)));
    }
    let names = |project| -> Vec<String> {
        db.read(move |tx| tx.webhooks(project)).into_iter().map(|webhook| webhook.name.to_string()).collect()
    };
    assert_eq!(names(here), ["B", "a", "b"]);
    assert_eq!(names(there), ["a"]);
    assert_eq!(db.read(move |tx| tx.count_webhooks(here)), 3);
    assert_eq!(find(db, there, "b"), None);
    let again = db.try_write(move |tx| tx.insert_webhook(here, &uid(), &parse("a"), &bare(), at(2)));
    assert!(is_constraint(&again.expect_err("the name is taken")));
    let row = find(db, here, "b").expect("it was made").id;
    let taken = db.try_write(move |tx| tx.rename_webhook(row, &parse("a"), at(2)));
    assert!(is_constraint(&taken.expect_err("the name is taken")));
    assert_eq!(names(here), ["B", "a", "b"]);
}

fn a_webhook_is_found_by_its_identifier_whatever_it_is_called(db: &mut Db) {
    let (here, there) = (db.scene().project, db.scene().project);
    let id = uid();
    let text = id.to_string();
    db.write(move |tx| tx.insert_webhook(here, &id, &parse("before"), &content(), at(1)));
    let stored = find(db, here, "before").expect("it was made");
    let row = stored.id;
    db.write(move |tx| tx.rename_webhook(row, &parse("after"), at(4)));
    assert_eq!(find(db, here, "before"), None);
    let by_uid = |project| {
        let text = text.clone();
        db.read(move |tx| tx.webhook_by_uid(project, &text))
    };
    assert_eq!(by_uid(here), Some(Webhook { name: parse("after"), updated_at: at(4), ..stored }));
    assert_eq!(by_uid(there), None, "another project's is not found");
}
