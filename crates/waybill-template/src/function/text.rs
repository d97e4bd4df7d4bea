//! Functions of strings.

use super::{
    Arguments, Function, FunctionError, MAX_ELEMENTS, MAX_TEXT, case,
    character::{characters, count_characters, first_characters},
    list, number, string, too_long, too_many, whole_number,
};
use crate::value::{Type, Value};

pub(super) fn table() -> Vec<Function> {
    let changing = |name, call| Function::new(name, [string("str")], Type::String, call);
    vec![
        changing("chomp", |call| Ok(Value::string(call.text(0).trim_end_matches(['\r', '\n'])))),
        changing("lower", |call| Ok(Value::string(case::lower(call.text(0))))),
        changing("upper", |call| Ok(Value::string(case::upper(call.text(0))))),
        changing("title", |call| Ok(Value::string(case::title(call.text(0))))),
        changing("trimspace", |call| Ok(Value::string(call.text(0).trim()))),
        changing("strrev", |call| Ok(Value::string(reversed(call.text(0))))),
        Function::new("trim", [string("str"), string("cutset")], Type::String, |call| {
            Ok(Value::string(call.text(0).trim_matches(|c| call.text(1).contains(c))))
        }),
        Function::new("trimprefix", [string("str"), string("prefix")], Type::String, |call| {
            let text = call.text(0);
            Ok(Value::string(text.strip_prefix(call.text(1)).unwrap_or(text)))
        }),
        Function::new("trimsuffix", [string("str"), string("suffix")], Type::String, |call| {
            let text = call.text(0);
            Ok(Value::string(text.strip_suffix(call.text(1)).unwrap_or(text)))
        }),
        Function::new("startswith", [string("str"), string("prefix")], Type::Bool, |call| {
            Ok(Value::bool(call.text(0).starts_with(call.text(1))))
        }),
        Function::new("endswith", [string("str"), string("suffix")], Type::Bool, |call| {
            Ok(Value::bool(call.text(0).ends_with(call.text(1))))
        }),
        Function::new("strcontains", [string("str"), string("substr")], Type::Bool, |call| {
            Ok(Value::bool(call.text(0).contains(call.text(1))))
        }),
        Function::new("indent", [number("spaces"), string("str")], Type::String, indent),
        Function::new(
            "replace",
            [string("str"), string("substr"), string("replace")],
            Type::String,
            |call| replaced(call.text(0), call.text(1), call.text(2)),
        ),
        Function::new("substr", [string("str"), number("offset"), number("length")], Type::String, substr),
        Function::new("split", [string("separator"), string("str")], Type::list(Type::String), split),
        Function::new("join", [string("separator")], Type::String, join)
            .variadic(list("lists", Type::String)),
    ]
}

fn reversed(text: &str) -> String {
    let all: Vec<&str> = characters(text).collect();
    all.into_iter().rev().collect()
}

fn indent(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let spaces = whole_number(&call[0])?;
    let spaces = usize::try_from(spaces)
        .map_err(|_| FunctionError::argument(0, format!("there cannot be {spaces} blanks")))?;
    if MAX_TEXT < spaces {
        return Err(too_long());
    }
    let blanks = if call.text(1).contains('\n') { " ".repeat(spaces) } else { String::new() };
    replaced(call.text(1), "\n", &format!("\n{blanks}"))
}

/// The text with all of one replaced by another; an empty one is around each character.
fn replaced(text: &str, from: &str, to: &str) -> Result<Value, FunctionError> {
    if from.len() < to.len() {
        let more = (to.len() - from.len()).saturating_mul(text.matches(from).count());
        if MAX_TEXT < text.len().saturating_add(more) {
            return Err(too_long());
        }
    }
    Ok(Value::string(text.replace(from, to)))
}

/// Characters here are what people take for one.
fn substr(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let text = call.text(0);
    let (offset, length) = (whole_number(&call[1])?, whole_number(&call[2])?);
    let start = usize::try_from(offset).unwrap_or_else(|_| {
        let back = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        count_characters(text).saturating_sub(back)
    });
    // From the end, no length is all that is left.
    let is_rest = length < 0 || length == 0 && offset < 0;
    let length = if is_rest { usize::MAX } else { usize::try_from(length).unwrap_or(usize::MAX) };
    let skipped = first_characters(text, start).len();
    Ok(Value::string(first_characters(&text[skipped..], length)))
}

fn split(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let (separator, text) = (call.text(0), call.text(1));
    let limit = MAX_ELEMENTS + 1;
    let parts: Vec<Value> = if separator.is_empty() {
        text.chars().take(limit).map(|c| Value::string(c.to_string())).collect()
    } else {
        text.split(separator).take(limit).map(Value::from).collect()
    };
    if MAX_ELEMENTS < parts.len() { Err(too_many()) } else { Ok(Value::list(Type::String, parts)) }
}

fn join(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let lists = &call[1..];
    if lists.is_empty() {
        return Err(FunctionError::new("it takes at least one list"));
    }
    if !lists.iter().all(Value::is_wholly_known) {
        return Ok(Value::Unknown(Type::String));
    }
    let separator = call.text(0);
    let mut joined = String::new();
    let mut is_first = true;
    for argument in 1..call.len() {
        for (index, element) in call.elements(argument).iter().enumerate() {
            let Value::String(text) = element else {
                let message = format!("element {index} is null, which cannot be joined");
                return Err(FunctionError::argument(argument, message));
            };
            if !std::mem::replace(&mut is_first, false) {
                joined.push_str(separator);
            }
            joined.push_str(text);
            if MAX_TEXT < joined.len() {
                return Err(too_long());
            }
        }
    }
    Ok(Value::string(joined))
}
