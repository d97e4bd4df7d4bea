//! Pages of items that carry many builds end early, and nothing is lost by that.

use jiff::Timestamp;
use serde_json::Value;
use waybill_model::{
    build::BuildStatus,
    labels::Labels,
    names::{BucketName, Fingerprint},
    version::TemplateType,
};
use waybill_server::app::App;
use waybill_store::{NewBuild, NewVersion};
use waybill_testkit::Api;

use crate::running::Registry;

/// A version with that many builds, made past the API: ten thousand requests would take too long.
async fn insert(app: &App, bucket: &str, fingerprint: &str, builds: u32, second: i64) {
    let bucket: BucketName = bucket.parse().expect("a name");
    let fingerprint: Fingerprint = fingerprint.parse().expect("a fingerprint");
    let (ids, at) = (app.ids.clone(), Timestamp::from_second(second).expect("a time"));
    let written = app.store.write(move |tx| {
        let uid = || ids.uid(at);
        let organization = tx.first_organization()?.expect("there is one").id;
        let project = tx.projects(organization)?.remove(0).id;
        let bucket = tx.bucket(project, &bucket)?.expect("it was made").id;
        let new = NewVersion {
            uid: uid(),
            fingerprint: fingerprint.clone(),
            template_type: TemplateType::Hcl2,
            author: String::new(),
        };
        let version = tx.insert_version(bucket, &new, at)?;
        for number in 0..builds {
            let new = NewBuild {
                uid: uid(),
                component_type: format!("null.{number}").parse().expect("a component"),
                status: BuildStatus::Done,
                packer_run_uuid: String::new(),
                platform: String::new(),
                source_external_identifier: String::new(),
                parent_version_uid: String::new(),
                parent_channel_uid: String::new(),
                labels: Labels::default(),
            };
            tx.insert_build(version, &new, at)?;
        }
        let latest = tx.managed_channel(bucket)?.expect("every bucket has one");
        tx.assign_channel(latest.id, Some(version), "", at)
    });
    written.await.expect("it is written");
}

/// The pages of a list, forwards and backwards, by what names their items.
async fn walk(api: &Api, path: &str, member: &str, name: &str) -> [Vec<Vec<String>>; 2] {
    let name = |item: &Value| item.pointer(name).and_then(Value::as_str).expect("a name").to_owned();
    let mut walks = [Vec::new(), Vec::new()];
    let mut token = String::new();
    for (direction, pages) in ["next", "previous"].into_iter().zip(&mut walks) {
        loop {
            let answer = api.get(&format!("{path}?pagination.page_size=1000{token}")).await.ok();
            let items = answer[member].as_array().cloned().unwrap_or_default();
            pages.push(items.iter().map(&name).collect());
            let Some(go_on) = answer["pagination"][format!("{direction}_page_token")].as_str() else {
                let back = answer["pagination"]["previous_page_token"].as_str().unwrap_or_default();
                token = format!("&pagination.previous_page_token={back}");
                break;
            };
            token = format!("&pagination.{direction}_page_token={go_on}");
        }
    }
    walks
}

#[tokio::test]
async fn a_page_ends_before_its_builds_are_too_many() {
    let registry = Registry::start().await;
    let api = registry.api().await;
    let app = registry.server.app();
    for bucket in ["base", "more", "next"] {
        api.create_bucket(bucket).await;
    }
    // The newest comes first.
    for (second, (name, builds)) in
        (1..).zip([("five", 1), ("four", 5001), ("three", 2500), ("two", 2500), ("one", 1)])
    {
        insert(app, "base", name, builds, second).await;
    }
    insert(app, "more", "b", 2500, 1).await;
    insert(app, "next", "c", 2500, 1).await;

    let forwards: &[&[&str]] = &[&["one", "two"], &["three"], &["four"], &["five"]];
    let backwards: &[&[&str]] = &[&["four"], &["two", "three"], &["one"]];
    for (path, member, name) in [
        ("buckets/base/versions", "versions", "/fingerprint"),
        ("buckets/base/channels/latest/history", "history", "/version/fingerprint"),
    ] {
        let walks = walk(&api, path, member, name).await;
        assert_eq!(walks, [forwards, backwards], "{path}");
    }
    let walks = walk(&api, "buckets", "buckets", "/name").await;
    let forwards: &[&[&str]] = &[&["base", "more"], &["next"]];
    assert_eq!(walks, [forwards, &forwards[..1]]);
    // Asked for one by one they are whole.
    let latest = api.get("buckets/base/channels/latest").await.ok();
    assert_eq!(latest["channel"]["version"]["builds"].as_array().map(Vec::len), Some(1));
    let four = api.get("buckets/base/versions/four").await.ok();
    assert_eq!(four["version"]["builds"].as_array().map(Vec::len), Some(5001));
}
