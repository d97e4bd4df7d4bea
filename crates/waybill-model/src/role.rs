//! Roles: who may do what. The one place where permissions are decided.
//!
//! A principal has roles on its organization, on projects, on buckets and on groups, of its own and by the groups it
//! is in; what they give adds up.
//! Four are HCP's, and each of them gives all that the one before does: *viewer* reads all that is not restricted;
//! *contributor* also publishes, moves channels, reads restricted ones and revokes; *admin* also deletes, changes the
//! registry and manages the project's principals; *owner* also manages the organization's projects and principals.
//!
//! The finer ones keep apart what a contributor may all do. Each reads what a viewer reads, and beyond that
//! *publisher* publishes versions, *promoter* moves channels, *revoker* revokes, and *auditor* sees what is restricted
//! and who has which role. So whoever publishes cannot promote what they published.
//!
//! A role on a bucket gives that bucket and what is in it: it neither creates nor deletes buckets, and gives
//! nothing of the registry. The one role on a group, *group-manager*, gives its members and its description.
//! Whoever has any role may see which organization and project that is in: clients ask for these first.

mod set;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use thiserror::Error;

pub use self::set::RoleSet;
use crate::text::shown;

/// What a principal is on an organization, a project, a bucket or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Viewer,
    Contributor,
    Admin,
    Owner,
    /// Publishes, and promotes nothing.
    Publisher,
    /// Moves channels, and publishes nothing.
    Promoter,
    /// Revokes and restores.
    Revoker,
    /// Sees everything, changes nothing.
    Auditor,
    /// Keeps the members of a group.
    GroupManager,
}

/// One kind of decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    ReadRegistry,
    /// Activate, deactivate, delete and configure the registry, run task included.
    ManageRegistry,
    /// See all buckets of a project. Without it, a listing holds those buckets that the caller may read one
    /// by one.
    ListBuckets,
    CreateBucket,
    ReadBucket,
    UpdateBucket,
    DeleteBucket,
    ReadVersion,
    /// Create a version, and complete one by hand.
    WriteVersion,
    /// Revoke, schedule, cancel and restore.
    RevokeVersion,
    DeleteVersion,
    /// Create and update builds.
    WriteBuild,
    DeleteBuild,
    /// Read a channel that is not restricted, with its history.
    ReadChannel,
    ReadRestrictedChannel,
    /// Create, assign, unassign, restrict and delete channels.
    WriteChannel,
    ReadSbom,
    WriteSbom,
    DeleteSbom,
    /// Find an artifact in all buckets of a project.
    SearchArtifacts,
    ReadProject,
    /// Rename and describe a project.
    UpdateProject,
    /// Create and delete projects of the organization.
    ManageProjects,
    ReadOrganization,
    /// Look up by identifier or name who the principals of the organization are, as whoever writes policies must.
    ReadDirectory,
    /// See the principals of the organization, all projects included, and its policy.
    ReadPrincipals,
    /// Create, change and delete principals of the organization, and give roles on it.
    ManagePrincipals,
    /// See the principals of a project, and its policy.
    ReadProjectPrincipals,
    /// Create, change and delete principals of a project, and give roles on it (see [`may_grant`]).
    ManageProjectPrincipals,
    ReadBucketPolicy,
    /// Give roles on a bucket (see [`may_grant`]).
    ManageBucketPolicy,
    /// Change a group's description and its members.
    ManageGroup,
    ReadWebhooks,
    ManageWebhooks,
}

/// The roles of one caller on the path to one resource.
///
/// For something of the organization only `organization` is set, for something of a project `project` too,
/// for a bucket and what is in it `bucket` as well, for a group `organization` and `group`: a role elsewhere never
/// counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    pub organization: RoleSet,
    pub project: RoleSet,
    pub bucket: RoleSet,
    pub group: RoleSet,
}

/// What a role is given on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Organization,
    Project,
    Bucket,
    Group,
}

/// Why a text is not a role.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "a role is one of `viewer`, `contributor`, `admin`, `owner`, `publisher`, `promoter`, `revoker`, `auditor` and \
     `iam.group-manager`, with or without `roles/` before it; found `{found}`"
)]
pub struct RoleError {
    /// The text, cut to a length that a message can carry.
    pub found: String,
}

/// True when these roles permit that.
pub fn allows(roles: Roles, permission: Permission) -> bool {
    let enough = permission.enough();
    roles.organization.meets(enough.organization)
        || roles.project.meets(enough.project)
        || roles.bucket.meets(enough.bucket)
        || roles.group.meets(enough.group)
}

/// True when somebody with `roles` on the path to a scope may give a role on it to somebody, or take it away: who
/// manages the roles there, and nobody gives what they have not.
///
/// An owner of a project or a bucket may do no more there than an admin, but is still made by owners only.
pub fn may_grant(roles: Roles, scope: Scope, role: Role) -> bool {
    let own = roles.down_to(scope);
    let given = Roles::default().with(scope, role);
    let has_all = || {
        let mut all = Permission::ALL.into_iter();
        all.all(|permission| !allows(given, permission) || allows(own, permission))
    };
    allows(own, scope.manage()) && (role != Role::Owner || own.has(Role::Owner)) && has_all()
}

const READERS: RoleSet = RoleSet::of(&[
    Role::Viewer,
    Role::Contributor,
    Role::Admin,
    Role::Owner,
    Role::Publisher,
    Role::Promoter,
    Role::Revoker,
    Role::Auditor,
]);
const CONTRIBUTORS: RoleSet = RoleSet::of(&[Role::Contributor, Role::Admin, Role::Owner]);
const ADMINS: RoleSet = RoleSet::of(&[Role::Admin, Role::Owner]);
const OWNERS: RoleSet = RoleSet::of(&[Role::Owner]);

impl Permission {
    /// Every permission, in the order of declaration.
    pub const ALL: [Self; 34] = [
        Self::ReadRegistry,
        Self::ManageRegistry,
        Self::ListBuckets,
        Self::CreateBucket,
        Self::ReadBucket,
        Self::UpdateBucket,
        Self::DeleteBucket,
        Self::ReadVersion,
        Self::WriteVersion,
        Self::RevokeVersion,
        Self::DeleteVersion,
        Self::WriteBuild,
        Self::DeleteBuild,
        Self::ReadChannel,
        Self::ReadRestrictedChannel,
        Self::WriteChannel,
        Self::ReadSbom,
        Self::WriteSbom,
        Self::DeleteSbom,
        Self::SearchArtifacts,
        Self::ReadProject,
        Self::UpdateProject,
        Self::ManageProjects,
        Self::ReadOrganization,
        Self::ReadDirectory,
        Self::ReadPrincipals,
        Self::ManagePrincipals,
        Self::ReadProjectPrincipals,
        Self::ManageProjectPrincipals,
        Self::ReadBucketPolicy,
        Self::ManageBucketPolicy,
        Self::ManageGroup,
        Self::ReadWebhooks,
        Self::ManageWebhooks,
    ];

    /// Returns the roles that give it when held on such a scope.
    pub fn roles(self, scope: Scope) -> RoleSet {
        let enough = self.enough();
        match scope {
            Scope::Organization => enough.organization,
            Scope::Project => enough.project,
            Scope::Bucket => enough.bucket,
            Scope::Group => enough.group,
        }
    }

    /// Returns the roles of which one is enough, per scope.
    fn enough(self) -> Roles {
        let everywhere =
            |roles| Roles { organization: roles, project: roles, bucket: roles, group: RoleSet::NONE };
        let above_buckets = |roles| Roles { bucket: RoleSet::NONE, ..everywhere(roles) };
        let organization_only = |roles| Roles { organization: roles, ..Roles::default() };
        match self {
            Self::ReadOrganization => {
                Roles { group: RoleSet::of(&[Role::GroupManager]), ..everywhere(READERS) }
            }
            Self::ReadProject | Self::ReadBucket | Self::ReadVersion | Self::ReadChannel | Self::ReadSbom => {
                everywhere(READERS)
            }

            Self::UpdateBucket | Self::WriteVersion | Self::WriteBuild | Self::WriteSbom => {
                everywhere(CONTRIBUTORS.with(Role::Publisher))
            }
            Self::WriteChannel => everywhere(CONTRIBUTORS.with(Role::Promoter)),
            Self::RevokeVersion => everywhere(CONTRIBUTORS.with(Role::Revoker)),
            Self::ReadRestrictedChannel => {
                everywhere(CONTRIBUTORS.with(Role::Promoter).with(Role::Revoker).with(Role::Auditor))
            }

            Self::DeleteVersion | Self::DeleteBuild | Self::DeleteSbom | Self::ManageBucketPolicy => {
                everywhere(ADMINS)
            }
            Self::ReadBucketPolicy => everywhere(ADMINS.with(Role::Auditor)),

            Self::ReadRegistry | Self::ListBuckets | Self::SearchArtifacts => above_buckets(READERS),
            Self::CreateBucket => above_buckets(CONTRIBUTORS.with(Role::Publisher)),
            Self::ManageRegistry
            | Self::DeleteBucket
            | Self::UpdateProject
            | Self::ManageProjectPrincipals
            | Self::ManageWebhooks => above_buckets(ADMINS),
            Self::ReadProjectPrincipals | Self::ReadWebhooks => above_buckets(ADMINS.with(Role::Auditor)),

            Self::ReadDirectory => Roles {
                organization: READERS,
                project: ADMINS.with(Role::Auditor),
                bucket: ADMINS,
                group: RoleSet::of(&[Role::GroupManager]),
            },
            Self::ReadPrincipals => organization_only(ADMINS.with(Role::Auditor)),
            Self::ManageProjects | Self::ManagePrincipals => organization_only(OWNERS),
            Self::ManageGroup => {
                Roles { group: RoleSet::of(&[Role::GroupManager]), ..organization_only(OWNERS) }
            }
        }
    }
}

impl Roles {
    /// Adds a role on a scope.
    #[must_use]
    pub fn with(mut self, scope: Scope, role: Role) -> Self {
        let place = match scope {
            Scope::Organization => &mut self.organization,
            Scope::Project => &mut self.project,
            Scope::Bucket => &mut self.bucket,
            Scope::Group => &mut self.group,
        };
        *place = place.with(role);
        self
    }

    /// True when the role is held on any of the scopes.
    fn has(self, role: Role) -> bool {
        [self.organization, self.project, self.bucket, self.group]
            .into_iter()
            .any(|roles| roles.contains(role))
    }

    /// Leaves out the roles that do not count on a scope.
    fn down_to(self, scope: Scope) -> Self {
        let Self { organization, project, bucket, group } = self;
        let only = Self { organization, ..Self::default() };
        match scope {
            Scope::Organization => only,
            Scope::Project => Self { project, ..only },
            Scope::Bucket => Self { project, bucket, ..only },
            Scope::Group => Self { group, ..only },
        }
    }
}

impl Scope {
    /// What whoever gives roles on it must be allowed.
    pub fn manage(self) -> Permission {
        match self {
            Self::Organization | Self::Group => Permission::ManagePrincipals,
            Self::Project => Permission::ManageProjectPrincipals,
            Self::Bucket => Permission::ManageBucketPolicy,
        }
    }
}

impl Role {
    /// Every role, in the order of declaration.
    pub const ALL: [Self; 9] = [
        Self::Viewer,
        Self::Contributor,
        Self::Admin,
        Self::Owner,
        Self::Publisher,
        Self::Promoter,
        Self::Revoker,
        Self::Auditor,
        Self::GroupManager,
    ];

    /// True for a role that means something on such a scope.
    pub fn fits(self, scope: Scope) -> bool {
        (self == Self::GroupManager) == (scope == Scope::Group)
    }

    /// Returns the word that the store and Waybill's own API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Contributor => "contributor",
            Self::Admin => "admin",
            Self::Owner => "owner",
            Self::Publisher => "publisher",
            Self::Promoter => "promoter",
            Self::Revoker => "revoker",
            Self::Auditor => "auditor",
            Self::GroupManager => "group-manager",
        }
    }

    /// Returns the name that HCP's policies use: `roles/viewer`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Viewer => "roles/viewer",
            Self::Contributor => "roles/contributor",
            Self::Admin => "roles/admin",
            Self::Owner => "roles/owner",
            Self::Publisher => "roles/publisher",
            Self::Promoter => "roles/promoter",
            Self::Revoker => "roles/revoker",
            Self::Auditor => "roles/auditor",
            Self::GroupManager => "roles/iam.group-manager",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = RoleError;

    /// Reads `viewer` and HCP's `roles/viewer`.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let is_name = |role: &Self| role.as_str() == s || role.id() == s || role.id()["roles/".len()..] == *s;
        Self::ALL.into_iter().find(is_name).ok_or_else(|| RoleError { found: shown(s) })
    }
}
