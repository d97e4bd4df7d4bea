//! `waybill env`: what clients are told.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;
use waybill_testkit::{Waybill, command};

use super::{BINARY, env, folder, options, read_json, text};

const NAMES: [&str; 8] = [
    "HCP_CLIENT_ID",
    "HCP_CLIENT_SECRET",
    "HCP_ORGANIZATION_ID",
    "HCP_PROJECT_ID",
    "HCP_AUTH_URL",
    "HCP_API_ADDRESS",
    "SSL_CERT_FILE",
    "HCP_SKIP_STATUS_CHECK",
];

/// A server whose data folder has a name that wants quoting.
fn awkward() -> (TempDir, Waybill) {
    let folder = folder();
    let data = folder.path().join("it's $HOME, \"really\" `here`");
    (folder, options().data(data).start())
}

fn expected(waybill: &Waybill) -> BTreeMap<String, String> {
    let json: Value = serde_json::from_str(&env(waybill.data(), &["--format", "json"])).expect("JSON");
    let object = json.as_object().expect("an object of variables");
    object.iter().map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned())).collect()
}

#[test]
fn json_holds_what_clients_need() {
    let waybill = Waybill::start(BINARY);
    let variables = expected(&waybill);
    for name in NAMES {
        assert!(variables.get(name).is_some_and(|value| !value.is_empty()), "{name}: {variables:?}");
    }
    assert_eq!(variables["HCP_AUTH_URL"], waybill.url());
    assert_eq!(variables["HCP_API_ADDRESS"], waybill.address().to_string());
    assert_eq!(variables["HCP_SKIP_STATUS_CHECK"], "true");
    assert!(variables["HCP_CLIENT_ID"].starts_with("wb-"), "clients cache tokens by client id alone");
    let owner: Value = read_json(&waybill.data().join("owner.json"));
    assert_eq!(owner["client_id"], variables["HCP_CLIENT_ID"]);
    assert_eq!(owner["client_secret"], variables["HCP_CLIENT_SECRET"]);
    assert_eq!(owner["organization_id"], variables["HCP_ORGANIZATION_ID"]);
    assert_eq!(owner["project_id"], variables["HCP_PROJECT_ID"]);
    assert!(Path::new(&variables["SSL_CERT_FILE"]).is_absolute(), "{variables:?}");
}

#[test]
fn shell_gives_a_shell_the_same_variables() {
    let (_folder, waybill) = awkward();
    for script in [env(waybill.data(), &[]), env(waybill.data(), &["--format", "shell"])] {
        let mut shell = Command::new("sh");
        shell.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let output =
            shell.args(["-c", "eval \"$1\"; env -0", "sh", &script]).output().expect("every Unix has sh");
        assert!(output.status.success() && output.stderr.is_empty(), "{script}\n{}", text(&output.stderr));
        let set: BTreeMap<String, String> = text(&output.stdout)
            .split('\0')
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for (name, value) in expected(&waybill) {
            assert_eq!(set.get(&name), Some(&value), "{name} in\n{script}");
        }
    }
}

#[test]
fn dotenv_and_github_are_lines_of_name_and_value() {
    let (_folder, waybill) = awkward();
    let expected = expected(&waybill);
    let dotenv = env(waybill.data(), &["--format", "dotenv"]);
    let github = env(waybill.data(), &["--format", "github"]);
    for (name, value) in &expected {
        let line = dotenv.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
        let line = line.unwrap_or_else(|| panic!("no {name} in\n{dotenv}"));
        assert!(line == value || unquote(line) == *value, "{name}: {line} instead of {value}");
        assert!(github.contains(value), "no {name} in\n{github}");
    }
    let secret = &expected["HCP_CLIENT_SECRET"];
    assert!(github.contains(&format!("::add-mask::{secret}")), "the secret is masked in the log:\n{github}");
}

/// What a reader of dotenv files makes of a quoted value.
fn unquote(value: &str) -> String {
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let Some(inner) = inner else { return value.trim_matches('\'').to_owned() };
    let mut plain = String::new();
    let mut escaped = false;
    for character in inner.chars() {
        if escaped || character != '\\' {
            plain.push(character);
            escaped = false;
        } else {
            escaped = true;
        }
    }
    plain
}

#[test]
fn insecure_replaces_the_certificates() {
    let waybill = Waybill::start(BINARY);
    let json: Value =
        serde_json::from_str(&env(waybill.data(), &["--format", "json", "--insecure"])).expect("JSON");
    assert_eq!(json["HCP_AUTH_TLS"], "insecure");
    assert_eq!(json["HCP_API_TLS"], "insecure");
    assert!(json["SSL_CERT_FILE"].is_null(), "{json}");
    assert_eq!(json["HCP_API_ADDRESS"], waybill.address().to_string());
}

#[test]
fn before_the_first_start_there_are_no_variables() {
    let home = folder();
    let mut command = command(Path::new(BINARY), home.path());
    let output = command.args(["env", "--data", "nowhere"]).output().expect("the program runs");
    assert!(output.status.code().is_some_and(|code| code == 1 || code == 2), "{output:?}");
    assert_eq!(text(&output.stdout), "false\n", "the shell that evaluates it fails as well");
    assert!(text(&output.stderr).contains("waybill serve"), "{}", text(&output.stderr));
    assert!(!home.path().join("nowhere").exists(), "asking makes nothing");
}

#[test]
fn a_registry_that_is_just_starting_is_waited_for() {
    let home = folder();
    let data = home.path().join("soon");
    let mut command = command(Path::new(BINARY), home.path());
    command.args(["env", "--json"]).env("WAYBILL_DATA", &data);
    let waiting = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let server = options().data(&data).start();
    let output = waiting.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let variables: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(variables["HCP_CLIENT_ID"], server.credentials().client_id.as_str());
}

#[test]
fn the_data_folder_may_come_from_the_environment() {
    let home = folder();
    let data = home.path().join("by-variable");
    let server = options().data(&data).start();
    let mut command = command(Path::new(BINARY), home.path());
    let output = command.arg("env").env("WAYBILL_DATA", &data).output().expect("the program runs");
    assert!(text(&output.stdout).contains(&server.credentials().client_id), "{}", text(&output.stderr));
}

#[test]
fn a_public_url_is_what_clients_are_told() {
    let waybill = options().argument("--public-url").argument("https://registry.example:8443").start();
    let variables = expected(&waybill);
    assert_eq!(variables["HCP_AUTH_URL"], "https://registry.example:8443");
    assert_eq!(variables["HCP_API_ADDRESS"], "registry.example:8443");
    assert_eq!(waybill.url(), format!("https://{}", waybill.address()));
}
