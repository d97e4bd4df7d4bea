//! Functions of regular expressions.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use waybill_go::regexp::{Regexp, RegexpError};

use super::{Arguments, Function, FunctionError, MAX_ELEMENTS, MAX_TEXT, string, too_long, too_many};
use crate::value::{Type, Value};

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::typed("regex", [string("pattern"), string("string")], match_type, regex),
        Function::typed(
            "regexall",
            [string("pattern"), string("string")],
            |values| match_type(values).map(Type::list),
            regexall,
        ),
        Function::new(
            "regex_replace",
            [string("str"), string("pattern"), string("replace")],
            Type::String,
            regex_replace,
        ),
    ]
}

fn regex(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let regexp = pattern(call.text(0))?;
    let found = regexp.captures(call.text(1));
    let found = found.ok_or_else(|| FunctionError::new("the pattern matches no part of the string"))?;
    Ok(match_value(&regexp, &found))
}

fn regexall(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let regexp = pattern(call.text(0))?;
    let found: Vec<Value> = regexp
        .captures_all(call.text(1))
        .take(MAX_ELEMENTS + 1)
        .map(|captures| match_value(&regexp, &captures))
        .collect();
    if MAX_ELEMENTS < found.len() {
        return Err(too_many());
    }
    Ok(Value::list(call.result.element().cloned().unwrap_or(Type::String), found))
}

fn regex_replace(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let regexp = compiled(call.text(1)).map_err(|error| FunctionError::new(refusal(&error)))?;
    regexp.replace_all(call.text(0), call.text(2), MAX_TEXT).map(Value::from).ok_or_else(too_long)
}

/// What a match of the first argument is: text, or a part for each group.
fn match_type(values: &[Value]) -> Result<Type, FunctionError> {
    let Some(source) = values.first().and_then(Value::as_str) else { return Ok(Type::Dynamic) };
    let regexp = pattern(source)?;
    let groups = regexp.groups();
    Ok(match groups.first() {
        None => Type::String,
        Some(None) => Type::tuple(vec![Type::String; groups.len()]),
        Some(Some(_)) => {
            Type::object(groups.iter().flatten().map(|name| (name.clone(), Type::String)).collect())
        }
    })
}

/// A match, of which the first part is the whole.
fn match_value(regexp: &Regexp, captures: &[Option<&str>]) -> Value {
    let part = |text: Option<&str>| text.map_or(Value::Null(Type::String), Value::from);
    let groups = regexp.groups();
    let parts = captures.iter().copied().skip(1).map(part);
    match groups.first() {
        None => part(captures.first().copied().flatten()),
        Some(None) => Value::tuple(parts.collect::<Vec<_>>()),
        Some(Some(_)) => {
            let names = groups.iter().flatten().cloned();
            Value::object(names.zip(parts).collect::<BTreeMap<_, _>>())
        }
    }
}

/// The first argument as an expression whose groups are all named, or none.
fn pattern(source: &str) -> Result<Rc<Regexp>, FunctionError> {
    let regexp = compiled(source).map_err(|error| FunctionError::argument(0, refusal(&error)))?;
    let named = regexp.groups().iter().flatten().count();
    if 0 < named && named < regexp.groups().len() {
        return Err(FunctionError::argument(0, "either all of its groups have names, or none"));
    }
    Ok(regexp)
}

fn refusal(error: &RegexpError) -> String {
    format!("this is no regular expression: {error}")
}

/// Compiles an expression, unless it was the last one: a loop asks for the same over and over.
fn compiled(source: &str) -> Result<Rc<Regexp>, RegexpError> {
    thread_local! {
        static LAST: RefCell<Option<Rc<Regexp>>> = const { RefCell::new(None) };
    }
    LAST.with_borrow_mut(|last| match last {
        Some(regexp) if regexp.source() == source => Ok(regexp.clone()),
        _ => Ok(last.insert(Rc::new(Regexp::new(source)?)).clone()),
    })
}
