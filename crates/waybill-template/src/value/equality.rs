//! The language's `==`: which never converts.

use std::cmp::Ordering;

use super::{Type, Value};

/// What is known about a comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Equal,
    Different,
    Unknown,
}

impl Value {
    /// Whether two values are equal: a boolean, unknown if that depends on what is not known yet.
    ///
    /// Values of different types are different, except that a null equals any other null.
    #[must_use]
    pub fn equals(&self, other: &Self) -> Self {
        match compare(self, other) {
            Outcome::Equal => Self::Bool(true),
            Outcome::Different => Self::Bool(false),
            Outcome::Unknown => Self::Unknown(Type::Bool),
        }
    }
}

fn compare(a: &Value, b: &Value) -> Outcome {
    match (a, b) {
        (Value::Unknown(_), Value::Unknown(_)) => return Outcome::Unknown,
        (Value::Unknown(ty), known) | (known, Value::Unknown(ty)) => {
            // It could become a null, which equals any null.
            let open = known.is_null() || could_match(ty, &known.ty());
            return if open { Outcome::Unknown } else { Outcome::Different };
        }
        (Value::Null(_), Value::Null(_)) => return Outcome::Equal,
        (Value::Null(_), _) | (_, Value::Null(_)) => return Outcome::Different,
        _ => {}
    }
    if has_unknown_type(a) || has_unknown_type(b) {
        return if could_match(&a.ty(), &b.ty()) { Outcome::Unknown } else { Outcome::Different };
    }
    if !same_type(a, b) {
        return Outcome::Different;
    }
    compare_inside(a, b)
}

/// Compares known values of the same type.
fn compare_inside(a: &Value, b: &Value) -> Outcome {
    let decided = |equal: bool| if equal { Outcome::Equal } else { Outcome::Different };
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => decided(a == b),
        (Value::Number(a), Value::Number(b)) => decided(a.cmp(b) == Ordering::Equal),
        (Value::String(a), Value::String(b)) => decided(a == b),
        (Value::Set(..), Value::Set(..)) if !a.is_wholly_known() || !b.is_wholly_known() => Outcome::Unknown,
        (Value::Set(_, a), Value::Set(_, b)) => {
            // Nearly always in the same order; only numbers that are alike in ten digits can differ there.
            decided(a.len() == b.len() && (a == b || a.iter().all(|value| b.contains(value))))
        }
        (Value::List(_, a), Value::List(_, b)) | (Value::Tuple(a), Value::Tuple(b)) => {
            if a.len() != b.len() {
                return Outcome::Different;
            }
            // The first that is not equal decides.
            let outcomes = a.iter().zip(&**b).map(|(a, b)| compare(a, b));
            outcomes.into_iter().find(|&outcome| outcome != Outcome::Equal).unwrap_or(Outcome::Equal)
        }
        (Value::Map(_, a), Value::Map(_, b)) | (Value::Object(a), Value::Object(b)) => {
            if !a.keys().eq(b.keys()) {
                return Outcome::Different;
            }
            // One that is different decides, wherever it is: members have no order.
            a.values().zip(b.values()).fold(Outcome::Equal, |so_far, (a, b)| match (so_far, compare(a, b)) {
                (Outcome::Different, _) | (_, Outcome::Different) => Outcome::Different,
                (Outcome::Unknown, _) | (_, Outcome::Unknown) => Outcome::Unknown,
                (Outcome::Equal, Outcome::Equal) => Outcome::Equal,
            })
        }
        _ => Outcome::Different,
    }
}

/// True if something inside is unknown and may yet be of any type.
fn has_unknown_type(value: &Value) -> bool {
    match value {
        Value::Unknown(ty) => *ty == Type::Dynamic,
        Value::Null(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Set(..) => false,
        Value::List(_, values) | Value::Tuple(values) => values.iter().any(has_unknown_type),
        Value::Map(_, values) | Value::Object(values) => values.values().any(has_unknown_type),
    }
}

/// Whether values of these types may turn out to have the same type, once what is dynamic is known.
fn could_match(a: &Type, b: &Type) -> bool {
    conforms(a, b) || conforms(b, a)
}

/// True if a value of type `given` can stand where `wanted` is asked for, whose dynamic parts can be anything.
fn conforms(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (_, Type::Dynamic) => true,
        (Type::List(given), Type::List(wanted))
        | (Type::Set(given), Type::Set(wanted))
        | (Type::Map(given), Type::Map(wanted)) => conforms(given, wanted),
        (Type::Tuple(given), Type::Tuple(wanted)) => {
            given.len() == wanted.len()
                && given.iter().zip(&**wanted).all(|(given, wanted)| conforms(given, wanted))
        }
        (Type::Object(given), Type::Object(wanted)) => {
            given.attributes.keys().eq(wanted.attributes.keys())
                && given
                    .attributes
                    .values()
                    .zip(wanted.attributes.values())
                    .all(|(given, wanted)| conforms(given, wanted))
        }
        _ => given == wanted,
    }
}

/// Whether known values have the same type, without making the types where that can be seen.
fn same_type(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Bool(_), Value::Bool(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::String(_), Value::String(_)) => true,
        (Value::List(a, _), Value::List(b, _))
        | (Value::Set(a, _), Value::Set(b, _))
        | (Value::Map(a, _), Value::Map(b, _)) => a == b,
        (Value::Tuple(_), Value::Tuple(_)) | (Value::Object(_), Value::Object(_)) => a.ty() == b.ty(),
        _ => false,
    }
}
