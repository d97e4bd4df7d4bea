//! What the registry knows of a caller on a path.

use waybill_model::{
    principal::PrincipalKind,
    role::{Role, RoleSet, Roles},
};
use waybill_store::{Access, AccessQuery, NewPrincipal, PolicyScope, RegistryState};

use crate::support::{Db, at, new_bucket, parse, principal, uid};

on_both! {
    roles_on_the_way_to_a_resource_are_found,
    several_roles_add_up,
    a_member_of_a_group_has_its_roles,
    a_caller_has_roles_on_the_group_on_the_path,
    what_is_not_on_the_path_is_not_found,
    a_path_into_another_organization_is_not_at_home,
    a_caller_without_its_principal_or_key_is_nobody,
    the_state_of_the_registry_is_told,
}

/// Organization `o-1` with the projects `p-1` (buckets `ubuntu` and `debian`) and `p-2` (bucket `ubuntu`),
/// organization `o-2` with the project `p-3` (bucket `ubuntu`). The principal `u-1` of `o-1` has the key `ci-bot`.
fn world(db: &Db, roles: &[(&'static str, Role)]) {
    let roles = roles.to_vec();
    db.write(move |tx| {
        let home = tx.insert_organization("o-1", "Acme", at(0))?;
        let away = tx.insert_organization("o-2", "Other", at(0))?;
        let mut rows = std::collections::BTreeMap::new();
        for (organization, uid) in [(home, "p-1"), (home, "p-2"), (away, "p-3")] {
            let project = tx.insert_project(organization, uid, &parse(uid), "", at(0))?;
            for bucket in ["ubuntu", "debian"] {
                rows.insert(
                    format!("{uid}/{bucket}"),
                    tx.insert_bucket(project, &new_bucket(bucket), at(0))?,
                );
            }
            rows.insert(uid.to_owned(), waybill_model::ids::BucketId(project.0));
        }
        let (bot, _) = principal(tx, home, None, "ci-bot")?;
        for (place, role) in &roles {
            match (*place, rows.get(*place)) {
                ("o-1", _) => tx.bind(bot, PolicyScope::Organization(home), *role, at(0))?,
                ("o-2", _) => tx.bind(bot, PolicyScope::Organization(away), *role, at(0))?,
                (place, Some(bucket)) if place.contains('/') => {
                    tx.bind(bot, PolicyScope::Bucket(*bucket), *role, at(0))?;
                }
                (_, Some(project)) => {
                    tx.bind(
                        bot,
                        PolicyScope::Project(waybill_model::ids::ProjectId(project.0)),
                        *role,
                        at(0),
                    )?;
                }
                (place, None) => panic!("there is no {place}"),
            }
        }
        Ok(())
    });
}

fn uid_of_bot(db: &Db) -> String {
    db.read(|tx| tx.credential("ci-bot")).expect("the bot has a key").1
}

/// The bot's standing on `organization/project/bucket`, any of which may be missing.
fn ask(db: &Db, path: &str) -> Access {
    let mut parts = path.split('/').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let query = AccessQuery {
        principal: uid_of_bot(db),
        credential: "ci-bot".to_owned(),
        organization: part(),
        project: part(),
        bucket: part(),
        group: String::new(),
    };
    db.read(move |tx| tx.access(&query)).expect("the bot is there")
}

fn roles(organization: &[Role], project: &[Role], bucket: &[Role]) -> Roles {
    let set = RoleSet::of;
    Roles {
        organization: set(organization),
        project: set(project),
        bucket: set(bucket),
        group: RoleSet::NONE,
    }
}

fn roles_on_the_way_to_a_resource_are_found(db: &mut Db) {
    let (viewer, contributor, admin) = ([Role::Viewer], [Role::Contributor], [Role::Admin]);
    let some = RoleSet::of(&admin);
    world(db, &[("o-1", Role::Viewer), ("p-1", Role::Contributor), ("p-1/ubuntu", Role::Admin)]);
    let check = |path: &str| {
        let access = ask(db, path);
        (access.roles, access.bucket_roles)
    };
    assert_eq!(check("o-1/p-1/ubuntu"), (roles(&viewer, &contributor, &admin), some));
    assert_eq!(check("o-1/p-1/debian"), (roles(&viewer, &contributor, &[]), some));
    assert_eq!(check("o-1/p-1/absent"), (roles(&viewer, &contributor, &[]), some));
    assert_eq!(check("o-1/p-1"), (roles(&viewer, &contributor, &[]), some));
    assert_eq!(check("o-1/p-2/ubuntu"), (roles(&viewer, &[], &[]), RoleSet::NONE));
    assert_eq!(check("o-1"), (roles(&viewer, &[], &[]), RoleSet::NONE));
    let access = ask(db, "o-1/p-1/ubuntu");
    assert_eq!(access.principal_name, "ci-bot");
    assert_eq!(access.home_project, None);
    let organization = db.first_organization().expect("there is one").id;
    assert_eq!(access.organization, organization);
}

fn several_roles_add_up(db: &mut Db) {
    world(
        db,
        &[
            ("o-1", Role::Contributor),
            ("o-1", Role::Owner),
            ("o-1", Role::Viewer),
            ("p-1", Role::Viewer),
            ("p-1", Role::Admin),
            ("p-1/ubuntu", Role::Viewer),
            ("p-1/ubuntu", Role::Contributor),
            ("p-1/debian", Role::Viewer),
        ],
    );
    let access = ask(db, "o-1/p-1/debian");
    let on_organization = [Role::Viewer, Role::Contributor, Role::Owner];
    assert_eq!(access.roles, roles(&on_organization, &[Role::Viewer, Role::Admin], &[Role::Viewer]));
    assert_eq!(access.bucket_roles, RoleSet::of(&[Role::Viewer, Role::Contributor]));
}

/// Makes the group `crew`, with the bot in it if it is a member.
fn crew(db: &Db, has_bot: bool) -> waybill_model::ids::PrincipalId {
    let crew = db.write(|tx| {
        let organization = tx.first_organization()?.expect("it was made").id;
        let new = NewPrincipal {
            uid: uid(),
            kind: PrincipalKind::Group,
            organization,
            project: None,
            name: "crew".to_owned(),
        };
        tx.insert_principal(&new, at(1))
    });
    if has_bot {
        let uid = uid_of_bot(db);
        let bot = db.read(move |tx| tx.principal(&uid)).expect("the bot is there").id;
        db.place.execute(&format!(
            "INSERT INTO group_members (group_id, member_id, created_at) VALUES ({crew}, {bot}, 1)"
        ));
    }
    crew
}

fn a_member_of_a_group_has_its_roles(db: &mut Db) {
    world(db, &[("p-1", Role::Viewer)]);
    let crew = crew(db, true);
    let project = ask(db, "o-1/p-1").project.expect("it is there").id;
    let bucket = ask(db, "o-1/p-1/ubuntu").bucket.expect("it is there");
    db.write(move |tx| {
        tx.bind(crew, PolicyScope::Project(project), Role::Promoter, at(1))?;
        tx.bind(crew, PolicyScope::Bucket(bucket), Role::Revoker, at(1))
    });
    let access = ask(db, "o-1/p-1/ubuntu");
    assert_eq!(access.roles, roles(&[], &[Role::Viewer, Role::Promoter], &[Role::Revoker]));
    db.write(move |tx| tx.delete_principal(crew));
    assert_eq!(ask(db, "o-1/p-1/ubuntu").roles, roles(&[], &[Role::Viewer], &[]), "the group is gone");
}

fn a_caller_has_roles_on_the_group_on_the_path(db: &mut Db) {
    world(db, &[]);
    let crew = crew(db, false);
    let bot = uid_of_bot(db);
    let id = db.read(move |tx| tx.principal(&bot)).expect("it is there").id;
    db.write(move |tx| tx.bind(id, PolicyScope::Group(crew), Role::GroupManager, at(1)));
    let ask = |group: &str| {
        let query = AccessQuery {
            principal: uid_of_bot(db),
            credential: "ci-bot".to_owned(),
            organization: "o-1".to_owned(),
            group: group.to_owned(),
            ..AccessQuery::default()
        };
        let access = db.read(move |tx| tx.access(&query)).expect("the bot is there");
        (access.group, access.roles.group)
    };
    assert_eq!(ask("crew"), (Some(crew), RoleSet::of(&[Role::GroupManager])));
    assert_eq!(ask("other"), (None, RoleSet::NONE));
}

fn what_is_not_on_the_path_is_not_found(db: &mut Db) {
    world(db, &[]);
    let found = |path: &str| {
        let access = ask(db, path);
        (access.at_home, access.project.is_some(), access.bucket.is_some())
    };
    assert_eq!(found("o-1/p-1/ubuntu"), (true, true, true));
    assert_eq!(found("o-1/p-1/UBUNTU"), (true, true, false));
    assert_eq!(found("o-1/p-1"), (true, true, false));
    assert_eq!(found("o-1"), (true, false, false));
    assert_eq!(found("o-1/p-9/ubuntu"), (true, false, false));
    assert_eq!(found(""), (false, false, false));
    let in_project = |path: &str| ask(db, path).bucket;
    assert_ne!(in_project("o-1/p-1/ubuntu"), in_project("o-1/p-2/ubuntu"));
    let access = ask(db, "o-1/p-1/ubuntu");
    assert_eq!(access.roles, Roles::default());
    assert_eq!(access.bucket_roles, RoleSet::NONE);
}

fn a_path_into_another_organization_is_not_at_home(db: &mut Db) {
    // Roles over there cannot be given through the API; even so they must not count.
    world(
        db,
        &[("o-1", Role::Owner), ("o-2", Role::Owner), ("p-3", Role::Owner), ("p-3/ubuntu", Role::Owner)],
    );
    for path in ["o-2/p-3/ubuntu", "o-2/p-1/ubuntu", "o-2", "o-9/p-3/ubuntu"] {
        let access = ask(db, path);
        assert!(!access.at_home, "{path}");
        assert!(access.project.is_none() && access.bucket.is_none(), "{path}");
        assert_eq!(access.roles, roles(&[Role::Owner], &[], &[]), "{path}: only the one at home");
        assert_eq!(access.bucket_roles, RoleSet::NONE, "{path}");
    }
    // A foreign project under one's own organization.
    let access = ask(db, "o-1/p-3/ubuntu");
    assert!(access.at_home && access.project.is_none() && access.bucket.is_none());
}

fn a_caller_without_its_principal_or_key_is_nobody(db: &mut Db) {
    world(db, &[]);
    let bot = uid_of_bot(db);
    let other = db.write(|tx| {
        let home = tx.first_organization()?.expect("it was made").id;
        let project = tx.projects(home)?.swap_remove(0);
        principal(tx, home, Some(project.id), "other-bot")
    });
    let ask = |principal: &str, client_id: &str| {
        let query = AccessQuery {
            principal: principal.to_owned(),
            credential: client_id.to_owned(),
            organization: "o-1".to_owned(),
            ..AccessQuery::default()
        };
        db.read(move |tx| tx.access(&query))
            .map(|access| (access.principal_name, access.home_project.is_some()))
    };
    assert_eq!(ask(&bot, "ci-bot"), Some(("ci-bot".to_owned(), false)));
    assert_eq!(ask(&other.1, "other-bot"), Some(("other-bot".to_owned(), true)));
    assert_eq!(ask(&bot, "other-bot"), None, "somebody else's key");
    assert_eq!(ask(&bot, ""), None);
    assert_eq!(ask("", "ci-bot"), None);
    let id = db.read(move |tx| tx.principal(&other.1)).expect("it is there").id;
    db.write(move |tx| tx.delete_principal(id));
    assert_eq!(ask(&bot, "ci-bot"), Some(("ci-bot".to_owned(), false)));
    let uid = bot.clone();
    let id = db.read(move |tx| tx.principal(&uid)).expect("it is there").id;
    db.write(move |tx| tx.delete_principal(id));
    assert_eq!(ask(&bot, "ci-bot"), None, "deleted");
}

fn the_state_of_the_registry_is_told(db: &mut Db) {
    world(db, &[]);
    let state = || ask(db, "o-1/p-1").project.map(|project| project.registry);
    let project = ask(db, "o-1/p-1").project.expect("it is there").id;
    assert_eq!(state(), Some(None));
    db.write(move |tx| tx.insert_registry(project, &uid(), "PLUS", at(1)));
    assert_eq!(state(), Some(Some(RegistryState::Active)));
    db.write(move |tx| tx.update_registry(project, false, "PLUS", at(2)));
    assert_eq!(state(), Some(Some(RegistryState::Deactivated)));
    assert_eq!(ask(db, "o-1").project.map(|project| project.registry), None);
}
