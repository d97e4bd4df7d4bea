//! Changing a policy while somebody else does.

use waybill_api::platform::{Policy, PolicyBinding};
use waybill_client::PolicyOf;

use crate::fake::{Fake, answer};

const PATH: &str = "/resource-manager/2019-12-10/projects/P/iam-policy";

/// Adds the role `roles/r`; there is nothing to change when the policy has it.
fn add(policy: &mut Policy) -> bool {
    if policy.bindings.iter().any(|binding| binding.role_id == "roles/r") {
        return false;
    }
    policy.bindings.push(PolicyBinding { role_id: "roles/r".into(), members: vec![] });
    true
}

fn policy(etag: &str) -> String {
    format!(r#"{{"policy": {{"etag": "{etag}"}}}}"#)
}

fn put(etag: &str) -> String {
    let bindings = r#"[{"role_id":"roles/r","members":[]}]"#;
    format!(r#"PUT {PATH} token-1 {{"policy":{{"bindings":{bindings},"etag":"{etag}"}}}}"#)
}

const CONFLICT: &str = r#"{"code": 10, "message": "the policy was changed by somebody else meanwhile"}"#;

#[tokio::test]
async fn a_policy_that_somebody_else_changed_is_read_again() {
    let fake = Fake::start().await;
    fake.will_answer([
        answer(200, &policy("one")),
        answer(409, CONFLICT),
        answer(200, &policy("two")),
        answer(200, &policy("three")),
    ]);
    let changed = fake.client().change_policy(&PolicyOf::Project("P".into()), add).await;
    assert!(changed.expect("the second attempt is in time"));
    let get = format!("GET {PATH} token-1");
    assert_eq!(fake.asked(), ["POST /oauth2/token".into(), get.clone(), put("one"), get, put("two")]);
}

#[tokio::test]
async fn nothing_is_written_when_there_is_nothing_to_change() {
    let fake = Fake::start().await;
    fake.will_answer([answer(200, r#"{"policy": {"bindings": [{"role_id": "roles/r"}], "etag": "e"}}"#)]);
    let changed = fake.client().change_policy(&PolicyOf::Project("P".into()), add).await;
    assert!(!changed.expect("it is read"));
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test]
async fn whoever_is_always_too_late_gives_up() {
    let fake = Fake::start().await;
    fake.will_answer((0..40).map(|turn| match turn % 2 {
        0 => answer(200, &policy("old")),
        _ => answer(409, CONFLICT),
    }));
    let error = fake.client().change_policy(&PolicyOf::Project("P".into()), add).await;
    assert!(error.expect_err("always too late").to_string().ends_with("by somebody else meanwhile"));
    assert_eq!(fake.asked().len(), 1 + 2 * 12);
}
