//! Logging in with a password, and changing it.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{ADA, PASSWORD, USERS, ada, audited, bearer, browser::Browser, code, code_form, person, tokens};
use crate::running::Registry;

#[tokio::test]
async fn a_person_logs_in_and_out() {
    let (registry, mut browser) = ada().await;
    let home = browser.get("/login").await;
    assert_eq!(home.status, 200);
    assert!(home.html.contains("You are logged in") && home.html.contains(ADA), "{}", home.html);
    let secret = browser.session().expect("a session").clone();
    assert_eq!(secret.len(), 43, "256 random bits");

    let out = browser.submit(&home, &[]).await;
    assert_eq!((out.status, out.location().as_str()), (303, "/login"));
    assert_eq!(browser.session(), None);
    browser.cookies.insert("__Host-waybill-session".to_owned(), secret);
    assert!(
        browser.get("/login").await.html.contains("Log in to"),
        "the session is over, not only forgotten"
    );

    let trail = audited(&registry).await;
    let of_ada: Vec<_> = trail.iter().filter_map(|row| row.strip_prefix(&format!("{ADA} "))).collect();
    assert!(of_ada[0].starts_with("session.create iam/organization/"), "{of_ada:?}");
    assert!(
        of_ada[0].contains("\"by\":\"password\"") && of_ada[0].contains("\"kind\":\"browser\""),
        "{of_ada:?}"
    );
    assert!(of_ada[1].starts_with("session.delete ") && of_ada[1].contains("logout"), "{of_ada:?}");
    assert!(trail.iter().all(|row| !row.contains(PASSWORD)));
}

#[tokio::test]
async fn nobody_learns_who_exists() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    person(&owner, ADA, None).await;
    owner.post(USERS, json!({ "email": "without@example.com" })).await.ok();
    let mut browser = Browser::new(&registry);
    let page = browser.get("/login").await;
    let mut answers = Vec::new();
    for (email, password) in [
        (ADA, "wrong horse battery"),
        ("nobody@example.com", PASSWORD),
        ("without@example.com", PASSWORD),
        ("without@example.com", ""),
        ("no address at all", PASSWORD),
        ("a\0@example.com", PASSWORD),
        (ADA, "\0"),
        (ADA, &"x".repeat(5000)),
    ] {
        let begun = Instant::now();
        let answer = browser.submit(&page, &[("email", email), ("password", password)]).await;
        assert_eq!(answer.status, 401, "{email}");
        assert!(Duration::from_millis(150) <= begun.elapsed(), "not even how long it takes tells");
        assert_eq!(browser.session(), None);
        answers.push(answer.html.replace(email, "").replace("a\u{fffd}@", ""));
    }
    assert!(answers[0].contains("the e-mail address or the password is wrong"));
    answers.truncate(4);
    answers.dedup();
    assert_eq!(answers.len(), 1, "all the same: {answers:?}");
    let failures: Vec<_> =
        audited(&registry).await.into_iter().filter(|row| row.contains("login.fail")).collect();
    assert_eq!(failures.iter().filter(|row| row.starts_with(ADA)).count(), 3);
    assert!(failures.iter().all(|row| !row.contains("nobody@")), "what was typed may be a password");
}

#[tokio::test]
async fn an_address_is_the_same_in_capitals() {
    let registry = Registry::start().await;
    person(&registry.api().await, ADA, None).await;
    Browser::new(&registry).log_in("  Ada@EXAMPLE.com ", PASSWORD).await;
}

#[tokio::test]
async fn one_returns_to_where_one_came_from_and_to_no_other_site() {
    let registry = Registry::start().await;
    person(&registry.api().await, ADA, None).await;
    for (asked, to) in [
        ("/device?user_code=BCDF-GHJK", "/device?user_code=BCDF-GHJK"),
        ("//evil.example/", "/login"),
        ("https://evil.example/", "/login"),
        ("/\\evil.example", "/login"),
        ("javascript:alert(1)", "/login"),
    ] {
        let mut browser = Browser::new(&registry);
        let page = browser.get(&super::query("/login", &[("return_to", asked)])).await;
        let fields = [("email", ADA), ("password", PASSWORD)];
        assert_eq!(browser.submit(&page, &fields).await.location(), to);
        let forged = [("email", ADA), ("password", PASSWORD), ("return_to", asked)];
        let mut browser = Browser::new(&registry);
        let page = browser.get("/login").await;
        assert_eq!(browser.submit(&page, &forged).await.location(), to);
        let again = browser.get(&super::query("/login", &[("return_to", asked)])).await;
        if to == "/login" {
            assert_eq!(again.status, 200);
        } else {
            assert_eq!(again.location(), to, "whoever is logged in goes on at once");
        }
    }
}

#[tokio::test]
async fn a_login_form_is_sent_by_the_browser_that_loaded_it() {
    let registry = Registry::start().await;
    person(&registry.api().await, ADA, None).await;
    let mut browser = Browser::new(&registry);
    let page = browser.get("/login").await;
    let fields = [("email", ADA), ("password", PASSWORD)];

    let mut other = Browser::new(&registry);
    let refused = other.submit(&page, &fields).await;
    assert_eq!((refused.status, other.session()), (403, None), "without the cookie");
    other.get("/login").await;
    assert_eq!(other.submit(&page, &fields).await.status, 403, "with another browser's form");
    assert_eq!(browser.submit(&page, &[fields[0], fields[1], ("csrf", "")]).await.status, 403);

    let body = super::form(&[fields[0], fields[1], ("csrf", "x")]);
    for (name, value) in
        [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("x-none", "1")]
    {
        let request = browser
            .bare(reqwest::Method::POST, "/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .header(name, value)
            .body(body.clone());
        let refused = browser.send(request).await;
        assert_eq!(refused.status, 403, "{name}");
        assert!(refused.html.contains("did not come from a page of this registry"), "{}", refused.html);
    }
    assert_eq!(browser.submit(&page, &fields).await.status, 303);
}

#[tokio::test]
async fn a_login_makes_a_session_that_nobody_knew_before() {
    let registry = Registry::start().await;
    person(&registry.api().await, ADA, None).await;
    let mut browser = Browser::new(&registry);
    browser.cookies.insert("__Host-waybill-session".to_owned(), "planted".to_owned());
    browser.log_in(ADA, PASSWORD).await;
    let first = browser.session().expect("a session").clone();
    assert_ne!(first, "planted");

    // The form of the login page itself is reached by logging in as somebody else, so from another tab.
    let mut tab = Browser::new(&registry);
    let page = tab.get("/login").await;
    tab.cookies.insert("__Host-waybill-session".to_owned(), first.clone());
    assert_eq!(tab.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await.status, 303);
    assert_ne!(tab.session(), Some(&first));
    assert!(browser.get("/login").await.html.contains("Log in to"), "the session before is over");
}

#[tokio::test]
async fn an_owner_gives_passwords_and_a_person_changes_theirs() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let id = person(&owner, ADA, None).await;
    let path = format!("{USERS}/{id}/password");
    let mut first = Browser::new(&registry);
    first.log_in(ADA, PASSWORD).await;
    let mut second = Browser::new(&registry);
    second.log_in(ADA, PASSWORD).await;
    let me = bearer(&registry, &tokens(&registry, &mut first).await);
    let on_its_way = code(&mut first).await;

    let new = "another horse battery";
    let check = |status, code, body| {
        let (me, path) = (&me, path.as_str());
        async move { me.put(path, body).await.fails(status, code) }
    };
    assert!(check(400, 3, json!({ "password": new })).await.contains("`current_password` is missing"));
    let wrong = json!({ "password": new, "current_password": "wrong" });
    assert!(check(403, 7, wrong).await.contains("not the password that you have now"));
    for bad in ["short", "", ADA, &"x".repeat(257)] {
        let body = json!({ "password": bad, "current_password": PASSWORD });
        check(400, 3, body).await;
    }
    me.put(&path, json!({ "password": new, "current_password": PASSWORD })).await.ok();

    me.get("/api/v1/whoami").await.ok();
    for browser in [&mut first, &mut second] {
        assert!(browser.get("/login").await.html.contains("Log in to"), "the other sessions are over");
    }
    let late = registry.token_request(None, &code_form(&on_its_way)).await;
    assert_eq!(super::refused(&late).0, "invalid_grant", "what was begun before ends as well");
    Browser::new(&registry).log_in(ADA, new).await;

    owner.put(&path, json!({ "password": PASSWORD })).await.ok();
    me.get("/api/v1/whoami").await.fails(401, 16);
    Browser::new(&registry).log_in(ADA, PASSWORD).await;
    assert!(
        owner
            .put(&path, json!({ "password": PASSWORD, "current_password": PASSWORD }))
            .await
            .fails(400, 3)
            .contains("only for oneself")
    );
    owner.put(&path, json!({ "password": PASSWORD, "colour": "red" })).await.fails(400, 3);
    owner.put(&path, json!({})).await.fails(400, 3);
    for unknown in ["01M8643YMKB2TB3HDPZASKCPR0", "x", "%00"] {
        owner
            .put(&format!("{USERS}/{unknown}/password"), json!({ "password": PASSWORD }))
            .await
            .fails(404, 5);
    }
    let set = audited(&registry)
        .await
        .into_iter()
        .filter(|row| row.contains(" password.set iam/"))
        .collect::<Vec<_>>();
    assert_eq!(set.len(), 3, "{set:?}");
    assert!(set[1].starts_with(ADA) && set[2].starts_with("owner "), "{set:?}");
}

#[tokio::test]
async fn only_an_owner_gives_passwords_to_others() {
    let (registry, mut browser) = ada().await;
    let owner = registry.api().await;
    let bob = person(&owner, "bob@example.com", None).await;
    let body = || json!({ "password": "whatever it may be" });
    let me = bearer(&registry, &tokens(&registry, &mut browser).await);
    me.put(&format!("{USERS}/{bob}/password"), body()).await.fails(403, 7);
    me.put(&format!("{USERS}/01M8643YMKB2TB3HDPZASKCPR0/password"), body()).await.fails(403, 7);
    let (id, secret) = owner.create_principal("bot", "admin", waybill_testkit::Scope::Organization).await;
    let bot = registry.api_of(&id, &secret).await;
    bot.put(&format!("{USERS}/{bob}/password"), body()).await.fails(403, 7);
    registry.nobody().put(&format!("{USERS}/{bob}/password"), body()).await.fails(401, 16);
}
