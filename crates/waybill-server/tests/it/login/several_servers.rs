//! Several servers on one database: a login that one began another ends.

use waybill_testkit::postgres;

use super::{
    ADA, PASSWORD, REDIRECT, authorization, bearer, browser::Browser, code_form, form, member, person,
};
use crate::running::Registry;

#[tokio::test]
async fn any_server_goes_on_with_what_another_began() {
    let database = postgres::database();
    let first = Registry::start_on(&database.url(), None).await.expect("a registry");
    let second = Registry::start_on(&database.url(), Some(&first.clock)).await.expect("another");
    person(&first.api().await, ADA, Some("viewer")).await;

    let mut browser = Browser::new(&first);
    let [here, there] = [&first, &second].map(|registry| format!("http://{}", registry.server.address()));
    let page = browser.get("/login").await;
    browser.origin.clone_from(&there);
    let answer = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 303, "the form of one, sent to the other: {}", answer.html);
    browser.origin.clone_from(&here);
    let consent = browser.get(&authorization(REDIRECT, "s")).await;
    browser.origin.clone_from(&there);
    let location = browser.submit(&consent, &[("decision", "allow")]).await.location();
    let code = member(&location, "code").expect("a code");
    let tokens = first.token_request(None, &code_form(&code)).await.ok();
    let refresh = form(&[
        ("grant_type", "refresh_token"),
        ("client_id", "waybill"),
        ("refresh_token", tokens["refresh_token"].as_str().expect("a token")),
    ]);
    let next = second.token_request(None, &refresh).await.ok();
    let again = first.token_request(None, &refresh).await.ok();
    assert_eq!(next["refresh_token"], again["refresh_token"], "at the same moment, on another server");

    // The second server has no owner's file; its API is asked as Ada.
    let me = bearer(&first, &next).at(&there);
    assert_eq!(me.get("/api/v1/whoami").await.ok()["principal"]["name"], ADA);
    bearer(&first, &tokens).delete("/api/v1/session").await.ok();
    me.get("/api/v1/whoami").await.fails(401, 16);
}
