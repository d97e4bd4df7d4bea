//! Built-in data sources.

use std::collections::BTreeMap;

use super::{Context, Prepared, built_in::Definition, given::Given};
use crate::value::{Type, Value};

const HCP_VERSION: &str = "author_id bucket_name status created_at fingerprint id name updated_at channel_id";
const HCP_ARTIFACT: &str = "platform component_type created_at build_id version_id channel_id packer_run_uuid \
                            external_identifier region";
const HCP_ITERATION: &str = "author_id bucket_name created_at fingerprint id updated_at channel_id";
const HCP_IMAGE: &str =
    "cloud_provider component_type created_at build_id iteration_id channel_id packer_run_uuid id region";

pub(super) static DEFINITIONS: [Definition; 6] = [
    Definition {
        name: "http",
        options: &["url:s! method:s request_headers:m request_body:s"],
        late: &[],
        check: check_http,
    },
    Definition { name: "null", options: &["input:s!"], late: &[], check: |_, _, _| {} },
    Definition {
        name: "hcp-packer-version",
        options: &["bucket_name:s! channel_name:s!"],
        late: &[],
        check: |_, _, _| {},
    },
    Definition {
        name: "hcp-packer-artifact",
        options: &[
            "bucket_name:s! channel_name:s version_fingerprint:s platform:s! region:s! component_type:s",
        ],
        late: &[],
        check: |given, _, _| one_of(given, "channel_name", "version_fingerprint"),
    },
    Definition {
        name: "hcp-packer-iteration",
        options: &["bucket_name:s! channel:s!"],
        late: &[],
        check: |_, _, _| {},
    },
    Definition {
        name: "hcp-packer-image",
        options: &["bucket_name:s! channel:s iteration_id:s cloud_provider:s! region:s! component_type:s"],
        late: &[],
        check: |given, _, _| one_of(given, "channel", "iteration_id"),
    },
];

const METHODS: [&str; 7] = ["HEAD", "GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];

fn check_http(given: &mut Given, _: &Context<'_>, _: &mut Prepared) {
    if given.text("url").is_empty() {
        given.error("`url` must be set: what to ask");
    }
    let method = given.text("method");
    if !method.is_empty() && given.is_known("method") && !METHODS.contains(&method) {
        let error = format!("`method` must be one of {}, and it is `{method}`", METHODS.join(", "));
        given.error(error);
    }
}

fn one_of(given: &mut Given, first: &str, second: &str) {
    match (given.text(first).is_empty(), given.text(second).is_empty()) {
        (true, true) => given.error(format!("one of `{first}` and `{second}` must be set")),
        (false, false) => given.error(format!("only one of `{first}` and `{second}` can be set")),
        _ => {}
    }
}

/// What a data source gives, while it is not read: values of the types that they will have.
pub(super) fn outputs(name: &str) -> Option<Value> {
    let texts = match name {
        "http" => "url body",
        "null" => return Some(object([("output", Type::String)])),
        "hcp-packer-version" => HCP_VERSION,
        "hcp-packer-artifact" => HCP_ARTIFACT,
        "hcp-packer-iteration" => HCP_ITERATION,
        "hcp-packer-image" => HCP_IMAGE,
        _ => return None,
    };
    let others = match name {
        "http" => vec![("request_headers", Type::map(Type::String))],
        "hcp-packer-iteration" => vec![("complete", Type::Bool), ("incremental_version", Type::Number)],
        "hcp-packer-artifact" | "hcp-packer-image" => vec![("labels", Type::map(Type::String))],
        _ => Vec::new(),
    };
    Some(object(texts.split_whitespace().map(|name| (name, Type::String)).chain(others)))
}

fn object<'a>(entries: impl IntoIterator<Item = (&'a str, Type)>) -> Value {
    let entries = entries.into_iter().map(|(name, wanted)| (name.into(), Value::Unknown(wanted)));
    Value::object(entries.collect::<BTreeMap<_, _>>())
}
