//! `waybill serve --oidc-…`: what a login provider cannot be.

use waybill_testkit::{Options, Refused, issuer::Issuer};

use super::{folder, options};

/// Starts with these arguments after the issuer and the client id; it must be refused.
fn refused(issuer: &str, arguments: &[&str], change: impl FnOnce(Options) -> Options) -> Refused {
    let all = ["--oidc-issuer", issuer, "--oidc-client-id", "registry"]
        .into_iter()
        .chain(arguments.iter().copied());
    change(all.fold(options(), Options::argument)).try_start().expect_err("it must be refused")
}

#[test]
fn a_provider_is_checked_before_anybody_logs_in() {
    let as_it_is = |options| options;
    let said = |issuer, arguments: &[&str]| {
        let refused = refused(issuer, arguments, as_it_is);
        assert_ne!(refused.status.code(), Some(0));
        refused.stderr
    };
    let good = "https://sso.example";
    for (issuer, arguments, part) in [
        ("sso.example", [].as_slice(), "cannot be an issuer"),
        ("http://10.0.0.1", &[], "cannot be an issuer"),
        ("https://10.0.0.1", &[], "a private address"),
        (good, &["--oidc-condition", "jwt_claims.groups =="], "--oidc-condition, column"),
        (good, &["--oidc-condition", "aws.arn == `x`"], "--oidc-condition cannot use"),
        (good, &["--oidc-scope", "email profile"], "must hold `openid`"),
        (good, &["--oidc-client-secret-file", "none"], "none"),
    ] {
        let said = said(issuer, arguments);
        assert!(said.contains(part), "{issuer} {arguments:?}: {said}");
    }
}

#[test]
fn a_secret_is_given_once() {
    let folder = folder();
    let file = folder.path().join("secret");
    fs_err::write(&file, "s3cret").expect("a file");
    let arguments = ["--oidc-client-secret-file", file.to_str().expect("a path")];
    let twice = |options: Options| options.environment("WAYBILL_OIDC_CLIENT_SECRET", "s3cret");
    let refused = refused("https://sso.example", &arguments, twice);
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stderr.contains("are both given"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("s3cret"), "{}", refused.stderr);

    let alone = options().argument("--oidc-issuer").argument("https://sso.example").try_start();
    let said = alone.expect_err("a client id is needed").stderr;
    assert!(said.contains("--oidc-client-id"), "{said}");
}

#[tokio::test]
async fn everything_may_be_in_the_environment() {
    let issuer = Issuer::start().await;
    let waybill = options()
        .environment("WAYBILL_OIDC_ISSUER", issuer.url())
        .environment("WAYBILL_OIDC_CLIENT_ID", "registry")
        .environment("WAYBILL_OIDC_CLIENT_SECRET", "s3cret")
        .environment("WAYBILL_EGRESS_ALLOW", "127.0.0.1")
        .start();
    let ways = waybill.api().await.get("/api/v1/login").await.ok();
    assert_eq!(ways["provider"]["name"], "127.0.0.1", "its host, without a name");
    let log = waybill.stop().await;
    assert!(!log.contains("s3cret"), "{log}");
}
