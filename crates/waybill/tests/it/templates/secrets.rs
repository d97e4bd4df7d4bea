//! Functions that ask other systems for secrets: the right question, and errors that tell what was asked for and
//! neither a secret nor a token.

use std::{io::Write as _, process::Stdio};

use axum::{
    Json, Router,
    extract::Path,
    http::{HeaderMap, StatusCode},
    routing::get,
};
use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use waybill_testkit::{secrets_manager::SecretsManager, sts::Identity};

use super::{Server, with};
use crate::cli::Scene;

const TOKEN: &str = "token-of-the-test";

/// A Vault with a key-value store of each version.
fn vault() -> Server {
    fn check(headers: &HeaderMap) -> Result<(), StatusCode> {
        let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
        let allowed = is("x-vault-token", TOKEN) && is("x-vault-request", "true");
        if allowed { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
    }
    let mount = async |headers: HeaderMap, Path(path): Path<String>| {
        check(&headers)?;
        let (mount, version) = if path.starts_with("kv/") { ("kv/", "2") } else { ("old/", "1") };
        Ok::<_, StatusCode>(Json(json!({"data": {"path": mount, "options": {"version": version}}})))
    };
    let second = async |headers: HeaderMap, Path(path): Path<String>| {
        check(&headers)?;
        match path.as_str() {
            "team/db" => Ok(Json(json!({"data": {"data": {"password": "hunter-2-secret", "port": 5432}}}))),
            _ => Err(StatusCode::NOT_FOUND),
        }
    };
    let first = async |headers: HeaderMap, Path(path): Path<String>| {
        check(&headers)?;
        let space = headers.get("x-vault-namespace").and_then(|value| value.to_str().ok()).unwrap_or("");
        match path.as_str() {
            "db" => Ok(Json(json!({"data": {"password": format!("old{space}")}}))),
            _ => Err(StatusCode::NOT_FOUND),
        }
    };
    Server::start(
        Router::new()
            .route("/v1/sys/internal/ui/mounts/{*path}", get(mount))
            .route("/v1/kv/data/{*path}", get(second))
            .route("/v1/old/{*path}", get(first))
            .fallback(async |headers: HeaderMap| check(&headers).map(|()| StatusCode::NOT_FOUND)),
    )
}

/// A Consul.
fn consul() -> Server {
    let value = async |headers: HeaderMap, Path(key): Path<String>, query: axum::extract::RawQuery| {
        let allowed = headers.get("x-consul-token").is_some_and(|token| token == TOKEN);
        match (allowed, query.0.as_deref(), key.as_str()) {
            (false, ..) => Err(StatusCode::FORBIDDEN),
            (true, Some("raw"), "app/name") => Ok("from-consul"),
            (true, Some("raw"), "app/empty") => Ok(""),
            _ => Err(StatusCode::NOT_FOUND),
        }
    };
    Server::start(Router::new().route("/v1/kv/{*key}", get(value)))
}

/// What a template's local becomes.
fn local(expression: &str, variables: &[(&str, &str)]) -> String {
    let scene = Scene::offline();
    scene.write("t.pkr.hcl", &with(&format!("locals {{\n  s = {expression}\n}}")));
    let run = |line: &str, input: &str| {
        let mut command = scene.command(line);
        command.envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        write!(child.stdin.take().expect("stdin is a pipe"), "{input}").expect("the program reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let told = run("validate t.pkr.hcl", "");
    assert!(!told.contains(TOKEN), "{told}");
    if told.starts_with("The configuration is valid") { run("console t.pkr.hcl", "local.s\n") } else { told }
}

#[test]
fn vault_is_asked_as_its_store_wants_to_be_asked() {
    let vault = vault();
    let variables = [("VAULT_ADDR", vault.url.as_str()), ("VAULT_TOKEN", TOKEN)];
    assert_eq!(local("vault(\"kv/team/db\", \"password\")", &variables), "hunter-2-secret\n");
    assert_eq!(local("vault(\"/kv/data/team/db\", \"password\")", &variables), "hunter-2-secret\n");
    assert_eq!(local("vault(\"old/db\", \"password\")", &variables), "old\n");
    let space = [("VAULT_ADDR", vault.url.as_str()), ("VAULT_TOKEN", TOKEN), ("VAULT_NAMESPACE", "-team")];
    assert_eq!(local("vault(\"old/db\", \"password\")", &space), "old-team\n");
}

#[test]
fn what_vault_does_not_have_is_told() {
    let vault = vault();
    let variables = [("VAULT_ADDR", vault.url.as_str()), ("VAULT_TOKEN", TOKEN)];
    assert_snapshot!(local("vault(\"kv/team/db\", \"user\")", &variables), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = vault("kv/team/db", "user")

    The function "vault" failed: Vault has no `user` at `kv/team/db`.
    "#);
    assert_snapshot!(local("vault(\"kv/team/db\", \"port\")", &variables), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = vault("kv/team/db", "port")

    The function "vault" failed: `port` at `kv/team/db` in Vault is no text.
    "#);
    assert_snapshot!(local("vault(\"kv/team/absent\", \"user\")", &variables), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = vault("kv/team/absent", "user")

    The function "vault" failed: Vault answered HTTP 404 to `kv/data/team/absent`.
    "#);
    assert_snapshot!(local("vault(\"kv/team/db\", \"password\")", &[("VAULT_ADDR", &vault.url)]), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = vault("kv/team/db", "password")

    The function "vault" failed: VAULT_TOKEN is not set.
    "#);
    let wrong = [("VAULT_ADDR", vault.url.as_str()), ("VAULT_TOKEN", "wrong-token")];
    let told = local("vault(\"kv/team/db\", \"password\")", &wrong);
    assert!(!told.contains("wrong-token"), "{told}");
    assert_snapshot!(told, @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = vault("kv/team/db", "password")

    The function "vault" failed: Vault answered HTTP 403 to `kv/team/db`.
    "#);
    let nowhere = [("VAULT_ADDR", "http://127.0.0.1:1"), ("VAULT_TOKEN", TOKEN)];
    assert_snapshot!(local("vault(\"kv/team/db\", \"password\")", &nowhere), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = vault("kv/team/db", "password")

    The function "vault" failed: Vault at http://127.0.0.1:1 cannot be asked for
    `sys/internal/ui/mounts/kv/team/db`: Connection refused (os error 111).
    "#);
}

#[test]
fn consul_is_asked_for_the_bare_value() {
    let consul = consul();
    let address = consul.url.trim_start_matches("http://").to_owned();
    let variables = [("CONSUL_HTTP_ADDR", address.as_str()), ("CONSUL_HTTP_TOKEN", TOKEN)];
    assert_eq!(local("consul_key(\"app/name\")", &variables), "from-consul\n");
    assert_snapshot!(local("consul_key(\"app/absent\")", &variables), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = consul_key("app/absent")

    The function "consul_key" failed: Consul has no key `app/absent`.
    "#);
    assert_snapshot!(local("consul_key(\"app/empty\")", &variables), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = consul_key("app/empty")

    The function "consul_key" failed: `app/empty` is empty in Consul.
    "#);
    assert_snapshot!(local("consul_key(\"app/name\")", &[("CONSUL_HTTP_ADDR", &consul.url)]), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = consul_key("app/name")

    The function "consul_key" failed: Consul answered HTTP 403 to `app/name`.
    "#);
}

#[test]
fn secrets_manager_is_asked_with_a_signed_request() {
    let identity = Identity::role("123456789012", "builder", "ci");
    let object = json!({"user": "app", "password": "pw-of-the-secret", "port": 5432}).to_string();
    let secrets = [("app/db", object.as_str()), ("plain", "just-text"), ("one", "{\"only\": \"value\"}")];
    let runtime = Runtime::new().expect("a runtime starts");
    let manager = runtime.block_on(SecretsManager::start("eu-central-1", &identity, &secrets));
    let token = identity.session_token.clone().unwrap_or_default();
    let mut variables = vec![
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", manager.url()),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1"),
        ("AWS_ACCESS_KEY_ID", &identity.access_key),
        ("AWS_SECRET_ACCESS_KEY", &identity.secret),
        ("AWS_SESSION_TOKEN", &token),
    ];
    assert_eq!(local("aws_secretsmanager(\"app/db\", \"password\")", &variables), "pw-of-the-secret\n");
    assert_eq!(local("aws_secretsmanager(\"one\", null)", &variables), "value\n");
    let raw: Value =
        serde_json::from_str(&local("aws_secretsmanager_raw(\"app/db\")", &variables)).expect("JSON");
    assert_eq!(raw["port"], 5432);
    assert_eq!(local("aws_secretsmanager_raw(\"plain\")", &variables), "just-text\n");
    assert_snapshot!(local("aws_secretsmanager(\"app/db\", \"absent\")", &variables), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = aws_secretsmanager("app/db", "absent")

    The function "aws_secretsmanager" failed: the secret `app/db` has no `absent`.
    "#);
    assert_snapshot!(local("aws_secretsmanager(\"app/db\", null)", &variables), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = aws_secretsmanager("app/db", null)

    The function "aws_secretsmanager" failed: the secret `app/db` has 3 keys: name
    one.
    "#);
    assert_snapshot!(local("aws_secretsmanager(\"absent\", \"x\")", &variables), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = aws_secretsmanager("absent", "x")

    The function "aws_secretsmanager" failed: AWS Secrets Manager refused `absent`:
    ResourceNotFoundException.
    "#);
    variables[4].1 = "a-wrong-secret";
    let told = local("aws_secretsmanager(\"app/db\", \"password\")", &variables);
    assert!(!told.contains("a-wrong-secret"), "{told}");
    assert_snapshot!(told, @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = aws_secretsmanager("app/db", "password")

    The function "aws_secretsmanager" failed: AWS Secrets Manager refused `app/db`:
    InvalidSignatureException.
    "#);
    assert_snapshot!(local("aws_secretsmanager(\"app/db\", \"x\")", &variables[..3]), @r#"
    Error: Error in function call

      on t.pkr.hcl line 2, in locals:
       2:   s = aws_secretsmanager("app/db", "x")

    The function "aws_secretsmanager" failed: the machine's AWS credentials:
    AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and no metadata service
    answers.
    "#);
}
