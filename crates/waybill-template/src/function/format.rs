//! `format` and `formatlist`: text with verbs, which values take the place of.

mod verb;

use super::{
    Arguments, Function, FunctionError, MAX_ELEMENTS, MAX_TEXT, any, collection::is_open_set, string,
    too_long, too_many,
};
use crate::{
    function::format::verb::{Format, Piece},
    value::{Type, Value},
};

pub(super) fn table() -> Vec<Function> {
    let arguments = || any("args").null().unknown();
    vec![
        Function::new("format", [string("format")], Type::String, format).variadic(arguments()),
        Function::new("formatlist", [string("format")], Type::list(Type::String), formatlist)
            .variadic(arguments()),
    ]
}

fn format(call: Arguments<'_>) -> Result<Value, FunctionError> {
    if !call.iter().all(Value::is_wholly_known) {
        return Ok(Value::Unknown(Type::String));
    }
    let format = Format::parse(call.text(0))?;
    let used = format.used();
    let text = filled(&format, &call[1..])?;
    if used < call.len() - 1 {
        return Err(FunctionError::argument(used + 1, too_many_arguments(used)));
    }
    Ok(Value::string(text))
}

/// Lists among the arguments give one element to each text, others are the same in all.
fn formatlist(call: Arguments<'_>) -> Result<Value, FunctionError> {
    if call.len() == 1 {
        let text = filled(&Format::parse(call.text(0))?, &[])?;
        return Ok(Value::list(Type::String, [Value::string(text)]));
    }
    let Some(count) = rows(call)? else { return Ok(Value::Unknown(Type::list(Type::String))) };
    if MAX_ELEMENTS < count.saturating_mul(call.len()) {
        return Err(too_many());
    }
    let mut texts = Vec::with_capacity(count);
    let mut total = 0;
    for row in 0..count {
        let arguments: Vec<Value> = call.iter().skip(1).map(|value| in_row(value, row)).collect();
        let text = row_text(call.text(0), &arguments);
        let text = text.map_err(|error| {
            FunctionError::new(format!("for the elements with the index {row}, {}", error.message))
        })?;
        total += text.as_str().map_or(0, str::len);
        if MAX_TEXT < total {
            return Err(too_long());
        }
        texts.push(text);
    }
    Ok(Value::list(Type::String, texts))
}

/// How many texts there are: as many as each of the lists has elements, one without a list. None if it is unknown.
fn rows(call: Arguments<'_>) -> Result<Option<usize>, FunctionError> {
    let mut is_open = !call[0].is_known();
    let mut rows: Option<(usize, usize)> = None;
    for (index, value) in call.iter().enumerate().skip(1) {
        let length = match value.ty() {
            _ if value.is_null() => continue,
            Type::Tuple(types) => Some(types.len()),
            Type::List(_) | Type::Set(_) if is_open_set(value) => None,
            Type::List(_) | Type::Set(_) => value.length(),
            _ => continue,
        };
        is_open |= !value.is_known() || length.is_none();
        if let Some((rows, first)) = rows
            && let Some(length) = length
            && rows != length
        {
            let message = format!("its length is {length}, but that of argument {first} is {rows}");
            return Err(FunctionError::argument(index, message));
        }
        rows = rows.or(length.map(|length| (length, index)));
    }
    Ok((!is_open).then(|| rows.map_or(1, |(rows, _)| rows)))
}

fn in_row(value: &Value, row: usize) -> Value {
    value.as_slice().and_then(|elements| elements.get(row)).unwrap_or(value).clone()
}

fn row_text(format: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
    if !arguments.iter().all(Value::is_wholly_known) {
        return Ok(Value::Unknown(Type::String));
    }
    let format = Format::parse(format)?;
    let text = filled(&format, arguments)?;
    if format.used() < arguments.len() {
        return Err(FunctionError::new(too_many_arguments(format.used())));
    }
    Ok(Value::string(text))
}

fn too_many_arguments(used: usize) -> String {
    match used {
        0 => "nothing stands for this argument: there are no verbs in the format".to_owned(),
        1 => "nothing stands for this argument: the format uses only 1".to_owned(),
        _ => format!("nothing stands for this argument: the format uses only {used}"),
    }
}

fn filled(format: &Format<'_>, arguments: &[Value]) -> Result<String, FunctionError> {
    let mut text = String::new();
    for piece in &format.pieces {
        match piece {
            Piece::Text(literal) => text.push_str(literal),
            Piece::Verb(verb) => {
                let value = arguments.get(verb.argument).ok_or_else(|| {
                    let given = match arguments.len() {
                        0 => "none is given".to_owned(),
                        1 => "only 1 is given".to_owned(),
                        count => format!("only {count} are given"),
                    };
                    let wanted = verb.argument + 1;
                    FunctionError::new(format!("{:?} stands for argument {wanted}, but {given}", verb.source))
                })?;
                let filled = verb.fill(value);
                text.push_str(&filled.map_err(|reason| {
                    FunctionError::new(format!("{:?} at byte {}: {reason}", verb.source, verb.offset))
                })?);
            }
        }
        if MAX_TEXT < text.len() {
            return Err(too_long());
        }
    }
    Ok(text)
}
