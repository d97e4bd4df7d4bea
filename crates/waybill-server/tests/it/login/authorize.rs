//! The page that asks whether a program may act for somebody, and the code that comes of it.

use super::{
    ADA, PASSWORD, REDIRECT, SDK_REDIRECT, ada, audited, authorization, bearer, browser::Browser, code,
    code_form, form, member, query, refused, sdk_authorization,
};

#[tokio::test]
async fn a_program_is_let_in_by_a_person_who_sees_what_it_is() {
    let (registry, _) = ada().await;
    let mut browser = Browser::new(&registry);
    let asked = authorization(REDIRECT, "st&ate ü");
    let login = browser.get(&asked).await;
    assert_eq!(login.status, 303);
    assert!(login.location().starts_with("/login?return_to=%2Foauth2%2Fauth%3F"), "{}", login.location());
    let login = browser.get(&login.location()).await;
    let back = browser.submit(&login, &[("email", ADA), ("password", PASSWORD)]).await.location();
    assert_eq!(back, asked);

    let consent = browser.get(&back).await;
    assert_eq!(consent.status, 200, "{}", consent.html);
    for shown in ["the waybill command line", "http://127.0.0.1:49152", ADA, "Allow", "Refuse"] {
        assert!(consent.html.contains(shown), "{shown}: {}", consent.html);
    }
    assert!(consent.header("content-security-policy").ends_with("form-action 'self' http://127.0.0.1:49152"));
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_eq!(answer.status, 303);
    let location = answer.location();
    assert!(location.starts_with("http://127.0.0.1:49152/callback?code="), "{location}");
    assert_eq!(member(&location, "state").as_deref(), Some("st&ate ü"));
    assert_eq!(member(&location, "iss").as_deref(), Some(registry.server.public_url()));

    let code = member(&location, "code").expect("a code");
    let tokens = registry.token_request(None, &code_form(&code)).await.ok();
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["token_type"], "bearer");
    assert!(tokens["refresh_token"].as_str().is_some_and(|token| token.starts_with("wbr_")), "{tokens}");
    let me = bearer(&registry, &tokens);
    assert_eq!(me.get("/api/v1/whoami").await.ok()["principal"]["name"], ADA);
    me.get("buckets").await.ok();
    assert_eq!(
        me.get("/iam/2019-12-10/caller-identity").await.ok()["principal"]["type"],
        "PRINCIPAL_TYPE_USER"
    );
    let made = audited(&registry).await.into_iter().filter(|row| row.contains("\"kind\":\"client\""));
    assert_eq!(made.filter(|row| row.starts_with("ada@example.com session.create")).count(), 1);
}

#[tokio::test]
async fn hcps_sdk_gets_its_tokens_as_it_asks_for_them() {
    let (registry, mut browser) = ada().await;
    let consent = browser.get(&sdk_authorization("abc")).await;
    assert!(consent.html.contains("SDK"), "{}", consent.html);
    let location = browser.submit(&consent, &[("decision", "allow")]).await.location();
    assert!(location.starts_with("http://localhost:8443/oidc/callback?code="), "{location}");
    let code = member(&location, "code").expect("a code");
    // Its OAuth library sends the id in the header, with an empty secret.
    let exchange = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", SDK_REDIRECT)];
    let tokens = registry.token_request(Some((super::SDK, "")), &form(&exchange)).await.ok();
    bearer(&registry, &tokens).get("buckets").await.ok();
    let refresh =
        [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let next = registry.token_request(Some((super::SDK, "")), &form(&refresh)).await.ok();
    bearer(&registry, &next).get("buckets").await.ok();
}

#[tokio::test]
async fn a_person_may_refuse() {
    let (registry, mut browser) = ada().await;
    let consent = browser.get(&authorization(REDIRECT, "s")).await;
    for decision in ["deny", "", "ALLOW"] {
        let location = browser.submit(&consent, &[("decision", decision)]).await.location();
        assert_eq!(member(&location, "error").as_deref(), Some("access_denied"), "{location}");
        assert_eq!(member(&location, "state").as_deref(), Some("s"));
        assert_eq!(member(&location, "iss").as_deref(), Some(registry.server.public_url()));
        assert_eq!(member(&location, "code"), None);
    }
}

#[tokio::test]
async fn a_consent_is_given_by_the_session_that_was_asked() {
    let (registry, mut browser) = ada().await;
    super::person(&registry.api().await, "bob@example.com", None).await;
    let mut other = Browser::new(&registry);
    other.log_in("bob@example.com", PASSWORD).await;
    let hers = browser.get(&authorization(REDIRECT, "s")).await;
    let his = other.get(&authorization(REDIRECT, "s")).await;

    assert_eq!(other.submit(&hers, &[("decision", "allow")]).await.status, 403, "her form");
    let ticket = |html: &str| {
        let from = html.find("name=\"ticket\" value=\"").expect("a ticket") + 21;
        html[from..].split('"').next().expect("a value").to_owned()
    };
    let stolen = [("decision", "allow"), ("ticket", &ticket(&hers.html))];
    assert_eq!(other.submit(&his, &stolen).await.status, 403, "his form with her ticket");
    let changed = ticket(&his.html).replacen('e', "f", 1);
    for ticket in [changed.as_str(), "", "a.b"] {
        assert_eq!(other.submit(&his, &[("decision", "allow"), ("ticket", ticket)]).await.status, 403);
    }
    let mut nobody = Browser::new(&registry);
    assert_eq!(nobody.submit(&hers, &[("decision", "allow")]).await.status, 401);
    let request = browser
        .bare(reqwest::Method::POST, "/oauth2/consent")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://evil.example")
        .body("decision=allow");
    assert_eq!(browser.send(request).await.status, 403);

    registry.clock.advance(std::time::Duration::from_mins(30));
    let late = browser.submit(&hers, &[("decision", "allow")]).await;
    assert_eq!(late.status, 403);
    assert!(late.html.contains("open for too long"), "{}", late.html);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_told_to_whom_it_concerns() {
    let (_registry, mut browser) = ada().await;
    let good = authorization(REDIRECT, "s");
    for (asked, status) in [
        (good.replace("client_id=waybill", "client_id=evil"), 400),
        (good.replace("127.0.0.1", "10.0.0.1"), 400),
        (good.replace("http%3A", "https%3A"), 400),
        (good.replace("127.0.0.1", "evil.example"), 400),
        ("/oauth2/auth".to_owned(), 400),
    ] {
        let page = browser.get(&asked).await;
        assert_eq!(page.status, status, "{asked}");
        assert_eq!(
            page.headers.get("location"),
            None,
            "nothing goes to an address that is not the program's"
        );
        assert!(page.html.contains("That did not work"), "{}", page.html);
    }
    for (asked, error) in [
        (good.replace("response_type=code", "response_type=token"), "unsupported_response_type"),
        (good.replace("response_type=code&", ""), "invalid_request"),
        (good.replace("S256", "plain"), "invalid_request"),
        (
            query(
                "/oauth2/auth",
                &[("response_type", "code"), ("client_id", "waybill"), ("redirect_uri", REDIRECT)],
            ),
            "invalid_request",
        ),
    ] {
        let location = browser.get(&asked).await.location();
        assert!(location.starts_with(REDIRECT), "{location}");
        assert_eq!(member(&location, "error").as_deref(), Some(error), "{location}");
        assert!(member(&location, "error_description").is_some() && member(&location, "iss").is_some());
    }
}

#[tokio::test]
async fn somebody_else_may_log_in_instead() {
    let (registry, mut browser) = ada().await;
    super::person(&registry.api().await, "bob@example.com", None).await;
    let consent = browser.get(&authorization(REDIRECT, "s")).await;
    let from = consent.html.find("action=\"/logout\"").expect("a way out");
    let rest = super::browser::Page {
        status: 200,
        headers: consent.headers,
        html: format!("<form {}", &consent.html[from..]),
    };
    let back = browser.submit(&rest, &[]).await.location();
    assert!(back.starts_with("/oauth2/auth?"), "{back}");
    let login = browser.get(&back).await.location();
    let login = browser.get(&login).await;
    let back =
        browser.submit(&login, &[("email", "bob@example.com"), ("password", PASSWORD)]).await.location();
    assert!(browser.get(&back).await.html.contains("bob@example.com"));
}

#[tokio::test]
async fn nobody_is_let_in_twice_with_a_code() {
    let (registry, mut browser) = ada().await;
    let code = code(&mut browser).await;
    let tokens = registry.token_request(None, &code_form(&code)).await.ok();
    let me = bearer(&registry, &tokens);
    me.get("/api/v1/whoami").await.ok();
    let (error, description) = refused(&registry.token_request(None, &code_form(&code)).await);
    assert_eq!(error, "invalid_grant");
    assert!(description.contains("used before"), "{description}");
    me.get("/api/v1/whoami").await.fails(401, 16);
    let refresh = form(&[
        ("grant_type", "refresh_token"),
        ("client_id", "waybill"),
        ("refresh_token", tokens["refresh_token"].as_str().expect("a token")),
    ]);
    assert_eq!(refused(&registry.token_request(None, &refresh).await).0, "invalid_grant");
    assert!(audited(&registry).await.iter().any(|row| row.contains("its code was used again")));
}
