//! Workload identity providers.

use std::process::Output;

use axum::{
    Json, Router,
    extract::Path,
    http::{HeaderMap, StatusCode},
    routing::{get, put},
};
use insta::assert_snapshot;
use serde_json::json;
use tokio::net::TcpListener;
use waybill_testkit::{
    issuer::Issuer,
    sts::{Identity, Sts},
};

use super::Scene;

#[test]
fn workloads_need_no_secret() {
    let scene = Scene::with_registry();
    scene.run("principal create image-ci --role publisher --project default");
    scene.run("principal create deploy --role viewer --project default");
    assert_snapshot!(scene.run("identity-provider list"), @r"
    exit 0
    --- stderr
    there are no workload identity providers in this project
    ");
    assert_snapshot!(scene.run("identity-provider create github --service-principal image-ci --github example/images --ref main --description 'Image builds'"), @r"
    exit 0
    --- stdout
    name               github
    service principal  image-ci
    description        Image builds
    trusts             https://token.actions.githubusercontent.com
    audience           the resource name
    condition          jwt_claims.repository == `example/images` and jwt_claims.ref == `refs/heads/main`
    resource name      iam/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/service-principal/image-ci/workload-identity-provider/github
    created            YYYY-MM-DD hh:mm:ssZ
    --- stderr
    hint: the workload has to ask its issuer for a token with the audience `iam/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/service-principal/image-ci/workload-identity-provider/github`
    hint: `waybill identity-provider credentials github --service-principal image-ci --source file:PATH` prints what clients need
    ");
    assert_snapshot!(scene.run("identity-provider create github --service-principal deploy --github example/web --environment prod --audience waybill --quiet --json"), @r#"
    exit 0
    --- stdout
    {
      "id": "01ULIDULIDULIDULIDULIDULID",
      "name": "github",
      "service_principal": "deploy",
      "resource_name": "iam/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/service-principal/deploy/workload-identity-provider/github",
      "description": null,
      "condition": "jwt_claims.repository == `example/web` and jwt_claims.environment == `prod`",
      "issuer": "https://token.actions.githubusercontent.com",
      "audiences": [
        "waybill"
      ],
      "aws_account": null,
      "created_at": "TIME",
      "updated_at": "TIME"
    }
    "#);
    assert_snapshot!(scene.run("identity-provider create aws --service-principal deploy --aws-account 123456789012 --condition 'aws.arn matches `builder`' --quiet"), @r"
    exit 0
    --- stdout
    name               aws
    service principal  deploy
    trusts             AWS account 123456789012
    condition          aws.arn matches `builder`
    resource name      iam/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/service-principal/deploy/workload-identity-provider/aws
    created            YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("identity-provider list"), @r"
    exit 0
    --- stdout
    NAME    SERVICE PRINCIPAL  TRUSTS                                       CONDITION
    github  deploy             https://token.actions.githubusercontent.com  jwt_claims.repository == `example/web` and jwt_claims.environment == `prod`
    aws     deploy             AWS account 123456789012                     aws.arn matches `builder`
    github  image-ci           https://token.actions.githubusercontent.com  jwt_claims.repository == `example/images` and jwt_claims.ref == `refs/heads/main`
    ");
    assert_snapshot!(scene.run("identity-provider show github"), @r"
    exit 1
    --- stderr
    error: several have a provider `github`
    hint: say which with --service-principal: deploy, image-ci
    ");
    assert_snapshot!(scene.run("identity-provider update github --service-principal deploy --default-audience --condition 'jwt_claims.repository == `example/site`'"), @r"
    exit 0
    --- stdout
    name               github
    service principal  deploy
    trusts             https://token.actions.githubusercontent.com
    audience           the resource name
    condition          jwt_claims.repository == `example/site`
    resource name      iam/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/service-principal/deploy/workload-identity-provider/github
    created            YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("identity-provider update aws --issuer https://sso.example"), @r"
    exit 2
    --- stderr
    error: aws trusts an AWS account, and has no issuer to change
    hint: make another provider beside it
    ");
    assert_snapshot!(scene.run("identity-provider update aws"), @r"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <--issuer <URL>|--audience <AUDIENCE>|--default-audience|--aws-account <ACCOUNT>|--condition <EXPRESSION>|--description <TEXT>>

    Usage: waybill identity-provider update <--issuer <URL>|--audience <AUDIENCE>|--default-audience|--aws-account <ACCOUNT>|--condition <EXPRESSION>|--description <TEXT>> <NAME>

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("identity-provider credentials aws --source aws"), @r#"
    exit 0
    --- stdout
    {
      "scheme": "workload",
      "workload": {
        "aws": {},
        "provider_resource_name": "iam/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/service-principal/deploy/workload-identity-provider/aws"
      }
    }
    "#);
    assert_snapshot!(scene.run("identity-provider delete aws"), @r"
    exit 2
    --- stderr
    This will happen:
      iam/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/service-principal/deploy/workload-identity-provider/aws is deleted
      workloads that become deploy by it are refused at once
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("identity-provider delete aws --yes"), @r"
    exit 0
    --- stdout
    deleted aws
    ");
    assert_snapshot!(scene.run("identity-provider delete aws --yes"), @r"
    exit 1
    --- stderr
    error: there is no workload identity provider `aws`
    hint: `waybill identity-provider list` shows them all
    ");
}

#[test]
fn providers_that_cannot_be_are_explained() {
    let scene = Scene::with_registry();
    let line = |rest: &str| {
        scene.run(&format!("identity-provider create builds --service-principal image-ci {rest}"))
    };
    assert_snapshot!(line(""), @r"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <--issuer <URL>|--aws-account <ACCOUNT>|--github <OWNER/REPO>|--gitlab <GROUP/PROJECT>>

    Usage: waybill identity-provider create --service-principal <PRINCIPAL> <--issuer <URL>|--aws-account <ACCOUNT>|--github <OWNER/REPO>|--gitlab <GROUP/PROJECT>> <NAME>

    For more information, try '--help'.
    ");
    assert_snapshot!(line("--github example/images"), @r"
    exit 1
    --- stderr
    error: service principal `image-ci` does not exist in project `uuiduuid-uuid-uuid-uuid-uuiduuiduuid`
    hint: `waybill principal create image-ci --role ROLE --project PROJECT` makes it; one of the organization has no providers
    ");
    assert_snapshot!(line("--github images"), @r"
    exit 2
    --- stderr
    error: --github takes OWNER/REPO, not `images`
    ");
    assert_snapshot!(line("--issuer https://sso.example"), @r#"
    exit 2
    --- stderr
    error: a condition is missing: without one, everybody's tokens would do
    hint: --condition 'jwt_claims.sub == "…"' takes one subject's
    "#);
    assert_snapshot!(line("--kubernetes ci/packer"), @r"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <--issuer <URL>|--aws-account <ACCOUNT>|--github <OWNER/REPO>|--gitlab <GROUP/PROJECT>>

    Usage: waybill identity-provider create --service-principal <PRINCIPAL> --kubernetes <NAMESPACE/SERVICEACCOUNT> <--issuer <URL>|--aws-account <ACCOUNT>|--github <OWNER/REPO>|--gitlab <GROUP/PROJECT>> <NAME>

    For more information, try '--help'.
    ");
    assert_snapshot!(line("--github a/b --aws-account 123456789012"), @r"
    exit 2
    --- stderr
    error: the argument '--github <OWNER/REPO>' cannot be used with '--aws-account <ACCOUNT>'

    Usage: waybill identity-provider create --service-principal <PRINCIPAL> <--issuer <URL>|--aws-account <ACCOUNT>|--github <OWNER/REPO>|--gitlab <GROUP/PROJECT>> <NAME>

    For more information, try '--help'.
    ");
    scene.run("principal create image-ci --role publisher --project default");
    assert_snapshot!(line("--issuer https://sso.example --condition 'jwt_claims.sub = x'"), @r"
    exit 1
    --- stderr
    error: `conditional_access`, column 16: expected a selector, a value or an operator, not `=`; write `==`
    ");
    assert_snapshot!(line("--issuer https://127.0.0.1 --condition 'jwt_claims.sub == x'"), @r"
    exit 1
    --- stderr
    error: `oidc_config.issuer_uri`: the registry does not connect to https://127.0.0.1: it is 127.0.0.1, a loopback address; the registry's operator can allow that with `--egress-allow 127.0.0.1`
    ");
}

#[test]
fn a_credential_file_needs_no_registry() {
    let scene = Scene::offline();
    let name = "iam/project/p/service-principal/image-ci/workload-identity-provider/github";
    let line = |rest: &str| scene.run(&format!("identity-provider credentials {name} {rest}"));
    assert_snapshot!(line("--source file:/tmp/token"), @r#"
    exit 0
    --- stdout
    {
      "scheme": "workload",
      "workload": {
        "file": {
          "path": "/tmp/token"
        },
        "provider_resource_name": "iam/project/p/service-principal/image-ci/workload-identity-provider/github"
      }
    }
    "#);
    assert_snapshot!(line("--source url:http://169.254.169.254/x --header Metadata=True --pointer /access_token"), @r#"
    exit 0
    --- stdout
    {
      "scheme": "workload",
      "workload": {
        "provider_resource_name": "iam/project/p/service-principal/image-ci/workload-identity-provider/github",
        "url": {
          "format_type": "json",
          "headers": {
            "Metadata": "True"
          },
          "subject_cred_pointer": "/access_token",
          "url": "http://169.254.169.254/x"
        }
      }
    }
    "#);
    assert_snapshot!(line("--source token:x"), @r"
    exit 2
    --- stderr
    error: invalid value 'token:x' for '--source <SOURCE>': a source is env:NAME, file:PATH, url:URL or aws, not `token:x`

    For more information, try '--help'.
    ");
    assert_snapshot!(line("--source env:TOKEN --header a=b"), @r"
    exit 2
    --- stderr
    error: --header goes with --source url:URL only
    ");
}

/// `waybill whoami` of a workload with a credential file of that source, and these variables.
fn whoami(scene: &Scene, provider: &str, source: &str, variables: &[(&str, &str)]) -> String {
    let file = scene.command(&format!("identity-provider credentials {provider} {source}")).output();
    let Output { status, stdout, stderr } = file.expect("the program runs");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    scene.write("cred_file.json", &String::from_utf8_lossy(&stdout));
    let environment = scene.waybill().environment();
    let mut all = vec![("HCP_CRED_FILE", "cred_file.json")];
    for name in ["HCP_AUTH_URL", "HCP_API_ADDRESS", "SSL_CERT_FILE"] {
        all.push((name, environment[name].as_str().expect("a text")));
    }
    all.extend(variables);
    scene.run_with("whoami", &all)
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_logs_in_with_its_own_token() {
    let scene = Scene::with_registry_that_reaches_here(&[]);
    let issuer = Issuer::start().await;
    scene.run("principal create image-ci --role publisher --project default");
    let trust = format!("--issuer {} --audience waybill --condition 'jwt_claims.sub == job'", issuer.url());
    scene.run(&format!("identity-provider create pipeline --service-principal image-ci {trust}"));
    let token = |subject: &str| issuer.token(&json!({"sub": subject, "aud": "waybill"}));
    assert_snapshot!(whoami(&scene, "pipeline", "--source env:TOKEN", &[("TOKEN", &token("job"))]), @r"
    exit 0
    --- stdout
    name          image-ci
    kind          service
    roles         publisher on project uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    organization  uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    project       uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    client id     01ULIDULIDULIDULIDULIDULID
    credentials   the credential file `/FOLDER/cred_file.json`
    server        https://127.0.0.1:PORT
    ");
    assert_snapshot!(whoami(&scene, "pipeline", "--source env:TOKEN", &[("TOKEN", &token("other"))]), @r"
    exit 1
    --- stderr
    error: workload identity provider `iam/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/service-principal/image-ci/workload-identity-provider/pipeline` does not accept this workload: its condition is not true of what was shown; compare its `conditional_access` with the claims
    hint: the registry's log has the reason of each refusal
    ");
    assert_snapshot!(whoami(&scene, "pipeline", "--source env:TOKEN", &[]), @r"
    exit 2
    --- stderr
    error: the workload's own token: TOKEN is not set
    ");
    scene.write("token.json", &json!({"id": {"token": token("job")}}).to_string());
    let done = whoami(&scene, "pipeline", "--source file:token.json --pointer /id/token", &[]);
    assert!(done.starts_with("exit 0"), "{done}");
    assert_snapshot!(whoami(&scene, "pipeline", "--source file:token.json --pointer /id/jwt", &[]), @r"
    exit 2
    --- stderr
    error: the workload's own token: there is no text at `/id/jwt` of the JSON
    ");
    assert_snapshot!(whoami(&scene, "pipeline", "--source file:absent", &[]), @r"
    exit 2
    --- stderr
    error: the workload's own token: failed to open file `/FOLDER/absent`: No such file or directory (os error 2)
    ");
    let answer = token("job");
    let give = |headers: HeaderMap| async move {
        let is_asked = headers.get("metadata").is_some_and(|value| value == "True");
        if is_asked { (StatusCode::OK, answer) } else { (StatusCode::BAD_REQUEST, String::new()) }
    };
    let url = serve(Router::new().route("/token", get(give))).await;
    let done = whoami(&scene, "pipeline", &format!("--source url:{url}/token --header Metadata=True"), &[]);
    assert!(done.starts_with("exit 0"), "{done}");
    let refused = whoami(&scene, "pipeline", &format!("--source url:{url}/token"), &[]);
    assert!(refused.contains("answered HTTP 400 Bad Request"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_of_aws_logs_in_with_its_role() {
    let sts = Sts::start().await;
    let scene = Scene::with_registry_that_reaches_here(&["--aws-sts-url", sts.url()]);
    let builder = Identity::role("123456789012", "builder", "i-1");
    let intruder = Identity::role("123456789012", "intruder", "i-2");
    sts.add(&builder);
    sts.add(&intruder);
    scene.run("principal create image-ci --role publisher --project default");
    let condition = "--condition 'aws.arn matches `assumed-role/builder/`'";
    let trust = format!("--aws-account 123456789012 {condition}");
    scene.run(&format!("identity-provider create aws --service-principal image-ci {trust}"));
    let variables = |identity: &Identity| {
        let token = identity.session_token.clone().expect("a role has one");
        [
            ("AWS_ACCESS_KEY_ID", identity.access_key.clone()),
            ("AWS_SECRET_ACCESS_KEY", identity.secret.clone()),
            ("AWS_SESSION_TOKEN", token),
        ]
    };
    let with = |identity: &Identity, more: &[(&str, &str)]| {
        let variables = variables(identity);
        let mut all: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.extend(more);
        whoami(&scene, "aws", "--source aws", &all)
    };
    for region in [&[][..], &[("AWS_REGION", "eu-central-1")], &[("AWS_DEFAULT_REGION", "ap-south-1")]] {
        let done = with(&builder, region);
        assert!(done.starts_with("exit 0") && done.contains("image-ci"), "{done}");
    }
    let refused = with(&intruder, &[]);
    assert!(refused.starts_with("exit 1"), "{refused}");

    // Without variables, the machine's own metadata service is asked.
    let secret = builder.secret.clone();
    let credentials = move |Path(role): Path<String>, headers: HeaderMap| async move {
        assert!(
            role == "builder" && headers.get("x-aws-ec2-metadata-token").is_some_and(|it| it == "session")
        );
        Json(json!({
            "Code": "Success", "AccessKeyId": builder.access_key, "SecretAccessKey": secret,
            "Token": builder.session_token, "Expiration": "2030-01-01T00:00:00Z",
        }))
    };
    let metadata = Router::new()
        .route(
            "/latest/api/token",
            put(|headers: HeaderMap| async move {
                assert!(headers.contains_key("x-aws-ec2-metadata-token-ttl-seconds"));
                "session"
            }),
        )
        .route("/latest/meta-data/iam/security-credentials/", get(|| async { "builder" }))
        .route("/latest/meta-data/iam/security-credentials/{role}", get(credentials))
        .route("/latest/meta-data/placement/region", get(|| async { "eu-west-1" }));
    let url = serve(metadata).await;
    let done = whoami(&scene, "aws", "--source aws", &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url)]);
    assert!(done.starts_with("exit 0"), "{done}");
    let nowhere = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1");
    assert_snapshot!(whoami(&scene, "aws", "--source aws", &[nowhere]), @r"
    exit 2
    --- stderr
    error: the machine's AWS credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and no metadata service answers
    ");
}
