use std::sync::atomic::{AtomicU8, Ordering};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use waybill_store::{Database, Durability, Options};

use super::*;

/// Never the same twice.
struct Counter(AtomicU8);

impl Ids for Counter {
    fn random(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// A database with one signing key.
struct Installation {
    _folder: TempDir,
    store: Store,
    ids: Counter,
}

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minute * 60).expect("a time")
}

fn seconds(at: Timestamp, seconds: i64) -> Timestamp {
    at + SignedDuration::from_secs(seconds)
}

impl Installation {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options { durability: Durability::Off, ..Options::default() };
        let store =
            Store::open(&Database::Sqlite(folder.path().join("waybill.db")), &options).expect("a store");
        let ids = Counter(AtomicU8::new(1));
        let key = NewKey::generate(&ids, minute(0));
        store.write(move |tx| key.insert_first(tx, minute(0))).await.expect("a key");
        Self { _folder: folder, store, ids }
    }

    /// One of the servers on the database.
    async fn server(&self, now: Timestamp) -> Tokens {
        Tokens::open(&self.store, "here", now).await.expect("keys")
    }

    async fn issue(&self, tokens: &Tokens, now: Timestamp) -> String {
        let ids: &dyn Ids = &self.ids;
        let new = NewToken { id: ids.uid(now), principal: "P", credential: "wb-c" };
        let issued = tokens.issue(&self.store, &new, now).await.expect("a token");
        issued.token.expose_secret().to_owned()
    }

    async fn verify(&self, tokens: &Tokens, token: &str, now: Timestamp) -> Result<String, String> {
        match tokens.verify(&self.store, token, now).await {
            Ok(caller) => Ok(format!("{} {}", caller.principal, caller.credential)),
            Err(Refusal::Malformed) => Err("malformed".to_owned()),
            Err(Refusal::Foreign) => Err("foreign".to_owned()),
            Err(Refusal::Expired(_)) => Err("expired".to_owned()),
            Err(Refusal::Keys(error)) => Err(error.to_string()),
        }
    }

    async fn rotate(&self, tokens: &Tokens, now: Timestamp) {
        let made = tokens.rotate(&self.store, &self.ids, now, SignedDuration::ZERO).await;
        assert!(made.expect("rotated"));
    }

    async fn n_keys(&self) -> usize {
        let keys = self.store.read(|tx| tx.secrets("token-signing")).await;
        keys.expect("keys").len()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with results")]
fn good() -> Result<String, String> {
    Ok("P wb-c".to_owned())
}

fn bad<T>(reason: &str) -> Result<T, String> {
    Err(reason.to_owned())
}

/// Header or claims of a token.
fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base 64")).expect("JSON")
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test]
async fn a_token_lives_an_hour() {
    let installation = Installation::new().await;
    let tokens = installation.server(minute(0)).await;
    let token = installation.issue(&tokens, minute(5)).await;
    for (now, expected) in [
        (minute(5), good()),
        (seconds(minute(65), -1), good()),
        (minute(65), bad("expired")),
        (minute(500), bad("expired")),
    ] {
        let fresh = installation.server(minute(0)).await;
        assert_eq!(installation.verify(&tokens, &token, now).await, expected, "cached");
        assert_eq!(installation.verify(&fresh, &token, now).await, expected, "after a restart");
    }
}

#[tokio::test]
async fn a_token_says_what_it_is() {
    let installation = Installation::new().await;
    let tokens = installation.server(minute(0)).await;
    let token = installation.issue(&tokens, minute(0)).await;
    let header = part(&token, 0);
    assert_eq!(header["alg"], "EdDSA");
    assert!(header["kid"].is_string());
    let claims = part(&token, 1);
    let id = claims["jti"].as_str().expect("an identifier");
    assert!(id.parse::<Uid>().is_ok());
    let expected = json!({
        "iss": "here",
        "aud": "https://api.hashicorp.cloud",
        "sub": "P",
        "client_id": "wb-c",
        "jti": id,
        "iat": 1_800_000_000,
        "exp": 1_800_003_600,
    });
    assert_eq!(claims, expected);
    assert!(token.len() < TOKEN_BYTES / 4);
}

#[tokio::test]
async fn a_token_of_another_server_is_told_from_nonsense() {
    let installation = Installation::new().await;
    let tokens = installation.server(minute(0)).await;
    let token = installation.issue(&tokens, minute(0)).await;
    let claims = token.split('.').nth(1).expect("claims");
    let signature = token.rsplit('.').next().expect("a signature");
    let (header, now) = (part(&token, 0), minute(0));

    let with_header = |change: Value| {
        let mut header = header.clone();
        for (name, value) in change.as_object().expect("members") {
            header[name] = value.clone();
        }
        format!("{}.{claims}.{signature}", encode(&header))
    };
    let mut other_claims = part(&token, 1);
    other_claims["sub"] = "somebody else".into();
    for foreign in [
        with_header(json!({ "alg": "none" })),
        with_header(json!({ "alg": "HS256" })),
        with_header(json!({ "alg": "RS256", "kid": "x" })),
        with_header(json!({ "kid": null })),
        with_header(json!({ "kid": "x" })),
        with_header(json!({ "kid": "x".repeat(5000) })),
        format!("{}.{}.{signature}", encode(&header), encode(&other_claims)),
        format!("{}.{claims}.", encode(&header)),
        format!("{}.{claims}.{}", encode(&header), "A".repeat(86)),
    ] {
        assert_eq!(installation.verify(&tokens, &foreign, now).await, bad("foreign"), "{foreign}");
    }
    for malformed in ["", "abc", "a.b.c", "ey", &token[..100], &format!("{token}.x")] {
        assert_eq!(installation.verify(&tokens, malformed, now).await, bad("malformed"), "{malformed}");
    }
    assert_eq!(installation.verify(&tokens, &token, now).await, good());
}

#[tokio::test]
async fn the_public_key_is_no_hmac_secret() {
    let installation = Installation::new().await;
    let tokens = installation.server(minute(0)).await;
    let token = installation.issue(&tokens, minute(0)).await;
    let kid = part(&token, 0)["kid"].as_str().map(str::to_owned);
    let keys = tokens.keys.load();
    let public = keys.find(kid.as_deref().expect("a key")).expect("known").verify.try_get_as_bytes();
    let header = Header { kid, ..Header::new(Algorithm::HS256) };
    let secret = EncodingKey::from_secret(public.expect("bytes"));
    let forged = jsonwebtoken::encode(&header, &part(&token, 1), &secret).expect("encoded");
    assert_eq!(installation.verify(&tokens, &forged, minute(0)).await, bad("foreign"));
}

#[tokio::test]
async fn issuer_and_audience_must_be_ours() {
    let installation = Installation::new().await;
    let tokens = installation.server(minute(0)).await;
    let token = installation.issue(&tokens, minute(0)).await;
    let keys = tokens.keys.load_full();
    let key = keys.signing(minute(0)).expect("a key");
    let sign = |claims: &Value| {
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &key.sign).expect("encoded")
    };
    let claims = part(&token, 1);
    assert_eq!(installation.verify(&tokens, &sign(&claims), minute(0)).await, good());
    for (name, value) in [
        ("iss", json!("there")),
        ("iss", json!(null)),
        ("aud", json!("https://elsewhere.example")),
        ("aud", json!(null)),
        ("exp", json!(null)),
        ("exp", json!("never")),
        ("sub", json!(null)),
        ("client_id", json!(null)),
    ] {
        let mut claims = claims.clone();
        claims[name] = value;
        assert_eq!(installation.verify(&tokens, &sign(&claims), minute(0)).await, bad("foreign"), "{claims}");
    }
}

#[tokio::test]
async fn two_installations_do_not_accept_each_others_tokens() {
    let (one, two) = (Installation::new().await, Installation::new().await);
    // The keys have the same name, as if somebody had copied it.
    two.rotate(&two.server(minute(0)).await, minute(0)).await;
    let token = one.issue(&one.server(minute(5)).await, minute(5)).await;
    assert_eq!(
        two.verify(&two.server(minute(5)).await, &token, minute(5)).await,
        good(),
        "same key, same issuer"
    );
    let other = Tokens::open(&two.store, "there", minute(5)).await.expect("keys");
    assert_eq!(two.verify(&other, &token, minute(5)).await, bad("foreign"));
}

#[tokio::test]
async fn tokens_outlive_the_rotation_of_keys() {
    let installation = Installation::new().await;
    let (one, two) = (installation.server(minute(0)).await, installation.server(minute(0)).await);
    let before = installation.issue(&one, minute(100)).await;
    installation.rotate(&one, minute(110)).await;

    let announced = installation.issue(&one, minute(110)).await;
    assert_eq!(part(&announced, 0)["kid"], part(&before, 0)["kid"], "a key is announced before it signs");
    let after = installation.issue(&one, minute(111)).await;
    assert_ne!(part(&after, 0)["kid"], part(&before, 0)["kid"]);

    for token in [&before, &announced, &after] {
        assert_eq!(installation.verify(&one, token, minute(112)).await, good());
        assert_eq!(
            installation.verify(&two, token, minute(112)).await,
            good(),
            "another server reads the keys"
        );
    }
    let theirs = installation.issue(&two, minute(112)).await;
    assert_eq!(part(&theirs, 0)["kid"], part(&after, 0)["kid"]);
}

#[tokio::test]
async fn keys_go_when_no_living_token_needs_them() {
    let installation = Installation::new().await;
    let tokens = installation.server(minute(0)).await;
    installation.rotate(&tokens, minute(1000)).await;
    installation.rotate(&tokens, minute(1121)).await;
    assert_eq!(installation.n_keys().await, 3, "the second has signed for two hours");
    installation.rotate(&tokens, minute(1122)).await;
    assert_eq!(installation.n_keys().await, 3, "the first is gone");
    installation.rotate(&tokens, minute(2000)).await;
    assert_eq!(installation.n_keys().await, 2, "only the last predecessor stays");
}

#[tokio::test]
async fn rotation_waits_for_its_time() {
    let installation = Installation::new().await;
    let tokens = installation.server(minute(0)).await;
    let rotate = async |now| {
        let made =
            tokens.rotate(&installation.store, &installation.ids, now, SignedDuration::from_hours(24)).await;
        made.expect("rotated")
    };
    assert!(!rotate(minute(24 * 60 - 1)).await);
    assert!(rotate(minute(24 * 60)).await);
    assert!(!rotate(minute(24 * 60)).await);
    assert_eq!(installation.n_keys().await, 2);
}

#[tokio::test]
async fn a_key_that_is_taken_away_takes_its_tokens_with_it() {
    let installation = Installation::new().await;
    let tokens = installation.server(minute(0)).await;
    let token = installation.issue(&tokens, minute(0)).await;
    assert_eq!(installation.verify(&tokens, &token, minute(0)).await, good());
    let key = NewKey::generate(&installation.ids, minute(20));
    let replaced = installation.store.write(move |tx| {
        tx.delete_secrets("token-signing", minute(10))?;
        key.insert_first(tx, minute(20))
    });
    replaced.await.expect("replaced");
    installation.issue(&tokens, minute(20)).await;
    assert_eq!(installation.verify(&tokens, &token, minute(20)).await, bad("foreign"));
}

#[tokio::test]
async fn unknown_keys_do_not_make_us_read_every_time() {
    let installation = Installation::new().await;
    let (one, two) = (installation.server(minute(0)).await, installation.server(minute(0)).await);
    let foreign = format!("{}.e30.AAAA", encode(&json!({ "typ": "JWT", "alg": "EdDSA", "kid": "x" })));
    assert_eq!(installation.verify(&two, &foreign, minute(20)).await, bad("foreign"));
    installation.rotate(&one, minute(20)).await;
    let next = installation.issue(&one, minute(21)).await;
    assert_eq!(installation.verify(&two, &next, seconds(minute(20), 4)).await, bad("foreign"), "just read");
    assert_eq!(installation.verify(&two, &next, seconds(minute(20), 5)).await, good());
}

#[tokio::test]
async fn no_two_tokens_are_the_same() {
    // Clients take a token that is the one they have for none at all.
    let installation = Installation::new().await;
    let tokens = installation.server(minute(0)).await;
    let one = installation.issue(&tokens, minute(0)).await;
    assert_ne!(installation.issue(&tokens, minute(0)).await, one);
}
