//! Keys of principals, and projects that change.

use insta::assert_snapshot;
use serde_json::Value;

use super::Scene;

fn text(answer: &Value, member: &str) -> String {
    answer[member].as_str().unwrap_or_else(|| panic!("{member} of {answer}")).to_owned()
}

#[test]
fn a_key_takes_the_place_of_another_without_a_pause() {
    let scene = Scene::with_registry();
    let first =
        text(&scene.json("principal create image-ci --role publisher --project default"), "client_id");
    assert_snapshot!(scene.run("principal key create image-ci"), @r"
    exit 0
    --- stdout
    principal      image-ci
    client id      wb-clientclientclientclient12
    client secret  wbs_SECRET
    --- stderr
    the secret is not shown again
    ");
    assert_snapshot!(scene.run("principal key create image-ci"), @r"
    exit 1
    --- stderr
    error: service principal `image-ci` has 2 keys, which is the most it can have: delete one first
    hint: `waybill principal key list image-ci` shows them
    hint: `waybill principal key delete image-ci CLIENT_ID` deletes one
    ");
    assert_snapshot!(scene.run("principal key list image-ci"), @r"
    exit 0
    --- stdout
    CLIENT ID                      CREATED
    wb-clientclientclientclient12  YYYY-MM-DD hh:mm:ssZ
    wb-clientclientclientclient12  YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run(&format!("principal key delete image-ci {first}")), @r"
    exit 2
    --- stderr
    This will happen:
      whoever uses wb-clientclientclientclient12 is refused at once
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run(&format!("principal key delete image-ci {first} --yes")), @r"
    exit 0
    --- stdout
    deleted wb-clientclientclientclient12
    ");
    assert_snapshot!(scene.run(&format!("principal key delete image-ci {first} --yes")), @r"
    exit 1
    --- stderr
    error: image-ci has no key `wb-clientclientclientclient12`
    hint: `waybill principal key list image-ci` shows them all
    ");
    assert_snapshot!(scene.run("principal show image-ci"), @r"
    exit 0
    --- stdout
    name     image-ci
    kind     service
    roles    publisher on project uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    project  default (uuiduuid-uuid-uuid-uuid-uuiduuiduuid)
    id       01ULIDULIDULIDULIDULIDULID
    key      wb-clientclientclientclient12, made YYYY-MM-DD hh:mm:ssZ
    created  YYYY-MM-DD hh:mm:ssZ
    ");
    let owner = scene.waybill().credentials().client_id.clone();
    assert_snapshot!(scene.run(&format!("principal key delete owner {owner} --yes")), @r"
    exit 1
    --- stderr
    error: key `wb-clientclientclientclient12` is the one that this access token was made with: log in with another key to delete it
    ");
}

#[test]
fn programs_get_a_key_of_their_own() {
    let scene = Scene::with_registry();
    assert_snapshot!(scene.run("env --principal image-ci"), @r"
    exit 1
    --- stdout
    unset HCP_CLIENT_ID HCP_CLIENT_SECRET; false
    --- stderr
    error: there is no principal `image-ci`
    hint: with --role ROLE it is made
    hint: `waybill principal list` shows them all
    ");
    assert_snapshot!(scene.run("env --principal image-ci --role publisher --format dotenv"), @r"
    exit 0
    --- stdout
    HCP_CLIENT_ID=wb-clientclientclientclient12
    HCP_CLIENT_SECRET=wbs_SECRET
    HCP_ORGANIZATION_ID=uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    HCP_PROJECT_ID=uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    HCP_AUTH_URL=https://127.0.0.1:PORT
    HCP_API_ADDRESS=127.0.0.1:PORT
    SSL_CERT_FILE=/DATA/data/tls/bundle.pem
    HCP_SKIP_STATUS_CHECK=true
    --- stderr
    made image-ci with the role publisher and a key: wb-clientclientclientclient12
    hint: when it is not needed any more, `waybill principal key delete image-ci wb-clientclientclientclient12` deletes the key
    ");
    scene.run("project create web");
    scene.run("principal create image-ci --role publisher --project web --quiet");
    let web = text(&scene.json("project show web"), "id");
    let variables = scene.json("env --principal image-ci --project web");
    assert_eq!(text(&variables, "HCP_PROJECT_ID"), web);
    let variables: Vec<(String, String)> = variables
        .as_object()
        .expect("an object")
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned()))
        .collect();
    let theirs: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_snapshot!(scene.run_with("whoami", &theirs), @r"
    exit 0
    --- stdout
    name          image-ci
    kind          service
    roles         publisher on project uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    organization  uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    project       uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    client id     wb-clientclientclientclient12
    credentials   HCP_CLIENT_ID and HCP_CLIENT_SECRET
    server        https://127.0.0.1:PORT
    ");
    // Whoever has such variables makes no keys with them, unless their roles say so.
    assert_snapshot!(scene.run_with("env --principal image-ci", &theirs), @r"
    exit 1
    --- stdout
    unset HCP_CLIENT_ID HCP_CLIENT_SECRET; false
    --- stderr
    error: service principal `image-ci` may not do this on project `uuiduuid-uuid-uuid-uuid-uuiduuiduuid` (ReadProjectPrincipals): ask an administrator for the role `admin`, `owner` or `auditor` on the project
    hint: `waybill whoami` shows the roles of these credentials
    ");
    assert_snapshot!(scene.run("env --principal image-ci --project web"), @r"
    exit 1
    --- stdout
    unset HCP_CLIENT_ID HCP_CLIENT_SECRET; false
    --- stderr
    error: service principal `image-ci` has 2 keys, which is the most it can have: delete one first
    hint: `waybill principal key list image-ci` shows them
    hint: `waybill principal key delete image-ci CLIENT_ID` deletes one
    hint: --replace-oldest deletes the older one first
    ");
    assert_snapshot!(scene.run("env --role viewer"), @r"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      --principal <NAME>

    Usage: waybill env --principal <NAME> --role <ROLE>

    For more information, try '--help'.
    ");
}

#[test]
fn projects_change_and_go() {
    let scene = Scene::with_registry();
    scene.run("project create web");
    assert_snapshot!(scene.run("project rename web site"), @r"
    exit 0
    --- stdout
    name          site
    id            uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    organization  uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    created       YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("project describe site 'What people see'"), @r"
    exit 0
    --- stdout
    name          site
    id            uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    description   What people see
    organization  uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    created       YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("project describe site '' --quiet"), @r"
    exit 0
    --- stdout
    name          site
    id            uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    organization  uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    created       YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("project show web"), @r"
    exit 1
    --- stderr
    error: there is no project `web`
    hint: `waybill project list` shows them all
    ");
    assert_snapshot!(scene.run("project rename site default"), @r"
    exit 1
    --- stderr
    error: project `default` exists already in this organization
    ");
    scene.run("publish --bucket pages --artifact aws:eu:ami-1 --project site");
    assert_snapshot!(scene.run("project delete site --yes"), @r"
    exit 1
    --- stderr
    error: project `site` is not empty: delete its 1 bucket first, or its registry with all of them
    ");
    assert_snapshot!(scene.run("project delete default"), @r"
    exit 2
    --- stderr
    This will happen:
      project default (uuiduuid-uuid-uuid-uuid-uuiduuiduuid) is deleted with its registry and its webhooks
      its principals, their keys and tokens are refused at once
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    scene.run("project create other");
    assert_snapshot!(scene.run("project delete other --yes"), @r"
    exit 0
    --- stdout
    deleted other
    ");
}
