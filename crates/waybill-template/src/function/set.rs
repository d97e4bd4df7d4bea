//! Functions of sets.

use std::collections::HashSet;

use super::{Arguments, Function, FunctionError, MAX_ELEMENTS, any, collection::is_open_set, set, too_many};
use crate::value::{Type, Value, convert, unify};

pub(super) fn table() -> Vec<Function> {
    let operation = |name, call| {
        let parameters = [set("first_set", Type::Dynamic)];
        Function::typed(name, parameters, common_type, call).variadic(set("other_sets", Type::Dynamic))
    };
    vec![
        operation("setunion", setunion),
        operation("setintersection", setintersection),
        Function::typed("setproduct", [], product_type, setproduct).variadic(any("sets")),
    ]
}

fn common_type(sets: &[Value]) -> Result<Type, FunctionError> {
    // An empty tuple says nothing about what would be in it.
    let is_telling =
        |set: &&Value| !matches!(set, Value::Set(Type::Dynamic, elements) if elements.is_empty());
    let elements = sets.iter().filter(is_telling).filter_map(|set| set.ty().element().cloned());
    let elements: Vec<Type> = elements.collect();
    let is_mixed = |common: &Type| {
        // Nulls that have no type go with nothing but values that do not consist of others.
        *common == Type::Dynamic
            && sets.iter().all(Value::is_wholly_known)
            && elements.iter().any(|element| element != common)
    };
    let common = if elements.is_empty() { Some(Type::Dynamic) } else { unify(&elements) };
    let common = common.filter(|common| !is_mixed(common));
    common.map(Type::set).ok_or_else(|| FunctionError::new("the elements of the sets have no type in common"))
}

/// The sets, converted to the type that they have in common.
fn converted(call: Arguments<'_>) -> Result<Vec<Value>, FunctionError> {
    let convert = |(index, set)| {
        convert(set, call.result).map_err(|error| FunctionError::argument(index, error.to_string()))
    };
    call.iter().enumerate().map(convert).collect()
}

fn setunion(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let sets = converted(call)?;
    let is_mixed = element_type(call) == Type::Dynamic && !sets.iter().all(Value::is_wholly_known);
    if is_mixed || !sets.iter().all(Value::is_known) {
        return Ok(Value::Unknown(call.result.clone()));
    }
    let elements: Vec<Value> = sets.iter().filter_map(Value::as_slice).flatten().cloned().collect();
    Ok(Value::set(element_type(call), elements))
}

fn setintersection(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let sets = converted(call)?;
    if !sets.iter().all(Value::is_wholly_known) {
        return Ok(Value::Unknown(call.result.clone()));
    }
    let mut sets = sets.iter().filter_map(Value::as_slice);
    let mut common: Vec<Value> = sets.next().unwrap_or_default().to_vec();
    for set in sets {
        let set: HashSet<&Value> = set.iter().collect();
        common.retain(|value| set.contains(value));
    }
    Ok(Value::set(element_type(call), common))
}

fn element_type(call: Arguments<'_>) -> Type {
    call.result.element().cloned().unwrap_or(Type::Dynamic)
}

fn product_type(sets: &[Value]) -> Result<Type, FunctionError> {
    if sets.len() < 2 {
        return Err(FunctionError::new("it takes at least two sets or lists"));
    }
    let mut is_set = false;
    let mut parts = Vec::with_capacity(sets.len());
    for (index, set) in sets.iter().enumerate() {
        parts.push(match set.ty() {
            Type::Set(element) => {
                is_set = true;
                Type::clone(&element)
            }
            Type::List(element) => Type::clone(&element),
            Type::Tuple(elements) if elements.is_empty() => Type::Dynamic,
            Type::Tuple(elements) => unify(&elements)
                .ok_or_else(|| FunctionError::argument(index, "its elements have no type in common"))?,
            _ => return Err(FunctionError::argument(index, "it must be a set, a list or a tuple")),
        });
    }
    let part = Type::tuple(parts);
    Ok(if is_set { Type::set(part) } else { Type::list(part) })
}

fn setproduct(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let part_type = element_type(call);
    let Type::Tuple(types) = &part_type else { return Ok(Value::Unknown(call.result.clone())) };
    if call.iter().any(is_open_set) {
        return Ok(Value::Unknown(call.result.clone()));
    }
    let lengths = (0..call.len()).map(|index| call.elements(index).len());
    // Nothing at all if one is empty, however large the others are.
    let total = if lengths.clone().any(|length| length == 0) {
        0
    } else {
        lengths.fold(1, |total: usize, length| total.saturating_mul(length))
    };
    if MAX_ELEMENTS < total.saturating_mul(call.len()) {
        return Err(too_many());
    }
    let mut sets = Vec::with_capacity(call.len());
    for (index, ty) in types.iter().enumerate() {
        let elements = call.elements(index).iter().map(|element| convert(element, ty));
        let elements: Result<Vec<Value>, _> = elements.collect();
        sets.push(elements.map_err(|error| FunctionError::argument(index, error.to_string()))?);
    }
    let product: Vec<Value> = (0..total)
        .map(|mut number| {
            // Like a number whose digits are indexes, the last one counting fastest.
            let mut part: Vec<Value> = Vec::with_capacity(sets.len());
            for set in sets.iter().rev() {
                part.push(set[number % set.len()].clone());
                number /= set.len();
            }
            part.reverse();
            Value::tuple(part)
        })
        .collect();
    Ok(match call.result {
        Type::Set(_) => Value::set(part_type, product),
        _ => Value::list(part_type, product),
    })
}
