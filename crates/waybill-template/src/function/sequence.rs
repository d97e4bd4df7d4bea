//! Functions of lists and tuples: parts of them, and in another order.

use std::collections::HashSet;

use super::{Arguments, Function, FunctionError, any, list, number, whole_number};
use crate::value::{Number, Type, Value};

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::typed(
            "chunklist",
            [list("list", Type::Dynamic), number("size")],
            |values| Ok(Type::list(values.first().map_or(Type::Dynamic, Value::ty))),
            chunklist,
        ),
        Function::new("compact", [list("list", Type::String)], Type::list(Type::String), |call| {
            Ok(compact(call))
        }),
        Function::typed(
            "distinct",
            [list("list", Type::Dynamic)],
            |values| Ok(values.first().map_or(Type::Dynamic, Value::ty)),
            |call| Ok(distinct(call)),
        ),
        Function::new("element", [any("list").unknown(), number("index").unknown()], Type::Dynamic, element),
        Function::new("range", [], Type::list(Type::Number), range).variadic(number("params")),
        Function::new("reverse", [any("list").unknown()], Type::Dynamic, reverse),
        Function::new(
            "slice",
            [any("list").unknown(), number("start_index").unknown(), number("end_index").unknown()],
            Type::Dynamic,
            slice,
        ),
        Function::new("sort", [list("list", Type::String)], Type::list(Type::String), sort),
    ]
}

fn chunklist(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let size = whole_number(&call[1])?;
    let size = usize::try_from(size)
        .map_err(|_| FunctionError::new(format!("there are no chunks of {size} elements")))?;
    let elements = call.elements(0);
    let list = call.result.element().cloned().unwrap_or(Type::Dynamic);
    let of = list.element().cloned().unwrap_or(Type::Dynamic);
    // A size of zero is no limit.
    let chunks = elements.chunks(if size == 0 { usize::MAX } else { size });
    Ok(Value::list(list, chunks.map(|chunk| Value::list(of.clone(), chunk)).collect::<Vec<_>>()))
}

fn compact(call: Arguments<'_>) -> Value {
    if !call[0].is_wholly_known() {
        return Value::Unknown(call.result.clone());
    }
    let is_text = |value: &&Value| value.as_str().is_some_and(|text| !text.is_empty());
    Value::list(Type::String, call.elements(0).iter().filter(is_text).cloned().collect::<Vec<_>>())
}

fn distinct(call: Arguments<'_>) -> Value {
    if !call[0].is_wholly_known() {
        return Value::Unknown(call.result.clone());
    }
    let mut seen = HashSet::new();
    let first = call.elements(0).iter().filter(|value| seen.insert(*value)).cloned().collect::<Vec<_>>();
    Value::list(call.result.element().cloned().unwrap_or(Type::Dynamic), first)
}

/// The element at an index, which starts again behind the end.
fn element(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let (list, index) = (&call[0], &call[1]);
    if index.as_number().is_some_and(|index| index.is_negative() && !index.is_zero()) {
        return Err(FunctionError::new("an index must not be negative"));
    }
    let within = |length: usize| {
        let index = whole_number(index)?.unsigned_abs();
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let place = index.checked_rem(length).and_then(|place| usize::try_from(place).ok());
        place.ok_or_else(|| FunctionError::new("an empty list has no elements"))
    };
    match (list, list.ty()) {
        (_, Type::List(of)) if !list.is_known() || !index.is_known() => Ok(Value::Unknown(Type::clone(&of))),
        (_, Type::Tuple(_)) if !index.is_known() => Ok(Value::dynamic()),
        (Value::Unknown(_), Type::Tuple(types)) => Ok(Value::Unknown(types[within(types.len())?].clone())),
        (Value::List(_, elements) | Value::Tuple(elements), _) => {
            Ok(elements[within(elements.len())?].clone())
        }
        (_, other) => {
            let message = format!("it takes elements of lists and tuples, not of {}", other.friendly_name());
            Err(FunctionError::new(message))
        }
    }
}

/// The most numbers in a range.
const MAX_RANGE: usize = 1024;

fn range(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let number = |index| call.number(index).cloned().unwrap_or_else(|| Number::from(0i64));
    let (start, end) = match call.len() {
        1 => (Number::from(0i64), number(0)),
        2 | 3 => (number(0), number(1)),
        _ => return Err(FunctionError::new("it takes one, two or three numbers")),
    };
    let is_down = end < start;
    let step = match call.len() {
        3 => number(2),
        _ if is_down => Number::from(-1i64),
        _ => Number::from(1i64),
    };
    let is_back = step.is_negative() && !step.is_zero();
    if start != end && is_back != is_down {
        let way = if is_down {
            "less than the start, but the step is positive"
        } else {
            "greater than the start, but the step is negative"
        };
        return Err(FunctionError::argument(1, format!("the end is {way}")));
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while if is_down { end < next } else { next < end } {
        if numbers.len() == MAX_RANGE {
            let message =
                format!("it makes at most {MAX_RANGE} numbers; choose a larger step or a closer end");
            return Err(FunctionError::new(message));
        }
        let following = next.plus(&step).map_err(|error| FunctionError::new(error.to_string()))?;
        numbers.push(Value::Number(std::mem::replace(&mut next, following)));
    }
    Ok(Value::list(Type::Number, numbers))
}

fn reverse(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let list = &call[0];
    let backwards = || call.elements(0).iter().rev().cloned().collect::<Vec<_>>();
    match (list.ty(), list.is_known()) {
        (Type::List(of) | Type::Set(of), true) => Ok(Value::list(Type::clone(&of), backwards())),
        (Type::List(of) | Type::Set(of), false) => Ok(Value::Unknown(Type::list(Type::clone(&of)))),
        (Type::Tuple(_), true) => Ok(Value::tuple(backwards())),
        (Type::Tuple(types), false) => {
            Ok(Value::Unknown(Type::tuple(types.iter().rev().cloned().collect::<Vec<_>>())))
        }
        (other, _) => {
            let message = format!("it must be a list, a set or a tuple, not {}", other.friendly_name());
            Err(FunctionError::argument(0, message))
        }
    }
}

fn slice(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let list = &call[0];
    let ty = list.ty();
    let length = match &ty {
        Type::Tuple(types) => Some(types.len()),
        Type::List(_) => list.length(),
        Type::Set(_) => {
            let message =
                "elements of a set have no index; convert it to a list, if the order does not matter";
            return Err(FunctionError::argument(0, message));
        }
        _ => return Err(FunctionError::argument(0, "it must be a list or a tuple")),
    };
    let start = bound(&call, 1, length)?;
    let end = bound(&call, 2, length)?;
    if let (Some(start), Some(end)) = (start, end)
        && end < start
    {
        return Err(FunctionError::argument(1, format!("{start} is more than the end, {end}")));
    }
    match (start.zip(end), &ty) {
        (Some((start, end)), Type::Tuple(_)) if list.is_known() => {
            Ok(Value::tuple(&call.elements(0)[start..end]))
        }
        (Some((start, end)), Type::List(of)) if list.is_known() => {
            Ok(Value::list(Type::clone(of), &call.elements(0)[start..end]))
        }
        (Some((start, end)), Type::Tuple(types)) => Ok(Value::Unknown(Type::tuple(&types[start..end]))),
        (None, Type::Tuple(_)) => Ok(Value::dynamic()),
        _ => Ok(Value::Unknown(ty)),
    }
}

/// A place in a list; none if it is unknown.
fn bound(call: &Arguments<'_>, index: usize, length: Option<usize>) -> Result<Option<usize>, FunctionError> {
    if !call[index].is_known() {
        return Ok(None);
    }
    let wrong = |message: String| FunctionError::argument(index, message);
    let place = whole_number(&call[index]).map_err(|error| wrong(error.message))?;
    let place = usize::try_from(place).map_err(|_| wrong("it must not be negative".to_owned()))?;
    match length {
        Some(length) if length < place => Err(wrong(format!("{place} is more than the length, {length}"))),
        _ => Ok(Some(place)),
    }
}

fn sort(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let elements = call.elements(0);
    if !call[0].is_wholly_known() {
        return Ok(Value::list(Type::String, vec![Value::Unknown(Type::String); elements.len()]));
    }
    if let Some(index) = elements.iter().position(Value::is_null) {
        return Err(FunctionError::new(format!("element {index} is null, which has no place in an order")));
    }
    let mut sorted = elements.to_vec();
    sorted.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    Ok(Value::list(Type::String, sorted))
}
