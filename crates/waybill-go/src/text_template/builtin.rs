//! The functions that every template has.

use std::cmp::Ordering;

use super::{
    escape,
    function::Parameter,
    print::{self, Output},
    value::Value,
};

/// `and` and `or` are here by name only: they do not evaluate all of their arguments.
pub(super) const NAMES: [&str; 19] = [
    "and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or", "print",
    "printf", "println", "slice", "urlquery",
];

type Result<T = Value> = std::result::Result<T, String>;

/// What a built-in function takes: parameters, then any number of a further kind.
pub(super) fn signature(name: &str) -> Option<(&'static [Parameter], Option<Parameter>)> {
    const ANY: Parameter = Parameter::Any;
    Some(match name {
        "and" | "or" | "index" | "slice" | "eq" | "call" => (&[ANY], Some(ANY)),
        "not" | "len" => (&[ANY], None),
        "ne" | "lt" | "le" | "gt" | "ge" => (&[ANY, ANY], None),
        "html" | "js" | "urlquery" | "print" | "println" => (&[], Some(ANY)),
        "printf" => (&[Parameter::String], Some(ANY)),
        _ => return None,
    })
}

/// Calls a built-in function with arguments that fit its signature. `called` is how the callee of `call` is written.
pub(super) fn call(name: &str, arguments: &[Value], called: &str, limit: usize) -> Result {
    let text = |write: &dyn Fn(&mut Output)| {
        let mut out = Output::new(limit);
        write(&mut out);
        if out.is_full {
            return Err(format!("the text is longer than {limit} bytes"));
        }
        Ok(Value::from(out.finish()))
    };
    match (name, arguments) {
        ("call", [function, ..]) => Err(match function {
            Value::None | Value::Nil => "call of nil".to_owned(),
            other => format!("non-function {called} of type {}", other.type_name()),
        }),
        ("not", [value]) => Ok(Value::Bool(!value.is_true())),
        ("len", [value]) => length(value),
        ("index", [item, indexes @ ..]) => index(item, indexes),
        ("slice", [item, indexes @ ..]) => slice(item, indexes),
        ("eq", [value, others @ ..]) => equal_to_any(value, others).map(Value::Bool),
        ("ne", [a, b]) => Ok(Value::Bool(!equal(a, b)?)),
        ("lt", [a, b]) => Ok(Value::Bool(compare(a, b)? == Some(Ordering::Less))),
        ("le", [a, b]) => Ok(Value::Bool(matches!(compare(a, b)?, Some(Ordering::Less | Ordering::Equal)))),
        ("gt", [a, b]) => Ok(Value::Bool(compare(a, b)? == Some(Ordering::Greater))),
        ("ge", [a, b]) => {
            Ok(Value::Bool(matches!(compare(a, b)?, Some(Ordering::Greater | Ordering::Equal))))
        }
        ("print", values) => text(&|out| print::print(values, out)),
        ("println", values) => text(&|out| print::println(values, out)),
        ("printf", [Value::String(format), values @ ..]) => text(&|out| print::printf(format, values, out)),
        ("html", values) => text(&|out| escape::html(&joined(values, limit), out)),
        ("js", values) => text(&|out| escape::js(&joined(values, limit), out)),
        ("urlquery", values) => text(&|out| escape::query(&joined(values, limit), out)),
        _ => Err(format!("{name} cannot be called like this")),
    }
}

/// The arguments of an escaping function as one text.
fn joined(values: &[Value], limit: usize) -> String {
    let mut out = Output::new(limit);
    if let [Value::String(text)] = values {
        out.push(text);
        return out.finish();
    }
    let printable: Vec<Value> = values
        .iter()
        .map(|value| if value.is_nothing() { Value::from("<no value>") } else { value.clone() })
        .collect();
    print::print(&printable, &mut out);
    out.finish()
}

fn length(value: &Value) -> Result {
    let length = match value {
        Value::None => return Err("len of untyped nil".to_owned()),
        Value::Nil => return Err("len of nil pointer".to_owned()),
        Value::String(text) => text.len(),
        Value::List(items) => items.len(),
        Value::Map(members) => members.len(),
        other => return Err(format!("len of type {}", other.type_name())),
    };
    Ok(Value::Integer(integer(length)))
}

fn index(item: &Value, indexes: &[Value]) -> Result {
    let mut item = item.clone();
    if item.is_nothing() {
        return Err("index of untyped nil".to_owned());
    }
    for index in indexes {
        item = match &item {
            Value::None | Value::Nil => return Err("index of nil pointer".to_owned()),
            Value::String(text) => {
                let at = position(index, text.len())?;
                let byte = text.as_bytes().get(at).ok_or("reflect: string index out of range")?;
                Value::Byte(*byte)
            }
            Value::List(items) => {
                let at = position(index, items.len())?;
                items.get(at).ok_or("reflect: slice index out of range")?.clone()
            }
            Value::Map(members) => match index {
                Value::String(key) => members.get(&**key).cloned().unwrap_or(Value::Nil),
                Value::None | Value::Nil => return Err("value is nil; should be of type string".to_owned()),
                other => return Err(format!("value has type {}; should be string", other.type_name())),
            },
            other => return Err(format!("can't index item of type {}", other.type_name())),
        };
    }
    Ok(item)
}

fn slice(item: &Value, indexes: &[Value]) -> Result {
    if item.is_nothing() {
        return Err("slice of untyped nil".to_owned());
    }
    if 3 < indexes.len() {
        return Err(format!("too many slice indexes: {}", indexes.len()));
    }
    let length = match item {
        Value::String(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".to_owned()),
        Value::String(text) => text.len(),
        Value::List(items) => items.len(),
        other => return Err(format!("can't slice item of type {}", other.type_name())),
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, length)?;
    }
    for pair in bounds.windows(2) {
        if pair[1] < pair[0] {
            return Err(format!("invalid slice index: {} > {}", pair[0], pair[1]));
        }
    }
    Ok(match item {
        Value::List(items) => Value::List(items[bounds[0]..bounds[1]].into()),
        Value::String(text) => {
            String::from_utf8_lossy(&text.as_bytes()[bounds[0]..bounds[1]]).into_owned().into()
        }
        _ => Value::None,
    })
}

/// An index into something with so many elements; the one behind the last is let through.
fn position(index: &Value, length: usize) -> Result<usize> {
    let number = match index {
        Value::Integer(number) => *number,
        Value::Byte(byte) => i64::from(*byte),
        Value::None => return Err("cannot index slice/array with nil".to_owned()),
        other => return Err(format!("cannot index slice/array with type {}", other.type_name())),
    };
    usize::try_from(number)
        .ok()
        .filter(|&at| at <= length)
        .ok_or_else(|| format!("index out of range: {number}"))
}

fn equal_to_any(value: &Value, others: &[Value]) -> Result<bool> {
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for other in others {
        if equal(value, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[expect(clippy::float_cmp, reason = "equality of floats is what the template asks for")]
fn equal(a: &Value, b: &Value) -> Result<bool> {
    Ok(match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Integer(a), Value::Integer(b)) => a == b,
        (Value::Byte(a), Value::Byte(b)) => a == b,
        (Value::Integer(number), Value::Byte(byte)) | (Value::Byte(byte), Value::Integer(number)) => {
            *number == i64::from(*byte)
        }
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Complex(..), Value::Complex(..)) => a == b,
        (Value::String(a), Value::String(b)) => a == b,
        (a, b) if a.is_nothing() || b.is_nothing() => a.is_nothing() && b.is_nothing(),
        (a, b) if is_basic(a) || is_basic(b) => return Err(incompatible(a, b)),
        (a, b) if a.type_name() == b.type_name() => {
            let mut text = Output::new(1 << 10);
            print::plain(a, &mut text);
            return Err(format!("non-comparable type {}: {}", text.finish(), a.type_name()));
        }
        (a, b) => {
            let text = |value| {
                let mut text = Output::new(1 << 10);
                print::plain(value, &mut text);
                text.finish()
            };
            let (a_type, b_type) = (a.type_name(), b.type_name());
            return Err(format!("non-comparable types {}: {a_type}, {b_type}: {}", text(a), text(b)));
        }
    })
}

fn is_basic(value: &Value) -> bool {
    matches!(
        value,
        Value::Bool(_)
            | Value::Integer(_)
            | Value::Byte(_)
            | Value::Float(_)
            | Value::Complex(..)
            | Value::String(_)
    )
}

/// The order of two values; none where one is not a number.
fn compare(a: &Value, b: &Value) -> Result<Option<Ordering>> {
    const INVALID: &str = "invalid type for comparison";
    if !is_basic(a) || !is_basic(b) {
        return Err(INVALID.to_owned());
    }
    Ok(match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => Some(a.cmp(b)),
        (Value::Byte(a), Value::Byte(b)) => Some(a.cmp(b)),
        (Value::Integer(a), Value::Byte(b)) => Some(a.cmp(&i64::from(*b))),
        (Value::Byte(a), Value::Integer(b)) => Some(i64::from(*a).cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(_), Value::Bool(_)) | (Value::Complex(..), Value::Complex(..)) => {
            return Err(INVALID.to_owned());
        }
        _ => return Err(incompatible(a, b)),
    })
}

fn incompatible(a: &Value, b: &Value) -> String {
    format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name())
}

fn integer(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
