//! Many callers at the same moment: whatever happens once, happens exactly once.

use std::{collections::BTreeSet, future::Future, path::Path};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use waybill_testkit::{Answer, Api, Options, Scope, Waybill, postgres};

const BINARY: &str = env!("CARGO_BIN_EXE_waybill");
const CLIENTS: usize = 32;

/// Runs all at once and returns their answers, in any order.
async fn together<F>(tasks: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tasks.into_iter().collect::<JoinSet<_>>().join_all().await
}

/// How many answers were a success, and all others an error with that code.
fn successes(answers: &[Answer], status: u16, code: u64) -> usize {
    let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status() == 200);
    for answer in bad {
        answer.fails(status, code);
    }
    good.len()
}

/// One server on SQLite, one on PostgreSQL.
fn servers() -> [(&'static str, Waybill); 2] {
    let database = postgres::database();
    [
        ("SQLite", Waybill::start(BINARY)),
        ("PostgreSQL", Options::new(BINARY).database(&database.url()).start()),
    ]
}

/// A version with one started build per client; returns their ids.
async fn open_version(api: &Api, fingerprint: &str) -> Vec<String> {
    api.create_version("images", fingerprint).await;
    let mut builds = Vec::new();
    for number in 0..CLIENTS {
        builds.push(api.create_build("images", fingerprint, &format!("null.b{number}")).await);
    }
    builds
}

/// Versions that are finished by many at once are complete once each, with numbers of their own.
async fn finish_together(apis: &[Api]) {
    let api = &apis[0];
    let fingerprints = ["red", "green", "blue"];
    let mut work = Vec::new();
    for fingerprint in fingerprints {
        for (index, build) in open_version(api, fingerprint).await.into_iter().enumerate() {
            let api = apis[index % apis.len()].clone();
            work.push(async move { api.finish_build("images", fingerprint, &build, "ami").await });
        }
    }
    let answers = together(work).await;
    assert_eq!(successes(&answers, 200, 0), CLIENTS * fingerprints.len());
    let mut names = BTreeSet::new();
    for fingerprint in fingerprints {
        let version = api.get(&format!("buckets/images/versions/{fingerprint}")).await.ok();
        assert_eq!(version["version"]["status"], "VERSION_ACTIVE", "{version}");
        names.insert(version["version"]["name"].as_str().expect("a name").to_owned());
    }
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["v1", "v2", "v3"]);
    for api in apis {
        let channel = api.get("buckets/images/channels/latest").await.ok();
        assert_eq!(channel["channel"]["version"]["name"], "v3", "{channel}");
    }
    let history = api.get("buckets/images/channels/latest/history").await.ok();
    assert_eq!(history["history"].as_array().map(Vec::len), Some(3), "{history}");
}

/// What many create at once, one has created; an open version is shared, as two jobs that start together need.
async fn create_together(apis: &[Api]) {
    let everybody = |path: &'static str, body: Value| {
        let sent = (0..CLIENTS).map(move |client| {
            let (api, body) = (apis[client % apis.len()].clone(), body.clone());
            async move {
                match path {
                    "buckets" => api.put(path, body).await,
                    _ => api.post(path, body).await,
                }
            }
        });
        together(sent.collect::<Vec<_>>())
    };
    let buckets = everybody("buckets", json!({"name": "shared"})).await;
    assert_eq!(successes(&buckets, 409, 6), 1);
    let version = json!({"fingerprint": "one", "template_type": "HCL2"});
    let versions = everybody("buckets/shared/versions", version).await;
    let ids: BTreeSet<String> =
        versions.iter().map(|answer| answer.ok()["version"]["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "all were given the same version");
    let build = json!({"component_type": "null.a", "status": "BUILD_UNSET", "artifacts": null});
    let builds = everybody("buckets/shared/versions/one/builds", build).await;
    assert_eq!(successes(&builds, 409, 6), 1);
    let channels = everybody("buckets/shared/channels", json!({"name": "prod"})).await;
    assert_eq!(successes(&channels, 409, 6), 1);
}

/// The same end sent many times at once counts once; the build has one set of artifacts.
async fn repeat_together(apis: &[Api]) {
    let api = &apis[0];
    api.create_version("images", "repeated").await;
    let build = api.create_build("images", "repeated", "null.only").await;
    let sent = (0..CLIENTS).map(|client| {
        let (api, build) = (apis[client % apis.len()].clone(), build.clone());
        async move { api.finish_build("images", "repeated", &build, "ami").await }
    });
    let answers = together(sent.collect::<Vec<_>>()).await;
    assert_eq!(successes(&answers, 200, 0), CLIENTS, "an identical repeat succeeds");
    let version = api.get("buckets/images/versions/repeated").await.ok();
    let artifacts = &version["version"]["builds"][0]["artifacts"];
    assert_eq!(artifacts.as_array().map(Vec::len), Some(1), "{version}");
}

#[tokio::test]
async fn a_version_completes_exactly_once() {
    for (_, waybill) in servers() {
        let api = waybill.api().await;
        api.create_bucket("images").await;
        finish_together(std::slice::from_ref(&api)).await;
        repeat_together(std::slice::from_ref(&api)).await;
        waybill.stop().await;
    }
}

#[tokio::test]
async fn a_name_is_taken_exactly_once() {
    for (_, waybill) in servers() {
        create_together(&[waybill.api().await]).await;
        waybill.stop().await;
    }
}

/// A channel that many move at once ends at one of their versions, and its history has every move.
#[tokio::test]
async fn a_channel_follows_every_move() {
    for (database, waybill) in servers() {
        let api = waybill.api().await;
        api.create_bucket("images").await;
        for number in 0..4 {
            api.publish("images", &format!("version-{number}"), &["null.a"]).await;
        }
        api.post("buckets/images/channels", json!({"name": "prod"})).await.ok();
        let moves = (0..CLIENTS).map(|client| {
            let api = api.clone();
            async move {
                let fingerprint = format!("version-{}", client % 4);
                let body = json!({"update_mask": "versionFingerprint", "version_fingerprint": fingerprint});
                api.patch("buckets/images/channels/prod", body).await
            }
        });
        let answers = together(moves.collect::<Vec<_>>()).await;
        assert_eq!(successes(&answers, 200, 0), CLIENTS, "{database}");
        let channel = api.get("buckets/images/channels/prod").await.ok();
        let page = "buckets/images/channels/prod/history?pagination.page_size=1000";
        let history = api.get(page).await.ok();
        let entries = history["history"].as_array().expect("a list").clone();
        let fingerprint = |entry: &Value| entry["version"]["fingerprint"].clone();
        assert_eq!(fingerprint(&entries[0]), channel["channel"]["version"]["fingerprint"], "{database}");
        let stood_still = entries.windows(2).any(|two| fingerprint(&two[0]) == fingerprint(&two[1]));
        assert!(!stood_still, "{database}: a move to where the channel stood is no move: {history}");
        waybill.stop().await;
    }
}

/// A second server on the same database, as an operator makes it: with a copy of the data folder.
fn second(first: &Waybill, database: &postgres::Database) -> Waybill {
    let options = Options::new(BINARY).database(&database.url());
    copy_folder(first.data(), options.data_folder());
    options.start()
}

fn copy_folder(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).expect("the folder is ours");
    for entry in fs_err::read_dir(from).expect("the data folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else if path.is_file() {
            fs_err::copy(&path, &target).expect("the folder is ours");
        }
    }
}

#[tokio::test]
async fn two_servers_on_one_database_agree() {
    let database = postgres::database();
    let first = Options::new(BINARY).database(&database.url()).start();
    let second = second(&first, &database);
    let one = first.api().await;
    // A token of one server is good at the other.
    let two = one.at(&second.url());
    one.create_bucket("images").await;
    two.get("buckets/images").await.ok();
    finish_together(&[one.clone(), two.clone()]).await;
    repeat_together(&[one.clone(), two.clone()]).await;
    create_together(&[one.clone(), two.clone()]).await;
    // What one server takes back, the other refuses at once.
    let (id, secret) = one.create_principal("short-lived", "viewer", Scope::Organization).await;
    let theirs = second.api_of(&id, &secret).await;
    let whoami = theirs.get("/api/v1/whoami").await.ok();
    let principal = whoami["principal"]["id"].as_str().expect("an id");
    one.delete(&format!("/api/v1/organizations/{{organization_id}}/principals/{principal}")).await.ok();
    theirs.get("buckets").await.fails(401, 16);
    first.stop().await;
    two.get("buckets/images").await.ok();
    second.stop().await;
}

/// Two servers that find an empty database at the same moment make one registry of it.
#[test]
fn two_servers_may_start_at_the_same_moment() {
    let database = postgres::database();
    let starts: Vec<_> = (0..2)
        .map(|_| {
            let options = Options::new(BINARY).database(&database.url());
            std::thread::spawn(move || options.try_start_process())
        })
        .collect();
    for start in starts {
        let outcome = start.join().expect("the thread does not panic");
        assert!(outcome.is_ok(), "{}", outcome.err().map(|refused| refused.to_string()).unwrap_or_default());
    }
    assert_eq!(database.query("SELECT count(*) FROM organizations"), "1\n");
}
