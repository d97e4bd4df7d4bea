//! Tokens: fetched once, kept, replaced once when refused.

use waybill_client::Error;

use crate::fake::{Fake, answer};

const EMPTY: &str = r#"{"buckets": []}"#;

#[tokio::test]
async fn one_token_serves_many_calls() {
    let fake = Fake::start().await;
    let registry = fake.registry();
    fake.will_answer([answer(200, EMPTY), answer(200, EMPTY)]);
    for _ in 0..2 {
        registry.list_buckets().all().await.expect("a list");
    }
    let list = "GET /packer/2023-01-01/organizations/O/projects/P/buckets?sorting.order_by=name token-1";
    assert_eq!(fake.asked(), ["POST /oauth2/token", list, list]);
}

#[tokio::test]
async fn callers_that_start_together_share_one_token() {
    let fake = Fake::start().await;
    let registry = fake.registry();
    fake.will_answer([answer(200, EMPTY), answer(200, EMPTY)]);
    let (one, two) = tokio::join!(registry.list_buckets().all(), registry.list_buckets().all());
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(fake.asked().iter().filter(|line| *line == "POST /oauth2/token").count(), 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let fake = Fake::start().await;
    let client = fake.client();
    fake.will_answer([answer(200, "{}"), answer(200, "{}")]);
    client.organizations().all().await.expect("a list");
    fake.revoke_tokens();
    client.organizations().all().await.expect("a list, with the second token");
    let list = |token| format!("GET /resource-manager/2019-12-10/organizations {token}");
    assert_eq!(
        fake.asked(),
        [
            "POST /oauth2/token".to_owned(),
            list("token-1"),
            list("token-1"),
            "POST /oauth2/token".to_owned(),
            list("token-2")
        ]
    );
}

#[tokio::test]
async fn a_second_refusal_is_the_answer() {
    let fake = Fake::start().await;
    let refusal = answer(401, r#"{"code": 16, "message": "this principal was deleted"}"#);
    fake.will_answer([refusal.clone(), refusal]);
    let error = fake.client().organizations().all().await.expect_err("refused");
    assert_eq!(error.to_string(), "OrganizationService_List: this principal was deleted");
    assert_eq!(fake.asked().len(), 4);
}

#[tokio::test]
async fn a_token_near_its_end_is_not_used_again() {
    let fake = Fake::start().await;
    let client = fake.client();
    let short = answer(200, r#"{"access_token": "token-9", "expires_in": "15"}"#);
    fake.will_answer_tokens([short.clone(), short]).will_answer([answer(200, "{}"), answer(200, "{}")]);
    for _ in 0..2 {
        client.organizations().all().await.expect("a list");
    }
    assert_eq!(fake.asked().iter().filter(|line| *line == "POST /oauth2/token").count(), 2);
}

#[tokio::test]
async fn a_token_without_an_end_is_kept() {
    let fake = Fake::start().await;
    let client = fake.client();
    fake.will_answer_tokens([answer(200, r#"{"access_token": "token-9"}"#)]);
    fake.will_answer([answer(200, "{}"), answer(200, "{}")]);
    for _ in 0..2 {
        client.organizations().all().await.expect("a list");
    }
    assert_eq!(fake.asked().iter().filter(|line| *line == "POST /oauth2/token").count(), 1);
}

#[tokio::test]
async fn wrong_credentials_are_told_as_the_server_tells_them() {
    let fake = Fake::start().await;
    let body = r#"{"error": "invalid_client", "error_description": "unknown client id"}"#;
    fake.will_answer_tokens([answer(401, body)]);
    let error = fake.client().organizations().all().await.expect_err("refused");
    let said = matches!(&error, Error::CredentialsRefused { message, .. }
        if message == "invalid_client: unknown client id");
    assert!(said, "{error}");
    assert_eq!(fake.asked(), ["POST /oauth2/token"], "a wrong secret does not get better by repeating");
}

#[tokio::test]
async fn an_answer_without_a_token_is_an_error() {
    let fake = Fake::start().await;
    fake.will_answer_tokens([answer(200, "<html>welcome</html>")]);
    let error = fake.client().organizations().all().await.expect_err("no token");
    assert!(
        error
            .to_string()
            .starts_with("OAuth2_Token: unexpected answer: no `access_token` from http://127.0.0.1:")
    );
}

#[tokio::test]
async fn nothing_secret_is_in_debug_output() {
    let fake = Fake::start().await;
    let text = format!("{:?} {:?}", fake.config(), fake.client());
    assert!(!text.contains("se:cret"), "{text}");
}
