//! `can`, `try` and `convert`: functions that look at their arguments as they are written.

use std::{fmt::Write as _, sync::Arc};

use super::{Function, FunctionError, Implementation, any};
use crate::{
    diagnostic::Diagnostics,
    eval::{Evaluator, fault},
    syntax::tree::Expression,
    value::{self, Type, Value, constraint},
};

/// How much is told about each expression that failed, and about how many, in characters and expressions.
const FAILURE: usize = 200;
const FAILURES: usize = 5;

pub(super) fn table() -> Vec<Function> {
    let lazy = |name, parameters, implementation| Function {
        name,
        parameters,
        variadic: None,
        implementation: Implementation::Lazy(implementation),
    };
    vec![
        lazy("can", vec![any("expression")], can),
        lazy("try", vec![], first_that_can).variadic(any("expressions")),
        lazy("convert", vec![any("value"), any("type")], convert),
    ]
}

/// Whether an expression has a value; unknown if a value inside is.
fn can(arguments: &[Arc<Expression>], evaluator: &mut Evaluator) -> Result<Value, FunctionError> {
    let [expression, ..] = arguments else { return Err(FunctionError::new("an expression is missing")) };
    let attempt = evaluator.attempt(expression);
    Ok(match attempt.failed {
        true => Value::Bool(false),
        false if attempt.value.is_wholly_known() => Value::Bool(true),
        false => Value::Unknown(Type::Bool),
    })
}

/// The value of the first expression that has one. If something in it is unknown, it may still fail later, so that
/// nothing is known.
fn first_that_can(arguments: &[Arc<Expression>], evaluator: &mut Evaluator) -> Result<Value, FunctionError> {
    let mut failures = Vec::new();
    for expression in arguments {
        let attempt = evaluator.attempt(expression);
        if attempt.failed {
            failures.push(attempt.diagnostics);
        } else if attempt.value.is_wholly_known() {
            return Ok(attempt.value);
        } else {
            return Ok(Value::dynamic());
        }
    }
    if failures.is_empty() {
        return Err(FunctionError::new("at least one expression is needed"));
    }
    let mut message = "none of the expressions has a value".to_owned();
    for (index, diagnostics) in failures.iter().enumerate().take(FAILURES) {
        let why =
            diagnostics.iter().next().map_or("it has a fault that is told already", |first| &first.detail);
        let why = fault::clipped(why, FAILURE);
        let separator = if index == 0 { ": " } else { "; " };
        let _ = write!(message, "{separator}({}) {}", index + 1, why.trim_end_matches('.'));
    }
    Err(FunctionError::new(message))
}

fn convert(arguments: &[Arc<Expression>], evaluator: &mut Evaluator) -> Result<Value, FunctionError> {
    let [expression, constraint, ..] = arguments else {
        return Err(FunctionError::new("a value and a type are needed"));
    };
    let failures = evaluator.failures();
    let value = evaluator.evaluate(expression);
    let mut diagnostics = Diagnostics::default();
    let ty = constraint::parse_exact(constraint, &mut diagnostics);
    diagnostics.into_iter().for_each(|diagnostic| evaluator.fault(diagnostic));
    let Some(ty) = ty.filter(|_| !evaluator.failed_since(failures)) else { return Ok(Value::dynamic()) };
    value::convert(&value, &ty).map_err(|error| FunctionError::argument(0, error.to_string()))
}
