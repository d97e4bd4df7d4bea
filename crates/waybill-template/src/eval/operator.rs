//! Operators.
//!
//! Operands are converted (`"5" > 3`), but not those of `==` and `!=`, which compare types too. Arithmetic and
//! comparison refuse null. `&&` and `||` decide from one side if they can, whatever is wrong with the other: only its
//! type must fit.

use super::{Attempt, Evaluator, fault};
use crate::{
    diagnostic::Diagnostic,
    source::Span,
    syntax::tree::{BinaryOperator, Expression, ExpressionKind, UnaryOperator},
    value::{self, Number, Type, Value, number::ArithmeticError},
};

const ONLY: &str = "The operand";
const LEFT: &str = "The left operand";
const RIGHT: &str = "The right operand";

impl Evaluator {
    pub(super) fn unary(&mut self, operator: UnaryOperator, operand: &Expression, span: Span) -> Value {
        let wanted = match operator {
            UnaryOperator::Not => Type::Bool,
            UnaryOperator::Negate => Type::Number,
        };
        let value = self.evaluate(operand);
        match self.operand(&value, &wanted, operand, ONLY) {
            Some(Value::Bool(value)) => Value::Bool(!value),
            Some(Value::Number(number)) => Value::Number(number.negated()),
            Some(Value::Null(_)) => self.null_operand(wanted, ONLY, operand, span),
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
        let failures = self.failures;
        let (left_value, right_value) = (self.evaluate(left), self.evaluate(right));
        match left_value.equals(&right_value) {
            _ if self.failed_since(failures) => Value::Unknown(Type::Bool),
            Value::Unknown(_) if left_value.is_null() && is_never_null(right) => Value::Bool(false),
            Value::Unknown(_) if right_value.is_null() && is_never_null(left) => Value::Bool(false),
            equal => equal,
        }
    }

    /// `&&`, which `decisive` false decides, or `||`, which true decides. A null counts as false, but `||` cannot end
    /// with it.
    fn logic(&mut self, left: &Expression, right: &Expression, span: Span, decisive: bool) -> Value {
        let failures = self.failures;
        let mut side = |operand: &Expression, which: &str| {
            let attempt = self.attempt(operand);
            let value = self.operand(&attempt.value, &Type::Bool, operand, which);
            Attempt { value: value.unwrap_or(Value::Unknown(Type::Bool)), ..attempt }
        };
        let sides = [side(left, LEFT), side(right, RIGHT)];
        if self.failed_since(failures) {
            for side in sides {
                self.accept(side);
            }
            return Value::Unknown(Type::Bool);
        }
        let decides = |side: &Attempt| match side.value {
            Value::Bool(value) => value == decisive,
            Value::Null(_) => !decisive,
            _ => false,
        };
        if sides.iter().any(decides) {
            return Value::Bool(decisive);
        }
        // An unknown left side may decide later, so that the right one does not count yet.
        let [left_side, right_side] = sides;
        let undecided = !left_side.failed && !left_side.value.is_known();
        let left_value = self.accept(left_side);
        if undecided {
            return Value::Unknown(Type::Bool);
        }
        match (left_value, self.accept(right_side)) {
            (Value::Unknown(_), _) | (_, Value::Unknown(_)) => Value::Unknown(Type::Bool),
            (Value::Null(_), _) => self.null_operand(Type::Bool, LEFT, left, span),
            (_, Value::Null(_)) => self.null_operand(Type::Bool, RIGHT, right, span),
            _ => Value::Bool(!decisive),
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
        let failures = self.failures;
        let (left_value, right_value) = (self.evaluate(left), self.evaluate(right));
        let left_value = self.operand(&left_value, &Type::Number, left, LEFT);
        let right_value = self.operand(&right_value, &Type::Number, right, RIGHT);
        let (Some(left_value), Some(right_value)) = (left_value, right_value) else {
            return Value::Unknown(result);
        };
        match (&left_value, &right_value) {
            _ if self.failed_since(failures) => Value::Unknown(result),
            (Value::Null(_), _) => self.null_operand(result, LEFT, left, span),
            (_, Value::Null(_)) => self.null_operand(result, RIGHT, right, span),
            (Value::Number(a), Value::Number(b)) => match calculate(operator, a, b) {
                Ok(value) => value,
                Err(error) => {
                    let detail = format!("This cannot be computed: {error}.");
                    self.fault(Diagnostic::error("Operation failed", detail).at(span));
                    Value::Unknown(result)
                }
            },
            _ => Value::Unknown(result),
        }
    }

    /// The operand's value, converted; none if that is impossible, which is told.
    fn operand(&mut self, value: &Value, wanted: &Type, operand: &Expression, which: &str) -> Option<Value> {
        let converted = value::convert(value, wanted).ok();
        if converted.is_none() {
            let detail = format!("{which} must be {}.", fault::misfit(value, wanted));
            self.fault(Diagnostic::error("Invalid operand", detail).at(operand.span));
        }
        converted
    }

    fn null_operand(&mut self, result: Type, which: &str, operand: &Expression, span: Span) -> Value {
        let name = fault::reference(operand).map(|name| format!(", {},", fault::quoted(&name)));
        let detail = format!("{which}{} is null, but an operator needs a value.", name.unwrap_or_default());
        self.fault(Diagnostic::error("Operation failed", detail).at(span));
        Value::Unknown(result)
    }
}

/// Whether the form of an expression tells that its value, even if it is unknown, will not be null.
pub(super) fn is_never_null(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Template(_) | ExpressionKind::Unary { .. } | ExpressionKind::Binary { .. } => true,
        ExpressionKind::Literal(value) => !value.is_null(),
        ExpressionKind::Parentheses(inner) => is_never_null(inner),
        ExpressionKind::Conditional { when_true, when_false, .. } => {
            is_never_null(when_true) && is_never_null(when_false)
        }
        _ => false,
    }
}

fn calculate(operator: BinaryOperator, a: &Number, b: &Number) -> Result<Value, ArithmeticError> {
    Ok(match operator {
        BinaryOperator::Add => Value::Number(a.plus(b)?),
        BinaryOperator::Subtract => Value::Number(a.minus(b)?),
        BinaryOperator::Multiply => Value::Number(a.times(b)?),
        BinaryOperator::Divide => Value::Number(a.divided_by(b)?),
        BinaryOperator::Modulo => Value::Number(a.modulo(b)?),
        BinaryOperator::Less => Value::Bool(a < b),
        BinaryOperator::LessOrEqual => Value::Bool(a <= b),
        BinaryOperator::Greater => Value::Bool(a > b),
        BinaryOperator::GreaterOrEqual => Value::Bool(a >= b),
        BinaryOperator::Equal => Value::Bool(a == b),
        BinaryOperator::NotEqual => Value::Bool(a != b),
        BinaryOperator::And | BinaryOperator::Or => Value::Unknown(Type::Bool),
    })
}
