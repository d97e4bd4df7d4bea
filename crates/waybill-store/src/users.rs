//! People: principals that log in with a password or through somebody who vouches for them (see `logins`).

use jiff::Timestamp;
use waybill_model::{
    email::Email,
    ids::{OrganizationId, PrincipalId, Uid},
    principal::PrincipalKind,
};

use crate::{error::Result, identity::NewPrincipal, row::Row, tx::Tx};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: PrincipalId,
    pub uid: String,
    pub organization: OrganizationId,
    pub organization_uid: String,
    pub email: Email,
    pub full_name: String,
    /// Who vouches for them at login, and under which name; both empty for a local user.
    pub issuer: String,
    pub subject: String,
    pub has_password: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A person to be made, who cannot log in yet and has no role.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub uid: Uid,
    pub organization: OrganizationId,
    pub email: Email,
    pub full_name: String,
}

macro_rules! user {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.uid, p.organization_id, o.uid, p.name, u.full_name, u.issuer, u.subject,
                    u.password_hash IS NOT NULL, p.created_at, u.updated_at
               FROM principals p
               JOIN users u ON u.principal_id = p.id
               JOIN organizations o ON o.id = p.organization_id ",
            $rest
        )
    };
}

const USER: &str = user!("WHERE p.uid = $1");
const NAMED: &str = user!(
    "WHERE p.organization_id = $1 AND COALESCE(p.project_id, 0) = 0 AND p.kind = 'user' AND p.name = $2"
);
/// By e-mail address.
const LIST: &str = user!(
    "WHERE p.organization_id = $1 AND COALESCE(p.project_id, 0) = 0 AND p.kind = 'user' AND p.name > $2
     ORDER BY p.name LIMIT $3"
);
const INSERT: &str = "
    INSERT INTO users (principal_id, full_name, issuer, subject, updated_at) VALUES ($1, $2, '', '', $3)";
const RENAME: &str = "UPDATE principals SET name = $2 WHERE id = $1";
const UPDATE: &str =
    "UPDATE users SET full_name = $2, issuer = $3, subject = $4, updated_at = $5 WHERE principal_id = $1";
/// Anybody who owns the organization: in person, or as a member of a group that does.
const OWNER: &str = "
    SELECT r.principal_id
      FROM role_bindings r JOIN principals p ON p.id = r.principal_id
     WHERE r.organization_id = $1 AND r.role = 'owner'
       AND (p.kind <> 'group' OR EXISTS (SELECT 1 FROM group_members m WHERE m.group_id = p.id))
     LIMIT 1";

impl Tx<'_> {
    pub fn user(&mut self, uid: &str) -> Result<Option<User>> {
        self.one(USER, &[uid.into()], User::from_row)
    }

    pub fn user_named(&mut self, organization: OrganizationId, email: &Email) -> Result<Option<User>> {
        self.one(NAMED, &[organization.into(), email.as_str().into()], User::from_row)
    }

    /// People by e-mail address, after that one.
    pub fn users(&mut self, organization: OrganizationId, after: &str, limit: u32) -> Result<Vec<User>> {
        self.many(LIST, &[organization.into(), after.into(), limit.into()], User::from_row)
    }

    pub fn insert_user(&mut self, new: &NewUser, now: Timestamp) -> Result<PrincipalId> {
        let principal = NewPrincipal {
            uid: new.uid.clone(),
            kind: PrincipalKind::User,
            organization: new.organization,
            project: None,
            name: new.email.to_string(),
        };
        let id = self.insert_principal(&principal, now)?;
        self.send(INSERT, vec![id.into(), (&new.full_name).into(), now.into()])?;
        Ok(id)
    }

    /// Stores e-mail address, name, issuer and subject as they are in `user`.
    pub fn update_user(&mut self, user: &User, now: Timestamp) -> Result<()> {
        self.send(RENAME, vec![user.id.into(), user.email.as_str().into()])?;
        let params = vec![
            user.id.into(),
            (&user.full_name).into(),
            (&user.issuer).into(),
            (&user.subject).into(),
            now.into(),
        ];
        self.send(UPDATE, params)
    }

    /// Whether anybody owns the organization, in person or by a group that has members.
    pub fn has_owner(&mut self, organization: OrganizationId) -> Result<bool> {
        Ok(self.one(OWNER, &[organization.into()], |row| row.int(0))?.is_some())
    }
}

impl User {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: PrincipalId(row.int(0)?),
            uid: row.text(1)?,
            organization: OrganizationId(row.int(2)?),
            organization_uid: row.text(3)?,
            email: row.parse(4, "an e-mail address")?,
            full_name: row.text(5)?,
            issuer: row.text(6)?,
            subject: row.text(7)?,
            has_password: row.bool(8)?,
            created_at: row.time(9)?,
            updated_at: row.time(10)?,
        })
    }
}
