//! `fix`: a template of an old version, with what has another name or form today.
//!
//! Fixers work on the document, not on a template that makes sense: what they do not know stays as it is. Their order
//! matters, as one's result is another's input. What each does with odd values is measured.

mod builder;
mod document;
mod fixers;
mod post_processor;
mod provisioner;
mod rename;

use serde_json::{Map, Value};
use thiserror::Error;

pub use self::fixers::FIXERS;
use self::fixers::Step;
use crate::json;

type Object = Map<String, Value>;

/// One change, by the name that it has in Packer.
#[derive(Debug)]
pub struct Fixer {
    pub name: &'static str,
    /// What it does, in a line for people.
    pub what: &'static str,
    steps: &'static [Step],
}

/// Why a template cannot be fixed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    #[error("line {line}, column {column}: {summary}. {detail}")]
    Syntax { line: usize, column: usize, summary: &'static str, detail: String },
    #[error("the number {0} is too large")]
    Number(String),
    #[error("{place} should be {expected}, not {found}")]
    Kind { place: String, expected: &'static str, found: &'static str },
    #[error("{place} should be true or false, not {found:?}")]
    NotBoolean { place: String, found: String },
}

/// The template with all that is fixed, printed in one form: keys sorted, two spaces for each level.
pub fn fix(text: &str) -> Result<String, Error> {
    let mut root = document::read(text)?;
    check(&root)?;
    if let Some(list @ (Value::String(_) | Value::Bool(_) | Value::Number(_))) = root.get_mut("provisioners")
    {
        *list = Value::Array(vec![list.take()]);
    }
    if let Some(list @ Value::Object(_)) = root.get_mut("provisioners")
        && list.as_object().is_some_and(|object| !object.is_empty())
    {
        *list = Value::Array(vec![list.take()]);
    }
    root.entry("builders").or_insert(Value::Null);
    for fixer in FIXERS {
        for step in fixer.steps {
            step.run(&mut root)?;
        }
    }
    Ok(document::print(&Value::Object(root)))
}

/// Builders with types, and lists where fixers look for them.
fn check(root: &Object) -> Result<(), Error> {
    for key in ["builders", "post-processors"] {
        if let Some(value) = root.get(key).filter(|value| !value.is_array() && !value.is_null()) {
            return Err(wrong(key.to_owned(), "an array", value));
        }
    }
    let builders = root.get("builders").and_then(Value::as_array).into_iter().flatten();
    for (i, builder) in builders.enumerate() {
        let place = format!("builders[{i}]");
        let Some(object) = builder.as_object() else { return Err(wrong(place, "an object", builder)) };
        let kind = object.get("type").unwrap_or(&Value::Null);
        if !kind.is_string() {
            return Err(wrong(format!("{place}.type"), "a string", kind));
        }
    }
    Ok(())
}

fn wrong(place: String, expected: &'static str, value: &Value) -> Error {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Error::Kind { place, expected, found }
}

/// The type of a builder, provisioner or post-processor.
fn kind(object: &Object) -> &str {
    object.get("type").and_then(Value::as_str).unwrap_or_default()
}

impl Error {
    fn syntax(text: &str, fault: json::Fault) -> Self {
        let before = text.get(..fault.subject.start as usize).unwrap_or(text);
        let last = before.rsplit('\n').next().unwrap_or_default();
        Self::Syntax {
            line: 1 + before.matches('\n').count(),
            column: 1 + last.chars().count(),
            summary: fault.summary,
            detail: fault.detail,
        }
    }
}
