//! How an answer becomes a value or an error, and how arguments become an address.

use waybill_api::{error::Code, own, secret::Secret};
use waybill_client::Error;

use crate::fake::{Fake, answer};

#[tokio::test]
async fn a_missing_version_is_not_found_though_its_code_is_another() {
    let fake = Fake::start().await;
    fake.will_answer([answer(409, r#"{"code": 10, "message": "no such version", "details": []}"#)]);
    let error = fake.registry().get_version("ubuntu", "f").await.expect_err("missing");
    assert_eq!(error.code(), Some(Code::Aborted));
    assert!(error.is_not_found());
    assert!(!error.is_already_exists(), "the HTTP status is that of another error");
}

#[tokio::test]
async fn an_answer_that_is_not_the_registrys_has_no_code() {
    let fake = Fake::start().await;
    fake.will_answer([answer(404, "<html>nginx</html>")]);
    let error = fake.registry().get_bucket("ubuntu").await.expect_err("refused");
    assert_eq!(error.code(), None);
    assert!(!error.is_not_found(), "a proxy does not know what exists");
    assert_eq!(
        error.to_string(),
        "PackerService_GetBucket: HTTP 404 Not Found, and no reason that can be read"
    );
}

#[tokio::test]
async fn an_answer_without_what_was_asked_for_is_an_error() {
    let fake = Fake::start().await;
    fake.will_answer([answer(200, ""), answer(200, "[]")]);
    let registry = fake.registry();
    for _ in 0..2 {
        let error = registry.get_bucket("ubuntu").await.expect_err("no bucket");
        assert!(matches!(error, Error::Unexpected { operation: "PackerService_GetBucket", .. }), "{error}");
    }
}

#[tokio::test]
async fn values_in_addresses_are_encoded() {
    let fake = Fake::start().await;
    fake.will_answer([answer(200, r#"{"version": {}}"#)]);
    fake.registry().get_version("a/b", "x y?#%").await.expect("a version");
    assert_eq!(
        fake.asked()[1],
        "GET /packer/2023-01-01/organizations/O/projects/P/buckets/a%2Fb/versions/x%20y%3F%23%25 token-1"
    );
}

#[tokio::test]
async fn values_that_would_address_something_else_are_not_sent() {
    let fake = Fake::start().await;
    for value in ["", ".", ".."] {
        let error = fake.registry().get_bucket(value).await.expect_err("refused here");
        assert_eq!(error.to_string(), format!("PackerService_GetBucket: `{value}` cannot be a bucket_name"));
    }
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn assigning_and_unassigning_go_by_the_mask() {
    let fake = Fake::start().await;
    fake.will_answer(vec![answer(200, r#"{"channel": {"id": "1"}}"#); 2]);
    let registry = fake.registry();
    registry.assign_channel("ubuntu", "prod", "f1").await.expect("a channel");
    registry.unassign_channel("ubuntu", "prod").await.expect("a channel");
    let path = "PATCH /packer/2023-01-01/organizations/O/projects/P/buckets/ubuntu/channels/prod token-1";
    assert_eq!(
        fake.asked()[1..],
        [
            format!(r#"{path} {{"version_fingerprint":"f1","update_mask":"versionFingerprint"}}"#),
            format!(r#"{path} {{"update_mask":"versionFingerprint"}}"#),
        ]
    );
}

#[tokio::test]
async fn operations_of_waybills_own() {
    let fake = Fake::start().await;
    let principal =
        r#"{"id":"1","name":"ci","kind":"service","created_at":"2026-01-02T03:04:05Z","roles":[],"keys":[]}"#;
    fake.will_answer([
        answer(200, &format!(r#"{{"principal":{principal},"client_id":"wb-1","client_secret":"wbs_1"}}"#)),
        answer(200, "{}"),
        answer(200, "{}"),
    ]);
    let client = fake.client();
    let body = own::CreatePrincipalBody {
        name: "ci".into(),
        role: own::Role::Contributor,
        project_id: Some("P".into()),
        bucket: None,
        without_key: false,
    };
    let made = client.create_principal("O", &body).await.expect("a principal");
    assert_eq!(made.client_secret.as_ref().map(Secret::expose), Some("wbs_1"));
    client.delete_principal("O", "1").await.expect("deleted");
    fake.registry().delete_version_by_force("ubuntu", "f", "broken & old").await.expect("deleted");
    let asked = fake.asked();
    assert_eq!(
        asked[1],
        r#"POST /api/v1/organizations/O/principals token-1 {"name":"ci","role":"contributor","project_id":"P"}"#
    );
    assert_eq!(asked[2], "DELETE /api/v1/organizations/O/principals/1 token-1");
    assert_eq!(
        asked[4],
        "DELETE /api/v1/organizations/O/projects/P/buckets/ubuntu/versions/f?force=true&reason=broken+%26+old token-2"
    );
}
