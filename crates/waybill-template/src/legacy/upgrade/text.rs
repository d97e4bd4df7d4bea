//! JSON as HCL: bodies, values and quoted texts, still with Go's template syntax in them.

use std::fmt::Write as _;

use waybill_go::quote::is_print;

use super::Error;
use crate::{
    json::{Kind, Member, Node},
    syntax::lexer::is_identifier,
};

/// What an option is.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    Json(&'a Node),
    /// In HCL2 already.
    Expression(&'a str),
}

/// Options as JSON has them.
pub(super) fn given(members: &[Member]) -> impl Iterator<Item = (&str, Given<'_>)> {
    members.iter().map(|member| (&*member.key, Given::Json(&member.value)))
}

/// Options of a block, sorted by name: `name = value`, or blocks of that name.
///
/// An object becomes a block if there is anything but plain values in it, a list of objects becomes blocks, an empty
/// list nothing. Names stay as they are, also if HCL2 does not allow them.
pub(super) fn body<'a>(
    options: impl IntoIterator<Item = (&'a str, Given<'a>)>,
    out: &mut String,
) -> Result<(), Error> {
    let mut options: Vec<_> = options.into_iter().collect();
    options.sort_by_key(|(name, _)| *name);
    for (name, given) in options {
        let node = match given {
            Given::Json(node) => node,
            Given::Expression(expression) => {
                let _ = writeln!(out, "{name} = {expression}");
                continue;
            }
        };
        match &node.kind {
            Kind::Object(members) if members.is_empty() || !members.iter().all(|it| is_plain(&it.value)) => {
                block(name, node, out)?;
            }
            Kind::Array(items) if items.is_empty() => {}
            Kind::Array(items) if items.iter().any(|item| item.as_object().is_some()) => {
                for item in items.iter() {
                    block(name, item, out)?;
                }
            }
            _ => {
                let _ = write!(out, "{name} = ");
                value(node, out);
                out.push('\n');
            }
        }
    }
    Ok(())
}

fn block(name: &str, node: &Node, out: &mut String) -> Result<(), Error> {
    let Some(members) = node.as_object() else {
        return Err(Error::Mixed { option: name.to_owned(), found: node.describe() });
    };
    let _ = writeln!(out, "{name} {{");
    body(given(members), out)?;
    out.push_str("}\n");
    Ok(())
}

fn is_plain(node: &Node) -> bool {
    matches!(node.kind, Kind::String(_) | Kind::Bool(_) | Kind::Number(_))
}

/// A value as an expression.
pub(super) fn value(node: &Node, out: &mut String) {
    match &node.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        // Numbers went through a float; Rust prints the shortest one that reads back, never with an exponent.
        Kind::Number(text) => match text.parse::<f64>() {
            Ok(number) => {
                let _ = write!(out, "{number}");
            }
            Err(_) => out.push_str(text),
        },
        Kind::String(text) => quoted(text, out),
        Kind::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                value(item, out);
            }
            out.push(']');
        }
        Kind::Object(members) if members.is_empty() => out.push_str("{}"),
        Kind::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|member| &member.key);
            out.push_str("{\n");
            for member in members {
                if is_identifier(&member.key) {
                    out.push_str(&member.key);
                } else {
                    quoted(&member.key, out);
                }
                out.push_str(" = ");
                value(&member.value, out);
                out.push('\n');
            }
            out.push('}');
        }
    }
}

/// A list of texts.
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a str>, out: &mut String) {
    out.push('[');
    for (i, item) in items.into_iter().enumerate() {
        out.push_str(if i == 0 { "" } else { ", " });
        quoted(item, out);
    }
    out.push(']');
}

/// A text in quotes, which means nothing but itself to HCL2.
pub(super) fn quoted(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' => {
                out.push(c);
                if rest.as_str().starts_with('{') {
                    out.push(c);
                }
            }
            _ if is_print(c) => out.push(c),
            _ if c <= '\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    /// Measured with Packer 1.14.3 and 1.16.0.
    #[test]
    fn options_become_attributes_and_blocks() {
        for (json, expected) in [
            (
                r#"{"b": true, "a": 5, "n": null, "e": "", "l": [], "m": {}}"#,
                "a = 5\nb = true\ne = \"\"\nm {\n}\nn = null\n",
            ),
            (r#"{"l": [1, "a", true, null, [2], [[]]]}"#, "l = [1, \"a\", true, null, [2], [[]]]\n"),
            (r#"{"m": {"k": "v", "n": 1.50, "b": false}}"#, "m = {\nb = false\nk = \"v\"\nn = 1.5\n}\n"),
            (r#"{"m": {"k": {"x": 1}}}"#, "m {\nk = {\nx = 1\n}\n}\n"),
            (r#"{"m": {"k": [1], "l": []}}"#, "m {\nk = [1]\n}\n"),
            (r#"{"m": {"k": null}}"#, "m {\nk = null\n}\n"),
            (r#"{"l": [{"a": 1}, {"b": {"c": 2}}, {}]}"#, "l {\na = 1\n}\nl {\nb = {\nc = 2\n}\n}\nl {\n}\n"),
            (r#"{"l": [[{"a": 1}], [3]]}"#, "l = [[{\na = 1\n}], [3]]\n"),
            (
                r#"{"n": [12345678901234567890, 1e21, 1e-10, -0.5]}"#,
                "n = [12345678901234567000, 1000000000000000000000, 0.0000000001, -0.5]\n",
            ),
            (
                r#"{"m": {"a b": 1, "1x": 2, "a-b": 3, "é": 4, "": 5, "a.b": 6, "for": 7, "${x}": 8}}"#,
                "m = {\n\"\" = 5\n\"$${x}\" = 8\n\"1x\" = 2\n\"a b\" = 1\na-b = 3\n\"a.b\" = 6\nfor = 7\né = 4\n}\n",
            ),
        ] {
            let node = crate::json::read(FileId::default(), json).unwrap();
            let mut out = String::new();
            body(given(node.as_object().unwrap()), &mut out).unwrap();
            assert_eq!(out, expected, "{json}");
        }
    }

    #[test]
    fn a_list_of_objects_and_others_is_refused() {
        let node = crate::json::read(FileId::default(), r#"{"l": [{"a": 1}, 2]}"#).unwrap();
        let error = body(given(node.as_object().unwrap()), &mut String::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the list \"l\" has objects and a number in it: HCL2 has nothing for that"
        );
    }

    #[test]
    fn texts_are_escaped() {
        for (text, expected) in [
            ("a${b}%{c} $x % {} $${ $$${", r#""a$${b}%%{c} $x % {} $$${ $$$${""#),
            ("a\\b \" \t \r \n", r#""a\\b \" \t \r \n""#),
            (
                "\u{1}\u{1f}\u{7f}é\u{2028}😀\0\u{feff}\u{e0001}",
                "\"\\u0001\\u001f\\u007fé\\u2028😀\\u0000\\ufeff\\U000e0001\"",
            ),
        ] {
            let mut out = String::new();
            quoted(text, &mut out);
            assert_eq!(out, expected);
        }
    }
}
