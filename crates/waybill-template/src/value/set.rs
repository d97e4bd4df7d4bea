//! Sets: which values are the same, and in which order they come.
//!
//! Numbers come by value, strings by bytes, `false` before `true`. Of other values each has a text of its own, and they
//! come by its bytes: an order that means nothing, but templates see it, so it is Packer's. Unknown values, none of which
//! is the same as another, and nulls come last.

use std::{cmp::Ordering, collections::HashSet};

use super::{Type, Value};

/// A set of these values: [`Value::set`].
pub(super) fn make(element: Type, mut values: Vec<Value>) -> Value {
    if element.is_primitive() {
        values.sort_by(compare_primitive);
        values.dedup_by(|a, b| a.is_known() && compare_primitive(a, b) == Ordering::Equal);
        return Value::Set(element, values.into());
    }
    let mut keyed: Vec<(String, Value)> = values
        .into_iter()
        .map(|value| {
            let mut key = String::new();
            write_key(&value, &mut key);
            (key, value)
        })
        .collect();
    // Values with the same text stay as they were given: numbers have only ten digits in it.
    keyed.sort_by(|(a, a_value), (b, b_value)| rank(a_value).cmp(&rank(b_value)).then_with(|| a.cmp(b)));
    let mut kept: Vec<Value> = Vec::with_capacity(keyed.len());
    let mut same_key: HashSet<Value> = HashSet::new();
    let mut last_key = None;
    for (key, value) in keyed {
        if last_key.as_ref() != Some(&key) {
            same_key.clear();
        }
        if !value.is_wholly_known() || same_key.insert(value.clone()) {
            kept.push(value);
        }
        last_key = Some(key);
    }
    Value::Set(element, kept.into())
}

/// The order of values of one primitive type. Negative zero is an element of its own, before zero.
fn compare_primitive(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.cmp(b).then_with(|| b.is_negative().cmp(&a.is_negative())),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Known values first, nulls last.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Unknown(_) => 1,
        Value::Null(_) => 2,
        _ => 0,
    }
}

/// The text that values which are not primitive are ordered by.
fn write_key(value: &Value, key: &mut String) {
    let mut enclosed = |open: char, values: &mut dyn Iterator<Item = &Value>, close: char| {
        key.push(open);
        for value in values {
            write_key(value, key);
            key.push(';');
        }
        key.push(close);
    };
    match value {
        Value::Unknown(_) => key.push('?'),
        Value::Null(_) => key.push('~'),
        Value::Bool(value) => key.push(if *value { 'T' } else { 'F' }),
        Value::Number(number) => key.push_str(&number.to_significant(10)),
        Value::String(text) => key.push_str(&waybill_go::quote::quote(text)),
        Value::List(_, values) | Value::Set(_, values) => enclosed('[', &mut values.iter(), ']'),
        Value::Tuple(values) => enclosed('<', &mut values.iter(), '>'),
        Value::Object(attributes) => enclosed('<', &mut attributes.values(), '>'),
        Value::Map(_, values) => {
            key.push('{');
            for (name, value) in &**values {
                key.push_str(&waybill_go::quote::quote(name));
                key.push(':');
                write_key(value, key);
                key.push(';');
            }
            key.push('}');
        }
    }
}
