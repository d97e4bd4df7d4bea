//! Principals, projects, and whom the registry takes the caller for.

use insta::assert_snapshot;

use super::Scene;

#[test]
fn the_owner_and_others() {
    let scene = Scene::with_registry();
    assert_snapshot!(scene.run("whoami"), @r"
    exit 0
    --- stdout
    name          owner
    kind          service
    roles         owner on the organization
    organization  uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    client id     wb-clientclientclientclient12
    credentials   the data folder `/DATA/data`
    server        https://127.0.0.1:PORT
    ");
    assert_snapshot!(scene.run("principal create auditor --role viewer"), @r"
    exit 0
    --- stdout
    name           auditor
    roles          viewer on the organization
    id             01ULIDULIDULIDULIDULIDULID
    client id      wb-clientclientclientclient12
    client secret  wbs_SECRET
    --- stderr
    the secret is not shown again
    ");
    assert_snapshot!(scene.run("principal create auditor --role viewer"), @r"
    exit 1
    --- stderr
    error: service principal `auditor` exists already
    ");
    scene.run("publish --bucket ubuntu --artifact aws:eu:ami-1");
    assert_snapshot!(scene.run("principal create ubuntu-ci --role contributor --bucket ubuntu"), @r"
    exit 0
    --- stdout
    name           ubuntu-ci
    roles          contributor on bucket ubuntu
    id             01ULIDULIDULIDULIDULIDULID
    client id      wb-clientclientclientclient12
    client secret  wbs_SECRET
    --- stderr
    the secret is not shown again
    ");
    assert_snapshot!(scene.run("principal list"), @r"
    exit 0
    --- stdout
    NAME       PROJECT  ROLES                         CLIENT IDS                     CREATED               ID
    owner      -        owner on the organization     wb-clientclientclientclient12  YYYY-MM-DD hh:mm:ssZ  01ULIDULIDULIDULIDULIDULID
    auditor    -        viewer on the organization    wb-clientclientclientclient12  YYYY-MM-DD hh:mm:ssZ  01ULIDULIDULIDULIDULIDULID
    ubuntu-ci  default  contributor on bucket ubuntu  wb-clientclientclientclient12  YYYY-MM-DD hh:mm:ssZ  01ULIDULIDULIDULIDULIDULID
    ");
    assert_snapshot!(scene.run("principal delete auditor"), @r"
    exit 2
    --- stderr
    This will happen:
      principal auditor (01ULIDULIDULIDULIDULIDULID) is deleted
      whoever uses wb-clientclientclientclient12 is refused at once
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("principal delete auditor --yes"), @r"
    exit 0
    --- stdout
    deleted auditor
    ");
    assert_snapshot!(scene.run("principal delete auditor --yes"), @r"
    exit 1
    --- stderr
    error: there is no principal `auditor`
    hint: `waybill principal list` shows them all
    ");
}

#[test]
fn a_principal_can_do_what_its_role_says_until_it_is_deleted() {
    let scene = Scene::with_registry();
    scene.run("publish --bucket ubuntu --artifact aws:eu:ami-1");
    let made = scene.json("principal create auditor --role viewer");
    let text = |member: &str| made[member].as_str().expect("a text").to_owned();
    let environment = scene.waybill().environment();
    let variable = |name: &str| environment[name].as_str().expect("a text").to_owned();
    let all = [
        ("HCP_CLIENT_ID", text("client_id")),
        ("HCP_CLIENT_SECRET", text("client_secret")),
        ("HCP_AUTH_URL", variable("HCP_AUTH_URL")),
        ("HCP_API_ADDRESS", variable("HCP_API_ADDRESS")),
        ("SSL_CERT_FILE", variable("SSL_CERT_FILE")),
    ];
    let theirs: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_snapshot!(scene.run_with("whoami", &theirs), @r"
    exit 0
    --- stdout
    name          auditor
    kind          service
    roles         viewer on the organization
    organization  uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    client id     wb-clientclientclientclient12
    credentials   HCP_CLIENT_ID and HCP_CLIENT_SECRET
    server        https://127.0.0.1:PORT
    ");
    assert_snapshot!(scene.run_with("channel create ubuntu prod", &theirs), @r"
    exit 1
    --- stderr
    error: service principal `auditor` may not do this on bucket `ubuntu` (WriteChannel): ask an administrator for the role `contributor`, `admin`, `owner` or `promoter` on the bucket
    hint: `waybill whoami` shows the roles of these credentials
    ");
    scene.run("principal delete auditor --yes");
    assert_snapshot!(scene.run_with("bucket list", &theirs), @r"
    exit 1
    --- stderr
    error: https://127.0.0.1:PORT refused the client id and secret: invalid_client: this registry has no such client id, or the secret is another one
    hint: check HCP_CLIENT_ID and HCP_CLIENT_SECRET, and that they belong to this server
    ");
}

#[test]
fn projects_have_registries_of_their_own() {
    let scene = Scene::with_registry();
    assert_snapshot!(scene.run("project create web --description 'For the web team'"), @r"
    exit 0
    --- stdout
    name          web
    id            uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    description   For the web team
    organization  uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    created       YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("project create web"), @r"
    exit 1
    --- stderr
    error: project `web` exists already in this organization
    ");
    assert_snapshot!(scene.run("project list"), @r"
    exit 0
    --- stdout
    NAME     ID                                    DESCRIPTION       CREATED
    default  uuiduuid-uuid-uuid-uuid-uuiduuiduuid  -                 YYYY-MM-DD hh:mm:ssZ
    web      uuiduuid-uuid-uuid-uuid-uuiduuiduuid  For the web team  YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("publish --bucket site --artifact aws:eu:ami-1 --project web --quiet --fingerprint f1"), @r"
    exit 0
    --- stdout
    bucket    site
    version   v1 (f1, active)
    build     aws
    artifact  aws:eu:ami-1
    ");
    assert_snapshot!(scene.run("bucket list"), @r"
    exit 0
    --- stderr
    there are no buckets yet; publishing makes them
    ");
    assert_snapshot!(scene.run("bucket list --project web"), @r"
    exit 0
    --- stdout
    NAME  LATEST  VERSIONS  PLATFORMS  UPDATED
    site  v1      1         aws        YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("bucket list --project nothing"), @r"
    exit 1
    --- stderr
    error: there is no project `nothing`
    hint: `waybill project list` shows them all
    ");
    assert_snapshot!(scene.run("principal create web-ci --role contributor --project web --quiet"), @r"
    exit 0
    --- stdout
    name           web-ci
    roles          contributor on project uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    id             01ULIDULIDULIDULIDULIDULID
    client id      wb-clientclientclientclient12
    client secret  wbs_SECRET
    ");
}
