//! People, groups of them, and finding who is behind an identifier.

use std::collections::BTreeSet;

use waybill_model::{
    email::Email,
    group::{GroupName, GroupSlug},
    ids::{OrganizationId, PrincipalId},
    role::Role,
};
use waybill_store::{
    Column, Entry, Group, Member, NewGroup, NewUser, Order, Page, PageKey, PolicyScope, Slice, User,
};

use crate::support::{Db, at, is_constraint, parse, principal, text, uid};

on_both! {
    a_person_is_known_by_identifier_and_address,
    people_are_listed_by_address,
    an_address_is_unique_in_its_organization,
    a_person_changes,
    somebody_owns_the_organization,
    a_group_is_known_by_identifier_and_slug,
    groups_are_listed_by_slug,
    members_come_and_go,
    members_are_listed_page_by_page,
    members_go_with_the_person_and_with_the_group,
    everybody_is_found_by_identifier,
    roles_are_told_of_many_at_once,
}

fn organization(db: &Db) -> OrganizationId {
    db.write(|tx| tx.insert_organization(&text(), "Acme", at(0)))
}

fn new_user(organization: OrganizationId, email: &str) -> NewUser {
    NewUser { uid: uid(), organization, email: parse(email), full_name: "Ada Lovelace".to_owned() }
}

fn user(db: &Db, organization: OrganizationId, email: &str) -> User {
    let new = new_user(organization, email);
    db.write(move |tx| {
        tx.insert_user(&new, at(1))?;
        tx.user(new.uid.as_str())
    })
    .expect("it was made")
}

fn group(db: &Db, organization: OrganizationId, name: &str) -> Group {
    let name: GroupName = parse(name);
    let uid = uid();
    let new = NewGroup {
        slug: name.slug(&uid),
        uid,
        organization,
        display_name: name.to_string(),
        description: "All of them".to_owned(),
    };
    db.write(move |tx| {
        tx.insert_group(&new, at(2))?;
        tx.group(new.uid.as_str())
    })
    .expect("it was made")
}

fn slug(text: &str) -> GroupSlug {
    GroupSlug::known(text).expect("a test uses good names")
}

fn a_person_is_known_by_identifier_and_address(db: &mut Db) {
    let (home, away) = (organization(db), organization(db));
    let ada = user(db, home, "Ada@Example.com");
    assert_eq!((ada.email.as_str(), ada.full_name.as_str()), ("ada@example.com", "Ada Lovelace"));
    assert_eq!((ada.organization, ada.created_at, ada.updated_at), (home, at(1), at(1)));
    assert_eq!((ada.issuer.as_str(), ada.subject.as_str(), ada.has_password), ("", "", false));
    let id = ada.id;
    assert_eq!(db.read(move |tx| tx.user_named(home, &parse("ada@example.com"))).as_ref(), Some(&ada));
    assert_eq!(db.read(move |tx| tx.user_named(away, &parse("ada@example.com"))), None);
    let uid = ada.uid.clone();
    db.write(move |tx| tx.set_password_hash(id, "$argon2id$", at(3)));
    let with_password = db.read(move |tx| tx.user(&uid)).expect("it is there");
    assert_eq!(with_password, User { has_password: true, updated_at: at(3), ..ada });
    // Nobody of another kind is a person.
    let (_, bot) = db.write(move |tx| principal(tx, home, None, "bot"));
    let team = group(db, home, "team").uid;
    for other in [bot, team, "nobody".to_owned(), "a\0b".to_owned()] {
        assert_eq!(db.read(move |tx| tx.user(&other)), None);
    }
}

fn people_are_listed_by_address(db: &mut Db) {
    let (home, away) = (organization(db), organization(db));
    for name in ["mia", "adam", "zoe", "ben"] {
        user(db, home, &format!("{name}@example.com"));
        user(db, away, &format!("{name}@example.org"));
    }
    group(db, home, "carla");
    let list = |after: &'static str, limit| {
        let users = db.read(move |tx| tx.users(home, after, limit));
        users.iter().map(|user| user.email.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(list("", 9), "adam@example.com ben@example.com mia@example.com zoe@example.com");
    assert_eq!(list("", 2), "adam@example.com ben@example.com");
    assert_eq!(list("ben@example.com", 2), "mia@example.com zoe@example.com");
    assert_eq!(list("zoe@example.com", 2), "");
}

fn an_address_is_unique_in_its_organization(db: &mut Db) {
    let (home, away) = (organization(db), organization(db));
    user(db, home, "ada@example.com");
    user(db, away, "ada@example.com");
    let again = new_user(home, "ADA@example.com");
    let error = db.try_write(move |tx| tx.insert_user(&again, at(1))).expect_err("the address is taken");
    assert!(is_constraint(&error), "{error}");
    // A group may be called like a service principal, and so on.
    db.write(move |tx| principal(tx, home, None, "team"));
    group(db, home, "team");
}

fn a_person_changes(db: &mut Db) {
    let home = organization(db);
    let ada = user(db, home, "ada@example.com");
    let changed = User {
        email: parse("ada.king@example.com"),
        full_name: String::new(),
        issuer: "https://login.example.com".to_owned(),
        subject: "42".to_owned(),
        updated_at: at(9),
        ..ada
    };
    let (stored, uid) = (changed.clone(), changed.uid.clone());
    db.write(move |tx| tx.update_user(&stored, at(9)));
    assert_eq!(db.read(move |tx| tx.user(&uid)), Some(changed));
    assert_eq!(db.read(move |tx| tx.user_named(home, &parse("ada@example.com"))), None);
}

fn somebody_owns_the_organization(db: &mut Db) {
    let (home, away) = (organization(db), organization(db));
    let has_owner = || db.read(move |tx| tx.has_owner(home));
    let bind = |principal: PrincipalId, role: Role| {
        db.write(move |tx| tx.bind(principal, PolicyScope::Organization(home), role, at(1)));
    };
    assert!(!has_owner());
    let ada = user(db, home, "ada@example.com").id;
    bind(ada, Role::Admin);
    let stranger = user(db, away, "eve@example.com").id;
    db.write(move |tx| tx.bind(stranger, PolicyScope::Organization(away), Role::Owner, at(1)));
    assert!(!has_owner(), "neither an administrator nor another organization's owner");
    let team = group(db, home, "team").id;
    bind(team, Role::Owner);
    assert!(!has_owner(), "a group without members is nobody");
    db.write(move |tx| tx.add_members(team, &[ada], at(2)));
    assert!(has_owner());
    db.write(move |tx| tx.remove_members(team, &[ada], at(2)));
    assert!(!has_owner());
    let (bot, _) = db.write(move |tx| principal(tx, home, None, "bot"));
    bind(bot, Role::Owner);
    assert!(has_owner());
}

fn a_group_is_known_by_identifier_and_slug(db: &mut Db) {
    let (home, away) = (organization(db), organization(db));
    let team = group(db, home, "Web Team");
    assert_eq!((team.slug.as_str(), team.display_name.as_str()), ("web-team", "Web Team"));
    assert_eq!((team.description.as_str(), team.external_name.as_deref()), ("All of them", None));
    assert_eq!((team.organization, team.member_count), (home, 0));
    assert_eq!((team.created_at, team.updated_at), (at(2), at(2)));
    assert_eq!(db.read(move |tx| tx.group_named(home, &slug("web-team"))).as_ref(), Some(&team));
    assert_eq!(db.read(move |tx| tx.group_named(away, &slug("web-team"))), None);
    let ada = user(db, home, "ada@example.com").uid;
    assert_eq!(db.read(move |tx| tx.group(&ada)), None, "a person is no group");

    let changed = Group {
        display_name: "The web team".to_owned(),
        description: String::new(),
        external_name: Some("acme/web".to_owned()),
        updated_at: at(9),
        ..team
    };
    let (stored, uid) = (changed.clone(), changed.uid.clone());
    db.write(move |tx| tx.update_group(&stored, at(9)));
    assert_eq!(db.read(move |tx| tx.group(&uid)), Some(changed));

    let again = NewGroup {
        uid: crate::support::uid(),
        organization: home,
        slug: slug("web-team"),
        display_name: String::new(),
        description: String::new(),
    };
    let error = db.try_write(move |tx| tx.insert_group(&again, at(1))).expect_err("the slug is taken");
    assert!(is_constraint(&error), "{error}");
}

fn groups_are_listed_by_slug(db: &mut Db) {
    let (home, away) = (organization(db), organization(db));
    for name in ["ops", "dev", "web"] {
        group(db, home, name);
        group(db, away, &format!("{name}-away"));
    }
    user(db, home, "eva@example.com");
    let list = |after: &'static str, limit| {
        let groups = db.read(move |tx| tx.groups(home, after, limit));
        groups.iter().map(|group| group.slug.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(list("", 9), "dev ops web");
    assert_eq!(list("", 1), "dev");
    assert_eq!(list("dev", 9), "ops web");
}

fn addresses(db: &Db, group: PrincipalId) -> String {
    members(db, group, None, false, 100)
        .items
        .iter()
        .map(|member| member.email.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

fn members(db: &Db, group: PrincipalId, from: Option<PageKey>, backwards: bool, limit: u32) -> Page<Member> {
    let order = Order { column: Column::CreatedAt, descending: false };
    let slice = Slice { order, from, backwards, limit };
    db.read(move |tx| tx.group_members(group, &slice))
}

fn members_come_and_go(db: &mut Db) {
    let home = organization(db);
    let (team, other) = (group(db, home, "team"), group(db, home, "other"));
    let [ada, bob, eve] = ["ada@a.b", "bob@a.b", "eve@a.b"].map(|email| user(db, home, email).id);
    let id = team.id;
    let add = |people: Vec<PrincipalId>, now| db.write(move |tx| tx.add_members(id, &people, at(now)));
    let remove = |people: Vec<PrincipalId>, now| db.write(move |tx| tx.remove_members(id, &people, at(now)));
    let updated = || {
        let uid = team.uid.clone();
        let group = db.read(move |tx| tx.group(&uid)).expect("it is there");
        (group.member_count, group.updated_at)
    };
    assert_eq!(add(vec![], 3), 0);
    assert_eq!(updated(), (0, at(2)));
    assert_eq!(add(vec![ada, bob], 4), 2);
    assert_eq!(updated(), (2, at(4)));
    assert_eq!(add(vec![bob, eve, ada], 5), 1, "two were members already");
    assert_eq!(updated(), (3, at(5)));
    assert_eq!(add(vec![ada], 6), 0);
    assert_eq!(updated(), (3, at(5)), "nothing changed");
    let other = other.id;
    db.write(move |tx| tx.add_members(other, &[ada], at(1)));
    assert_eq!(remove(vec![ada, eve], 7), 2);
    assert_eq!(remove(vec![ada], 8), 0);
    assert_eq!(updated(), (1, at(7)));
    assert_eq!(addresses(db, id), "bob@a.b");
    assert_eq!(addresses(db, other), "ada@a.b");
    // In the order in which they were added, not in that in which they were made.
    assert_eq!(add(vec![eve, ada], 8), 2);
    assert_eq!(addresses(db, id), "bob@a.b eve@a.b ada@a.b");
    // Nobody there is somebody else.
    let error = db.try_write(move |tx| tx.add_members(id, &[PrincipalId(999_999)], at(9)));
    assert!(is_constraint(&error.expect_err("nobody has that row")));
}

fn members_are_listed_page_by_page(db: &mut Db) {
    let home = organization(db);
    let team = group(db, home, "team").id;
    let mut people: Vec<PrincipalId> =
        ["c@a.b", "a@a.b", "b@a.b", "e@a.b", "d@a.b"].map(|email| user(db, home, email).id).into();
    // The order of joining decides, not that of the people.
    people.reverse();
    for person in people.iter().copied() {
        db.write(move |tx| tx.add_members(team, &[person], at(3)));
    }
    let ids = |page: &Page<Member>| page.items.iter().map(|member| member.id).collect::<Vec<_>>();
    let first = members(db, team, None, false, 2);
    assert_eq!((ids(&first), first.previous.is_some()), (people[..2].to_vec(), false));
    let second = members(db, team, first.next, false, 2);
    assert_eq!(ids(&second), people[2..4]);
    let third = members(db, team, second.next, false, 2);
    assert_eq!((ids(&third), third.next.is_some()), (people[4..].to_vec(), false));
    let back = members(db, team, third.previous, true, 2);
    assert_eq!(ids(&back), people[2..4]);
    let back = members(db, team, back.previous, true, 2);
    assert_eq!((ids(&back), back.previous.is_some()), (people[..2].to_vec(), false));
}

fn members_go_with_the_person_and_with_the_group(db: &mut Db) {
    let home = organization(db);
    let (team, other) = (group(db, home, "team"), group(db, home, "other"));
    let [ada, bob] = ["ada@a.b", "bob@a.b"].map(|email| user(db, home, email).id);
    for group in [team.id, other.id] {
        db.write(move |tx| tx.add_members(group, &[ada, bob], at(1)));
    }
    let (team, other) = (team.id, other.id);
    db.write(move |tx| tx.delete_principal(ada));
    assert_eq!(addresses(db, team), "bob@a.b");
    db.write(move |tx| tx.delete_principal(team));
    assert_eq!(addresses(db, team), "");
    assert_eq!(addresses(db, other), "bob@a.b");
    assert!(db.read(move |tx| tx.user_named(home, &parse::<Email>("bob@a.b"))).is_some());
    assert_eq!(db.read(move |tx| tx.group_named(home, &slug("team"))), None);
}

fn everybody_is_found_by_identifier(db: &mut Db) {
    let scene = db.scene();
    let (home, away) = (scene.organization, organization(db));
    let (_, bot) = db.write(move |tx| principal(tx, home, None, "bot"));
    let (_, local) = db.write(move |tx| principal(tx, home, Some(scene.project), "local"));
    let (_, foreign) = db.write(move |tx| principal(tx, away, None, "foreign"));
    let (ada, bob) = (user(db, home, "ada@a.b"), user(db, home, "bob@a.b"));
    let (team, other) = (group(db, home, "team"), group(db, home, "other"));
    let (team_id, other_id, ada_id) = (team.id, other.id, ada.id);
    db.write(move |tx| {
        tx.add_members(team_id, &[ada_id], at(2))?;
        tx.add_members(other_id, &[ada_id], at(2))
    });

    assert_eq!(db.read(move |tx| tx.entries(home, &[])), []);
    let uids = [&bot, &local, &foreign, &ada.uid, &team.uid, &bot].map(|uid| parse(uid));
    let found = db.read(move |tx| tx.entries(home, &uids));
    let expected: BTreeSet<&str> = [&bot, &local, &ada.uid, &team.uid].map(String::as_str).into();
    assert_eq!(found.iter().map(Entry::uid).collect::<BTreeSet<_>>(), expected);
    assert_eq!(found.len(), expected.len(), "each once");
    for entry in &found {
        let uid = entry.uid().to_owned();
        let alone = match entry {
            Entry::Service(_) => Entry::Service(db.read(move |tx| tx.principal(&uid)).expect("it is there")),
            Entry::User(_) => Entry::User(db.read(move |tx| tx.user(&uid)).expect("it is there")),
            Entry::Group(_) => Entry::Group(db.read(move |tx| tx.group(&uid)).expect("it is there")),
        };
        assert_eq!(entry, &alone);
    }
    let (ada, bob) = (ada.id, bob.id);
    let groups = db.read(move |tx| tx.memberships(&[ada, bob]));
    assert_eq!(groups, [(ada, vec![team.uid, other.uid])].into());
    assert!(db.read(move |tx| tx.memberships(&[])).is_empty());
}

fn roles_are_told_of_many_at_once(db: &mut Db) {
    let scene = db.scene();
    let (home, project) = (scene.organization, scene.project);
    let bucket = db.bucket(project, "ubuntu");
    let (ada, bob, team) =
        (user(db, home, "ada@a.b").id, user(db, home, "bob@a.b").id, group(db, home, "team").id);
    db.write(move |tx| {
        tx.bind(team, PolicyScope::Bucket(bucket), Role::Publisher, at(1))?;
        tx.bind(ada, PolicyScope::Organization(home), Role::Owner, at(1))?;
        tx.bind(ada, PolicyScope::Group(team), Role::GroupManager, at(1))?;
        tx.bind(bob, PolicyScope::Project(project), Role::Admin, at(1))
    });
    assert!(db.read(|tx| tx.role_bindings_of(&[])).is_empty());
    let found = db.read(move |tx| tx.role_bindings_of(&[team, ada]));
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), [ada, team]);
    for (principal, bindings) in found {
        assert_eq!(bindings, db.read(move |tx| tx.role_bindings(principal)));
    }
}
