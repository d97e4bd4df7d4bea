//! How people prove who they are: a password kept here, or a login provider that vouches for them.

use jiff::Timestamp;
use waybill_model::ids::{OrganizationId, PrincipalId};

use crate::{error::Result, row::Row, tx::Tx};

/// A person as a login sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub principal: PrincipalId,
    pub uid: String,
    pub organization: OrganizationId,
    pub organization_uid: String,
    /// The e-mail address in lower case, which is the principal's name.
    pub email: String,
    pub full_name: String,
    /// Who vouches for them, and under which name; both empty for whoever no provider knows.
    pub issuer: String,
    pub subject: String,
    /// In PHC form.
    pub password_hash: Option<String>,
}

/// A group whose members the login provider decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalGroup {
    pub id: PrincipalId,
    pub uid: String,
    /// The last part of the group's resource name.
    pub name: String,
    pub external_name: String,
    /// Whether the person in question is a member.
    pub is_member: bool,
}

macro_rules! logins {
    ($condition:literal) => {
        concat!(
            "SELECT p.id, p.uid, p.organization_id, o.uid, p.name, u.full_name, u.issuer, u.subject, u.password_hash
               FROM principals p
               JOIN users u ON u.principal_id = p.id
               JOIN organizations o ON o.id = p.organization_id
              WHERE ",
            $condition
        )
    };
}

const LOGIN: &str = logins!("p.uid = $1");
const BY_EMAIL: &str =
    logins!("p.organization_id = $1 AND COALESCE(p.project_id, 0) = 0 AND p.kind = 'user' AND p.name = $2");
const BY_SUBJECT: &str =
    logins!("u.issuer = $1 AND u.subject = $2 AND u.subject <> '' AND p.organization_id = $3");
const SET_PASSWORD: &str = "UPDATE users SET password_hash = $2, updated_at = $3 WHERE principal_id = $1";
const BIND: &str = "
    UPDATE users SET issuer = $2, subject = $3, updated_at = $4
     WHERE principal_id = $1 AND subject = '' AND password_hash IS NULL";
const EXTERNAL_GROUPS: &str = "
    SELECT p.id, p.uid, p.name, g.external_name, m.member_id IS NOT NULL
      FROM user_groups g
      JOIN principals p ON p.id = g.principal_id
      LEFT JOIN group_members m ON m.group_id = g.principal_id AND m.member_id = $2
     WHERE g.external_name IS NOT NULL AND p.organization_id = $1
     ORDER BY p.id";
const JOIN: &str = "INSERT INTO group_members (group_id, member_id, created_at) VALUES ($1, $2, $3)";
const LEAVE: &str = "DELETE FROM group_members WHERE group_id = $1 AND member_id = $2";

impl Tx<'_> {
    /// The person of that identifier.
    pub fn login(&mut self, uid: &str) -> Result<Option<Login>> {
        self.one(LOGIN, &[uid.into()], Login::from_row)
    }

    /// The person with that e-mail address, which is in lower case.
    pub fn login_by_email(&mut self, organization: OrganizationId, email: &str) -> Result<Option<Login>> {
        self.one(BY_EMAIL, &[organization.into(), email.into()], Login::from_row)
    }

    /// The person whom a provider knows under that name.
    pub fn login_by_subject(
        &mut self,
        organization: OrganizationId,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Login>> {
        self.one(BY_SUBJECT, &[issuer.into(), subject.into(), organization.into()], Login::from_row)
    }

    pub fn set_password_hash(&mut self, principal: PrincipalId, hash: &str, now: Timestamp) -> Result<()> {
        self.send(SET_PASSWORD, vec![principal.into(), hash.into(), now.into()])
    }

    /// Says that a provider vouches for a person who could not log in before; tells whether that was so.
    pub fn bind_login(
        &mut self,
        principal: PrincipalId,
        issuer: &str,
        subject: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let params = [principal.into(), issuer.into(), subject.into(), now.into()];
        Ok(self.execute(BIND, &params)? == 1)
    }

    /// The groups that mirror one of the provider's, and whether somebody is in them.
    pub fn external_groups(
        &mut self,
        organization: OrganizationId,
        member: PrincipalId,
    ) -> Result<Vec<ExternalGroup>> {
        self.many(EXTERNAL_GROUPS, &[organization.into(), member.into()], |row| {
            Ok(ExternalGroup {
                id: PrincipalId(row.int(0)?),
                uid: row.text(1)?,
                name: row.text(2)?,
                external_name: row.text(3)?,
                is_member: row.bool(4)?,
            })
        })
    }

    /// Makes somebody a member of a group as the provider says.
    pub fn join_external_group(
        &mut self,
        group: PrincipalId,
        member: PrincipalId,
        now: Timestamp,
    ) -> Result<()> {
        self.send(JOIN, vec![group.into(), member.into(), now.into()])
    }

    pub fn leave_external_group(&mut self, group: PrincipalId, member: PrincipalId) -> Result<()> {
        self.send(LEAVE, vec![group.into(), member.into()])
    }
}

impl Login {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            principal: PrincipalId(row.int(0)?),
            uid: row.text(1)?,
            organization: OrganizationId(row.int(2)?),
            organization_uid: row.text(3)?,
            email: row.text(4)?,
            full_name: row.text(5)?,
            issuer: row.text(6)?,
            subject: row.text(7)?,
            password_hash: row.opt_text(8)?,
        })
    }
}
