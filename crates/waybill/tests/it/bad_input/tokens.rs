//! Credentials that are wrong, altered, foreign or forged.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use waybill_testkit::{Scope, Waybill, raw::Request};

use super::{Case, Scene, UNAUTHENTICATED};

/// An Ed25519 key that no server has, as PKCS #8.
const FOREIGN_KEY: [u8; 48] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20\
    a key of 32 bytes that is known.";

fn parts(token: &str) -> [Value; 2] {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("a JWT is base64url");
        serde_json::from_slice(&bytes).unwrap_or_default()
    });
    [parts.next().unwrap_or_default(), parts.next().unwrap_or_default()]
}

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// The token with another header or other claims and the old signature.
fn altered(token: &str, change: impl Fn(&mut Value, &mut Value)) -> String {
    let [mut header, mut claims] = parts(token);
    change(&mut header, &mut claims);
    let signature = token.rsplit('.').next().unwrap_or_default();
    format!("{}.{}.{signature}", encode(&header), encode(&claims))
}

/// The same claims, signed by somebody else who says he is the server.
fn forged(token: &str, algorithm: Algorithm, key: &EncodingKey) -> String {
    let [header, claims] = parts(token);
    let mut forged = Header::new(algorithm);
    forged.kid = header["kid"].as_str().map(str::to_owned);
    forged.typ = header["typ"].as_str().map(str::to_owned);
    jsonwebtoken::encode(&forged, &claims, key).expect("the key fits the algorithm")
}

#[tokio::test]
async fn a_token_that_this_server_did_not_give_is_refused() {
    let scene = Scene::new().await;
    let other = Waybill::start(env!("CARGO_BIN_EXE_waybill"));
    let good = scene.api.token().to_owned();
    let [header, claims] = parts(&good);
    let unsigned = |algorithm: &str| {
        format!("{}.{}.", encode(&json!({"alg": algorithm, "typ": "JWT"})), encode(&claims))
    };
    let later = |claims: &mut Value| claims["exp"] = json!(4_102_444_800_u64);
    let (first, rest) = good.split_at(good.len() - 10);
    let flipped = format!("{first}{}", rest.chars().rev().collect::<String>());
    let public = header.to_string();
    let tokens: Vec<(&str, String)> = vec![
        ("nothing", String::new()),
        ("a word", "token".to_owned()),
        ("dots", "..".to_owned()),
        ("three words", "a.b.c".to_owned()),
        ("JSON", r#"{"alg":"EdDSA"}"#.to_owned()),
        ("half a token", good[..good.len() / 2].to_owned()),
        ("a token and more", format!("{good}.{good}")),
        ("no signature", good.rsplit_once('.').expect("a JWT has dots").0.to_owned() + "."),
        ("another signature", flipped),
        ("no algorithm", unsigned("none")),
        ("no algorithm, in capitals", unsigned("NONE")),
        ("another algorithm's name", altered(&good, |header, _| header["alg"] = json!("HS256"))),
        ("another key's name", altered(&good, |header, _| header["kid"] = json!("../../etc/passwd"))),
        ("a later end", altered(&good, |_, claims| later(claims))),
        ("another principal", altered(&good, |_, claims| claims["sub"] = json!("somebody"))),
        ("an end in the past", altered(&good, |_, claims| claims["exp"] = json!(1))),
        ("another server's token", other.api().await.token().to_owned()),
        ("another key", forged(&good, Algorithm::EdDSA, &EncodingKey::from_ed_der(&FOREIGN_KEY))),
        (
            "a shared secret that is public",
            forged(&good, Algorithm::HS256, &EncodingKey::from_secret(public.as_bytes())),
        ),
        ("an empty shared secret", forged(&good, Algorithm::HS256, &EncodingKey::from_secret(b""))),
        ("a client id", scene.waybill.credentials().client_id.clone()),
        ("a client secret", scene.waybill.credentials().client_secret.clone()),
        ("20 KiB", "a".repeat(20_000)),
    ];
    let path = scene.api.path("buckets");
    let with = |value: String| Request::new("GET", &path).header("Authorization", value);
    let mut cases: Vec<Case> = tokens
        .iter()
        .map(|(what, token)| Case::new(*what, with(format!("Bearer {token}")), &[UNAUTHENTICATED]))
        .collect();
    let basic = STANDARD.encode(format!(
        "{}:{}",
        scene.waybill.credentials().client_id,
        scene.waybill.credentials().client_secret
    ));
    cases.extend([
        Case::new("no header", Request::new("GET", &path), &[UNAUTHENTICATED]),
        Case::new("no scheme", with(good.clone()), &[UNAUTHENTICATED]),
        Case::new("another scheme", with(format!("Basic {basic}")), &[UNAUTHENTICATED]),
        Case::new(
            "in the query",
            Request::new("GET", format!("{path}?access_token={good}")),
            &[UNAUTHENTICATED],
        ),
        Case::new(
            "in a cookie",
            Request::new("GET", &path).header("Cookie", format!("token={good}")),
            &[UNAUTHENTICATED],
        ),
        Case::new(
            "bytes",
            Request::new("GET", &path).header("Authorization", b"Bearer \xff\xfe"),
            &[UNAUTHENTICATED],
        ),
        Case::new("on the own interface", Request::new("GET", "/api/v1/whoami"), &[UNAUTHENTICATED]),
        Case::new(
            "on the platform",
            Request::new("GET", "/resource-manager/2019-12-10/organizations"),
            &[UNAUTHENTICATED],
        ),
    ]);
    let foreign = with(format!("Bearer {}", other.api().await.token())).send(scene.waybill.address());
    let text = foreign.expect("an answer").text();
    assert!(text.contains("creds-cache.json"), "a foreign token may come from the client's cache: {text}");
    scene.check(cases).await;
}

/// Deleting a principal ends its tokens at once, and its credentials.
#[tokio::test]
async fn the_token_of_a_deleted_principal_is_refused_at_once() {
    let scene = Scene::new().await;
    let (id, secret) = scene.api.create_principal("short-lived", "viewer", Scope::Organization).await;
    let theirs = scene.waybill.api_of(&id, &secret).await;
    theirs.get("buckets").await.ok();
    let whoami = theirs.get("/api/v1/whoami").await.ok();
    let principal = whoami["principal"]["id"].as_str().expect("an id");
    let path = format!("/api/v1/organizations/{{organization_id}}/principals/{principal}");
    scene.api.delete(&path).await.ok();
    theirs.get("buckets").await.fails(401, 16);
    theirs.get("/api/v1/whoami").await.fails(401, 16);
    let form = "grant_type=client_credentials";
    let answer =
        token_request(&STANDARD.encode(format!("{id}:{secret}")), form).send(scene.waybill.address());
    assert_eq!(answer.expect("an answer").status, 401);
    scene.end().await;
}

fn token_request(basic: &str, form: impl AsRef<[u8]>) -> Request {
    Request::new("POST", "/oauth2/token")
        .header("Authorization", format!("Basic {basic}"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form)
}

/// The token endpoint speaks OAuth: `error` and `error_description`, status 400 or 401.
#[tokio::test]
async fn a_bad_token_request_is_refused_as_oauth_has_it() {
    let scene = Scene::new().await;
    let owner = scene.waybill.credentials();
    // Well-formed and wrong: they belong to another server.
    let other = Waybill::start(env!("CARGO_BIN_EXE_waybill"));
    let foreign = other.credentials();
    let basic = |id: &str, secret: &str| STANDARD.encode(format!("{id}:{secret}"));
    let good = basic(&owner.client_id, &owner.client_secret);
    let grant = "grant_type=client_credentials";
    let form = |text: &str| {
        Request::new("POST", "/oauth2/token")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(text)
    };
    let requests = [
        ("no credentials", form(grant), 401),
        ("a wrong secret", token_request(&basic(&owner.client_id, &foreign.client_secret), grant), 401),
        ("an unknown client", token_request(&basic(&foreign.client_id, &foreign.client_secret), grant), 401),
        ("no secret of ours", token_request(&basic(&owner.client_id, "wbs_wrong"), grant), 401),
        ("no client of ours", token_request(&basic("wb-nobody", &owner.client_secret), grant), 401),
        ("an empty secret", token_request(&basic(&owner.client_id, ""), grant), 401),
        ("a long secret", token_request(&basic(&owner.client_id, &"s".repeat(15_000)), grant), 401),
        ("a NUL", token_request(&basic("wb\0", "x\0y"), grant), 401),
        ("no colon", token_request(&STANDARD.encode("nobody"), grant), 401),
        ("no base64", token_request("%%%", grant), 401),
        ("bytes", token_request(&STANDARD.encode(b"\xff\xfe:\xff"), grant), 401),
        (
            "a wrong secret in the form",
            form(&format!("{grant}&client_id={}&client_secret=x", owner.client_id)),
            401,
        ),
        ("no grant", token_request(&good, "audience=x"), 400),
        ("another grant", token_request(&good, "grant_type=password&username=a&password=b"), 400),
        ("an empty form", token_request(&good, ""), 400),
        ("JSON", token_request(&good, r#"{"grant_type": "client_credentials"}"#), 400),
        ("bytes in the form", token_request(&good, b"grant_type=\xff\xfe%ff"), 400),
        ("a large form", token_request(&good, format!("{grant}&x={}", "y".repeat(9 << 20))), 400),
    ];
    let mut texts = Vec::new();
    for (what, request, status) in requests {
        let answer = request.send(scene.waybill.address()).expect("an answer");
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let said = body["error"].is_string() && body["error_description"].is_string();
        assert!(answer.status == status && said, "{what}: {} {}", answer.status, answer.text());
        assert!(!answer.text().contains(&owner.client_secret), "{what}: the secret is repeated");
        texts.push((what, answer.text()));
    }
    let text = |wanted: &str| texts.iter().find(|(what, _)| *what == wanted).map(|(_, text)| text);
    assert_eq!(text("a wrong secret"), text("an unknown client"), "the answer tells whether a client exists");
    scene.end().await;
}
