//! The words for faults: what was met and what there is, at a bounded length.
//!
//! Values are not told, only their types, because they may be large or secret; names and keys are.

use std::borrow::Cow;

use crate::{
    suggest,
    syntax::tree::{Expression, ExpressionKind},
    value::{Type, Value},
};

/// How much of one word of the template is repeated in a message, in characters.
const WORD: usize = 80;

/// How much of what another part of the program says is told, in characters: it may repeat what is in the template.
pub(crate) const DETAIL: usize = 800;

/// How many names are listed.
const NAMES: usize = 12;

/// A word in quotes, cut off where it is too long.
pub(crate) fn quoted(word: &str) -> String {
    let escaped = |character: char| match character {
        '"' | '\\' => format!("\\{character}"),
        character if character.is_control() => character.escape_default().to_string(),
        character => character.to_string(),
    };
    format!("\"{}\"", clipped(word, WORD).chars().map(escaped).collect::<String>())
}

/// At most so many characters.
pub(crate) fn clipped(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// ` Did you mean "near"?`, if one is near.
pub(crate) fn near<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> String {
    suggest::nearest(word, names).map_or_else(String::new, |near| format!(" Did you mean {}?", quoted(near)))
}

/// What there is, after an introduction: ` It has "a" and "b".`
pub(crate) fn listed<'a>(introduction: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    list(names).map_or_else(String::new, |list| format!(" {introduction} {list}."))
}

/// `"a", "b" and "c"`, the first few; none if there are none.
fn list<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let mut words: Vec<String> = names.clone().take(NAMES).map(quoted).collect();
    match names.count() - words.len() {
        0 => {}
        more => words.push(format!("{more} more")),
    }
    let last = words.pop()?;
    Some(if words.is_empty() { last } else { format!("{} and {last}", words.join(", ")) })
}

/// A reference in quotes, `"var.name"`, if the expression is one; otherwise `This value`.
pub(crate) fn subject(expression: &Expression) -> String {
    reference(expression).map_or_else(|| "This value".to_owned(), |text| quoted(&text))
}

/// The text of a reference, `var.name`, if the expression is one.
pub(crate) fn reference(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Variable(name) => Some(name.to_string()),
        ExpressionKind::Attribute { base, name } => Some(format!("{}.{}", reference(base)?, name.text)),
        ExpressionKind::Parentheses(inner) => reference(inner),
        _ => None,
    }
}

/// `a number`, `an object`, `null`: what kind of value this is.
pub(crate) fn kind(value: &Value) -> String {
    match value {
        Value::Null(_) => "null".to_owned(),
        value => kind_of_type(&value.ty()),
    }
}

/// `a number, but it is a string that is none`: what is wanted, and what the value is that cannot become it.
pub(crate) fn misfit(value: &Value, wanted: &Type) -> String {
    let what = match wanted {
        Type::Bool => "true or false".to_owned(),
        Type::String => "text".to_owned(),
        wanted => kind_of_type(wanted),
    };
    let instead = match (value, wanted) {
        (Value::String(_), Type::Number) => "a string that is none".to_owned(),
        (Value::String(_), Type::Bool) => "a string that is neither".to_owned(),
        (value, _) => kind(value),
    };
    format!("{what}, but it is {instead}")
}

/// Ends a text with a full stop if it has no other end.
pub(crate) fn sentence(text: &str) -> String {
    let text = clipped(text, DETAIL);
    format!("{text}{}", if text.ends_with(['.', '?', '!', '…']) { "" } else { "." })
}

fn kind_of_type(ty: &Type) -> String {
    let name = ty.friendly_name();
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    clipped(&format!("{article} {name}"), WORD).into_owned()
}
