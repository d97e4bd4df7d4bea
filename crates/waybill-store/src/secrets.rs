//! Keys of this installation. Several servers on one database share them.

use jiff::Timestamp;
use waybill_model::ids::Uid;

use crate::{error::Result, tx::Tx};

/// A key that signs tokens.
#[derive(Clone)]
pub struct SigningKey {
    /// Names the key in a token's header.
    pub uid: String,
    pub value: Vec<u8>,
    pub created_at: Timestamp,
}

const SECRETS: &str = "SELECT uid, value, created_at FROM secrets WHERE purpose = $1 ORDER BY id DESC";
const INSERT: &str = "INSERT INTO secrets (uid, purpose, value, created_at) VALUES ($1, $2, $3, $4)";
const DELETE: &str = "DELETE FROM secrets WHERE purpose = $1 AND created_at < $2";

impl Tx<'_> {
    /// The keys for a purpose, newest first.
    pub fn secrets(&mut self, purpose: &'static str) -> Result<Vec<SigningKey>> {
        self.many(SECRETS, &[purpose.into()], |row| {
            Ok(SigningKey { uid: row.text(0)?, value: row.bytes(1)?, created_at: row.time(2)? })
        })
    }

    pub fn insert_secret(
        &mut self,
        purpose: &'static str,
        uid: &Uid,
        value: &[u8],
        now: Timestamp,
    ) -> Result<()> {
        self.send(INSERT, vec![uid.as_str().into(), purpose.into(), value.into(), now.into()])
    }

    /// Deletes the keys for a purpose that were made before a time.
    pub fn delete_secrets(&mut self, purpose: &'static str, before: Timestamp) -> Result<u64> {
        self.execute(DELETE, &[purpose.into(), before.into()])
    }
}
