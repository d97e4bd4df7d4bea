//! Operators.
//!
//! Operands are converted (`"5" > 3`), but not those of `==` and `!=`, which compare types too. Arithmetic and
//! comparison refuse null. `&&` and `||` decide from one side if they can, whatever is wrong with the other: only its
//! type must fit.

use super::{Attempt, Evaluator, fault};
use crate::{
    diagnostic::Diagnostic,
    source::Span,
    syntax::tree::{BinaryOperator, Expression, UnaryOperator},
    value::{self, Number, Type, Value},
};

impl Evaluator {
    pub(super) fn unary(&mut self, operator: UnaryOperator, operand: &Expression, span: Span) -> Value {
        let wanted = match operator {
            UnaryOperator::Not => Type::Bool,
            UnaryOperator::Negate => Type::Number,
        };
        let value = self.evaluate(operand);
        match self.operand(&value, &wanted, operand, "operand") {
            Some(Value::Bool(value)) => Value::Bool(!value),
            Some(Value::Number(number)) => Value::Number(-number),
            Some(Value::Null(_)) => self.null_operand(wanted, operand, span),
            _ => Value::Unknown(wanted),
        }
    }

    pub(super) fn binary(
        &mut self,
        operator: BinaryOperator,
        left: &Expression,
        right: &Expression,
        span: Span,
    ) -> Value {
        match operator {
            BinaryOperator::And => self.logic(left, right, span, false),
            BinaryOperator::Or => self.logic(left, right, span, true),
            BinaryOperator::Equal => self.equality(left, right),
            BinaryOperator::NotEqual => match self.equality(left, right) {
                Value::Bool(equal) => Value::Bool(!equal),
                unknown => unknown,
            },
            _ => self.calculation(operator, left, right, span),
        }
    }

    fn equality(&mut self, left: &Expression, right: &Expression) -> Value {
        let (left, right) = (self.evaluate(left), self.evaluate(right));
        left.equals(&right)
    }

    /// `&&`, which `decisive` false decides, or `||`, which true decides. A null counts as false, but `||` cannot end
    /// with it.
    fn logic(&mut self, left: &Expression, right: &Expression, span: Span, decisive: bool) -> Value {
        let sides = [("left operand", left), ("right operand", right)].map(|(which, side)| {
            let Attempt { value, diagnostics, failed } = self.attempt(side);
            let value = self.operand(&value, &Type::Bool, side, which);
            (value.unwrap_or(Value::Unknown(Type::Bool)), side, diagnostics, failed)
        });
        let decides = |value: &Value| match value {
            Value::Bool(value) => *value == decisive,
            Value::Null(_) => !decisive,
            _ => false,
        };
        if sides.iter().any(|(value, ..)| decides(value)) {
            return Value::Bool(decisive);
        }
        let mut known = true;
        for (value, _, diagnostics, failed) in &sides {
            if *failed {
                self.accept(Attempt { value: value.clone(), diagnostics: diagnostics.clone(), failed: true });
            }
            known &= value.is_known();
            if !known {
                break;
            }
        }
        let [(_, left, ..), (_, right, ..)] = &sides;
        match sides.iter().find(|(value, ..)| value.is_null()) {
            _ if !known => Value::Unknown(Type::Bool),
            Some((_, side, ..)) => self.null_operand(Type::Bool, side, left.span.to(right.span).to(span)),
            None => Value::Bool(!decisive),
        }
    }

    fn calculation(
        &mut self,
        operator: BinaryOperator,
        left: &Expression,
        right: &Expression,
        span: Span,
    ) -> Value {
        let result = match operator {
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => Type::Bool,
            _ => Type::Number,
        };
        let (left_value, right_value) = (self.evaluate(left), self.evaluate(right));
        let left_value = self.operand(&left_value, &Type::Number, left, "left operand");
        let right_value = self.operand(&right_value, &Type::Number, right, "right operand");
        let (Some(left_value), Some(right_value)) = (left_value, right_value) else {
            return Value::Unknown(result);
        };
        match (&left_value, &right_value) {
            (Value::Null(_), _) => self.null_operand(result, left, span),
            (_, Value::Null(_)) => self.null_operand(result, right, span),
            (Value::Number(a), Value::Number(b)) => match calculate(operator, a, b) {
                Ok(value) => value,
                Err(detail) => {
                    self.fault(Diagnostic::error("Operation failed", detail).at(span));
                    Value::Unknown(result)
                }
            },
            _ => Value::Unknown(result),
        }
    }

    /// The operand's value, converted; none if that is impossible, which is told.
    fn operand(&mut self, value: &Value, wanted: &Type, operand: &Expression, which: &str) -> Option<Value> {
        match value::convert(value, wanted) {
            Ok(value) => Some(value),
            Err(_) => {
                let detail = format!(
                    "The {which} must be a {}, but it is {}.",
                    wanted.friendly_name(),
                    fault::kind(value)
                );
                self.fault(Diagnostic::error("Invalid operand", detail).at(operand.span));
                None
            }
        }
    }

    fn null_operand(&mut self, result: Type, operand: &Expression, span: Span) -> Value {
        let what = fault::reference(operand).map_or_else(|| "An operand".to_owned(), |name| fault::quoted(&name));
        let detail = format!("{what} is null, and this operation needs a value.");
        self.fault(Diagnostic::error("Operation failed", detail).at(span));
        Value::Unknown(result)
    }
}
