//! Logging in at an OpenID Connect provider.

use std::time::Duration;

use serde_json::{Value, json};
use waybill_server::login::ProviderOptions;
use waybill_testkit::{
    Api,
    issuer::{Algorithm, Client, Issuer, User},
};

use super::{
    ADA, PASSWORD, REDIRECT, USERS, audited, authorization, bearer,
    browser::{Browser, Page},
    member, person, query,
};
use crate::running::Registry;

const GROUPS: &str = "/iam/2019-12-10/iam/organization/{organization_id}/groups";
const OWN_GROUPS: &str = "/api/v1/organizations/{organization_id}/groups";

/// A provider where Ada is signed in, and a registry that lets people in from there.
async fn start(change: impl FnOnce(&mut ProviderOptions)) -> (Registry, Issuer) {
    let issuer = Issuer::start().await;
    issuer.set_time(1_800_000_000);
    let mut options = ProviderOptions {
        issuer: issuer.url().to_owned(),
        client_id: "registry".to_owned(),
        client_secret: Some("s3cret".into()),
        name: "Staff SSO".to_owned(),
        scope: "openid email profile".to_owned(),
        groups_claim: "groups".to_owned(),
        condition: None,
    };
    change(&mut options);
    let registry = Registry::start_configured(|config| {
        config.egress.allow = vec!["127.0.0.1".parse().expect("an address")];
        config.login_provider = Some(options);
    })
    .await;
    issuer.register(Client {
        id: "registry".to_owned(),
        secret: "s3cret".to_owned(),
        redirects: vec![format!("{}/login/callback", registry.server.public_url())],
    });
    issuer.sign_in(Some(User::new("sub-ada", ADA)));
    (registry, issuer)
}

/// Sends a browser to the provider; returns where the provider sends it back to, as a path.
async fn away(registry: &Registry, browser: &mut Browser, path: &str) -> String {
    let begun = browser.get(path).await;
    assert_eq!(begun.status, 303, "{}", begun.html);
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
    let answer = client.expect("a client").get(begun.location()).send().await.expect("the provider answers");
    let back = answer.headers().get("location").expect("a way back").to_str().expect("an address").to_owned();
    let public = registry.server.public_url();
    back.strip_prefix(public).unwrap_or_else(|| panic!("{back} is not at {public}")).to_owned()
}

/// The whole way; returns the answer at its end.
async fn log_in(registry: &Registry, browser: &mut Browser) -> Page {
    let back = away(registry, browser, "/login/provider").await;
    browser.get(&back).await
}

/// The API as whoever is logged in in the browser, by a program.
async fn api(registry: &Registry, browser: &mut Browser) -> Api {
    bearer(registry, &super::tokens(registry, browser).await)
}

#[track_caller]
fn refused(page: &Page, status: u16, part: &str) {
    assert_eq!(page.status, status, "{}", page.html);
    assert!(page.html.contains(part), "{part}: {}", page.html);
}

#[tokio::test]
async fn somebody_new_is_let_in_and_may_do_nothing_yet() {
    let (registry, _issuer) = start(|_| {}).await;
    let mut browser = Browser::new(&registry);
    let asked = authorization(REDIRECT, "s");
    let login = browser.get(&asked).await.location();
    let login = browser.get(&login).await;
    assert!(login.html.contains("Log in with Staff SSO"), "{}", login.html);
    let link = login.html.split("href=\"/login/provider").nth(1).and_then(|rest| rest.split('"').next());
    let link =
        format!("/login/provider{}", link.expect("a link").replace("&#38;", "&").replace("&amp;", "&"));
    let back = away(&registry, &mut browser, &link).await;
    let done = browser.get(&back).await;
    assert_eq!((done.status, done.location()), (303, asked), "where she began");
    assert!(!browser.cookies.contains_key("__Host-waybill-provider"), "nothing of the attempt is left");

    let me = api(&registry, &mut browser).await;
    let whoami = me.get("/api/v1/whoami").await.ok();
    assert_eq!((&whoami["principal"]["name"], &whoami["roles"]), (&ADA.into(), &json!([])));
    me.get("buckets").await.fails(404, 5);
    let trail = audited(&registry).await;
    let made = trail.iter().find(|row| row.contains(" user.create ")).expect("a trace");
    assert!(made.starts_with(ADA) && made.contains("sub-ada"), "{made}");
    assert!(trail.iter().any(|row| row.contains("\"by\":\"provider\"")));
    assert_eq!(registry.nobody().get("/api/v1/login").await.ok()["provider"], json!({ "name": "Staff SSO" }));

    let mut again = Browser::new(&registry);
    assert_eq!(log_in(&registry, &mut again).await.status, 303);
    let id = api(&registry, &mut again).await.get("/api/v1/whoami").await.ok()["principal"]["id"].clone();
    assert_eq!(id, whoami["principal"]["id"], "the same person");
}

#[tokio::test]
async fn a_person_is_known_by_the_providers_name_for_them() {
    let (registry, issuer) = start(|_| {}).await;
    let mut browser = Browser::new(&registry);
    log_in(&registry, &mut browser).await;
    let id = api(&registry, &mut browser).await.get("/api/v1/whoami").await.ok()["principal"]["id"].clone();

    issuer.sign_in(Some(User::new("sub-ada", "ada.lovelace@example.com")));
    let mut browser = Browser::new(&registry);
    assert_eq!(log_in(&registry, &mut browser).await.status, 303, "with another address");
    let me = api(&registry, &mut browser).await.get("/api/v1/whoami").await.ok();
    assert_eq!((&me["principal"]["id"], &me["principal"]["name"]), (&id, &ADA.into()));

    issuer.sign_in(Some(User::new("sub-other", ADA)));
    let mut browser = Browser::new(&registry);
    let page = log_in(&registry, &mut browser).await;
    refused(&page, 403, "is known here in another way");
    assert_eq!(browser.session(), None, "somebody else with her address");
}

#[tokio::test]
async fn a_person_with_a_password_is_not_taken_over() {
    let (registry, _issuer) = start(|_| {}).await;
    person(&registry.api().await, ADA, Some("owner")).await;
    let mut browser = Browser::new(&registry);
    refused(&log_in(&registry, &mut browser).await, 403, "is known here in another way");
    assert_eq!(browser.session(), None);
    Browser::new(&registry).log_in(ADA, PASSWORD).await;
}

#[tokio::test]
async fn a_person_who_was_made_beforehand_is_bound() {
    let (registry, issuer) = start(|_| {}).await;
    let owner = registry.api().await;
    let made = owner.post(USERS, json!({ "email": ADA, "role": "viewer" })).await.ok();
    let mut browser = Browser::new(&registry);
    assert_eq!(log_in(&registry, &mut browser).await.status, 303);
    let me = api(&registry, &mut browser).await;
    assert_eq!(me.get("/api/v1/whoami").await.ok()["principal"]["id"], made["user"]["id"]);
    me.get("buckets").await.ok();
    let id = made["user"]["id"].as_str().expect("an identifier");
    let user = owner.get(&format!("{USERS}/{id}")).await.ok();
    assert_eq!(user["user"]["issuer"], issuer.url());
    assert!(audited(&registry).await.iter().any(|row| row.contains(" user.bind ")));

    let refused = owner.put(&format!("{USERS}/{id}/password"), json!({ "password": PASSWORD })).await;
    assert!(refused.fails(400, 9).contains("logs in at the login provider"));
    issuer.sign_in(Some(User::new("sub-other", ADA)));
    self::refused(
        &log_in(&registry, &mut Browser::new(&registry)).await,
        403,
        "is known here in another way",
    );
}

#[tokio::test]
async fn groups_follow_the_provider_at_each_login() {
    let (registry, issuer) = start(|_| {}).await;
    let owner = registry.api().await;
    for (name, external) in [("web", Some("sso-web")), ("ops", Some("sso-ops")), ("kept", None)] {
        let made = owner.post(GROUPS, json!({ "name": name })).await.ok();
        let id = made["group"]["resource_id"].as_str().expect("an identifier").to_owned();
        if let Some(external) = external {
            owner.patch(&format!("{OWN_GROUPS}/{id}"), json!({ "external_name": external })).await.ok();
        }
    }
    let mut browser = Browser::new(&registry);
    let with = |groups: &[&str]| {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        issuer.sign_in(Some(User { groups, ..User::new("sub-ada", ADA) }));
    };
    let members = async || -> Vec<String> {
        let groups = owner.get(OWN_GROUPS).await.ok();
        let users = owner.get(USERS).await.ok();
        let ada = users["users"].as_array().and_then(|users| users.first()).expect("she is there").clone();
        let is_in =
            |group: &&Value| ada["groups"].as_array().is_some_and(|groups| groups.contains(&group["id"]));
        let groups = groups["groups"].as_array().expect("groups").iter().filter(is_in);
        groups.map(|group| group["display_name"].as_str().expect("a name").to_owned()).collect()
    };
    with(&["sso-web", "kept", "unknown"]);
    log_in(&registry, &mut browser).await;
    assert_eq!(members().await, ["web"], "a group that is kept by hand is not followed");
    with(&["sso-ops", "sso-web"]);
    log_in(&registry, &mut browser).await;
    let mut now = members().await;
    now.sort();
    assert_eq!(now, ["ops", "web"]);
    with(&["sso-ops"]);
    log_in(&registry, &mut browser).await;
    assert_eq!(members().await, ["ops"]);
    issuer.id_token(json!({ "groups": null }));
    log_in(&registry, &mut browser).await;
    assert_eq!(members().await, [""; 0], "who is in no group any more is in none");
    let changes = audited(&registry).await.into_iter().filter(|row| row.contains("group.update-members"));
    assert_eq!(changes.filter(|row| row.starts_with(ADA)).count(), 4);
}

#[tokio::test]
async fn a_login_takes_no_last_owner_away() {
    let (registry, issuer) = start(|_| {}).await;
    let owner = registry.api().await;
    let mut members = Vec::new();
    for name in ["old", "new"] {
        let made = owner.post(GROUPS, json!({ "name": name })).await.ok();
        let id = made["group"]["resource_id"].as_str().expect("an identifier").to_owned();
        owner.patch(&format!("{OWN_GROUPS}/{id}"), json!({ "external_name": name })).await.ok();
        members.push(json!({ "member_id": id, "member_type": "GROUP" }));
    }
    let mut browser = Browser::new(&registry);
    let mut log_in_with = async |groups: &[&str]| {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        issuer.sign_in(Some(User { groups, ..User::new("sub-ada", ADA) }));
        assert_eq!(log_in(&registry, &mut browser).await.status, 303);
        let me = api(&registry, &mut browser).await;
        let ada = me.get(USERS).await.json()["users"][0].clone();
        (me, ada["groups"].as_array().cloned())
    };
    log_in_with(&["old"]).await;
    let policy = "/resource-manager/2019-12-10/organizations/{organization_id}/iam-policy";
    let etag = owner.get(policy).await.ok()["policy"]["etag"].clone();
    let bindings = json!([{ "role_id": "roles/owner", "members": members }]);
    owner.put(policy, json!({ "policy": { "bindings": bindings, "etag": etag } })).await.ok();

    let [old, new] = [0, 1].map(|group: usize| Some(vec![members[group]["member_id"].clone()]));
    assert_eq!(log_in_with(&[]).await.1, old, "nobody else owns the organization");
    assert_eq!(log_in_with(&["new"]).await.1, new, "as the owner that she is in another way now");
    let changes: Vec<_> = audited(&registry).await.into_iter().filter(|row| row.starts_with(ADA)).collect();
    let kept = |row: &&String| row.contains("group/old") && row.contains("nobody else owns the organization");
    assert_eq!(changes.iter().filter(kept).count(), 1, "{changes:?}");

    let (me, _) = log_in_with(&["new"]).await;
    me.post(USERS, json!({ "email": "bob@example.com", "role": "owner" })).await.ok();
    assert_eq!(log_in_with(&[]).await.1, None, "somebody else is an owner, and she has no role any more");
}

#[tokio::test]
async fn a_condition_says_who_may_log_in_at_all() {
    let condition = r#""staff" in jwt_claims.groups and jwt_claims.email matches `@example\.com$`"#;
    let (registry, issuer) =
        start(|options| options.condition = Some(condition.parse().expect("a condition"))).await;
    let mut browser = Browser::new(&registry);
    refused(&log_in(&registry, &mut browser).await, 403, "you may not log in to this registry");
    assert_eq!(browser.session(), None);
    assert!(audited(&registry).await.iter().all(|row| !row.contains("user.create")), "nobody was made");
    issuer.sign_in(Some(User { groups: vec!["staff".to_owned()], ..User::new("sub-ada", ADA) }));
    assert_eq!(log_in(&registry, &mut browser).await.status, 303);
}

#[tokio::test]
async fn only_the_browser_that_began_can_end() {
    let (registry, _issuer) = start(|_| {}).await;
    let mut browser = Browser::new(&registry);
    let back = away(&registry, &mut browser, "/login/provider").await;
    let mut other = Browser::new(&registry);
    refused(&other.get(&back).await, 403, "has begun no login");
    away(&registry, &mut other, "/login/provider").await;
    refused(&other.get(&back).await, 403, "not the answer to the login that this browser began last");
    let state = member(&format!("http://x{back}"), "state").expect("a state");
    for changed in [
        back.replace(&state, "x"),
        back.replace("state=", "other="),
        format!("{back}&state={state}"),
        back.replace(&state, &state.to_uppercase()),
    ] {
        refused(&browser.get(&changed).await, 403, "not the answer");
    }
    refused(
        &browser.get(&format!("{back}&iss=https%3A%2F%2Fevil.example")).await,
        403,
        "another login provider",
    );
    let sealed = browser.cookies["__Host-waybill-provider"].clone();
    browser.cookies.insert("__Host-waybill-provider".to_owned(), sealed.replacen('e', "f", 1));
    refused(&browser.get(&back).await, 403, "has begun no login");
    browser.cookies.insert("__Host-waybill-provider".to_owned(), sealed.clone());
    assert_eq!(browser.get(&back).await.status, 303);
    refused(&browser.get(&back).await, 403, "has begun no login");
    browser.cookies.insert("__Host-waybill-provider".to_owned(), sealed);
    refused(&browser.get(&back).await, 503, "could not log you in");

    let late = away(&registry, &mut browser, "/login/provider").await;
    registry.clock.advance(Duration::from_mins(15));
    refused(&browser.get(&late).await, 403, "too long ago");
}

#[tokio::test]
async fn a_token_that_is_not_for_this_login_does_not_count() {
    let (registry, issuer) = start(|_| {}).await;
    let mut browser = Browser::new(&registry);
    for (claims, part) in [
        (json!({ "nonce": "other" }), "nonce"),
        (json!({ "nonce": null }), "nonce"),
        (json!({ "aud": "other" }), "is meant for"),
        (json!({ "aud": ["registry", "other"] }), "azp"),
        (json!({ "azp": "other" }), "azp"),
        (json!({ "iss": "https://evil.example" }), "of issuer"),
        (json!({ "exp": 1_799_999_000 }), "expired"),
        (json!({ "sub": null }), "`sub`"),
        (json!({ "email": null }), "`email`"),
        (json!({ "email": "no address" }), "`email`"),
        (json!({ "email_verified": false }), "not verified"),
    ] {
        issuer.id_token(claims.clone());
        refused(&log_in(&registry, &mut browser).await, 403, part);
        assert_eq!(browser.session(), None, "{claims}");
    }
    issuer.id_token(json!({}));
    issuer.rotate(Algorithm::ES256);
    refused(&log_in(&registry, &mut browser).await, 403, "no key");
    registry.clock.advance(Duration::from_secs(40));
    assert_eq!(log_in(&registry, &mut browser).await.status, 303, "with a new key");
    assert_eq!(audited(&registry).await.iter().filter(|row| row.contains("user.create")).count(), 1);
}

#[tokio::test]
async fn what_the_provider_refuses_is_said() {
    let (registry, issuer) = start(|_| {}).await;
    issuer.sign_in(None);
    let mut browser = Browser::new(&registry);
    refused(
        &log_in(&registry, &mut browser).await,
        403,
        "Staff SSO did not log you in: access_denied nobody is signed in",
    );
    issuer.fail(true);
    registry.clock.advance(Duration::from_hours(25));
    refused(&browser.get("/login/provider").await, 503, "could not log you in at the moment");

    let (registry, _issuer) = start(|options| options.client_secret = Some("wrong".into())).await;
    let page = log_in(&registry, &mut Browser::new(&registry)).await;
    refused(&page, 503, "could not log you in at the moment");
    assert!(!page.html.contains("invalid_client"), "that is for the log");
    let none = Registry::start().await;
    refused(&Browser::new(&none).get("/login/provider").await, 404, "no login provider");
    refused(
        &Browser::new(&none).get(&query("/login/callback", &[("code", "x")])).await,
        404,
        "no login provider",
    );
}

#[tokio::test]
async fn nobody_is_sent_to_another_site_afterwards() {
    let (registry, _issuer) = start(|_| {}).await;
    for evil in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        let mut browser = Browser::new(&registry);
        let back = away(&registry, &mut browser, &query("/login/provider", &[("return_to", evil)])).await;
        assert_eq!(browser.get(&back).await.location(), "/login");
    }
}

#[tokio::test]
async fn a_provider_that_is_none_any_more_is_no_reason_to_stay_out() {
    let (registry, _issuer) = start(|_| {}).await;
    let mut browser = Browser::new(&registry);
    log_in(&registry, &mut browser).await;
    let me = api(&registry, &mut browser).await.get("/api/v1/whoami").await.ok();
    let path = format!("{USERS}/{}/password", me["principal"]["id"].as_str().expect("an identifier"));
    registry.api().await.put(&path, json!({ "password": PASSWORD })).await.fails(400, 9);
    let registry = registry.restart().await;
    registry.api().await.put(&path, json!({ "password": PASSWORD })).await.ok();
    Browser::new(&registry).log_in(ADA, PASSWORD).await;
}

#[tokio::test]
async fn the_provider_is_not_asked_about_codes_without_end() {
    let (registry, issuer) = start(|options| options.client_secret = Some("wrong".into())).await;
    for _ in 0..30 {
        refused(&log_in(&registry, &mut Browser::new(&registry)).await, 503, "could not log you in");
    }
    let page = log_in(&registry, &mut Browser::new(&registry)).await;
    refused(&page, 429, "too many attempts have failed: wait 1 second");
    drop(issuer);
}
