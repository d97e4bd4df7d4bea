//! Callers who ask for what is not theirs. They learn that they may not, and nothing about what is there.

use serde_json::json;
use waybill_testkit::{Api, Scope, raw::Answer};

use super::{DENIED, NOT_FOUND, Scene, call, envelope_fault};

/// Names that only those who may should ever read.
const SECRETS: [&str; 5] = ["classified", "hush-one", "hush.builder", "hush-channel", "hush-label"];

/// Fills a second project with things that have telltale names; returns the caller in it and a build's id.
async fn secret_project(scene: &Scene) -> (Api, String) {
    let project = scene.api.create_project("second").await;
    let api = scene.api.in_project(&project);
    api.put("buckets", json!({"name": "classified", "labels": {"hush-label": "x"}})).await.ok();
    api.publish("classified", "hush-one", &["hush.builder"]).await;
    api.post(
        "buckets/classified/channels",
        json!({"name": "hush-channel", "version_fingerprint": "hush-one"}),
    )
    .await
    .ok();
    let builds = api.get("buckets/classified/versions/hush-one/builds").await.ok();
    let build = builds["builds"][0]["id"].as_str().expect("a build").to_owned();
    (api, build)
}

/// Everything that one can ask of a bucket, a version, a build and a channel of those names.
fn everything(
    bucket: &str,
    version: &str,
    channel: &str,
    build: &str,
) -> Vec<(&'static str, String, &'static str)> {
    let old = "/packer/2021-04-30/organizations/{organization_id}/projects/{project_id}";
    let own = "/api/v1/organizations/{organization_id}/projects/{project_id}";
    let [b, v] = [format!("buckets/{bucket}"), format!("buckets/{bucket}/versions/{version}")];
    vec![
        ("GET", "registry".to_owned(), ""),
        ("GET", "buckets".to_owned(), ""),
        ("PUT", "buckets".to_owned(), r#"{"name": "new-bucket"}"#),
        ("GET", b.clone(), ""),
        ("PATCH", b.clone(), r#"{"description": "mine"}"#),
        ("DELETE", b.clone(), ""),
        ("GET", format!("{b}/ancestry"), ""),
        ("GET", format!("{b}/versions"), ""),
        ("POST", format!("{b}/versions"), r#"{"fingerprint": "mine", "template_type": "HCL2"}"#),
        ("GET", v.clone(), ""),
        ("PATCH", v.clone(), r#"{"revoke_in": "0s"}"#),
        ("DELETE", v.clone(), ""),
        ("GET", format!("{v}/builds"), ""),
        ("POST", format!("{v}/builds"), r#"{"component_type": "null.mine"}"#),
        ("GET", format!("{v}/builds/{build}"), ""),
        ("PATCH", format!("{v}/builds/{build}"), r#"{"status": "BUILD_RUNNING"}"#),
        ("DELETE", format!("{v}/builds/{build}"), ""),
        ("GET", format!("{v}/builds/{build}/sboms"), ""),
        ("GET", format!("{v}/builds/{build}/sboms/{version}"), ""),
        ("PUT", format!("{v}/builds/{build}/sboms"), r#"{"format": "SPDX", "compressed_sbom": "KLUv/QQA"}"#),
        ("GET", format!("{b}/channels"), ""),
        ("POST", format!("{b}/channels"), r#"{"name": "mine"}"#),
        ("GET", format!("{b}/channels/{channel}"), ""),
        ("PATCH", format!("{b}/channels/{channel}"), r#"{"update_mask": "restricted"}"#),
        ("DELETE", format!("{b}/channels/{channel}"), ""),
        ("GET", format!("{b}/channels/{channel}/history"), ""),
        ("GET", format!("{old}/images/{bucket}/channels/{channel}"), ""),
        ("GET", format!("{old}/images/{bucket}/iteration?fingerprint={version}"), ""),
        ("DELETE", format!("{own}/buckets/{bucket}/versions/{version}?force=true&reason=mine"), ""),
    ]
}

fn ask(scene: &Scene, api: &Api, (method, path, body): &(&str, String, &str)) -> Answer {
    let mut request = call(api, method, path);
    if !body.is_empty() {
        request = request.header("Content-Type", "application/json").body(body);
    }
    request.send(scene.waybill.address()).expect("an answer")
}

/// Whoever may not look into a project is answered alike whether something is there or not.
#[tokio::test]
async fn another_project_is_closed_and_silent() {
    let scene = Scene::new().await;
    let (secret, build) = secret_project(&scene).await;
    let (id, key) = scene.api.create_principal("stranger", "admin", Scope::Project).await;
    let stranger = scene.waybill.api_of(&id, &key).await;
    stranger.get("buckets/images").await.ok();
    let there = stranger.in_project(secret.project_id());
    let nowhere = stranger.in_project("99999999-9999-4999-8999-999999999999");
    let real = everything("classified", "hush-one", "hush-channel", &build);
    let invented = everything("imagined", "never-one", "never-channel", "01M864AD806YWMYM64TPG4AFYP");
    let mut faults = Vec::new();
    for (real, invented) in real.iter().zip(&invented) {
        let what = format!("{} {}", real.0, real.1);
        let answer = ask(&scene, &there, real);
        let got = (answer.status, answer.code().unwrap_or_default());
        if let Some(fault) = envelope_fault(&answer) {
            faults.push(format!("{what}: {fault}"));
        }
        if ![DENIED, NOT_FOUND].contains(&got) {
            faults.push(format!("{what}: {} {}", answer.status, answer.text()));
        }
        for (other, place) in
            [(ask(&scene, &there, invented), "bucket"), (ask(&scene, &nowhere, invented), "project")]
        {
            if (other.status, other.code().unwrap_or_default()) != got {
                faults.push(format!(
                    "{what}: {got:?}, but for an invented {place} {} {}",
                    other.status,
                    other.text()
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // Nothing of all that was done.
    secret.get("buckets/classified/versions/hush-one/builds").await.ok();
    assert_eq!(secret.get("buckets").await.ok()["buckets"].as_array().map(Vec::len), Some(1));
    scene.end().await;
}

/// Paths of one's own project with ids and names that belong elsewhere.
#[tokio::test]
async fn ids_of_elsewhere_lead_nowhere() {
    let scene = Scene::new().await;
    let (secret, build) = secret_project(&scene).await;
    let (id, key) = scene.api.create_principal("stranger", "admin", Scope::Project).await;
    let stranger = scene.waybill.api_of(&id, &key).await;
    let mut answers = Vec::new();
    for path in [
        "buckets/classified".to_owned(),
        "buckets/images/channels/hush-channel".to_owned(),
        format!("buckets/images/versions/two/builds/{build}"),
        format!("buckets/images/versions/one/builds/{build}/sboms"),
    ] {
        let answer = stranger.get(&path).await;
        answer.fails(404, 5);
        answers.push(answer);
    }
    let answer = stranger.get("buckets/images/versions/hush-one").await;
    answer.fails(409, 10);
    answers.push(answer);
    let assign = json!({"update_mask": "versionFingerprint", "version_fingerprint": "hush-one"});
    let answer = stranger.patch("buckets/images/channels/prod", assign).await;
    answer.fails(404, 5);
    answers.push(answer);
    // A parent of another project is stored as a text and never looked up.
    let version = secret.get("buckets/classified/versions/hush-one").await.ok();
    let channel = secret.get("buckets/classified/channels/hush-channel").await.ok();
    let done = json!({
        "status": "BUILD_DONE",
        "platform": "aws",
        "artifacts": [{"external_identifier": "ami-1"}],
        "source_external_identifier": "hush-one-hush.builder",
        "parent_version_id": version["version"]["id"],
        "parent_channel_id": channel["channel"]["id"],
    });
    stranger.patch(&format!("buckets/images/versions/two/builds/{}", scene.build), done).await.ok();
    for path in ["buckets/images/ancestry", "buckets/images", "buckets/images/versions/two"] {
        let answer = stranger.get(path).await;
        if answer.status() == 200 {
            answers.push(answer);
        }
    }
    let own_words = "hush-one-hush.builder";
    for answer in answers {
        let text = answer.text().replace(own_words, "").replace("fingerprint hush-one", "");
        let told = SECRETS.iter().find(|secret| text.contains(**secret) && !asked(&answer, secret));
        assert_eq!(told, None, "{answer:?}");
    }
    scene.end().await;
}

/// Whether the caller had named it, so that repeating it tells nothing.
fn asked(answer: &waybill_testkit::Answer, secret: &str) -> bool {
    format!("{answer:?}").lines().any(|line| line.trim_start().starts_with('>') && line.contains(secret))
}

#[tokio::test]
async fn another_organization_is_unknown() {
    let scene = Scene::new().await;
    let (id, key) = scene.api.create_principal("stranger", "admin", Scope::Project).await;
    let stranger = scene.waybill.api_of(&id, &key).await;
    for api in [&scene.api, &stranger] {
        for organization in ["99999999-9999-4999-8999-999999999999", "my%20org", "-", "%00", "*"] {
            let elsewhere = api.in_organization(organization);
            for path in ["buckets", "buckets/images", "buckets/images/versions/one", "registry"] {
                let answer = call(&elsewhere, "GET", path).send(scene.waybill.address()).expect("an answer");
                let got = (answer.status, answer.code().unwrap_or_default());
                assert!([DENIED, NOT_FOUND].contains(&got), "{organization} {path}: {}", answer.text());
                assert_eq!(envelope_fault(&answer), None, "{organization} {path}: {}", answer.text());
            }
        }
    }
    scene.end().await;
}

/// A role on one bucket opens that bucket and nothing beside it or above it.
#[tokio::test]
async fn a_role_on_a_bucket_ends_at_the_bucket() {
    let scene = Scene::new().await;
    scene.api.create_bucket("classified").await;
    let (id, key) = scene.api.create_principal("narrow", "contributor", Scope::Bucket("images")).await;
    let narrow = scene.waybill.api_of(&id, &key).await;
    narrow.get("buckets/images").await.ok();
    narrow.patch("buckets/images", json!({"description": "mine"})).await.ok();
    narrow.create_version("images", "three").await;
    let listed = narrow.get("buckets").await.ok();
    assert_eq!(listed["buckets"].as_array().map(Vec::len), Some(1), "{listed}");
    for (method, path, body) in [
        ("GET", "buckets/classified", ""),
        ("PATCH", "buckets/classified", r#"{"description": "mine"}"#),
        ("GET", "buckets/classified/channels/latest", ""),
        ("GET", "buckets/imagined", ""),
        ("PUT", "buckets", r#"{"name": "new-bucket"}"#),
        ("DELETE", "buckets/images", ""),
        ("PATCH", "registry", r#"{"update_mask": "activated"}"#),
    ] {
        let answer = ask(&scene, &narrow, &(method, path.to_owned(), body));
        assert_eq!((answer.status, answer.code()), (403, Some(7)), "{method} {path}: {}", answer.text());
    }
    scene.end().await;
}

#[tokio::test]
async fn a_viewer_looks_and_does_not_touch() {
    let scene = Scene::new().await;
    scene.api.post("buckets/images/channels", json!({"name": "hush-channel", "restricted": true})).await.ok();
    let (id, key) = scene.api.create_principal("viewer-one", "viewer", Scope::Organization).await;
    let viewer = scene.waybill.api_of(&id, &key).await;
    viewer.get("buckets/images/channels/prod").await.ok();
    viewer.get("buckets/images/channels/hush-channel").await.fails(404, 5);
    let channels = viewer.get("buckets/images/channels").await;
    channels.ok();
    assert!(!channels.text().contains("hush-channel"), "{channels:?}");
    let writes = everything("images", "two", "prod", &scene.build);
    for write in writes.iter().filter(|(method, ..)| *method != "GET") {
        let answer = ask(&scene, &viewer, write);
        let got = (answer.status, answer.code());
        assert_eq!(got, (403, Some(7)), "{} {}: {}", write.0, write.1, answer.text());
    }
    for (method, path, body) in [
        ("GET", "/api/v1/organizations/{organization_id}/principals", ""),
        (
            "POST",
            "/api/v1/organizations/{organization_id}/principals",
            r#"{"name": "more", "role": "owner"}"#,
        ),
        ("POST", "/resource-manager/2019-12-10/projects", r#"{"name": "third"}"#),
    ] {
        let answer = ask(&scene, &viewer, &(method, path.to_owned(), body));
        assert_eq!((answer.status, answer.code()), (403, Some(7)), "{method} {path}: {}", answer.text());
    }
    scene.end().await;
}
