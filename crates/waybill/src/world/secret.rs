//! Secrets that templates ask other systems for: Vault, Consul, AWS Secrets Manager.
//!
//! Where they are and how to log in is told by the variables that these systems' own programs read.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value as Json;
use waybill_client::{AwsRequest, Config, Credentials, Endpoint};
use waybill_template::world::{Secret, WorldError};

use super::http::{Answer, Request, other, wait};
use crate::{chance, environment::Environment, workload};

/// Reads a secret. Errors name what was asked for, and never what came back.
pub(super) fn read(secret: Secret<'_>, environment: &Environment) -> Result<String, WorldError> {
    match secret {
        Secret::Vault { path, key } => vault(path, key, environment),
        Secret::Consul { key } => consul(key, environment),
        Secret::AwsSecretsManager { name, key } => {
            let text = secrets_manager(name, environment)?;
            member_of_secret(name, key, &text)
        }
        Secret::AwsSecretsManagerRaw { name } => secrets_manager(name, environment),
    }
}

fn fault(text: impl Into<String>) -> WorldError {
    WorldError::Other(text.into())
}

fn json(what: &str, answer: &Answer) -> Result<Json, WorldError> {
    serde_json::from_slice(&answer.body).map_err(|_| fault(format!("{what} gave an answer that is not JSON")))
}

fn vault(path: &str, key: &str, environment: &Environment) -> Result<String, WorldError> {
    let token = environment.given("VAULT_TOKEN").ok_or_else(|| fault("VAULT_TOKEN is not set"))?;
    let address = environment.given("VAULT_ADDR").unwrap_or("https://127.0.0.1:8200").trim_end_matches('/');
    let ask = |path: &str| {
        let mut headers = vec![
            ("X-Vault-Token".to_owned(), token.to_owned()),
            ("X-Vault-Request".to_owned(), "true".to_owned()),
        ];
        headers.extend(
            environment
                .given("VAULT_NAMESPACE")
                .map(|name| ("X-Vault-Namespace".to_owned(), name.to_owned())),
        );
        Request { url: &format!("{address}/v1/{path}"), headers, ..Request::default() }
            .send()
            .map_err(|error| fault(format!("Vault at {address} cannot be asked for `{path}`: {error}")))
    };
    let path = path.trim_matches('/');
    // Which version of the key-value store is mounted there decides how a path is asked for.
    let mount = ask(&format!("sys/internal/ui/mounts/{path}"))?;
    let mount = if mount.status == 200 { json("Vault", &mount)? } else { Json::Null };
    let is_second = mount["data"]["options"]["version"] == "2";
    let asked = match mount["data"]["path"].as_str().filter(|_| is_second) {
        Some(mount) => {
            let rest = path.strip_prefix(mount.trim_end_matches('/')).unwrap_or(path).trim_start_matches('/');
            if rest.starts_with("data/") { path.to_owned() } else { format!("{mount}data/{rest}") }
        }
        None => path.to_owned(),
    };
    let answer = ask(&asked)?;
    if answer.status != 200 {
        return Err(fault(format!("Vault answered HTTP {} to `{asked}`", answer.status)));
    }
    let found = json("Vault", &answer)?;
    let data = if is_second { &found["data"]["data"] } else { &found["data"] };
    match &data[key] {
        Json::String(text) => Ok(text.clone()),
        Json::Null => Err(fault(format!("Vault has no `{key}` at `{path}`"))),
        _ => Err(fault(format!("`{key}` at `{path}` in Vault is no text"))),
    }
}

fn consul(key: &str, environment: &Environment) -> Result<String, WorldError> {
    let address = environment.given("CONSUL_HTTP_ADDR").unwrap_or("127.0.0.1:8500").trim_end_matches('/');
    let scheme = if environment.given("CONSUL_HTTP_SSL") == Some("true") { "https" } else { "http" };
    let base = if address.contains("://") { address.to_owned() } else { format!("{scheme}://{address}") };
    let headers =
        environment.given("CONSUL_HTTP_TOKEN").map(|token| ("X-Consul-Token".to_owned(), token.to_owned()));
    let key = key.trim_start_matches('/');
    let answer = Request {
        url: &format!("{base}/v1/kv/{key}?raw"),
        headers: headers.into_iter().collect(),
        ..Request::default()
    }
    .send()
    .map_err(|error| fault(format!("Consul at {base} cannot be asked for `{key}`: {error}")))?;
    match answer.status {
        200 if answer.body.is_empty() => Err(fault(format!("`{key}` is empty in Consul"))),
        200 => String::from_utf8(answer.body).map_err(|_| fault(format!("`{key}` in Consul is no text"))),
        404 => Err(fault(format!("Consul has no key `{key}`"))),
        status => Err(fault(format!("Consul answered HTTP {status} to `{key}`"))),
    }
}

/// The text of a secret, as it is.
fn secrets_manager(name: &str, environment: &Environment) -> Result<String, WorldError> {
    let machine = workload::aws(environment).map_err(|error| fault(error.message))?;
    let nowhere = Endpoint::api("127.0.0.1:1", None).map_err(|error| other(&error))?;
    let config = Config::new(nowhere.clone(), nowhere, Credentials::new("", ""));
    let (credentials, region) =
        wait(async { machine.credentials(&config).await.map_err(|error| other(&error)) })?;
    let host = format!("secretsmanager.{region}.amazonaws.com");
    let endpoint = environment
        .given("AWS_ENDPOINT_URL_SECRETS_MANAGER")
        .or(environment.given("AWS_ENDPOINT_URL"))
        .map_or_else(|| format!("https://{host}/"), |url| format!("{}/", url.trim_end_matches('/')));
    let authority = endpoint.split("://").nth(1).unwrap_or_default().trim_end_matches('/').to_owned();
    let body = serde_json::json!({ "SecretId": name }).to_string().into_bytes();
    let mut headers = BTreeMap::from([
        ("host", authority),
        ("content-type", "application/x-amz-json-1.1".to_owned()),
        ("x-amz-target", "secretsmanager.GetSecretValue".to_owned()),
    ]);
    AwsRequest {
        service: "secretsmanager",
        region: &region,
        date: &chance::aws_date(),
        query: "",
        body: &body,
    }
    .sign(&credentials, &mut headers);
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let answer = Request { method: Method::POST, url: &endpoint, headers, body }
        .send()
        .map_err(|error| fault(format!("AWS Secrets Manager cannot be asked for `{name}`: {error}")))?;
    let found = json("AWS Secrets Manager", &answer)?;
    if answer.status != 200 {
        let kind = found["__type"].as_str().unwrap_or("no reason").to_owned();
        return Err(fault(format!("AWS Secrets Manager refused `{name}`: {kind}")));
    }
    match &found["SecretString"] {
        Json::String(text) => Ok(text.clone()),
        _ => Err(fault(format!("the secret `{name}` in AWS Secrets Manager is no text"))),
    }
}

/// A member of a secret that is an object; without a key its only one.
fn member_of_secret(name: &str, key: Option<&str>, text: &str) -> Result<String, WorldError> {
    let Ok(Json::Object(members)) = serde_json::from_str::<Json>(text) else {
        return match key {
            None => Ok(text.to_owned()),
            Some(key) => Err(fault(format!("the secret `{name}` is no object, so it has no `{key}`"))),
        };
    };
    let value = match key {
        Some(key) => members.get(key).ok_or_else(|| fault(format!("the secret `{name}` has no `{key}`")))?,
        None if members.len() == 1 => members.values().next().unwrap_or(&Json::Null),
        None => return Err(fault(format!("the secret `{name}` has {} keys: name one", members.len()))),
    };
    match value {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(flag) => Ok(flag.to_string()),
        _ => Err(fault(format!("what the secret `{name}` has there is no text"))),
    }
}
