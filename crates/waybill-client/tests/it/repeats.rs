//! What is sent again, and what is not.

use std::time::Duration;

use waybill_api::{
    error::Code,
    hcp::{BuildStatus, CreateBucketBody, UpdateBuildBody},
};
use waybill_client::{Backoff, Client, Endpoint, Error, Tls};

use crate::fake::{Answer, Fake, answer};

const UNAVAILABLE: &str = r#"{"code": 14, "message": "too much to do"}"#;

fn heartbeat() -> UpdateBuildBody {
    UpdateBuildBody { status: Some(BuildStatus::Running), ..UpdateBuildBody::default() }
}

/// How often an operation was asked, tokens left out.
fn attempts(fake: &Fake) -> usize {
    fake.asked().iter().filter(|line| *line != "POST /oauth2/token").count()
}

async fn read_after(answers: impl IntoIterator<Item = Answer>) -> (Result<(), Error>, usize) {
    let fake = Fake::start().await;
    fake.will_answer(answers);
    let outcome = fake.registry().get_bucket("ubuntu").await.map(|_| ());
    (outcome, attempts(&fake))
}

async fn create_after(answers: impl IntoIterator<Item = Answer>) -> (Result<(), Error>, usize) {
    let fake = Fake::start().await;
    fake.will_answer(answers);
    let outcome = fake.registry().create_bucket(&CreateBucketBody::default()).await.map(|_| ());
    (outcome, attempts(&fake))
}

#[tokio::test]
async fn a_read_is_repeated_while_the_registry_is_unavailable() {
    let bucket = answer(200, r#"{"bucket": {"name": "ubuntu"}}"#);
    let (outcome, attempts) = read_after([answer(503, UNAVAILABLE), answer(502, "<html>"), bucket]).await;
    assert!(outcome.is_ok());
    assert_eq!(attempts, 3);
}

#[tokio::test]
async fn repeating_ends_with_the_last_answer() {
    let (outcome, attempts) = read_after(vec![answer(503, UNAVAILABLE); 5]).await;
    let error = outcome.expect_err("unavailable");
    assert_eq!(error.code(), Some(Code::Unavailable));
    assert_eq!(error.to_string(), "PackerService_GetBucket: too much to do");
    assert_eq!(attempts, 3);
}

#[tokio::test]
async fn an_answer_of_the_registry_is_not_questioned() {
    for (status, code) in [(400, 9), (403, 7), (404, 5), (409, 6), (500, 13)] {
        let body = format!(r#"{{"code": {code}, "message": "no"}}"#);
        let (outcome, attempts) = read_after([answer(status, &body)]).await;
        assert_eq!(outcome.expect_err("no").code().map(Code::number), Some(code));
        assert_eq!(attempts, 1, "HTTP {status}");
    }
}

#[tokio::test]
async fn a_creation_is_not_repeated_when_its_fate_is_unknown() {
    let (outcome, attempts) = create_after([answer(503, UNAVAILABLE)]).await;
    assert_eq!(outcome.expect_err("unavailable").code(), Some(Code::Unavailable));
    assert_eq!(attempts, 1);
}

#[tokio::test]
async fn a_creation_that_was_turned_away_is_repeated() {
    let busy = answer(429, r#"{"code": 8, "message": "slow down"}"#);
    let (outcome, attempts) = create_after([busy, answer(200, r#"{"bucket": {}}"#)]).await;
    assert!(outcome.is_ok());
    assert_eq!(attempts, 2);
}

#[tokio::test]
async fn a_report_of_a_build_is_repeated() {
    let fake = Fake::start().await;
    fake.will_answer([answer(504, ""), answer(200, r#"{"build": {"id": "1"}}"#)]);
    let build = fake.registry().update_build("ubuntu", "f", "1", &heartbeat()).await.expect("a build");
    assert_eq!(build.id, "1");
    let path = "PATCH /packer/2023-01-01/organizations/O/projects/P/buckets/ubuntu/versions/f/builds/1";
    let line = format!(r#"{path} token-1 {{"status":"BUILD_RUNNING"}}"#);
    assert_eq!(fake.asked(), ["POST /oauth2/token".to_owned(), line.clone(), line]);
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let begun = std::time::Instant::now();
    let wait = answer(503, UNAVAILABLE).header("retry-after", "1");
    let (outcome, _) = read_after([wait, answer(200, r#"{"bucket": {}}"#)]).await;
    assert!(outcome.is_ok());
    assert!(Duration::from_secs(1) <= begun.elapsed());
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let begun = std::time::Instant::now();
    let (outcome, attempts) = read_after([answer(503, UNAVAILABLE).header("retry-after", "3600")]).await;
    assert_eq!(outcome.expect_err("unavailable").code(), Some(Code::Unavailable));
    assert_eq!(attempts, 1);
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn a_token_request_is_repeated_too() {
    let fake = Fake::start().await;
    fake.will_answer_tokens([answer(503, "")]).will_answer([answer(200, r#"{"bucket": {}}"#)]);
    assert!(fake.registry().get_bucket("ubuntu").await.is_ok());
}

#[tokio::test]
async fn silence_ends_in_an_error_that_says_so() {
    let fake = Fake::start().await;
    let mut config = fake.config();
    config.attempt_limit = Duration::from_millis(200);
    config.backoff = Backoff::none();
    fake.will_answer([answer(200, "{}").after(Duration::from_mins(1))]);
    let client = Client::new(&config).expect("a client");
    let error = client.organizations().all().await.expect_err("no answer");
    assert!(matches!(error, Error::TimedOut { operation: "OrganizationService_List", .. }), "{error}");
}

#[tokio::test]
async fn nobody_there_is_an_error_that_names_the_address() {
    let fake = Fake::start().await;
    let mut config = fake.config();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let url = format!("http://{address}").parse().expect("an address");
    config.api = Endpoint::new(url, Tls::Verified);
    let error = Client::new(&config).expect("a client").organizations().all().await.expect_err("nobody");
    assert_eq!(error.to_string(), format!("OrganizationService_List: cannot reach http://{address}"));
}
