//! Functions of collections of all kinds: what is in them, and several of them together.

use super::{
    Arguments, Function, FunctionError, MAX_ELEMENTS, any, character::count_characters, list, too_many,
};
use crate::value::{Type, Value, convert, unify};

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("alltrue", [list("list", Type::Bool)], Type::Bool, |call| Ok(alltrue(call))),
        Function::new("anytrue", [list("list", Type::Bool)], Type::Bool, |call| Ok(anytrue(call))),
        Function::new("coalesce", [], Type::Dynamic, coalesce)
            .variadic(any("vals").null().unknown().dynamic()),
        Function::new("coalescelist", [], Type::Dynamic, coalescelist)
            .variadic(any("vals").null().unknown().dynamic()),
        Function::new("concat", [], Type::Dynamic, concat).variadic(any("seqs").unknown()),
        Function::new("contains", [any("list"), any("value")], Type::Bool, contains),
        Function::new("flatten", [any("list").unknown()], Type::Dynamic, flatten),
        Function::new("index", [any("list"), any("value")], Type::Number, index),
        Function::new("length", [any("value").unknown()], Type::Number, length),
    ]
}

/// Decided by the first element that is not true, or unknown.
fn alltrue(call: Arguments<'_>) -> Value {
    match call.elements(0).iter().find(|element| **element != Value::Bool(true)) {
        None => Value::bool(true),
        Some(Value::Unknown(_)) => Value::Unknown(Type::Bool),
        Some(_) => Value::bool(false),
    }
}

/// Decided by any element that is true.
fn anytrue(call: Arguments<'_>) -> Value {
    let elements = call.elements(0);
    let is_true = elements.contains(&Value::Bool(true));
    let is_open = !is_true && !elements.iter().all(Value::is_known);
    if is_open { Value::Unknown(Type::Bool) } else { Value::bool(is_true) }
}

/// The first argument that is neither null nor an empty string, as the type that all have in common; one that does not
/// convert to it is passed over.
fn coalesce(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let types: Vec<Type> = call.iter().map(Value::ty).collect();
    let common = if types.is_empty() { None } else { unify(&types) };
    let common = common.ok_or_else(|| FunctionError::new("the arguments have no type in common"))?;
    for value in call.iter() {
        match convert(value, &common) {
            Ok(Value::Unknown(_)) => return Ok(Value::Unknown(common)),
            Ok(Value::Null(_)) | Err(_) => {}
            Ok(Value::String(text)) if text.is_empty() && common == Type::String => {}
            Ok(value) => return Ok(value),
        }
    }
    Err(FunctionError::new("every argument is null or an empty string"))
}

/// The first argument that is not empty.
fn coalescelist(call: Arguments<'_>) -> Result<Value, FunctionError> {
    if call.is_empty() {
        return Err(FunctionError::new("it takes at least one list"));
    }
    // What follows an unknown argument is not looked at.
    let known = call.iter().take_while(|value| value.is_known());
    if known.clone().any(|value| !matches!(value.ty(), Type::List(_) | Type::Tuple(_))) {
        return Err(FunctionError::new("all arguments must be lists or tuples"));
    }
    for value in call.iter() {
        match value {
            Value::Unknown(_) => return Ok(Value::dynamic()),
            value if value.length().is_some_and(|length| 0 < length) => return Ok(value.clone()),
            _ => {}
        }
    }
    Err(FunctionError::new("every argument is null or empty"))
}

/// A list if all arguments are lists whose elements have a type in common, otherwise a tuple.
fn concat(call: Arguments<'_>) -> Result<Value, FunctionError> {
    if call.is_empty() {
        return Err(FunctionError::new("it takes at least one list"));
    }
    let total = call.iter().filter_map(Value::length).fold(0, usize::saturating_add);
    if MAX_ELEMENTS < total {
        return Err(too_many());
    }
    let lists = call.iter().map(|value| match value.ty() {
        Type::List(element) => Some(Type::clone(&element)),
        _ => None,
    });
    if let Some(element) = lists.collect::<Option<Vec<Type>>>().and_then(|lists| element_in_common(&lists)) {
        return concat_lists(call, element);
    }
    let mut types = Vec::new();
    for (index, value) in call.iter().enumerate() {
        match (value, value.ty()) {
            (_, Type::Tuple(own)) => types.extend(own.iter().cloned()),
            (Value::List(own, elements), _) => types.extend(elements.iter().map(|_| own.clone())),
            // How many elements there are is not known, and what follows is not looked at.
            (_, Type::List(_)) => return Ok(Value::dynamic()),
            (_, other) => {
                let message = format!("it must be a list or a tuple, not {}", other.friendly_name());
                return Err(FunctionError::argument(index, message));
            }
        }
    }
    if !call.iter().all(Value::is_known) {
        return Ok(Value::Unknown(Type::tuple(types)));
    }
    let elements = call.iter().filter_map(Value::as_slice).flatten().cloned();
    Ok(Value::tuple(elements.collect::<Vec<_>>()))
}

/// The type for the elements of lists; an empty list may not have one.
fn element_in_common(elements: &[Type]) -> Option<Type> {
    let typed: Vec<Type> = elements.iter().filter(|element| **element != Type::Dynamic).cloned().collect();
    if typed.is_empty() { Some(Type::Dynamic) } else { unify(&typed) }
}

fn concat_lists(call: Arguments<'_>, element: Type) -> Result<Value, FunctionError> {
    if !call.iter().all(Value::is_known) {
        return Ok(Value::Unknown(Type::list(element)));
    }
    let mut elements = Vec::new();
    for index in 0..call.len() {
        for value in call.elements(index) {
            let value = convert(value, &element);
            elements.push(value.map_err(|error| FunctionError::argument(index, error.to_string()))?);
        }
    }
    Ok(Value::list(element, elements))
}

fn contains(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let Some(elements) = call[0].as_slice() else {
        return Err(FunctionError::new("it looks into a list, a tuple or a set"));
    };
    let mut is_open = false;
    for element in elements {
        match element.equals(&call[1]) {
            Value::Bool(true) => return Ok(Value::bool(true)),
            Value::Unknown(_) => is_open = true,
            _ => {}
        }
    }
    Ok(if is_open { Value::Unknown(Type::Bool) } else { Value::bool(false) })
}

fn index(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let (Value::List(_, elements) | Value::Tuple(elements)) = &call[0] else {
        return Err(FunctionError::new("it searches a list or a tuple"));
    };
    for (index, element) in elements.iter().enumerate() {
        match element.equals(&call[1]) {
            Value::Bool(true) => return Ok(Value::number(index)),
            Value::Unknown(_) => return Ok(Value::Unknown(Type::Number)),
            _ => {}
        }
    }
    Err(FunctionError::new(if elements.is_empty() {
        "there is nothing in an empty list"
    } else {
        "the value is not in the list"
    }))
}

/// How many characters, as people take them, or elements.
fn length(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let value = &call[0];
    if let Some(text) = value.as_str() {
        return Ok(Value::number(count_characters(text)));
    }
    if is_open_set(value) {
        return Ok(Value::Unknown(Type::Number));
    }
    if let Some(length) = value.length() {
        return Ok(Value::number(length));
    }
    match value.ty() {
        // How many there are is known before what they are.
        Type::Tuple(types) => Ok(Value::number(types.len())),
        Type::Object(object) => Ok(Value::number(object.attributes.len())),
        Type::String | Type::List(_) | Type::Set(_) | Type::Map(_) => Ok(Value::Unknown(Type::Number)),
        other => {
            let message =
                format!("it counts what is in a string or a collection, not in {}", other.friendly_name());
            Err(FunctionError::new(message))
        }
    }
}

/// Elements of a set that are unknown may turn out to be the same.
pub(super) fn is_open_set(value: &Value) -> bool {
    matches!(value, Value::Set(_, elements) if 1 < elements.len() && !value.is_wholly_known())
}

fn flatten(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let list = &call[0];
    let members: Vec<Value>;
    let elements = match list {
        list if !list.is_known() || is_open_set(list) => return Ok(Value::dynamic()),
        Value::List(_, elements) | Value::Set(_, elements) | Value::Tuple(elements) => elements,
        // As Packer has it, which looks at the kind only if everything is known.
        Value::Map(_, inner) | Value::Object(inner) if !list.is_wholly_known() => {
            members = inner.values().cloned().collect();
            &members[..]
        }
        _ => return Err(FunctionError::new("it flattens a list, a set or a tuple")),
    };
    // Also what is empty counts as work.
    let mut budget = MAX_ELEMENTS;
    let mut flat = Vec::new();
    let mut open = vec![elements.iter()];
    while let Some(elements) = open.last_mut() {
        let Some(element) = elements.next() else {
            open.pop();
            continue;
        };
        budget = budget.checked_sub(1).ok_or_else(too_many)?;
        match element {
            set if is_open_set(set) => return Ok(Value::dynamic()),
            Value::List(_, inner) | Value::Set(_, inner) | Value::Tuple(inner) => open.push(inner.iter()),
            // How many elements these are, or whether it has any, is not known.
            Value::Unknown(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                return Ok(Value::dynamic());
            }
            element => flat.push(element.clone()),
        }
    }
    Ok(Value::tuple(flat))
}
