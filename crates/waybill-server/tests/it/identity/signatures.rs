//! Whom the audit trail names: principals of one name are told apart, and so are the credentials of one principal.

use serde_json::json;
use waybill_model::ids::Uid;
use waybill_testkit::Scope;

use super::{PRINCIPALS, WHOAMI, user, user_id};
use crate::{running::Registry, trail::trail};

/// Author and credential of each change of a kind.
async fn signed(registry: &Registry, action: &str) -> Vec<(String, Option<String>)> {
    let rows = trail(registry).await.into_iter().filter(|row| row.action == action);
    rows.map(|row| (row.principal, row.credential)).collect()
}

#[tokio::test]
async fn principals_of_one_name_are_told_apart() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let mut expected = Vec::new();
    for bucket in ["debian", "ubuntu"] {
        let (client_id, secret) = owner.create_principal("bot", "contributor", Scope::Project).await;
        let bot = registry.api_of(&client_id, &secret).await;
        bot.create_bucket(bucket).await;
        let id = bot.get(WHOAMI).await.ok()["principal"]["id"].as_str().expect("an id").to_owned();
        owner.delete(&format!("{PRINCIPALS}/{id}")).await.ok();
        let rows = trail(&registry).await;
        let [.., made, _, gone] = &rows[..] else { panic!("{rows:#?}") };
        let detail = json!({ "client_id": client_id, "id": id, "role": "contributor" }).to_string();
        assert_eq!((made.action.as_str(), &made.detail), ("principal.create", &detail));
        let detail = json!({ "id": id }).to_string();
        assert_eq!((gone.action.as_str(), &gone.detail), ("principal.delete", &detail));
        expected.push((format!("bot ({id})"), Some(client_id)));
    }
    assert_ne!(expected[0].0, expected[1].0);
    assert_eq!(signed(&registry, "bucket.create").await, expected);
}

#[tokio::test]
async fn credentials_of_one_principal_are_told_apart() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let id = user_id(&owner, "ada@example.com", Some("owner")).await;
    for bucket in ["debian", "ubuntu"] {
        user(&registry, &id).await.in_project(owner.project_id()).create_bucket(bucket).await;
    }
    let signed_by_ada = signed(&registry, "bucket.create").await;
    let [(first, Some(one)), (second, Some(other))] = &signed_by_ada[..] else { panic!("{signed_by_ada:?}") };
    assert_eq!([first, second], [&format!("ada@example.com ({id})"); 2]);
    assert!(one.parse::<Uid>().is_ok() && other.parse::<Uid>().is_ok(), "two sessions: {one} {other}");
    assert_ne!(one, other);

    let me = owner.get(WHOAMI).await.ok();
    let by_owner = format!("owner ({})", me["principal"]["id"].as_str().expect("an id"));
    let client_id = Some(registry.owner("client_id").to_owned());
    assert_eq!(signed(&registry, "user.create").await, [(by_owner, client_id)]);
    assert_eq!(signed(&registry, "principal.create").await, [("waybill".to_owned(), None)]);
}
