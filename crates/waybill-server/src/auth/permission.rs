//! Where a request is allowed or refused: facts from the store, the rule of `waybill_model::role`, nothing else.

use waybill_model::{
    ids::{BucketId, OrganizationId, PrincipalId, ProjectId},
    names::BucketName,
    principal::PrincipalKind,
    role::{Permission, RoleSet, Roles, Scope as RoleScope, allows},
};
use waybill_store::{Access, ProjectAccess, RegistryState};

use super::Signature;
use crate::api::error::ApiError;

/// The resource a request is about, as its path names it.
#[derive(Clone, Debug, Default)]
pub struct Place {
    pub organization: String,
    /// Empty: the organization itself.
    pub project: String,
    /// `None`: the project's registry itself.
    pub bucket: Option<BucketName>,
    /// The name of a group of the organization; empty for none.
    pub group: String,
}

impl Place {
    /// The organization itself.
    pub fn organization(organization: String) -> Self {
        Self { organization, ..Self::default() }
    }
}

/// Where a caller who may is working.
#[derive(Clone, Debug)]
pub struct Scope {
    pub principal: PrincipalId,
    /// Tells principals of the same name apart, now and later.
    pub principal_uid: String,
    pub principal_kind: PrincipalKind,
    /// The author of what is changed.
    pub author: String,
    /// What the caller's token was got with.
    pub credential: String,
    pub organization: OrganizationId,
    pub organization_uid: String,
    pub home_project: Option<ProjectId>,
    project: Option<ProjectAccess>,
    pub project_uid: String,
    bucket: Option<BucketId>,
    bucket_name: Option<BucketName>,
    group: Option<PrincipalId>,
    group_name: String,
    pub roles: Roles,
    /// The roles on buckets of the project, whichever.
    pub bucket_roles: RoleSet,
}

/// What a permission is about, which decides what must exist before it can be asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Organization,
    Project,
    /// The project's registry, whatever its state.
    AnyRegistry,
    /// The project's registry, which must be there and active.
    ActiveRegistry,
}

fn reach(permission: Permission) -> Reach {
    match permission {
        Permission::ReadOrganization
        | Permission::ManageProjects
        | Permission::ReadDirectory
        | Permission::ReadPrincipals
        | Permission::ManagePrincipals
        | Permission::ManageGroup => Reach::Organization,
        Permission::ReadProject
        | Permission::UpdateProject
        | Permission::ReadProjectPrincipals
        | Permission::ManageProjectPrincipals
        | Permission::ReadWebhooks
        | Permission::ManageWebhooks => Reach::Project,
        Permission::ReadRegistry | Permission::ManageRegistry => Reach::AnyRegistry,
        _ => Reach::ActiveRegistry,
    }
}

impl Scope {
    /// Lets a caller in who may do `need` at `place`, or says why not.
    ///
    /// What the caller has no role on and what does not exist get the same answer, so that nobody can find out
    /// what there is in other projects.
    pub fn enter(access: Option<Access>, place: &Place, need: Permission) -> Result<Self, ApiError> {
        let access = access.ok_or_else(|| {
            ApiError::unauthenticated(
                "the principal or credential of this access token was deleted: get new credentials",
            )
        })?;
        let at_home = access.at_home;
        let scope = Self {
            principal: access.principal,
            principal_uid: access.principal_uid,
            principal_kind: access.principal_kind,
            author: access.principal_name,
            credential: access.credential,
            organization: access.organization,
            organization_uid: place.organization.clone(),
            home_project: access.home_project,
            project: access.project,
            project_uid: place.project.clone(),
            bucket: access.bucket,
            bucket_name: place.bucket.clone(),
            group: access.group,
            group_name: place.group.clone(),
            roles: access.roles,
            bucket_roles: access.bucket_roles,
        };
        let reach = reach(need);
        if reach == Reach::Organization {
            if !at_home {
                return Err(ApiError::not_found(format!(
                    "organization `{}` does not exist, or {} does not belong to it",
                    shown(&place.organization),
                    scope.who()
                )));
            }
            // Everybody sees the organization they belong to.
            if need != Permission::ReadOrganization {
                scope.require(need)?;
            }
            return Ok(scope);
        }
        let sees_project = scope.project.is_some()
            && (allows(scope.roles, Permission::ReadProject) || !scope.bucket_roles.is_empty());
        if !sees_project {
            return Err(ApiError::not_found(format!(
                "project `{}` does not exist in organization `{}`, or {} has no role on it",
                shown(&place.project),
                shown(&place.organization),
                scope.who()
            )));
        }
        // And the project they have a role in, be it on one of its buckets only.
        if need != Permission::ReadProject {
            scope.require(need)?;
        }
        match (reach, scope.project.as_ref().and_then(|project| project.registry)) {
            (Reach::ActiveRegistry, None) => Err(ApiError::precondition(format!(
                "Registry not activated: project `{}` has no registry, create one first",
                place.project
            ))),
            (Reach::ActiveRegistry, Some(RegistryState::Deactivated)) => {
                Err(ApiError::precondition(format!(
                    "Registry not activated: the registry of project `{}` is deactivated, activate it first",
                    place.project
                )))
            }
            _ => Ok(scope),
        }
    }

    /// Whether the caller may do something everywhere in the project, not only in the bucket on the path.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        allows(Roles { bucket: RoleSet::NONE, ..self.roles }, permission)
    }

    /// Whether the caller may do something else here.
    pub fn may(&self, permission: Permission) -> bool {
        allows(self.roles, permission)
    }

    /// Refuses a caller who may not, naming what is missing.
    pub fn require(&self, permission: Permission) -> Result<(), ApiError> {
        // Listing shows what one has a role on: a role on some bucket is enough to ask.
        if self.may(permission) || permission == Permission::ListBuckets && !self.bucket_roles.is_empty() {
            return Ok(());
        }
        let place = match (&self.bucket_name, self.project_uid.as_str(), self.group_name.as_str()) {
            (Some(bucket), ..) => format!("bucket `{bucket}`"),
            (None, "", "") => "the organization".to_owned(),
            (None, "", group) => format!("group `{}`", shown(group)),
            (None, project, _) => format!("project `{project}`"),
        };
        Err(ApiError::denied(format!(
            "{} may not do this on {place} ({permission:?}): ask an administrator for {}",
            self.who(),
            enough(permission, &self.scopes())
        )))
    }

    /// What roles can be held on, on the path to here, from the nearest.
    fn scopes(&self) -> Vec<RoleScope> {
        let mut scopes = vec![RoleScope::Organization];
        if !self.group_name.is_empty() {
            scopes.push(RoleScope::Group);
        }
        if !self.project_uid.is_empty() {
            scopes.push(RoleScope::Project);
        }
        if self.bucket_name.is_some() {
            scopes.push(RoleScope::Bucket);
        }
        scopes.reverse();
        scopes
    }

    /// What messages call the caller: ``service principal `ci` ``.
    pub fn who(&self) -> String {
        format!("{} `{}`", self.principal_kind.noun(), self.author)
    }

    /// What the audit trail says of the caller.
    pub fn signature(&self) -> Signature {
        Signature::new(&self.author, &self.principal_uid, &self.credential)
    }

    /// The project. Present in every scope but the organization's.
    pub fn project(&self) -> Result<ProjectId, ApiError> {
        self.project
            .as_ref()
            .map(|project| project.id)
            .ok_or_else(|| ApiError::not_found(format!("project `{}` does not exist", self.project_uid)))
    }

    /// The bucket on the path, or the answer that clients read as "create it".
    pub fn bucket(&self) -> Result<BucketId, ApiError> {
        self.bucket.ok_or_else(|| {
            let name = self.bucket_name.as_ref().map_or("", BucketName::as_str);
            ApiError::not_found(format!("bucket `{name}` does not exist"))
        })
    }

    /// The group on the path.
    pub fn group(&self) -> Result<PrincipalId, ApiError> {
        self.group
            .ok_or_else(|| ApiError::not_found(format!("group `{}` does not exist", shown(&self.group_name))))
    }

    /// The name of the bucket on the path.
    pub fn bucket_name(&self) -> Result<&BucketName, ApiError> {
        self.bucket_name.as_ref().ok_or_else(|| ApiError::internal("a path without a bucket"))
    }
}

/// The roles that would do: ``the role `admin` or `owner` on the project``.
fn enough(permission: Permission, scopes: &[RoleScope]) -> String {
    let nearest = scopes.iter().find(|scope| !permission.roles(**scope).is_empty());
    let Some(&nearest) = nearest else { return "help".to_owned() };
    let place = match nearest {
        RoleScope::Organization => "the organization",
        RoleScope::Project => "the project",
        RoleScope::Bucket => "the bucket",
        RoleScope::Group => "the group",
    };
    let roles: Vec<String> = permission.roles(nearest).iter().map(|role| format!("`{role}`")).collect();
    let roles = match roles.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    };
    format!("the role {roles} on {place}")
}

/// What a client wrote, fit for a message: short, and without characters that do something to a terminal.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 64;
    text.chars().take(LONGEST).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_roles_that_would_do() {
        use RoleScope::{Bucket, Group, Organization, Project};
        let in_bucket = [Bucket, Project, Organization];
        for (permission, scopes, expected) in [
            (
                Permission::WriteChannel,
                &in_bucket[..],
                "the role `contributor`, `admin`, `owner` or `promoter` on the bucket",
            ),
            (Permission::DeleteBucket, &in_bucket, "the role `admin` or `owner` on the project"),
            (Permission::ManageProjects, &in_bucket, "the role `owner` on the organization"),
            (Permission::ManageGroup, &[Group, Organization], "the role `group-manager` on the group"),
        ] {
            assert_eq!(enough(permission, scopes), expected, "{permission:?}");
        }
    }
}
