//! What the registry knows of a caller on a path.

use waybill_model::role::{Role, Roles};
use waybill_store::{Access, AccessQuery, RegistryState};

use crate::support::{Db, at, new_bucket, parse, principal, uid};

on_both! {
    roles_on_the_way_to_a_resource_are_found,
    the_highest_of_several_roles_counts,
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
                ("o-1", _) => tx.bind_to_organization(bot, home, *role, at(0))?,
                ("o-2", _) => tx.bind_to_organization(bot, away, *role, at(0))?,
                (place, Some(bucket)) if place.contains('/') => {
                    tx.bind_to_bucket(bot, *bucket, *role, at(0))?;
                }
                (_, Some(project)) => {
                    tx.bind_to_project(bot, waybill_model::ids::ProjectId(project.0), *role, at(0))?;
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
        client_id: "ci-bot".to_owned(),
        organization: part(),
        project: part(),
        bucket: part(),
    };
    db.read(move |tx| tx.access(&query)).expect("the bot is there")
}

fn roles(organization: Option<Role>, project: Option<Role>, bucket: Option<Role>) -> Roles {
    Roles { organization, project, bucket }
}

fn roles_on_the_way_to_a_resource_are_found(db: &mut Db) {
    let (viewer, contributor, admin) = (Some(Role::Viewer), Some(Role::Contributor), Some(Role::Admin));
    world(db, &[("o-1", Role::Viewer), ("p-1", Role::Contributor), ("p-1/ubuntu", Role::Admin)]);
    let check = |path: &str| {
        let access = ask(db, path);
        (access.roles, access.some_bucket_role)
    };
    assert_eq!(check("o-1/p-1/ubuntu"), (roles(viewer, contributor, admin), admin));
    assert_eq!(check("o-1/p-1/debian"), (roles(viewer, contributor, None), admin));
    assert_eq!(check("o-1/p-1/absent"), (roles(viewer, contributor, None), admin));
    assert_eq!(check("o-1/p-1"), (roles(viewer, contributor, None), admin));
    assert_eq!(check("o-1/p-2/ubuntu"), (roles(viewer, None, None), None));
    assert_eq!(check("o-1"), (roles(viewer, None, None), None));
    let access = ask(db, "o-1/p-1/ubuntu");
    assert_eq!(access.principal_name, "ci-bot");
    assert_eq!(access.home_project, None);
    let organization = db.first_organization().expect("there is one").id;
    assert_eq!(access.organization, organization);
}

fn the_highest_of_several_roles_counts(db: &mut Db) {
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
    assert_eq!(access.roles, roles(Some(Role::Owner), Some(Role::Admin), Some(Role::Viewer)));
    assert_eq!(access.some_bucket_role, Some(Role::Contributor));
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
    assert_eq!(access.some_bucket_role, None);
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
        assert_eq!(access.roles, roles(Some(Role::Owner), None, None), "{path}: only the one at home");
        assert_eq!(access.some_bucket_role, None, "{path}");
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
            client_id: client_id.to_owned(),
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
