//! The facts behind every permission decision: who calls, and what roles they have on the way to a resource.

use waybill_model::{
    ids::{BucketId, OrganizationId, PrincipalId, ProjectId},
    principal::PrincipalKind,
    role::{RoleSet, Roles},
};

use crate::{error::Result, row::Row, tx::Tx};

/// Who asks for what. An empty name means that the resource is not on the path.
#[derive(Clone, Debug, Default)]
pub struct AccessQuery {
    pub principal: String,
    /// What the caller's token was got with: a key's client id, or the identifier of a workload identity provider or
    /// of a session.
    pub credential: String,
    pub organization: String,
    pub project: String,
    pub bucket: String,
    pub group: String,
}

/// What the registry knows of a caller on one path. Present only while the principal and its credential exist.
#[derive(Clone, Debug)]
pub struct Access {
    pub principal: PrincipalId,
    pub principal_uid: String,
    pub principal_kind: PrincipalKind,
    pub principal_name: String,
    /// As in the question.
    pub credential: String,
    /// The principal's organization, and its project if it is bound to one.
    pub organization: OrganizationId,
    pub home_project: Option<ProjectId>,
    /// The path's project, if it exists in the path's organization and that is the principal's.
    pub project: Option<ProjectAccess>,
    pub bucket: Option<BucketId>,
    pub group: Option<PrincipalId>,
    /// The principal's own and those of the groups it is in.
    pub roles: Roles,
    /// Whether the path's organization is the principal's.
    pub at_home: bool,
    /// The roles on buckets of the path's project, whichever.
    pub bucket_roles: RoleSet,
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

/// Bits per scope in the number that a caller's roles travel in: one for each role.
const SCOPE_BITS: u32 = 9;

// All roles that matter on a path come in one number, because one pass over the caller's bindings is a quarter of the
// work of four. Each binding is on one scope, and each pair of role and scope is a power of two, so the sum of those
// that occur is the set of them. The role's power is that of `RoleSet::bits`; of the scopes, the organization is the
// lowest, then project, bucket, group, and another bucket of the project.
const ACCESS: &str = "
    SELECT p.id, p.name, p.organization_id, p.project_id, j.id, g.activated, b.id,
           (SELECT CAST(COALESCE(SUM(DISTINCT
                       CASE r.role WHEN 'viewer' THEN 1 WHEN 'contributor' THEN 2 WHEN 'admin' THEN 4
                                   WHEN 'owner' THEN 8 WHEN 'publisher' THEN 16 WHEN 'promoter' THEN 32
                                   WHEN 'revoker' THEN 64 WHEN 'auditor' THEN 128 ELSE 256 END
                     * CASE WHEN r.organization_id = p.organization_id THEN 1
                            WHEN r.project_id = j.id THEN 512
                            WHEN r.bucket_id = b.id THEN 262144
                            WHEN r.group_id = u.id THEN 134217728
                            WHEN k.project_id = j.id THEN 68719476736
                            ELSE 0 END), 0) AS BIGINT)
              FROM (SELECT p.id AS id
                     UNION ALL
                    SELECT m.group_id FROM group_members m WHERE m.member_id = p.id) s
              JOIN role_bindings r ON r.principal_id = s.id
              LEFT JOIN buckets k ON k.id = r.bucket_id),
           o.id IS NOT NULL, p.uid, p.kind, u.id
      FROM principals p
      LEFT JOIN organizations o ON o.id = p.organization_id AND o.uid = $3
      LEFT JOIN projects j ON j.uid = $4 AND j.organization_id = o.id
      LEFT JOIN registries g ON g.project_id = j.id
      LEFT JOIN buckets b ON b.project_id = j.id AND b.name = $5
      LEFT JOIN principals u ON u.organization_id = o.id AND COALESCE(u.project_id, 0) = 0 AND u.kind = 'group'
                            AND u.name = $6
     WHERE p.uid = $1
       AND (EXISTS (SELECT 1 FROM principal_keys c WHERE c.client_id = $2 AND c.principal_id = p.id)
            OR EXISTS (SELECT 1 FROM sessions c WHERE c.uid = $2 AND c.principal_id = p.id)
            OR EXISTS (SELECT 1 FROM workload_identity_providers c WHERE c.uid = $2 AND c.principal_id = p.id))";
const HAS_CREDENTIAL: &str = "
    SELECT p.id FROM principals p
     WHERE p.id = $1
       AND (EXISTS (SELECT 1 FROM principal_keys c WHERE c.client_id = $2 AND c.principal_id = p.id)
            OR EXISTS (SELECT 1 FROM sessions c WHERE c.uid = $2 AND c.principal_id = p.id)
            OR EXISTS (SELECT 1 FROM workload_identity_providers c WHERE c.uid = $2 AND c.principal_id = p.id))";

impl Tx<'_> {
    /// The caller's standing on a path; `None` when the principal or the credential is gone.
    pub fn access(&mut self, query: &AccessQuery) -> Result<Option<Access>> {
        self.one(
            ACCESS,
            &[
                (&query.principal).into(),
                (&query.credential).into(),
                (&query.organization).into(),
                (&query.project).into(),
                (&query.bucket).into(),
                (&query.group).into(),
            ],
            |row| Access::from_row(row, &query.credential),
        )
    }

    /// Whether what a token was got with still exists and is the principal's.
    pub fn has_credential(&mut self, principal: PrincipalId, credential: &str) -> Result<bool> {
        let found = self.one(HAS_CREDENTIAL, &[principal.into(), credential.into()], |row| row.int(0))?;
        Ok(found.is_some())
    }
}

impl Access {
    fn from_row(row: &Row<'_>, credential: &str) -> Result<Self> {
        let registry = match row.opt_bool(5)? {
            None => None,
            Some(true) => Some(RegistryState::Active),
            Some(false) => Some(RegistryState::Deactivated),
        };
        let project = row.opt_int(4)?.map(|id| ProjectAccess { id: ProjectId(id), registry });
        let packed = row.int(7)?;
        let roles = Roles {
            organization: scope_roles(packed, 0),
            project: scope_roles(packed, 1),
            bucket: scope_roles(packed, 2),
            group: scope_roles(packed, 3),
        };
        Ok(Self {
            principal: PrincipalId(row.int(0)?),
            principal_uid: row.text(9)?,
            principal_kind: row.parse(10, "a kind of principal")?,
            principal_name: row.text(1)?,
            credential: credential.to_owned(),
            organization: OrganizationId(row.int(2)?),
            home_project: row.opt_int(3)?.map(ProjectId),
            project,
            bucket: row.opt_int(6)?.map(BucketId),
            group: row.opt_int(11)?.map(PrincipalId),
            roles,
            bucket_roles: roles.bucket.and(scope_roles(packed, 4)),
            at_home: row.bool(8)?,
        })
    }
}

/// The roles on one scope, by its place in the number.
fn scope_roles(packed: i64, place: u32) -> RoleSet {
    let bits = packed >> (SCOPE_BITS * place) & ((1 << SCOPE_BITS) - 1);
    RoleSet::from_bits(u16::try_from(bits).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use waybill_model::role::Role;

    use super::*;

    #[test]
    fn the_statement_counts_roles_as_the_model_does() {
        for role in Role::ALL {
            let bits = RoleSet::of(&[role]).bits();
            let known = format!("WHEN '{role}' THEN {bits} ");
            let statement = ACCESS.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(statement.contains(&known) || (role == Role::GroupManager && bits == 256), "{known}");
            assert_eq!(scope_roles(i64::from(bits) << 18, 2), RoleSet::of(&[role]));
        }
        assert_eq!(Role::ALL.len(), SCOPE_BITS as usize);
        for (place, factor) in [1_i64, 512, 262_144, 134_217_728, 68_719_476_736].into_iter().enumerate() {
            assert_eq!(factor, 1 << (SCOPE_BITS as usize * place));
        }
    }
}
