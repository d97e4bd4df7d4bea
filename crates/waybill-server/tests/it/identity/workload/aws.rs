//! Workloads of AWS, which sign a request instead of showing a token.

use waybill_testkit::sts::{Identity, PROVIDER_HEADER, Signed, Signing, Sts, sign};

use super::*;

const ACCOUNT: &str = "123456789012";

/// A registry that trusts the role `builder` of an account, which stands for `bot`.
struct Cloud {
    registry: Registry,
    owner: Api,
    sts: Sts,
    /// What a machine with the role has.
    builder: Identity,
    name: String,
}

impl Cloud {
    async fn set() -> Self {
        let sts = Sts::start().await;
        let url = sts.url().parse().expect("a URL");
        let registry = Registry::start_configured(|config| {
            config.egress = reaching();
            config.aws_sts_url = Some(url);
        })
        .await;
        let owner = registry.api().await;
        let builder = Identity::role(ACCOUNT, "builder", "i-0123456789");
        sts.add(&builder);
        sts.set_time(registry.clock.now().as_second());
        owner.create_principal("bot", "viewer", waybill_testkit::Scope::Project).await;
        let wanted = json!({
            "conditional_access": "aws.arn matches `^arn:aws:sts::123456789012:assumed-role/builder/`",
            "aws_config": {"account_id": ACCOUNT},
        });
        let name = provider(&owner, "aws", wanted).await;
        Self { registry, owner, sts, builder, name }
    }

    fn signing(&self) -> Signing {
        Signing { at: self.registry.clock.now().as_second(), ..Signing::new("eu-central-1", &self.name) }
    }

    fn signed(&self, identity: &Identity) -> Signed {
        sign(identity, &self.signing())
    }

    async fn exchange(&self, signed: &Signed) -> Answer {
        exchange_at(&self.registry, &self.name, signed).await
    }
}

async fn exchange_at(registry: &Registry, name: &str, signed: &Signed) -> Answer {
    let Signed { method, url, headers, body } = signed;
    let request = json!({"method": method, "url": url, "headers": headers, "body": body});
    let path = format!("/2019-12-10/{name}/exchange-token");
    registry.nobody().post(&path, json!({ "aws_get_caller_id_token": request })).await
}

#[tokio::test]
async fn a_signed_request_becomes_its_principal_s_token() {
    let cloud = Cloud::set().await;
    let signed = cloud.signed(&cloud.builder);
    let bot = caller(&cloud.registry, &cloud.exchange(&signed).await);
    assert_eq!(bot.get(WHOAMI).await.ok()["principal"]["name"], "bot");
    bot.put("buckets", json!({"name": "ubuntu"})).await.fails(403, 7);
    // In the body, and at the global address, as older SDKs do it.
    cloud.exchange(&sign(&cloud.builder, &cloud.signing().in_body())).await.ok();
    let global =
        Signing { region: "us-east-1".to_owned(), host: "sts.amazonaws.com".to_owned(), ..cloud.signing() };
    cloud.exchange(&sign(&cloud.builder, &global)).await.ok();
    assert_eq!(cloud.sts.calls(), 3);

    cloud.exchange(&signed).await.ok();
    let rows = audited(&cloud.registry).await;
    let logins: Vec<_> = rows.iter().filter(|row| row.contains("principal.login")).collect();
    let line = format!("bot principal.login {} {}", cloud.name, json!({"arn": cloud.builder.arn}));
    assert_eq!(logins, [&line; 3], "the first one came twice and is recorded once");

    // What comes of the provider ends with it.
    cloud.owner.delete(&format!("/2019-12-10/{}", cloud.name)).await.ok();
    bot.get("buckets").await.fails(401, 16);
}

#[tokio::test]
async fn whoever_is_not_meant_is_refused() {
    let cloud = Cloud::set().await;
    let elsewhere = Identity {
        access_key: "ASIAELSEWHERE".to_owned(),
        ..Identity::role("210987654321", "builder", "i-0")
    };
    let other_role = Identity::role(ACCOUNT, "web", "i-0");
    for identity in [&elsewhere, &other_role] {
        cloud.sts.add(identity);
    }
    let message = cloud.exchange(&cloud.signed(&elsewhere)).await.fails(401, 16);
    assert!(message.contains("`210987654321`") && !message.contains(ACCOUNT), "{message}");
    let message = cloud.exchange(&cloud.signed(&other_role)).await.fails(401, 16);
    assert!(message.contains("its condition is not true"), "{message}");

    // Nobody learns where there is a provider who has proven nothing.
    let absent = cloud.name.replace("/aws", "/absent");
    let stranger = Identity::user("999999999999", "eve");
    let forged = [
        ("a stranger", cloud.signed(&stranger)),
        ("a guess", cloud.signed(&Identity { secret: "guessed".to_owned(), ..cloud.builder.clone() })),
        (
            "an old request",
            sign(&cloud.builder, &Signing { at: cloud.signing().at - 901, ..cloud.signing() }),
        ),
    ];
    for (what, signed) in forged {
        let message = cloud.exchange(&signed).await.fails(401, 16);
        assert!(message.starts_with("no workload identity provider"), "{what}: {message}");
        let of_other = sign(
            &cloud.builder,
            &Signing { at: cloud.signing().at, ..Signing::new("eu-central-1", &absent) },
        );
        let at_absent = exchange_at(&cloud.registry, &absent, &of_other).await.fails(401, 16);
        assert_eq!(at_absent.replace(&absent, &cloud.name), message, "{what}");
    }
    // A token at a provider of AWS is one at no provider.
    let token = exchange(&cloud.registry, &cloud.name, "a.b.c").await.fails(401, 16);
    let at_absent = exchange(&cloud.registry, &absent, "a.b.c").await.fails(401, 16);
    assert_eq!(at_absent.replace(&absent, &cloud.name), token);
}

#[tokio::test]
async fn what_was_signed_for_something_else_is_not_even_sent() {
    let cloud = Cloud::set().await;
    let second = cloud.name.replace("/aws", "/second");
    let mut cases = vec![
        (
            "another provider",
            sign(
                &cloud.builder,
                &Signing { at: cloud.signing().at, ..Signing::new("eu-central-1", &second) },
            ),
        ),
        (
            "another action",
            sign(
                &cloud.builder,
                &Signing { query: "Action=AssumeRole&Version=2011-06-15".to_owned(), ..cloud.signing() },
            ),
        ),
    ];
    let change = |change: fn(&mut Signed)| {
        let mut signed = cloud.signed(&cloud.builder);
        change(&mut signed);
        signed
    };
    cases.push(("another host", change(|it| it.url = it.url.replace("amazonaws.com", "example.com"))));
    cases.push((
        "this machine",
        change(|it| it.url = it.url.replace("sts.eu-central-1.amazonaws.com", "127.0.0.1")),
    ));
    cases.push((
        "no header",
        change(|it| {
            it.headers.remove(PROVIDER_HEADER);
        }),
    ));
    cases.push((
        "no signature",
        change(|it| {
            it.headers.remove("Authorization");
        }),
    ));
    cases.push((
        "two signatures",
        change(|it| {
            let value = it.headers["Authorization"].clone();
            let signature = value.rsplit_once(", ").expect("parts").1.to_owned();
            it.headers.insert("Authorization".to_owned(), format!("{value}, {signature}"));
        }),
    ));
    cases.push((
        "upper case",
        change(|it| {
            let (start, signature) = it.headers["Authorization"]
                .rsplit_once('=')
                .map(|(a, b)| (a.to_owned(), b.to_uppercase()))
                .expect("one");
            it.headers.insert("Authorization".to_owned(), format!("{start}={signature}"));
        }),
    ));
    cases.push((
        "nothing",
        Signed { method: String::new(), url: String::new(), headers: [].into(), body: String::new() },
    ));
    let absent = cloud.name.replace("/bot/", "/cat/");
    for (what, signed) in cases {
        let message = cloud.exchange(&signed).await.fails(401, 16);
        assert!(message.contains("is not as it must be"), "{what}: {message}");
        assert_eq!(cloud.sts.calls(), 0, "{what}");
        // Whether or not there is such a provider.
        let mut of_other = signed.clone();
        if let Some(name) = of_other.headers.get_mut(PROVIDER_HEADER) {
            *name = name.replace("/bot/", "/cat/");
        }
        let at_absent = exchange_at(&cloud.registry, &absent, &of_other).await.fails(401, 16);
        assert_eq!(at_absent.replace("/cat/", "/bot/"), message, "{what}");
    }
}

#[tokio::test]
async fn a_signed_request_is_exchanged_for_a_while_and_not_without_aws() {
    let cloud = Cloud::set().await;
    let signed = cloud.signed(&cloud.builder);
    cloud.exchange(&signed).await.ok();
    cloud.registry.clock.advance(Duration::from_secs(599));
    cloud.exchange(&signed).await.ok();
    cloud.registry.clock.advance(Duration::from_secs(1));
    let message = cloud.exchange(&signed).await.fails(401, 16);
    assert!(message.contains("already"), "{message}");

    cloud.sts.fail(true);
    let message = cloud.exchange(&cloud.signed(&cloud.builder)).await.fails(503, 14);
    assert!(!message.contains(cloud.sts.url()), "{message}");
    cloud.sts.fail(false);
    cloud.sts.answer(Some("nonsense"));
    cloud.exchange(&cloud.signed(&cloud.builder)).await.fails(503, 14);
    cloud.sts.answer(None);
    cloud.exchange(&cloud.signed(&cloud.builder)).await.ok();
}
