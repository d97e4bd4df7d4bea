//! Organizations, projects, principals, keys and roles.

use waybill_model::{
    ids::{OrganizationId, PrincipalId, ProjectId},
    principal::PrincipalKind,
    role::Role,
};
use waybill_store::{Key, NewPrincipal, PolicyScope, RoleBinding};

use crate::support::{Db, at, is_constraint, parse, principal, text, uid};

on_both! {
    the_first_organization_is_the_oldest,
    a_project_belongs_to_its_organization,
    a_project_name_is_unique_in_its_organization,
    principals_are_listed_in_the_order_they_were_made,
    a_principal_name_is_unique_in_its_organization_or_project,
    keys_open_until_they_or_the_principal_go,
    roles_are_bound_to_an_organization_a_project_or_a_bucket,
}

fn the_first_organization_is_the_oldest(db: &mut Db) {
    assert_eq!(db.first_organization(), None);
    let (first, second) = db.write(|tx| {
        let first = tx.insert_organization("o-1", "Acme", at(5))?;
        Ok((first, tx.insert_organization("o-2", "Other", at(1))?))
    });
    let acme = db.first_organization().expect("it was made");
    assert_eq!(
        (acme.id, acme.uid.as_str(), acme.name.as_str(), acme.created_at),
        (first, "o-1", "Acme", at(5))
    );
    assert_eq!(db.read(move |tx| tx.organization(first)), Some(acme));
    assert_eq!(db.read(move |tx| tx.organization(second)).expect("it was made").name, "Other");
    assert_eq!(db.read(|tx| tx.organization(OrganizationId(99))), None);
    let error =
        db.try_write(|tx| tx.insert_organization("o-1", "Again", at(9))).expect_err("the id is taken");
    assert!(is_constraint(&error), "{error}");
}

fn a_project_belongs_to_its_organization(db: &mut Db) {
    let (home, away) = db.write(|tx| {
        Ok((tx.insert_organization("o-1", "Acme", at(0))?, tx.insert_organization("o-2", "Other", at(0))?))
    });
    let (late, early) = db.write(move |tx| {
        let late = tx.insert_project(home, "p-late", &parse("late"), "the second", at(2))?;
        Ok((late, tx.insert_project(home, "p-early", &parse("early"), "", at(1))?))
    });
    let listed = db.read(move |tx| tx.projects(home));
    assert_eq!(listed.iter().map(|project| project.id).collect::<Vec<_>>(), [early, late]);
    let project = &listed[1];
    assert_eq!(project.uid, "p-late");
    assert_eq!(project.organization_uid, "o-1");
    assert_eq!(project.name, "late");
    assert_eq!(project.description, "the second");
    assert_eq!(project.created_at, at(2));
    assert_eq!(db.read(move |tx| tx.project(home, "p-late")).as_ref(), Some(project));
    assert_eq!(db.read(move |tx| tx.project_named(home, &parse("late"))).as_ref(), Some(project));
    assert_eq!(db.read(move |tx| tx.owner_of_project(late)), Some((home, "p-late".to_owned())));
    assert_eq!(db.read(|tx| tx.owner_of_project(ProjectId(99))), None);
    assert_eq!(db.read(move |tx| tx.projects(away)), []);
    assert_eq!(db.read(move |tx| tx.project(away, "p-late")), None);
    assert_eq!(db.read(move |tx| tx.project_named(away, &parse("late"))), None);
}

fn a_project_name_is_unique_in_its_organization(db: &mut Db) {
    let (home, away) = db.write(|tx| {
        Ok((tx.insert_organization("o-1", "Acme", at(0))?, tx.insert_organization("o-2", "Other", at(0))?))
    });
    let insert = move |db: &Db, organization, name: &'static str| {
        db.try_write(move |tx| tx.insert_project(organization, &text(), &parse(name), "", at(0)))
    };
    insert(db, home, "images").expect("the name is free");
    insert(db, home, "Images").expect("case matters");
    insert(db, away, "images").expect("the name is free in another organization");
    let error = insert(db, home, "images").expect_err("the name is taken");
    assert!(is_constraint(&error), "{error}");
}

fn principals_are_listed_in_the_order_they_were_made(db: &mut Db) {
    let (home, away) = db.write(|tx| {
        Ok((tx.insert_organization("o-1", "Acme", at(0))?, tx.insert_organization("o-2", "Other", at(0))?))
    });
    let project = db.write(move |tx| tx.insert_project(home, "p-1", &parse("images"), "", at(0)));
    let ids: Vec<PrincipalId> = db.write(move |tx| {
        let mut ids = Vec::new();
        for name in ["zoe", "adam", "mia", "ben"] {
            ids.push(principal(tx, home, (name == "mia").then_some(project), name)?.0);
            principal(tx, away, None, &format!("{name}-away"))?;
        }
        Ok(ids)
    });
    let list = |after: PrincipalId, limit: u32| -> Vec<PrincipalId> {
        db.read(move |tx| tx.principals(home, after, limit)).iter().map(|principal| principal.id).collect()
    };
    assert_eq!(list(PrincipalId(0), 10), ids);
    assert_eq!(list(PrincipalId(0), 2), ids[..2]);
    assert_eq!(list(ids[1], 2), ids[2..]);
    assert_eq!(list(ids[3], 2), []);
    assert_eq!(list(PrincipalId(0), 0), []);
    let mia = db.read(move |tx| tx.principals(home, PrincipalId(0), 10)).swap_remove(2);
    assert_eq!(mia.name, "mia");
    assert_eq!(mia.organization_uid, "o-1");
    assert_eq!(mia.project_uid.as_deref(), Some("p-1"));
    assert_eq!(mia.created_at, at(1));
    let of_project = db.read(move |tx| tx.project_principals(home, project, PrincipalId(0), 10));
    assert_eq!(of_project, std::slice::from_ref(&mia));
    let after_mia = mia.id;
    assert_eq!(db.read(move |tx| tx.project_principals(home, project, after_mia, 10)), []);
    assert_eq!(db.read(move |tx| tx.project_principals(away, project, PrincipalId(0), 10)), []);
    let mia_uid = mia.uid.clone();
    assert_eq!(db.read(move |tx| tx.principal(&mia_uid)), Some(mia));
    assert_eq!(db.read(|tx| tx.principal("nobody")), None);
}

fn a_principal_name_is_unique_in_its_organization_or_project(db: &mut Db) {
    let (organization, project) = db.write(|tx| {
        let organization = tx.insert_organization("o-1", "Acme", at(0))?;
        Ok((organization, tx.insert_project(organization, "p-1", &parse("images"), "", at(0))?))
    });
    let insert = |project: Option<ProjectId>, name: &'static str| {
        db.try_write(move |tx| {
            let new = NewPrincipal {
                uid: uid(),
                kind: PrincipalKind::Service,
                organization,
                project,
                name: name.to_owned(),
            };
            tx.insert_principal(&new, at(0))
        })
    };
    let named = |project: Option<ProjectId>, name: &'static str| {
        let found = db.read(move |tx| tx.principal_named(organization, project, &parse(name)));
        found.map(|principal| principal.id)
    };
    assert_eq!(named(None, "ci-bot"), None);
    let ours = insert(None, "ci-bot").expect("the name is free");
    assert_eq!(named(None, "ci-bot"), Some(ours));
    assert_eq!(named(Some(project), "ci-bot"), None);
    let theirs = insert(Some(project), "ci-bot").expect("the name is free in the project");
    assert_eq!(named(Some(project), "ci-bot"), Some(theirs));
    assert_eq!(named(None, "CI-bot"), None);
    for place in [None, Some(project)] {
        let error = insert(place, "ci-bot").expect_err("the name is taken");
        assert!(is_constraint(&error), "{error}");
    }
}

fn keys_open_until_they_or_the_principal_go(db: &mut Db) {
    let organization = db.write(|tx| tx.insert_organization("o-1", "Acme", at(0)));
    let ((one, one_uid), (two, _)) = db.write(move |tx| {
        Ok((principal(tx, organization, None, "one")?, principal(tx, organization, None, "two")?))
    });
    db.write(move |tx| {
        let key = Key {
            uid: "k-2".to_owned(),
            client_id: "wb-2".to_owned(),
            secret_digest: (0..=255).collect(),
            created_at: at(7),
        };
        tx.insert_key(one, &key)
    });
    let keys = db.read(move |tx| tx.keys(one));
    assert_eq!(keys.iter().map(|key| key.client_id.as_str()).collect::<Vec<_>>(), ["one", "wb-2"]);
    assert_eq!(keys[1].secret_digest, (0..=255).collect::<Vec<u8>>());
    assert_eq!((keys[1].uid.as_str(), keys[1].created_at), ("k-2", at(7)));
    let among = db.read(move |tx| tx.keys_among(one, two));
    let among: Vec<_> = among.iter().map(|(principal, key)| (*principal, key.client_id.as_str())).collect();
    assert_eq!(among, [(one, "one"), (two, "two"), (one, "wb-2")]);
    assert_eq!(db.read(move |tx| tx.credential("wb-2")), Some(((0..=255).collect(), one_uid.clone())));
    assert_eq!(db.read(|tx| tx.credential("wb-3")), None);

    let again = Key { uid: text(), client_id: "two".to_owned(), secret_digest: vec![], created_at: at(0) };
    let error = db.try_write(move |tx| tx.insert_key(one, &again)).expect_err("the client id is taken");
    assert!(is_constraint(&error), "{error}");

    db.write(move |tx| tx.delete_key(two, "wb-2"));
    assert_eq!(db.read(move |tx| tx.keys(one)).len(), 2, "not a key of that principal");
    db.write(move |tx| tx.delete_key(one, "wb-2"));
    assert_eq!(db.read(|tx| tx.credential("wb-2")), None);
    assert_eq!(db.read(move |tx| tx.keys(one)).len(), 1);

    db.write(move |tx| tx.delete_principal(one));
    assert_eq!(db.read(move |tx| tx.keys(one)), []);
    assert_eq!(db.read(|tx| tx.credential("one")), None);
    assert!(db.read(|tx| tx.credential("two")).is_some());
    db.write(move |tx| tx.delete_principal(one));
}

fn roles_are_bound_to_an_organization_a_project_or_a_bucket(db: &mut Db) {
    let scene = db.scene();
    let bucket = db.bucket(scene.project, "ubuntu");
    let (organization_uid, project_uid) = db.read(move |tx| {
        let organization = tx.organization(scene.organization)?.expect("it was made").uid;
        Ok((organization, tx.owner_of_project(scene.project)?.expect("it was made").1))
    });
    let (id, _) = db.write(move |tx| principal(tx, scene.organization, None, "ci-bot"));
    assert_eq!(db.read(move |tx| tx.role_bindings(id)), []);
    db.write(move |tx| {
        tx.bind(id, PolicyScope::Organization(scene.organization), Role::Viewer, at(1))?;
        tx.bind(id, PolicyScope::Project(scene.project), Role::Contributor, at(2))?;
        tx.bind(id, PolicyScope::Bucket(bucket), Role::Admin, at(3))?;
        tx.bind(id, PolicyScope::Organization(scene.organization), Role::Owner, at(4))
    });
    let none =
        RoleBinding { role: Role::Viewer, organization: None, project: None, bucket: None, group: None };
    let expected = [
        RoleBinding { organization: Some(organization_uid.clone()), ..none.clone() },
        RoleBinding { role: Role::Contributor, project: Some(project_uid.clone()), ..none.clone() },
        RoleBinding {
            role: Role::Admin,
            project: Some(project_uid),
            bucket: Some(parse("ubuntu")),
            ..none.clone()
        },
        RoleBinding { role: Role::Owner, organization: Some(organization_uid), ..none },
    ];
    assert_eq!(db.read(move |tx| tx.role_bindings(id)), expected);
    let (other, _) = db.write(move |tx| {
        let (other, uid) = principal(tx, scene.organization, None, "other-bot")?;
        tx.bind(other, PolicyScope::Bucket(bucket), Role::Viewer, at(5))?;
        Ok((other, uid))
    });
    let among = db.read(move |tx| tx.role_bindings_among(id, other));
    assert_eq!(among.iter().map(|(principal, _)| *principal).collect::<Vec<_>>(), [id, id, id, id, other]);
    assert_eq!(among.into_iter().map(|(_, binding)| binding).take(4).collect::<Vec<_>>(), expected);
    assert_eq!(db.read(move |tx| tx.role_bindings_among(other, other)).len(), 1);
    db.write(move |tx| tx.delete_bucket(bucket));
    assert_eq!(db.read(move |tx| tx.role_bindings(id)).len(), 3);
    db.write(move |tx| tx.delete_principal(id));
    assert_eq!(db.read(move |tx| tx.role_bindings(id)), []);
}
