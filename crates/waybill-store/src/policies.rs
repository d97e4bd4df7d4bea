//! Policies: who has which role on the organization, a project, a bucket or a group.
//!
//! A policy is its role bindings and a number that counts its changes.

use jiff::Timestamp;
use waybill_model::{
    ids::{BucketId, OrganizationId, PrincipalId, ProjectId},
    principal::PrincipalKind,
    role::Role,
};

use crate::{error::Result, row::Row, tx::Tx, value::Value};

/// What a policy is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyScope {
    Organization(OrganizationId),
    Project(ProjectId),
    Bucket(BucketId),
    Group(PrincipalId),
}

/// One principal's role in a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyMember {
    /// The row of the binding.
    pub binding: i64,
    pub principal: PrincipalId,
    pub principal_uid: String,
    pub kind: PrincipalKind,
    pub name: String,
    pub role: Role,
}

const OF_ORGANIZATION: &str = "
    SELECT r.id, p.id, p.uid, p.kind, p.name, r.role
      FROM role_bindings r JOIN principals p ON p.id = r.principal_id
     WHERE r.organization_id = $1 ORDER BY r.id";
const OF_PROJECT: &str = "
    SELECT r.id, p.id, p.uid, p.kind, p.name, r.role
      FROM role_bindings r JOIN principals p ON p.id = r.principal_id
     WHERE r.project_id = $1 ORDER BY r.id";
const OF_BUCKET: &str = "
    SELECT r.id, p.id, p.uid, p.kind, p.name, r.role
      FROM role_bindings r JOIN principals p ON p.id = r.principal_id
     WHERE r.bucket_id = $1 ORDER BY r.id";
const OF_GROUP: &str = "
    SELECT r.id, p.id, p.uid, p.kind, p.name, r.role
      FROM role_bindings r JOIN principals p ON p.id = r.principal_id
     WHERE r.group_id = $1 ORDER BY r.id";

const INSERT: &str = "
    INSERT INTO role_bindings (principal_id, organization_id, project_id, bucket_id, group_id, role, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const DELETE: &str = "DELETE FROM role_bindings WHERE id = $1";

const VERSION_OF_ORGANIZATION: &str = "SELECT policy_version FROM organizations WHERE id = $1";
const VERSION_OF_PROJECT: &str = "SELECT policy_version FROM projects WHERE id = $1";
const VERSION_OF_BUCKET: &str = "SELECT policy_version FROM buckets WHERE id = $1";
const VERSION_OF_GROUP: &str = "SELECT policy_version FROM user_groups WHERE principal_id = $1";

const COUNT_ON_ORGANIZATION: &str =
    "UPDATE organizations SET policy_version = policy_version + 1 WHERE id = $1";
const COUNT_ON_PROJECT: &str = "UPDATE projects SET policy_version = policy_version + 1 WHERE id = $1";
const COUNT_ON_BUCKET: &str = "UPDATE buckets SET policy_version = policy_version + 1 WHERE id = $1";
const COUNT_ON_GROUP: &str =
    "UPDATE user_groups SET policy_version = policy_version + 1 WHERE principal_id = $1";

impl Tx<'_> {
    /// Who has which role on a scope, in the order they were given.
    pub fn policy(&mut self, scope: PolicyScope) -> Result<Vec<PolicyMember>> {
        let statement = match scope {
            PolicyScope::Organization(_) => OF_ORGANIZATION,
            PolicyScope::Project(_) => OF_PROJECT,
            PolicyScope::Bucket(_) => OF_BUCKET,
            PolicyScope::Group(_) => OF_GROUP,
        };
        self.many(statement, &[scope.row()], PolicyMember::from_row)
    }

    /// How often the policy of a scope was changed.
    pub fn policy_version(&mut self, scope: PolicyScope) -> Result<i64> {
        let statement = match scope {
            PolicyScope::Organization(_) => VERSION_OF_ORGANIZATION,
            PolicyScope::Project(_) => VERSION_OF_PROJECT,
            PolicyScope::Bucket(_) => VERSION_OF_BUCKET,
            PolicyScope::Group(_) => VERSION_OF_GROUP,
        };
        Ok(self.one(statement, &[scope.row()], |row| row.int(0))?.unwrap_or(0))
    }

    /// Counts a change of the policy of a scope.
    pub fn count_policy_change(&mut self, scope: PolicyScope) -> Result<()> {
        let statement = match scope {
            PolicyScope::Organization(_) => COUNT_ON_ORGANIZATION,
            PolicyScope::Project(_) => COUNT_ON_PROJECT,
            PolicyScope::Bucket(_) => COUNT_ON_BUCKET,
            PolicyScope::Group(_) => COUNT_ON_GROUP,
        };
        self.send(statement, vec![scope.row()])
    }

    /// Gives a role that the principal does not have there yet.
    pub fn bind(
        &mut self,
        principal: PrincipalId,
        scope: PolicyScope,
        role: Role,
        now: Timestamp,
    ) -> Result<()> {
        let (mut organization, mut project, mut bucket, mut group) =
            (Value::Null, Value::Null, Value::Null, Value::Null);
        let column = match scope {
            PolicyScope::Organization(_) => &mut organization,
            PolicyScope::Project(_) => &mut project,
            PolicyScope::Bucket(_) => &mut bucket,
            PolicyScope::Group(_) => &mut group,
        };
        *column = scope.row();
        let params =
            vec![principal.into(), organization, project, bucket, group, role.as_str().into(), now.into()];
        self.send(INSERT, params)
    }

    /// Takes a role away, by the row of its binding.
    pub fn unbind(&mut self, binding: i64) -> Result<()> {
        self.send(DELETE, vec![binding.into()])
    }
}

impl PolicyScope {
    fn row(self) -> Value {
        match self {
            Self::Organization(id) => id.into(),
            Self::Project(id) => id.into(),
            Self::Bucket(id) => id.into(),
            Self::Group(id) => id.into(),
        }
    }
}

impl PolicyMember {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            binding: row.int(0)?,
            principal: PrincipalId(row.int(1)?),
            principal_uid: row.text(2)?,
            kind: row.parse(3, "a kind of principal")?,
            name: row.text(4)?,
            role: row.parse(5, "a role")?,
        })
    }
}
