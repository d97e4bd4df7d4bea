//! Several servers on one PostgreSQL are one registry.

use std::time::Duration;

use waybill_testkit::{Api, Scope, postgres};

use super::{PRINCIPALS, WHOAMI, pick, principal};
use crate::running::Registry;

/// The caller of one server at another.
fn at(caller: &Api, server: &Registry) -> Api {
    caller.at(&format!("http://{}", server.server.address()))
}

#[tokio::test]
async fn servers_share_identity() {
    let database = postgres::database();
    let one = Registry::start_on(&database.url(), None).await.expect("the first server");
    let two = Registry::start_on(&database.url(), Some(&one.clock)).await.expect("the second server");
    assert!(one.folder().join("owner.json").exists());
    assert!(!two.folder().join("owner.json").exists(), "the owner was made before");

    let owner = one.api().await;
    let here = owner.get(WHOAMI).await.ok();
    assert_eq!(at(&owner, &two).get(WHOAMI).await.ok(), here);

    // Each finds what the other made, by either list.
    let admin = principal(&one, &owner, "admin", "admin", Scope::Project).await;
    let listed = at(&owner, &two).get(PRINCIPALS).await.ok();
    assert_eq!(pick(&listed, "principals", "name"), ["owner", "admin"]);
    let listed = at(&admin, &two).get(PRINCIPALS).await.ok();
    assert_eq!(pick(&listed, "principals", "name"), ["admin"]);

    // A principal that one server deletes is refused by the other at once.
    let bot = principal(&one, &owner, "bot", "viewer", Scope::Project).await;
    let id = at(&bot, &two).get(WHOAMI).await.ok()["principal"]["id"].as_str().expect("an id").to_owned();
    at(&bot, &two).get("buckets").await.ok();
    owner.delete(&format!("{PRINCIPALS}/{id}")).await.ok();
    at(&bot, &two).get("buckets").await.fails(401, 16);

    // A key that one server makes is read by the other when it is needed.
    let app = one.server.app();
    let rotated =
        app.tokens.rotate(&app.store, app.ids.as_ref(), app.clock.now(), jiff::SignedDuration::ZERO);
    assert!(rotated.await.expect("rotated"));
    one.clock.advance(Duration::from_mins(2));
    let later = one.api().await;
    at(&later, &two).get(WHOAMI).await.ok();
    at(&owner, &two).get(WHOAMI).await.ok();
    two.server.stop().await;
    one.server.stop().await;
}

#[tokio::test]
async fn servers_that_start_together_make_one_owner() {
    let database = postgres::database();
    let url = database.url();
    let (one, two) = tokio::join!(Registry::start_on(&url, None), Registry::start_on(&url, None));
    let (one, two) = (one.expect("a server"), two.expect("a server"));
    assert_eq!(database.query("SELECT count(*) FROM organizations").trim(), "1");
    assert_eq!(database.query("SELECT count(*) FROM principals").trim(), "1");
    assert_eq!(database.query("SELECT count(*) FROM secrets").trim(), "3");
    let has_owner = |server: &Registry| server.folder().join("owner.json").exists();
    assert_ne!(has_owner(&one), has_owner(&two), "exactly one has the owner's credentials");
    let (with, without) = if has_owner(&one) { (one, two) } else { (two, one) };
    let owner = with.api().await;
    at(&owner, &without).get("buckets").await.ok();
    without.server.stop().await;
    with.server.stop().await;
}

#[tokio::test]
async fn no_text_of_a_request_upsets_postgresql() {
    let database = postgres::database();
    let registry = Registry::start_on(&database.url(), None).await.expect("a server");
    let owner = registry.api().await;
    let nul = "\0";
    assert_eq!(registry.token(nul, nul).await.status(), 401);
    owner.get("/resource-manager/2019-12-10/projects/%00").await.fails(404, 5);
    owner.get("/resource-manager/2019-12-10/organizations/%00").await.fails(404, 5);
    owner.get("/resource-manager/2019-12-10/projects?scope.id=%00").await.fails(403, 7);
    owner.delete(&format!("{PRINCIPALS}/%00")).await.fails(404, 5);
    for caller in [owner.in_organization("%00"), owner.in_project("%00")] {
        let answer = caller.get("buckets").await;
        assert!((400..500).contains(&answer.status()), "{answer:?}");
    }
    let answer = owner.in_organization("%00").get(PRINCIPALS).await;
    assert!((400..500).contains(&answer.status()), "{answer:?}");
    let body = serde_json::json!({"name": "bot", "role": "viewer", "project_id": "a\0b"});
    let answer = owner.post(PRINCIPALS, body).await;
    assert!((400..500).contains(&answer.status()), "{answer:?}");
    registry.server.stop().await;
}
