//! Bills of materials that are bombs, fragments or something else.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{Case, INVALID, NOT_FOUND, PRECONDITION, Scene};

const CYCLONE: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}"#;
const SPDX: &str = r#"{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": []}"#;

fn compress(content: impl AsRef<[u8]>) -> Vec<u8> {
    zstd::encode_all(content.as_ref(), 3).expect("memory can be compressed")
}

fn upload(format: &str, document: &[u8]) -> String {
    json!({"format": format, "compressed_sbom": STANDARD.encode(document)}).to_string()
}

/// A frame that says it needs a window of 1 GiB, and then one byte 8 million times.
fn greedy() -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0];
    let size: u32 = 100_000;
    for last in [0, 0, 0, 0, 0, 1] {
        let header = (size << 3) | (1 << 1) | last;
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(b' ');
    }
    frame
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_refused() {
    let scene = Scene::new().await;
    let good = compress(CYCLONE);
    let cut = &good[..good.len() - 5];
    let mut spoilt = compress(SPDX.repeat(40));
    let middle = spoilt.len() / 2;
    spoilt[middle] ^= 0xff;
    let deep = format!(r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "x": {}"#, "[".repeat(200_000));
    let nested = format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "x": {}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let documents: Vec<(&str, &str, Vec<u8>)> = vec![
        ("nothing", "CYCLONEDX", Vec::new()),
        ("plain JSON", "CYCLONEDX", CYCLONE.into()),
        ("gzip", "CYCLONEDX", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("a cut frame", "CYCLONEDX", cut.to_vec()),
        ("the head of a frame", "CYCLONEDX", good[..6].to_vec()),
        ("a spoilt frame", "SPDX", spoilt),
        ("rubbish after the frame", "CYCLONEDX", [&good[..], b"rubbish"].concat()),
        ("a frame with a huge window", "CYCLONEDX", greedy()),
        ("an empty document", "CYCLONEDX", compress("")),
        ("no JSON", "CYCLONEDX", compress("<bom/>")),
        ("a list", "CYCLONEDX", compress("[]")),
        ("invalid UTF-8", "CYCLONEDX", compress(b"{\"bomFormat\": \"Cyclone\xff\"}")),
        ("a deep document", "CYCLONEDX", compress(deep)),
        ("a deep document that is whole", "CYCLONEDX", compress(nested)),
        ("SPDX called CycloneDX", "CYCLONEDX", compress(SPDX)),
        ("CycloneDX called SPDX", "SPDX", compress(CYCLONE)),
        ("neither", "SPDX", compress(r#"{"hello": "world"}"#)),
        ("an unknown format", "SWID", good.clone()),
        ("a format in lower case", "spdx", compress(SPDX)),
        ("no format", "", good.clone()),
    ];
    let path = format!("buckets/images/versions/two/builds/{}/sboms", scene.build);
    let mut cases: Vec<Case> = documents
        .iter()
        .map(|(what, format, document)| {
            Case::new(*what, scene.json("PUT", &path, upload(format, document)), &[INVALID])
        })
        .collect();
    for text in ["%%%", "AAA", "KLUv_QQA", "KLUv/QQA=", " ", "\u{fc}"] {
        let body = json!({"format": "SPDX", "compressed_sbom": text}).to_string();
        cases.push(Case::new(format!("base64 {text:?}"), scene.json("PUT", &path, body), &[INVALID]));
    }
    for name in ["ab", "a b", "a_bc", "a/bc", &"a".repeat(37)] {
        let body = json!({"format": "CYCLONEDX", "compressed_sbom": STANDARD.encode(&good), "name": name});
        cases.push(Case::new(
            format!("name {name:?}"),
            scene.json("PUT", &path, body.to_string()),
            &[INVALID],
        ));
    }
    let unknown = "buckets/images/versions/two/builds/01M864AD806YWMYM64TPG4AFYP/sboms";
    let body = upload("CYCLONEDX", &good);
    cases.push(Case::new("an unknown build", scene.json("PUT", unknown, &body), &[NOT_FOUND]));
    let builds = scene.api.get("buckets/images/versions/one/builds").await.ok();
    let done = builds["builds"][0]["id"].as_str().expect("the build of version `one`");
    let late = format!("buckets/images/versions/one/builds/{done}/sboms");
    cases.push(Case::new("a build that is done", scene.json("PUT", &late, &body), &[PRECONDITION]));
    scene.check(cases).await;
}

#[tokio::test]
async fn a_bomb_is_refused_with_the_limit_in_the_message() {
    let scene = Scene::new().await;
    let path = format!("buckets/images/versions/two/builds/{}/sboms", scene.build);
    let zeros = vec![b' '; 300 << 20];
    let bomb = compress(&zeros);
    let again = compress(compress(&zeros));
    drop(zeros);
    assert!(bomb.len() < 1 << 20, "300 MiB of nothing are small");
    for (what, document) in [("300 MiB of spaces", bomb), ("a bomb in a bomb", again)] {
        let request = scene.json("PUT", &path, upload("CYCLONEDX", &document));
        let answer = request.send(scene.waybill.address()).expect("an answer");
        assert_eq!((answer.status, answer.code()), (400, Some(3)), "{what}: {}", answer.text());
        if what.starts_with("300") {
            assert!(answer.text().contains("256"), "{what}: the limit is 256 MiB: {}", answer.text());
        }
    }
    let peak = peak_memory(scene.waybill.pid());
    assert!(peak < 700 << 20, "the server used {} MiB for a bomb", peak >> 20);
    scene.end().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_with_the_limit_of_the_document() {
    let scene = Scene::new().await;
    let path = format!("buckets/images/versions/two/builds/{}/sboms", scene.build);
    let request = scene.json("PUT", &path, upload("CYCLONEDX", &vec![b' '; 33 << 20]));
    let answer = request.send(scene.waybill.address()).expect("an answer");
    assert_eq!((answer.status, answer.code()), (400, Some(3)), "{}", answer.text());
    assert!(answer.text().contains("33554432 bytes (32 MiB)"), "{}", answer.text());
    scene.end().await;
}

/// The most memory that a process has had, in bytes.
fn peak_memory(pid: u32) -> u64 {
    let status = fs_err::read_to_string(format!("/proc/{pid}/status")).expect("the server runs on Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel counts memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of KiB") << 10
}
