//! What a person was asked to let a program do: authorization codes (RFC 6749) and device codes (RFC 8628).
//!
//! A grant lives for minutes and becomes at most one session. Its row stays a while longer, so that a code that is
//! used again is recognized.

use jiff::Timestamp;
use waybill_model::ids::PrincipalId;

use crate::{
    error::{Error, Result},
    row::Row,
    tx::Tx,
};

/// How a program asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantKind {
    /// Through the browser on the same machine; approved when it is made.
    Code,
    /// By a code that a person types somewhere else.
    Device,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    Pending,
    Approved,
    Denied,
    /// Exchanged for a session.
    Used,
}

/// A grant, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginGrant {
    id: i64,
    pub kind: GrantKind,
    pub state: GrantState,
    /// Who approved or denied: row and identifier.
    pub principal: Option<(PrincipalId, String)>,
    pub client_id: String,
    /// Empty for a device.
    pub redirect_uri: String,
    /// Of PKCE (S256); empty without.
    pub code_challenge: String,
    /// The session that it was exchanged for.
    pub session: Option<String>,
    /// When a device asked last whether somebody decided.
    pub polled_at: Timestamp,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A grant to be made: approved already if a person is named, else pending.
#[derive(Clone, Debug)]
pub struct NewLoginGrant {
    pub kind: GrantKind,
    pub digest: Vec<u8>,
    pub user_code: Option<String>,
    pub principal: Option<PrincipalId>,
    pub client_id: String,
    pub redirect_uri: String,
    pub code_challenge: String,
    pub expires_at: Timestamp,
}

macro_rules! grants {
    ($condition:literal) => {
        concat!(
            "SELECT g.id, g.kind, g.state, g.principal_id, p.uid, g.client_id, g.redirect_uri, g.code_challenge,
                    s.uid, g.polled_at, g.created_at, g.expires_at
               FROM login_grants g
               LEFT JOIN principals p ON p.id = g.principal_id
               LEFT JOIN sessions s ON s.id = g.session_id
              WHERE ",
            $condition
        )
    };
}

const BY_DIGEST: &str = grants!("g.digest = $1");
const BY_USER_CODE: &str = grants!("g.user_code = $1");
const INSERT: &str = "
    INSERT INTO login_grants (digest, kind, user_code, state, principal_id, client_id, redirect_uri, code_challenge,
                              polled_at, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)";
const DECIDE: &str =
    "UPDATE login_grants SET state = $2, principal_id = $3 WHERE id = $1 AND state = 'pending'";
const POLL: &str = "UPDATE login_grants SET polled_at = $2 WHERE id = $1";
const USE: &str = "
    UPDATE login_grants SET state = 'used', session_id = (SELECT s.id FROM sessions s WHERE s.uid = $2)
     WHERE id = $1 AND state = 'approved'";
const DELETE_OF: &str = "DELETE FROM login_grants WHERE principal_id = $1";
const DELETE_EXPIRED: &str = "DELETE FROM login_grants WHERE expires_at <= $1";

impl Tx<'_> {
    pub fn login_grant(&mut self, digest: &[u8]) -> Result<Option<LoginGrant>> {
        self.one(BY_DIGEST, &[digest.into()], LoginGrant::from_row)
    }

    /// The grant that a person types the code of.
    pub fn login_grant_by_user_code(&mut self, code: &str) -> Result<Option<LoginGrant>> {
        self.one(BY_USER_CODE, &[code.into()], LoginGrant::from_row)
    }

    pub fn insert_login_grant(&mut self, new: &NewLoginGrant, now: Timestamp) -> Result<()> {
        let state = if new.principal.is_some() { GrantState::Approved } else { GrantState::Pending };
        let params = vec![
            new.digest.as_slice().into(),
            new.kind.as_str().into(),
            new.user_code.as_deref().into(),
            state.as_str().into(),
            new.principal.into(),
            new.client_id.as_str().into(),
            new.redirect_uri.as_str().into(),
            new.code_challenge.as_str().into(),
            now.into(),
            new.expires_at.into(),
        ];
        self.send(INSERT, params)
    }

    /// Keeps a person's decision; tells whether the grant was still pending.
    pub fn decide_login_grant(
        &mut self,
        grant: &LoginGrant,
        is_approved: bool,
        principal: PrincipalId,
    ) -> Result<bool> {
        let state = if is_approved { GrantState::Approved } else { GrantState::Denied };
        let params = [grant.id.into(), state.as_str().into(), principal.into()];
        Ok(self.execute(DECIDE, &params)? == 1)
    }

    /// Keeps the time at which a device asked.
    pub fn poll_login_grant(&mut self, grant: &LoginGrant, now: Timestamp) -> Result<()> {
        self.send(POLL, vec![grant.id.into(), now.into()])
    }

    /// Marks a grant as exchanged for a session; tells whether it was approved and not used before.
    pub fn use_login_grant(&mut self, grant: &LoginGrant, session: &str) -> Result<bool> {
        Ok(self.execute(USE, &[grant.id.into(), session.into()])? == 1)
    }

    /// Forgets what a person has decided, so that nothing more comes of it.
    pub fn delete_login_grants(&mut self, principal: PrincipalId) -> Result<u64> {
        self.execute(DELETE_OF, &[principal.into()])
    }

    /// Forgets grants whose time was over then.
    pub fn delete_expired_login_grants(&mut self, then: Timestamp) -> Result<u64> {
        self.execute(DELETE_EXPIRED, &[then.into()])
    }
}

impl GrantKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Device => "device",
        }
    }
}

impl GrantState {
    const ALL: [Self; 4] = [Self::Pending, Self::Approved, Self::Denied, Self::Used];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Used => "used",
        }
    }
}

impl LoginGrant {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let corrupt = |column, expected, found| Error::Corrupt { column, expected, found };
        let (kind, state) = (row.text(1)?, row.text(2)?);
        let kind = [GrantKind::Code, GrantKind::Device]
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or_else(|| corrupt(1, "a kind of grant", kind))?;
        let state = GrantState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or_else(|| corrupt(2, "the state of a grant", state))?;
        Ok(Self {
            id: row.int(0)?,
            kind,
            state,
            principal: row.opt_int(3)?.map(PrincipalId).zip(row.opt_text(4)?),
            client_id: row.text(5)?,
            redirect_uri: row.text(6)?,
            code_challenge: row.text(7)?,
            session: row.opt_text(8)?,
            polled_at: row.time(9)?,
            created_at: row.time(10)?,
            expires_at: row.time(11)?,
        })
    }
}
