//! Versions that go.

use insta::assert_snapshot;

use super::Scene;

#[test]
fn a_version_is_deleted_as_far_as_nobody_relies_on_it() {
    let scene = Scene::with_registry();
    for version in ["f1", "f2", "f3"] {
        scene.run(&format!(
            "publish --bucket ubuntu --fingerprint {version} --artifact aws:eu:ami-{version} --channel prod"
        ));
    }
    scene.run("publish --bucket web --fingerprint w1 --artifact aws:eu:ami-w --parent ubuntu:prod");
    scene.run("channel assign ubuntu prod --version v2");
    assert_snapshot!(scene.run("version delete ubuntu v1 --yes"), @r"
    exit 0
    --- stdout
    deleted f1
    ");
    assert_snapshot!(scene.run("version delete ubuntu v2"), @r"
    exit 2
    --- stderr
    This will happen:
      version v2 (f2) of ubuntu is deleted with its builds
      nothing, as channel prod points to it and neither --rollback nor --force is given
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("version delete ubuntu v2 --yes"), @r"
    exit 1
    --- stderr
    error: version `f2` is served by channel `prod`: move the channel, or delete by force
    ");
    assert_snapshot!(scene.run("version delete ubuntu v3 --rollback --yes"), @r"
    exit 1
    --- stderr
    error: version `f3` is the parent of versions in bucket `web`: delete these first, or delete by force
    ");
    assert_snapshot!(scene.run("version delete ubuntu v3 --force"), @r"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      --reason <TEXT>

    Usage: waybill version delete --force --reason <TEXT> <BUCKET> <VERSION>

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("version delete ubuntu v3 --force --reason 'it holds a password'"), @r"
    exit 2
    --- stderr
    This will happen:
      version v3 (f3) of ubuntu is deleted with its builds
      versions that were built from it do not know their parent any more
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("version delete ubuntu v3 --force --reason 'it holds a password' --yes"), @r"
    exit 0
    --- stdout
    deleted f3
    ");
    assert_snapshot!(scene.run("version delete ubuntu f2 --rollback"), @r"
    exit 2
    --- stderr
    This will happen:
      version v2 (f2) of ubuntu is deleted with its builds
      channel prod goes back to the newest valid version that it had before
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("version delete ubuntu f2 --rollback --yes --json"), @r#"
    exit 0
    --- stdout
    {
      "deleted": "f2"
    }
    "#);
    assert_snapshot!(scene.run("channel list ubuntu"), @r"
    exit 0
    --- stdout
    CHANNEL  VERSION  FINGERPRINT  KIND                 UPDATED
    latest   -        -            managed, restricted  YYYY-MM-DD hh:mm:ssZ
    prod     -        -            -                    YYYY-MM-DD hh:mm:ssZ
    ");
}
