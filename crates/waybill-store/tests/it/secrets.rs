//! Keys of the installation.

use crate::support::{Db, at, uid};

on_both! { secrets_come_newest_first_and_expire }

fn secrets_come_newest_first_and_expire(db: &mut Db) {
    let list = |purpose: &'static str| -> Vec<Vec<u8>> {
        db.read(move |tx| tx.secrets(purpose)).into_iter().map(|key| key.value).collect()
    };
    assert_eq!(list("sign"), [[0_u8; 0]; 0]);
    let named = uid();
    let name = named.clone();
    db.write(move |tx| {
        // Made later counts as newer, whatever the clock said.
        tx.insert_secret("sign", &uid(), &[1], at(20))?;
        tx.insert_secret("sign", &uid(), &[2], at(10))?;
        tx.insert_secret("page", &uid(), &[0, 255], at(5))?;
        tx.insert_secret("sign", &named, &[3], at(30))
    });
    assert_eq!(list("sign"), [[3], [2], [1]]);
    assert_eq!(list("page"), [[0, 255]]);
    let newest = db.read(|tx| tx.secrets("sign")).swap_remove(0);
    assert_eq!((newest.uid, newest.created_at), (name.to_string(), at(30)));
    assert_eq!(db.write(|tx| tx.delete_secrets("sign", at(20))), 1);
    assert_eq!(list("sign"), [[3], [1]]);
    assert_eq!(db.write(|tx| tx.delete_secrets("sign", at(100))), 2);
    assert_eq!(list("page").len(), 1);
}
