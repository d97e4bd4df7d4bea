//! Workload identity providers.

use insta::assert_snapshot;

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
    let line =
        |rest: &str| scene.run(&format!("identity-provider create builds --service-principal image-ci {rest}"));
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
