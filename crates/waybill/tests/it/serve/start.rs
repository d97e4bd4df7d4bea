//! The first start, later ones, and what is refused before one.

use std::{net::TcpListener, os::unix::fs::PermissionsExt};

use serde_json::Value;
use waybill_testkit::Waybill;

use super::{BINARY, folder, options, read_json, run, text};

#[tokio::test]
async fn one_line_says_where_the_server_answers() {
    let mut waybill = Waybill::start(BINARY);
    assert_eq!(waybill.output(), format!("ready at {}\n", waybill.url()));
    assert_ne!(waybill.address().port(), 0, "port 0 picks a free one");
    let other = Waybill::start(BINARY);
    assert_ne!(waybill.address(), other.address());
    waybill.api().await.get("buckets").await.ok();
    waybill.stop().await;
    other.stop().await;
}

#[test]
fn the_first_start_makes_files_that_only_the_owner_reads() {
    let waybill = Waybill::start(BINARY);
    let mode = |name: &str| {
        let path = waybill.data().join(name);
        let metadata = fs_err::metadata(&path).expect("the first start makes the file");
        metadata.permissions().mode() & 0o777
    };
    for secret in ["owner.json", "tls/ca.key", "tls/server.key"] {
        assert_eq!(mode(secret), 0o600, "{secret}");
    }
    let private = |name: &str| mode(name).trailing_zeros() >= 6; // nothing for group and others

    assert!(private("") || private("waybill.db"), "the database holds the signing keys");
    for public in ["tls/ca.pem", "tls/server.pem", "tls/bundle.pem"] {
        assert_ne!(mode(public) & 0o400, 0, "{public}");
    }
    let server: Value = read_json(&waybill.data().join("server.json"));
    assert_eq!(server["url"], waybill.url());
    assert_eq!(server["pid"], waybill.pid());
}

#[tokio::test]
async fn a_second_start_keeps_ids_credentials_and_tokens() {
    let mut waybill = Waybill::start(BINARY);
    let (before, owner) = (waybill.api().await, waybill.credentials().clone());
    let bucket = before.create_bucket("kept").await;
    let authority = fs_err::read(waybill.data().join("tls/ca.pem")).expect("the authority");
    waybill.restart().await;
    assert_eq!(waybill.credentials(), &owner);
    assert_eq!(fs_err::read(waybill.data().join("tls/ca.pem")).expect("the authority"), authority);
    // The client keeps a token for its whole life: it must outlive the process.
    let after = before.at(&waybill.url());
    assert_eq!(after.get("buckets/kept").await.ok()["bucket"], bucket);
    waybill.api().await.get("buckets/kept").await.ok();
    waybill.stop().await;
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let waybill = Waybill::start(BINARY);
    let api = waybill.api().await;
    api.create_bucket("kept").await;
    api.publish("kept", "one", &["null.a", "null.b"]).await;
    let waybill = waybill.kill().start();
    let version = api.at(&waybill.url()).get("buckets/kept/versions/one").await.ok();
    assert_eq!(version["version"]["name"], "v1");
    assert_eq!(version["version"]["builds"].as_array().map(Vec::len), Some(2));
    waybill.stop().await;
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused() {
    let first = Waybill::start(BINARY);
    let second = options().data(first.data()).try_start().expect_err("the folder is in use");
    assert_ne!(second.status.code(), Some(0));
    let said = second.stderr.to_lowercase();
    assert!(
        said.contains("in use") || said.contains("another") || said.contains("already"),
        "{}",
        second.stderr
    );
    assert!(!said.contains("panicked"), "{}", second.stderr);
    first.api().await.get("buckets").await.ok();
    first.stop().await;
}

#[test]
fn what_cannot_be_served_is_said_before_the_start() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = listener.local_addr().expect("it is bound").to_string();
    let file = folder();
    fs_err::write(file.path().join("file"), "x").expect("the folder is ours");
    let refused = [
        ("a port that is taken", options().listen(&taken), taken.as_str()),
        ("a data folder that is a file", options().data(file.path().join("file")), "file"),
        ("a data folder in a file", options().data(file.path().join("file/data")), "file"),
        (
            "a database that is not there",
            options().database("postgres://nobody:hidden-word@127.0.0.1:1/nothing"),
            "127.0.0.1:1",
        ),
        (
            "a proxy by its name",
            options().argument("--trusted-proxy").argument("10.0.0.0/8,proxy.internal"),
            "--trusted-proxy: `proxy.internal` is neither an address",
        ),
    ];
    for (what, options, said) in refused {
        let refused = options.try_start().expect_err(what);
        assert!(refused.status.code().is_some_and(|code| code == 1 || code == 2), "{what}: {refused}");
        assert!(refused.stderr.contains(said), "{what}: {refused}");
        assert!(!refused.stderr.to_lowercase().contains("panicked"), "{what}: {refused}");
        assert!(!refused.stderr.contains("hidden-word"), "{what}: {refused}");
        assert_eq!(refused.stdout, "", "{what}: {refused}");
    }
    drop(listener);
}

#[test]
fn wrong_arguments_exit_with_2_and_say_what_is_wrong() {
    let wrong: &[(&[&str], &str)] = &[
        (&["serve", "--nope"], "--nope"),
        (&["serve", "extra"], "extra"),
        (&["serve", "--listen", "nonsense"], "nonsense"),
        (&["serve", "--listen", "127.0.0.1:99999"], "99999"),
        (&["serve", "--database", "mysql://localhost/x"], "mysql"),
        (&["serve", "--public-url", "not a url"], "not a url"),
        (&["serve", "--public-url", "registry.example:7080"], "such as https://registry.example:7080"),
        (&["serve", "--public-url", "https://registry.example/x"], "such as https://registry.example:7080"),
        (&["serve", "--data"], "--data"),
        (&["env", "--format", "xml"], "xml"),
        (&["serve-it"], "serve-it"),
    ];
    for (arguments, said) in wrong {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(said), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
    }
}
