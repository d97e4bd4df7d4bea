//! Logging in with a real browser: what the pages' policies let through, no imitation of a browser can tell.

use std::{process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    process::Command,
    time::timeout,
};
use waybill_testkit::{
    Options, Waybill,
    issuer::{Client, Issuer, User},
};

const BINARY: &str = env!("CARGO_BIN_EXE_waybill");
const DRIVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/browser/drive.mjs");

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The browsers that speak the protocol, by the names of their programs.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Takes a browser through steps, each an action and its argument; returns what they yielded.
async fn browse(steps: Value) -> Vec<Value> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let browser = BROWSERS
        .iter()
        .flat_map(|name| std::env::split_paths(&paths).map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
        .expect("a browser is needed: install Debian's `chromium`");
    let mut driver = Command::new("node")
        .arg(DRIVER)
        .arg(browser)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node is needed: install Debian's `nodejs`");
    let mut input = driver.stdin.take().expect("it was piped");
    input.write_all(steps.to_string().as_bytes()).await.expect("the driver reads");
    drop(input);
    let output = timeout(Duration::from_mins(2), driver.wait_with_output()).await;
    let output = output.expect("a browser needs no two minutes").expect("an output");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("the driver prints JSON");
    assert_eq!(answer["problems"], json!([]), "what the browser complains about");
    answer["values"].as_array().expect("values").clone()
}

/// The program on the person's machine: waits for one browser and returns what it asked for.
async fn callback(listener: TcpListener) -> String {
    loop {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = vec![0; 8192];
        let read = stream.read(&mut request).await.expect("a request");
        let body = "<title>Program</title><p>The program has its code</p>";
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.expect("the browser listens");
        let request = String::from_utf8_lossy(&request[..read]).into_owned();
        // A browser may connect beforehand, or ask for an icon.
        if let Some(path) = request.split(' ').nth(1).filter(|path| path.starts_with("/callback")) {
            return path.to_owned();
        }
    }
}

fn member(path: &str, name: &str) -> String {
    let url = url::Url::parse(&format!("http://program{path}")).expect("an address");
    let found = url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned());
    found.unwrap_or_else(|| panic!("no `{name}` in {path}"))
}

fn authorization(waybill: &Waybill, redirect_uri: &str) -> String {
    let members = [
        ("response_type", "code"),
        ("client_id", "waybill"),
        ("redirect_uri", redirect_uri),
        ("state", "st&ate"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish();
    format!("{}/oauth2/auth?{query}", waybill.url())
}

#[tokio::test]
async fn a_person_logs_a_program_in_with_a_password() {
    let waybill = Waybill::start(BINARY);
    let owner = waybill.api().await;
    let users = "/api/v1/organizations/{organization_id}/users";
    let made = owner.post(users, json!({ "email": ADA, "role": "viewer" })).await.ok();
    let id = made["user"]["id"].as_str().expect("an identifier");
    owner.put(&format!("{users}/{id}/password"), json!({ "password": PASSWORD })).await.ok();

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let redirect_uri = format!("http://{}/callback", listener.local_addr().expect("an address"));
    let program = tokio::spawn(callback(listener));
    let overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let paper = "getComputedStyle(document.documentElement).backgroundColor";
    let values = browse(json!([
        ["width", 320],
        ["goto", authorization(&waybill, &redirect_uri)],
        ["see", "Log in to"],
        ["evaluate", overflow],
        ["evaluate", paper],
        ["scheme", "dark"],
        ["evaluate", paper],
        ["type", ["#email", ADA]],
        ["type", ["#password", "wrong horse battery"]],
        ["click", "form button"],
        ["see", "the password is wrong"],
        ["type", ["#password", PASSWORD]],
        ["click", "form button"],
        ["see", "May this program act for you?"],
        ["evaluate", overflow],
        ["click", "button[value=allow]"],
        ["see", "The program has its code"],
        ["goto", format!("{}/login", waybill.url())],
        ["see", "You are logged in"],
        ["see", ADA],
        ["evaluate", "document.cookie"],
        ["click", "form button"],
        ["see", "Log in to"],
    ]))
    .await;
    let [login_overflow, light, dark, consent_overflow, cookies] = &values[..] else { panic!("{values:?}") };
    assert_eq!((login_overflow, consent_overflow), (&json!(0), &json!(0)), "pages fit a narrow screen");
    assert_ne!(light, dark, "the style sheet is there, and has a dark side");
    assert_eq!(cookies, "", "scripts see no cookie");

    let path = timeout(Duration::from_secs(10), program).await.expect("the browser came").expect("a path");
    assert_eq!((member(&path, "state"), member(&path, "iss")), ("st&ate".to_owned(), waybill.url()));
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "authorization_code"),
            ("client_id", "waybill"),
            ("code", &member(&path, "code")),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ])
        .finish();
    let request = waybill.client().post(format!("{}/oauth2/token", waybill.url()));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    let tokens = waybill_testkit::Answer::of(request).await.ok();
    let me = owner.with_token(tokens["access_token"].as_str());
    assert_eq!(me.get("/api/v1/whoami").await.ok()["principal"]["name"], ADA);
    waybill.stop().await;
}

#[tokio::test]
async fn a_person_logs_in_at_the_organizations_provider() {
    let issuer = Issuer::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    fs_err::write(&secret, "s3cret\n").expect("a file");
    let arguments =
        ["--oidc-issuer", issuer.url(), "--oidc-client-id", "registry", "--oidc-name", "Staff SSO"];
    let options = arguments.into_iter().fold(Options::new(BINARY), Options::argument);
    let waybill = options
        .argument("--oidc-client-secret-file")
        .argument(&secret)
        .argument("--oidc-condition")
        .argument(r#""staff" in jwt_claims.groups"#)
        .argument("--egress-allow")
        .argument("127.0.0.1")
        .start();
    issuer.register(Client {
        id: "registry".to_owned(),
        secret: "s3cret".to_owned(),
        redirects: vec![format!("{}/login/callback", waybill.url())],
    });
    issuer.sign_in(Some(User { groups: vec!["staff".to_owned()], ..User::new("sub-ada", ADA) }));
    let login = format!("{}/login", waybill.url());
    browse(json!([
        ["goto", format!("{login}?return_to=/device")],
        ["click", "a.btn"],
        ["see", "Enter the code"],
        ["goto", login],
        ["see", "You are logged in"],
        ["see", ADA],
    ]))
    .await;
    issuer.sign_in(Some(User::new("sub-bob", "bob@example.com")));
    browse(json!([["goto", login], ["click", "a.btn"], ["see", "you may not log in to this registry"]]))
        .await;
    waybill.stop().await;
}
