//! The description of the interface: up to date in the repository, complete, and true of what is answered.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Value, json};
use waybill_api::own;
use waybill_server::api;
use waybill_testkit::Api;

use crate::{login, running::Registry};

const PRINCIPALS: &str = "/api/v1/organizations/{organization_id}/principals";

const PROVIDERS: &str =
    "/api/v1/organizations/{organization_id}/projects/{project_id}/workload-identity-providers";

/// The document, which needs no token.
async fn document(registry: &Registry) -> Value {
    registry.nobody().get("/api/v1/openapi.json").await.ok()
}

#[tokio::test]
async fn the_file_in_the_repository_is_up_to_date() {
    let registry = Registry::start().await;
    let served = registry.nobody().get("/api/v1/openapi.json").await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if fs_err::read(&path).unwrap_or_default() == served.bytes() {
        return;
    }
    fs_err::write(&path, served.bytes()).expect("the file can be written");
    panic!("docs/openapi.json was not up to date. It is now: look at the difference and commit it");
}

#[tokio::test]
async fn every_operation_is_described() {
    let registry = Registry::start().await;
    let document = document(&registry).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let id = operation["operationId"].as_str().expect("an id").to_owned();
            described.insert((method.to_uppercase(), path.clone(), id));
            assert!(operation["summary"].is_string(), "{operation}");
            assert_eq!(operation["responses"]["default"]["$ref"], "#/components/responses/Error");
        }
    }
    let served: BTreeSet<_> = api::waybill::operations()
        .map(|(method, path, id)| (method.to_string(), path.to_owned(), id.to_owned()))
        .collect();
    assert_eq!(described, served);
}

/// Checks a value against a named schema, in which nothing but what is described is allowed.
fn check(document: &Value, schema: &str, value: &Value) {
    let mut components = document["components"].clone();
    for schema in components["schemas"].as_object_mut().expect("schemas").values_mut() {
        if schema["properties"].is_object() {
            schema["additionalProperties"] = false.into();
        }
    }
    let schema = json!({ "$ref": format!("#/components/schemas/{schema}"), "components": components });
    let validator = jsonschema::validator_for(&schema).expect("the document's schemas are schemas");
    if let Err(error) = validator.validate(value) {
        panic!("{error} at {} of {value}", error.instance_path());
    }
}

/// The name of the schema of an operation's success.
fn success(document: &Value, method: &str, path: &str) -> String {
    let schema =
        &document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"];
    let reference =
        schema["$ref"].as_str().unwrap_or_else(|| panic!("no schema for {method} {path}: {schema}"));
    reference.rsplit('/').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn answers_about_webhooks_are_as_described() {
    const WEBHOOKS: &str = "/api/v1/organizations/{organization_id}/projects/{project_id}/webhooks";
    let registry = Registry::start().await;
    let owner: Api = registry.api().await;
    let document = document(&registry).await;
    let body = json!({
        "name": "events", "config": {"url": "https://127.0.0.1/", "hmac_key": "not-a-secret"},
        "subscriptions": [{"resource_id": "r", "events": [{"source": "s", "action": "a"}]}, {}],
    });
    owner.post("/2023-05-31/webhook/project/{project_id}/webhooks", body).await.ok();
    let listed = owner.get(WEBHOOKS).await.ok();
    assert_eq!(listed["webhooks"].as_array().map(Vec::len), Some(1));
    check(&document, &success(&document, "get", WEBHOOKS), &listed);
    let verified = owner.post(&format!("{WEBHOOKS}/events/verify"), json!({})).await.ok();
    assert_eq!(verified["accepted"], false, "this machine is not connected to");
    let path = format!("{WEBHOOKS}/{{webhook}}/verify");
    check(&document, &success(&document, "post", &path), &verified);
}

#[tokio::test]
async fn answers_about_logins_are_as_described() {
    let (registry, mut browser) = login::ada().await;
    let document = document(&registry).await;
    let me = login::bearer(&registry, &login::tokens(&registry, &mut browser).await);
    let page = browser.get("/api/v1/session").await;
    let of_browser: Value = serde_json::from_str(&page.html).expect("JSON");
    assert!(of_browser["csrf_token"].is_string());
    check(&document, "CurrentSession", &of_browser);
    for path in ["/api/v1/login", "/api/v1/session", "/api/v1/sessions"] {
        check(&document, &success(&document, "get", path), &me.get(path).await.ok());
    }
    let gone = me.delete("/api/v1/session").await.ok();
    check(&document, &success(&document, "delete", "/api/v1/session"), &gone);
}

#[tokio::test]
async fn answers_are_as_described() {
    let registry = Registry::start().await;
    let owner: Api = registry.api().await;
    let document = document(&registry).await;
    let whoami = owner.get("/api/v1/whoami").await.ok();
    check(&document, &success(&document, "get", "/api/v1/whoami"), &whoami);

    let body = own::CreatePrincipalBody {
        name: "bot".to_owned(),
        role: own::Role::Contributor,
        project_id: Some(owner.project_id().to_owned()),
        bucket: None,
        without_key: false,
    };
    let body = serde_json::to_value(body).expect("a body is JSON");
    check(&document, "CreatePrincipalBody", &body);
    let made = owner.post(PRINCIPALS, body).await.ok();
    check(&document, &success(&document, "post", PRINCIPALS), &made);
    let listed = owner.get(&format!("{PRINCIPALS}?page_size=1")).await.ok();
    assert!(listed["next_page_token"].is_string());
    check(&document, &success(&document, "get", PRINCIPALS), &listed);
    let provider =
        json!({"conditional_access": "aws.arn == `a`", "aws_config": {"account_id": "123456789012"}});
    let of_bot = "/2019-12-10/iam/project/{project_id}/service-principal/bot/workload-identity-providers";
    owner.post(of_bot, json!({"name": "aws", "provider": provider})).await.ok();
    let providers = owner.get(PROVIDERS).await.ok();
    assert_eq!(providers["workload_identity_providers"][0]["name"], "aws");
    check(&document, &success(&document, "get", PROVIDERS), &providers);
    let users = "/api/v1/organizations/{organization_id}/users";
    let body = json!({"email": "ada@example.com", "full_name": "Ada", "role": "auditor"});
    check(&document, "CreateUserBody", &body);
    let made = owner.post(users, body).await.ok();
    check(&document, &success(&document, "post", users), &made);
    owner.post(users, json!({"email": "bob@example.com"})).await.ok();
    let listed = owner.get(&format!("{users}?page_size=1")).await.ok();
    assert!(listed["next_page_token"].is_string());
    check(&document, &success(&document, "get", users), &listed);
    let (groups, team) = ("/api/v1/organizations/{organization_id}/groups", json!({"name": "team"}));
    let team = owner.post("/iam/2019-12-10/iam/organization/{organization_id}/groups", team).await.ok();
    let id = team["group"]["resource_id"].as_str().expect("an id");
    let body = json!({"description": "All", "external_name": "acme/team"});
    check(&document, "UpdateGroupBody", &body);
    let changed = owner.patch(&format!("{groups}/{id}"), body).await.ok();
    let one = "/api/v1/organizations/{organization_id}/groups/{group_id}";
    check(&document, &success(&document, "patch", one), &changed);
    check(&document, &success(&document, "get", groups), &owner.get(groups).await.ok());
    let refused = owner.post(PRINCIPALS, json!({"colour": "red"})).await;
    refused.fails(400, 3);
    check(&document, "Error", &refused.json());

    let strict = &document["components"]["schemas"]["CreatePrincipalBody"]["additionalProperties"];
    assert_eq!(*strict, false);
    for (schema, words) in
        [("Role", json!(own::Role::ALL)), ("PrincipalKind", json!(own::PrincipalKind::ALL))]
    {
        let schema = &document["components"]["schemas"][schema];
        assert_eq!(schema["enum"].as_array().map(Vec::len), words.as_array().map(Vec::len), "{schema}");
        for word in words.as_array().expect("words") {
            assert!(schema["enum"].as_array().is_some_and(|known| known.contains(word)), "{schema}");
        }
    }
}
