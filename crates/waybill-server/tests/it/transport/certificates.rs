//! The local authority and operators' certificates.

use std::path::Path;

use axum::{Router, routing::get};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use waybill_server::{
    clock::{Clock, SystemClock},
    listen::ListenOptions,
    tls::{Refreshed, Source, Tls, TlsError},
};

use super::{Running, local, soon, start_with, until};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn open(folder: &Path, now: Timestamp) -> Result<Tls, TlsError> {
    Tls::open(local(folder, None), now)
}

fn contents(folder: &Path, file: &str) -> String {
    fs_err::read_to_string(folder.join(file)).expect("a file of PEM")
}

async fn server(folder: TempDir, tls: Tls) -> Running {
    start_with(Router::new().route("/", get("hello")), ListenOptions::default(), folder, tls).await
}

async fn ask(server: &Running, name: &str) -> Result<u16, reqwest::Error> {
    // A new client, so that the handshake is new.
    let client = server.client().build().expect("a client");
    let url = format!("https://{name}:{}/", server.address.port());
    soon(client.get(url).send()).await.map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn a_client_that_trusts_the_authority_connects_by_every_name() {
    let folder = folder();
    let source = local(folder.path(), Some("https://waybill.example/"));
    let tls = Tls::open(source, SystemClock.now()).expect("a certificate");
    let server = server(folder, tls).await;
    for name in ["127.0.0.1", "localhost", "build-7", "waybill.example"] {
        assert_eq!(ask(&server, name).await.ok(), Some(200), "{name}");
    }
    server.stop().await;
}

#[test]
fn a_second_start_keeps_everything() {
    let folder = folder();
    let now = SystemClock.now();
    let files = ["ca.pem", "ca.key", "server.pem", "server.key", "bundle.pem"];
    let all = || files.map(|file| contents(folder.path(), file));
    open(folder.path(), now).expect("made");
    let first = all();
    open(folder.path(), now + 59 * DAY).expect("kept");
    assert_eq!(all(), first);
    assert_eq!(fs_err::read_dir(folder.path()).expect("listed").count(), files.len());
}

#[test]
fn the_bundle_has_the_authority_before_the_roots_of_the_system() {
    let folder = folder();
    open(folder.path(), SystemClock.now()).expect("made");
    let (bundle, authority) = (contents(folder.path(), "bundle.pem"), contents(folder.path(), "ca.pem"));
    let first_line = bundle.lines().next().expect("a line").to_owned();
    assert!(bundle.starts_with(&format!("{first_line}\n{authority}")), "{bundle}");
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    open(folder.path(), SystemClock.now()).expect("made");
    for (file, mode) in [("ca.key", 0o600), ("server.key", 0o600), ("ca.pem", 0o644), ("bundle.pem", 0o644)] {
        let found = fs_err::metadata(folder.path().join(file)).expect("there").permissions().mode();
        assert_eq!(found & 0o777 & mode, found & 0o777, "{file} has {found:o}");
    }
}

#[tokio::test]
async fn renewal_keeps_the_authority_and_needs_no_restart() {
    let folder = folder();
    let now = SystemClock.now();
    let tls = open(folder.path(), now - 61 * DAY).expect("made");
    let authority = contents(folder.path(), "ca.pem");
    assert_eq!(tls.refresh(now - 2 * DAY).expect("looked at"), Refreshed::Kept);
    let server = server(folder, tls).await;
    assert_eq!(ask(&server, "localhost").await.ok(), Some(200));
    let expires = server.tls.expires();
    assert_eq!(server.tls.refresh(now).expect("renewed"), Refreshed::Replaced);
    assert_eq!(server.tls.refresh(now).expect("looked at"), Refreshed::Kept);
    assert!(server.tls.expires() > expires + 60 * DAY);
    assert_eq!(contents(server.folder.path(), "ca.pem"), authority);
    assert_eq!(ask(&server, "localhost").await.ok(), Some(200));
    server.stop().await;
}

#[tokio::test]
async fn the_renewal_task_reports_the_expiry_and_stops() {
    let folder = folder();
    let tls = open(folder.path(), SystemClock.now()).expect("made");
    let server = server(folder, tls).await;
    let task =
        server.tls.clone().keep_fresh(|| SystemClock.now(), server.metrics.clone(), server.shutdown.clone());
    let task = tokio::spawn(task);
    until(|| server.metric("waybill_certificate_expires_timestamp_seconds") > 1e9).await;
    server.stop().await;
    soon(task).await.expect("the task ends");
}

#[test]
fn a_new_name_needs_a_new_certificate_of_the_same_authority() {
    let folder = folder();
    let now = SystemClock.now();
    open(folder.path(), now).expect("made");
    let (authority, before) = (contents(folder.path(), "ca.pem"), contents(folder.path(), "server.pem"));
    Tls::open(local(folder.path(), Some("https://waybill.example")), now).expect("made again");
    let after = contents(folder.path(), "server.pem");
    assert_ne!(after, before);
    open(folder.path(), now).expect("a name too many is no reason");
    assert_eq!(contents(folder.path(), "server.pem"), after);
    assert_eq!(contents(folder.path(), "ca.pem"), authority);
}

/// What opening says after `spoil` did something to the folder of a server that ran 70 days before.
fn after(spoil: impl FnOnce(&Path)) -> String {
    let folder = folder();
    let now = SystemClock.now();
    open(folder.path(), now - 70 * DAY).expect("made");
    let authority = contents(folder.path(), "ca.pem");
    spoil(folder.path());
    match open(folder.path(), now) {
        Ok(_) => {
            assert_eq!(contents(folder.path(), "ca.pem"), authority, "never another authority");
            "fine".to_owned()
        }
        Err(error) => error.to_string().replace(&*folder.path().to_string_lossy(), "tls"),
    }
}

#[test]
fn damage_is_an_error_that_names_the_file() {
    let write = |file: &'static str, text: &'static str| {
        move |folder: &Path| fs_err::write(folder.join(file), text).expect("written")
    };
    let remove =
        |file: &'static str| move |folder: &Path| fs_err::remove_file(folder.join(file)).expect("removed");
    let check = |error: String, start: &str, end: &str| {
        assert!(error.starts_with(start) && error.ends_with(end), "{error}\nis not\n{start} … {end}");
    };
    let restore = "which every client must then trust anew";
    check(after(write("ca.pem", "")), "`tls/ca.pem` is damaged (it contains no PEM certificate)", restore);
    check(after(write("ca.key", "junk")), "`tls/ca.key` is damaged (", restore);
    check(after(remove("ca.pem")), "`tls/ca.pem` is missing; restore it from a backup", restore);
    check(after(write("server.pem", "junk")), "`tls/server.pem` is damaged (", "from the same authority");
    check(after(write("server.key", "junk")), "`tls/server.key` is damaged (", "from the same authority");
    let other_key = |folder: &Path| {
        let other = super::certificates::folder();
        open(other.path(), SystemClock.now()).expect("made");
        fs_err::copy(other.path().join("ca.key"), folder.join("ca.key")).expect("copied");
    };
    check(after(other_key), "`tls/ca.key` is not the key of `tls/ca.pem`; restore", restore);
    let no_key_and_no_certificate = |folder: &Path| {
        remove("ca.key")(folder);
        remove("server.pem")(folder);
    };
    check(after(no_key_and_no_certificate), "`tls/ca.key` is missing; restore it from a backup", restore);
}

#[test]
fn what_can_be_mended_is_mended() {
    let remove =
        |file: &'static str| move |folder: &Path| fs_err::remove_file(folder.join(file)).expect("removed");
    assert_eq!(after(remove("server.pem")), "fine");
    assert_eq!(after(remove("server.key")), "fine");
    assert_eq!(after(remove("bundle.pem")), "fine");
    // As after a crash between the two files of a renewal.
    let other_server_key = |folder: &Path| {
        let other = super::certificates::folder();
        open(other.path(), SystemClock.now()).expect("made");
        fs_err::copy(other.path().join("server.key"), folder.join("server.key")).expect("copied");
    };
    assert_eq!(after(other_server_key), "fine");
    // The authority's key may be kept elsewhere; the certificate in use is good for another 20 days.
    assert_eq!(after(remove("ca.key")), "fine");
}

#[test]
fn an_authority_that_was_begun_is_finished() {
    let folder = folder();
    let now = SystemClock.now();
    open(folder.path(), now).expect("made");
    let key = contents(folder.path(), "ca.key");
    for file in ["ca.pem", "server.pem", "server.key", "bundle.pem"] {
        fs_err::remove_file(folder.path().join(file)).expect("removed");
    }
    open(folder.path(), now).expect("finished");
    assert_eq!(contents(folder.path(), "ca.key"), key);
}

#[test]
fn an_expired_authority_is_an_error() {
    let folder = folder();
    let now = SystemClock.now();
    open(folder.path(), now).expect("made");
    let error = open(folder.path(), now + 3651 * DAY).expect_err("too late");
    assert!(matches!(error, TlsError::AuthorityExpired { .. }), "{error}");
    assert!(error.to_string().contains("ca.pem` expired at "), "{error}");
}

/// A pair that an operator might bring, made by another server's authority.
fn operator_files(folder: &Path, of: &Path) -> Source {
    let (certificate, key) = (folder.join("tls.crt"), folder.join("tls.key"));
    fs_err::copy(of.join("server.pem"), &certificate).expect("copied");
    fs_err::copy(of.join("server.key"), &key).expect("copied");
    Source::Files { certificate, key }
}

#[tokio::test]
async fn an_operators_certificate_is_served_and_read_again_when_it_changes() {
    let (authority, own) = (folder(), folder());
    let now = SystemClock.now();
    open(authority.path(), now - 61 * DAY).expect("made");
    let tls = Tls::open(operator_files(own.path(), authority.path()), now).expect("loaded");
    let authority_path = authority.path().to_owned();
    let server = server(authority, tls).await;
    assert_eq!(ask(&server, "localhost").await.ok(), Some(200));
    assert_eq!(server.tls.refresh(now).expect("looked at"), Refreshed::Kept);

    open(&authority_path, now).expect("renewed");
    fs_err::copy(authority_path.join("server.pem"), own.path().join("tls.crt")).expect("copied");
    let half_done = server.tls.refresh(now).expect_err("the key is still the old one");
    assert!(matches!(half_done, TlsError::Mismatch { .. }), "{half_done}");
    assert_eq!(ask(&server, "localhost").await.ok(), Some(200));

    operator_files(own.path(), &authority_path);
    assert_eq!(server.tls.refresh(now).expect("read again"), Refreshed::Replaced);
    assert!(server.tls.expires() > now + 80 * DAY);
    assert_eq!(ask(&server, "localhost").await.ok(), Some(200));
    server.stop().await;
}

#[test]
fn an_operators_files_that_do_not_work_are_named() {
    let (authority, own) = (folder(), folder());
    let now = SystemClock.now();
    open(authority.path(), now).expect("made");
    let source = operator_files(own.path(), authority.path());
    let check = |file: &str, text: &str, start: &str| {
        let source = operator_files(own.path(), authority.path());
        fs_err::write(own.path().join(file), text).expect("written");
        let error = Tls::open(source, now).expect_err("bad files").to_string();
        let error = error.replace(&*own.path().to_string_lossy(), "etc");
        assert!(error.starts_with(start), "{error}\nis not\n{start}");
    };
    check(
        "tls.crt",
        "",
        "`etc/tls.crt` is damaged (it contains no PEM certificate); give the server PEM files",
    );
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    check("tls.key", encrypted, "`etc/tls.key` is damaged (the key is encrypted)");
    fs_err::remove_file(own.path().join("tls.key")).expect("removed");
    let missing = Tls::open(source, now).expect_err("no key");
    assert!(matches!(missing, TlsError::Missing { .. }), "{missing}");
}
