//! Who is refused, and what they learn by it: as long as they have proven nothing, nothing that they did not bring.

use waybill_testkit::issuer::{Key, unsigned, with_hmac};

use super::*;

/// The refusal of whoever has proven nothing, with the provider's name taken out.
async fn unproven(stage: &Stage, name: &str, token: &str) -> String {
    let message = exchange(&stage.registry, name, token).await.fails(401, 16);
    assert!(message.starts_with("no workload identity provider"), "{message}");
    message.replace(name, "NAME")
}

#[tokio::test]
async fn what_is_not_genuine_is_refused_as_if_there_were_no_provider() {
    let stage = Stage::set().await;
    let other = Issuer::start().await;
    other.set_time(stage.now());
    // Under the name of the issuer's own key.
    other.publish(Key::generate(Algorithm::RS256, "key-0", 1));
    let claims = stage.issuer.claims(&job(&json!({})));
    let good = stage.token(&json!({}));
    stage.exchange(&good).await.ok();
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let other_key = Key::generate(Algorithm::RS256, "key-unknown", 1);
    let public = stage.issuer.key().public.to_string();
    let forged = [
        ("a forged key", stage.issuer.token_signed_by(&stage.issuer.forged_key(), &job(&json!({})))),
        ("an unknown key", stage.issuer.token_signed_by(&other_key, &job(&json!({})))),
        ("no signature", unsigned(&claims)),
        ("an empty signature", format!("{signed}.")),
        ("half a signature", format!("{signed}.{}", &signature[..signature.len() / 2])),
        (
            "a public key as a secret",
            with_hmac(&json!({"alg": "HS256", "kid": "key-0"}), &claims, public.as_bytes()),
        ),
        ("another issuer", other.token(&job(&json!({})))),
        ("another issuer that calls itself this one", other.token(&job(&json!({"iss": stage.issuer.url()})))),
        ("almost the issuer", stage.token(&json!({"iss": format!("{}/", stage.issuer.url())}))),
        (
            "an expired forgery",
            other.token(&job(&json!({"iss": stage.issuer.url(), "exp": stage.now() - 3600}))),
        ),
        ("no issuer", stage.token(&json!({"iss": null}))),
        ("nothing", String::new()),
        ("nonsense", "nonsense".to_owned()),
        ("the registry's own", stage.owner.token().to_owned()),
        ("much", format!("{signed}.{}", "A".repeat(20_000))),
    ];
    let bot = &stage.name[..stage.name.rfind("/workload").expect("a name")];
    let project = stage.owner.create_project("second").await;
    let aws = json!({"conditional_access": "aws.arn == `a`", "aws_config": {"account_id": "123456789012"}});
    let absent = [
        format!("{bot}/workload-identity-provider/absent"),
        format!("{bot}/workload-identity-provider/a"),
        stage.name.replace("/bot/", "/cat/"),
        stage.name.replace(stage.owner.project_id(), &project),
        stage.name.replace(stage.owner.project_id(), "nowhere"),
        stage.name.replace(&format!("project/{}", stage.owner.project_id()), "organization/x"),
        provider(&stage.owner, "aws", aws).await,
    ];
    for (what, token) in &forged {
        let message = unproven(&stage, &stage.name, token).await;
        for name in &absent {
            assert_eq!(unproven(&stage, name, token).await, message, "{what} at {name}");
        }
        assert!(
            !message.contains("refs/heads/main"),
            "{what}: only issuer, audience and end are repeated: {message}"
        );
    }
    // Neither does a good token tell anything where there is no provider for it.
    let message = unproven(&stage, &absent[0], &good).await;
    assert!(message.contains(&format!("issuer `{}`, audience `waybill`", stage.issuer.url())), "{message}");
    for name in &absent {
        assert_eq!(unproven(&stage, name, &good).await, message, "{name}");
    }
    assert_eq!(stage.metric("accepted").await, 1);
}

#[tokio::test]
async fn what_is_genuine_and_not_accepted_is_told_why() {
    let stage = Stage::set().await;
    let now = stage.now();
    for (claims, says) in [
        (json!({"exp": now - 61}), shown(now - 61)),
        (json!({"nbf": now + 61}), shown(now + 61)),
        (json!({"exp": null}), "`exp`".to_owned()),
        (json!({"aud": "somebody-else"}), "`somebody-else`".to_owned()),
        (json!({"aud": []}), "audience".to_owned()),
        (json!({"aud": null}), "audience".to_owned()),
        (json!({"aud": "Waybill"}), "`Waybill`".to_owned()),
        (json!({"ref": "refs/heads/other"}), "its condition is not true".to_owned()),
        (json!({"ref": null}), "its condition is not true".to_owned()),
        (json!({"run": null}), "`jwt_claims.run".to_owned()),
        (json!({"run": {"number": "seven"}}), "its condition is not true".to_owned()),
        (json!({"run": {"number": [7]}}), "a list".to_owned()),
    ] {
        let message = stage.exchange(&stage.token(&claims)).await.fails(401, 16);
        assert!(message.contains(&says), "{claims}: {message}");
        assert!(!message.starts_with("no workload identity provider"), "{claims}: {message}");
        // What others may have is not told.
        assert!(!message.contains("`waybill`"), "{claims}: {message}");
    }
    assert_eq!(stage.metric("refused").await, 12);
    assert_eq!(audited(&stage.registry).await.iter().filter(|row| row.contains("login")).count(), 0);
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    let stage = Stage::set().await;
    let now = stage.now();
    for claims in [
        json!({"exp": now - 59}),
        json!({"nbf": now + 59, "iat": now + 59, "exp": now + 300}),
        json!({"nbf": null, "iat": null, "exp": now + 300}),
        json!({"iat": now - 86_400, "nbf": null, "exp": now + 300}),
    ] {
        stage.exchange(&stage.token(&claims)).await.ok();
    }
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_not_the_workload_s_fault() {
    let stage = Stage::set().await;
    stage.issuer.fail(true);
    let token = stage.token(&json!({}));
    let message = stage.exchange(&token).await.fails(503, 14);
    assert!(message.contains(stage.issuer.url()) && message.contains("log"), "{message}");
    assert_eq!(stage.metric("unavailable").await, 1);
    stage.issuer.fail(false);
    stage.advance(Duration::from_mins(2));
    stage.exchange(&stage.token(&json!({}))).await.ok();
    // Keys that are known are good for a while without the issuer.
    stage.issuer.fail(true);
    stage.advance(Duration::from_mins(1));
    stage.exchange(&stage.token(&json!({"jti": "2"}))).await.ok();
}

#[tokio::test]
async fn the_registry_does_not_look_where_it_may_not_and_says_so_to_its_operator_only() {
    let Stage { registry, issuer, name, .. } = Stage::set().await;
    let token = issuer.token(&job(&json!({})));
    // Without leave to connect to this machine.
    let registry = registry.restart().await;
    let message = exchange(&registry, &name, &token).await.fails(503, 14);
    assert!(!message.contains("--egress-allow") && !message.contains("loopback"), "{message}");
    assert_eq!(issuer.discoveries(), 0);
}

#[tokio::test]
async fn a_request_that_is_none_is_refused_as_such() {
    let stage = Stage::set().await;
    let path = format!("/2019-12-10/{}/exchange-token", stage.name);
    let nobody = stage.registry.nobody();
    let aws = json!({"method": "POST", "url": "https://sts.amazonaws.com", "headers": {}});
    for body in
        [json!({}), json!({"jwt_token": null}), json!({"jwt_token": "a", "aws_get_caller_id_token": aws})]
    {
        let message = nobody.post(&path, body).await.fails(400, 3);
        assert!(message.contains("`jwt_token` or `aws_get_caller_id_token`"), "{message}");
    }
    nobody.post(&path, json!({"jwt_token": 7})).await.fails(400, 3);
    nobody.post(&path, json!({"jwt_token": "x".repeat(70_000)})).await.fails(400, 3);
    nobody.get(&path).await.fails(501, 12);
    // Whoever has an access token does not need one, and is not asked for one.
    stage.owner.post(&path, json!({"jwt_token": stage.token(&json!({}))})).await.ok();
    let organization = "/2019-12-10/iam/organization/{organization_id}/service-principal/owner/workload-identity-provider/ci";
    nobody
        .post(&format!("{organization}/exchange-token"), json!({"jwt_token": "a.b.c"}))
        .await
        .fails(401, 16);
    nobody.post(&format!("{organization}/exchange-token"), json!({})).await.fails(400, 3);
}
