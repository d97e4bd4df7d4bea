//! Tokens of a login: taken from where they are kept, renewed by one of several, and kept again.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use secrecy::ExposeSecret;
use waybill_client::{Client, DeviceProgress, Error, Identity, Login, SessionStore, SessionTokens};

use crate::fake::{Answer, Fake, answer};

/// A place for tokens in memory. What another program does while the lock is waited for is `meanwhile`.
#[derive(Debug)]
struct Memory {
    tokens: Mutex<SessionTokens>,
    meanwhile: Mutex<Option<SessionTokens>>,
}

fn tokens(access: &str, refresh: &str, seconds: u64) -> SessionTokens {
    SessionTokens {
        access_token: access.into(),
        refresh_token: refresh.into(),
        expires_in: Some(Duration::from_secs(seconds)),
    }
}

impl Memory {
    fn new(tokens: SessionTokens) -> Arc<Self> {
        Arc::new(Self { tokens: Mutex::new(tokens), meanwhile: Mutex::default() })
    }

    fn kept(&self) -> String {
        let tokens = self.tokens.lock().expect("nobody panics with it");
        format!("{} {}", tokens.access_token.expose_secret(), tokens.refresh_token.expose_secret())
    }
}

impl SessionStore for Memory {
    fn load(&self) -> Result<SessionTokens, Error> {
        Ok(self.tokens.lock().expect("nobody panics with it").clone())
    }

    fn lock(&self) -> Result<Box<dyn Send>, Error> {
        if let Some(tokens) = self.meanwhile.lock().expect("nobody panics with it").take() {
            *self.tokens.lock().expect("nobody panics with it") = tokens;
        }
        Ok(Box::new(()))
    }

    fn save(&self, tokens: &SessionTokens) -> Result<(), Error> {
        *self.tokens.lock().expect("nobody panics with it") = tokens.clone();
        Ok(())
    }
}

fn client(fake: &Fake, store: &Arc<Memory>) -> Client {
    Client::new(&fake.config_as(Identity::Session(store.clone()))).expect("a client")
}

fn granted(access: &str, refresh: &str) -> Answer {
    let text = format!(r#"{{"access_token": "{access}", "refresh_token": "{refresh}", "expires_in": 3600}}"#);
    answer(200, &text)
}

fn list(token: &str) -> String {
    format!("GET /resource-manager/2019-12-10/organizations {token}")
}

const RENEWAL: &str = "POST /oauth2/token grant_type=refresh_token&client_id=waybill&refresh_token=r1";

#[tokio::test]
async fn a_token_that_is_kept_is_used_as_it_is() {
    let fake = Fake::start().await;
    let store = Memory::new(tokens("token-7", "r1", 3600));
    fake.will_answer([answer(200, "{}")]);
    client(&fake, &store).organizations().all().await.expect("a list");
    assert_eq!(fake.asked(), [list("token-7")]);
}

#[tokio::test]
async fn a_token_at_its_end_is_renewed_and_kept() {
    let fake = Fake::start().await;
    let store = Memory::new(tokens("token-7", "r1", 15));
    fake.will_answer_tokens([granted("token-8", "r2")]).will_answer([answer(200, "{}")]);
    client(&fake, &store).organizations().all().await.expect("a list");
    assert_eq!(fake.asked(), [RENEWAL.to_owned(), list("token-8")]);
    assert_eq!(store.kept(), "token-8 r2");
}

#[tokio::test]
async fn a_refused_token_is_renewed_though_it_looks_good() {
    let fake = Fake::start().await;
    let store = Memory::new(tokens("token-7", "r1", 3600));
    let refusal = answer(401, r#"{"code": 16, "message": "the token is not known"}"#);
    fake.will_answer_tokens([granted("token-8", "r2")]).will_answer([refusal, answer(200, "{}")]);
    client(&fake, &store).organizations().all().await.expect("a list");
    assert_eq!(fake.asked(), [list("token-7"), RENEWAL.to_owned(), list("token-8")]);
}

#[tokio::test]
async fn what_another_program_has_renewed_is_not_renewed_again() {
    let fake = Fake::start().await;
    let store = Memory::new(tokens("token-7", "r1", 0));
    *store.meanwhile.lock().expect("nobody panics with it") = Some(tokens("token-9", "r3", 3600));
    fake.will_answer([answer(200, "{}")]);
    client(&fake, &store).organizations().all().await.expect("a list");
    assert_eq!(fake.asked(), [list("token-9")]);
    assert_eq!(store.kept(), "token-9 r3");
}

#[tokio::test]
async fn a_login_that_is_over_is_told() {
    let fake = Fake::start().await;
    let store = Memory::new(tokens("token-7", "r1", 0));
    let over = r#"{"error": "invalid_grant", "error_description": "this login is over"}"#;
    fake.will_answer_tokens([answer(400, over)]);
    let error = client(&fake, &store).organizations().all().await.expect_err("over");
    assert!(error.to_string().ends_with("refused the login: invalid_grant: this login is over"), "{error}");
    assert_eq!(store.kept(), "token-7 r1", "nothing is kept in its place");
}

#[tokio::test]
async fn asking_for_a_device_code_goes_on_until_there_is_a_decision() {
    let fake = Fake::start().await;
    let login = Login::new(&fake.config()).expect("a client");
    let word = |word: &str| answer(400, &format!(r#"{{"error": "{word}"}}"#));
    fake.will_answer_tokens([
        word("authorization_pending"),
        word("slow_down"),
        granted("token-8", "r2"),
        word("access_denied"),
    ]);
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(match login.poll_device("d").await {
            Ok(DeviceProgress::Pending) => "pending".to_owned(),
            Ok(DeviceProgress::SlowDown) => "slow down".to_owned(),
            Ok(DeviceProgress::Done(tokens)) => tokens.access_token.expose_secret().to_owned(),
            Err(Error::LoginRefused { error, .. }) => error,
            Err(error) => panic!("{error}"),
        });
    }
    assert_eq!(seen, ["pending", "slow down", "token-8", "access_denied"]);
    let asked = "POST /oauth2/token grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code\
                 &client_id=waybill&device_code=d";
    assert_eq!(fake.asked(), [asked; 4]);
}

#[tokio::test]
async fn a_code_is_exchanged_with_what_it_was_asked_for_with() {
    let fake = Fake::start().await;
    let login = Login::new(&fake.config()).expect("a client");
    fake.will_answer_tokens([granted("token-8", "r2"), answer(200, r#"{"access_token": "token-9"}"#)]);
    let tokens = login.redeem("c+1", "http://127.0.0.1:1/callback", "v").await.expect("tokens");
    assert_eq!(tokens.expires_in, Some(Duration::from_hours(1)));
    assert_eq!(
        fake.asked(),
        ["POST /oauth2/token grant_type=authorization_code&client_id=waybill&code=c%2B1\
          &redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcallback&code_verifier=v"]
    );
    let error = login.redeem("c", "http://127.0.0.1:1/callback", "v").await.expect_err("no refresh token");
    assert!(error.to_string().contains("no `refresh_token` from http://127.0.0.1:"), "{error}");
}
