//! People log in, with a browser here and without one, and stay logged in.

mod browser;

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use insta::assert_snapshot;
use serde_json::Value;

use self::browser::Browser;
use super::Scene;

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery staple";

/// A registry with Ada, who may read everything.
fn scene() -> Scene {
    let scene = Scene::with_registry();
    let mut command = scene.command("user create ada@example.com --role viewer --password-stdin");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program runs");
    let mut stdin = child.stdin.take().expect("it was asked for");
    writeln!(stdin, "{PASSWORD}").expect("it reads");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
    scene
}

/// `waybill LINE` of somebody who does not know the data folder.
fn command(scene: &Scene, line: &str) -> Command {
    let mut command = scene.command(line);
    command.env_remove("WAYBILL_DATA");
    command
}

fn run(scene: &Scene, line: &str) -> String {
    scene.run_with(line, &[("WAYBILL_DATA", "")])
}

fn profiles(scene: &Scene) -> PathBuf {
    scene.folder().join(".config/waybill/profiles.json")
}

/// A login that is waiting for a browser.
struct Waiting {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
}

impl Waiting {
    fn start(scene: &Scene, more: &str) -> Self {
        let ca = scene.waybill().data().join("tls/ca.pem");
        let mut command = command(scene, &format!("login --url {} {more}", scene.waybill().url()));
        command.arg("--ca").arg(ca);
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        // Opens nothing.
        command.env("BROWSER", "true").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let stderr = BufReader::new(child.stderr.take().expect("it was asked for"));
        Self { child, stderr }
    }

    /// The rest of the line on stderr that begins so.
    fn line(&mut self, beginning: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(0 < self.stderr.read_line(&mut line).expect("text"), "it ended before `{beginning}`");
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.trim().to_owned();
            }
        }
    }

    /// Exit code, stdout, the rest of stderr.
    fn end(mut self) -> (Option<i32>, String, String) {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stdout.take().expect("it was asked for").read_to_string(&mut stdout).expect("text");
        self.stderr.read_to_string(&mut stderr).expect("text");
        (self.child.wait().expect("it ends").code(), stdout, stderr)
    }
}

async fn log_in(scene: &Scene) -> String {
    finish(scene, Waiting::start(scene, "")).await
}

async fn finish(scene: &Scene, mut waiting: Waiting) -> String {
    let address = waiting.line("Log in with your browser: ");
    let mut browser = Browser::new(&scene.waybill().url());
    let login = browser.get(&address).await;
    let login = browser.follow(&login).await;
    let known = browser.submit(&login, &[("email", ADA), ("password", PASSWORD)]).await;
    let consent = browser.follow(&known).await;
    assert!(consent.html.contains("Allow"), "{}", consent.html);
    let allowed = browser.submit(&consent, &[("decision", "allow")]).await;
    let back = allowed.location.clone().expect("it leads back to the program");
    // What others on this machine bring counts for nothing.
    let start = back.split('?').next().expect("an address");
    let foreign = browser.get(&format!("{start}?code=x&state=y")).await;
    assert_eq!(foreign.status, 400, "{}", foreign.html);
    assert_eq!(browser.get(&back.replace("/callback", "/favicon.ico")).await.status, 404);
    let done = browser.follow(&allowed).await;
    assert!(done.html.contains("Logged in"), "{}", done.html);
    let (code, stdout, stderr) = waiting.end();
    assert_eq!(code, Some(0), "{stderr}");
    stdout
}

fn kept(scene: &Scene) -> Value {
    serde_json::from_slice(&fs_err::read(profiles(scene)).expect("a login is kept")).expect("JSON")
}

/// Makes the access token one that is at its end.
fn expire(scene: &Scene) -> String {
    let mut file = kept(scene);
    let login = &mut file["logins"][scene.waybill().url()];
    login["access_expires_at"] = "2026-01-01T00:00:00Z".into();
    let token = login["refresh_token"].as_str().expect("a token").to_owned();
    fs_err::write(profiles(scene), file.to_string()).expect("written");
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_with_a_browser_and_out() {
    let scene = scene();
    assert_snapshot!(log_in(&scene).await, @r"
    logged in as  ada@example.com
    server        https://127.0.0.1:PORT
    until         YYYY-MM-DD hh:mm:ssZ
    kept in       /FOLDER/.config/waybill/profiles.json
    ");
    assert_snapshot!(run(&scene, "whoami"), @r"
    exit 0
    --- stdout
    name          ada@example.com
    kind          user
    roles         viewer on the organization
    organization  uuiduuid-uuid-uuid-uuid-uuiduuiduuid
    session       01ULIDULIDULIDULIDULIDULID
    credentials   the login of ada@example.com at https://127.0.0.1:PORT
    server        https://127.0.0.1:PORT
    ");
    assert_snapshot!(run(&scene, "bucket list"), @r"
    exit 0
    --- stderr
    there are no buckets yet; publishing makes them
    ");
    assert_snapshot!(run(&scene, "env --principal image-ci --role viewer"), @r"
    exit 1
    --- stdout
    unset HCP_CLIENT_ID HCP_CLIENT_SECRET; false
    --- stderr
    error: user `ada@example.com` may not do this on the organization (ReadPrincipals): ask an administrator for the role `admin`, `owner` or `auditor` on the organization
    hint: `waybill whoami` shows the roles of these credentials
    ");
    scene.run("role grant owner --to user:ada@example.com");
    let made = command(&scene, "env --principal image-ci --role viewer --json").output().expect("it runs");
    let variables: Value = serde_json::from_slice(&made.stdout).expect("JSON");
    let mut theirs = command(&scene, "whoami");
    for (name, value) in variables.as_object().expect("an object") {
        theirs.env(name, value.as_str().expect("a text"));
    }
    let theirs = theirs.output().expect("it runs");
    assert!(String::from_utf8_lossy(&theirs.stdout).contains("image-ci"), "{theirs:?}");
    // The registry of this machine comes before the login when it is named.
    assert_snapshot!(scene.run("whoami --json"), @r#"
    exit 0
    --- stdout
    {
      "server": "https://127.0.0.1:PORT",
      "credentials": "the data folder `/DATA/data`",
      "client_id": "wb-clientclientclientclient12",
      "principal": {
        "id": "01ULIDULIDULIDULIDULIDULID",
        "name": "owner",
        "kind": "service",
        "organization_id": "uuiduuid-uuid-uuid-uuid-uuiduuiduuid",
        "project_id": null
      },
      "roles": [
        {
          "role": "owner",
          "organization_id": "uuiduuid-uuid-uuid-uuid-uuiduuiduuid",
          "project_id": null,
          "bucket": null,
          "group": null
        }
      ]
    }
    "#);

    let before = kept(&scene);
    let refresh_token = expire(&scene);
    let together: Vec<Child> = (0..4)
        .map(|_| command(&scene, "whoami").stdout(Stdio::null()).spawn().expect("the program runs"))
        .collect();
    for mut child in together {
        assert!(child.wait().expect("it ends").success(), "one of several at a time is refused");
    }
    let after = kept(&scene);
    let url = scene.waybill().url();
    assert_ne!(after["logins"][&url]["refresh_token"], refresh_token.as_str(), "it is renewed");
    assert_eq!(after["logins"][&url]["user"], ADA);

    assert_snapshot!(run(&scene, "logout"), @r"
    exit 0
    --- stdout
    logged out of https://127.0.0.1:PORT
    ");
    assert_snapshot!(run(&scene, "logout"), @r"
    exit 1
    --- stderr
    error: you are not logged in anywhere
    ");
    assert_snapshot!(run(&scene, "whoami"), @r"
    exit 2
    --- stderr
    error: no credentials for a registry were found
    hint: log in as yourself: `waybill login --url https://HOST:PORT`
    hint: set HCP_CLIENT_ID and HCP_CLIENT_SECRET, or HCP_CRED_FILE
    hint: on the machine of the registry, run this beside its `waybill-data` folder or set WAYBILL_DATA
    ");
    // Who has kept the tokens has nothing.
    fs_err::write(profiles(&scene), after.to_string()).expect("written");
    assert_snapshot!(run(&scene, "whoami"), @r"
    exit 1
    --- stderr
    error: https://127.0.0.1:PORT refused the login: invalid_grant: this login is over: log in again
    hint: `waybill login` logs in again
    ");
    assert_snapshot!(run(&scene, "logout"), @r"
    exit 0
    --- stdout
    logged out of https://127.0.0.1:PORT
    ");
    fs_err::write(profiles(&scene), before.to_string()).expect("written");
    assert_snapshot!(run(&scene, "logout --local"), @r"
    exit 0
    --- stdout
    logged out of https://127.0.0.1:PORT
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_keeps_the_trust_that_it_was_made_with() {
    let scene = scene();
    let mut command = command(&scene, &format!("login --url {}", scene.waybill().url()));
    command.env("SSL_CERT_FILE", scene.waybill().data().join("tls/ca.pem"));
    finish(&scene, Waiting::of(command)).await;
    assert!(run(&scene, "whoami").starts_with("exit 0"), "{}", run(&scene, "whoami"));
    let mut file = kept(&scene);
    file["logins"][scene.waybill().url()]["ca"] = Value::Null;
    fs_err::write(profiles(&scene), file.to_string()).expect("written");
    assert_snapshot!(run(&scene, "whoami"), @r"
    exit 1
    --- stderr
    error: cannot reach https://127.0.0.1:PORT: invalid peer certificate: UnknownIssuer
    hint: trust the registry's own authority: `waybill login --url https://127.0.0.1:PORT --ca FILE`; it is `tls/ca.pem` of its data folder
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_takes_the_place_of_the_one_before() {
    let scene = scene();
    log_in(&scene).await;
    let before = kept(&scene);
    log_in(&scene).await;
    // Two browsers, and the second login.
    assert_snapshot!(run(&scene, "session list"), @r"
    exit 0
    --- stdout
    ID                          CLIENT                    KIND     CREATED               UNTIL                 USED NOW
    01ULIDULIDULIDULIDULIDULID  a browser                 browser  YYYY-MM-DD hh:mm:ssZ  YYYY-MM-DD hh:mm:ssZ  -
    01ULIDULIDULIDULIDULIDULID  a browser                 browser  YYYY-MM-DD hh:mm:ssZ  YYYY-MM-DD hh:mm:ssZ  -
    01ULIDULIDULIDULIDULIDULID  the waybill command line  client   YYYY-MM-DD hh:mm:ssZ  YYYY-MM-DD hh:mm:ssZ  yes
    ");
    let sessions = command(&scene, "session list --json").output().expect("the program runs");
    let sessions: Value = serde_json::from_slice(&sessions.stdout).expect("JSON");
    let id = |at: usize| sessions["sessions"][at]["id"].as_str().expect("an id").to_owned();
    assert_snapshot!(run(&scene, &format!("session delete {}", id(0))), @r"
    exit 2
    --- stderr
    This will happen:
      a browser (browser) is logged out at once
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(run(&scene, &format!("session delete {} --yes", id(0))), @r"
    exit 0
    --- stdout
    deleted 01ULIDULIDULIDULIDULIDULID
    ");
    assert_snapshot!(run(&scene, &format!("session delete {} --yes", id(0))), @r"
    exit 1
    --- stderr
    error: you have no session `01ULIDULIDULIDULIDULIDULID`
    hint: `waybill session list` shows yours
    ");
    assert_snapshot!(run(&scene, &format!("session delete {} --yes", id(2))), @r"
    exit 2
    --- stderr
    error: that is the session that this command uses
    hint: `waybill logout` ends it
    ");
    assert_snapshot!(scene.run("session list"), @r"
    exit 0
    --- stderr
    only people have sessions, and the credentials are the data folder `/DATA/data`
    ");
    let after = kept(&scene);
    fs_err::write(profiles(&scene), before.to_string()).expect("written");
    assert_snapshot!(run(&scene, "whoami"), @r"
    exit 1
    --- stderr
    error: https://127.0.0.1:PORT refused the login: invalid_grant: this login is over: log in again
    hint: `waybill login` logs in again
    ");

    // A second registry, and the login there.
    let mut both = after;
    both["logins"]["https://registry.example"] = both["logins"][scene.waybill().url()].clone();
    fs_err::write(profiles(&scene), both.to_string()).expect("written");
    assert_snapshot!(run(&scene, "logout"), @r"
    exit 0
    --- stdout
    logged out of https://127.0.0.1:PORT
    --- stderr
    commands now use the login of ada@example.com at https://registry.example
    ");
    assert_snapshot!(scene.run_with("whoami", &[("WAYBILL_DATA", ""), ("HCP_AUTH_URL", "https://other.example")]), @r"
    exit 2
    --- stderr
    error: no credentials for a registry were found
    hint: you are logged in at https://registry.example: without HCP_AUTH_URL, HCP_API_ADDRESS and HCP_API_HOST, which name another registry, the last login is used
    hint: log in as yourself: `waybill login --url https://HOST:PORT`
    hint: set HCP_CLIENT_ID and HCP_CLIENT_SECRET, or HCP_CRED_FILE
    hint: on the machine of the registry, run this beside its `waybill-data` folder or set WAYBILL_DATA
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_with_a_code_or_is_refused() {
    let scene = scene();
    let mut browser = Browser::new(&scene.waybill().url());
    let login = browser.get("/login").await;
    browser.submit(&login, &[("email", ADA), ("password", PASSWORD)]).await;
    for (decision, expected) in [("deny", 1), ("allow", 0)] {
        let mut waiting = Waiting::start(&scene, "--device --quiet");
        let line = waiting.line("Open ");
        let (address, code) = line.split_once(" and enter the code ").expect("a code");
        assert_eq!(address, format!("{}/device", scene.waybill().url()));
        let page = browser.get("/device").await;
        let consent = browser.submit(&page, &[("user_code", code)]).await;
        browser.submit(&consent, &[("decision", decision)]).await;
        let (code, stdout, stderr) = waiting.end();
        assert_eq!(code, Some(expected), "{stdout}{stderr}");
        let said = if expected == 0 { &stdout } else { &stderr };
        let wanted = if expected == 0 { "logged in as  ada@example.com" } else { "error: " };
        assert!(said.contains(wanted), "{said}");
    }
    assert!(run(&scene, "whoami").contains("ada@example.com"));
    // Her own password, with the one before it.
    let change = |who: &str, lines: &str| {
        let mut command = command(&scene, &format!("user set-password {who} --password-stdin"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        child.stdin.take().expect("it was asked for").write_all(lines.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(change("", "not the current one\nanother long password\n").0, Some(1));
    let changed = change("", &format!("{PASSWORD}\nanother long password\n"));
    assert_eq!(changed.0, Some(0), "{}", changed.1);
    let changed = change(ADA, &format!("another long password\n{PASSWORD}\n"));
    assert_eq!(changed.0, Some(0), "she may not list people, and is one: {}", changed.1);
}

#[test]
fn where_to_log_in_must_be_known() {
    let scene = Scene::offline();
    assert_snapshot!(scene.run("login"), @r"
    exit 2
    --- stderr
    error: nothing says at which registry to log in
    hint: give its address: `waybill login --url https://HOST:PORT`
    ");
    assert_snapshot!(scene.run("login --url http://registry.example"), @r"
    exit 2
    --- stderr
    error: `http://registry.example` is plain HTTP, where everybody on the way reads along
    hint: log in at the https address
    ");
    assert_snapshot!(scene.run("login --url https://auth.idp.hashicorp.com"), @r"
    exit 2
    --- stderr
    error: `https://auth.idp.hashicorp.com` is HCP, where `hcp auth login` logs in
    ");
    assert_snapshot!(scene.run("login --url https://127.0.0.1:1"), @r"
    exit 1
    --- stderr
    error: cannot reach https://127.0.0.1:PORT: Connection refused (os error 111)
    hint: is the server running? `waybill serve` starts one
    ");
    assert_snapshot!(scene.run("login --url https://127.0.0.1:1 --ca absent.pem"), @r"
    exit 2
    --- stderr
    error: the certificate authority: failed to open file `/FOLDER/absent.pem`: No such file or directory (os error 2)
    ");
    assert_snapshot!(scene.run("login --ca a --insecure"), @r"
    exit 2
    --- stderr
    error: the argument '--ca <FILE>' cannot be used with '--insecure'

    Usage: waybill login --ca <FILE>

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("logout"), @r"
    exit 1
    --- stderr
    error: you are not logged in anywhere
    ");
}
