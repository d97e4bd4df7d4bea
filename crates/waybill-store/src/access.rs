//! The facts behind every permission decision: who calls, and what roles they have on the way to a resource.

use waybill_model::{
    ids::{BucketId, OrganizationId, PrincipalId, ProjectId},
    role::{Role, Roles},
};

use crate::{error::Result, row::Row, tx::Tx};

/// Who asks for what. An empty name means that the resource is not on the path.
#[derive(Clone, Debug, Default)]
pub struct AccessQuery {
    pub principal: String,
    pub client_id: String,
    pub organization: String,
    pub project: String,
    pub bucket: String,
}

/// What the registry knows of a caller on one path. Present only while the principal and its key exist.
#[derive(Clone, Debug)]
pub struct Access {
    pub principal: PrincipalId,
    pub principal_uid: String,
    pub principal_name: String,
    /// The principal's organization, and its project if it is bound to one.
    pub organization: OrganizationId,
    pub home_project: Option<ProjectId>,
    /// The path's project, if it exists in the path's organization and that is the principal's.
    pub project: Option<ProjectAccess>,
    pub bucket: Option<BucketId>,
    pub roles: Roles,
    /// Whether the path's organization is the principal's.
    pub at_home: bool,
    /// A role on some bucket of the path's project, whichever.
    pub some_bucket_role: Option<Role>,
}

/// The project on a path.
#[derive(Clone, Debug)]
pub struct ProjectAccess {
    pub id: ProjectId,
    pub registry: Option<RegistryState>,
}

/// Whether a project's registry may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryState {
    Active,
    Deactivated,
}

// Roles are ranked in the statement, because the highest of several counts: 1 viewer … 4 owner.
macro_rules! highest_role {
    ($condition:literal) => {
        concat!(
            "(SELECT CAST(MAX(CASE r.role WHEN 'owner' THEN 4 WHEN 'admin' THEN 3 WHEN 'contributor' THEN 2 ELSE 1 END)
                         AS BIGINT)
                FROM role_bindings r WHERE r.principal_id = p.id AND ",
            $condition,
            ")"
        )
    };
}

const ACCESS: &str = concat!(
    "SELECT p.id, p.name, p.organization_id, p.project_id, j.id, g.activated, b.id, ",
    highest_role!("r.organization_id = p.organization_id"),
    ", ",
    highest_role!("r.project_id = j.id"),
    ", ",
    highest_role!("r.bucket_id = b.id"),
    ", ",
    highest_role!("EXISTS (SELECT 1 FROM buckets x WHERE x.id = r.bucket_id AND x.project_id = j.id)"),
    ", o.id IS NOT NULL, p.uid FROM principals p
      JOIN principal_keys k ON k.principal_id = p.id AND k.client_id = $2
      LEFT JOIN organizations o ON o.id = p.organization_id AND o.uid = $3
      LEFT JOIN projects j ON j.uid = $4 AND j.organization_id = o.id
      LEFT JOIN registries g ON g.project_id = j.id
      LEFT JOIN buckets b ON b.project_id = j.id AND b.name = $5
     WHERE p.uid = $1"
);

impl Tx<'_> {
    /// The caller's standing on a path; `None` when the principal or the key is gone.
    pub fn access(&mut self, query: &AccessQuery) -> Result<Option<Access>> {
        self.one(
            ACCESS,
            &[
                (&query.principal).into(),
                (&query.client_id).into(),
                (&query.organization).into(),
                (&query.project).into(),
                (&query.bucket).into(),
            ],
            Access::from_row,
        )
    }
}

impl Access {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let registry = match row.opt_bool(5)? {
            None => None,
            Some(true) => Some(RegistryState::Active),
            Some(false) => Some(RegistryState::Deactivated),
        };
        let project = row.opt_int(4)?.map(|id| ProjectAccess { id: ProjectId(id), registry });
        Ok(Self {
            principal: PrincipalId(row.int(0)?),
            principal_uid: row.text(12)?,
            principal_name: row.text(1)?,
            organization: OrganizationId(row.int(2)?),
            home_project: row.opt_int(3)?.map(ProjectId),
            project,
            bucket: row.opt_int(6)?.map(BucketId),
            roles: Roles {
                organization: role(row.opt_int(7)?),
                project: role(row.opt_int(8)?),
                bucket: role(row.opt_int(9)?),
            },
            some_bucket_role: role(row.opt_int(10)?),
            at_home: row.bool(11)?,
        })
    }
}

fn role(rank: Option<i64>) -> Option<Role> {
    match rank? {
        4 => Some(Role::Owner),
        3 => Some(Role::Admin),
        2 => Some(Role::Contributor),
        _ => Some(Role::Viewer),
    }
}
