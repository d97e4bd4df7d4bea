//! What somebody stumbles over who uses the command line for the first time.

use insta::assert_snapshot;
use serde_json::Value;

use super::Scene;

/// Runs `waybill LINE` with the key that `principal create` printed.
fn run_as(scene: &Scene, created: &Value, line: &str) -> String {
    let environment = scene.waybill().environment();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let all = [
        ("HCP_CLIENT_ID", text(&created["client_id"])),
        ("HCP_CLIENT_SECRET", text(&created["client_secret"])),
        ("HCP_ORGANIZATION_ID", text(&environment["HCP_ORGANIZATION_ID"])),
        ("HCP_AUTH_URL", text(&environment["HCP_AUTH_URL"])),
        ("HCP_API_ADDRESS", text(&environment["HCP_API_ADDRESS"])),
        ("SSL_CERT_FILE", text(&environment["SSL_CERT_FILE"])),
    ];
    let theirs: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    scene.run_with(line, &theirs)
}

#[test]
fn variables_of_a_principal_are_those_that_were_asked_for() {
    let scene = Scene::with_registry();
    let created = scene.json("principal create image-ci --role viewer");
    assert_snapshot!(scene.run("env --principal image-ci --role contributor"), @r"
    exit 1
    --- stdout
    unset HCP_CLIENT_ID HCP_CLIENT_SECRET; false
    --- stderr
    error: image-ci is there already, and its role is another one than contributor on its project or the organization: viewer on the organization
    hint: leave --role out to take it as it is
    hint: `waybill role grant contributor --to service:image-ci` gives it the role
    ");
    scene.run("principal key create image-ci");
    assert_snapshot!(scene.run("env --principal image-ci --role viewer"), @r"
    exit 1
    --- stdout
    unset HCP_CLIENT_ID HCP_CLIENT_SECRET; false
    --- stderr
    error: service principal `image-ci` has 2 keys, which is the most it can have: delete one first
    hint: `waybill principal key list image-ci` shows them
    hint: `waybill principal key delete image-ci CLIENT_ID` deletes one
    hint: --replace-oldest deletes the older one first
    ");
    assert_snapshot!(scene.run("env --principal image-ci --role viewer --replace-oldest"), @r"
    exit 0
    --- stdout
    export HCP_CLIENT_ID='wb-clientclientclientclient12'
    export HCP_CLIENT_SECRET='wbs_SECRET'
    export HCP_ORGANIZATION_ID='uuiduuid-uuid-uuid-uuid-uuiduuiduuid'
    export HCP_PROJECT_ID='uuiduuid-uuid-uuid-uuid-uuiduuiduuid'
    export HCP_AUTH_URL='https://127.0.0.1:PORT'
    export HCP_API_ADDRESS='127.0.0.1:PORT'
    export SSL_CERT_FILE='/DATA/data/tls/bundle.pem'
    export HCP_SKIP_STATUS_CHECK='true'
    --- stderr
    deleted the older key of image-ci: wb-clientclientclientclient12
    made a key of image-ci: wb-clientclientclientclient12
    hint: when it is not needed any more, `waybill principal key delete image-ci wb-clientclientclientclient12` deletes the key
    ");
    let keys = scene.json("principal key list image-ci");
    let ids: Vec<&Value> =
        keys["keys"].as_array().expect("a list").iter().map(|key| &key["client_id"]).collect();
    assert!(ids.len() == 2 && !ids.contains(&&created["client_id"]), "{ids:?}");
}

#[test]
fn a_condition_that_takes_strangers_is_asked_about() {
    let scene = Scene::with_registry();
    scene.run("principal create image-ci --role publisher --project default --no-key");
    assert_snapshot!(scene.run("identity-provider create github --service-principal image-ci --github example/images --audience waybill"), @r"
    exit 0
    --- stdout
    name               github
    service principal  image-ci
    trusts             https://token.actions.githubusercontent.com
    audience           waybill
    condition          jwt_claims.repository == `example/images`
    resource name      iam/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/service-principal/image-ci/workload-identity-provider/github
    created            YYYY-MM-DD hh:mm:ssZ
    --- stderr
    hint: the workload has to ask its issuer for a token with the audience `waybill`
    hint: `waybill identity-provider credentials github --service-principal image-ci --source file:PATH` prints what clients need
    ");
    assert_snapshot!(scene.run("identity-provider update github --condition 'jwt_claims.ref == `refs/heads/main`'"), @r"
    exit 2
    --- stderr
    This will happen:
      github takes tokens with: jwt_claims.ref == `refs/heads/main`
      nothing in that says whose: the platform gives everybody tokens, and those of strangers can be so
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("identity-provider create open --service-principal image-ci --issuer https://gitlab.com --condition 'jwt_claims.ref == main'"), @r"
    exit 2
    --- stderr
    This will happen:
      open takes tokens with: jwt_claims.ref == main
      nothing in that says whose: the platform gives everybody tokens, and those of strangers can be so
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    let yes =
        scene.run("identity-provider update github --yes --condition 'jwt_claims.ref == `refs/heads/main`'");
    assert!(yes.contains("condition          jwt_claims.ref == `refs/heads/main`"), "{yes}");
    let described = scene.run("identity-provider update github --description 'Image builds'");
    assert!(described.starts_with("exit 0"), "what stays as it is asks nothing: {described}");
}

#[test]
fn who_sees_few_buckets_is_told_what_is_missing() {
    let scene = Scene::with_registry();
    scene.run("publish --bucket ubuntu --artifact aws:eu:ami-1");
    let created = scene.json("principal create image-ci --role viewer --bucket ubuntu");
    scene.run("project create web");
    scene.run("publish --bucket site --artifact aws:eu:ami-1 --project web");
    assert_snapshot!(run_as(&scene, &created, "bucket list"), @r"
    exit 0
    --- stdout
    NAME    LATEST  VERSIONS  PLATFORMS  UPDATED
    ubuntu  v1      1         aws        YYYY-MM-DD hh:mm:ssZ
    ");
    let web = scene.json("project show web")["id"].as_str().expect("an id").to_owned();
    assert_snapshot!(run_as(&scene, &created, &format!("bucket list --project {web}")), @r"
    exit 1
    --- stderr
    error: project `uuiduuid-uuid-uuid-uuid-uuiduuiduuid` does not exist in organization `uuiduuid-uuid-uuid-uuid-uuiduuiduuid`, or service principal `image-ci` has no role on it
    ");
    scene.run("group create Release");
    let manager = scene.json("principal create manager --role viewer");
    scene.run("role grant group-manager --to service:manager --group release");
    scene.run("role revoke viewer --from service:manager --yes");
    let default = scene.json("project show default")["id"].as_str().expect("an id").to_owned();
    assert_snapshot!(run_as(&scene, &manager, "bucket list"), @r"
    exit 1
    --- stderr
    error: you have roles on groups only, and none on the organization, a project or a bucket
    hint: ask an owner for a role: `waybill role grant ROLE --to service:manager`
    ");
    assert_snapshot!(run_as(&scene, &manager, &format!("bucket list --project {default}")), @r"
    exit 1
    --- stderr
    error: project `uuiduuid-uuid-uuid-uuid-uuiduuiduuid` does not exist in organization `uuiduuid-uuid-uuid-uuid-uuiduuiduuid`, or service principal `manager` has no role on it
    ");
}

#[test]
fn principals_of_several_projects_are_told_apart() {
    let scene = Scene::with_registry();
    scene.run("project create web");
    assert_snapshot!(scene.run("principal create image-ci --role viewer --project default --no-key"), @r"
    exit 0
    --- stdout
    name   image-ci
    roles  viewer on project uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    id     01ULIDULIDULIDULIDULIDULID
    ");
    scene.run("principal create image-ci --role viewer --project web");
    scene.run("principal create image-ci --role viewer");
    assert_snapshot!(scene.run("principal list"), @r"
    exit 0
    --- stdout
    NAME      PROJECT  ROLES                                                   CLIENT IDS                     CREATED               ID
    owner     -        owner on the organization                               wb-clientclientclientclient12  YYYY-MM-DD hh:mm:ssZ  01ULIDULIDULIDULIDULIDULID
    image-ci  default  viewer on project uuiduuid-uuid-uuid-uuid-uuiduuiduuid  -                              YYYY-MM-DD hh:mm:ssZ  01ULIDULIDULIDULIDULIDULID
    image-ci  web      viewer on project uuiduuid-uuid-uuid-uuid-uuiduuiduuid  wb-clientclientclientclient12  YYYY-MM-DD hh:mm:ssZ  01ULIDULIDULIDULIDULIDULID
    image-ci  -        viewer on the organization                              wb-clientclientclientclient12  YYYY-MM-DD hh:mm:ssZ  01ULIDULIDULIDULIDULIDULID
    ");
    assert_snapshot!(scene.run("principal show image-ci"), @r"
    exit 1
    --- stderr
    error: several principals are called `image-ci`
    hint: say which with --project, or by its id: 01ULIDULIDULIDULIDULIDULID of project default, 01ULIDULIDULIDULIDULIDULID of project web, 01ULIDULIDULIDULIDULIDULID of the organization
    ");
    assert_snapshot!(scene.run("principal show image-ci --project web"), @r"
    exit 0
    --- stdout
    name     image-ci
    kind     service
    roles    viewer on project uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    project  web (uuiduuid-uuid-uuid-uuid-uuiduuiduuid)
    id       01ULIDULIDULIDULIDULIDULID
    key      wb-clientclientclientclient12, made YYYY-MM-DD hh:mm:ssZ
    created  YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("principal key list image-ci --project default"), @r"
    exit 0
    --- stderr
    image-ci has no keys
    ");
    assert_snapshot!(scene.run("principal delete image-ci --project web --yes"), @r"
    exit 0
    --- stdout
    deleted image-ci
    ");
    assert_snapshot!(scene.run("principal delete image-ci --project web --yes"), @r"
    exit 1
    --- stderr
    error: there is no principal `image-ci` in project `web`
    hint: `waybill principal list` shows them all
    ");
}

#[test]
fn who_may_do_nothing_or_little_is_told_so() {
    let scene = Scene::with_registry();
    let created = scene.json("principal create image-ci --role viewer");
    scene.run("role revoke viewer --from service:image-ci --yes");
    assert_snapshot!(run_as(&scene, &created, "bucket list"), @r"
    exit 1
    --- stderr
    error: you have no role yet, and may do nothing
    hint: ask an owner for a role: `waybill role grant ROLE --to service:image-ci`
    ");
    assert_snapshot!(run_as(&scene, &created, "whoami"), @r"
    exit 0
    --- stdout
    name          image-ci
    kind          service
    organization  uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    client id     wb-clientclientclientclient12
    credentials   HCP_CLIENT_ID and HCP_CLIENT_SECRET
    server        https://127.0.0.1:PORT
    --- stderr
    hint: ask an owner for a role: `waybill role grant ROLE --to service:image-ci`
    ");
    assert_snapshot!(scene.run("user create ada@example.com"), @r"
    exit 0
    --- stdout
    email    ada@example.com
    id       01ULIDULIDULIDULIDULIDULID
    created  YYYY-MM-DD hh:mm:ssZ
    --- stderr
    they log in at the login provider, if there is one, or with a password: `waybill user set-password ada@example.com`
    hint: they have no role yet: `waybill role grant ROLE --to user:ada@example.com` gives one
    ");

    scene.run("publish --bucket ubuntu --artifact aws:eu:ami-1");
    assert_snapshot!(scene.run("role grant viewer --to service:image-ci --bucket debian"), @r"
    exit 1
    --- stderr
    error: bucket `debian` does not exist
    hint: publishing makes a bucket: `waybill publish --bucket NAME`
    hint: a role on the project counts for buckets that are still to come: --project PROJECT
    ");
    scene.run("group create Release --member ada@example.com");
    assert_snapshot!(scene.run("group member remove release ada@example.com"), @r"
    exit 0
    --- stderr
    group release has no members now
    ");
}
