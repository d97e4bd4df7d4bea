//! `dynamic` blocks: what they make, and what is told.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use proptest::prelude::*;
use waybill_template::{
    diagnostic::Diagnostics,
    scope::{Functions, Scope},
    source::Sources,
    syntax::{
        self,
        body::{AttributeSchema, BlockSchema, BodySchema, parse_json_body},
        tree::Body,
    },
    value::{Type, Value, convert},
};

use crate::support::surroundings;

/// A body may have `a`, `b` and blocks `plain`, `outer` and `inner "type"`.
fn schema() -> BodySchema {
    let attribute = |name: &str| AttributeSchema { name: name.into(), required: false };
    let block = |kind: &str, labels: &[&str]| BlockSchema {
        kind: kind.into(),
        labels: labels.iter().copied().map(Into::into).collect(),
    };
    BodySchema {
        attributes: vec![attribute("a"), attribute("b")],
        blocks: vec![block("plain", &[]), block("outer", &[]), block("inner", &["type"])],
    }
}

fn scope() -> Scope {
    let strings = |values: &[&str]| {
        Value::list(Type::String, values.iter().copied().map(Value::string).collect::<Vec<_>>())
    };
    let lists = [("m".into(), strings(&["x", "y"])), ("n".into(), strings(&["z"]))];
    let var = Value::object(BTreeMap::from([
        ("list".into(), strings(&["x", "y"])),
        ("map".into(), Value::map(Type::list(Type::String), lists.into())),
        ("later".into(), Value::Unknown(Type::list(Type::String))),
        ("some_day".into(), Value::dynamic()),
        ("text".into(), Value::Unknown(Type::String)),
    ]));
    Scope::new(BTreeMap::from([("var".into(), var)]), Functions::All(surroundings()))
}

/// The whole body, read and evaluated: `a = 1; outer { … }`.
fn outline(body: &Body, scope: &Scope, diagnostics: &mut Diagnostics) -> String {
    let content = body.content(&schema(), diagnostics);
    let mut parts: Vec<String> = Vec::new();
    for attribute in content.attributes.values() {
        let value = attribute.expression.evaluate(scope, diagnostics);
        let text = match convert(&value, &Type::String) {
            Ok(Value::String(text)) => text.to_string(),
            Ok(Value::Unknown(_)) => "?".to_owned(),
            other => format!("{other:?}"),
        };
        parts.push(format!("{}={text}", attribute.name.text));
    }
    for block in &content.blocks {
        let mut header = block.kind.text.to_string();
        for label in &block.labels {
            _ = write!(header, " {}", label.text);
        }
        parts.push(format!("{header} {{{}}}", outline(&block.body, scope, diagnostics)));
    }
    parts.join("; ")
}

/// The outline, and faults with their lines.
fn read(text: &str) -> (String, String) {
    let mut texts = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = texts.add("t", text);
    let parse = if text.starts_with('{') { parse_json_body } else { syntax::parse_body };
    let body = parse(file, text, &mut diagnostics).expanding(scope());
    let outline = outline(&body, &scope(), &mut diagnostics);
    let faults = diagnostics.iter().map(|fault| {
        let line = fault.subject.map_or(0, |span| texts.start(span).line);
        format!("{line} {}", fault.summary)
    });
    let faults: Vec<String> = faults.collect();
    (outline, faults.join(", "))
}

#[test]
fn blocks_are_made_of_elements() {
    for (text, made) in [
        (
            "dynamic \"plain\" {\n for_each = var.list\n content {\n a = plain.value\n b = plain.key\n }\n}\n",
            "plain {a=x; b=0}; plain {a=y; b=1}",
        ),
        (
            "dynamic \"plain\" {\n for_each = { k = 1, l = 2 }\n iterator = it\n content {\n a = \"${it.key}${it.value}\"\n }\n}\n",
            "plain {a=k1}; plain {a=l2}",
        ),
        (
            "dynamic \"plain\" {\n for_each = setunion([\"b\", \"a\"])\n content {\n a = \"${plain.key}${plain.value}\"\n }\n}\n",
            "plain {a=aa}; plain {a=bb}",
        ),
        (
            "dynamic \"inner\" {\n for_each = [1, 2]\n labels = [\"t${inner.value}\"]\n content {\n }\n}\n",
            "inner t1 {}; inner t2 {}",
        ),
        ("dynamic \"plain\" {\n for_each = []\n content {\n a = nope\n }\n}\na = 1\n", "a=1"),
        (
            "plain {\n}\ndynamic \"plain\" {\n for_each = [1]\n content {\n }\n}\nplain {\n dynamic \"plain\" {\n for_each = [2]\n content {\n a = plain.value\n }\n }\n}\n",
            "plain {}; plain {}; plain {plain {a=2}}",
        ),
        (
            "dynamic \"outer\" {\n for_each = var.map\n iterator = it\n content {\n dynamic \"inner\" {\n for_each = it.value\n labels = [it.key]\n content {\n a = inner.value\n plain {\n b = \"${it.key}${inner.key}\"\n }\n }\n }\n }\n}\n",
            "outer {inner m {a=x; plain {b=m0}}; inner m {a=y; plain {b=m1}}}; outer {inner n {a=z; plain {b=n0}}}",
        ),
        (
            "dynamic \"outer\" {\n for_each = [1]\n iterator = it\n content {\n dynamic \"plain\" {\n for_each = [it.value + 1]\n iterator = it\n content {\n a = it.value\n }\n }\n b = it.value\n }\n}\n",
            "outer {b=1; plain {a=2}}",
        ),
        // What is not known yet is one block of which nothing is known.
        (
            "dynamic \"plain\" {\n for_each = var.later\n content {\n a = nope\n outer {\n b = 1\n }\n }\n}\n",
            "plain {a=?; outer {b=?}}",
        ),
        ("dynamic \"plain\" {\n for_each = var.some_day\n content {\n a = 1\n }\n}\n", "plain {a=?}"),
        (
            r#"{"dynamic": {"plain": {"for_each": "${var.list}", "content": {"a": "${plain.value}!"}}}}"#,
            "plain {a=x!}; plain {a=y!}",
        ),
        (
            r#"{"dynamic": {"inner": [{"for_each": [1], "labels": ["t${it.value}"], "iterator": "it", "content": [{}]}]}}"#,
            "inner t1 {}",
        ),
        (
            r#"{"dynamic": {"outer": {"for_each": {"k": ["v"]}, "content": {"dynamic": {"plain": {"for_each": "${outer.value}", "content": {"a": "${outer.key}${plain.value}"}}}}}}}"#,
            "outer {plain {a=kv}}",
        ),
    ] {
        assert_eq!(read(text), (made.to_owned(), String::new()), "{text}");
    }
}

/// Lines as the original tells them.
#[test]
fn faults_are_told_where_they_are() {
    let block = |kind: &str, body: &str| format!("dynamic \"{kind}\" {{\n{body}\n}}\n");
    for (kind, body, fault) in [
        ("plain", "for_each = null\ncontent {\n}", "2 Invalid dynamic for_each value"),
        ("plain", "for_each = 1\ncontent {\n}", "2 Invalid dynamic for_each value"),
        ("plain", "for_each = \"abc\"\ncontent {\n}", "2 Invalid dynamic for_each value"),
        ("plain", "for_each = var.text\ncontent {\n}", "2 Invalid dynamic for_each value"),
        ("plain", "for_each = nope.x\ncontent {\n}", "2 Unknown variable"),
        ("plain", "for_each = [1]", "1 Missing dynamic content block"),
        ("plain", "for_each = [1]\ncontent {\n}\ncontent {\n}", "5 Extraneous dynamic content block"),
        ("plain", "content {\n}", "1 Missing required argument"),
        ("plain", "for_each = [1]\nlabels = [\"x\"]\ncontent {\n}", "3 Unsupported argument"),
        ("inner", "for_each = [1]\ncontent {\n}", "1 Missing required argument"),
        (
            "inner",
            "for_each = [1]\nlabels = [\"x\",\n\"y\"]\ncontent {\n}",
            "4 Extraneous dynamic block label",
        ),
        ("inner", "for_each = [1]\nlabels = []\ncontent {\n}", "3 Insufficient dynamic block labels"),
        ("inner", "for_each = [1]\nlabels = [null]\ncontent {\n}", "3 Invalid dynamic block label"),
        ("inner", "for_each = [1]\nlabels = [[\"x\"]]\ncontent {\n}", "3 Invalid dynamic block label"),
        ("inner", "for_each = [1]\nlabels = [var.text]\ncontent {\n}", "3 Invalid dynamic block label"),
        ("inner", "for_each = [1, 2]\nlabels = [nope.x]\ncontent {\n}", "3 Unknown variable"),
        ("inner", "for_each = [1]\nlabels = \"x\"\ncontent {\n}", "3 Invalid expression"),
        ("plain", "for_each = [1]\niterator = \"x\"\ncontent {\n}", "3 Invalid dynamic iterator name"),
        ("plain", "for_each = []\niterator = x.y\ncontent {\n}", "3 Invalid dynamic iterator name"),
        (
            "plain",
            "for_each = [1]\nfoo = 1\nbar {}\ncontent {\n}",
            "3 Unsupported argument, 4 Unsupported block type",
        ),
        ("plain", "for_each = [1]\ncontent \"x\" {\n}", "3 Extraneous label for content"),
        ("plai", "for_each = [1]\ncontent {\n}", "1 Unsupported block type"),
        ("dynamic", "for_each = [1]\ncontent {\n}", "1 Unsupported block type"),
        ("plain\" \"y", "for_each = [1]\ncontent {\n}", "1 Extraneous label for dynamic"),
        (
            "plain",
            "for_each = range(1024)\ncontent {\ndynamic \"plain\" {\nfor_each = range(65)\ncontent {\n}\n}\n}",
            &["5 Invalid dynamic for_each value"; 1024].join(", "),
        ),
    ] {
        let text = block(kind, body);
        assert_eq!(read(&text).1, fault, "{text}");
    }
    for (text, fault) in [
        ("{\"dynamic\": {\"plain\": {\n\"content\": {}\n}}}", "3 Missing required argument"),
        (
            "{\"dynamic\": {\"plain\": {\"for_each\": [1],\n\"conten\": {}}}}",
            "2 Unsupported argument or block type",
        ),
        (
            "{\"dynamic\": {\"plain\": {\"for_each\": [1],\n\"content\": null}}}",
            "2 Missing dynamic content block",
        ),
        (
            "{\"dynamic\": {\"plain\": {\"for_each\": [1],\n\"content\": \"x\"}}}",
            "2 Incorrect JSON value type",
        ),
        (
            "{\"dynamic\": {\"plain\": {\"for_each\": [1],\n\"content\": [{}, {}]}}}",
            "2 Extraneous dynamic content block",
        ),
        (
            "{\"dynamic\": {\"plain\": {\"for_each\": [1], \"content\": {}, \"iterator\":\n\"${x}\"}}}",
            "2 Invalid dynamic iterator name",
        ),
        (
            "{\"dynamic\": {\"inner\": {\"for_each\": [1], \"content\": {}, \"labels\":\n\"x\"}}}",
            "2 Invalid expression",
        ),
        ("{\"dynamic\":\nnull}", "2 Missing type for dynamic"),
    ] {
        assert_eq!(read(text).1, fault, "{text}");
    }
}

#[test]
fn what_was_taken_is_not_made_again() {
    let mut texts = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let text = "dynamic \"plain\" {\n for_each = [1]\n content {\n }\n}\nfoo {\n}\ndynamic \"foo\" {\n}\n";
    let file = texts.add("t", text);
    let body = syntax::parse_body(file, text, &mut diagnostics).expanding(scope());
    let (content, rest) = body.partial_content(&schema(), &mut diagnostics);
    assert_eq!(content.blocks_of("plain").count(), 1);
    assert_eq!(rest.content(&schema(), &mut diagnostics).blocks.len(), 0);
    let faults: Vec<_> = diagnostics.iter().map(|fault| &*fault.summary).collect();
    assert_eq!(faults, ["Unsupported block type", "Unsupported block type"]);
    assert!(Arc::strong_count(&body) > 1, "the rest shares the body");
}

proptest! {
    #[test]
    fn any_body_can_be_read(body in bodies()) {
        read(&body.to_string());
    }
}

/// What looks like bodies, now and then.
fn bodies() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop::sample::select(vec![
        serde_json::json!(null),
        serde_json::json!("x"),
        serde_json::json!("${plain.value}"),
        serde_json::json!(["x"]),
        serde_json::json!([]),
        serde_json::json!({}),
        serde_json::json!({"k": 1}),
    ]);
    let keys =
        ["dynamic", "plain", "inner", "outer", "for_each", "iterator", "labels", "content", "a", "b", "//"];
    let object = move |inner| prop::collection::btree_map(prop::sample::select(keys.to_vec()), inner, 0..5);
    let nested = leaf.prop_recursive(6, 60, 5, move |inner| {
        prop_oneof![
            3 => object(inner.clone()).prop_map(|members| serde_json::json!(members)),
            1 => prop::collection::vec(inner, 0..4).prop_map(Into::into),
        ]
    });
    prop::collection::btree_map(prop::sample::select(keys.to_vec()), nested, 0..5)
        .prop_map(|members| serde_json::json!(members))
}
