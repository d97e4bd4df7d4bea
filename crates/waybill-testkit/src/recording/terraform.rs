//! The other form of a recording: what Terraform with the `hcp` provider sent.
//!
//! A line is brought into the form of the first kind here; what it means is said there.

use serde_json::{Map, Value, json};

/// What the mock says where it fails on purpose.
const INJECTED: &str = "injected fault";

/// The line in the other form, if it is of this one. `run` counts the commands and is the number of this one.
pub(super) fn normalize(line: &Value, run: &mut u32) -> Option<Value> {
    let text = |name: &str| line[name].as_str();
    match text("event") {
        Some("scenario") if text("name").is_some() => {
            return Some(
                json!({"scenario": text("name")?, "client": "terraform", "desc": text("description")?}),
            );
        }
        Some("command") => {
            *run += 1;
            let words: Vec<_> = line["argv"].as_array()?.iter().filter_map(Value::as_str).collect();
            return Some(json!({"run": *run, "event": "start", "note": words.join(" ")}));
        }
        Some("result") => {
            return Some(json!({"run": *run, "event": "exit", "code": line["exit"].as_i64()?}));
        }
        Some("note") => return Some(json!({"event": "note", "note": text("text")?})),
        _ => {}
    }
    let transport = text("transport")?;
    let body = match (&line["request_body"], text("path")) {
        (Value::Object(fields), Some("/oauth2/token")) => Value::String(form(fields)),
        (body, _) => body.clone(),
    };
    Some(json!({
        "run": *run,
        "tls": transport == "tls",
        "method": line["method"],
        "path": line["path"],
        "query": line["query"],
        "body": body,
        "injected": line["response_body"]["message"] == INJECTED,
        "status": line["status"],
        "response": line["response_body"],
    }))
}

/// The form that was sent; the recording holds it decoded.
fn form(fields: &Map<String, Value>) -> String {
    let pair = |(name, value): (&String, &Value)| {
        format!("{name}={}", crate::encode(value.as_str().unwrap_or_default()))
    };
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}
