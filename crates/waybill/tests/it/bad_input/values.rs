//! Values outside of what is allowed, one rule each.

use serde_json::{Value, json};

use super::{ABORTED, Case, EXISTS, INVALID, NOT_FOUND, PRECONDITION, Scene};

/// Labels that a limit allows, and then one too many.
fn labels(count: usize) -> Value {
    (0..count).map(|number| (format!("label-{number}"), json!("x"))).collect::<serde_json::Map<_, _>>().into()
}

#[tokio::test]
async fn a_bucket_has_a_short_name_and_few_labels() {
    let scene = Scene::new().await;
    let names = [
        "",
        "ab",
        &"a".repeat(37),
        "a b",
        "a_b",
        "a.b",
        "a/b",
        "\u{fc}\u{fc}\u{fc}",
        "new\u{0}bucket",
        "new\nbucket",
    ];
    let mut bodies: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    bodies.extend([
        json!({}),
        json!({"name": "new-bucket", "labels": labels(65)}),
        json!({"name": "new-bucket", "labels": labels(20_000)}),
        json!({"name": "new-bucket", "labels": {"k".repeat(129): "v"}}),
        json!({"name": "new-bucket", "labels": {"k": "v".repeat(1025)}}),
        json!({"name": "new-bucket", "labels": {"": "v"}}),
    ]);
    let mut cases: Vec<Case> = bodies
        .iter()
        .map(|body| {
            let what: String = body.to_string().chars().take(80).collect();
            Case::new(what, scene.json("PUT", "buckets", body.to_string()), &[INVALID])
        })
        .collect();
    let again = scene.json("PUT", "buckets", r#"{"name": "images"}"#);
    cases.push(Case::new("a bucket that exists", again, &[EXISTS]));
    scene.check(cases).await;
}

#[tokio::test]
async fn a_version_has_a_fingerprint_and_a_template_type() {
    let scene = Scene::new().await;
    let fingerprints =
        ["", "-a", "a-", ".a", "a_", "a b", "a/b", "a\\b", "\u{e9}", &"a".repeat(41), "a\u{0}b"];
    let create = |body: Value| scene.json("POST", "buckets/images/versions", body.to_string());
    let mut cases: Vec<Case> = fingerprints
        .iter()
        .map(|fingerprint| {
            let body = json!({"fingerprint": fingerprint, "template_type": "HCL2"});
            Case::new(format!("{fingerprint:?}"), create(body), &[INVALID])
        })
        .collect();
    let kind = |kind: &str| create(json!({"fingerprint": "three", "template_type": kind}));
    cases.push(Case::new("an unknown template type", kind("YAML"), &[INVALID]));
    cases.push(Case::new("a template type in lower case", kind("hcl2"), &[INVALID]));
    let complete = create(json!({"fingerprint": "one", "template_type": "HCL2"}));
    cases.push(Case::new("a complete version again", complete, &[EXISTS]));
    let other = create(json!({"fingerprint": "two", "template_type": "JSON"}));
    cases.push(Case::new("an open version of another type", other, &[EXISTS]));
    let get = scene.call("GET", "buckets/images/versions/three");
    cases.push(Case::new("an unknown version", get, &[ABORTED]));
    scene.check(cases).await;
}

#[tokio::test]
async fn a_build_ends_with_artifacts_and_a_platform() {
    let scene = Scene::new().await;
    let path = format!("buckets/images/versions/two/builds/{}", scene.build);
    let artifact = json!([{"external_identifier": "ami-1", "region": "here"}]);
    let bodies = [
        json!({"status": "BUILD_DONE", "platform": "aws"}),
        json!({"status": "BUILD_DONE", "platform": "aws", "artifacts": []}),
        json!({"status": "BUILD_DONE", "platform": "aws", "artifacts": [{}]}),
        json!({"status": "BUILD_DONE", "platform": "aws", "artifacts": [null]}),
        json!({"status": "BUILD_DONE", "artifacts": artifact}),
        json!({"status": "BUILD_DONE", "platform": "aws\u{0}", "artifacts": artifact}),
        json!({"status": "BUILD_DONE", "platform": "aws", "artifacts": [{"external_identifier": "a\u{0}"}]}),
        json!({"status": "BUILD_EXPLODED"}),
        json!({"status": "done"}),
        json!({"labels": labels(65)}),
        json!({"labels": {"k": "v".repeat(2000)}}),
    ];
    let mut cases: Vec<Case> = bodies
        .iter()
        .map(|body| {
            let what: String = body.to_string().chars().take(120).collect();
            Case::new(what, scene.json("PATCH", &path, body.to_string()), &[INVALID])
        })
        .collect();
    let unknown = "buckets/images/versions/two/builds/01M864AD806YWMYM64TPG4AFYP";
    let running = r#"{"status": "BUILD_RUNNING"}"#;
    cases.push(Case::new("an unknown build", scene.json("PATCH", unknown, running), &[NOT_FOUND]));
    let done = format!("buckets/images/versions/one/builds/{}", scene.build);
    cases.push(Case::new("a build of another version", scene.json("PATCH", &done, running), &[NOT_FOUND]));
    let create = |body: &str| scene.json("POST", "buckets/images/versions/two/builds", body);
    cases.push(Case::new("no component", create("{}"), &[INVALID]));
    let long = format!(r#"{{"component_type": "{}"}}"#, "c".repeat(257));
    cases.push(Case::new("a long component", create(&long), &[INVALID]));
    cases.push(Case::new("a control character", create(r#"{"component_type": "a\u0007b"}"#), &[INVALID]));
    cases.push(Case::new("the same component", create(r#"{"component_type": "null.base"}"#), &[EXISTS]));
    let late = scene.json("POST", "buckets/images/versions/one/builds", r#"{"component_type": "null.late"}"#);
    cases.push(Case::new("a build for a complete version", late, &[PRECONDITION]));
    scene.check(cases).await;
}

#[tokio::test]
async fn a_revocation_says_once_when() {
    let scene = Scene::new().await;
    let bodies = [
        json!({}),
        json!({"revoke_at": YEAR_ONE}),
        json!({"complete": true, "restore": true}),
        json!({"restore": true, "revoke_in": "1h"}),
        json!({"revoke_at": "2040-01-01T00:00:00Z", "revoke_in": "1h"}),
        json!({"revoke_at": "yesterday"}),
        json!({"revoke_at": "2040-13-01T00:00:00Z"}),
        json!({"revoke_at": "2040-01-01"}),
        json!({"revoke_at": "10000-01-01T00:00:00Z"}),
        json!({"revoke_in": "soon"}),
        json!({"revoke_in": "-1h"}),
        json!({"revoke_in": "1y"}),
        json!({"revoke_in": "h"}),
        json!({"revoke_in": "1h 2"}),
        json!({"revoke_in": "99999999999999999999d"}),
        json!({"revoke_in": "9223372036854775807d"}),
    ];
    let cases = bodies
        .iter()
        .map(|body| {
            let request = scene.json("PATCH", "buckets/images/versions/one", body.to_string());
            Case::new(body.to_string(), request, &[INVALID])
        })
        .chain(
            [
                json!({"complete": true, "revoke_at": YEAR_ONE}),
                json!({"revoke_in": "1h", "revoke_at": YEAR_ONE}),
                json!({"restore": true, "revoke_at": YEAR_ONE}),
            ]
            .iter()
            .map(|body| {
                let request = scene.json("PATCH", "buckets/images/versions/two", body.to_string());
                Case::new(format!("of an open version: {body}"), request, &[PRECONDITION])
            }),
        )
        .collect();
    scene.check(cases).await;
}

/// How the client's library writes a time that is not set.
const YEAR_ONE: &str = "0001-01-01T00:00:00.000Z";

#[tokio::test]
async fn a_channel_is_changed_by_its_mask() {
    let scene = Scene::new().await;
    let prod = |body: Value| scene.json("PATCH", "buckets/images/channels/prod", body.to_string());
    let latest = |body: Value| scene.json("PATCH", "buckets/images/channels/latest", body.to_string());
    let create = |body: Value| scene.json("POST", "buckets/images/channels", body.to_string());
    let cases = vec![
        Case::new("no mask", prod(json!({"version_fingerprint": "one"})), &[INVALID]),
        Case::new("an unknown path", prod(json!({"update_mask": "colour"})), &[INVALID]),
        Case::new("an empty path", prod(json!({"update_mask": ",,"})), &[INVALID]),
        Case::new(
            "an open version",
            prod(json!({"update_mask": "versionFingerprint", "version_fingerprint": "two"})),
            &[PRECONDITION],
        ),
        Case::new(
            "an unknown version",
            prod(json!({"update_mask": "versionFingerprint", "version_fingerprint": "three"})),
            &[NOT_FOUND],
        ),
        Case::new(
            "the managed channel",
            latest(json!({"update_mask": "versionFingerprint", "version_fingerprint": "one"})),
            &[PRECONDITION],
        ),
        Case::new(
            "the end of the managed channel",
            scene.call("DELETE", "buckets/images/channels/latest"),
            &[PRECONDITION],
        ),
        Case::new("a channel that exists", create(json!({"name": "prod"})), &[EXISTS]),
        Case::new("the name of the managed channel", create(json!({"name": "latest"})), &[EXISTS]),
        Case::new("a short name", create(json!({"name": "ab"})), &[INVALID]),
        Case::new("a name with a slash", create(json!({"name": "a/bc"})), &[INVALID]),
        Case::new("no name", create(json!({})), &[INVALID]),
        Case::new(
            "a new channel at an open version",
            create(json!({"name": "fresh", "version_fingerprint": "two"})),
            &[PRECONDITION],
        ),
        Case::new("an unknown channel", scene.call("GET", "buckets/images/channels/fresh"), &[NOT_FOUND]),
    ];
    scene.check(cases).await;
}

#[tokio::test]
async fn a_page_is_asked_for_with_the_tokens_that_were_given() {
    let scene = Scene::new().await;
    scene.api.create_bucket("more").await;
    let page = scene.api.get("buckets?pagination.page_size=1").await.ok();
    let token = page["pagination"]["next_page_token"].as_str().expect("there is a second page").to_owned();
    let mut altered = token.clone().into_bytes();
    let middle = altered.len() / 2;
    altered[middle] = if altered[middle] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).expect("tokens are ASCII");
    let queries = [
        "buckets?pagination.page_size=-1".to_owned(),
        "buckets?pagination.page_size=many".to_owned(),
        "buckets?pagination.page_size=99999999999999999999".to_owned(),
        "buckets?pagination.page_size=1.5".to_owned(),
        "buckets?pagination.next_page_token=nonsense".to_owned(),
        "buckets?pagination.next_page_token=%00%ff".to_owned(),
        "buckets?pagination.next_page_token=%zz".to_owned(),
        format!("buckets?pagination.next_page_token={}", "A".repeat(8000)),
        format!("buckets?pagination.next_page_token={altered}"),
        format!("buckets?pagination.next_page_token={token}&pagination.previous_page_token={token}"),
        format!("buckets?pagination.next_page_token={token}&sorting.order_by=created_at%20desc"),
        format!("buckets/images/versions?pagination.next_page_token={token}"),
        "buckets?sorting.order_by=colour".to_owned(),
        "buckets?sorting.order_by=name%20sideways".to_owned(),
        "buckets?sorting.order_by=name;DROP%20TABLE%20buckets".to_owned(),
    ];
    let cases = queries
        .iter()
        .map(|query| {
            Case::new(query.chars().take(90).collect::<String>(), scene.call("GET", query), &[INVALID])
        })
        .collect();
    scene.check(cases).await;
}

#[tokio::test]
async fn waybills_own_interface_refuses_what_it_does_not_know() {
    let scene = Scene::new().await;
    let path = "/api/v1/organizations/{organization_id}/principals";
    let bodies = [
        "{}",
        "",
        r#"{"name": "ci-one"}"#,
        r#"{"name": "ci-one", "role": "emperor"}"#,
        r#"{"name": "ci-one", "role": "viewer", "colour": "red"}"#,
        r#"{"name": "a", "role": "viewer"}"#,
        r#"{"name": "ci one", "role": "viewer"}"#,
        r#"{"name": "ci-one", "role": "viewer", "bucket": "images"}"#,
    ];
    let mut cases: Vec<Case> =
        bodies.iter().map(|body| Case::new(*body, scene.json("POST", path, body), &[INVALID])).collect();
    let with = |project: &str, bucket: &str| {
        let body = json!({"name": "ci-one", "role": "viewer", "project_id": project, "bucket": bucket});
        scene.json("POST", path, body.to_string())
    };
    let project = scene.api.project_id();
    cases.push(Case::new("an unknown bucket", with(project, "nothing"), &[NOT_FOUND, INVALID]));
    let nobody = "99999999-9999-4999-8999-999999999999";
    cases.push(Case::new("an unknown project", with(nobody, "images"), &[NOT_FOUND, INVALID]));
    cases.push(Case::new("a project that is no id", with("x", "images"), &[NOT_FOUND, INVALID]));
    let gone = scene.call("DELETE", &format!("{path}/01M864AD806YWMYM64TPG4AFYP"));
    cases.push(Case::new("an unknown principal", gone, &[NOT_FOUND]));
    scene.check(cases).await;
}
