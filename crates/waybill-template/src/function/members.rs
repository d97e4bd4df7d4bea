//! Functions of maps and objects.

use std::{collections::BTreeMap, sync::Arc};

use super::{Arguments, Function, FunctionError, any, list, string};
use crate::value::{Type, Value, convert};

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("keys", [any("inputMap").unknown()], Type::Dynamic, keys),
        Function::new("values", [any("mapping").unknown()], Type::Dynamic, values),
        Function::typed("lookup", [any("inputMap"), string("key"), any("default")], lookup_type, lookup),
        Function::new("merge", [], Type::Dynamic, merge).variadic(any("maps").null().unknown().dynamic()),
        Function::new(
            "zipmap",
            [list("keys", Type::String).unknown(), any("values").unknown()],
            Type::Dynamic,
            zipmap,
        ),
    ]
}

/// A list of the keys of a map, or a tuple of the names of an object, which are known even if the object is not.
fn keys(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let map = &call[0];
    match (map, map.ty()) {
        (Value::Map(_, members), _) => {
            Ok(Value::list(Type::String, members.keys().cloned().map(Value::String).collect::<Vec<_>>()))
        }
        (_, Type::Map(_)) => Ok(Value::Unknown(Type::list(Type::String))),
        (_, Type::Object(object)) => {
            Ok(Value::tuple(object.attributes.keys().cloned().map(Value::String).collect::<Vec<_>>()))
        }
        _ => Err(FunctionError::argument(0, "it must be a map or an object")),
    }
}

fn values(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let map = &call[0];
    match (map, map.ty()) {
        (Value::Map(of, members), _) => {
            Ok(Value::list(of.clone(), members.values().cloned().collect::<Vec<_>>()))
        }
        (Value::Object(members), _) => Ok(Value::tuple(members.values().cloned().collect::<Vec<_>>())),
        (_, Type::Map(of)) => Ok(Value::Unknown(Type::list(Type::clone(&of)))),
        (_, Type::Object(object)) => {
            Ok(Value::Unknown(Type::tuple(object.attributes.values().cloned().collect::<Vec<_>>())))
        }
        _ => Err(FunctionError::new("it takes the values of a map or an object")),
    }
}

fn lookup_type(values: &[Value]) -> Result<Type, FunctionError> {
    let [map, key, default] = values else { return Ok(Type::Dynamic) };
    match map.ty() {
        Type::Object(object) => Ok(match key.as_str() {
            None => Type::Dynamic,
            Some(key) => object.attributes.get(key).cloned().unwrap_or_else(|| default.ty()),
        }),
        Type::Map(of) => match convert(default, &of) {
            Ok(default) if *of == Type::Dynamic => Ok(default.ty()),
            Ok(_) => Ok(Type::clone(&of)),
            Err(error) => {
                let message = format!("it must be of the type of the map's elements: {error}");
                Err(FunctionError::argument(2, message))
            }
        },
        _ => Err(FunctionError::argument(0, "it must be a map or an object")),
    }
}

fn lookup(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let (map, default) = (&call[0], &call[2]);
    // Even if the element itself is known.
    if !map.is_wholly_known() {
        return Ok(Value::Unknown(call.result.clone()));
    }
    match map.as_map().and_then(|members| members.get(call.text(1))) {
        Some(found) => Ok(found.clone()),
        None if matches!(map, Value::Map(..)) => {
            convert(default, call.result).map_err(|error| FunctionError::argument(2, error.to_string()))
        }
        None => Ok(default.clone()),
    }
}

/// What all maps and objects have together, later ones first. It is a map if all are of the same type.
fn merge(call: Arguments<'_>) -> Result<Value, FunctionError> {
    for value in call.iter() {
        match value {
            // It could be anything, and so could be what follows.
            Value::Unknown(Type::Dynamic) => return Ok(Value::dynamic()),
            Value::Null(Type::Dynamic) => return merge_all(call),
            value => match value.ty() {
                Type::Map(_) | Type::Object(_) => {}
                other => return Err(no_map(&other)),
            },
        }
    }
    let map = match call.first().map(Value::ty) {
        Some(Type::Map(of)) if call.iter().all(|value| value.ty() == call[0].ty()) => Some(Type::clone(&of)),
        _ => None,
    };
    if !call.iter().all(Value::is_known) {
        return Ok(map.map_or_else(|| unknown_merge(call), |of| Value::Unknown(Type::map(of))));
    }
    let merged = merged(call);
    Ok(match map {
        Some(of) => Value::map(of, merged),
        None => Value::object(merged),
    })
}

/// With a null that has no type, what is empty can be anything.
fn merge_all(call: Arguments<'_>) -> Result<Value, FunctionError> {
    if !call.iter().all(Value::is_known) {
        return Ok(Value::dynamic());
    }
    let wrong = call.iter().find(|value| {
        let is_empty = value.is_null() || value.length() == Some(0);
        value.as_map().is_none() && !is_empty
    });
    match wrong {
        Some(wrong) => Err(no_map(&wrong.ty())),
        None => Ok(Value::object(merged(call))),
    }
}

fn no_map(ty: &Type) -> FunctionError {
    FunctionError::new(format!("it merges maps and objects, not {}", ty.friendly_name()))
}

fn merged(call: Arguments<'_>) -> BTreeMap<Arc<str>, Value> {
    let members = call.iter().filter_map(Value::as_map).flatten();
    members.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The type of what is merged, if it does not depend on what is unknown.
fn unknown_merge(call: Arguments<'_>) -> Value {
    let mut types: BTreeMap<Arc<str>, Type> = BTreeMap::new();
    for value in call.iter() {
        match (value, value.ty()) {
            (Value::Map(of, members), _) => types.extend(members.keys().map(|key| (key.clone(), of.clone()))),
            (Value::Unknown(_), Type::Map(_)) => return Value::dynamic(),
            (Value::Object(_) | Value::Unknown(_), Type::Object(object)) => {
                let attributes = object.attributes.iter();
                types.extend(attributes.map(|(name, ty)| (name.clone(), ty.clone())));
            }
            _ => {}
        }
    }
    Value::Unknown(Type::object(types))
}

fn zipmap(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let (keys, values) = (&call[0], &call[1]);
    let ty = values.ty();
    let map = match &ty {
        Type::List(of) => Some(Type::clone(of)),
        Type::Tuple(_) => None,
        _ => return Err(FunctionError::new("the values must be a list or a tuple")),
    };
    if !keys.is_wholly_known() || map.is_some() && !values.is_known() {
        return Ok(map.map_or_else(Value::dynamic, |of| Value::Unknown(Type::map(of))));
    }
    let keys = call.elements(0);
    let length = match &ty {
        Type::Tuple(types) => types.len(),
        _ => call.elements(1).len(),
    };
    if keys.len() != length {
        let message =
            format!("there must be as many keys as values, but there are {} and {length}", keys.len());
        return Err(FunctionError::new(message));
    }
    let mut names: Vec<Arc<str>> = Vec::with_capacity(keys.len());
    for (index, key) in keys.iter().enumerate() {
        match key {
            Value::String(name) => names.push(name.clone()),
            _ => return Err(FunctionError::new(format!("the key with the index {index} is null"))),
        }
    }
    let pairs = || names.iter().cloned().zip(call.elements(1).iter().cloned()).collect();
    Ok(match (map, &ty) {
        (Some(of), _) => Value::map(of, pairs()),
        (None, Type::Tuple(types)) if !values.is_known() => {
            Value::Unknown(Type::object(names.iter().cloned().zip(types.iter().cloned()).collect()))
        }
        _ => Value::object(pairs()),
    })
}
