//! Evaluation: tables measured with the real console, the messages of faults, and what holds for any expression.

use proptest::prelude::*;
use waybill_template::{
    diagnostic::Diagnostics,
    json,
    scope::{Functions, Scope},
    source::Sources,
    syntax::{
        self,
        tree::{Expression, ExpressionKind},
    },
    value::{self, Value},
    world::memory::MemoryWorld,
};

use crate::support::{console, console_names, surroundings, surroundings_in};

/// Blocks of `> expression` and the lines that follow it, up to an empty one.
fn blocks(table: &str) -> impl Iterator<Item = (&str, &str)> {
    let blocks = table.split("\n\n").filter_map(|block| block.trim_start_matches('\n').strip_prefix("> "));
    blocks
        .map(|block| block.split_once('\n').unwrap_or((block, "")))
        .map(|(name, text)| (name, text.trim_end()))
}

fn evaluate(text: &str, scope: &Scope) -> (Sources, Value, Diagnostics) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = sources.add("t", text);
    let expression = syntax::parse_expression(file, text, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{text}: {diagnostics:?}");
    let value = expression.evaluate(scope, &mut diagnostics);
    (sources, value, diagnostics)
}

fn faults(text: &str, scope: &Scope) -> String {
    let (sources, _, diagnostics) = evaluate(text, scope);
    told(&sources, &diagnostics)
}

/// The faults, each as `line,column-column summary: detail`.
fn told(sources: &Sources, diagnostics: &Diagnostics) -> String {
    let faults: Vec<String> = diagnostics
        .iter()
        .map(|fault| {
            let place = sources.describe(fault.subject.expect("each fault of evaluation has a place"));
            format!("{} {}: {}", place.trim_start_matches("t:"), fault.summary, fault.detail)
        })
        .collect();
    faults.join("\n")
}

fn check(got: Vec<(&str, String, &str)>) {
    let wrong: Vec<String> = got
        .into_iter()
        .filter(|(_, got, expected)| got != expected)
        .map(|(text, got, expected)| format!("> {text}\n{got}\n--- instead of\n{expected}\n"))
        .collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn values_are_those_of_the_real_console() {
    let scope = console();
    let got = blocks(include_str!("../data/eval-values.txt")).map(|(text, expected)| {
        let (_, value, diagnostics) = evaluate(text, &scope);
        let got = if diagnostics.is_empty() { value::console(&value) } else { format!("{diagnostics:?}") };
        (text, got, expected)
    });
    check(got.collect());
}

#[test]
fn faults_are_where_the_real_console_has_them_and_say_what_to_do() {
    let scope = console();
    let got = blocks(include_str!("../data/eval-faults.txt"))
        .map(|(text, expected)| (text, faults(text, &scope), expected));
    check(got.collect());
}

#[test]
fn the_default_of_a_variable_can_call_env_only() {
    let world = MemoryWorld::new("/project").with_variable("HOME", "/me");
    let scope = Scope::new([].into(), Functions::Environment(surroundings_in(world)));
    for (text, expected) in [
        (r#"env("HOME")"#, "/me"),
        (r#"env("NOT_SET")"#, ""),
        (r#""in ${env("HOME")}""#, "in /me"),
        ("[for x in [1]: x][0]", "1"),
    ] {
        assert_eq!(value::console(&evaluate(text, &scope).1), expected, "{text}");
    }
    insta::assert_snapshot!(
        ["env(null)", "en(1)", "can(1)", "foo", "var.a", "[for x in [1]: y]"].map(|text| faults(text, &scope)).join("\n"),
        @r#"
    1,5-9 Invalid function argument: The argument "key" of the function "env" is invalid: it must not be null.
    1,1-3 Call to unknown function: There is no function named "en". Did you mean "env"?
    1,1-4 Call to unavailable function: Only the function "env" can be called here, not "can". Use it in a local value instead.
    1,1-4 Variables not allowed: Nothing can be referred to here, so "foo" has no meaning; use a literal value.
    1,1-4 Variables not allowed: Nothing can be referred to here, so "var" has no meaning; use a literal value.
    1,16-17 Unknown variable: There is no variable named "y". Did you mean "x"?
    "#
    );
}

#[test]
fn where_only_literals_are_allowed_nothing_can_be_called() {
    insta::assert_snapshot!(
        [r#"upper("a")"#, "foo", "var.a"].map(|text| faults(text, &Scope::default())).join("\n"),
        @r#"
    1,1-6 Function calls not allowed: Functions cannot be called here, so not "upper" either; use a literal value.
    1,1-4 Variables not allowed: Nothing can be referred to here, so "foo" has no meaning; use a literal value.
    1,1-4 Variables not allowed: Nothing can be referred to here, so "var" has no meaning; use a literal value.
    "#
    );
}

#[test]
fn a_fault_inside_of_a_loop_is_told_once() {
    assert_eq!(evaluate("[for x in range(1000) : nope]", &console()).2.len(), 1);
}

#[test]
fn values_that_double_without_end_are_refused() {
    let doubled = (0..60).fold("x".to_owned(), |inner, _| format!("[for x in [[x, x]]: {inner}][0]"));
    let (_, _, diagnostics) = evaluate(&format!("[for x in [[1, 1]]: {doubled}]"), &console());
    let summaries: Vec<_> = diagnostics.iter().map(|fault| fault.summary.as_str()).collect();
    assert_eq!(summaries, ["Value too large"]);
}

#[test]
fn loops_that_would_take_hours_are_refused() {
    let twenty = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]";
    let nested = (0..7).fold("1".to_owned(), |inner, _| format!("[for x in {twenty}: {inner}]"));
    let (_, _, diagnostics) = evaluate(&nested, &console());
    let summaries: Vec<_> = diagnostics.iter().map(|fault| fault.summary.as_str()).collect();
    assert_eq!(summaries, ["Expression too expensive"]);
}

#[test]
fn texts_that_double_without_end_are_refused() {
    let doubled =
        (0..30).fold("\"x\"".to_owned(), |inner, _| format!("[for x in [{inner}]: \"${{x}}${{x}}\"][0]"));
    let (_, _, diagnostics) = evaluate(&doubled, &console());
    let summaries: Vec<_> = diagnostics.iter().map(|fault| fault.summary.as_str()).collect();
    assert_eq!(summaries, ["Text too long"]);
}

#[test]
fn the_deepest_expressions_are_evaluated() {
    // As much as a program's first thread has: without optimisation, the parser takes more than a test's thread has.
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(evaluate_the_deepest);
    thread.expect("there is room for a thread").join().expect("nothing is wrong");
}

fn evaluate_the_deepest() {
    for (before, inner, after) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{a=", "1", "}"),
        ("!", "true", ""),
        ("-(", "1", ")"),
        ("1 + (", "1", ")"),
        ("true ? (", "1", ") : 2"),
        ("\"a${", "1", "}\""),
        ("\"%{if true}${", "1", "}%{endif}\""),
        ("\"%{for x in [1]}${", "1", "}%{endfor}\""),
        ("[for x in [1]: ", "x", "]"),
        ("[for x in ", "[1]", ": x]"),
        ("try(", "1", ")"),
        ("upper(", "\"a\"", ")"),
        ("[", "1", "][0]"),
        ("[", "1", "][*]"),
        ("[", "1", "].*"),
    ] {
        let deepest = [248, 247, 124, 123].into_iter().find_map(|depth| {
            let text = [before.repeat(depth), inner.to_owned(), after.repeat(depth)].concat();
            let mut diagnostics = Diagnostics::default();
            let file = Sources::default().add("t", text.as_str());
            let expression = syntax::parse_expression(file, &text, &mut diagnostics);
            (!diagnostics.has_errors()).then_some(expression)
        });
        let expression = deepest.expect("half of the limit is always possible");
        let mut diagnostics = Diagnostics::default();
        expression.evaluate(&console(), &mut diagnostics);
        assert!(diagnostics.is_empty(), "{before}: {diagnostics:?}");
        expression.references();
    }
}

#[test]
fn json_is_evaluated_deeply_with_templates_in_values_and_keys() {
    for (text, expected) in [
        (
            r#"{"a": "${1 + 1}", "b-${\"x\"}": ["${true}", null, 1.50, false]}"#,
            "{a = 2, b-x = [true, null, 1.5, false]}",
        ),
        (
            r#"["plain", "$${kept}", "a${1}", "%{if true}yes%{endif}", ""]"#,
            r#"["plain", "${kept}", "a1", "yes", ""]"#,
        ),
        (r#"{"${source.name}": 1}"#, "source.name"),
        (r#"{"k": "${source.name}"}"#, "{k = source.name}"),
        (r#""${[for x in [\"b\", \"a\"]: upper(x)]}""#, r#"["B", "A"]"#),
    ] {
        let (_, value, diagnostics) = evaluate_json(text);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        let expected = evaluate(&expected.replace("${kept}", "$${kept}"), &console()).1;
        if expected.is_wholly_known() {
            assert_eq!(value, expected, "{text}");
        } else {
            assert!(!value.is_wholly_known(), "{text}");
        }
    }
}

#[test]
fn faults_in_json_strings_are_told_where_they_are() {
    let text = concat!(
        "{\n",
        r#"  "a": "x ${nope}","#,
        "\n",
        r#"  "${null}": "${1 + }","#,
        "\n",
        r#"  "a": 1, "${[]}": 2"#,
        "\n}"
    );
    let (sources, _, diagnostics) = evaluate_json(text);
    insta::assert_snapshot!(told(&sources, &diagnostics), @r#"
    2,13-17 Unknown variable: There is no variable named "nope". A reference here can start with "build", "local", "packer", "path", "source" and "var".
    3,21-22 Invalid expression: A value is expected, but there is `}`.
    3,3-12 Invalid object key: This key is null. A key must be text, or become text.
    4,3-6 Invalid object key: The key "a" is in this object already.
    4,11-18 Invalid object key: A key must be text, or become text, but this is a tuple.
    "#);
}

fn evaluate_json(text: &str) -> (Sources, Value, Diagnostics) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = sources.add("t", text);
    let node = json::parse(file, text, &mut diagnostics).expect("it is JSON");
    let span = node.span;
    let value = Expression { kind: ExpressionKind::Json(node), span }.evaluate(&console(), &mut diagnostics);
    (sources, value, diagnostics)
}

#[test]
fn a_name_that_is_bound_hides_the_same_name_outside() {
    let (_, value, _) = evaluate("[for var in [1, 2]: var]", &console());
    assert_eq!(value, evaluate("[1, 2]", &console()).1);
}

#[test]
fn what_is_right_stays_known_beside_what_is_wrong() {
    let scope = Scope::new(console_names(), Functions::All(surroundings()));
    let (_, value, diagnostics) = evaluate("{ a = 1, b = nope, c = [\"x\", var.nope] }", &scope);
    assert_eq!(diagnostics.len(), 2);
    assert_eq!(value.attribute("a"), Ok(Value::number(1i64)));
    assert_eq!(value.attribute("b"), Ok(Value::dynamic()));
    let list = value.attribute("c").expect("it is there");
    assert_eq!(list.index(&Value::number(0i64)), Ok(Value::string("x")));
}

/// Any expression, as text: mostly well formed, seldom well typed.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "null",
            "true",
            "false",
            "0",
            "1",
            "2.5",
            "-3",
            "1e30",
            "\"\"",
            "\"a\"",
            "\"7\"",
            "\"${x}\"",
            "x",
            "y",
            "source",
            "source.name",
            "source.type",
            "build",
            "packer.version",
            "var",
            "[]",
            "{}",
            "\"true\"",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(6, 60, 4, |inner| {
        let binary = prop::sample::select(vec!["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"]);
        let items = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            (inner.clone(), binary, inner.clone())
                .prop_map(|(a, operator, b)| format!("({a}) {operator} ({b})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("(({a}) ? ({b}) : ({c}))")),
            inner.clone().prop_map(|a| format!("!({a})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            items.clone().prop_map(|items| format!("[{}]", items.join(", "))),
            items.clone().prop_map(|items| {
                let items: Vec<_> =
                    items.iter().enumerate().map(|(i, item)| format!("k{i} = {item}")).collect();
                format!("{{{}}}", items.join(", "))
            }),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{({a}) = {b}}}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            inner.clone().prop_map(|a| format!("({a})[*].k0")),
            inner.clone().prop_map(|a| format!("({a}).*.name")),
            inner.clone().prop_map(|a| format!("({a}).k1")),
            inner.clone().prop_map(|a| format!("({a}).0")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("[for x, y in {a} : {b} if {c}]")),
            (inner.clone(), inner.clone(), inner.clone(), any::<bool>()).prop_map(|(a, b, c, group)| {
                format!("{{for x, y in {a} : {b} => {c}{}}}", if group { "..." } else { "" })
            }),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("\"a${{{a}}}%{{ if {b} }}b%{{ else }}${{{b}}}%{{ endif }}\"")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("\"%{{ for x in {a} }}${{x}}${{{b}}}%{{ endfor }}\"")),
            items.clone().prop_map(|items| format!("try({})", items.join(", "))),
            inner.clone().prop_map(|a| format!("can({a})")),
            inner.clone().prop_map(|a| format!("can({a}...)")),
            (
                inner,
                prop::sample::select(vec![
                    "string",
                    "list(any)",
                    "map(string)",
                    "object({k0=any})",
                    "set(number)"
                ])
            )
                .prop_map(|(a, ty)| format!("convert({a}, {ty})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn evaluation_of_any_expression_ends_and_its_faults_have_places(text in expressions()) {
        let scope = console();
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let file = sources.add("t", text.as_str());
        let expression = syntax::parse_expression(file, &text, &mut diagnostics);
        prop_assert!(diagnostics.is_empty(), "{:?}", diagnostics);
        let value = expression.evaluate(&scope, &mut diagnostics);
        for fault in &diagnostics {
            let place = fault.subject.expect("it has a place");
            prop_assert!(place.start <= place.end && place.end as usize <= text.len());
            prop_assert!(fault.detail.chars().count() < 2000);
        }

        let mut again = Diagnostics::default();
        prop_assert_eq!(&expression.evaluate(&scope, &mut again), &value);
        prop_assert_eq!(&again, &diagnostics);

        let (_, can, none) = evaluate(&format!("can({text})"), &scope);
        prop_assert!(none.is_empty());
        match can {
            Value::Bool(false) => prop_assert!(diagnostics.has_errors()),
            Value::Bool(true) => prop_assert!(!diagnostics.has_errors() && value.is_wholly_known()),
            _ => prop_assert!(!diagnostics.has_errors() && !value.is_wholly_known()),
        }
        let _ = value::console(&value);
        expression.references();
    }

    #[test]
    fn what_could_be_read_of_any_text_is_evaluated(words in prop::collection::vec(prop::sample::select(WORDS), 0..40)) {
        let text = words.concat();
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let file = sources.add("t", text.as_str());
        let expression = syntax::parse_expression(file, &text, &mut diagnostics);
        expression.evaluate(&console(), &mut diagnostics);
        expression.references();
        for fault in &diagnostics {
            prop_assert!(fault.subject.is_none_or(|place| place.end as usize <= text.len()));
        }
    }
}

const WORDS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "${",
    "%{",
    "%{ if ",
    "%{ else }",
    "%{ endif }",
    "%{ for x in ",
    "%{ endfor }",
    "~}",
    "for ",
    "x ",
    " in ",
    " : ",
    " => ",
    "...",
    " if ",
    "a",
    "var",
    ".",
    ".*",
    "[*]",
    "[0]",
    ".0",
    "1",
    "2.5",
    "null",
    "true",
    "\"s\"",
    "upper(",
    "try(",
    "convert(",
    "string",
    ",",
    "=",
    "==",
    "?",
    ":",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "<",
    " ",
    "\n",
    "<<E\n",
    "\nE\n",
    "ns::f(",
    "é",
    "\\",
    "$",
    "#",
];
