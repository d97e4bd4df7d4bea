//! Organizations, projects, principals with their keys and the roles they have.

use jiff::Timestamp;
use waybill_model::{
    ids::{OrganizationId, PrincipalId, ProjectId, Uid},
    names::{BucketName, PrincipalName, ProjectName},
    principal::PrincipalKind,
    role::Role,
};

use crate::{error::Result, row::Row, tx::Tx};

/// The owner of projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    pub id: OrganizationId,
    pub uid: String,
    pub name: String,
    pub created_at: Timestamp,
}

/// What has one registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    pub id: ProjectId,
    pub uid: String,
    pub organization_uid: String,
    pub name: String,
    pub description: String,
    pub created_at: Timestamp,
}

/// Who can act, and be given a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub id: PrincipalId,
    pub uid: String,
    pub kind: PrincipalKind,
    pub organization: OrganizationId,
    pub organization_uid: String,
    /// Set for a service principal that is bound to one project.
    pub project_uid: Option<String>,
    /// Of a user the e-mail address, of a group the last part of its resource's name.
    pub name: String,
    pub created_at: Timestamp,
}

/// A principal to be made.
#[derive(Clone, Debug)]
pub struct NewPrincipal {
    pub uid: Uid,
    pub kind: PrincipalKind,
    pub organization: OrganizationId,
    pub project: Option<ProjectId>,
    /// As in [`Principal`], checked.
    pub name: String,
}

/// A key of a principal. The secret itself is never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub uid: String,
    pub client_id: String,
    pub secret_digest: Vec<u8>,
    pub created_at: Timestamp,
}

/// A role on the organization, a project, a bucket (with its project) or a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleBinding {
    pub role: Role,
    pub organization: Option<String>,
    pub project: Option<String>,
    pub bucket: Option<BucketName>,
    /// The group's name.
    pub group: Option<String>,
}

const ORGANIZATION: &str = "SELECT id, uid, name, created_at FROM organizations WHERE id = $1";
const FIRST_ORGANIZATION: &str = "SELECT id, uid, name, created_at FROM organizations ORDER BY id LIMIT 1";
const INSERT_ORGANIZATION: &str =
    "INSERT INTO organizations (uid, name, created_at) VALUES ($1, $2, $3) RETURNING id";

const PROJECTS: &str = "
    SELECT j.id, j.uid, o.uid, j.name, j.description, j.created_at
      FROM projects j JOIN organizations o ON o.id = j.organization_id
     WHERE j.organization_id = $1
     ORDER BY j.created_at, j.id";
const PROJECT: &str = "
    SELECT j.id, j.uid, o.uid, j.name, j.description, j.created_at
      FROM projects j JOIN organizations o ON o.id = j.organization_id
     WHERE j.organization_id = $1 AND j.uid = $2";
const PROJECT_NAMED: &str = "
    SELECT j.id, j.uid, o.uid, j.name, j.description, j.created_at
      FROM projects j JOIN organizations o ON o.id = j.organization_id
     WHERE j.organization_id = $1 AND j.name = $2";
const OWNER_OF_PROJECT: &str = "SELECT organization_id, uid FROM projects WHERE id = $1";
const INSERT_PROJECT: &str = "
    INSERT INTO projects (uid, organization_id, name, description, created_at)
    VALUES ($1, $2, $3, $4, $5) RETURNING id";

const PRINCIPALS: &str = "
    SELECT p.id, p.uid, p.organization_id, o.uid, j.uid, p.name, p.created_at, p.kind
      FROM principals p
      JOIN organizations o ON o.id = p.organization_id
      LEFT JOIN projects j ON j.id = p.project_id
     WHERE p.organization_id = $1 AND p.kind = 'service' AND p.id > $2
     ORDER BY p.id
     LIMIT $3";
const PROJECT_PRINCIPALS: &str = "
    SELECT p.id, p.uid, p.organization_id, o.uid, j.uid, p.name, p.created_at, p.kind
      FROM principals p
      JOIN organizations o ON o.id = p.organization_id
      JOIN projects j ON j.id = p.project_id
     WHERE p.organization_id = $1 AND COALESCE(p.project_id, 0) = $2 AND p.kind = 'service' AND p.id > $3
     ORDER BY p.id
     LIMIT $4";
const PRINCIPAL: &str = "
    SELECT p.id, p.uid, p.organization_id, o.uid, j.uid, p.name, p.created_at, p.kind
      FROM principals p
      JOIN organizations o ON o.id = p.organization_id
      LEFT JOIN projects j ON j.id = p.project_id
     WHERE p.uid = $1";
const PRINCIPAL_NAMED: &str = "
    SELECT p.id, p.uid, p.organization_id, o.uid, j.uid, p.name, p.created_at, p.kind
      FROM principals p
      JOIN organizations o ON o.id = p.organization_id
      LEFT JOIN projects j ON j.id = p.project_id
     WHERE p.organization_id = $1 AND COALESCE(p.project_id, 0) = $2 AND p.kind = $3 AND p.name = $4";
const INSERT_PRINCIPAL: &str = "
    INSERT INTO principals (uid, organization_id, project_id, name, created_at, kind)
    VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
const DELETE_PRINCIPAL: &str = "DELETE FROM principals WHERE id = $1";

const KEYS: &str = "
    SELECT k.uid, k.client_id, k.secret_digest, k.created_at, k.principal_id
      FROM principal_keys k
     WHERE k.principal_id >= $1 AND k.principal_id <= $2
     ORDER BY k.id";
const INSERT_KEY: &str = "
    INSERT INTO principal_keys (uid, principal_id, client_id, secret_digest, created_at)
    VALUES ($1, $2, $3, $4, $5)";
const DELETE_KEY: &str = "DELETE FROM principal_keys WHERE principal_id = $1 AND client_id = $2";
const CREDENTIAL: &str = "
    SELECT k.secret_digest, p.uid
      FROM principal_keys k JOIN principals p ON p.id = k.principal_id
     WHERE k.client_id = $1";

const BINDINGS: &str = "
    SELECT r.role, o.uid, COALESCE(j.uid, bj.uid), b.name, u.name, r.principal_id
      FROM role_bindings r
      LEFT JOIN organizations o ON o.id = r.organization_id
      LEFT JOIN projects j ON j.id = r.project_id
      LEFT JOIN buckets b ON b.id = r.bucket_id
      LEFT JOIN projects bj ON bj.id = b.project_id
      LEFT JOIN principals u ON u.id = r.group_id
     WHERE r.principal_id >= $1 AND r.principal_id <= $2
     ORDER BY r.id";
const STANDING: &str = "
    SELECT r.role, o.uid, COALESCE(j.uid, bj.uid), b.name, u.name
      FROM (SELECT p.id FROM principals p WHERE p.id = $1
             UNION ALL
            SELECT m.group_id FROM group_members m WHERE m.member_id = $1) s
      JOIN role_bindings r ON r.principal_id = s.id
      LEFT JOIN organizations o ON o.id = r.organization_id
      LEFT JOIN projects j ON j.id = r.project_id
      LEFT JOIN buckets b ON b.id = r.bucket_id
      LEFT JOIN projects bj ON bj.id = b.project_id
      LEFT JOIN principals u ON u.id = r.group_id
     ORDER BY r.id";

impl Tx<'_> {
    pub fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>> {
        self.one(ORGANIZATION, &[id.into()], Organization::from_row)
    }

    /// The organization of a fresh installation, once it was made.
    pub fn first_organization(&mut self) -> Result<Option<Organization>> {
        self.one(FIRST_ORGANIZATION, &[], Organization::from_row)
    }

    pub fn insert_organization(&mut self, uid: &str, name: &str, now: Timestamp) -> Result<OrganizationId> {
        self.insert(INSERT_ORGANIZATION, &[uid.into(), name.into(), now.into()]).map(OrganizationId)
    }

    /// All projects of an organization, oldest first.
    pub fn projects(&mut self, organization: OrganizationId) -> Result<Vec<Project>> {
        self.many(PROJECTS, &[organization.into()], Project::from_row)
    }

    pub fn project(&mut self, organization: OrganizationId, uid: &str) -> Result<Option<Project>> {
        self.one(PROJECT, &[organization.into(), uid.into()], Project::from_row)
    }

    pub fn project_named(
        &mut self,
        organization: OrganizationId,
        name: &ProjectName,
    ) -> Result<Option<Project>> {
        self.one(PROJECT_NAMED, &[organization.into(), name.as_str().into()], Project::from_row)
    }

    /// A project's organization, and what clients call the project.
    pub fn owner_of_project(&mut self, project: ProjectId) -> Result<Option<(OrganizationId, String)>> {
        self.one(OWNER_OF_PROJECT, &[project.into()], |row| Ok((OrganizationId(row.int(0)?), row.text(1)?)))
    }

    pub fn insert_project(
        &mut self,
        organization: OrganizationId,
        uid: &str,
        name: &ProjectName,
        description: &str,
        now: Timestamp,
    ) -> Result<ProjectId> {
        let params = [uid.into(), organization.into(), name.as_str().into(), description.into(), now.into()];
        self.insert(INSERT_PROJECT, &params).map(ProjectId)
    }

    /// Service principals in the order they were made, after the one with row `after`.
    pub fn principals(
        &mut self,
        organization: OrganizationId,
        after: PrincipalId,
        limit: u32,
    ) -> Result<Vec<Principal>> {
        self.many(PRINCIPALS, &[organization.into(), after.into(), limit.into()], Principal::from_row)
    }

    /// Like [`Tx::principals`], only those that are bound to a project.
    pub fn project_principals(
        &mut self,
        organization: OrganizationId,
        project: ProjectId,
        after: PrincipalId,
        limit: u32,
    ) -> Result<Vec<Principal>> {
        let params = [organization.into(), project.into(), after.into(), limit.into()];
        self.many(PROJECT_PRINCIPALS, &params, Principal::from_row)
    }

    pub fn principal(&mut self, uid: &str) -> Result<Option<Principal>> {
        self.one(PRINCIPAL, &[uid.into()], Principal::from_row)
    }

    /// The service principal of that name in the organization (no project) or in the project.
    pub fn principal_named(
        &mut self,
        organization: OrganizationId,
        project: Option<ProjectId>,
        name: &PrincipalName,
    ) -> Result<Option<Principal>> {
        let project = project.map_or(0, |project| project.0);
        let kind = PrincipalKind::Service;
        let params = [organization.into(), project.into(), kind.as_str().into(), name.as_str().into()];
        self.one(PRINCIPAL_NAMED, &params, Principal::from_row)
    }

    /// The user or group of that name.
    pub fn user_or_group_named(
        &mut self,
        organization: OrganizationId,
        kind: PrincipalKind,
        name: &str,
    ) -> Result<Option<Principal>> {
        let params = [organization.into(), 0_i64.into(), kind.as_str().into(), name.into()];
        self.one(PRINCIPAL_NAMED, &params, Principal::from_row)
    }

    pub fn insert_principal(&mut self, new: &NewPrincipal, now: Timestamp) -> Result<PrincipalId> {
        let params = [
            new.uid.as_str().into(),
            new.organization.into(),
            new.project.into(),
            new.name.as_str().into(),
            now.into(),
            new.kind.as_str().into(),
        ];
        self.insert(INSERT_PRINCIPAL, &params).map(PrincipalId)
    }

    /// Deletes a principal with its keys and roles.
    pub fn delete_principal(&mut self, principal: PrincipalId) -> Result<()> {
        self.send(DELETE_PRINCIPAL, vec![principal.into()])
    }

    /// The keys of a principal in the order they were made.
    pub fn keys(&mut self, principal: PrincipalId) -> Result<Vec<Key>> {
        self.many(KEYS, &[principal.into(), principal.into()], Key::from_row)
    }

    /// The keys of all principals from one row to another, each with its principal.
    pub fn keys_among(&mut self, first: PrincipalId, last: PrincipalId) -> Result<Vec<(PrincipalId, Key)>> {
        self.many(KEYS, &[first.into(), last.into()], |row| {
            Ok((PrincipalId(row.int(4)?), Key::from_row(row)?))
        })
    }

    pub fn insert_key(&mut self, principal: PrincipalId, key: &Key) -> Result<()> {
        let params = vec![
            (&key.uid).into(),
            principal.into(),
            (&key.client_id).into(),
            key.secret_digest.as_slice().into(),
            key.created_at.into(),
        ];
        self.send(INSERT_KEY, params)
    }

    /// Deletes a key of a principal; its tokens stand for nobody from now on.
    pub fn delete_key(&mut self, principal: PrincipalId, client_id: &str) -> Result<()> {
        self.send(DELETE_KEY, vec![principal.into(), client_id.into()])
    }

    /// The secret's digest and the principal's identifier behind a client id.
    pub fn credential(&mut self, client_id: &str) -> Result<Option<(Vec<u8>, String)>> {
        self.one(CREDENTIAL, &[client_id.into()], |row| Ok((row.bytes(0)?, row.text(1)?)))
    }

    /// The roles that a principal has of its own and by the groups it is in.
    pub fn standing(&mut self, principal: PrincipalId) -> Result<Vec<RoleBinding>> {
        self.many(STANDING, &[principal.into()], RoleBinding::from_row)
    }

    /// The roles that a principal has of its own.
    pub fn role_bindings(&mut self, principal: PrincipalId) -> Result<Vec<RoleBinding>> {
        self.many(BINDINGS, &[principal.into(), principal.into()], RoleBinding::from_row)
    }

    /// The roles of all principals from one row to another, each with its principal.
    pub fn role_bindings_among(
        &mut self,
        first: PrincipalId,
        last: PrincipalId,
    ) -> Result<Vec<(PrincipalId, RoleBinding)>> {
        self.many(BINDINGS, &[first.into(), last.into()], |row| {
            Ok((PrincipalId(row.int(5)?), RoleBinding::from_row(row)?))
        })
    }
}

impl Organization {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: OrganizationId(row.int(0)?),
            uid: row.text(1)?,
            name: row.text(2)?,
            created_at: row.time(3)?,
        })
    }
}

impl Project {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: ProjectId(row.int(0)?),
            uid: row.text(1)?,
            organization_uid: row.text(2)?,
            name: row.text(3)?,
            description: row.text(4)?,
            created_at: row.time(5)?,
        })
    }
}

impl Principal {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: PrincipalId(row.int(0)?),
            uid: row.text(1)?,
            kind: row.parse(7, "a kind of principal")?,
            organization: OrganizationId(row.int(2)?),
            organization_uid: row.text(3)?,
            project_uid: row.opt_text(4)?,
            name: row.text(5)?,
            created_at: row.time(6)?,
        })
    }
}

impl Key {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            uid: row.text(0)?,
            client_id: row.text(1)?,
            secret_digest: row.bytes(2)?,
            created_at: row.time(3)?,
        })
    }
}

impl RoleBinding {
    pub(crate) fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            role: row.parse(0, "a role")?,
            organization: row.opt_text(1)?,
            project: row.opt_text(2)?,
            bucket: match row.opt_text(3)? {
                Some(_) => Some(row.parse(3, "a bucket name")?),
                None => None,
            },
            group: row.opt_text(4)?,
        })
    }
}
