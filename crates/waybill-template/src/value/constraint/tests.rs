//! Types, faults and defaults as they were measured.

use super::*;
use crate::{source::Sources, value::json::encode};

/// The type, or the faults as `line: summary: detail`.
fn read(text: &str) -> Result<(Type, Defaults), String> {
    let mut sources = Sources::default();
    let file = sources.add("t", text);
    let mut faults = Diagnostics::default();
    let expression = syntax::parse_expression(file, text, &mut faults);
    let parsed = parse(&expression, &mut faults);
    let told = faults.iter().map(|fault| {
        let line = fault.subject.map_or(0, |span| sources.start(span).line);
        format!("{line}: {}: {}", fault.summary, fault.detail)
    });
    parsed.ok_or_else(|| told.collect::<Vec<_>>().join("\n"))
}

/// A value of this type with its defaults, as JSON.
fn filled(ty: &str, value: &str) -> String {
    let (ty, defaults) = read(ty).expect(ty);
    let mut faults = Diagnostics::default();
    let expression = syntax::parse_expression(Sources::default().add("v", value), value, &mut faults);
    let value = expression.evaluate(&Scope::default(), &mut faults);
    assert!(faults.is_empty(), "{faults:?}");
    match convert(&defaults.apply(&value), &ty) {
        Ok(value) => encode(&value).expect("is known"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn types_are_read() {
    for text in [
        "string",
        "any",
        "list(string)",
        "map(set(number))",
        "tuple([])",
        "tuple([string, bool])",
        "object({})",
        "object({a = string, b = list(any)})",
        "object({a = optional(string), b = number})",
        "object({null = string, true = bool})",
    ] {
        assert_eq!(read(text).map(|(ty, _)| ty.to_string()), Ok(text.to_owned()));
    }
}

#[test]
fn faults_are_told_where_they_are() {
    for (text, line, told) in [
        ("strin", 1, "Did you mean `string`?"),
        ("object({\n a = string\n b = foo\n})", 3, "`foo` is not a type"),
        ("object({\n a = string\n a = number\n})", 3, "\"a\" is already declared"),
        ("object({\n a = string\n \"b\" = number\n})", 3, "plain names"),
        ("object({\n a = optional(number,\n  \"x\")\n})", 3, "does not fit"),
        ("object({\n a = optional(number,\n  \"x\",\n \"y\")\n})", 2, "nothing more"),
        ("object({\n a = list(\n  string,\n number)\n})", 4, "there are 2"),
        ("object(\n [\n string]\n)", 2, "names with types"),
        ("tuple(\n {\n a=string}\n)", 2, "are a list"),
        ("tuple([\n string,\n foo]\n)", 3, "`foo` is not a type"),
        ("object(\n {}, {})", 2, "there are 2"),
        ("object({\n a = any(\n string)\n})", 2, "write just `any`"),
        ("object({\n a = foo(\n 1)\n})", 2, "no type constructor `foo`"),
        ("object({\n a = \"string\"\n})", 2, "without quotes"),
        ("list(\n list(\n map))", 3, "`map(string)`"),
        ("list(\n list(\n map()))", 3, "there is none"),
        ("object({\n a = optional(\n foo)\n})", 3, "`foo` is not a type"),
        ("object({\n a = optional()\n})", 2, "`optional(string)`"),
        ("object({\n a = optional(\n string,\n upper(\"x\"))\n})", 4, ""),
        ("object({\n a = optional(\n string,\n var.x)\n})", 4, ""),
        ("list(\n optional(\n string))", 2, "Only an attribute"),
        ("object({\n a = optional(optional(string))\n})", 2, "Only an attribute"),
        ("optional(string)", 1, "Only an attribute"),
        ("object({\n a = true\n})", 2, "`true` is not a type"),
        ("(string)", 1, "parentheses"),
        ("[\"string\"]", 1, "list(string)"),
        ("{a = string}", 1, "map(string)"),
        ("5", 1, "not a type"),
        ("null", 1, "`null` is not a type"),
        ("list", 1, "`list(string)`"),
        ("object", 1, "object({name = string})"),
    ] {
        let faults = read(text).expect_err(text);
        assert!(faults.starts_with(&format!("{line}: ")) && faults.contains(told), "{text}\n{faults}");
    }
}

#[test]
fn every_fault_is_told() {
    let faults = read("object({\n a = foo\n b = tuple([\n bar, list()])\n})").expect_err("is wrong");
    assert_eq!(faults.lines().map(|fault| &fault[..2]).collect::<Vec<_>>(), ["2:", "4:", "4:"]);
}

#[test]
fn defaults_fill_what_is_missing_or_null() {
    for (ty, value, expected) in [
        ("object({a=optional(string)})", "{}", r#"{"a":null}"#),
        ("object({a=optional(string,\"x\")})", "{}", r#"{"a":"x"}"#),
        ("object({a=optional(string,\"x\")})", "{a=null}", r#"{"a":"x"}"#),
        ("object({a=optional(string,\"x\")})", "{a=5}", r#"{"a":"5"}"#),
        ("object({a=optional(string,\"x\")})", "{a=\"1\",z=1}", r#"{"a":"1"}"#),
        ("object({a=optional(string,\"x\")})", "null", "null"),
        ("object({a=optional(number,\"5\")})", "{}", r#"{"a":5}"#),
        ("object({a=optional(number,null)})", "{}", r#"{"a":null}"#),
        ("object({a=optional(number,1+1)})", "{}", r#"{"a":2}"#),
        ("object({a=optional(any,5)})", "{}", r#"{"a":5}"#),
        ("object({a=optional(set(string),[\"b\",\"a\"])})", "{}", r#"{"a":["a","b"]}"#),
        ("object({a=optional(object({b=optional(string,\"y\")}),{})})", "{}", r#"{"a":{"b":"y"}}"#),
        ("object({a=optional(object({b=optional(string,\"y\")}))})", "{}", r#"{"a":null}"#),
        ("object({a=optional(object({b=optional(string,\"y\")}))})", "{a={}}", r#"{"a":{"b":"y"}}"#),
        (
            "object({a=optional(object({b=optional(string,\"y\"),c=string}),{c=\"q\"})})",
            "{}",
            r#"{"a":{"b":"y","c":"q"}}"#,
        ),
        (
            "object({a=optional(map(object({b=optional(bool,true)})),{k={}})})",
            "{}",
            r#"{"a":{"k":{"b":true}}}"#,
        ),
        ("object({a=optional(object({b=string}),{b=1,c=2})})", "{}", r#"{"a":{"b":"1"}}"#),
        (
            "list(object({a=optional(string,\"x\")}))",
            "[{},{a=\"1\"},{a=null}]",
            r#"[{"a":"x"},{"a":"1"},{"a":"x"}]"#,
        ),
        ("list(object({a=optional(string,\"x\")}))", "[null,{}]", r#"[null,{"a":"x"}]"#),
        ("set(object({a=optional(string,\"x\")}))", "[{},{a=\"1\"},{a=\"x\"}]", r#"[{"a":"1"},{"a":"x"}]"#),
        ("map(object({a=optional(string,\"x\")}))", "{k={},l={a=\"1\"}}", r#"{"k":{"a":"x"},"l":{"a":"1"}}"#),
        ("tuple([object({a=optional(string,\"x\")}),string])", "[{},\"q\"]", r#"[{"a":"x"},"q"]"#),
        ("list(list(object({a=optional(string,\"x\")})))", "[[{}],[]]", r#"[[{"a":"x"}],[]]"#),
        ("object({a=string,b=optional(string)})", "{}", "attribute \"a\" is required"),
    ] {
        assert_eq!(filled(ty, value), expected, "{ty} of {value}");
    }
}

#[test]
fn an_argument_asks_for_what_it_calls_optional() {
    let read = |text: &str| {
        let mut faults = Diagnostics::default();
        let expression = syntax::parse_expression(Sources::default().add("t", text), text, &mut faults);
        parse_exact(&expression, &mut faults).map(|ty| ty.to_string())
    };
    assert_eq!(read("object({a = optional(string)})").as_deref(), Some("object({a = string})"));
    assert_eq!(read("object({a = optional(string, \"x\")})"), None);
    assert_eq!(read("optional(string)"), None);
}

#[test]
fn in_json_a_type_is_a_string() {
    let read = |text: &str| {
        let mut faults = Diagnostics::default();
        let node = json::parse(Sources::default().add("t", text), text, &mut faults).expect("is JSON");
        let span = node.span;
        let parsed = parse(&Expression { kind: ExpressionKind::Json(node), span }, &mut faults);
        assert_eq!(parsed.is_none(), faults.has_errors());
        parsed.map(|(ty, _)| ty.to_string())
    };
    assert_eq!(read(r#""list(string)""#).as_deref(), Some("list(string)"));
    assert_eq!(read(r#""object({a=string})""#).as_deref(), Some("object({a = string})"));
    for wrong in [r#"["string"]"#, r#""list(foo)""#, r#""list(""#, "true", r#""list(\"x\")""#] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}
