//! The functions, and variables that refer to each other.

use std::{collections::BTreeMap, sync::Arc};

use waybill_go::text_template::Value;
use waybill_template::{
    diagnostic::Diagnostics,
    legacy::{
        console::Console,
        engine::{BuildNames, Engine, FaultKind, Generated, Place, Users},
        variables::{Given, Values},
    },
    source::FileId,
    world::{Secret, memory::MemoryWorld},
};

use super::{given, place, template, unescaped, world};

/// The template that the console had.
const TEMPLATE: &str = r#"{
    "variables": {"v": "val", "e": "", "t": "{{`{{upper \"q\"}}`}}", "x": "{{ .X }}", "n": "3"},
    "builders": [{"type": "null", "communicator": "none"}]
}"#;

#[test]
fn the_console_answers_as_packers_does() {
    let world = world();
    let mut diagnostics = Diagnostics::default();
    let console = Console::new(&template(TEMPLATE), &Given::default(), place(&world), &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut wrong = Vec::new();
    for line in include_str!("../../data/legacy/engine.tsv").lines() {
        let [kind, expression, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not three columns: {line}")
        };
        let (expression, expected) = (unescaped(expression), unescaped(expected));
        let answer = console.answer(&expression);
        let is_right = match (&answer, kind) {
            (Ok(text), "text") => *text == expected,
            // The place and the quoted part are Go's, the rest is our own wording where Packer has its own.
            (Err(fault), "error") => fault.message.starts_with(&expected),
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{expression}\n  gives {answer:?}\n  not   {kind} {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An object of strings or nulls, as the table has them.
fn object(text: &str) -> Vec<(String, Option<String>)> {
    let value: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).expect("an object");
    value.into_iter().map(|(key, value)| (key, value.as_str().map(str::to_owned))).collect()
}

#[test]
fn variables_have_the_values_that_packer_gives_them() {
    let mut wrong = Vec::new();
    for line in include_str!("../../data/legacy/variables.tsv").lines() {
        let [kind, variables, arguments, environment, expected] = line.split('\t').collect::<Vec<_>>()[..]
        else {
            panic!("not five columns: {line}")
        };
        let text = format!(r#"{{"variables":{variables},"builders":[{{"type":"null"}}]}}"#);
        let mut world = MemoryWorld::new("/project");
        for (name, value) in object(environment) {
            world = world.with_variable(&name, &value.unwrap_or_default());
        }
        let mut given = Given::default();
        for (name, value) in object(arguments) {
            given.add(&name, &value.unwrap_or_default());
        }
        let mut diagnostics = Diagnostics::default();
        let mut values = template(&text).values(&given, place(&world), &mut diagnostics);
        // What has no value, the console shows as nothing.
        for (name, _) in object(variables) {
            if let Some(values) = &mut values {
                values.entry(name.into()).or_default();
            }
        }
        let expected: Option<Values> = (kind == "ok").then(|| {
            object(expected)
                .into_iter()
                .map(|(name, value)| (name.into(), value.unwrap_or_default().into()))
                .collect()
        });
        if values != expected || diagnostics.has_errors() != expected.is_none() {
            wrong.push(format!(
                "{variables} {arguments}\n  gives {values:?}\n  not   {expected:?}\n  {diagnostics:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a text comes to at a place.
fn render(place: Place<'_>, text: &str) -> Result<String, String> {
    Engine::new(place).render(text, &Value::None).map_err(|fault| fault.message)
}

#[test]
fn time_and_program_are_those_of_the_start() {
    let world = world();
    for (text, expected) in [
        ("{{isotime}}", "2006-01-02T15:04:05Z"),
        ("{{isotime `2006-01-02 15h Mon`}}", "2006-01-02 15h Mon"),
        ("{{strftime `%Y/%m`}}", "2006/01"),
        ("{{timestamp}}", "1136214245"),
        ("{{pwd}}", "/project"),
        ("{{template_dir}}", "/project/conf"),
        ("{{packer_version}}", "1.14.3"),
    ] {
        assert_eq!(render(place(&world), text), Ok(expected.to_owned()), "{text}");
    }
    let template_dir = |path| render(Place { template: path, ..place(&world) }, "{{template_dir}}");
    assert_eq!(template_dir(Some("template.json")), Ok("/project".to_owned()));
    assert_eq!(template_dir(Some("-")), Ok("/project".to_owned()));
    assert_eq!(template_dir(Some("/a/./b/../template.json")), Ok("/a".to_owned()));
    assert!(template_dir(None).is_err_and(|message| message.contains("template path not available")));
}

#[test]
fn identifiers_begin_with_the_time_and_differ() {
    let world = world();
    let first = render(place(&world), "{{uuid}}").expect("an identifier");
    let second = render(place(&world), "{{uuid}}").expect("an identifier");
    assert!(first.starts_with("43b940e5-"), "{first}");
    let lengths: Vec<usize> = first.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    assert_ne!(first, second);
}

#[test]
fn secrets_are_for_variables_only() {
    let vault = Secret::Vault { path: "secret/data/x", key: "k" };
    let world = MemoryWorld::new("/project")
        .with_variable("E", "env")
        .with_secret(vault, "v")
        .with_secret(Secret::Consul { key: "c" }, "consul")
        .with_secret(Secret::AwsSecretsManager { name: "a", key: Some("k") }, "aws")
        .with_secret(Secret::AwsSecretsManager { name: "a", key: None }, "first")
        .with_secret(Secret::AwsSecretsManagerRaw { name: "a" }, "raw");
    for (text, expected) in [
        ("{{env `E`}}", "env"),
        ("{{vault `secret/data/x` `k`}}", "v"),
        ("{{consul_key `c`}}", "consul"),
        ("{{aws_secretsmanager `a` `k`}}", "aws"),
        ("{{aws_secretsmanager `a`}}", "first"),
        ("{{aws_secretsmanager_raw `a`}}", "raw"),
    ] {
        let inside = Place { in_variable: true, ..place(&world) };
        assert_eq!(render(inside, text), Ok(expected.to_owned()), "{text}");
        let outside = render(place(&world), text).expect_err(text);
        assert!(outside.contains("not allowed here"), "{text}: {outside}");
    }
    let missing = render(Place { in_variable: true, ..place(&world) }, "{{vault `a` `b`}}");
    assert!(missing.is_err());
}

#[test]
fn a_build_has_names_and_values_in_its_components() {
    let world = world();
    let values: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::from([("ID".into(), "i-1".into())]);
    let names = BuildNames { name: "n", kind: "null" };
    let inside = Place { build: Some(names), generated: Generated::Values(&values), ..place(&world) };
    assert_eq!(render(inside, "{{build_name}} {{build_type}} {{build `ID`}}"), Ok("n null i-1".to_owned()));
    let unknown = render(inside, "{{build `Nope`}}").expect_err("no such value");
    assert!(unknown.contains("Nope") && unknown.contains("ID"), "{unknown}");
}

#[test]
fn rendering_until_nothing_changes_ends() {
    let world = world();
    let values: Values =
        [("a", "{{user `a`}}x"), ("b", "{{user `c`}}"), ("c", "{{user `b`}}"), ("d", "{{upper `d`}}")]
            .map(|(name, value)| (name.into(), value.into()))
            .into();
    let engine = Engine::new(Place { users: Users::Final(&values), ..place(&world) });
    let render = |text| engine.render_until_stable(text, &Value::None);
    assert_eq!(render("{{user `d`}}").as_deref(), Ok("D"));
    for text in ["{{user `a`}}", "{{user `b`}}"] {
        assert_eq!(render(text).map_err(|fault| fault.kind), Err(FaultKind::Result), "{text}");
    }
}

#[test]
fn long_chains_of_variables_are_quick_and_growing_ones_end() {
    let world = world();
    let chain = |n: usize, value: &dyn Fn(usize) -> String| {
        let variables: Vec<String> = (0..n).map(|i| format!("\"v{i:05}\":\"{}\"", value(i))).collect();
        let template = template(&format!(r#"{{"variables":{{{}}}}}"#, variables.join(",")));
        let mut diagnostics = Diagnostics::default();
        let values = template.values(&Given::default(), place(&world), &mut diagnostics);
        (values, diagnostics)
    };
    let next = |i: usize| if i < 2999 { format!("{{{{user `v{:05}`}}}}", i + 1) } else { "end".to_owned() };
    let (values, _) = chain(3000, &next);
    assert!(
        values.is_some_and(|values| values.len() == 3000 && values.values().all(|value| &**value == "end"))
    );
    let doubled = |i: usize| {
        if i < 40 { format!("{{{{user `v{0:05}`}}}}{{{{user `v{0:05}`}}}}", i + 1) } else { "end".to_owned() }
    };
    let (values, diagnostics) = chain(41, &doubled);
    assert!(
        values.is_none() && diagnostics.iter().any(|it| it.detail.contains("longer than")),
        "{diagnostics:?}"
    );
    let circle = |i: usize| format!("{{{{user `v{:05}`}}}}", (i + 1) % 50);
    let (values, diagnostics) = chain(50, &circle);
    assert!(values.is_none());
    assert_eq!(diagnostics.len(), 50);
}

#[test]
fn a_variable_file_is_an_object_of_strings() {
    let check = |text: &str| {
        let mut diagnostics = Diagnostics::default();
        let mut given = given(&[("a", "before")]);
        given.add_file(FileId::default(), text, &mut diagnostics);
        let values: Vec<String> =
            given.values().iter().map(|(name, value)| format!("{name}={value}")).collect();
        (values.join(" "), diagnostics.is_empty())
    };
    for (text, expected, is_good) in [
        (r#"{"a":"1","b":"2"}"#, "a=1 b=2", true),
        (r#"{"a":"1","a":"2"}"#, "a=2", true),
        (r#"{"a":null}"#, "a=", true),
        ("null", "a=before", true),
        (r#"{"a":1}"#, "a=before", false),
        (r#"{"a":true,"b":["x"],"c":{}}"#, "a=before", false),
        ("[1]", "a=before", false),
        ("{", "a=before", false),
        ("a = 1", "a=before", false),
    ] {
        assert_eq!(check(text), (expected.to_owned(), is_good), "{text}");
    }
}

#[test]
fn values_of_sensitive_variables_are_told() {
    let template = template(
        r#"{"variables":{"a":"{{user `b`}}!","b":"x","c":"","d":"shown"},"sensitive-variables":["a","c","z","g"]}"#,
    );
    let world = world();
    let mut diagnostics = Diagnostics::default();
    let values = template.values(&given(&[("g", "given")]), place(&world), &mut diagnostics).expect("values");
    let texts: Vec<String> = template.sensitive_texts(&values).iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["x!", "given"]);
}
