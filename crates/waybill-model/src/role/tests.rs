//! Who is allowed, written down by hand, and the laws that hold whatever the table says.

use proptest::{prelude::*, sample::select, sample::subsequence};

use super::{Permission::*, *};

/// Per permission the roles that give it when held on the organization, on the project, on the bucket, on the group.
/// V viewer, C contributor, A admin, O owner, P publisher, M promoter (moves channels), R revoker, U auditor,
/// G group-manager; a dash for one that does not.
#[rustfmt::skip]
const TABLE: [(Permission, [&str; 4]); 34] = [
    //                         organization  project      bucket       group
    (ReadRegistry,            ["VCAOPMRU-", "VCAOPMRU-", "---------", "---------"]),
    (ManageRegistry,          ["--AO-----", "--AO-----", "---------", "---------"]),
    (ListBuckets,             ["VCAOPMRU-", "VCAOPMRU-", "---------", "---------"]),
    (CreateBucket,            ["-CAOP----", "-CAOP----", "---------", "---------"]),
    (ReadBucket,              ["VCAOPMRU-", "VCAOPMRU-", "VCAOPMRU-", "---------"]),
    (UpdateBucket,            ["-CAOP----", "-CAOP----", "-CAOP----", "---------"]),
    (DeleteBucket,            ["--AO-----", "--AO-----", "---------", "---------"]),
    (ReadVersion,             ["VCAOPMRU-", "VCAOPMRU-", "VCAOPMRU-", "---------"]),
    (WriteVersion,            ["-CAOP----", "-CAOP----", "-CAOP----", "---------"]),
    (RevokeVersion,           ["-CAO--R--", "-CAO--R--", "-CAO--R--", "---------"]),
    (DeleteVersion,           ["--AO-----", "--AO-----", "--AO-----", "---------"]),
    (WriteBuild,              ["-CAOP----", "-CAOP----", "-CAOP----", "---------"]),
    (DeleteBuild,             ["--AO-----", "--AO-----", "--AO-----", "---------"]),
    (ReadChannel,             ["VCAOPMRU-", "VCAOPMRU-", "VCAOPMRU-", "---------"]),
    (ReadRestrictedChannel,   ["-CAO-MRU-", "-CAO-MRU-", "-CAO-MRU-", "---------"]),
    (WriteChannel,            ["-CAO-M---", "-CAO-M---", "-CAO-M---", "---------"]),
    (ReadSbom,                ["VCAOPMRU-", "VCAOPMRU-", "VCAOPMRU-", "---------"]),
    (WriteSbom,               ["-CAOP----", "-CAOP----", "-CAOP----", "---------"]),
    (DeleteSbom,              ["--AO-----", "--AO-----", "--AO-----", "---------"]),
    (SearchArtifacts,         ["VCAOPMRU-", "VCAOPMRU-", "---------", "---------"]),
    (ReadProject,             ["VCAOPMRU-", "VCAOPMRU-", "VCAOPMRU-", "---------"]),
    (UpdateProject,           ["--AO-----", "--AO-----", "---------", "---------"]),
    (ManageProjects,          ["---O-----", "---------", "---------", "---------"]),
    (ReadOrganization,        ["VCAOPMRU-", "VCAOPMRU-", "VCAOPMRU-", "--------G"]),
    (ReadDirectory,           ["VCAOPMRU-", "--AO---U-", "--AO-----", "--------G"]),
    (ReadPrincipals,          ["--AO---U-", "---------", "---------", "---------"]),
    (ManagePrincipals,        ["---O-----", "---------", "---------", "---------"]),
    (ReadProjectPrincipals,   ["--AO---U-", "--AO---U-", "---------", "---------"]),
    (ManageProjectPrincipals, ["--AO-----", "--AO-----", "---------", "---------"]),
    (ReadBucketPolicy,        ["--AO---U-", "--AO---U-", "--AO---U-", "---------"]),
    (ManageBucketPolicy,      ["--AO-----", "--AO-----", "--AO-----", "---------"]),
    (ManageGroup,             ["---O-----", "---------", "---------", "--------G"]),
    (ReadWebhooks,            ["--AO---U-", "--AO---U-", "---------", "---------"]),
    (ManageWebhooks,          ["--AO-----", "--AO-----", "---------", "---------"]),
];

const LETTERS: [(Role, char); 9] = [
    (Role::Viewer, 'V'),
    (Role::Contributor, 'C'),
    (Role::Admin, 'A'),
    (Role::Owner, 'O'),
    (Role::Publisher, 'P'),
    (Role::Promoter, 'M'),
    (Role::Revoker, 'R'),
    (Role::Auditor, 'U'),
    (Role::GroupManager, 'G'),
];

const SCOPES: [Scope; 4] = [Scope::Organization, Scope::Project, Scope::Bucket, Scope::Group];

/// The letters of those roles for which it is true.
fn letters(is_true: impl Fn(Role) -> bool) -> String {
    LETTERS.into_iter().map(|(role, letter)| if is_true(role) { letter } else { '-' }).collect()
}

#[test]
fn each_role_on_each_scope_gives_what_the_table_says() {
    for (permission, expected) in TABLE {
        for (scope, expected) in SCOPES.into_iter().zip(expected) {
            let found = letters(|role| allows(Roles::default().with(scope, role), permission));
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
    // The last ones that are declared.
    assert_eq!(Permission::ALL.len(), ManageWebhooks as usize + 1);
    assert_eq!(Role::ALL.len(), Role::GroupManager as usize + 1);
    assert_eq!(LETTERS.map(|(role, _)| role), Role::ALL);
}

#[test]
fn whoever_publishes_cannot_promote_and_the_other_way_round() {
    for scope in [Scope::Organization, Scope::Project, Scope::Bucket] {
        let publisher = Roles::default().with(scope, Role::Publisher);
        let promoter = Roles::default().with(scope, Role::Promoter);
        assert!(allows(publisher, WriteVersion) && !allows(publisher, WriteChannel));
        assert!(!allows(promoter, WriteVersion) && allows(promoter, WriteChannel));
    }
}

/// Who may give which role on which scope, by their own one role and where they hold it.
#[test]
fn nobody_gives_more_than_they_have() {
    let check = |held_on, held, given_on| {
        letters(|role| role.fits(given_on) && may_grant(Roles::default().with(held_on, held), given_on, role))
    };
    let all = "VCAOPMRU-";
    let none = "---------";
    for (held_on, held, [organization, project, bucket, group]) in [
        (Scope::Organization, Role::Owner, [all, all, all, "--------G"]),
        (Scope::Organization, Role::Admin, [none, "VCA-PMRU-", "VCA-PMRU-", none]),
        (Scope::Organization, Role::Contributor, [none; 4]),
        (Scope::Organization, Role::Auditor, [none; 4]),
        (Scope::Project, Role::Owner, [none, all, all, none]),
        (Scope::Project, Role::Admin, [none, "VCA-PMRU-", "VCA-PMRU-", none]),
        (Scope::Project, Role::Publisher, [none; 4]),
        (Scope::Bucket, Role::Owner, [none, none, all, none]),
        (Scope::Bucket, Role::Admin, [none, none, "VCA-PMRU-", none]),
        (Scope::Bucket, Role::Contributor, [none; 4]),
        (Scope::Group, Role::GroupManager, [none; 4]),
    ] {
        assert_eq!(check(held_on, held, Scope::Organization), organization, "{held:?} on {held_on:?}");
        assert_eq!(check(held_on, held, Scope::Project), project, "{held:?} on {held_on:?}");
        assert_eq!(check(held_on, held, Scope::Bucket), bucket, "{held:?} on {held_on:?}");
        assert_eq!(check(held_on, held, Scope::Group), group, "{held:?} on {held_on:?}");
    }
}

#[test]
fn a_role_is_a_word() {
    for role in Role::ALL {
        assert_eq!(role.to_string().parse(), Ok(role));
        assert_eq!(role.id().parse(), Ok(role));
    }
    assert_eq!("iam.group-manager".parse(), Ok(Role::GroupManager));
    for bad in ["", "Viewer", "roles/", "roles/roles/viewer", "roles/group-manager", "ü"] {
        assert_eq!(
            bad.parse::<Role>().map_err(|error| error.to_string()),
            Err(format!(
                "a role is one of `viewer`, `contributor`, `admin`, `owner`, `publisher`, `promoter`, `revoker`, \
                 `auditor` and `iam.group-manager`, with or without `roles/` before it; found `{bad}`"
            ))
        );
    }
}

fn role_set() -> impl Strategy<Value = RoleSet> {
    subsequence(Role::ALL.to_vec(), 0..=3).prop_map(|roles| RoleSet::of(&roles))
}

fn roles() -> impl Strategy<Value = Roles> {
    (role_set(), role_set(), role_set(), role_set())
        .prop_map(|(organization, project, bucket, group)| Roles { organization, project, bucket, group })
}

proptest! {
    #[test]
    fn rights_add_up(roles in roles(), permission in select(&Permission::ALL)) {
        let alone = [
            Roles { organization: roles.organization, ..Roles::default() },
            Roles { project: roles.project, ..Roles::default() },
            Roles { bucket: roles.bucket, ..Roles::default() },
            Roles { group: roles.group, ..Roles::default() },
        ];
        let any = alone.into_iter().any(|roles| allows(roles, permission));
        prop_assert_eq!(allows(roles, permission), any);
    }

    #[test]
    fn another_role_takes_nothing_away(
        roles in roles(),
        scope in select(&SCOPES),
        role in select(&Role::ALL),
        permission in select(&Permission::ALL),
    ) {
        let more = roles.with(scope, role);
        prop_assert!(!allows(roles, permission) || allows(more, permission));
        prop_assert_eq!(more.with(scope, role), more);
        prop_assert!(!role.fits(scope) || allows(more, Permission::ReadOrganization));
    }

    #[test]
    fn each_of_hcps_roles_gives_what_the_one_before_does(
        scope in select(&SCOPES),
        pair in select(&[(Role::Viewer, Role::Contributor), (Role::Contributor, Role::Admin), (Role::Admin, Role::Owner)]),
        permission in select(&Permission::ALL),
    ) {
        let has = |role| allows(Roles::default().with(scope, role), permission);
        prop_assert!(!has(pair.0) || has(pair.1));
    }

    #[test]
    fn granting_raises_nobody_above_the_granter(
        roles in roles(),
        scope in select(&SCOPES),
        role in select(&Role::ALL),
        permission in select(&Permission::ALL),
    ) {
        if may_grant(roles, scope, role) && allows(Roles::default().with(scope, role), permission) {
            prop_assert!(allows(roles, permission));
        }
    }
}
