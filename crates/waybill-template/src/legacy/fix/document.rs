//! The document: read as Go reads JSON into maps, and printed as Go prints those.

use std::fmt::Write as _;

use serde_json::{Number, Value};

use super::{Error, Object, wrong};
use crate::{
    json::{self, Kind, Node},
    source::FileId,
};

/// Reads an object. Of keys that occur more than once the last one counts, and what is behind the object does not.
pub(super) fn read(text: &str) -> Result<Object, Error> {
    let file = FileId::default();
    let node = json::read(file, text)
        .or_else(|fault| {
            let before = text.get(..fault.found.start as usize).unwrap_or_default();
            json::read(file, before).map_err(|_| fault)
        })
        .map_err(|fault| Error::syntax(text, fault))?;
    match value(&node)? {
        Value::Object(object) => Ok(object),
        other => Err(wrong("the template".to_owned(), "an object", &other)),
    }
}

fn value(node: &Node) -> Result<Value, Error> {
    Ok(match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(text) => {
            let number = text.parse().ok().and_then(Number::from_f64);
            Value::Number(number.ok_or_else(|| Error::Number(text.to_string()))?)
        }
        Kind::String(text) => Value::String(text.to_string()),
        Kind::Array(items) => Value::Array(items.iter().map(value).collect::<Result<_, _>>()?),
        Kind::Object(members) => {
            let member = |member: &json::Member| Ok((member.key.to_string(), value(&member.value)?));
            Value::Object(members.iter().map(member).collect::<Result<_, Error>>()?)
        }
    })
}

/// The text of a document: keys sorted, two spaces for each level, no line break at the end.
pub(super) fn print(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&float(number.as_f64().unwrap_or_default())),
        Value::String(text) => string(text, out),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                line(i, depth + 1, out);
                write(item, depth + 1, out);
            }
            close(']', depth, out);
        }
        Value::Object(object) if object.is_empty() => out.push_str("{}"),
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (i, (key, value)) in members.into_iter().enumerate() {
                line(i, depth + 1, out);
                string(key, out);
                out.push_str(": ");
                write(value, depth + 1, out);
            }
            close('}', depth, out);
        }
    }
}

fn line(item: usize, depth: usize, out: &mut String) {
    out.push_str(if item == 0 { "\n" } else { ",\n" });
    out.extend(std::iter::repeat_n("  ", depth));
}

fn close(bracket: char, depth: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
    out.push(bracket);
}

/// A string: what could end a script or a line in a page is escaped, but for angle brackets.
fn string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// The shortest decimal that reads back; with an exponent if it is very large or small, as in JavaScript.
fn float(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return format!("{value}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_go_prints_floats() {
        for (text, expected) in [
            ("1e20", "100000000000000000000"),
            ("1e21", "1e+21"),
            ("1e-6", "0.000001"),
            ("1e-7", "1e-7"),
            ("0.1", "0.1"),
            ("-0", "-0"),
            ("-0.0", "-0"),
            ("123456789012345678", "123456789012345680"),
            ("1.0", "1"),
            ("2.50", "2.5"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("0.000001234", "0.000001234"),
            ("1e-400", "0"),
            ("12345678901234567890", "12345678901234567000"),
        ] {
            let document = read(&format!("{{\"a\":{text}}}")).unwrap();
            assert_eq!(print(&document["a"]), expected, "{text}");
        }
        assert_eq!(read(r#"{"a":1e400}"#), Err(Error::Number("1e400".to_owned())));
    }

    #[test]
    fn a_document_is_printed_in_one_form() {
        let document = read(
            r#"{"z":[1,[2,{"b":[]}],{}],"a":"\u003c \u003e & \u2028 \u007f \b \f \ud83d\ude00 \u0000","a&":1,"z":[]}"#,
        )
        .unwrap();
        let expected = "{\n  \"a\": \"< > \\u0026 \\u2028 \u{7f} \\b \\f 😀 \\u0000\",\n  \"a\\u0026\": 1,\n  \"z\": []\n}";
        assert_eq!(print(&Value::Object(document)), expected);
    }
}
