//! Whether an answer is one that the client can live with.

use serde_json::{Value, json};
use waybill_testkit::{
    Answer,
    openapi::{OpenApi, Operation},
    recording::{Body, Request},
};

use super::{
    at,
    tables::{ECHOED, NEEDED, NOT_OFFERED},
};

/// What is asked of status and code. Everything else is asked of every answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Verdict {
    /// Those that the mock gave.
    AsRecorded,
    /// Those that the table of deviations gives.
    Answer(u16, Option<u64>),
    /// Any that the documents allow.
    AnyDocumented,
}

/// What is wrong with an answer, one sentence each.
pub(super) fn judge(
    openapi: &OpenApi,
    operation: Option<&Operation>,
    request: &Request,
    answer: &Answer,
    verdict: Verdict,
    same_numbers: bool,
) -> Vec<String> {
    let Some(operation) = operation else { return vec!["no such operation is documented".to_owned()] };
    if !answer.is_json() {
        return vec!["the answer is not declared as application/json".to_owned()];
    }
    let Ok(body) = serde_json::from_slice::<Value>(answer.bytes()) else {
        return vec!["the answer is not JSON".to_owned()];
    };
    let mut faults = openapi.faults(operation, answer.status(), &body);
    faults.extend(times(&body));
    if answer.status() == 200 {
        faults.extend(missing(operation, &body));
    } else if request.path == "/oauth2/token" {
        faults.extend(oauth_error(answer.status(), &body));
    } else {
        faults.extend(envelope(answer.status(), &body));
    }
    if NOT_OFFERED.contains(&operation.id.as_str()) && (answer.status(), answer.code()) == (501, Some(12)) {
        return faults;
    }
    if 500 <= answer.status() {
        faults.push("the server failed".to_owned());
    }
    match verdict {
        Verdict::AnyDocumented => {}
        Verdict::Answer(status, code) => {
            if (answer.status(), answer.code()) != (status, code) {
                faults.push(format!("the table of deviations says {status}, code {code:?}"));
            }
        }
        Verdict::AsRecorded => {
            faults.extend(as_recorded(request, answer, &body, same_numbers));
            if answer.status() == 200 {
                faults.extend(echo(operation, request, &body));
            }
        }
    }
    faults
}

/// Every `…_at` is a time in UTC with a fraction; an empty text would be read as 1970.
fn times(body: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    match body {
        Value::Object(members) => {
            for (name, value) in members {
                let is_time = |text: &str| {
                    text.ends_with('Z') && text.contains('.') && text.parse::<jiff::Timestamp>().is_ok()
                };
                if name.ends_with("_at") && !value.is_null() && !value.as_str().is_some_and(is_time) {
                    faults.push(format!("`{name}` is no time: {value}"));
                }
                faults.extend(times(value));
            }
        }
        Value::Array(items) => faults.extend(items.iter().flat_map(times)),
        _ => {}
    }
    faults
}

/// The members that the client reads, wherever they are absent or null.
fn missing(operation: &Operation, body: &Value) -> Vec<String> {
    let needed = NEEDED
        .iter()
        .filter(|(document, id, _)| operation.document == *document && operation.id == *id)
        .flat_map(|(_, _, members)| *members);
    needed.filter(|path| !has(body, path)).map(|path| format!("the client needs `{path}`")).collect()
}

/// Whether a value has `a/b`; `a[]/b` means in every element of the list `a`, `a?/b` if there is an `a` at all.
fn has(value: &Value, path: &str) -> bool {
    let (member, rest) = path.split_once('/').unwrap_or((path, ""));
    if let Some(list) = member.strip_suffix("[]") {
        let elements = value[list].as_array().into_iter().flatten();
        return elements.into_iter().all(|element| has(element, rest));
    }
    if let Some(optional) = member.strip_suffix('?') {
        return value[optional].is_null() || has(&value[optional], rest);
    }
    let found = &value[member];
    !found.is_null() && found != "" && (rest.is_empty() || has(found, rest))
}

fn oauth_error(status: u16, body: &Value) -> Vec<String> {
    let good =
        matches!(status, 400 | 401) && body["error"].is_string() && body["error_description"].is_string();
    if good { Vec::new() } else { vec!["an OAuth error has `error` and `error_description`".to_owned()] }
}

fn envelope(status: u16, body: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let wanted = match body["code"].as_u64() {
        Some(3 | 9 | 11) => 400,
        Some(16) => 401,
        Some(7) => 403,
        Some(5) => 404,
        Some(6 | 10) => 409,
        Some(8) => 429,
        Some(13) => 500,
        Some(12) => 501,
        Some(14) => 503,
        _ => 0,
    };
    if wanted != status {
        faults.push(format!("status {status} does not go with code {}", body["code"]));
    }
    if body["message"].as_str().is_none_or(str::is_empty) {
        faults.push("an error says what is wrong".to_owned());
    }
    if !body["details"].is_array() {
        faults.push("an error has `details`".to_owned());
    }
    faults
}

fn as_recorded(request: &Request, answer: &Answer, ours: &Value, same_numbers: bool) -> Vec<String> {
    let Some(recorded) = &request.answer else { return Vec::new() };
    let mut faults = Vec::new();
    if answer.status() != recorded.status {
        faults.push(format!("the client was recorded with status {}", recorded.status));
    }
    let Body::Json(theirs) = &recorded.body else { return faults };
    if theirs["code"].is_u64() && theirs["code"] != ours["code"] {
        faults.push(format!("the client was recorded with code {}", theirs["code"]));
    }
    if !faults.is_empty() {
        return faults;
    }
    for path in ["version/template_type", "version/name", "channel/version/name"] {
        let (theirs, ours) = (at(theirs, path), at(ours, path));
        let incomplete = |name: &Value| name == "v0";
        let number = path.ends_with("name") && !same_numbers;
        let same = if number { incomplete(theirs) == incomplete(ours) } else { theirs == ours };
        let told = theirs.is_string() && ours.is_string() && theirs != "TEMPLATE_TYPE_UNSET";
        if told && !same {
            faults.push(format!("the client was recorded with `{path}` {theirs}"));
        }
    }
    let (theirs, ours) = (states(theirs), states(ours));
    if theirs != ours {
        faults.push(format!("the client was recorded with the builds {theirs:?}"));
    }
    faults
}

/// Components of a list of builds with their status, in the order of their names.
fn states(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let builds = body["builds"].as_array().into_iter().flatten();
    let mut states: Vec<_> =
        builds.map(|build| (text(&build["component_type"]), text(&build["status"]))).collect();
    states.sort();
    states
}

/// What the client wrote stands in the answer; absent, null and empty members of the request say nothing.
fn echo(operation: &Operation, request: &Request, body: &Value) -> Vec<String> {
    let Some(sent) = request.body.json() else { return Vec::new() };
    let Some((_, object, members)) = ECHOED.iter().find(|(id, ..)| operation.id == *id) else {
        return Vec::new();
    };
    let nothing = |value: &Value| value.is_null() || *value == json!("") || *value == json!([]);
    let differs = |member: &&&str| {
        let (sent, got) = (&sent[**member], &body[*object][**member]);
        !nothing(sent)
            && if **member == "artifacts" { artifacts(sent) != artifacts(got) } else { sent != got }
    };
    let told = |member: &&str| format!("`{object}.{member}` is not what was sent: {}", sent[*member]);
    members.iter().filter(differs).map(told).collect()
}

/// What a client knows of its artifacts.
fn artifacts(list: &Value) -> Vec<[String; 2]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let artifacts = list.as_array().into_iter().flatten();
    artifacts.map(|artifact| [text(&artifact["external_identifier"]), text(&artifact["region"])]).collect()
}

#[test]
fn members_are_found_in_lists_and_optional_objects() {
    let body = json!({"a": {"b": 1}, "list": [{"x": 1}, {"x": 2}], "none": null, "empty": ""});
    for path in ["a/b", "list[]/x", "other[]/x", "none?/x", "a?/b"] {
        assert!(has(&body, path), "{path}");
    }
    for path in ["a/c", "list[]/y", "none", "empty", "a?/c"] {
        assert!(!has(&body, path), "{path}");
    }
}
