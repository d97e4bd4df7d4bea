//! Functions of numbers, strings and collections, as Packer 1.14.3 has them.
//!
//! Each file of `data/functions` has expressions behind `>`, and below each what the console prints for it, indented,
//! or for a refusal `!` with who is to blame: a parameter's name, `count` for the number of arguments, `expanding` for
//! what stands before `...`, or nothing for the call; then our message. `types.tsv` has results with their types, as
//! JSON, or how much of them is known; its second half was made up by chance. Refusals blame the call, or what stands
//! in a column.

use std::{collections::BTreeMap, sync::Arc};

use waybill_template::{
    diagnostic::{Diagnostic, Diagnostics},
    function,
    scope::{Functions, Scope, Surroundings},
    source::Sources,
    syntax,
    value::{Type, Value, console, json},
    world::memory::MemoryWorld,
};

fn scope(names: BTreeMap<Arc<str>, Value>) -> Scope {
    let world = Arc::new(MemoryWorld::new("/project"));
    Scope::new(names, Functions::All(Surroundings { world, root: ".".into(), in_template_file: false }))
}

fn named<const N: usize>(names: [(&str, Value); N]) -> BTreeMap<Arc<str>, Value> {
    names.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

fn unknown(ty: Type) -> Value {
    Value::Unknown(ty)
}

fn tuple_type() -> Type {
    Type::tuple([Type::String, Type::Number])
}

fn object_type() -> Type {
    Type::object([("a".into(), Type::String), ("b".into(), Type::Number)].into())
}

/// Variables that have a type but no value, as the console has them for a template whose variables are not set.
fn unset_variables() -> Scope {
    let variables = named([
        ("us", unknown(Type::String)),
        ("un", unknown(Type::Number)),
        ("ub", unknown(Type::Bool)),
        ("uls", unknown(Type::list(Type::String))),
        ("uln", unknown(Type::list(Type::Number))),
        ("ulb", unknown(Type::list(Type::Bool))),
        ("uss", unknown(Type::set(Type::String))),
        ("ums", unknown(Type::map(Type::String))),
        ("ut", unknown(tuple_type())),
        ("uo", unknown(object_type())),
        ("ud", Value::dynamic()),
        ("ns", Value::Null(Type::String)),
        ("nls", Value::Null(Type::list(Type::String))),
    ]);
    scope(named([("var", Value::object(variables))]))
}

/// What an expression evaluates to, or the first fault and its column.
fn evaluate(text: &str, scope: &Scope) -> Result<Value, (Diagnostic, usize)> {
    let mut sources = Sources::default();
    let file = sources.add_synthetic("<console-input>", text);
    let mut diagnostics = Diagnostics::default();
    let expression = syntax::parse_expression(file, text, &mut diagnostics);
    let value = expression.evaluate(scope, &mut diagnostics);
    match diagnostics.into_iter().next() {
        Some(fault) => {
            let column = fault.subject.map_or(0, |subject| sources.start(subject).column);
            Err((fault, column))
        }
        None => Ok(value),
    }
}

/// Who is to blame, and why.
fn blame(fault: &Diagnostic) -> String {
    let quoted = |text: &str| text.split('"').nth(1).unwrap_or_default().to_owned();
    let reason = fault.detail.split_once(": ").map_or(&*fault.detail, |(_, reason)| reason);
    match &*fault.summary {
        "Invalid function argument" => format!("{}: {reason}", quoted(&fault.detail)),
        "Error in function call" => reason.to_owned(),
        "Not enough function arguments" | "Too many function arguments" => format!("count: {}", fault.detail),
        "Invalid expanding argument value" => format!("expanding: {}", fault.detail),
        other => format!("{other}: {}", fault.detail),
    }
}

fn check(table: &str) {
    let scope = unset_variables();
    let mut differences = Vec::new();
    let mut cases = 0;
    for block in table.strip_prefix("> ").expect("a block").trim_end_matches('\n').split("\n> ") {
        let (expression, expected) = block.split_once('\n').expect("an expression and a result");
        let found = match evaluate(expression, &scope) {
            Ok(value) => format!("  {}", console(&value).replace('\n', "\n  ")),
            Err((fault, _)) => format!("! {}", blame(&fault)),
        };
        cases += 1;
        if found != expected {
            differences.push(format!("> {expression}\n{found}\nexpected\n{expected}"));
        }
    }
    assert!(differences.is_empty(), "{} of {cases}:\n{}", differences.len(), differences.join("\n\n"));
}

#[test]
fn numeric_functions_answer_as_measured() {
    check(include_str!("../data/functions/numeric.txt"));
}

#[test]
fn string_functions_answer_as_measured() {
    check(include_str!("../data/functions/text.txt"));
}

#[test]
fn regular_expressions_answer_as_measured() {
    check(include_str!("../data/functions/regex.txt"));
}

#[test]
fn formats_answer_as_measured() {
    check(include_str!("../data/functions/format.txt"));
}

#[test]
fn functions_of_lists_answer_as_measured() {
    check(include_str!("../data/functions/sequence.txt"));
}

#[test]
fn functions_of_collections_answer_as_measured() {
    check(include_str!("../data/functions/collection.txt"));
}

#[test]
fn functions_of_maps_and_objects_answer_as_measured() {
    check(include_str!("../data/functions/members.txt"));
}

#[test]
fn functions_of_sets_answer_as_measured() {
    check(include_str!("../data/functions/set.txt"));
}

#[test]
fn results_and_their_types_are_as_measured() {
    let text = |text: &str| Value::string(text);
    let list = |values: &[Value]| Value::list(values[0].ty(), values.to_vec());
    let number = |number: i64| Value::number(number);
    let map = |members: &[(&str, Value)]| {
        Value::map(
            members[0].1.ty(),
            members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect(),
        )
    };
    let empty = |element: Type| Value::list(element, []);
    let (us, un) = (unknown(Type::String), unknown(Type::Number));
    let ls = list(&[text("a"), text("b")]);
    let mut names = named([
        ("us", us.clone()),
        ("un", un.clone()),
        ("ub", unknown(Type::Bool)),
        ("ud", Value::dynamic()),
        ("uls", unknown(Type::list(Type::String))),
        ("uln", unknown(Type::list(Type::Number))),
        ("uld", unknown(Type::list(Type::Dynamic))),
        ("uss", unknown(Type::set(Type::String))),
        ("usn", unknown(Type::set(Type::Number))),
        ("ums", unknown(Type::map(Type::String))),
        ("umn", unknown(Type::map(Type::Number))),
        ("ulls", unknown(Type::list(Type::list(Type::String)))),
        ("ut", unknown(tuple_type())),
        ("ute", unknown(Type::tuple([]))),
        ("uo", unknown(object_type())),
        ("ls", ls.clone()),
        ("ln", list(&[number(1), number(2)])),
        ("lse", empty(Type::String)),
        ("lne", empty(Type::Number)),
        ("lde", empty(Type::Dynamic)),
        ("lls", Value::list(Type::list(Type::String), [list(&[text("a")]), empty(Type::String)])),
    ]);
    names.extend(named([
        ("lsu", list(&[text("a"), us.clone()])),
        ("lnu", list(&[number(1), un])),
        ("llu", Value::list(ls.ty(), [list(&[text("a")]), unknown(ls.ty())])),
        ("lou", list(&[Value::object(named([("a", us.clone())]))])),
        ("lns", Value::list(Type::String, [Value::Null(Type::String), text("a")])),
        ("ss", Value::set(Type::String, [text("a"), text("b")])),
        ("sn", Value::set(Type::Number, [number(1), number(2)])),
        ("sse", Value::set(Type::String, [])),
        ("sde", Value::set(Type::Dynamic, [])),
        ("ms", map(&[("a", text("x")), ("b", text("y"))])),
        ("mn", map(&[("a", number(1))])),
        ("msu", map(&[("a", text("x")), ("b", us)])),
        ("mse", Value::map(Type::String, BTreeMap::new())),
        ("mne", Value::map(Type::Number, BTreeMap::new())),
        ("mde", Value::map(Type::Dynamic, BTreeMap::new())),
        ("ns", Value::Null(Type::String)),
        ("nn", Value::Null(Type::Number)),
        ("nls", Value::Null(Type::list(Type::String))),
        ("nss", Value::Null(Type::set(Type::String))),
        ("nms", Value::Null(Type::map(Type::String))),
        ("nt", Value::Null(Type::tuple([Type::String]))),
        ("no", Value::Null(Type::object([("n".into(), Type::String)].into()))),
    ]));
    let scope = scope(names);
    let mut differences = Vec::new();
    for line in include_str!("../data/functions/types.tsv").lines() {
        let (expression, expected) = line.split_once('\t').expect("an expression and a result");
        let found = match evaluate(expression, &scope) {
            Ok(value) => {
                let state = match &value {
                    Value::Null(_) => "null".to_owned(),
                    Value::Unknown(_) => "unknown".to_owned(),
                    _ if !value.is_wholly_known() => "partly".to_owned(),
                    _ => json::encode(&value).unwrap_or_else(|_| "infinite".to_owned()),
                };
                format!("{}\t{state}", value.ty())
            }
            Err((fault, column)) if fault.summary == "Invalid function argument" => {
                format!("error\tcolumn {column}")
            }
            Err(_) => "error\tcall".to_owned(),
        };
        if found != expected {
            differences.push(format!("{expression}: {found}, not {expected}"));
        }
    }
    assert!(differences.is_empty(), "{}:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn every_function_has_cases() {
    let tables = [
        include_str!("../data/functions/numeric.txt"),
        include_str!("../data/functions/text.txt"),
        include_str!("../data/functions/regex.txt"),
        include_str!("../data/functions/format.txt"),
        include_str!("../data/functions/sequence.txt"),
        include_str!("../data/functions/collection.txt"),
        include_str!("../data/functions/members.txt"),
        include_str!("../data/functions/set.txt"),
    ];
    let called = tables.iter().flat_map(|table| table.lines()).filter_map(|line| line.strip_prefix("> "));
    let mut cases: BTreeMap<&str, usize> = BTreeMap::new();
    for expression in called {
        *cases.entry(expression.split('(').next().unwrap_or_default()).or_default() += 1;
    }
    assert_eq!(cases.len(), 57);
    for (name, count) in cases {
        assert!(function::find(name).is_some(), "{name}");
        assert!(7 <= count, "{name} has {count} cases");
    }
}
