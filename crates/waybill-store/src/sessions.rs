//! People who are logged in: in a browser by a cookie, in a program by a refresh token.
//!
//! A session is known by the digest of its secret. It ends when its row goes: by a logout, with its person, or when
//! its time is over and somebody cleans up. Whether its time is over, the caller looks.

use jiff::Timestamp;
use waybill_model::ids::{PrincipalId, Uid};

use crate::{
    error::{Error, Result},
    row::Row,
    tx::Tx,
};

/// Where somebody is logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// In a browser, by a cookie.
    Browser,
    /// In a program, by a refresh token.
    Client,
}

/// A session, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub uid: String,
    pub principal: PrincipalId,
    pub principal_uid: String,
    pub kind: SessionKind,
    /// Of the secret that is good now.
    pub digest: Vec<u8>,
    /// Of the secret before, if there was one.
    pub previous_digest: Option<Vec<u8>>,
    /// When the secret was replaced last.
    pub rotated_at: Timestamp,
    /// What logged in.
    pub client: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A session to be made.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub uid: Uid,
    pub principal: PrincipalId,
    pub kind: SessionKind,
    pub digest: Vec<u8>,
    pub client: String,
    pub expires_at: Timestamp,
}

macro_rules! sessions {
    ($condition:literal) => {
        concat!(
            "SELECT s.uid, s.principal_id, p.uid, s.kind, s.digest, s.previous_digest, s.rotated_at, s.client,
                    s.created_at, s.expires_at
               FROM sessions s JOIN principals p ON p.id = s.principal_id
              WHERE ",
            $condition
        )
    };
}

const SESSION: &str = sessions!("s.uid = $1");
const SESSION_BY_DIGEST: &str = sessions!("s.digest = $1");
const SESSIONS: &str = sessions!("s.principal_id = $1 AND s.expires_at > $2 ORDER BY s.id");
const INSERT: &str = "
    INSERT INTO sessions (uid, principal_id, kind, digest, rotated_at, client, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const ROTATE: &str = "
    UPDATE sessions SET previous_digest = digest, digest = $3, rotated_at = $4 WHERE uid = $1 AND digest = $2";
const DELETE: &str = "DELETE FROM sessions WHERE uid = $1";
const DELETE_OTHERS: &str = "DELETE FROM sessions WHERE principal_id = $1 AND uid <> $2";
const DELETE_EXPIRED: &str = "DELETE FROM sessions WHERE expires_at <= $1";

impl Tx<'_> {
    pub fn session(&mut self, uid: &str) -> Result<Option<Session>> {
        self.one(SESSION, &[uid.into()], Session::from_row)
    }

    /// The session whose secret has that digest now.
    pub fn session_by_digest(&mut self, digest: &[u8]) -> Result<Option<Session>> {
        self.one(SESSION_BY_DIGEST, &[digest.into()], Session::from_row)
    }

    /// The sessions of a person that have not expired, oldest first.
    pub fn sessions(&mut self, principal: PrincipalId, now: Timestamp) -> Result<Vec<Session>> {
        self.many(SESSIONS, &[principal.into(), now.into()], Session::from_row)
    }

    pub fn insert_session(&mut self, new: &NewSession, now: Timestamp) -> Result<()> {
        let params = vec![
            new.uid.as_str().into(),
            new.principal.into(),
            new.kind.as_str().into(),
            new.digest.as_slice().into(),
            now.into(),
            new.client.as_str().into(),
            now.into(),
            new.expires_at.into(),
        ];
        self.send(INSERT, params)
    }

    /// Replaces a session's secret; tells whether `current` was the one.
    pub fn rotate_session(&mut self, uid: &str, current: &[u8], next: &[u8], now: Timestamp) -> Result<bool> {
        let changed = self.execute(ROTATE, &[uid.into(), current.into(), next.into(), now.into()])?;
        Ok(changed == 1)
    }

    /// Ends a session; tells whether there was one.
    pub fn delete_session(&mut self, uid: &str) -> Result<bool> {
        Ok(self.execute(DELETE, &[uid.into()])? == 1)
    }

    /// Ends all sessions of a person but one (`keep` may be none's name), and tells how many.
    pub fn delete_other_sessions(&mut self, principal: PrincipalId, keep: &str) -> Result<u64> {
        self.execute(DELETE_OTHERS, &[principal.into(), keep.into()])
    }

    /// Forgets sessions whose time was over then.
    pub fn delete_expired_sessions(&mut self, then: Timestamp) -> Result<u64> {
        self.execute(DELETE_EXPIRED, &[then.into()])
    }
}

impl SessionKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Client => "client",
        }
    }
}

impl Session {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let kind = match row.text(3)?.as_str() {
            "browser" => SessionKind::Browser,
            "client" => SessionKind::Client,
            other => {
                let found = other.to_owned();
                return Err(Error::Corrupt { column: 3, expected: "a kind of session", found });
            }
        };
        Ok(Self {
            uid: row.text(0)?,
            principal: PrincipalId(row.int(1)?),
            principal_uid: row.text(2)?,
            kind,
            digest: row.bytes(4)?,
            previous_digest: row.opt_bytes(5)?,
            rotated_at: row.time(6)?,
            client: row.text(7)?,
            created_at: row.time(8)?,
            expires_at: row.time(9)?,
        })
    }
}
