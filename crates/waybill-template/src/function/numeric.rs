//! Functions of numbers.

use dashu_int::{IBig, Sign, UBig};
use waybill_go::float;

use super::{Arguments, Function, FunctionError, any, number, whole_number};
use crate::value::{Number, Type, Value, convert};

pub(super) fn table() -> Vec<Function> {
    let rounding = |name, call| Function::new(name, [number("num")], Type::Number, call);
    vec![
        rounding("abs", |call| Ok(call.number(0).map_or_else(Value::null, |it| it.abs().into()))),
        rounding("ceil", |call| Ok(call.number(0).map_or_else(Value::null, |it| it.ceil().into()))),
        rounding("floor", |call| Ok(call.number(0).map_or_else(Value::null, |it| it.floor().into()))),
        rounding("signum", |call| Ok(Value::number(whole_number(&call[0])?.signum()))),
        Function::new("log", [number("num"), number("base")], Type::Number, |call| {
            float_result(call, |number, base| float::log(number) / float::log(base))
        }),
        Function::new("pow", [number("num"), number("power")], Type::Number, |call| {
            float_result(call, float::pow)
        }),
        Function::new("max", [], Type::Number, |call| extreme(call, |found, best| best < found))
            .variadic(number("numbers")),
        Function::new("min", [], Type::Number, |call| extreme(call, |found, best| found < best))
            .variadic(number("numbers")),
        Function::typed("parseint", [any("number"), number("base")], parseint_type, parseint),
        Function::new("sum", [any("list")], Type::Number, sum),
    ]
}

/// What is computed with 64-bit floats.
fn float_result(call: Arguments<'_>, compute: fn(f64, f64) -> f64) -> Result<Value, FunctionError> {
    let of = |index| {
        let number = call.number(index);
        let float = number.map_or(f64::NAN, Number::to_f64);
        if float.is_infinite() && !number.is_some_and(Number::is_infinite) {
            return Err(FunctionError::new("a number of at most 64 bits is required"));
        }
        Ok(float)
    };
    let (a, b) = (of(0)?, of(1)?);
    match Number::from_f64(compute(a, b)) {
        Some(number) => Ok(number.into()),
        None => Err(FunctionError::new(format!("there is no such number for {a} and {b}"))),
    }
}

/// The argument that is better than all before it.
fn extreme(call: Arguments<'_>, is_better: fn(&Number, &Number) -> bool) -> Result<Value, FunctionError> {
    let numbers = call.iter().filter_map(Value::as_number);
    let best = numbers.reduce(|best, found| if is_better(found, best) { found } else { best });
    best.map(|number| number.clone().into()).ok_or_else(|| FunctionError::new("it takes at least one number"))
}

fn parseint_type(values: &[Value]) -> Result<Type, FunctionError> {
    match values.first().map(Value::ty) {
        None | Some(Type::String) => Ok(Type::Number),
        Some(other) => {
            let message = format!("it must be a string, not {}", other.friendly_name());
            Err(FunctionError::argument(0, message))
        }
    }
}

fn parseint(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let wrong_base = || FunctionError::argument(1, "a base is a whole number from 2 to 62");
    let base = call.number(1).and_then(Number::to_i64).and_then(|base| u8::try_from(base).ok());
    let base = base.filter(|base| (2..=62).contains(base)).ok_or_else(wrong_base)?;
    let text = call.text(0);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (Sign::Negative, digits),
        None => (Sign::Positive, text.strip_prefix('+').unwrap_or(text)),
    };
    let number = magnitude(digits, base)
        .ok_or_else(|| FunctionError::argument(0, format!("{text:?} is no whole number with base {base}")))?;
    Ok(Number::from_integer(IBig::from_parts(sign, number)).into())
}

/// More digits than a number can have, with base 2.
const MAX_DIGITS: usize = 1 << 19;

fn magnitude(digits: &str, base: u8) -> Option<UBig> {
    if digits.is_empty() {
        return None;
    }
    // With a base up to 36, letters of both cases are the same.
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'z' => Some(byte - b'a' + 10),
        b'A'..=b'Z' if base <= 36 => Some(byte - b'A' + 10),
        b'A'..=b'Z' => Some(byte - b'A' + 36),
        _ => None,
    };
    let values = digits.bytes().map(|byte| value(byte).filter(|&value| value < base));
    let values = values.collect::<Option<Vec<u8>>>()?;
    let start = values.iter().position(|&value| value != 0).unwrap_or(values.len());
    let significant = values.get(start..start + MAX_DIGITS).unwrap_or(&values[start..]);
    Some(joined(significant, base))
}

/// The number with these digits, in halves, so that long ones are not quadratic work.
fn joined(digits: &[u8], base: u8) -> UBig {
    if digits.len() <= 10 {
        let number = digits.iter().fold(0, |number, &digit| number * u64::from(base) + u64::from(digit));
        return UBig::from(number);
    }
    let (high, low) = digits.split_at(digits.len() / 2);
    joined(high, base) * UBig::from(base).pow(low.len()) + joined(low, base)
}

fn sum(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let list = &call[0];
    let wrong = |message: &str| FunctionError::argument(0, message);
    match list.length() {
        None => return Err(wrong("it must be a list, a set or a tuple of numbers")),
        Some(0) => return Err(wrong("there is no sum of no numbers")),
        Some(_) => {}
    }
    let Some(elements) = list.as_slice() else {
        let message = format!("it must be a list, a set or a tuple, not {}", list.ty().friendly_name());
        return Err(wrong(&message));
    };
    if !list.is_wholly_known() {
        return Ok(Value::Unknown(Type::Number));
    }
    let mut total: Option<Number> = None;
    for (index, element) in elements.iter().enumerate() {
        let Ok(Value::Number(number)) = convert(element, &Type::Number) else {
            return Err(wrong(&format!("element {index} is no number")));
        };
        total = Some(match total {
            None => number,
            Some(total) => total.plus(&number).map_err(|error| FunctionError::new(error.to_string()))?,
        });
    }
    Ok(total.map_or_else(Value::null, Value::from))
}
