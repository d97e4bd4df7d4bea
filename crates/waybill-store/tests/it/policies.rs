//! Policies: what was given on one resource, and how often that changed.

use waybill_model::{principal::PrincipalKind, role::Role};
use waybill_store::PolicyScope;

use crate::support::{Db, at, principal};

on_both! {
    a_policy_holds_what_was_given_on_its_resource_only,
    a_policy_counts_its_changes,
    a_principal_that_goes_is_in_no_policy,
}

fn a_policy_holds_what_was_given_on_its_resource_only(db: &mut Db) {
    let scene = db.scene();
    let (ubuntu, debian) = (db.bucket(scene.project, "ubuntu"), db.bucket(scene.project, "debian"));
    let organization = PolicyScope::Organization(scene.organization);
    let project = PolicyScope::Project(scene.project);
    let (ubuntu, debian) = (PolicyScope::Bucket(ubuntu), PolicyScope::Bucket(debian));
    let (bot, uid) = db.write(move |tx| principal(tx, scene.organization, None, "ci-bot"));
    db.write(move |tx| {
        tx.bind(bot, organization, Role::Auditor, at(1))?;
        tx.bind(bot, project, Role::Publisher, at(2))?;
        tx.bind(bot, project, Role::Revoker, at(3))?;
        tx.bind(bot, ubuntu, Role::Promoter, at(4))
    });
    let roles = |scope| {
        let members = db.read(move |tx| tx.policy(scope));
        for member in &members {
            assert_eq!((member.principal, member.principal_uid.as_str()), (bot, uid.as_str()));
            assert_eq!(member.kind, PrincipalKind::Service);
        }
        members.into_iter().map(|member| member.role).collect::<Vec<_>>()
    };
    assert_eq!(roles(organization), [Role::Auditor]);
    assert_eq!(roles(project), [Role::Publisher, Role::Revoker]);
    assert_eq!(roles(ubuntu), [Role::Promoter]);
    assert_eq!(roles(debian), []);
    assert_eq!(roles(PolicyScope::Group(bot)), []);
    let binding = db.read(move |tx| tx.policy(project))[0].binding;
    db.write(move |tx| tx.unbind(binding));
    assert_eq!(roles(project), [Role::Revoker]);
}

fn a_policy_counts_its_changes(db: &mut Db) {
    let scene = db.scene();
    let bucket = db.bucket(scene.project, "ubuntu");
    let scopes = [
        PolicyScope::Organization(scene.organization),
        PolicyScope::Project(scene.project),
        PolicyScope::Bucket(bucket),
    ];
    for scope in scopes {
        assert_eq!(db.read(move |tx| tx.policy_version(scope)), 0);
        db.write(move |tx| tx.count_policy_change(scope));
        db.write(move |tx| tx.count_policy_change(scope));
        assert_eq!(db.read(move |tx| tx.policy_version(scope)), 2, "{scope:?}");
    }
}

fn a_principal_that_goes_is_in_no_policy(db: &mut Db) {
    let scene = db.scene();
    let project = PolicyScope::Project(scene.project);
    let (bot, _) = db.write(move |tx| principal(tx, scene.organization, None, "ci-bot"));
    db.write(move |tx| tx.bind(bot, project, Role::Viewer, at(1)));
    db.write(move |tx| tx.delete_principal(bot));
    assert_eq!(db.read(move |tx| tx.policy(project)), []);
}
