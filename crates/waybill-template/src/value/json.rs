//! Values to JSON and from it: `jsonencode`, `jsondecode`, and literals of JSON templates.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use thiserror::Error;

use super::{Number, Type, Value};
use crate::{
    json::{Kind, Node},
    source::Span,
};

/// Why a value has no JSON form.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EncodeError {
    #[error("JSON has no way to write infinity")]
    Infinite,
    #[error("a value that is not known yet cannot be written as JSON")]
    Unknown,
    #[error("the text would be longer than {MAX_BYTES} bytes")]
    Long,
}

/// A number that is out of all measure.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the exponent of the number is too large")]
pub struct DecodeError {
    pub span: Span,
}

/// Longest text that is made.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// JSON without blanks, members in the order of their names. Numbers are written in full, without exponent; `<`, `>`,
/// `&` and the line separators of Unicode as escapes, so that the text can stand in HTML and JavaScript.
pub fn encode(value: &Value) -> Result<String, EncodeError> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

/// The value that JSON stands for: arrays are tuples, objects are objects. Of members with the same key the last counts.
pub fn decode(node: &Node) -> Result<Value, DecodeError> {
    Ok(match &node.kind {
        Kind::Null => Value::Null(Type::Dynamic),
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(text) => Value::Number(Number::parse(text).ok_or(DecodeError { span: node.span })?),
        Kind::String(text) => Value::string(text.clone()),
        Kind::Array(nodes) => Value::tuple(nodes.iter().map(decode).collect::<Result<Vec<_>, _>>()?),
        Kind::Object(members) => {
            let members = members.iter().map(|member| Ok((member.key.clone(), decode(&member.value)?)));
            Value::object(members.collect::<Result<BTreeMap<Arc<str>, Value>, _>>()?)
        }
    })
}

fn write(value: &Value, out: &mut String) -> Result<(), EncodeError> {
    match value {
        Value::Unknown(_) => return Err(EncodeError::Unknown),
        Value::Null(_) => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) if number.is_infinite() => return Err(EncodeError::Infinite),
        Value::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Value::String(text) => write_string(text, out),
        Value::List(_, values) | Value::Set(_, values) | Value::Tuple(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                if index != 0 {
                    out.push(',');
                }
                write(value, out)?;
            }
            out.push(']');
        }
        Value::Map(_, values) | Value::Object(values) => {
            out.push('{');
            for (index, (name, value)) in values.iter().enumerate() {
                if index != 0 {
                    out.push(',');
                }
                write_string(name, out);
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
    }
    if MAX_BYTES < out.len() { Err(EncodeError::Long) } else { Ok(()) }
}

fn write_string(text: &str, out: &mut String) {
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
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}
