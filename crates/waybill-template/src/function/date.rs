//! Functions of time: `timestamp`, `formatdate`, `timeadd`, the formats of legacy templates, and what a time is made of.

mod format;
mod moment;

use std::{collections::BTreeMap, sync::Arc};

use waybill_go::{
    duration::Duration,
    layout::{self, WEEKDAYS},
    strftime,
};

pub(super) use self::moment::Moment;
use super::{Arguments, Function, FunctionError, number, string};
use crate::{
    scope::Surroundings,
    value::{Number, Type, Value},
};

/// The layout of RFC 3339 in Go's way.
const RFC3339: &str = "2006-01-02T15:04:05Z07:00";

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("formatdate", [string("format"), string("time")], Type::String, formatdate),
        Function::new("timeadd", [string("timestamp"), string("duration")], Type::String, timeadd),
        Function::new("timestamp", [], Type::String, |call| {
            Ok(Value::string(layout::format(call.surroundings.world.now(), RFC3339)))
        }),
        Function::new("legacy_isotime", [], Type::String, |call| {
            legacy(&call, |format, surroundings| layout::format(surroundings.world.started(), format))
        })
        .variadic(string("format")),
        Function::new("legacy_strftime", [], Type::String, |call| {
            legacy(&call, |format, surroundings| strftime::format(surroundings.world.started(), format))
        })
        .variadic(string("format")),
        Function::new("rfc3339_parse", [string("timestamp")], parts_type("unix", Type::Number), |call| {
            let moment = Moment::parse_as_go(call.text(0)).ok_or_else(|| {
                FunctionError::argument(
                    0,
                    format!("{:?} is not a time in the form of RFC 3339", call.text(0)),
                )
            })?;
            Ok(parts(&moment, "unix", Value::number(moment.unix_seconds())))
        }),
        Function::new(
            "unix_timestamp_parse",
            [number("unix_timestamp")],
            parts_type("rfc3339", Type::String),
            |call| {
                let seconds = call.number(0).and_then(Number::to_i64).ok_or_else(|| {
                    FunctionError::argument(0, "a whole number of seconds that fits 64 bits is needed")
                })?;
                let moment = Moment::from_unix(seconds.into(), 0, 0);
                Ok(parts(&moment, "rfc3339", Value::string(moment.to_string())))
            },
        ),
    ]
}

fn formatdate(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let moment = Moment::parse(call.text(1)).map_err(|fault| FunctionError::argument(1, fault))?;
    let text = format::format(&moment, call.text(0)).map_err(|fault| FunctionError::argument(0, fault))?;
    Ok(Value::string(text))
}

/// Keeps the offset, and drops what is less than a second.
fn timeadd(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let moment = Moment::parse(call.text(0)).map_err(FunctionError::new)?;
    let duration: Duration = call.text(1).parse().map_err(|fault| FunctionError::new(format!("{fault}")))?;
    Ok(Value::string(moment.plus(duration).to_string()))
}

/// The time at which the program started in a format, if there is one, else in that of RFC 3339.
fn legacy(call: &Arguments<'_>, format: fn(&str, &Surroundings) -> String) -> Result<Value, FunctionError> {
    match call.len() {
        0 => Ok(Value::string(layout::format(call.surroundings.world.started(), RFC3339))),
        1 => Ok(Value::string(format(call.text(0), call.surroundings))),
        _ => Err(FunctionError::new("there is at most one argument, the format")),
    }
}

const NUMBERS: [&str; 10] =
    ["year", "year_day", "day", "month", "weekday", "hour", "minute", "second", "iso_year", "iso_week"];

fn parts_type(further: &str, ty: Type) -> Type {
    let numbers = NUMBERS.iter().map(|&name| (name.into(), Type::Number));
    let names = ["month_name", "weekday_name"].map(|name| (name.into(), Type::String));
    Type::object(numbers.chain(names).chain([(further.into(), ty)]).collect())
}

fn parts(moment: &Moment, further: &str, value: Value) -> Value {
    let (iso_year, iso_week) = moment.iso_week();
    let weekday = moment.weekday();
    let numbers = [
        moment.year,
        moment.year_day(),
        moment.day.into(),
        moment.month.into(),
        i64::try_from(weekday).unwrap_or(0),
        moment.hour.into(),
        moment.minute.into(),
        moment.second.into(),
        iso_year,
        iso_week,
    ];
    let mut parts: BTreeMap<Arc<str>, Value> =
        NUMBERS.iter().zip(numbers).map(|(&name, number)| (name.into(), Value::number(number))).collect();
    parts.insert("month_name".into(), Value::string(moment.month_name()));
    parts.insert("weekday_name".into(), Value::string(WEEKDAYS[weekday]));
    parts.insert(further.into(), value);
    Value::object(parts)
}
