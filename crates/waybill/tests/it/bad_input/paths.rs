//! Paths that try to be something else, and requests for what is not there.

use waybill_testkit::raw::Request;

use super::{ABORTED, Case, INVALID, NOT_FOUND, NOT_OFFERED, Scene};

#[tokio::test]
async fn a_path_is_taken_as_it_is() {
    let scene = Scene::new().await;
    let long = "a".repeat(10_000);
    let tails = [
        // A name with anything in it is a name that no bucket has.
        "buckets/%2e%2e",
        "buckets/%2e%2e%2fimages",
        "buckets/..%2f..%2f..%2f..%2fhealthz",
        "buckets/images%2fversions",
        "buckets/images%2Fversions%2Fone",
        "buckets/images%00",
        "buckets/%00",
        "buckets/%ff%fe",
        "buckets/%c0%ae%c0%ae",
        "buckets/images%0d%0aX-Injected:%20yes",
        "buckets/images%20",
        "buckets/IMAGES",
        "buckets/%zz",
        "buckets/%",
        "buckets/images;jsessionid=1",
        "buckets/*",
        "buckets/'%20OR%20'1'='1",
        "buckets/$(id)",
        "buckets/\u{fc}ml\u{e4}ut",
        &format!("buckets/{long}"),
        // Not resolved, not normalized.
        "buckets/./images",
        "buckets/../buckets/images",
        "buckets//images",
        "buckets/images/",
        "buckets/images/versions/",
        "buckets/images/versions//builds",
        "buckets/images/../../registry",
    ];
    let mut cases: Vec<Case> = tails
        .iter()
        .map(|tail| {
            let what: String = tail.chars().take(80).collect();
            Case::new(what, scene.call("GET", tail), &[NOT_FOUND, INVALID, NOT_OFFERED, ABORTED])
        })
        .collect();
    for target in
        ["/..", "/../../etc/passwd", "//", "/%2e%2e/%2e%2e/etc/passwd", "/packer", "/favicon.ico.php"]
    {
        let request = scene.call("GET", target);
        cases.push(Case::new(target, request, &[NOT_FOUND, NOT_OFFERED]));
    }
    scene.check(cases).await;
}

#[tokio::test]
async fn an_operation_that_is_not_there_is_refused_in_json() {
    let scene = Scene::new().await;
    let requests = [
        ("POST", "buckets"),
        ("DELETE", "buckets"),
        ("PATCH", "buckets"),
        ("POST", "buckets/images"),
        ("PUT", "buckets/images/versions"),
        ("PUT", "registry/images"),
        ("GET", "buckets/images/versions/one/builds/x/y/z"),
        ("GET", "nothing"),
        ("GET", "/packer/2099-01-01/organizations/{organization_id}/projects/{project_id}/buckets"),
        ("GET", "/resource-manager/2019-12-10/nothing"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/api/v2/whoami"),
        ("POST", "/api/v1/whoami"),
        ("DELETE", "/oauth2/nothing"),
        ("BREW", "buckets"),
        ("TRACE", "buckets"),
        ("PROPFIND", "buckets/images"),
        ("OPTIONS", "buckets/images"),
    ];
    let cases = requests
        .iter()
        .map(|(method, path)| {
            let request = scene.call(method, path);
            Case::new(format!("{method} {path}"), request, &[NOT_FOUND, NOT_OFFERED])
        })
        .collect();
    scene.check(cases).await;
}

/// Offered by the interface that is served, not by this server yet: code 12, so that clients go on without.
#[tokio::test]
async fn an_operation_that_is_not_offered_yet_has_its_own_code() {
    let scene = Scene::new().await;
    let organization = scene.api.organization_id().to_owned();
    let paths = [
        "enforced_blocks/bucket/images".to_owned(),
        "buckets/images/packages".to_owned(),
        "buckets/images/vulnerabilities".to_owned(),
        format!("/iam/2019-12-10/iam/organization/{organization}/group/nobody"),
    ];
    for path in paths {
        let answer = scene.call("GET", &path).send(scene.waybill.address()).expect("an answer");
        let there = answer.status == 200 || (answer.status, answer.code()) == (404, Some(5));
        assert!(there || (answer.status, answer.code()) == (501, Some(12)), "{path}: {}", answer.text());
        if answer.status != 200 {
            assert_eq!(super::envelope_fault(&answer), None, "{path}: {}", answer.text());
        }
    }
    scene.end().await;
}

/// What is not HTTP is refused by the protocol, without an envelope; the server lives on.
#[tokio::test]
async fn a_target_that_is_no_target_does_not_disturb_the_server() {
    let scene = Scene::new().await;
    let address = scene.waybill.address();
    let long = format!("/{}", "a".repeat(200_000));
    let targets: [&[u8]; 8] =
        [b"", b"buckets", b"/a\0b", b"/a b", b"/a\x7f", b"/\xff\xfe", b"http://", long.as_bytes()];
    let refused = |status: u16| (400..=501).contains(&status) && status != 500;
    for target in targets {
        if let Some(answer) = Request::new("GET", target).send(address) {
            let shown = String::from_utf8_lossy(&target[..target.len().min(20)]).into_owned();
            assert!(refused(answer.status), "{shown:?}: {} {}", answer.status, answer.text());
        }
    }
    let many = (0..500).fold(scene.call("GET", "buckets"), |request, number| {
        request.header(&format!("X-Header-{number}"), "x".repeat(1000))
    });
    if let Some(answer) = many.send(address) {
        assert!(refused(answer.status), "{} {}", answer.status, answer.text());
    }
    scene.check(Vec::new()).await;
}
