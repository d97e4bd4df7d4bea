//! Bodies that are not what they should be, before anyone looks at what they say.

use super::{Case, INVALID, Scene};

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let scene = Scene::new().await;
    let deep = |open: &str, count: usize| format!("{{\"name\":{}", open.repeat(count));
    let closed = format!(r#"{{"name":{}{}}}"#, "[".repeat(5000), "]".repeat(5000));
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", b"".to_vec()),
        ("white space", b" \r\n\t ".to_vec()),
        ("null", b"null".to_vec()),
        ("a list", b"[]".to_vec()),
        ("a text", br#""images""#.to_vec()),
        ("a number", b"1".to_vec()),
        ("a truncated object", br#"{"name": "new-buck"#.to_vec()),
        ("an open object", b"{".to_vec()),
        ("something after the object", br#"{"name": "new-bucket"} {}"#.to_vec()),
        ("a trailing comma", br#"{"name": "new-bucket",}"#.to_vec()),
        ("single quotes", b"{'name': 'new-bucket'}".to_vec()),
        ("a byte order mark", b"\xef\xbb\xbf{\"name\": \"new-bucket\"}".to_vec()),
        ("UTF-16", "{\"name\":\"x\"}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("invalid UTF-8 in a text", b"{\"name\": \"new\xff\xfebucket\"}".to_vec()),
        ("an overlong encoding", b"{\"name\": \"new\xc0\xafbucket\"}".to_vec()),
        ("half of a surrogate pair", br#"{"name": "new\ud800bucket"}"#.to_vec()),
        ("a raw control character", b"{\"name\": \"new\x01bucket\"}".to_vec()),
        ("a member twice", br#"{"name": "new-bucket", "name": "other-bucket"}"#.to_vec()),
        ("not a number", br#"{"name": "new-bucket", "description": NaN}"#.to_vec()),
        ("a huge exponent", br#"{"name": 1e999999}"#.to_vec()),
        ("a long number", format!(r#"{{"name": {}}}"#, "9".repeat(100_000)).into_bytes()),
        ("deep lists", deep("[", 100_000).into_bytes()),
        ("deep objects", deep(r#"{"a":"#, 100_000).into_bytes()),
        ("deep lists that are closed", closed.into_bytes()),
        ("gzip", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]),
    ];
    let cases = bodies
        .iter()
        .map(|(what, body)| Case::new(*what, scene.json("PUT", "buckets", body), &[INVALID]))
        .collect();
    scene.check(cases).await;
}

#[tokio::test]
async fn a_member_of_the_wrong_type_is_refused() {
    let scene = Scene::new().await;
    let build = format!("buckets/images/versions/two/builds/{}", scene.build);
    let bodies: &[(&str, &str, &str)] = &[
        ("PUT", "buckets", r#"{"name": 5}"#),
        ("PUT", "buckets", r#"{"name": ["new-bucket"]}"#),
        ("PUT", "buckets", r#"{"name": {"a": 1}}"#),
        ("PUT", "buckets", r#"{"name": true}"#),
        ("PUT", "buckets", r#"{"name": null}"#),
        ("PUT", "buckets", r#"{"name": "new-bucket", "description": 1}"#),
        ("PUT", "buckets", r#"{"name": "new-bucket", "labels": []}"#),
        ("PUT", "buckets", r#"{"name": "new-bucket", "labels": "a=b"}"#),
        ("PUT", "buckets", r#"{"name": "new-bucket", "labels": {"a": 1}}"#),
        ("PUT", "buckets", r#"{"name": "new-bucket", "labels": {"a": {"b": "c"}}}"#),
        ("PATCH", "buckets/images", r#"{"platforms": "aws"}"#),
        ("POST", "buckets/images/versions", r#"{"fingerprint": 7, "template_type": "HCL2"}"#),
        ("POST", "buckets/images/versions", r#"{"fingerprint": "three", "template_type": 1}"#),
        ("POST", "buckets/images/versions/two/builds", r#"{"component_type": 1}"#),
        ("POST", "buckets/images/versions/two/builds", r#"{"component_type": "a.b", "status": 1}"#),
        ("POST", "buckets/images/versions/two/builds", r#"{"component_type": "a.b", "artifacts": "x"}"#),
        ("PATCH", &build, r#"{"status": 2}"#),
        ("PATCH", &build, r#"{"status": "BUILD_DONE", "artifacts": {"external_identifier": "x"}}"#),
        ("PATCH", &build, r#"{"status": "BUILD_DONE", "artifacts": ["x"]}"#),
        ("PATCH", &build, r#"{"status": "BUILD_DONE", "artifacts": [{"external_identifier": 1}]}"#),
        ("PATCH", &build, r#"{"labels": {"a": null, "b": 1}}"#),
        ("PATCH", &build, r#"{"metadata": "text"}"#),
        ("PATCH", &build, r#"{"metadata": {"packer": "text"}}"#),
        ("PATCH", "buckets/images/versions/one", r#"{"revoke_at": 1700000000}"#),
        ("PATCH", "buckets/images/versions/one", r#"{"revoke_in": 30}"#),
        ("PATCH", "buckets/images/versions/one", r#"{"restore": "yes"}"#),
        ("PATCH", "buckets/images/channels/prod", r#"{"update_mask": ["restricted"], "restricted": true}"#),
        ("PATCH", "buckets/images/channels/prod", r#"{"update_mask": "restricted", "restricted": "true"}"#),
        ("PATCH", "registry", r#"{"update_mask": "activated", "activated": "false"}"#),
    ];
    let cases = bodies
        .iter()
        .map(|(method, path, body)| {
            Case::new(format!("{method} {path} {body}"), scene.json(method, path, body), &[INVALID])
        })
        .collect();
    scene.check(cases).await;
}

#[tokio::test]
async fn an_oversized_body_is_refused_before_it_is_understood() {
    let scene = Scene::new().await;
    let filler = "x".repeat(9 << 20);
    let body = format!(r#"{{"name": "new-bucket", "description": "{filler}"}}"#);
    let sbom = format!(r#"{{"format": "SPDX", "compressed_sbom": "{}"}}"#, "A".repeat(50 << 20));
    let path = format!("buckets/images/versions/two/builds/{}/sboms", scene.build);
    let typed = |method, path: &str| scene.call(method, path).header("Content-Type", "application/json");
    let cases = vec![
        Case::new("9 MiB for a bucket", scene.json("PUT", "buckets", &body), &[INVALID]),
        Case::new("9 MiB in chunks", typed("PUT", "buckets").chunked(&body, 1 << 16), &[INVALID]),
        Case::new("50 MiB for an SBOM", scene.json("PUT", &path, &sbom), &[INVALID]),
    ];
    scene.check(cases).await;
}

#[tokio::test]
async fn another_content_type_is_refused() {
    let scene = Scene::new().await;
    let types = [
        "text/plain",
        "text/html",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        ";;;",
        "\u{fc}",
    ];
    let cases = types
        .iter()
        .map(|kind| {
            let request = scene.call("PUT", "buckets").header("Content-Type", kind);
            Case::new(*kind, request.body(r#"{"name": "new-bucket"}"#), &[INVALID])
        })
        .collect();
    scene.check(cases).await;
}

/// What is unusual but right is understood: clients may chunk, leave the type out, or add parameters to it.
#[tokio::test]
async fn a_body_may_come_in_chunks_and_without_a_type() {
    let scene = Scene::new().await;
    let body = |name: &str| format!(r#"{{"name": "{name}", "unknown": {{"later": true}}, "labels": null}}"#);
    let put = || scene.call("PUT", "buckets");
    let requests = [
        ("chunked", put().header("Content-Type", "application/json").chunked(body("chunked-one"), 7)),
        ("one byte each", put().header("Content-Type", "application/json").chunked(body("chunked-two"), 1)),
        ("no type", put().body(body("untyped"))),
        ("parameters", put().header("Content-Type", "application/json; charset=utf-8").body(body("typed"))),
        ("capitals", put().header("CONTENT-TYPE", "Application/JSON").body(body("capitals"))),
    ];
    for (what, request) in requests {
        let answer = request.send(scene.waybill.address()).expect("an answer");
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
    }
    scene.end().await;
}

/// A connection whose framing is broken gets a refusal or is closed; the server lives on.
#[tokio::test]
async fn broken_framing_does_not_disturb_the_server() {
    let scene = Scene::new().await;
    let address = scene.waybill.address();
    let put = || scene.call("PUT", "buckets").header("Content-Type", "application/json");
    let broken = [
        (
            "a chunk size that is no number",
            put().header("Transfer-Encoding", "chunked").bytes("zz\r\nabc\r\n"),
        ),
        (
            "a chunk that is too short",
            put().header("Transfer-Encoding", "chunked").bytes("ffffffffffffffff\r\nab"),
        ),
        ("a negative length", put().header("Content-Length", "-1")),
        ("a length that is no number", put().header("Content-Length", "many")),
        ("two lengths", put().header("Content-Length", "2").header("Content-Length", "3").bytes("{}")),
        ("an unknown transfer encoding", put().header("Transfer-Encoding", "gzip").bytes("{}")),
        ("a header without a name", put().header("", "x")),
        ("a header with a NUL", put().header("X-Test", "a\0b")),
    ];
    for (what, request) in broken {
        if let Some(answer) = request.send(address) {
            assert!(
                (400..=501).contains(&answer.status) && answer.status != 500,
                "{what}: {}",
                answer.status
            );
        }
    }
    scene.check(Vec::new()).await;
}
