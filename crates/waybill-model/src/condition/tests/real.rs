//! Statements as people write them, about tokens as the well-known issuers make them.

use super::{
    super::{AwsCaller, Vocabulary},
    *,
};

/// Each statement is one that a provider of that kind may have, and says that of the caller.
fn check(vocabulary: Vocabulary, facts: &Facts, table: &[(&str, bool)]) {
    for (statement, expected) in table {
        let condition: Condition = statement.parse().expect(statement);
        assert_eq!(condition.check(vocabulary), Ok(()), "{statement}");
        assert_eq!(condition.evaluate(facts), Ok(*expected), "{statement}");
    }
}

#[test]
fn github_actions() {
    let facts = Facts::oidc(members([
        ("iss", text("https://token.actions.githubusercontent.com")),
        ("sub", text("repo:example/images:ref:refs/heads/main")),
        ("repository", text("example/images")),
        ("repository_owner", text("example")),
        ("repository_visibility", text("private")),
        ("ref", text("refs/heads/main")),
        ("ref_type", text("branch")),
        ("ref_protected", text("true")),
        ("event_name", text("push")),
        ("job_workflow_ref", text("example/workflows/.github/workflows/build.yml@refs/tags/v3")),
        ("run_attempt", text("1")),
        ("iat", Fact::Integer(1_795_500_000)),
    ]));
    check(
        Vocabulary::Oidc,
        &facts,
        &[
            ("jwt_claims.sub == `repo:example/images:ref:refs/heads/main`", true),
            ("jwt_claims.sub == \"repo:example/images:ref:refs/heads/dev\"", false),
            ("jwt_claims.repository == \"example/images\" and jwt_claims.ref == \"refs/heads/main\"", true),
            ("jwt_claims.sub matches \"^repo:example/[^:]+:ref:refs/heads/(main|release-.+)$\"", true),
            ("jwt_claims.sub matches `^repo:exam`", true),
            ("jwt_claims.repository_owner == example and jwt_claims.event_name != pull_request", true),
            ("jwt_claims.ref_protected == true", true),
            (
                "jwt_claims.job_workflow_ref matches `^example/workflows/\\.github/workflows/build\\.yml@refs/tags/v\\d+$`",
                true,
            ),
            // A job without an environment has no such claim.
            ("jwt_claims.environment == \"production\" or jwt_claims.ref == \"refs/heads/main\"", true),
            ("jwt_claims.environment == \"production\"", false),
        ],
    );
}

#[test]
fn gitlab() {
    let facts = Facts::oidc(members([
        ("iss", text("https://gitlab.com")),
        ("sub", text("project_path:example/images:ref_type:branch:ref:main")),
        ("project_path", text("example/images")),
        ("project_id", text("22")),
        ("namespace_path", text("example")),
        ("ref", text("main")),
        ("ref_type", text("branch")),
        ("ref_protected", text("true")),
        ("user_access_level", text("maintainer")),
        ("groups_direct", list([text("example"), text("example/platform")])),
    ]));
    check(
        Vocabulary::Oidc,
        &facts,
        &[
            ("jwt_claims.project_path == `example/images` and jwt_claims.ref_type == `branch`", true),
            (
                "jwt_claims.sub matches `^project_path:example/.+:ref_type:(branch:ref:main|tag:ref:v.+)$`",
                true,
            ),
            ("jwt_claims.project_id == 22", true),
            (
                "\"example/platform\" in jwt_claims.groups_direct and jwt_claims.ref_protected == \"true\"",
                true,
            ),
            ("jwt_claims.groups_direct contains \"example/plat\"", false),
            ("any jwt_claims.groups_direct as group { group matches `^example/(platform|security)$` }", true),
        ],
    );
}

#[test]
fn kubernetes() {
    let facts = Facts::oidc(members([
        ("iss", text("https://kubernetes.default.svc.cluster.local")),
        ("sub", text("system:serviceaccount:ci:packer")),
        ("aud", list([text("waybill")])),
        (
            "kubernetes.io",
            map([
                ("namespace", text("ci")),
                ("serviceaccount", map([("name", text("packer")), ("uid", text("2a5b"))])),
                ("warnafter", Fact::Integer(1_795_500_000)),
            ]),
        ),
    ]));
    check(
        Vocabulary::Oidc,
        &facts,
        &[
            ("jwt_claims.sub == \"system:serviceaccount:ci:packer\"", true),
            ("jwt_claims[\"kubernetes.io\"].namespace == \"ci\"", true),
            ("jwt_claims[`kubernetes.io`].serviceaccount.name == packer and waybill in jwt_claims.aud", true),
            ("\"/jwt_claims/kubernetes.io/serviceaccount/uid\" == \"2a5b\"", true),
            ("jwt_claims.aud.0 == waybill", true),
            ("jwt_claims[\"kubernetes.io\"].pod is empty", true),
        ],
    );
}

#[test]
fn aws() {
    let facts = Facts::aws(AwsCaller {
        arn: "arn:aws:sts::123456789012:assumed-role/builder/i-0abc".into(),
        account_id: "123456789012".into(),
        user_id: "AROAEXAMPLE:i-0abc".into(),
    });
    check(
        Vocabulary::Aws,
        &facts,
        &[
            ("aws.arn == `arn:aws:sts::123456789012:assumed-role/builder`", false),
            ("aws.arn matches `^arn:aws:sts::123456789012:assumed-role/builder/`", true),
            ("aws.arn matches \"arn:aws:sts::123456789012:assumed-role/builder/*\"", true),
            ("aws.account_id == 123456789012", true),
            ("aws.account_id == \"123456789012\" and aws.user_id contains `:i-`", true),
            ("not (aws.arn contains \":user/\" or aws.arn contains \":root\")", true),
        ],
    );
}

#[test]
fn azure() {
    let facts = Facts::oidc(members([
        ("iss", text("https://sts.windows.net/60a0d497-45cd-413d-95ca-e154bbb9129b/")),
        ("sub", text("066c643f-86c0-490a-854c-35e77ddc7851")),
        ("oid", text("066c643f-86c0-490a-854c-35e77ddc7851")),
        ("appid", text("f0a1c2d3-0000-4000-8000-000000000000")),
        ("idtyp", text("app")),
        ("ver", text("1.0")),
        (
            "xms_mirid",
            text(
                "/subscriptions/s-1/resourcegroups/ci/providers/Microsoft.ManagedIdentity/userAssignedIdentities/packer",
            ),
        ),
        ("groups", list([text("8d5fd7f1-0000-4000-8000-000000000001")])),
    ]));
    check(
        Vocabulary::Oidc,
        &facts,
        &[
            ("jwt_claims.sub == \"066c643f-86c0-490a-854c-35e77ddc7851\"", true),
            ("jwt_claims.xms_mirid matches `(?i)/USERASSIGNEDIDENTITIES/packer$`", true),
            ("jwt_claims.xms_mirid matches `/resourcegroups/prod/`", false),
            ("\"8d5fd7f1-0000-4000-8000-000000000001\" in jwt_claims.groups and jwt_claims.ver == 1.0", true),
            ("jwt_claims.roles is empty", true),
        ],
    );
}

#[test]
fn google() {
    let facts = Facts::oidc(members([
        ("iss", text("https://accounts.google.com")),
        ("sub", text("107517467455664443766")),
        ("azp", text("107517467455664443766")),
        ("email", text("packer@example-ci.iam.gserviceaccount.com")),
        ("email_verified", Fact::Boolean(true)),
        (
            "google",
            map([(
                "compute_engine",
                map([
                    ("project_id", text("example-ci")),
                    ("project_number", Fact::Integer(739_419_398_126)),
                    ("zone", text("europe-west3-a")),
                    ("license_id", list([text("1000204")])),
                ]),
            )]),
        ),
    ]));
    check(
        Vocabulary::Oidc,
        &facts,
        &[
            ("jwt_claims.sub == \"107517467455664443766\"", true),
            ("jwt_claims.sub == 107517467455664443766", true),
            ("jwt_claims.sub == 107517467455664443767", false),
            (
                "jwt_claims.email_verified == true and jwt_claims.email matches `@example-ci\\.iam\\.gserviceaccount\\.com$`",
                true,
            ),
            ("jwt_claims.google.compute_engine.project_id == \"example-ci\"", true),
            ("jwt_claims.google.compute_engine.project_number == 739419398126", true),
            ("jwt_claims[\"google\"][\"compute_engine\"].zone matches `^europe-`", true),
            ("\"1000204\" in jwt_claims.google.compute_engine.license_id", true),
        ],
    );
}
