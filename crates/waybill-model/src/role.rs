//! Roles: who may do what. The one place where permissions are decided.
//!
//! A principal has roles on its organization, on projects and on buckets; what they give adds up.
//! *Viewer* reads all that is not restricted; *contributor* also publishes, moves channels, reads restricted
//! ones and revokes; *admin* also deletes, changes the registry and manages the project's principals; *owner*
//! also manages the organization's projects and principals.
//! A higher role gives all that a lower one does.
//!
//! A role on a bucket gives that bucket and what is in it: it neither creates nor deletes buckets, and gives
//! nothing of the registry.
//! Whoever has any role may see which organization and project that is in: clients ask for these first.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::text::shown;

/// What a principal is on an organization, a project or a bucket, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Viewer,
    Contributor,
    Admin,
    Owner,
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
    /// Create, rename and delete projects of the organization.
    ManageProjects,
    ReadOrganization,
    /// See the principals of the organization, all projects included.
    ReadPrincipals,
    /// Create, change and delete principals of the organization, and give roles on it.
    ManagePrincipals,
    /// See the principals of a project.
    ReadProjectPrincipals,
    /// Create, change and delete principals of a project, and give roles on it and its buckets (see
    /// [`may_grant`]).
    ManageProjectPrincipals,
}

/// The roles of one caller on the path to one resource.
///
/// For something of the organization only `organization` is set, for something of a project `project` too,
/// for a bucket and what is in it all three: a role elsewhere never counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    pub organization: Option<Role>,
    pub project: Option<Role>,
    pub bucket: Option<Role>,
}

/// What a role is given on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Organization,
    Project,
    Bucket,
}

/// Why a text is not a role.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "a role is one of `viewer`, `contributor`, `admin` and `owner`, with or without `roles/` before it; \
     found `{found}`"
)]
pub struct RoleError {
    /// The text, cut to a length that a message can carry.
    pub found: String,
}

/// True when these roles permit that.
pub fn allows(roles: Roles, permission: Permission) -> bool {
    let need = permission.need();
    let is_enough =
        |has: Option<Role>, need: Option<Role>| need.is_some_and(|need| has.is_some_and(|has| need <= has));
    is_enough(roles.organization, need.organization)
        || is_enough(roles.project, need.project)
        || is_enough(roles.bucket, need.bucket)
}

/// True when somebody with `roles` on the path to a scope may give a role on it to somebody: who manages the
/// principals there, and nobody more than they have themselves.
pub fn may_grant(roles: Roles, scope: Scope, role: Role) -> bool {
    let (manage, own) = match scope {
        Scope::Organization => (Permission::ManagePrincipals, roles.organization),
        Scope::Project | Scope::Bucket => {
            (Permission::ManageProjectPrincipals, roles.organization.max(roles.project))
        }
    };
    allows(roles, manage) && Some(role) <= own
}

impl Permission {
    /// Every permission, in the order of declaration.
    pub const ALL: [Self; 27] = [
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
        Self::ManageProjects,
        Self::ReadOrganization,
        Self::ReadPrincipals,
        Self::ManagePrincipals,
        Self::ReadProjectPrincipals,
        Self::ManageProjectPrincipals,
    ];

    /// Returns the least role that gives the permission, per scope; `None` where no role of that scope does.
    fn need(self) -> Roles {
        let everywhere = |role| Roles { organization: Some(role), project: Some(role), bucket: Some(role) };
        let above_buckets = |role| Roles { bucket: None, ..everywhere(role) };
        let organization_only = |role| Roles { organization: Some(role), ..Roles::default() };
        match self {
            Self::ReadOrganization
            | Self::ReadProject
            | Self::ReadBucket
            | Self::ReadVersion
            | Self::ReadChannel
            | Self::ReadSbom => everywhere(Role::Viewer),

            Self::UpdateBucket
            | Self::WriteVersion
            | Self::RevokeVersion
            | Self::WriteBuild
            | Self::ReadRestrictedChannel
            | Self::WriteChannel
            | Self::WriteSbom => everywhere(Role::Contributor),

            Self::DeleteVersion | Self::DeleteBuild | Self::DeleteSbom => everywhere(Role::Admin),

            Self::ReadRegistry | Self::ListBuckets | Self::SearchArtifacts => above_buckets(Role::Viewer),
            Self::CreateBucket => above_buckets(Role::Contributor),
            Self::ManageRegistry
            | Self::DeleteBucket
            | Self::ReadProjectPrincipals
            | Self::ManageProjectPrincipals => above_buckets(Role::Admin),

            Self::ReadPrincipals => organization_only(Role::Admin),
            Self::ManageProjects | Self::ManagePrincipals => organization_only(Role::Owner),
        }
    }
}

impl Roles {
    /// Adds a role on a scope; of two on the same the higher counts.
    #[must_use]
    pub fn with(mut self, scope: Scope, role: Role) -> Self {
        let place = match scope {
            Scope::Organization => &mut self.organization,
            Scope::Project => &mut self.project,
            Scope::Bucket => &mut self.bucket,
        };
        *place = (*place).max(Some(role));
        self
    }
}

impl Role {
    /// Every role, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Contributor, Self::Admin, Self::Owner];

    /// Returns the word that the store and Waybill's own API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Contributor => "contributor",
            Self::Admin => "admin",
            Self::Owner => "owner",
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
        let word = s.strip_prefix("roles/").unwrap_or(s);
        Self::ALL.into_iter().find(|role| role.as_str() == word).ok_or_else(|| RoleError { found: shown(s) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::{option, prelude::*, sample::select};

    use super::{Permission::*, *};

    /// Who is allowed, written down by hand: per permission the roles that give it when held on the
    /// organization, on the project, on the bucket.
    /// V viewer, C contributor, A admin, O owner; a dash for one that does not.
    #[rustfmt::skip]
    const TABLE: [(Permission, &str, &str, &str); 27] = [
        //                        organization  project  bucket
        (ReadRegistry,            "VCAO",       "VCAO",  "----"),
        (ManageRegistry,          "--AO",       "--AO",  "----"),
        (ListBuckets,             "VCAO",       "VCAO",  "----"),
        (CreateBucket,            "-CAO",       "-CAO",  "----"),
        (ReadBucket,              "VCAO",       "VCAO",  "VCAO"),
        (UpdateBucket,            "-CAO",       "-CAO",  "-CAO"),
        (DeleteBucket,            "--AO",       "--AO",  "----"),
        (ReadVersion,             "VCAO",       "VCAO",  "VCAO"),
        (WriteVersion,            "-CAO",       "-CAO",  "-CAO"),
        (RevokeVersion,           "-CAO",       "-CAO",  "-CAO"),
        (DeleteVersion,           "--AO",       "--AO",  "--AO"),
        (WriteBuild,              "-CAO",       "-CAO",  "-CAO"),
        (DeleteBuild,             "--AO",       "--AO",  "--AO"),
        (ReadChannel,             "VCAO",       "VCAO",  "VCAO"),
        (ReadRestrictedChannel,   "-CAO",       "-CAO",  "-CAO"),
        (WriteChannel,            "-CAO",       "-CAO",  "-CAO"),
        (ReadSbom,                "VCAO",       "VCAO",  "VCAO"),
        (WriteSbom,               "-CAO",       "-CAO",  "-CAO"),
        (DeleteSbom,              "--AO",       "--AO",  "--AO"),
        (SearchArtifacts,         "VCAO",       "VCAO",  "----"),
        (ReadProject,             "VCAO",       "VCAO",  "VCAO"),
        (ManageProjects,          "---O",       "----",  "----"),
        (ReadOrganization,        "VCAO",       "VCAO",  "VCAO"),
        (ReadPrincipals,          "--AO",       "----",  "----"),
        (ManagePrincipals,        "---O",       "----",  "----"),
        (ReadProjectPrincipals,   "--AO",       "--AO",  "----"),
        (ManageProjectPrincipals, "--AO",       "--AO",  "----"),
    ];

    #[test]
    fn each_role_on_each_scope_gives_what_the_table_says() {
        for (permission, organization, project, bucket) in TABLE {
            for (scope, expected) in
                [(Scope::Organization, organization), (Scope::Project, project), (Scope::Bucket, bucket)]
            {
                let found: String =
                    [(Role::Viewer, 'V'), (Role::Contributor, 'C'), (Role::Admin, 'A'), (Role::Owner, 'O')]
                        .into_iter()
                        .map(|(role, letter)| {
                            if allows(Roles::default().with(scope, role), permission) { letter } else { '-' }
                        })
                        .collect();
                assert_eq!(found, expected, "{permission:?} on {scope:?}");
            }
            assert!(!allows(Roles::default(), permission), "nobody may {permission:?} without a role");
        }
    }

    #[test]
    fn the_lists_of_all_are_complete() {
        assert_eq!(TABLE.map(|(permission, ..)| permission), Permission::ALL);
        for (place, permission) in Permission::ALL.into_iter().enumerate() {
            assert_eq!(permission as usize, place);
        }
        // The last one that is declared.
        assert_eq!(Permission::ALL.len(), ManageProjectPrincipals as usize + 1);
        assert_eq!(Role::ALL.len(), Role::Owner as usize + 1);
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        let check = |organization: Option<Role>, project: Option<Role>, scope| {
            let roles = Roles { organization, project, bucket: Some(Role::Owner) };
            Role::ALL.map(|role| may_grant(roles, scope, role))
        };
        let (admin, owner) = (Some(Role::Admin), Some(Role::Owner));
        let none = [false; 4];
        let all = [true; 4];
        let up_to_admin = [true, true, true, false];
        assert_eq!(check(owner, None, Scope::Organization), all);
        assert_eq!(check(owner, None, Scope::Project), all);
        assert_eq!(check(owner, None, Scope::Bucket), all);
        assert_eq!(check(admin, None, Scope::Organization), none);
        assert_eq!(check(admin, None, Scope::Project), up_to_admin);
        assert_eq!(check(admin, None, Scope::Bucket), up_to_admin);
        assert_eq!(check(None, owner, Scope::Organization), none, "a project's owner is nobody outside");
        assert_eq!(check(None, owner, Scope::Project), all);
        assert_eq!(check(None, admin, Scope::Project), up_to_admin);
        assert_eq!(check(None, admin, Scope::Bucket), up_to_admin);
        let contributor = Some(Role::Contributor);
        for scope in [Scope::Organization, Scope::Project, Scope::Bucket] {
            assert_eq!(check(contributor, contributor, scope), none);
            assert_eq!(check(None, None, scope), none, "a bucket's owner gives nothing");
        }
    }

    #[test]
    fn a_role_is_a_word() {
        assert!(Role::ALL.is_sorted());
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
            assert_eq!(format!("roles/{role}").parse(), Ok(role));
        }
        for bad in ["", "Viewer", "roles/", "roles/roles/viewer", "roles/iam.group-manager"] {
            assert_eq!(
                bad.parse::<Role>().map_err(|error| error.to_string()),
                Err(format!(
                    "a role is one of `viewer`, `contributor`, `admin` and `owner`, \
                     with or without `roles/` before it; found `{bad}`"
                ))
            );
        }
    }

    fn roles() -> impl Strategy<Value = Roles> {
        let role = || option::of(select(&Role::ALL));
        (role(), role(), role()).prop_map(|(organization, project, bucket)| Roles {
            organization,
            project,
            bucket,
        })
    }

    fn scope() -> impl Strategy<Value = Scope> {
        select(&[Scope::Organization, Scope::Project, Scope::Bucket])
    }

    proptest! {
        #[test]
        fn rights_add_up(roles in roles(), permission in select(&Permission::ALL)) {
            let alone = [
                Roles { organization: roles.organization, ..Roles::default() },
                Roles { project: roles.project, ..Roles::default() },
                Roles { bucket: roles.bucket, ..Roles::default() },
            ];
            let any = alone.into_iter().any(|roles| allows(roles, permission));
            prop_assert_eq!(allows(roles, permission), any);
        }

        #[test]
        fn another_role_takes_nothing_away(
            roles in roles(),
            scope in scope(),
            role in select(&Role::ALL),
            permission in select(&Permission::ALL),
        ) {
            let more = roles.with(scope, role);
            prop_assert!(!allows(roles, permission) || allows(more, permission));
            prop_assert_eq!(more.with(scope, role), more);
            prop_assert!(allows(more, Permission::ReadOrganization));
        }

        #[test]
        fn granting_raises_nobody_above_the_granter(
            roles in roles(),
            scope in scope(),
            role in select(&Role::ALL),
            permission in select(&Permission::ALL),
        ) {
            if may_grant(roles, scope, role) && allows(Roles::default().with(scope, role), permission) {
                prop_assert!(allows(roles, permission));
            }
        }
    }
}
