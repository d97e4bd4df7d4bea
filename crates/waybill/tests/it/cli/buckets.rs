//! Buckets, versions and channels of a registry.

use insta::assert_snapshot;

use super::Scene;

#[test]
fn an_empty_registry_says_so() {
    let scene = Scene::with_registry();
    assert_snapshot!(scene.run("bucket list"), @r"
    exit 0
    --- stderr
    there are no buckets yet; publishing makes them
    ");
    assert_snapshot!(scene.run("bucket list --json"), @r#"
    exit 0
    --- stdout
    {
      "buckets": []
    }
    --- stderr
    there are no buckets yet; publishing makes them
    "#);
    assert_snapshot!(scene.run("bucket show ubuntu"), @r"
    exit 1
    --- stderr
    error: bucket `ubuntu` does not exist
    ");
}

#[test]
fn what_was_published_can_be_seen() {
    let scene = Scene::with_registry();
    scene.run("publish --bucket ubuntu --fingerprint f1 --artifact aws:eu:ami-1 --artifact aws:us:ami-2 --label os=linux");
    scene.run("publish --bucket ubuntu --fingerprint f2 --artifact aws:eu:ami-3 --description 'Our base'");
    scene.run("publish --bucket debian --fingerprint f1 --artifact gcp::image-1 --expect-build arm64");
    assert_snapshot!(scene.run("bucket list"), @r"
    exit 0
    --- stdout
    NAME    LATEST  VERSIONS  PLATFORMS  UPDATED
    debian  -       1         -          YYYY-MM-DD hh:mm:ssZ
    ubuntu  v2      2         aws        YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("bucket list --limit 1"), @r"
    exit 0
    --- stdout
    NAME    LATEST  VERSIONS  PLATFORMS  UPDATED
    debian  -       1         -          YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("bucket show ubuntu"), @r"
    exit 0
    --- stdout
    name         ubuntu
    description  Our base
    labels       os=linux
    latest       v2 (f2, active)
    versions     2
    platforms    aws
    created      YYYY-MM-DD hh:mm:ssZ
    updated      YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("bucket show ubuntu --json"), @r#"
    exit 0
    --- stdout
    {
      "name": "ubuntu",
      "id": "01ULIDULIDULIDULIDULIDULID",
      "resource_name": "packer/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/bucket/ubuntu",
      "description": "Our base",
      "labels": {
        "os": "linux"
      },
      "platforms": [
        "aws"
      ],
      "latest_version": {
        "name": "v2",
        "fingerprint": "f2",
        "status": "active"
      },
      "version_count": 2,
      "parents_status": null,
      "children_status": null,
      "created_at": "TIME",
      "updated_at": "TIME"
    }
    "#);
    assert_snapshot!(scene.run("version list ubuntu"), @r"
    exit 0
    --- stdout
    VERSION  FINGERPRINT  STATUS  BUILDS  AUTHOR  CREATED
    v2       f2           active  1/1     owner   YYYY-MM-DD hh:mm:ssZ
    v1       f1           active  1/1     owner   YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("version list debian"), @r"
    exit 0
    --- stdout
    VERSION  FINGERPRINT  STATUS   BUILDS  AUTHOR  CREATED
    v0       f1           running  1/2     owner   YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("version show ubuntu v1"), @r"
    exit 0
    --- stdout
    bucket       ubuntu
    version      v1
    fingerprint  f1
    status       active
    author       owner
    created      YYYY-MM-DD hh:mm:ssZ
    updated      YYYY-MM-DD hh:mm:ssZ

    BUILD  STATUS  PLATFORM  SOURCE  LABELS
    aws    done    aws       -       -

    ARTIFACT  REGION  BUILD
    ami-1     eu      aws
    ami-2     us      aws
    ");
    assert_snapshot!(scene.run("version show ubuntu f2"), @r"
    exit 0
    --- stdout
    bucket       ubuntu
    version      v2
    fingerprint  f2
    status       active
    author       owner
    created      YYYY-MM-DD hh:mm:ssZ
    updated      YYYY-MM-DD hh:mm:ssZ

    BUILD  STATUS  PLATFORM  SOURCE  LABELS
    aws    done    aws       -       -

    ARTIFACT  REGION  BUILD
    ami-3     eu      aws
    ");
    assert_snapshot!(scene.run("version show ubuntu v3"), @r"
    exit 1
    --- stderr
    error: version with fingerprint `v3` does not exist in bucket `ubuntu`
    hint: `waybill version list ubuntu` shows them all
    ");
    assert_snapshot!(scene.run("version show nothing v1"), @r"
    exit 1
    --- stderr
    error: bucket `nothing` does not exist
    ");
}

#[test]
fn a_channel_from_its_making_to_its_end() {
    let scene = Scene::with_registry();
    for version in ["f1", "f2"] {
        scene
            .run(&format!("publish --bucket ubuntu --fingerprint {version} --artifact aws:eu:ami-{version}"));
    }
    assert_snapshot!(scene.run("channel create ubuntu prod"), @r"
    exit 0
    --- stdout
    bucket   ubuntu
    channel  prod
    version  none
    author   owner
    created  YYYY-MM-DD hh:mm:ssZ
    updated  YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("channel create ubuntu prod"), @r"
    exit 1
    --- stderr
    error: channel `prod` exists already in bucket `ubuntu`
    ");
    assert_snapshot!(scene.run("channel assign ubuntu prod --version v1"), @r"
    exit 0
    --- stdout
    bucket   ubuntu
    channel  prod
    version  v1 (f1, active)
    author   owner
    created  YYYY-MM-DD hh:mm:ssZ
    updated  YYYY-MM-DD hh:mm:ssZ

    BUILD  STATUS  PLATFORM  SOURCE  LABELS
    aws    done    aws       -       -

    ARTIFACT  REGION  BUILD
    ami-f1    eu      aws
    ");
    assert_snapshot!(scene.run("channel create ubuntu staging --version f2 --restricted"), @r"
    exit 0
    --- stdout
    bucket   ubuntu
    channel  staging
    kind     restricted
    version  v2 (f2, active)
    author   owner
    created  YYYY-MM-DD hh:mm:ssZ
    updated  YYYY-MM-DD hh:mm:ssZ

    BUILD  STATUS  PLATFORM  SOURCE  LABELS
    aws    done    aws       -       -

    ARTIFACT  REGION  BUILD
    ami-f2    eu      aws
    ");
    assert_snapshot!(scene.run("channel assign ubuntu prod --from staging --quiet"), @r"
    exit 0
    --- stdout
    bucket   ubuntu
    channel  prod
    version  v2 (f2, active)
    author   owner
    created  YYYY-MM-DD hh:mm:ssZ
    updated  YYYY-MM-DD hh:mm:ssZ

    BUILD  STATUS  PLATFORM  SOURCE  LABELS
    aws    done    aws       -       -

    ARTIFACT  REGION  BUILD
    ami-f2    eu      aws
    ");
    assert_snapshot!(scene.run("channel list ubuntu"), @r"
    exit 0
    --- stdout
    CHANNEL  VERSION  FINGERPRINT  KIND                 UPDATED
    latest   v2       f2           managed, restricted  YYYY-MM-DD hh:mm:ssZ
    prod     v2       f2           -                    YYYY-MM-DD hh:mm:ssZ
    staging  v2       f2           restricted           YYYY-MM-DD hh:mm:ssZ
    ");
    for restricted in ["false", "true"] {
        let shown = scene.run(&format!("channel update ubuntu staging --restricted {restricted} --json"));
        assert!(shown.starts_with("exit 0"), "{shown}");
        assert!(shown.contains(&format!("\"restricted\": {restricted}")), "{shown}");
        assert!(shown.contains("ami-f2"), "it points where it pointed: {shown}");
    }
    assert_snapshot!(scene.run("channel unassign ubuntu prod"), @r"
    exit 0
    --- stdout
    bucket   ubuntu
    channel  prod
    version  none
    author   owner
    created  YYYY-MM-DD hh:mm:ssZ
    updated  YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("channel history ubuntu prod"), @r"
    exit 0
    --- stdout
    ASSIGNED              VERSION  FINGERPRINT  AUTHOR
    YYYY-MM-DD hh:mm:ssZ  -        -            owner
    YYYY-MM-DD hh:mm:ssZ  v2       f2           owner
    YYYY-MM-DD hh:mm:ssZ  v1       f1           owner
    ");
    assert_snapshot!(scene.run("channel history ubuntu prod --limit 1 --json"), @r#"
    exit 0
    --- stdout
    {
      "history": [
        {
          "version": null,
          "author": "owner",
          "assigned_at": "TIME"
        }
      ]
    }
    "#);
    assert_snapshot!(scene.run("channel assign ubuntu latest --version v1"), @r"
    exit 1
    --- stderr
    error: channel `latest` is managed by the registry and follows the newest valid version: it cannot be assigned, unassigned or deleted
    ");
    assert!(
        scene
            .run("version show ubuntu v0")
            .contains("hint: every incomplete version is called v0: name one by its fingerprint")
    );
    assert_snapshot!(scene.run("channel assign ubuntu prod --version v9"), @r"
    exit 1
    --- stderr
    error: version with fingerprint `v9` does not exist in bucket `ubuntu`
    hint: `waybill version list ubuntu` shows them all
    ");
    assert_snapshot!(scene.run("channel delete ubuntu staging"), @r"
    exit 2
    --- stderr
    This will happen:
      channel staging of ubuntu is deleted with its history
      whoever asks for it does not get version v2 (f2) any more
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("channel delete ubuntu staging --yes"), @r"
    exit 0
    --- stdout
    deleted staging
    ");
    assert_snapshot!(scene.run("channel show ubuntu staging"), @r"
    exit 1
    --- stderr
    error: channel `staging` does not exist in bucket `ubuntu`
    ");
}

#[test]
fn a_revocation_and_its_end() {
    let scene = Scene::with_registry();
    for version in ["f1", "f2"] {
        scene.run(&format!(
            "publish --bucket ubuntu --fingerprint {version} --artifact aws:eu:ami-{version} --channel prod"
        ));
    }
    scene.run("publish --bucket web --fingerprint w1 --artifact aws:eu:ami-w --parent ubuntu:prod");
    assert_snapshot!(scene.run("version revoke ubuntu v2 --message 'too old'"), @r"
    exit 2
    --- stderr
    This will happen:
      version v2 (f2) of ubuntu is revoked now
      channel prod goes back to the newest valid version that it had before
      versions that were built from it are revoked too
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("version revoke ubuntu v2 --no-rollback --yes"), @r"
    exit 1
    --- stderr
    error: version `f2` (v2) is assigned to channel `prod`: move the channel first, or let the revocation roll it back
    ");
    assert_snapshot!(scene.run("version revoke ubuntu v2 --message 'too old' --yes"), @r"
    exit 0
    --- stdout
    bucket       ubuntu
    version      v2
    fingerprint  f2
    status       revoked
    revocation   YYYY-MM-DD hh:mm:ssZ by owner: too old
    descendants  yes
    author       owner
    created      YYYY-MM-DD hh:mm:ssZ
    updated      YYYY-MM-DD hh:mm:ssZ

    BUILD  STATUS  PLATFORM  SOURCE  LABELS
    aws    done    aws       -       -

    ARTIFACT  REGION  BUILD
    ami-f2    eu      aws
    ");
    assert_snapshot!(scene.run("channel list ubuntu"), @r"
    exit 0
    --- stdout
    CHANNEL  VERSION  FINGERPRINT  KIND                 UPDATED
    latest   v1       f1           managed, restricted  YYYY-MM-DD hh:mm:ssZ
    prod     v1       f1           -                    YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("version list web"), @r"
    exit 0
    --- stdout
    VERSION  FINGERPRINT  STATUS   BUILDS  AUTHOR  CREATED
    v1       w1           revoked  1/1     owner   YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("version restore web v1"), @r"
    exit 1
    --- stderr
    error: version `w1` (v1) cannot be restored while its ancestor `ubuntu v2` is revoked: restore that first
    ");
    assert_snapshot!(scene.run("version restore ubuntu v2"), @r"
    exit 0
    --- stdout
    bucket       ubuntu
    version      v2
    fingerprint  f2
    status       active
    descendants  yes
    author       owner
    created      YYYY-MM-DD hh:mm:ssZ
    updated      YYYY-MM-DD hh:mm:ssZ

    BUILD  STATUS  PLATFORM  SOURCE  LABELS
    aws    done    aws       -       -

    ARTIFACT  REGION  BUILD
    ami-f2    eu      aws
    ");
    assert_snapshot!(scene.run("version list web"), @r"
    exit 0
    --- stdout
    VERSION  FINGERPRINT  STATUS  BUILDS  AUTHOR  CREATED
    v1       w1           active  1/1     owner   YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("version revoke ubuntu v2 --in 30d"), @r"
    exit 2
    --- stderr
    This will happen:
      version v2 (f2) of ubuntu is revoked in 30d
      versions that were built from it are revoked too
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("version revoke ubuntu v2 --in 30d --yes --skip-descendants"), @r"
    exit 0
    --- stdout
    bucket       ubuntu
    version      v2
    fingerprint  f2
    status       revocation_scheduled
    revocation   YYYY-MM-DD hh:mm:ssZ by owner
    descendants  yes
    author       owner
    created      YYYY-MM-DD hh:mm:ssZ
    updated      YYYY-MM-DD hh:mm:ssZ

    BUILD  STATUS  PLATFORM  SOURCE  LABELS
    aws    done    aws       -       -

    ARTIFACT  REGION  BUILD
    ami-f2    eu      aws
    ");
}
