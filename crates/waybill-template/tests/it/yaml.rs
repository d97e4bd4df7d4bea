//! YAML: documents and what the original made of them, and what holds for any text.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use serde_json::Value as Json;
use waybill_template::{
    function::{self, FunctionError},
    json,
    scope::Surroundings,
    source::FileId,
    value::{self, Type, Value},
    world::memory::MemoryWorld,
};

fn apply(name: &str, argument: Value) -> Result<Value, FunctionError> {
    let world = Arc::new(MemoryWorld::new("/project"));
    let surroundings = Surroundings { world, root: "".into(), in_template_file: false };
    function::find(name).expect("a function").apply(&[argument], &surroundings)
}

fn rows(table: &str) -> impl Iterator<Item = Json> {
    table.lines().map(|line| serde_json::from_str(line).expect("a line of JSON"))
}

/// The type in the way of cty's JSON.
fn type_of(value: &Value) -> Json {
    match value {
        Value::Null(Type::String) | Value::String(_) => "string".into(),
        Value::Bool(_) => "bool".into(),
        Value::Number(_) => "number".into(),
        Value::Tuple(values) => {
            Json::from(vec![Json::from("tuple"), values.iter().map(type_of).collect::<Json>()])
        }
        Value::Object(members) => {
            let types: serde_json::Map<String, Json> =
                members.iter().map(|(name, value)| (name.to_string(), type_of(value))).collect();
            Json::from(vec![Json::from("object"), Json::from(types)])
        }
        _ => "dynamic".into(),
    }
}

#[test]
fn documents_mean_what_they_mean_to_the_original() {
    let mut wrong = Vec::new();
    for row in rows(include_str!("../data/functions/yaml-documents.jsonl")) {
        let text = row["yaml"].as_str().expect("a document");
        let got = match apply("yamldecode", Value::string(text)) {
            Err(_) => "refused".to_owned(),
            Ok(value) if !value.is_known() => "unknown".to_owned(),
            Ok(value) => format!("{} {}", value::json::encode(&value).expect("a value"), type_of(&value)),
        };
        let expected = match (row["json"].as_str(), row["type"].as_str()) {
            (Some(json), Some(ty)) => {
                format!("{json} {}", serde_json::from_str::<Json>(ty).expect("a type"))
            }
            _ if row["unknown"] == true => "unknown".to_owned(),
            _ => "refused".to_owned(),
        };
        if got != expected {
            wrong.push(format!("{text:?}: {got}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn values_are_written_as_the_original_writes_them() {
    for row in rows(include_str!("../data/functions/yaml-encoded.jsonl")) {
        let text = row["json"].as_str().expect("a value");
        let node = json::read(FileId::default(), text).expect("JSON");
        let encoded = apply("yamlencode", value::json::decode(&node).expect("a value")).expect("YAML");
        assert_eq!(encoded.as_str(), row["yaml"].as_str(), "{text}");
    }
}

#[test]
fn aliases_cannot_make_more_than_a_text_could() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, before) in
        ["b", "c", "d", "e", "f", "g", "h", "i"].iter().zip(["a", "b", "c", "d", "e", "f", "g", "h"])
    {
        let aliases = vec![format!("*{before}"); 9].join(",");
        text.extend([name, ": &", name, " [", &aliases, "]\n"]);
    }
    let start = Instant::now();
    let error = apply("yamldecode", Value::string(text)).expect_err("too much");
    assert!(error.message.contains("with those of aliases"), "{}", error.message);
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth: usize| apply("yamldecode", Value::string("[".repeat(depth) + &"]".repeat(depth)));
    assert!(nested(250).is_ok());
    for depth in [251, 100_000] {
        assert!(nested(depth).expect_err("too deep").message.contains("nested deeper than 250"));
    }
    let indented = (0..2000).map(|depth| " ".repeat(depth) + "a:").collect::<Vec<_>>().join("\n");
    assert!(apply("yamldecode", Value::string(indented)).is_err());
}

#[test]
fn long_texts_take_no_longer_than_they_are() {
    let start = Instant::now();
    for text in [
        "- a\n".repeat(200_000),
        "a b ".repeat(200_000),
        format!("'{}'", "a\n".repeat(200_000)),
        "[".repeat(200_000),
        "? ".repeat(100_000),
        format!("[{}]", "a, ".repeat(200_000)),
        format!("{{{}}}", "a: b, ".repeat(100_000)),
        "&a ".repeat(200_000),
        "!".repeat(200_000),
        "# c\n".repeat(200_000),
        format!("a: |\n{}", "  x\n\n".repeat(100_000)),
        "a:\n".repeat(100_000),
    ] {
        let _ = apply("yamldecode", Value::string(text));
    }
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
}

fn values() -> impl Strategy<Value = Value> {
    let texts = "[ -~\n\t\u{e9}\u{85}\u{2028}\u{1f600}]{0,60}";
    let leaves = prop_oneof![
        texts.prop_map(Value::from),
        "[a-z ]{0,200}".prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::null()),
    ];
    leaves.prop_recursive(4, 32, 5, move |inner| {
        let members = prop::collection::btree_map("[ -~\n]{0,150}", inner.clone(), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Value::tuple),
            members.prop_map(|members| {
                let members: BTreeMap<Arc<str>, Value> =
                    members.into_iter().map(|(name, value)| (name.into(), value)).collect();
                Value::object(members)
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "([a-z]{1,3}|[ \n\t]{1,3}|[-?:,\\[\\]{}#&*!|>'\"%@`]{1,3}|\u{85}|\u{feff}|<<: |!!str |\\PC){0,40}") {
        let _ = apply("yamldecode", Value::string(text));
    }

    /// But for what is a null at the top, of which the type is lost, and members called `<<`, which are merged.
    #[test]
    fn what_was_written_is_read_again(value in values()) {
        let text = apply("yamlencode", value.clone()).expect("YAML");
        prop_assume!(value != Value::null() && !text.as_str().is_some_and(|text| text.contains("\"<<\"")));
        let read = apply("yamldecode", text.clone());
        prop_assert!(read == Ok(value), "{text:?}");
    }
}
