//! Workload identity providers and exchanged tokens.

use waybill_model::{
    ids::{PrincipalId, ProviderId},
    workload_identity::{Provider, Trust},
};
use waybill_store::{NewWorkloadIdentityProvider, Result, Tx, WorkloadIdentityProvider};

use crate::support::{Db, at, is_constraint, parse, principal, uid};

on_both! {
    a_provider_is_found_by_its_resource_name,
    a_provider_is_changed_and_deleted,
    a_provider_s_name_is_unique_in_its_principal,
    providers_of_a_project_come_in_pages,
    an_exchanged_token_is_remembered_until_it_expires,
}

fn oidc(audiences: &[&str]) -> Provider {
    Provider {
        description: "CI of one repository".to_owned(),
        trust: Trust::Oidc {
            issuer: "https://issuer.test".to_owned(),
            audiences: audiences.iter().map(|&audience| audience.to_owned()).collect(),
        },
        condition: "jwt_claims.sub == `main`".to_owned(),
    }
}

fn aws() -> Provider {
    Provider {
        description: String::new(),
        trust: Trust::Aws { account: "123456789012".to_owned() },
        condition: "aws.arn == `a`".to_owned(),
    }
}

fn insert(tx: &mut Tx<'_>, principal: PrincipalId, name: &str, provider: Provider) -> Result<ProviderId> {
    let new = NewWorkloadIdentityProvider { uid: uid(), principal, name: parse(name), provider };
    tx.insert_workload_identity_provider(&new, at(5))
}

/// The provider of a resource name in the project of a scene.
fn named(
    db: &Db,
    project: &str,
    principal: &'static str,
    name: &'static str,
) -> Option<WorkloadIdentityProvider> {
    let project = project.to_owned();
    db.read(move |tx| tx.workload_identity_provider(&project, &parse(principal), &parse(name)))
}

fn a_provider_is_found_by_its_resource_name(db: &mut Db) {
    let scene = db.scene();
    let project = db.read(move |tx| tx.owner_of_project(scene.project)).expect("it was made").1;
    let ((bot, bot_uid), github, _) = db.write(move |tx| {
        let bot = principal(tx, scene.organization, Some(scene.project), "bot")?;
        let github = insert(tx, bot.0, "github", oidc(&["a", "b"]))?;
        let cat = principal(tx, scene.organization, Some(scene.project), "cat")?;
        insert(tx, cat.0, "gitlab", oidc(&[]))?;
        Ok((bot.clone(), github, insert(tx, bot.0, "aws", aws())?))
    });
    let found = named(db, &project, "bot", "github").expect("it was made");
    assert_eq!(found.id, github);
    assert_eq!((found.name.as_str(), &found.provider), ("github", &oidc(&["a", "b"])));
    assert_eq!((found.principal, &found.principal_uid), (bot, &bot_uid));
    assert_eq!((found.principal_name.as_str(), &found.project_uid), ("bot", &project));
    assert_eq!(found.organization, scene.organization);
    assert_eq!((found.created_at, found.updated_at), (at(5), at(5)));
    assert_eq!(named(db, &project, "bot", "aws").map(|it| it.provider), Some(aws()));
    assert_eq!(named(db, &project, "bot", "gitlab"), None);
    assert_eq!(named(db, &project, "cat", "github"), None);
    assert_eq!(named(db, "nowhere", "bot", "github"), None);
    assert_eq!(named(db, "\0", "bot", "github"), None);
    let names = db.read(move |tx| tx.workload_identity_providers_of(bot));
    assert_eq!(names.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["aws", "github"]);
}

fn a_provider_is_changed_and_deleted(db: &mut Db) {
    let scene = db.scene();
    let project = db.read(move |tx| tx.owner_of_project(scene.project)).expect("it was made").1;
    let (bot, github) = db.write(move |tx| {
        let (bot, _) = principal(tx, scene.organization, Some(scene.project), "bot")?;
        Ok((bot, insert(tx, bot, "github", oidc(&["a"]))?))
    });
    let aws_id = db.write(move |tx| insert(tx, bot, "aws", aws()));
    let changed = Provider { description: String::new(), condition: "x == 1".to_owned(), ..oidc(&[]) };
    let wanted = changed.clone();
    db.write(move |tx| tx.update_workload_identity_provider(github, &wanted, at(9)));
    let found = named(db, &project, "bot", "github").expect("it is there");
    assert_eq!((&found.provider, found.created_at, found.updated_at), (&changed, at(5), at(9)));
    assert_eq!(named(db, &project, "bot", "aws").map(|it| it.provider), Some(aws()), "the other one stays");
    db.write(move |tx| tx.delete_workload_identity_provider(github));
    assert_eq!(named(db, &project, "bot", "github"), None);
    db.write(move |tx| tx.delete_principal(bot));
    assert_eq!(named(db, &project, "bot", "aws"), None);
    assert_eq!(db.read(move |tx| tx.first_exchange(aws_id, b"digest")), None);
}

fn a_provider_s_name_is_unique_in_its_principal(db: &mut Db) {
    let scene = db.scene();
    let (bot, cat) = db.write(move |tx| {
        let (bot, _) = principal(tx, scene.organization, Some(scene.project), "bot")?;
        Ok((bot, principal(tx, scene.organization, Some(scene.project), "cat")?.0))
    });
    db.write(move |tx| insert(tx, bot, "github", oidc(&[])));
    db.write(move |tx| insert(tx, bot, "GitHub", oidc(&[])));
    db.write(move |tx| insert(tx, cat, "github", oidc(&[])));
    let error = db.try_write(move |tx| insert(tx, bot, "github", aws())).expect_err("the name is taken");
    assert!(is_constraint(&error), "{error}");
}

fn providers_of_a_project_come_in_pages(db: &mut Db) {
    let (scene, other) = (db.scene(), db.scene());
    db.write(move |tx| {
        let (zoe, _) = principal(tx, scene.organization, Some(scene.project), "zoe")?;
        let (adam, _) = principal(tx, scene.organization, Some(scene.project), "adam")?;
        principal(tx, scene.organization, Some(scene.project), "without")?;
        let (away, _) = principal(tx, other.organization, Some(other.project), "away")?;
        for (principal, name) in [(zoe, "first"), (adam, "second"), (zoe, "third"), (away, "fourth")] {
            insert(tx, principal, name, aws())?;
        }
        Ok(())
    });
    let page = |after: (&'static str, ProviderId), limit: u32| {
        db.read(move |tx| tx.workload_identity_providers(scene.organization, scene.project, after, limit))
    };
    let names = |page: &[WorkloadIdentityProvider]| -> Vec<String> {
        page.iter().map(|it| format!("{}/{}", it.principal_name, it.name)).collect()
    };
    let all = page(("", ProviderId(0)), 10);
    assert_eq!(names(&all), ["adam/second", "zoe/first", "zoe/third"]);
    assert_eq!(page(("", ProviderId(0)), 2), all[..2]);
    assert_eq!(page(("zoe", all[1].id), 2), all[2..]);
    assert_eq!(page(("adam", all[0].id), 1), all[1..2]);
    assert_eq!(page(("zoe", all[2].id), 2), []);
}

fn an_exchanged_token_is_remembered_until_it_expires(db: &mut Db) {
    let scene = db.scene();
    let (bot, github, gitlab) = db.write(move |tx| {
        let (bot, _) = principal(tx, scene.organization, Some(scene.project), "bot")?;
        Ok((bot, insert(tx, bot, "github", oidc(&[]))?, insert(tx, bot, "gitlab", oidc(&[]))?))
    });
    db.write(move |tx| {
        tx.insert_exchange(github, b"one", at(10), at(100))?;
        tx.insert_exchange(github, b"two", at(20), at(200))
    });
    let first = |provider, digest: &'static [u8]| db.read(move |tx| tx.first_exchange(provider, digest));
    assert_eq!(first(github, b"one"), Some(at(10)));
    assert_eq!(first(github, b"three"), None);
    assert_eq!(first(gitlab, b"one"), None, "another provider, another exchange");
    let again = db.try_write(move |tx| tx.insert_exchange(github, b"one", at(11), at(100)));
    assert!(again.is_err_and(|error| is_constraint(&error)));

    assert!(!db.read(|tx| tx.has_expired_exchanges(at(100))));
    assert_eq!(db.write(|tx| tx.delete_expired_exchanges(at(100))), 0);
    assert!(db.read(|tx| tx.has_expired_exchanges(at(101))));
    assert_eq!(db.write(|tx| tx.delete_expired_exchanges(at(101))), 1);
    assert_eq!((first(github, b"one"), first(github, b"two")), (None, Some(at(20))));

    db.write(move |tx| tx.delete_principal(bot));
    assert_eq!(first(github, b"two"), None);
    assert!(!db.read(|tx| tx.has_expired_exchanges(at(1000))));
}
