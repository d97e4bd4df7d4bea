//! The service takes what AWS takes and refuses what AWS refuses.

use super::*;

const NOW: i64 = 1_790_000_000;

async fn service() -> (Sts, Identity) {
    let sts = Sts::start().await;
    let identity = Identity::role("123456789012", "ci", "job-1");
    sts.add(&identity);
    sts.set_time(NOW);
    (sts, identity)
}

fn signing() -> Signing {
    Signing { at: NOW, ..Signing::new("eu-central-1", "iam/project/p") }
}

async fn send(sts: &Sts, signed: &Signed, accept: Option<&str>) -> (u16, String) {
    crate::server::use_ring();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = url(sts, signed);
    let mut request = client.request(signed.method.parse().unwrap(), url).body(signed.body.clone());
    let host = signed.url.strip_prefix("https://").unwrap().split(['?', '/']).next().unwrap();
    request = request.header("host", host);
    for (name, value) in &signed.headers {
        request = request.header(name, value);
    }
    if let Some(accept) = accept {
        request = request.header("accept", accept);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn url(sts: &Sts, signed: &Signed) -> String {
    let query = signed.url.split_once('?').map_or("", |(_, query)| query);
    format!("{}/?{query}", sts.url())
}

#[tokio::test]
async fn whoever_signed_is_told_who_he_is() {
    let (sts, identity) = service().await;
    let user = Identity::user("210987654321", "ada");
    sts.add(&user);
    for (who, signing) in [(&identity, signing()), (&user, signing()), (&identity, signing().in_body())] {
        let signed = sign(who, &signing);
        let (status, xml) = send(&sts, &signed, None).await;
        assert_eq!(status, 200, "{xml}");
        assert!(xml.contains(&format!("<Arn>{}</Arn>", who.arn)), "{xml}");
        let (_, json) = send(&sts, &signed, Some("application/json")).await;
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["GetCallerIdentityResponse"]["GetCallerIdentityResult"]["Account"], who.account);
    }
    let global = Signing { host: "sts.amazonaws.com".into(), region: "us-east-1".into(), ..signing() };
    assert_eq!(send(&sts, &sign(&user, &global), None).await.0, 200);
}

#[tokio::test]
async fn what_was_not_signed_like_that_is_refused() {
    let (sts, identity) = service().await;
    let refused = async |signed: &Signed, code: &str| {
        let (status, text) = send(&sts, signed, None).await;
        assert!(400 <= status && text.contains(&format!("<Code>{code}</Code>")), "{code}: {status} {text}");
    };
    let signed = |change: &dyn Fn(&mut Signed)| {
        let mut signed = sign(&identity, &signing());
        change(&mut signed);
        signed
    };
    let set = |name: &'static str, value: &'static str| {
        signed(&|signed| {
            signed.headers.insert(name.into(), value.into());
        })
    };
    refused(&set(PROVIDER_HEADER, "iam/project/other"), "SignatureDoesNotMatch").await;
    refused(&set("x-amz-security-token", "another"), "InvalidClientTokenId").await;
    refused(&set("x-amz-unsigned", "1"), "SignatureDoesNotMatch").await;
    refused(&signed(&|signed| signed.method = "PUT".into()), "SignatureDoesNotMatch").await;
    refused(&signed(&|signed| signed.body = "more".into()), "SignatureDoesNotMatch").await;
    refused(&signed(&|signed| signed.headers.clear()), "MissingAuthenticationToken").await;
    let secret = Identity { secret: "guessed".into(), ..identity.clone() };
    refused(&sign(&secret, &signing()), "SignatureDoesNotMatch").await;
    refused(&sign(&Identity::user("1", "eve"), &signing()), "InvalidClientTokenId").await;
    let elsewhere = Signing { host: "sts.eu-west-1.amazonaws.com".into(), ..signing() };
    refused(&sign(&identity, &elsewhere), "SignatureDoesNotMatch").await;
    for at in [NOW - 901, NOW + 901] {
        refused(&sign(&identity, &Signing { at, ..signing() }), "SignatureDoesNotMatch").await;
    }
    let action = Signing { query: "Action=AssumeRole&Version=2011-06-15".into(), ..signing() };
    refused(&sign(&identity, &action), "InvalidAction").await;
}
