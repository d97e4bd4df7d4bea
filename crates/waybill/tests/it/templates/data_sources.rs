//! Data sources that are built in: when they are read, and what is told when that fails.

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    response::AppendHeaders,
    routing::{get, post},
};
use insta::assert_snapshot;
use serde_json::Value;

use super::{Server, with};
use crate::cli::Scene;

/// The server that the pipeline of the examples asks; it takes nothing but what that should send.
fn releases() -> Server {
    let list = async |headers: HeaderMap| {
        let is_json = headers.get(header::ACCEPT).is_some_and(|accept| accept == "application/json");
        if is_json {
            Ok("{\"items\": [{\"tag\": \"v1\"}, {\"tag\": \"v2\"}]}")
        } else {
            Err(StatusCode::NOT_ACCEPTABLE)
        }
    };
    let notes = async |body: Bytes| match serde_json::from_slice::<Value>(&body) {
        Ok(asked) if asked == serde_json::json!({"tag": "v2"}) => Ok("notes of v2\n"),
        _ => Err(StatusCode::BAD_REQUEST),
    };
    let headers = async || (AppendHeaders([("X-One", "1"), ("X-One", "2")]), "text");
    Server::start(
        Router::new()
            .route("/v1/releases", get(list))
            .route("/v1/notes", post(notes))
            .route("/headers", get(headers)),
    )
}

fn pipeline() -> String {
    format!("{}/12-data-pipeline/pipeline.pkr.hcl", super::examples::FOLDER)
}

#[test]
fn they_feed_locals_and_each_other() {
    let server = releases();
    let scene = Scene::offline();
    let line = format!("-var api={} {}", server.url, pipeline());
    let valid = "exit 0\n--- stdout\nThe configuration is valid.\n";
    assert_eq!(scene.run(&format!("validate -evaluate-datasources {line}")), valid);
    assert_snapshot!(scene.run(&format!("inspect {line}")), @r#"
    exit 0
    --- stdout
    Packer Inspect: HCL2 mode

    > input-variables:

    var.api: "http://127.0.0.1:PORT"

    > local-variables:

    local.found: "[\n  \"v1\",\n  \"v2\",\n]"
    local.tags: "[\n  \"v1\",\n  \"v2\",\n]"
    local.wanted: "[\n  \"v1\",\n  \"v2\",\n]"

    > builds:

      > <unnamed build 0>:

        sources:

          file.notes

        provisioners:

          <no provisioner>

        post-processors:

          <no post-processor>
    "#);
    assert_snapshot!(scene.pipe(&format!("console {line}"), "data.http.notes.body\n"), @r"
    exit 0
    --- stdout
    notes of v2
    ");
}

#[test]
fn validate_reads_them_only_when_asked_for() {
    let scene = Scene::offline();
    let line = format!("-var api=http://127.0.0.1:1 {}", pipeline());
    let valid = "exit 0\n--- stdout\nThe configuration is valid.\n";
    assert_eq!(scene.run(&format!("validate {line}")), valid);
    let told = scene.run(&format!("validate -evaluate-datasources {line}"));
    assert!(told.starts_with("exit 1\n--- stdout\nError: Data source data.http.releases failed\n"), "{told}");
    assert!(told.contains("pipeline.pkr.hcl line 12"), "{told}");
}

#[test]
fn what_a_server_refuses_is_told() {
    let server = releases();
    let scene = Scene::offline();
    scene.write(
        "t.pkr.hcl",
        &with("variable \"url\" {\n  type = string\n}\n\ndata \"http\" \"d\" {\n  url = var.url\n}"),
    );
    let ask = |path: &str| {
        scene.run(&format!("validate -evaluate-datasources -var url={}{path} t.pkr.hcl", server.url))
    };
    assert_snapshot!(ask("/v1/releases"), @r#"
    exit 1
    --- stdout
    Error: Data source data.http.d failed

      on t.pkr.hcl line 5, in data "http" "d":
       5: data "http" "d" {

    `http://127.0.0.1:PORT/v1/releases` answered HTTP 406.
    "#);
    assert_snapshot!(ask("/absent"), @r#"
    exit 1
    --- stdout
    Error: Data source data.http.d failed

      on t.pkr.hcl line 5, in data "http" "d":
       5: data "http" "d" {

    `http://127.0.0.1:PORT/absent` answered HTTP 404.
    "#);
    assert_snapshot!(scene.run("validate -evaluate-datasources -var url=ftp://x t.pkr.hcl"), @r#"
    exit 1
    --- stdout
    Error: Data source data.http.d failed

      on t.pkr.hcl line 5, in data "http" "d":
       5: data "http" "d" {

    `ftp://x` cannot be read: URL scheme is not allowed.
    "#);
    let line = format!("console -var url={}/headers t.pkr.hcl", server.url);
    assert_snapshot!(scene.pipe(&line, "data.http.d.request_headers[\"X-One\"]\n"), @r"
    exit 0
    --- stdout
    1, 2
    ");
}

#[test]
fn the_null_source_gives_back_what_it_is_given() {
    let scene = Scene::offline();
    scene.write("t.pkr.hcl", &with("data \"null\" \"n\" {\n  input = upper(\"a\")\n}"));
    assert_snapshot!(scene.pipe("console t.pkr.hcl", "data.null.n.output\n"), @r"
    exit 0
    --- stdout
    A
    ");
    scene.write("t.pkr.hcl", &with("data \"null\" \"n\" {\n  inptu = 1\n}"));
    assert_snapshot!(scene.run("validate t.pkr.hcl"), @r#"
    exit 1
    --- stdout
    Error: Missing required argument

      on t.pkr.hcl line 1, in data "null" "n":
       1: data "null" "n" {

    The argument "input" is required here.

    Error: Unsupported argument

      on t.pkr.hcl line 2, in data "null" "n":
       2:   inptu = 1

    There is no argument "inptu" here. Did you mean "input"?
    "#);
}

#[test]
fn sources_that_ask_a_registry_are_for_builds() {
    let scene = Scene::offline();
    let text = "data \"hcp-packer-version\" \"v\" {\n  bucket_name  = \"b\"\n  channel_name = \"c\"\n}";
    scene.write("t.pkr.hcl", &with(text));
    assert_snapshot!(scene.run("validate t.pkr.hcl"), @r"
    exit 0
    --- stdout
    The configuration is valid.
    ");
    assert_snapshot!(scene.run("validate -evaluate-datasources t.pkr.hcl"), @r#"
    exit 1
    --- stdout
    Error: Data source data.hcp-packer-version.v failed

      on t.pkr.hcl line 1, in data "hcp-packer-version" "v":
       1: data "hcp-packer-version" "v" {

    Data sources of type `hcp-packer-version` ask a registry, which only builds do:
    `waybill validate` without -evaluate-datasources takes their outputs for
    unknown.
    "#);
}
