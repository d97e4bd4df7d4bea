//! Against a service that checks signatures as AWS does.

use waybill_testkit::sts::{Identity, Signed, Signing, Sts as Service, sign};

use super::*;
use crate::egress::EgressOptions;

const PROVIDER: &str = "iam/project/p/service-principal/s/workload-identity-provider/w";

fn sts(service: &Service) -> Sts {
    let allow = vec!["127.0.0.1".parse().unwrap()];
    let egress = Egress::open(EgressOptions { allow, ..EgressOptions::default() }).unwrap();
    Sts::new(egress, Some(service.url().parse().unwrap()))
}

async fn service() -> (Service, Identity) {
    let service = Service::start().await;
    let identity = Identity::role("123456789012", "ci", "job-1");
    service.add(&identity);
    (service, identity)
}

fn request(signed: &Signed) -> SignedRequest {
    let Signed { method, url, headers, body } = signed.clone();
    SignedRequest { url, method, headers, body }
}

fn signing() -> Signing {
    Signing::new("eu-central-1", PROVIDER)
}

#[tokio::test]
async fn aws_says_who_signed() {
    let (service, role) = service().await;
    let user = Identity::user("210987654321", "ada");
    service.add(&user);
    let fips =
        Signing { host: "sts-fips.us-east-1.amazonaws.com".into(), region: "us-east-1".into(), ..signing() };
    let global = Signing { host: "sts.amazonaws.com".into(), region: "us-east-1".into(), ..signing() };
    let china =
        Signing { host: "sts.cn-north-1.amazonaws.com.cn".into(), region: "cn-north-1".into(), ..signing() };
    let mut with_more = signing();
    with_more.signed.insert("accept".into(), "text/xml".into());
    with_more.signed.insert("user-agent".into(), "a client/1.0".into());
    with_more.signed.insert("amz-sdk-request".into(), "attempt=1; max=3".into());
    for who in [&role, &user] {
        for signing in
            [signing(), signing().in_body(), fips.clone(), global.clone(), china.clone(), with_more.clone()]
        {
            let request = request(&sign(who, &signing));
            let found = sts(&service).identify(&request, PROVIDER).await;
            let expected = AwsIdentity {
                account: who.account.clone(),
                arn: who.arn.clone(),
                user_id: who.user_id.clone(),
            };
            assert_eq!(found, Ok(expected), "{signing:?}");
        }
    }
}

#[tokio::test]
async fn names_of_headers_may_be_written_in_any_way() {
    let (service, identity) = service().await;
    let mut request = request(&sign(&identity, &signing()));
    request.headers = request.headers.into_iter().map(|(name, value)| (name.to_uppercase(), value)).collect();
    // Headers that are not signed are not sent: this one would make the service refuse.
    request.headers.insert("X-Amz-More".into(), "1".into());
    request.headers.insert("Cookie".into(), "a=b".into());
    request.headers.insert("Host".into(), "sts.eu-central-1.amazonaws.com".into());
    assert!(sts(&service).identify(&request, PROVIDER).await.is_ok());
}

#[tokio::test]
async fn what_is_not_as_it_must_be_is_not_sent() {
    let (service, identity) = service().await;
    let refused = async |request: &SignedRequest, expected: &str| {
        let error = sts(&service).identify(request, PROVIDER).await.unwrap_err();
        assert!(matches!(error, AwsError::Request(_)), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        let signature = request.headers.get("Authorization").map_or("none", String::as_str);
        assert!(!error.to_string().contains(signature), "{error}");
    };
    let signed = |signing: &Signing| request(&sign(&identity, signing));
    let changed = |change: &dyn Fn(&mut SignedRequest)| {
        let mut request = signed(&signing());
        change(&mut request);
        request
    };
    let set = |name: &'static str, value: &'static str| {
        changed(&|request| {
            request.headers.insert(name.into(), value.into());
        })
    };
    // For another provider, or for none.
    refused(&signed(&Signing::new("eu-central-1", "iam/project/other")), "not `iam/project/other`").await;
    refused(&changed(&|request| drop(request.headers.remove(PROVIDER_HEADER))), "not nothing").await;
    let unsigned = Signing { signed: [].into(), ..signing() };
    let mut unsigned = signed(&unsigned);
    unsigned.headers.insert(PROVIDER_HEADER.into(), PROVIDER.into());
    refused(&unsigned, "must be among the signed headers").await;
    // Elsewhere, or something else.
    let elsewhere = Signing { host: "sts.eu-central-1.amazonaws.com.evil.example".into(), ..signing() };
    refused(&signed(&elsewhere), "its URL must be").await;
    refused(&changed(&|request| request.url = "http://127.0.0.1/".into()), "its URL must be").await;
    let assume = Signing { query: "Action=AssumeRole&Version=2011-06-15".into(), ..signing() };
    refused(&signed(&assume), "GetCallerIdentity").await;
    refused(&changed(&|request| request.body = "Action=AssumeRole".into()), "GetCallerIdentity").await;
    let both = Signing { query: signing().query, ..signing().in_body() };
    refused(&signed(&both), "GetCallerIdentity").await;
    let get = Signing { method: "GET".into(), ..signing().in_body() };
    refused(&signed(&get), "GetCallerIdentity").await;
    refused(&changed(&|request| request.method = "DELETE".into()), "POST or GET").await;
    // What would change how it is transported.
    for name in ["transfer-encoding", "connection", "x-forwarded-for", "expect"] {
        let mut signing = signing();
        signing.signed.insert(name.into(), "x".into());
        refused(&signed(&signing), "cannot be sent on").await;
    }
    refused(&set("host", "sts.us-east-1.amazonaws.com"), "not the host of its URL").await;
    refused(&set("content-length", "7"), "not the length").await;
    refused(&set("X-Amz-Date", "20200101T000000Z"), "twice").await;
    refused(&set("x\ny", "z"), "cannot be sent").await;
    refused(&set("x-amz-date", "a\r\nb: c"), "cannot be sent").await;
    refused(&changed(&|request| drop(request.headers.remove("x-amz-date"))), "signed and not there").await;
    refused(&changed(&|request| drop(request.headers.remove("Authorization"))), "version 4").await;
    for wrong in [
        "Bearer x",
        "AWS4-HMAC-SHA256 Credential=a",
        "AWS4-HMAC-SHA256 SignedHeaders=host, SignedHeaders=host",
    ] {
        refused(&set("Authorization", wrong), "version 4").await;
    }
    refused(&set("Authorization", "AWS4-HMAC-SHA256 SignedHeaders=x-amz-date;host"), "version 4").await;
    let many = changed(&|request| {
        for n in 0..40 {
            request.headers.insert(format!("x-{n}"), String::new());
        }
    });
    refused(&many, "more than 32 headers").await;
    refused(&changed(&|request| drop(request.headers.insert("x".into(), "a".repeat(20_000)))), "bytes").await;
    assert_eq!(service.calls(), 0);
}

#[tokio::test]
async fn what_aws_refuses_is_refused() {
    let (service, identity) = service().await;
    let refused = async |request: SignedRequest, code: &str| {
        let refused = sts(&service).identify(&request, PROVIDER).await;
        assert_eq!(refused, Err(AwsError::Refused(code.to_owned())));
    };
    let guessed = Identity { secret: "guessed".into(), ..identity.clone() };
    refused(request(&sign(&guessed, &signing())), "SignatureDoesNotMatch").await;
    refused(request(&sign(&Identity::user("1", "eve"), &signing())), "InvalidClientTokenId").await;
    let old = Signing { at: signing().at - 1000, ..signing() };
    refused(request(&sign(&identity, &old)), "SignatureDoesNotMatch").await;
    // Signed for another provider and changed afterwards.
    let mut stolen = request(&sign(&identity, &Signing::new("eu-central-1", "iam/project/other")));
    stolen.headers.insert(PROVIDER_HEADER.into(), PROVIDER.into());
    refused(stolen, "SignatureDoesNotMatch").await;
}

#[tokio::test]
async fn when_aws_cannot_be_asked() {
    let (service, identity) = service().await;
    let request = request(&sign(&identity, &signing()));
    service.fail(true);
    let down = sts(&service).identify(&request, PROVIDER).await;
    assert!(matches!(&down, Err(AwsError::Unavailable(reason)) if reason.contains("503")), "{down:?}");
    service.fail(false);
    for answer in ["", "<html>", "{}", "a".repeat(70_000).as_str()] {
        service.answer(Some(answer));
        let strange = sts(&service).identify(&request, PROVIDER).await;
        assert!(matches!(strange, Err(AwsError::Unavailable(_))), "{strange:?}");
    }
    // The operator did not allow the place.
    let forbidden = Sts::new(Egress::default(), Some(service.url().parse().unwrap()));
    let forbidden = forbidden.identify(&request, PROVIDER).await;
    assert!(
        matches!(&forbidden, Err(AwsError::Unavailable(reason)) if reason.contains("loopback")),
        "{forbidden:?}"
    );
}
