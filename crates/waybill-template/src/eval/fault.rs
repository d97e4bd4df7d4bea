//! The words for faults: what was met and what there is, at a bounded length.
//!
//! Values of the template's variables are never told, only their types: a value may be a secret. Literals, which stand
//! in the template, and names are told.

use std::fmt::Write as _;

use crate::{
    suggest,
    syntax::tree::{Expression, ExpressionKind},
    value::Value,
};

/// How much of one word of the template is repeated in a message, in characters.
const WORD: usize = 80;

/// How many names are listed.
const NAMES: usize = 12;

/// A word in quotes, cut off where it is too long.
pub(crate) fn quoted(word: &str) -> String {
    let mut shown: String = word.chars().take(WORD).flat_map(char::escape_debug).collect();
    if word.chars().nth(WORD).is_some() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

/// ` Did you mean "near"?`, or what there is instead: ` There is: "a", "b".`
pub(crate) fn instead<'a>(word: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(near) = suggest::nearest(word, names.clone()) {
        return format!(" Did you mean {}?", quoted(near));
    }
    let mut list = String::new();
    for name in names.clone().take(NAMES) {
        let separator = if list.is_empty() { " It has " } else { ", " };
        let _ = write!(list, "{separator}{}", quoted(name));
    }
    match names.count().saturating_sub(NAMES) {
        _ if list.is_empty() => String::new(),
        0 => list + ".",
        more => format!("{list} and {more} more."),
    }
}

/// The text of a reference, `var.name`, if the expression is one.
pub(crate) fn reference(expression: &Expression) -> Option<String> {
    let text = match &expression.kind {
        ExpressionKind::Variable(name) => name.to_string(),
        ExpressionKind::Attribute { base, name } => format!("{}.{}", reference(base)?, name.text),
        ExpressionKind::Parentheses(inner) => reference(inner)?,
        _ => return None,
    };
    (text.chars().count() <= WORD).then_some(text)
}

/// The literal that stands there, as it can be repeated.
pub(crate) fn literal(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Literal(Value::Number(number)) => Some(number.to_string()),
        ExpressionKind::Literal(Value::String(text)) => Some(quoted(text)),
        ExpressionKind::Literal(Value::Bool(value)) => Some(value.to_string()),
        ExpressionKind::Template(parts) => match parts.as_slice() {
            [crate::syntax::tree::TemplatePart::Literal { text, .. }] => Some(quoted(text)),
            _ => None,
        },
        _ => None,
    }
}

/// `number`, `object`: what kind of value this is.
pub(crate) fn kind(value: &Value) -> String {
    value.ty().friendly_name().to_string()
}
