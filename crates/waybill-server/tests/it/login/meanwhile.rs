//! What happens between a question to the store and the change that it leads to: a session ends, a password is replaced.
//! Nothing that was begun before outlives that.
//!
//! The registry's only writer is held until both changes wait for it, the other one first.

use std::{sync::mpsc, time::Duration};

use waybill_store::Tx;

use super::{
    ADA, PASSWORD, REDIRECT, USERS, ada, authorization,
    browser::{Browser, Page},
    query,
};
use crate::running::Registry;

/// Sends a form while its changes have to wait for another one.
async fn submit_behind(
    registry: &Registry,
    change: impl Fn(&mut Tx<'_>) -> waybill_store::Result<()> + Send + 'static,
    browser: &mut Browser,
    page: &Page,
    members: &[(&str, &str)],
) -> Page {
    let (app, other) = (registry.server.app().clone(), registry.server.app().clone());
    let (release, released) = mpsc::channel::<()>();
    let (hold, taken) = tokio::sync::oneshot::channel();
    let (released, hold) = (std::sync::Mutex::new(released), std::sync::Mutex::new(Some(hold)));
    let holding = tokio::spawn(async move {
        let write = app.store.write(move |_| {
            hold.lock().expect("nobody panicked").take().expect("once").send(()).expect("somebody waits");
            released.lock().expect("nobody panicked").recv().expect("it is released");
            Ok::<_, waybill_store::Error>(())
        });
        write.await.expect("a writer");
    });
    taken.await.expect("the writer is held");
    let other = tokio::spawn(async move { other.store.write(change).await });
    let sent = async {
        let answer = browser.submit(page, members).await;
        other.await.expect("no panic").expect("a change");
        answer
    };
    let in_time = async {
        // Long enough for a password to be compared.
        tokio::time::sleep(Duration::from_secs(2)).await;
        release.send(()).expect("the writer waits");
    };
    let (answer, ()) = tokio::join!(sent, in_time);
    holding.await.expect("no panic");
    answer
}

/// As a new password does it.
async fn end_sessions(registry: &Registry) -> impl Fn(&mut Tx<'_>) -> waybill_store::Result<()> + use<> {
    let users = registry.api().await.get(USERS).await.ok();
    let uid = users["users"][0]["id"].as_str().expect("an identifier").to_owned();
    move |tx| {
        let person = tx.login(&uid)?.expect("ada");
        tx.delete_login_grants(person.principal)?;
        tx.delete_other_sessions(person.principal, "").map(drop)
    }
}

#[tokio::test]
async fn a_consent_does_not_outlive_its_session() {
    let (registry, mut browser) = ada().await;
    let consent = browser.get(&authorization(REDIRECT, "s")).await;
    let change = end_sessions(&registry).await;
    let answer = submit_behind(&registry, change, &mut browser, &consent, &[("decision", "allow")]).await;
    assert_eq!(answer.status, 401, "{}", answer.html);
}

#[tokio::test]
async fn an_approval_of_a_device_does_not_outlive_its_session() {
    let (registry, mut browser) = ada().await;
    let request = registry
        .request(reqwest::Method::POST, "/oauth2/device_authorization")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("client_id=waybill");
    let device = waybill_testkit::Answer::of(request).await.ok();
    let code = device["user_code"].as_str().expect("a code");
    let page = browser.get(&query("/device", &[("user_code", code)])).await;
    let change = end_sessions(&registry).await;
    let members = [("user_code", code), ("decision", "allow")];
    let answer = submit_behind(&registry, change, &mut browser, &page, &members).await;
    assert_eq!(answer.status, 401, "{}", answer.html);
}

#[tokio::test]
async fn a_login_by_a_password_that_is_replaced_is_none() {
    let (registry, _) = ada().await;
    let users = registry.api().await.get(USERS).await.ok();
    let uid = users["users"][0]["id"].as_str().expect("an identifier").to_owned();
    let mut browser = Browser::new(&registry);
    let page = browser.get("/login").await;
    let change = move |tx: &mut Tx<'_>| {
        let person = tx.login(&uid)?.expect("ada");
        tx.set_password_hash(person.principal, "another", jiff::Timestamp::UNIX_EPOCH)
    };
    let answer =
        submit_behind(&registry, change, &mut browser, &page, &[("email", ADA), ("password", PASSWORD)])
            .await;
    assert_eq!(answer.status, 401, "{}", answer.html);
    assert_eq!(browser.session(), None);
}
