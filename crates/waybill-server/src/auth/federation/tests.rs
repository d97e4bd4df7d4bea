//! Against a real provider on this machine: what is accepted, what is not, and how often it is asked.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use waybill_testkit::issuer::{Algorithm, Issuer, Key, unsigned, with_hmac};

use super::{error::quoted, *};
use crate::egress::EgressOptions;

const NOW: i64 = 1_790_000_000;
const AUDIENCE: &str = "registry";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).unwrap()
}

fn issuers() -> Issuers {
    let allow = vec!["127.0.0.1".parse().unwrap()];
    Issuers::new(Egress::open(EgressOptions { allow, ..EgressOptions::default() }).unwrap())
}

async fn issuer() -> Issuer {
    let issuer = Issuer::start().await;
    issuer.set_time(NOW);
    issuer
}

fn claims() -> Value {
    json!({"sub": "repo:a/b", "aud": AUDIENCE})
}

fn with(change: &Value) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    claims
}

async fn verify(
    issuers: &Issuers,
    issuer: &Issuer,
    token: &str,
    seconds: i64,
) -> Result<Claims, FederationError> {
    issuers.verify(issuer.url(), token, &[AUDIENCE], at(seconds)).await
}

async fn not_proven(issuers: &Issuers, issuer: &Issuer, token: &str) -> NotProven {
    match verify(issuers, issuer, token, 0).await {
        Err(FederationError::NotProven(fault)) => {
            let parts = token.split('.').filter(|part| 40 < part.len());
            for part in parts {
                assert!(!fault.to_string().contains(part), "no message repeats a token: {fault}");
            }
            fault
        }
        other => panic!("not {other:?}"),
    }
}

async fn not_acceptable(issuers: &Issuers, issuer: &Issuer, claims: &Value) -> NotAcceptable {
    match verify(issuers, issuer, &issuer.token(claims), 0).await {
        Err(FederationError::NotAcceptable(fault)) => fault,
        other => panic!("not {other:?}"),
    }
}

async fn unavailable(issuers: &Issuers, issuer: &Issuer, seconds: i64) -> String {
    match verify(issuers, issuer, &issuer.token(&claims()), seconds).await {
        Err(FederationError::Unavailable { issuer: named, reason }) => {
            assert_eq!(named, issuer.url());
            reason
        }
        other => panic!("not {other:?}"),
    }
}

#[tokio::test]
async fn tokens_of_all_algorithms_are_accepted() {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    for algorithm in [RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA] {
        let (issuers, issuer) = (issuers(), issuer().await);
        issuer.rotate(algorithm);
        let claims = verify(&issuers, &issuer, &issuer.token(&claims()), 0).await.unwrap();
        assert_eq!(claims["sub"], "repo:a/b", "{algorithm:?}");
    }
}

#[tokio::test]
async fn an_audience_may_be_one_of_several() {
    let (issuers, issuer) = (issuers(), issuer().await);
    let token = issuer.token(&with(&json!({"aud": ["other", AUDIENCE]})));
    assert!(verify(&issuers, &issuer, &token, 0).await.is_ok());
    let verified = issuers.verify(issuer.url(), &token, &["a", "other"], at(0)).await;
    assert!(verified.is_ok());
    for (aud, expected) in [
        (json!("registr"), "the token is meant for `registr`, not for `registry`"),
        (json!(["a", "b", "c", "d"]), "meant for `a` or `b` or `c` or …, not"),
        (json!([]), "meant for nobody"),
        (json!("REGISTRY"), "`REGISTRY`"),
    ] {
        let fault = not_acceptable(&issuers, &issuer, &with(&json!({ "aud": aud }))).await.to_string();
        assert!(fault.contains(expected), "{fault}");
    }
    for aud in [json!(null), json!(7), json!([AUDIENCE, 7]), json!({"registry": true})] {
        let fault = not_acceptable(&issuers, &issuer, &with(&json!({ "aud": aud }))).await;
        assert!(matches!(fault, NotAcceptable::Missing(_) | NotAcceptable::Malformed("`aud`", _)), "{fault}");
    }
}

#[tokio::test]
async fn times_have_a_minute_of_grace() {
    let (issuers, issuer) = (issuers(), issuer().await);
    let token = issuer.token(&claims());
    for (seconds, expected) in [(-61, false), (-60, true), (0, true), (359, true), (360, false)] {
        let verified = verify(&issuers, &issuer, &token, seconds).await;
        assert_eq!(verified.is_ok(), expected, "{seconds}: {verified:?}");
    }
    for (claims, expected) in [
        (json!({"exp": null}), "has no `exp`"),
        (json!({"exp": "soon"}), "`exp` is not what it must be"),
        (json!({"exp": 1e300}), "`exp` is not what it must be"),
        (json!({"exp": NOW - 60}), "expired at 2026-09-21T"),
        (json!({"exp": 1_789_999_939.5}), "expired at"),
        (json!({"nbf": NOW + 61}), "in the future"),
        (json!({"iat": NOW + 61}), "in the future"),
        (json!({"nbf": "x"}), "`nbf` is not"),
        (json!({"exp": NOW + 25 * 3600 + 3600}), "lives for 26 hours, more than 25"),
        (json!({"iat": null, "nbf": null, "exp": NOW + 30 * 3600}), "lives for 30 hours"),
    ] {
        let fault = not_acceptable(&issuers, &issuer, &with(&claims)).await.to_string();
        assert!(fault.contains(expected), "{fault}");
    }
    let longest = with(&json!({"exp": NOW + 25 * 3600}));
    assert!(verify(&issuers, &issuer, &issuer.token(&longest), 0).await.is_ok());
    let fraction = with(&json!({"exp": 1_790_000_000.5, "iat": 1_789_999_999.5}));
    assert!(verify(&issuers, &issuer, &issuer.token(&fraction), 0).await.is_ok());
}

#[tokio::test]
async fn what_is_no_token_is_refused_without_a_fetch() {
    let (issuers, issuer) = (issuers(), issuer().await);
    let good = issuer.token(&claims());
    let [header, body, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("a token") };
    for wrong in [
        String::new(),
        "token".to_owned(),
        "..".to_owned(),
        "a.b".to_owned(),
        format!("{header}.{body}"),
        format!("{good}.{signature}"),
        format!("{header}.{body}.{signature}="),
        format!("{header}.{body}. {signature}"),
        format!("Bearer {good}"),
        format!("{header}..{signature}"),
        format!("e30.{body}.{signature}"),
        format!("{header}.W10.{signature}"),
        format!("{header}.bnVsbA.{signature}"),
    ] {
        let fault = not_proven(&issuers, &issuer, &wrong).await;
        assert!(matches!(fault, NotProven::Form | NotProven::Part { .. }), "{wrong}: {fault}");
    }
    let long = format!("{header}.{}.{signature}", "a".repeat(33 << 10));
    assert!(matches!(not_proven(&issuers, &issuer, &long).await, NotProven::Size { .. }));
    assert_eq!((issuer.discoveries(), issuer.key_fetches()), (0, 0));
    assert!(verify(&issuers, &issuer, &format!("{good}\n"), 0).await.is_ok(), "files end with a newline");
}

#[tokio::test]
async fn algorithms_without_a_private_key_are_refused() {
    let (issuers, issuer) = (issuers(), issuer().await);
    let all = issuer.claims(&claims());
    assert!(verify(&issuers, &issuer, &issuer.token(&claims()), 0).await.is_ok());
    let refused = async |token: String| match not_proven(&issuers, &issuer, &token).await {
        NotProven::Algorithm(name) => name,
        other => panic!("not {other}"),
    };
    assert_eq!(refused(unsigned(&all)).await, "none");
    // Whoever takes the public key for a shared secret is fooled by whoever knows it, which is everybody.
    let key = issuer.key();
    let modulus = key.public["n"].as_str().unwrap();
    for secret in [modulus.as_bytes(), key.public.to_string().as_bytes()] {
        for alg in ["HS256", "HS384", "HS512", "NONE", "nOnE", "rs256", "ES512", "ES256K", ""] {
            let header = json!({"alg": alg, "kid": key.id});
            assert_eq!(refused(with_hmac(&header, &all, secret)).await, alg);
        }
        // And under the name of an algorithm that is allowed, it is no signature of that key.
        let header = json!({"alg": "RS256", "kid": key.id});
        let fault = not_proven(&issuers, &issuer, &with_hmac(&header, &all, secret)).await;
        assert_eq!(fault, NotProven::Signature { name: quoted(&key.id) });
    }
    let header = json!({"alg": "RS256", "kid": key.id, "crit": ["b64"], "b64": false});
    let fault = not_proven(&issuers, &issuer, &key.sign_with_header(&header, &all)).await;
    assert!(matches!(fault, NotProven::Critical(_)));
}

#[tokio::test]
async fn what_somebody_else_signed_is_refused() {
    let issuer = issuer().await;
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        issuer.rotate(algorithm);
        let issuers = issuers();
        let forged = issuer.token_signed_by(&issuer.forged_key(), &claims());
        let fault = not_proven(&issuers, &issuer, &forged).await;
        assert_eq!(fault, NotProven::Signature { name: quoted(&issuer.key().id) });
    }
    // The signature of other claims.
    let good = issuer.token(&claims());
    let other = issuer.token(&with(&json!({"sub": "repo:evil/b"})));
    let (_, signature) = good.rsplit_once('.').unwrap();
    let (signed, _) = other.rsplit_once('.').unwrap();
    let issuers = issuers();
    for mixed in [format!("{signed}.{signature}"), format!("{signed}."), format!("{signed}.AAAA")] {
        assert!(
            matches!(not_proven(&issuers, &issuer, &mixed).await, NotProven::Signature { .. }),
            "{mixed}"
        );
    }
}

#[tokio::test]
async fn tokens_of_another_issuer_are_refused_without_a_fetch() {
    let (issuers, issuer) = (issuers(), issuer().await);
    for iss in [json!("https://other.example"), json!(format!("{}/", issuer.url())), json!(null), json!(7)] {
        let token = issuer.token(&with(&json!({ "iss": iss })));
        assert!(matches!(not_proven(&issuers, &issuer, &token).await, NotProven::Issuer { .. }), "{iss}");
    }
    assert_eq!(issuer.discoveries(), 0);
}

#[tokio::test]
async fn a_key_is_used_for_what_it_is_published_for() {
    let change = async |change: fn(&mut Key)| {
        let (issuers, issuer) = (issuers(), issuer().await);
        let mut key = Key::generate(Algorithm::RS256, "changed", 1);
        change(&mut key);
        issuer.publish(key);
        verify(&issuers, &issuer, &issuer.token(&claims()), 0).await.map(drop)
    };
    let remove = |key: &mut Key, name: &str| {
        key.public.as_object_mut().unwrap().remove(name);
    };
    assert_eq!(change(|_| ()).await, Ok(()));
    let other = NotProven::OtherUse { name: "`changed`".to_owned(), algorithm: "RS256".to_owned() };
    for wrong in [
        (|key| key.public["use"] = json!("enc")) as fn(&mut Key),
        |key| key.public["alg"] = json!("RS512"),
        |key| key.public["alg"] = json!("RSA-OAEP"),
        |key| key.public["key_ops"] = json!(["encrypt"]),
    ] {
        assert_eq!(change(wrong).await, Err(other.clone().into()));
    }
    assert_eq!(change(|key| key.public["key_ops"] = json!(["verify"])).await, Ok(()));
    let (issuers, issuer) = (issuers(), issuer().await);
    let mut key = Key::generate(Algorithm::RS512, "sparse", 1);
    for name in ["use", "alg"] {
        remove(&mut key, name);
    }
    issuer.publish(key);
    assert!(verify(&issuers, &issuer, &issuer.token(&claims()), 0).await.is_ok());
}

#[tokio::test]
async fn weak_keys_are_refused() {
    let weak = async |key: Key| {
        let (issuers, issuer) = (issuers(), issuer().await);
        issuer.publish(key);
        match not_proven(&issuers, &issuer, &issuer.token(&claims())).await {
            NotProven::Weak { reason, .. } => reason,
            other => panic!("not {other}"),
        }
    };
    assert_eq!(weak(Key::short_rsa("short")).await, "it is an RSA key of less than 2048 bits");
    let rsa = |name: &str, value: &str| {
        let mut key = Key::generate(Algorithm::RS256, "wrong", 1);
        key.public[name] = json!(value);
        key
    };
    assert!(weak(rsa("e", "AQ")).await.contains("exponent"), "one");
    assert!(weak(rsa("e", "AAAC")).await.contains("exponent"), "even");
    assert!(weak(rsa("e", "AQAAAAE")).await.contains("exponent"), "long");
    assert!(weak(rsa("n", &"-".repeat(700))).await.contains("more than 4096"));
    let mut key = Key::generate(Algorithm::ES256, "wrong", 0);
    key.public["x"] = json!("AAAA");
    assert!(weak(key).await.contains("not a point"));
    let mut key = Key::generate(Algorithm::EdDSA, "wrong", 0);
    key.public["x"] = json!("AAAA");
    assert!(weak(key).await.contains("not a point"));
}

#[tokio::test]
async fn a_point_that_is_on_no_curve_verifies_nothing() {
    let (issuers, issuer) = (issuers(), issuer().await);
    let mut key = Key::generate(Algorithm::ES256, "wrong", 0);
    key.public["x"] = key.public["y"].clone();
    issuer.publish(key);
    let fault = not_proven(&issuers, &issuer, &issuer.token(&claims())).await;
    assert!(matches!(fault, NotProven::Signature { .. }));
}

#[tokio::test]
async fn without_a_name_the_only_key_that_fits_is_taken() {
    let (issuers, issuer) = (issuers(), issuer().await);
    let nameless = |algorithm, n| Key::generate(algorithm, "", n);
    // Beside the RS256 key that the issuer starts with.
    issuer.publish(nameless(Algorithm::ES256, 0));
    assert!(verify(&issuers, &issuer, &issuer.token(&claims()), 0).await.is_ok());
    let header = json!({"alg": "EdDSA"});
    let token = nameless(Algorithm::EdDSA, 0).sign_with_header(&header, &issuer.claims(&claims()));
    assert!(matches!(not_proven(&issuers, &issuer, &token).await, NotProven::Key { .. }));
    issuer.publish(nameless(Algorithm::ES256, 1));
    let issuers = super::tests::issuers();
    assert_eq!(not_proven(&issuers, &issuer, &issuer.token(&claims())).await, NotProven::Ambiguous);
}

#[tokio::test]
async fn keys_are_kept_as_long_as_the_issuer_says() {
    for (cache_control, seconds) in [(None, 3600), (Some("max-age=600"), 600), (Some("max-age=0"), 300)] {
        let (issuers, issuer) = (issuers(), issuer().await);
        if let Some(value) = cache_control {
            issuer.cache_control(value);
        }
        let fetches_at = async |seconds: i64| {
            issuer.set_time(NOW + seconds);
            verify(&issuers, &issuer, &issuer.token(&claims()), seconds).await.unwrap();
            assert_eq!(issuer.discoveries(), issuer.key_fetches());
            issuer.key_fetches()
        };
        assert_eq!(fetches_at(0).await, 1);
        assert_eq!(fetches_at(seconds - 1).await, 1, "{cache_control:?}");
        assert_eq!(fetches_at(seconds).await, 2, "{cache_control:?}");
        assert_eq!(fetches_at(seconds + 1).await, 2, "{cache_control:?}");
        // A clock that is set back.
        assert_eq!(fetches_at(-7200).await, 3, "{cache_control:?}");
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_when_it_is_first_seen() {
    let (issuers, issuer) = (issuers(), issuer().await);
    let old = issuer.token(&claims());
    assert!(verify(&issuers, &issuer, &old, 0).await.is_ok());
    issuer.rotate(Algorithm::ES256);
    let new = issuer.token(&claims());
    // Not before the pause is over, however often it comes.
    for seconds in [1, 10, 29] {
        let refused = verify(&issuers, &issuer, &new, seconds).await;
        assert!(matches!(refused, Err(FederationError::NotProven(NotProven::Key { .. }))), "{refused:?}");
    }
    assert_eq!(issuer.key_fetches(), 1);
    assert!(verify(&issuers, &issuer, &new, 30).await.is_ok());
    assert_eq!(issuer.key_fetches(), 2);
    // The old one is gone with its key.
    assert!(verify(&issuers, &issuer, &old, 31).await.is_err());
    assert_eq!(issuer.key_fetches(), 2);
}

#[tokio::test]
async fn made_up_keys_do_not_become_requests() {
    let (issuers, issuer) = (issuers(), issuer().await);
    let mut key = issuer.key();
    for n in 0..50 {
        key.id = format!("made-up-{n}");
        let token = issuer.token_signed_by(&key, &claims());
        let refused = verify(&issuers, &issuer, &token, n % 30).await;
        assert!(matches!(refused, Err(FederationError::NotProven(NotProven::Key { .. }))));
    }
    assert_eq!(issuer.key_fetches(), 1);
}

#[tokio::test]
async fn an_issuer_that_is_down_is_asked_every_ten_seconds() {
    let (issuers, issuer) = (issuers(), issuer().await);
    issuer.fail(true);
    for (seconds, fetches) in [(0, 1), (1, 1), (9, 1), (10, 2), (19, 2)] {
        let reason = unavailable(&issuers, &issuer, seconds).await;
        assert!(reason.contains("503"), "{reason}");
        assert_eq!(issuer.discoveries(), fetches);
    }
    issuer.fail(false);
    assert!(verify(&issuers, &issuer, &issuer.token(&claims()), 20).await.is_ok());
}

#[tokio::test]
async fn known_keys_count_for_a_day_while_the_issuer_is_down() {
    let (issuers, issuer) = (issuers(), issuer().await);
    assert!(verify(&issuers, &issuer, &issuer.token(&claims()), 0).await.is_ok());
    issuer.fail(true);
    for seconds in [3600, 86_399] {
        issuer.set_time(NOW + seconds);
        assert!(verify(&issuers, &issuer, &issuer.token(&claims()), seconds).await.is_ok(), "{seconds}");
    }
    // A key that may be new is another matter.
    let old = issuer.key();
    issuer.rotate(Algorithm::ES256);
    let reason = unavailable(&issuers, &issuer, 86_399).await;
    assert!(reason.contains("503"), "{reason}");
    issuer.set_time(NOW + 86_400);
    let token = issuer.token_signed_by(&old, &claims());
    assert!(verify(&issuers, &issuer, &token, 86_400).await.is_err());
}

#[tokio::test]
async fn one_fetches_and_the_others_wait() {
    let (issuers, issuer) = (issuers(), issuer().await);
    issuer.slow(Duration::from_millis(100));
    let token = issuer.token(&claims());
    let all = join_all((0..50).map(|_| verify(&issuers, &issuer, &token, 0))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!((issuer.discoveries(), issuer.key_fetches()), (1, 1));
}

#[tokio::test]
async fn whoever_has_a_known_key_does_not_wait_for_a_fetch() {
    let (issuers, issuer) = (issuers(), issuer().await);
    let token = issuer.token(&claims());
    assert!(verify(&issuers, &issuer, &token, 0).await.is_ok());
    issuer.slow(Duration::from_mins(10));
    let mut key = issuer.key();
    key.id = "unknown".to_owned();
    let unknown = issuer.token_signed_by(&key, &claims());
    tokio::select! {
        biased;
        _ = verify(&issuers, &issuer, &unknown, 60) => panic!("the issuer does not answer"),
        known = async {
            // By now the other one holds the lock.
            while issuer.discoveries() < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            verify(&issuers, &issuer, &token, 60).await
        } => assert!(known.is_ok()),
    }
    // The fetch was interrupted: it counts for a moment and is made again.
    issuer.slow(Duration::ZERO);
    assert!(matches!(
        verify(&issuers, &issuer, &unknown, 60).await,
        Err(FederationError::Unavailable { reason, .. }) if reason.contains("being fetched")
    ));
    assert!(matches!(verify(&issuers, &issuer, &unknown, 61).await, Err(FederationError::NotProven(_))));
}

#[tokio::test]
async fn a_slow_issuer_is_given_up() {
    let (mut issuers, issuer) = (issuers(), issuer().await);
    issuers.time_limit = Duration::from_millis(100);
    issuer.slow(Duration::from_mins(1));
    let reason = unavailable(&issuers, &issuer, 0).await;
    assert!(reason.contains("within 0.1 s"), "{reason}");
}

#[tokio::test]
async fn documents_that_cannot_be_used() {
    let reason = async |prepare: &dyn Fn(&Issuer)| {
        let (issuers, issuer) = (issuers(), issuer().await);
        prepare(&issuer);
        unavailable(&issuers, &issuer, 0).await
    };
    let discovery = async |members: Value| reason(&|issuer| issuer.discovery(members.clone())).await;
    assert!(discovery(json!({"issuer": "https://other.example"})).await.contains("`https://other.example`"));
    assert!(discovery(json!({"issuer": null})).await.contains("has no `issuer`"));
    assert!(discovery(json!({"jwks_uri": null})).await.contains("has no `jwks_uri`"));
    assert!(discovery(json!({"jwks_uri": "https://10.0.0.1/keys"})).await.contains("a private address"));
    assert!(discovery(json!({"x": "y".repeat(300 << 10)})).await.contains("larger than"));
    let keys = async |text: String| reason(&|issuer| issuer.key_set(Some(text.clone()))).await;
    assert!(keys("nothing".to_owned()).await.contains("not a JSON document"));
    assert!(keys("[]".to_owned()).await.contains("has no list `keys`"));
    let many = json!({"keys": vec![json!({"kty": "oct"}); 101]});
    assert!(keys(many.to_string()).await.contains("has 101 keys, more than 100"));
    let huge = json!({"keys": ["a".repeat(600 << 10)]});
    assert!(keys(huge.to_string()).await.contains("larger than 524288 bytes"));
    assert!(keys("[".repeat(1000)).await.contains("not a JSON document"));
}

#[tokio::test]
async fn keys_of_unknown_kinds_are_passed_over() {
    let (issuers, issuer) = (issuers(), issuer().await);
    let known = issuer.key().public;
    let keys = json!({"keys": [{}, 7, null, {"kty": "oct", "k": "AAAA", "kid": "key-0"}, {"kty": "EC", "crv": "secp256k1"}, {"kty": "RSA"}, known]});
    issuer.key_set(Some(keys.to_string()));
    assert!(verify(&issuers, &issuer, &issuer.token(&claims()), 0).await.is_ok());
}

#[tokio::test]
async fn discovery_is_kept_with_the_keys() {
    let (issuers, issuer) = (issuers(), issuer().await);
    let discovery = issuers.discover(issuer.url(), at(0)).await.unwrap();
    let (authorization, token) = discovery.login().unwrap();
    assert_eq!(authorization.as_str(), format!("{}/authorize", issuer.url()));
    assert_eq!(token.as_str(), format!("{}/token", issuer.url()));
    assert!(discovery.token_auth_methods.contains(&"client_secret_post".to_owned()));
    issuers.discover(issuer.url(), at(60)).await.unwrap();
    assert!(verify(&issuers, &issuer, &issuer.token(&claims()), 61).await.is_ok());
    assert_eq!((issuer.discoveries(), issuer.key_fetches()), (1, 1));
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_not_asked() {
    let issuer = issuer().await;
    let issuers = Issuers::new(Egress::default());
    let verified = verify(&issuers, &issuer, &issuer.token(&claims()), 0).await;
    let Err(FederationError::Issuer { reason, .. }) = verified else { panic!("not {verified:?}") };
    assert!(reason.contains("a loopback address"), "{reason}");
    assert_eq!(
        issuers.check(issuer.url()).unwrap_err().to_string(),
        format!("`{}` cannot be an issuer of tokens: {reason}", issuer.url())
    );
    assert_eq!(issuer.discoveries(), 0);
}

#[tokio::test]
async fn issuers_in_memory_are_bounded() {
    let issuers = Issuers::new(Egress::default());
    for n in 0..i64::try_from(ISSUERS).unwrap() + 50 {
        let unused = issuers.discover(&format!("https://127.0.0.1/{n}"), at(n)).await;
        assert!(unused.is_err());
    }
    let known = issuers.known.lock().unwrap();
    assert_eq!(known.len(), ISSUERS);
    assert!(!known.contains_key("https://127.0.0.1/49") && known.contains_key("https://127.0.0.1/50"));
}
