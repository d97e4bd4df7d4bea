//! What a code is exchanged for, and when it is not.

use std::time::Duration;

use super::{REDIRECT, SDK, VERIFIER, ada, code, code_form, form, refused};

#[tokio::test]
async fn a_code_is_good_for_whoever_began_and_for_a_while() {
    let (registry, mut browser) = ada().await;
    let code = code(&mut browser).await;
    let good = code_form(&code);
    let ask = |form: String| {
        let registry = &registry;
        async move { refused(&registry.token_request(None, &form).await) }
    };
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for (form, word, part) in [
        (good.replace(VERIFIER, other), "invalid_grant", "code_verifier"),
        (good.replace(&format!("&code_verifier={VERIFIER}"), ""), "invalid_grant", "code_verifier"),
        (good.replace("49152", "49153"), "invalid_grant", "redirect_uri"),
        (good.replace("callback", "callback%2F"), "invalid_grant", "redirect_uri"),
        (good.replace(&form(&[("redirect_uri", REDIRECT)]), "x=y"), "invalid_grant", "redirect_uri"),
        (good.replace("client_id=waybill", &format!("client_id={SDK}")), "invalid_grant", "another client"),
        (good.replace("client_id=waybill", "client_id=evil"), "invalid_client", "no such client"),
        (good.replace("client_id=waybill", "x=y"), "invalid_request", "client_id"),
        (good.replace(&code, "x"), "invalid_grant", "not one of this registry"),
        (good.replace(&form(&[("code", &code)]), "x=y"), "invalid_request", "`code` is missing"),
        (format!("{good}&client_secret=s"), "invalid_client", "no secret"),
        (format!("{good}&code=x"), "invalid_request", "more than once"),
        (
            good.replace("authorization_code", "urn:ietf:params:oauth:grant-type:device_code"),
            "invalid_request",
            "device_code",
        ),
    ] {
        let (error, description) = ask(form.clone()).await;
        assert_eq!(error, word, "{form}: {description}");
        assert!(description.contains(part), "{form}: {description}");
    }
    let device = form(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", "waybill"),
        ("device_code", &code),
    ]);
    assert_eq!(ask(device).await.0, "invalid_grant", "a code is no device code");
    registry.token_request(None, &good).await.ok();

    let late = code_form(&super::code(&mut browser).await);
    registry.clock.advance(Duration::from_mins(2));
    let (error, description) = ask(late).await;
    assert_eq!((error.as_str(), description.contains("time of this code is over")), ("invalid_grant", true));
}

#[tokio::test]
async fn the_programs_of_people_have_no_credentials_of_their_own() {
    let (registry, _) = ada().await;
    for client in ["waybill", SDK] {
        let answer = registry.token_request(Some((client, "")), "grant_type=client_credentials").await;
        assert_eq!(refused(&answer).0, "invalid_client");
    }
}
