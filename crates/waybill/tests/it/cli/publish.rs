//! Publications to a real registry.

use std::process::{Command, Stdio};

use insta::assert_snapshot;

use super::Scene;

#[test]
fn an_artifact_of_any_tool() {
    let scene = Scene::with_registry();
    let line = "publish --bucket ubuntu --fingerprint f1 --artifact aws:eu:ami-1 --artifact aws:us:ami-2 \
                --build-label team=os --channel prod";
    assert_snapshot!(scene.run(line), @r#"
    exit 0
    --- stdout
    bucket    ubuntu
    version   v1 (f1, active)
    build     aws
    artifact  aws:eu:ami-1
    artifact  aws:us:ami-2
    channel   prod
    --- stderr
    fingerprint "f1"
    created bucket ubuntu
    created channel prod
    "#);
    assert_snapshot!(scene.run(line), @r#"
    exit 0
    --- stdout
    bucket    ubuntu
    version   v1 (f1, active)
    build     aws
    artifact  aws:eu:ami-1
    artifact  aws:us:ami-2
    channel   prod
    --- stderr
    fingerprint "f1"
    build aws is done already, and left as it is
    "#);
    assert_eq!(scene.json(line)["already_published"], true);
    assert_snapshot!(scene.run("publish --bucket ubuntu --fingerprint f1 --artifact aws:eu:ami-1"), @r#"
    exit 1
    --- stderr
    fingerprint "f1"
    error: version v1 with the fingerprint `f1` is complete and cannot be changed: its build aws has other artifacts
    hint: publish under another fingerprint; without --fingerprint a new one is made
    "#);
    assert_snapshot!(scene.run(
        "publish --bucket ubuntu --fingerprint f2 --artifact docker::sha256:beef --channel prod --json"), @r#"
    exit 0
    --- stdout
    {
      "bucket": "ubuntu",
      "fingerprint": "f2",
      "version": {
        "name": "v2",
        "fingerprint": "f2",
        "status": "active"
      },
      "complete": true,
      "component": "docker",
      "build_id": "01ULIDULIDULIDULIDULIDULID",
      "already_published": false,
      "artifacts": [
        {
          "platform": "docker",
          "region": null,
          "external_identifier": "sha256:beef"
        }
      ],
      "sboms": [],
      "waiting_for": [],
      "channels": [
        {
          "channel": "prod",
          "assigned": true
        }
      ]
    }
    --- stderr
    fingerprint "f2"
    "#);
}

#[test]
fn a_file_with_its_bill_of_materials() {
    let scene = Scene::with_registry();
    scene.write("disk.img", "abc");
    scene.write("bom.json", r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}"#);
    scene.write("spdx.json", r#"{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x"}"#);
    assert_snapshot!(scene.run(
        "publish --bucket appliance --fingerprint f1 --file disk.img --sbom bom.json --sbom spdx.json=os-level"), @r#"
    exit 0
    --- stdout
    bucket    appliance
    version   v1 (f1, active)
    build     file
    artifact  file:/FOLDER:sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
    sbom      f1 (cyclonedx)
    sbom      os-level (spdx)
    --- stderr
    fingerprint "f1"
    created bucket appliance
    hashing disk.img (3 B)
    "#);
    let version = scene.json("version show appliance f1");
    let labels = &version["builds"][0]["labels"];
    assert_eq!((&labels["file_name"], &labels["file_size"]), (&"disk.img".into(), &"3".into()));
    assert_snapshot!(scene.run(
        "publish --bucket appliance --fingerprint f2 --file disk.img --region store-1 --quiet"), @r"
    exit 0
    --- stdout
    bucket    appliance
    version   v2 (f2, active)
    build     file
    artifact  file:store-1:sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
    ");
}

#[test]
fn two_builds_of_one_version_by_two_invocations() {
    let scene = Scene::with_registry();
    let publish = |component: &str, other: &str| {
        scene.run(&format!(
            "publish --bucket ubuntu --fingerprint run-1 --component {component} --expect-build {other} \
             --artifact file::{component} --channel prod"
        ))
    };
    assert_snapshot!(publish("arm64", "amd64"), @r#"
    exit 0
    --- stdout
    bucket     ubuntu
    version    v0 (run-1, running)
    build      arm64
    artifact   file::arm64
    waits for  amd64 (unset)
    channel    prod (not yet)
    --- stderr
    fingerprint "run-1"
    created bucket ubuntu
    version `run-1` is not complete yet
    hint: publish the other builds with --fingerprint run-1
    "#);
    assert_snapshot!(publish("arm64", "amd64"), @r#"
    exit 0
    --- stdout
    bucket     ubuntu
    version    v0 (run-1, running)
    build      arm64
    artifact   file::arm64
    waits for  amd64 (unset)
    channel    prod (not yet)
    --- stderr
    fingerprint "run-1"
    build arm64 is done already, and left as it is
    version `run-1` is not complete yet
    hint: publish the other builds with --fingerprint run-1
    "#);
    assert_snapshot!(publish("amd64", "arm64"), @r#"
    exit 0
    --- stdout
    bucket    ubuntu
    version   v1 (run-1, active)
    build     amd64
    artifact  file::amd64
    channel   prod
    --- stderr
    fingerprint "run-1"
    created channel prod
    "#);
}

#[test]
fn what_it_was_built_from() {
    let scene = Scene::with_registry();
    scene.run("publish --bucket base --fingerprint b1 --artifact aws:eu:ami-base --artifact aws:us:ami-us --channel prod");
    assert_snapshot!(scene.run("publish --bucket web --artifact aws:us:ami-web --parent base:none"), @r#"
    exit 1
    --- stderr
    fingerprint "01ULIDULIDULIDULIDULIDULID"
    error: channel `none` does not exist in bucket `base`
    "#);
    assert_snapshot!(scene.run("publish --bucket web --artifact aws:us:ami-web --parent base@b2"), @r#"
    exit 1
    --- stderr
    fingerprint "01ULIDULIDULIDULIDULIDULID"
    error: version with fingerprint `b2` does not exist in bucket `base`
    "#);
    scene.run("publish --bucket web --fingerprint w1 --artifact aws:us:ami-web --parent base:prod");
    scene.run(
        "publish --bucket web --fingerprint w2 --artifact aws:ap:ami-web --parent base@b1 --source mine",
    );
    let source = |version: &str| {
        scene.json(&format!("version show web {version}"))["builds"][0]["source_external_identifier"].clone()
    };
    assert_eq!((source("w1"), source("w2")), ("ami-us".into(), "mine".into()));
    assert_eq!(scene.json("version show web w1")["parents_status"], "up_to_date");
    scene.run("version revoke base b1 --yes");
    assert_snapshot!(scene.run("publish --bucket web --artifact aws:us:ami-web --parent base@b1"), @r#"
    exit 1
    --- stderr
    fingerprint "01ULIDULIDULIDULIDULIDULID"
    error: the parent v1 (b1) of `base` is revoked
    hint: build from a version that is not, and name that one
    "#);
}

#[test]
fn git_and_ci_are_remembered() {
    let scene = Scene::with_registry();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C").arg(scene.folder()).args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]);
        let output =
            git.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").output().expect("there is git");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    let commit = git(&["rev-parse", "HEAD"]);
    scene.write("new.txt", "");
    let ci = [("GITLAB_CI", "true"), ("CI_PROJECT_NAME", "images")];
    let published = scene.run_with("publish --bucket ubuntu --fingerprint f1 --artifact aws:eu:ami-1", &ci);
    assert!(published.starts_with("exit 0"), "{published}");
    let version = scene.json("version show ubuntu f1");
    let build = &version["builds"][0];
    assert_eq!(build["labels"]["git_sha"], commit.as_str());
    let vcs = &build["metadata"]["vcs"];
    assert_eq!(
        (&vcs["type"], &vcs["details"]["ref"], &vcs["details"]["commit"]),
        (&"git".into(), &"main".into(), &commit.into())
    );
    assert_eq!(vcs["details"]["author"], "Ada <ada@example.com>");
    assert_eq!(vcs["details"]["has_uncommitted_changes"], true);
    assert_eq!(build["metadata"]["cicd"]["details"]["CI_PROJECT_NAME"], "images");
}

#[test]
fn a_bucket_is_labelled_and_described_without_losing_what_it_has() {
    let scene = Scene::with_registry();
    scene.run("publish --bucket ubuntu --artifact aws:eu:1 --label a=1 --label b=2 --description 'One'");
    scene.run("publish --bucket ubuntu --artifact aws:eu:2 --label b=3");
    let bucket = scene.json("bucket show ubuntu");
    assert_eq!(bucket["description"], "One");
    assert_eq!(bucket["labels"], serde_json::json!({ "a": "1", "b": "3" }));
}

#[test]
fn jobs_that_start_at_the_same_moment_complete_one_version() {
    let scene = Scene::with_registry();
    let names = ["amd64", "arm64", "riscv64", "s390x"];
    let others = names.map(|name| format!("--expect-build {name}")).join(" ");
    let jobs: Vec<_> = names
        .iter()
        .map(|name| {
            let line = format!(
                "publish --bucket ubuntu --fingerprint run-1 --component {name} --artifact file::{name} \
                 --channel prod {others}"
            );
            scene.command(&line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")
        })
        .collect();
    for job in jobs {
        let output = job.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let version = scene.json("version show ubuntu run-1");
    assert_eq!(version["name"], "v1");
    assert_eq!(version["builds"].as_array().map(Vec::len), Some(4));
    assert_eq!(scene.json("channel show ubuntu prod")["version"]["fingerprint"], "run-1");
}
