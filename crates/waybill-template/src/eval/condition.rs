//! `condition ? when true : when false`
//!
//! Both arms are evaluated, because both decide the type of the result; what is wrong with the other arm does not count.

use super::{Attempt, Evaluator, fault};
use crate::{
    diagnostic::Diagnostic,
    syntax::tree::Expression,
    value::{self, Type, Value},
};

impl Evaluator {
    pub(super) fn conditional(
        &mut self,
        condition: &Expression,
        when_true: &Expression,
        when_false: &Expression,
    ) -> Value {
        let arms = [self.attempt(when_true), self.attempt(when_false)];
        let Some(result) = common_type(&arms[0].value, &arms[1].value) else {
            let detail = format!(
                "Both results must have one type, but one is {} and the other {}.",
                fault::kind(&arms[0].value),
                fault::kind(&arms[1].value),
            );
            let place = when_true.span.to(when_false.span);
            self.fault(Diagnostic::error("Inconsistent conditional result types", detail).at(place));
            return Value::dynamic();
        };
        let [yes, no] = arms;
        let failures = self.failures;
        match self.decide(condition) {
            Some(true) => self.arm(yes, &result, when_true),
            Some(false) => self.arm(no, &result, when_false),
            None if self.failed_since(failures) => Value::Unknown(result),
            None if yes.value.is_null() && no.value.is_null() => Value::Null(result),
            None => Value::Unknown(result),
        }
    }

    /// Whether a condition holds; none if it is unknown or wrong, which is told.
    pub(super) fn decide(&mut self, condition: &Expression) -> Option<bool> {
        let value = self.evaluate(condition);
        if value.is_null() {
            let detail = "The condition is null, but it must be true or false.";
            self.fault(Diagnostic::error("Null condition", detail).at(condition.span));
            return None;
        }
        if !value.is_known() {
            return None;
        }
        match value::convert(&value, &Type::Bool) {
            Ok(Value::Bool(holds)) => Some(holds),
            Ok(_) => None,
            Err(_) => {
                let detail =
                    format!("The condition must be true or false, but it is {}.", fault::kind(&value));
                self.fault(Diagnostic::error("Incorrect condition type", detail).at(condition.span));
                None
            }
        }
    }

    /// The arm that was chosen, as the type of both.
    fn arm(&mut self, arm: Attempt, result: &Type, expression: &Expression) -> Value {
        let value = self.accept(arm);
        value::convert(&value, result).unwrap_or_else(|error| {
            let detail = format!("This result cannot become what the other one is: {error}.");
            let place = expression.span;
            self.fault(Diagnostic::error("Inconsistent conditional result types", detail).at(place));
            Value::Unknown(result.clone())
        })
    }
}

/// The type that both values become. A bare null takes the other's; a value of unknown type leaves both as they are.
fn common_type(one: &Value, other: &Value) -> Option<Type> {
    let is_bare_null = |value: &Value| matches!(value, Value::Null(Type::Dynamic));
    match (one, other) {
        (Value::Unknown(Type::Dynamic), _) | (_, Value::Unknown(Type::Dynamic)) => Some(Type::Dynamic),
        (null, other) if is_bare_null(null) => Some(other.ty()),
        (one, null) if is_bare_null(null) => Some(one.ty()),
        _ => value::unify(&[one.ty(), other.ty()]),
    }
}
