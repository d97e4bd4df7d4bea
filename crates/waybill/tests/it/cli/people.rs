//! People and groups.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use insta::assert_snapshot;

use super::Scene;

/// Runs `waybill LINE` with something on stdin.
fn run_with_input(scene: &Scene, line: &str, input: &str) -> Output {
    let mut command = scene.command(line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    let mut stdin = child.stdin.take().expect("it was asked for");
    // One that refuses its arguments does not read.
    let _whoever_reads = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn people_are_made_changed_and_deleted() {
    let scene = Scene::with_registry();
    assert_snapshot!(scene.run("user list"), @r"
    exit 0
    --- stderr
    there are no people yet; `waybill user create` makes them
    ");
    assert_snapshot!(scene.run("user create Ada@Example.com --name 'Ada Lovelace' --role contributor"), @r"
    exit 0
    --- stdout
    email    ada@example.com
    name     Ada Lovelace
    roles    contributor on the organization
    id       01ULIDULIDULIDULIDULIDULID
    created  YYYY-MM-DD hh:mm:ssZ
    --- stderr
    they log in at the login provider, if there is one, or with a password: `waybill user set-password ada@example.com`
    ");
    assert_snapshot!(scene.run("user create ada@example.com"), @r"
    exit 1
    --- stderr
    error: user `ada@example.com` exists already
    ");
    assert_snapshot!(scene.run("user create ada"), @r"
    exit 2
    --- stderr
    error: invalid value 'ada' for '<EMAIL>': an e-mail address is like `ada@example.com`, with up to 254 bytes; found `ada`

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("user update ada@example.com --name 'Ada King'"), @r"
    exit 0
    --- stdout
    email    ada@example.com
    name     Ada King
    roles    contributor on the organization
    id       01ULIDULIDULIDULIDULIDULID
    created  YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("user update ada@example.com"), @r"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <--email <EMAIL>|--name <TEXT>>

    Usage: waybill user update <--email <EMAIL>|--name <TEXT>> <USER>

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("user list"), @r"
    exit 0
    --- stdout
    EMAIL            NAME      ROLES                            LOGIN  CREATED               ID
    ada@example.com  Ada King  contributor on the organization  -      YYYY-MM-DD hh:mm:ssZ  01ULIDULIDULIDULIDULIDULID
    ");
    assert_snapshot!(scene.run("user show ada@example.com --json"), @r#"
    exit 0
    --- stdout
    {
      "id": "01ULIDULIDULIDULIDULIDULID",
      "email": "ada@example.com",
      "full_name": "Ada King",
      "has_password": false,
      "issuer": null,
      "roles": [
        {
          "role": "contributor",
          "organization_id": "uuiduuid-uuid-uuid-uuid-uuiduuiduuid",
          "project_id": null,
          "bucket": null,
          "group": null
        }
      ],
      "groups": [],
      "created_at": "TIME",
      "updated_at": "TIME"
    }
    "#);
    assert_snapshot!(scene.run("user delete ada@example.com"), @r"
    exit 2
    --- stderr
    This will happen:
      user `ada@example.com` (01ULIDULIDULIDULIDULIDULID) is deleted with all roles and memberships
      their sessions and tokens are refused at once
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("user delete ada@example.com --yes"), @r"
    exit 0
    --- stdout
    deleted ada@example.com
    ");
    assert_snapshot!(scene.run("user show ada@example.com"), @r"
    exit 1
    --- stderr
    error: there is no user `ada@example.com`
    hint: `waybill user list` shows them all
    ");
    assert_snapshot!(scene.run("user show ada"), @r"
    exit 2
    --- stderr
    error: invalid value 'ada' for '<USER>': a person is named by an e-mail address or an id, not `ada`

    For more information, try '--help'.
    ");
}

#[test]
fn passwords_come_from_stdin_and_never_from_arguments() {
    let scene = Scene::with_registry();
    let password = "correct horse battery staple";
    let made = run_with_input(
        &scene,
        "user create ada@example.com --password-stdin --json",
        &format!("{password}\n"),
    );
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let user: serde_json::Value = serde_json::from_slice(&made.stdout).expect("JSON");
    assert_eq!(user["has_password"], true);
    assert!(!String::from_utf8_lossy(&made.stdout).contains(password));

    let short = run_with_input(&scene, "user set-password ada@example.com --password-stdin", "short\n");
    assert_eq!(short.status.code(), Some(1));
    assert!(said(&short).contains("12"), "{}", said(&short));
    let set = run_with_input(
        &scene,
        "user set-password ada@example.com --password-stdin",
        "another long password\n",
    );
    assert_eq!(set.status.code(), Some(0), "{}", said(&set));
    assert!(
        String::from_utf8_lossy(&set.stdout)
            .contains("ada@example.com logs in with the new password from now on"),
        "{}",
        said(&set)
    );
    let nothing = run_with_input(&scene, "user set-password ada@example.com --password-stdin", "");
    assert_eq!(nothing.status.code(), Some(2));
    assert!(said(&nothing).contains("stdin ended before the new password"), "{}", said(&nothing));
    let asked = run_with_input(&scene, "user set-password ada@example.com", "");
    assert_eq!(asked.status.code(), Some(2));
    assert!(said(&asked).contains("hint: give it on stdin with --password-stdin"), "{}", said(&asked));

    assert_snapshot!(scene.run("user set-password"), @r"
    exit 2
    --- stderr
    error: owner is no person and has no password
    hint: say whose password it is, or log in as yourself with `waybill login`
    ");
    assert_snapshot!(scene.run("user set-password ada@example.com hunter2hunter2"), @r"
    exit 2
    --- stderr
    error: unexpected argument 'hunter2hunter2' found

    Usage: waybill user set-password [OPTIONS] [USER]

    For more information, try '--help'.
    ");
}

#[test]
fn groups_hold_people() {
    let scene = Scene::with_registry();
    scene.run("user create ada@example.com --name Ada");
    scene.run("user create ben@example.com");
    assert_snapshot!(scene.run("group list"), @r"
    exit 0
    --- stderr
    there are no groups yet; `waybill group create` makes them
    ");
    assert_snapshot!(scene.run("group create 'Web team' --description 'Who builds the site' --member ada@example.com"), @r"
    exit 0
    --- stdout
    name           web-team
    display name   Web team
    description    Who builds the site
    members        1
    id             01ULIDULIDULIDULIDULIDULID
    resource name  iam/organization/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/group/web-team
    ");
    assert_snapshot!(scene.run("group create 'web team'"), @r"
    exit 1
    --- stderr
    error: group `Web team` exists already, its resource name ends in `web-team` too: choose another name
    ");
    assert_snapshot!(scene.run("group member add web-team ben@example.com ada@example.com"), @r"
    exit 0
    --- stdout
    EMAIL            NAME  ID
    ada@example.com  Ada   01ULIDULIDULIDULIDULIDULID
    ben@example.com  -     01ULIDULIDULIDULIDULIDULID
    ");
    assert_snapshot!(scene.run("group member remove 'Web team' ada@example.com --json"), @r#"
    exit 0
    --- stdout
    {
      "members": [
        {
          "id": "01ULIDULIDULIDULIDULIDULID",
          "email": "ben@example.com",
          "full_name": null
        }
      ]
    }
    "#);
    assert_snapshot!(scene.run("group member add web-team cleo@example.com"), @r"
    exit 1
    --- stderr
    error: there is no user `cleo@example.com`
    hint: `waybill user list` shows them all
    ");
    assert_snapshot!(scene.run("group member add web-team service:owner"), @r"
    exit 2
    --- stderr
    error: invalid value 'service:owner' for '<USER>...': a person is named by an e-mail address or an id, not `service:owner`

    For more information, try '--help'.
    ");
    scene.run("role grant contributor --to group:web-team");
    assert_snapshot!(scene.run("group update web-team --description 'The site' --follow web"), @r"
    exit 0
    --- stdout
    name           web-team
    display name   Web team
    description    The site
    members        1
    roles          contributor on the organization
    follows        web
    id             01ULIDULIDULIDULIDULIDULID
    resource name  iam/organization/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/group/web-team
    ");
    assert_snapshot!(scene.run("group member add web-team ada@example.com"), @r"
    exit 1
    --- stderr
    error: the members of group `web-team` are those of the login provider's group `web`: change them there, or take away the group's `external_name` first
    ");
    assert_snapshot!(scene.run("group update web-team --no-follow --name 'The web team'"), @r"
    exit 0
    --- stdout
    name           web-team
    display name   The web team
    description    The site
    members        1
    roles          contributor on the organization
    id             01ULIDULIDULIDULIDULIDULID
    resource name  iam/organization/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/group/web-team
    ");
    assert_snapshot!(scene.run("group list"), @r"
    exit 0
    --- stdout
    NAME      DISPLAY NAME  MEMBERS  ROLES                            FOLLOWS  ID
    web-team  The web team  1        contributor on the organization  -        01ULIDULIDULIDULIDULIDULID
    ");
    assert_snapshot!(scene.run("group show web-team --json"), @r#"
    exit 0
    --- stdout
    {
      "id": "01ULIDULIDULIDULIDULIDULID",
      "name": "web-team",
      "display_name": "The web team",
      "description": "The site",
      "member_count": 1,
      "external_name": null,
      "resource_name": "iam/organization/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/group/web-team",
      "roles": [
        {
          "role": "contributor",
          "organization_id": "uuiduuid-uuid-uuid-uuid-uuiduuiduuid",
          "project_id": null,
          "bucket": null,
          "group": null
        }
      ],
      "created_at": "TIME",
      "updated_at": "TIME"
    }
    "#);
    assert_snapshot!(scene.run("group delete web-team"), @r"
    exit 2
    --- stderr
    This will happen:
      group web-team (The web team) is deleted
      its one member loses the roles that it gives
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("group delete web-team --yes"), @r"
    exit 0
    --- stdout
    deleted web-team
    ");
    assert_snapshot!(scene.run("group show web-team"), @r"
    exit 1
    --- stderr
    error: group `web-team` does not exist in organization `uuiduuid-uuid-uuid-uuid-uuiduuiduuid`
    hint: `waybill group list` shows them all
    ");
}
