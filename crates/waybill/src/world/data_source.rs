//! Reading data sources that are built in.

use std::{collections::BTreeMap, sync::Arc};

use reqwest::Method;
use waybill_template::{
    value::{Type, Value},
    world::WorldError,
};

use super::http::Request;

/// Reads a data source; its options are decoded and checked.
pub(super) fn read(kind: &str, options: &Value) -> Result<Value, WorldError> {
    match kind {
        "null" => {
            Ok(object([("output", option(options, "input").cloned().unwrap_or(Value::Null(Type::String)))]))
        }
        "http" => http(options),
        other => Err(WorldError::Other(format!(
            "Data sources of type `{other}` ask a registry, which only builds do: `waybill validate` without \
             -evaluate-datasources takes their outputs for unknown"
        ))),
    }
}

fn option<'a>(options: &'a Value, name: &str) -> Option<&'a Value> {
    options.as_map()?.get(name).filter(|value| !value.is_null())
}

fn text<'a>(options: &'a Value, name: &str) -> &'a str {
    option(options, name).and_then(Value::as_str).unwrap_or_default()
}

fn object<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let entries = entries.into_iter().map(|(name, value)| (Arc::from(name), value));
    Value::object(entries.collect::<BTreeMap<_, _>>())
}

fn http(options: &Value) -> Result<Value, WorldError> {
    let url = text(options, "url");
    let method = match text(options, "method") {
        "" => Method::GET,
        name => name.parse().map_err(|_| WorldError::Other(format!("`{name}` is no method of HTTP")))?,
    };
    let headers = option(options, "request_headers").and_then(Value::as_map).into_iter().flatten();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.as_str().unwrap_or_default().to_owned()));
    let body = text(options, "request_body").as_bytes().to_vec();
    let answer = Request { method, url, headers: headers.collect(), body }
        .send()
        .map_err(|error| WorldError::Other(format!("`{url}` cannot be read: {error}")))?;
    if !(200..300).contains(&answer.status) {
        return Err(WorldError::Other(format!("`{url}` answered HTTP {}", answer.status)));
    }
    let body = String::from_utf8(answer.body)
        .map_err(|_| WorldError::Other(format!("`{url}` answered with something that is not UTF-8")))?;
    let mut received: BTreeMap<Arc<str>, String> = BTreeMap::new();
    for (name, value) in &answer.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let all = received.entry(canonical(name.as_str()).into()).or_default();
        if !all.is_empty() {
            all.push_str(", ");
        }
        all.push_str(&value);
    }
    let received = received.into_iter().map(|(name, value)| (name, Value::string(value)));
    Ok(object([
        ("url", Value::string(url)),
        ("body", Value::string(body)),
        // What was received: the name is the original's.
        ("request_headers", Value::map(Type::String, received.collect())),
    ]))
}

/// `content-type` as `Content-Type`.
fn canonical(name: &str) -> String {
    let word = |word: &str| word[..word.len().min(1)].to_uppercase() + word.get(1..).unwrap_or_default();
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}
