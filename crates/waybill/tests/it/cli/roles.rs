//! Who may do what: giving roles, taking them away, and seeing who has them.

use insta::assert_snapshot;

use super::Scene;

fn scene() -> Scene {
    let scene = Scene::with_registry();
    scene.run("publish --bucket ubuntu --artifact aws:eu:ami-1");
    scene.run("user create ada@example.com");
    scene.run("group create 'Release team' --member ada@example.com");
    scene
}

#[test]
fn roles_are_given_and_taken_on_everything_that_can_have_them() {
    let scene = scene();
    assert_snapshot!(scene.run("role grant contributor --to user:ada@example.com"), @r"
    exit 0
    --- stdout
    user `ada@example.com` has the role contributor on the organization now
    ");
    assert_snapshot!(scene.run("role grant contributor --to ada@example.com"), @r"
    exit 0
    --- stdout
    user `ada@example.com` has the role contributor on the organization already
    ");
    scene.run("project create web");
    scene.run("principal create site-ci --role publisher --project web");
    assert_snapshot!(scene.run("role grant promoter --to service:site-ci --project web"), @r"
    exit 0
    --- stdout
    service principal `site-ci` has the role promoter on project web now
    ");
    assert_snapshot!(scene.run("role grant promoter --to 'group:Release team' --bucket ubuntu"), @r"
    exit 0
    --- stdout
    group `release-team` has the role promoter on bucket ubuntu now
    ");
    assert_snapshot!(scene.run("role grant group-manager --to user:ada@example.com --group release-team"), @r"
    exit 0
    --- stdout
    user `ada@example.com` has the role group-manager on group release-team now
    ");
    assert_snapshot!(scene.run("role list"), @r"
    exit 0
    --- stdout
    ROLE         KIND     NAME             ID
    owner        service  owner            01ULIDULIDULIDULIDULIDULID
    contributor  user     ada@example.com  01ULIDULIDULIDULIDULIDULID
    ");
    assert_snapshot!(scene.run("role list --project web"), @r"
    exit 0
    --- stdout
    ROLE       KIND     NAME     ID
    publisher  service  site-ci  01ULIDULIDULIDULIDULIDULID
    promoter   service  site-ci  01ULIDULIDULIDULIDULIDULID
    ");
    assert_snapshot!(scene.run("role list --bucket ubuntu --json"), @r#"
    exit 0
    --- stdout
    {
      "organization_id": "uuiduuid-uuid-uuid-uuid-uuiduuiduuid",
      "project_id": "uuiduuid-uuid-uuid-uuid-uuiduuiduuid",
      "bucket": "ubuntu",
      "group": null,
      "roles": [
        {
          "role": "promoter",
          "kind": "group",
          "name": "release-team",
          "id": "01ULIDULIDULIDULIDULIDULID"
        }
      ]
    }
    "#);
    assert_snapshot!(scene.run("role list --group 'Release team'"), @r"
    exit 0
    --- stdout
    ROLE           KIND  NAME             ID
    group-manager  user  ada@example.com  01ULIDULIDULIDULIDULIDULID
    ");
    assert_snapshot!(scene.run("role list --project default"), @r"
    exit 0
    --- stderr
    nobody was given a role on project default itself
    ");
    assert_snapshot!(scene.run("role revoke contributor --from user:ada@example.com"), @r"
    exit 2
    --- stderr
    This will happen:
      user `ada@example.com` loses the role contributor on the organization
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("role revoke contributor --from user:ada@example.com --yes"), @r"
    exit 0
    --- stdout
    user `ada@example.com` has the role contributor on the organization no more
    ");
    assert_snapshot!(scene.run("role revoke contributor --from user:ada@example.com --yes --json"), @r#"
    exit 0
    --- stdout
    {
      "role": "contributor",
      "kind": "user",
      "name": "ada@example.com",
      "id": "01ULIDULIDULIDULIDULIDULID",
      "organization_id": "uuiduuid-uuid-uuid-uuid-uuiduuiduuid",
      "project_id": null,
      "bucket": null,
      "group": null,
      "has_role": false,
      "changed": false
    }
    "#);
}

#[test]
fn roles_that_cannot_be_given_are_explained() {
    let scene = scene();
    assert_snapshot!(scene.run("role grant viewer --to image-ci"), @r"
    exit 2
    --- stderr
    error: invalid value 'image-ci' for '--to <WHO>': somebody is named service:NAME, user:EMAIL, group:NAME or by an id, not `image-ci`

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("role grant viewer --to service:image-ci"), @r"
    exit 1
    --- stderr
    error: service principal `image-ci` does not exist in organization `uuiduuid-uuid-uuid-uuid-uuiduuiduuid`
    hint: `waybill principal list` shows them all
    hint: one of a project is found with --project PROJECT, or by its id
    ");
    assert_snapshot!(scene.run("role grant viewer --to user:ben@example.com"), @r"
    exit 1
    --- stderr
    error: there is no user `ben@example.com`
    hint: `waybill user list` shows them all
    ");
    assert_snapshot!(scene.run("role grant viewer --to group:crew"), @r"
    exit 1
    --- stderr
    error: group `crew` does not exist in organization `uuiduuid-uuid-uuid-uuid-uuiduuiduuid`
    hint: `waybill group list` shows them all
    ");
    assert_snapshot!(scene.run("role grant viewer --to 01JD0000000000000000000000"), @r"
    exit 1
    --- stderr
    error: principal `01ULIDULIDULIDULIDULIDULID` does not exist in organization `uuiduuid-uuid-uuid-uuid-uuiduuiduuid`
    ");
    assert_snapshot!(scene.run("role grant viewer --to user:ada@example.com --group release-team"), @r"
    exit 2
    --- stderr
    error: the role viewer cannot be given on a group
    hint: only group-manager can; roles for its members: --to group:NAME
    ");
    assert_snapshot!(scene.run("role grant group-manager --to user:ada@example.com"), @r"
    exit 2
    --- stderr
    error: the role group-manager is one on a group
    hint: say on which: --group GROUP
    ");
    assert_snapshot!(scene.run("role grant king --to user:ada@example.com"), @r"
    exit 2
    --- stderr
    error: invalid value 'king' for '<ROLE>'
      [possible values: viewer, contributor, admin, owner, publisher, promoter, revoker, auditor, group-manager]

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("role grant viewer --to user:ada@example.com --bucket debian"), @r"
    exit 1
    --- stderr
    error: bucket `debian` does not exist
    hint: publishing makes a bucket: `waybill publish --bucket NAME`
    hint: a role on the project counts for buckets that are still to come: --project PROJECT
    ");
    assert_snapshot!(scene.run("role revoke owner --from service:owner --yes"), @r"
    exit 1
    --- stderr
    error: nobody would own the organization any more: give somebody else the role `owner` on it first
    ");
    assert_snapshot!(scene.run("role list --group release-team --bucket ubuntu"), @r"
    exit 2
    --- stderr
    error: the argument '--group <GROUP>' cannot be used with '--bucket <BUCKET>'

    Usage: waybill role list --group <GROUP>

    For more information, try '--help'.
    ");
}
