//! `base[*].rest`: the rest for each element.
//!
//! What is no list, set or tuple counts as a tuple of itself alone, or as an empty one if it is null.

use super::{Evaluator, fault, operator::is_never_null};
use crate::{
    diagnostic::Diagnostic,
    syntax::tree::Expression,
    value::{Type, Value},
};

impl Evaluator {
    pub(super) fn splat(&mut self, base: &Expression, each: &Expression) -> Value {
        let failures = self.failures;
        let value = self.evaluate(base);
        if self.failed_since(failures) {
            self.each(each, Value::dynamic());
            return Value::dynamic();
        }
        match &value {
            Value::List(..) | Value::Set(..) => self.splat_of_list(&value, each),
            Value::Tuple(elements) => {
                let results = elements.iter().map(|element| self.each(each, element.clone())).collect();
                if self.failed_since(failures) {
                    return Value::Unknown(types(results));
                }
                Value::Tuple(results)
            }
            Value::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                let detail = format!("{} is null, so it has no elements.", fault::subject(base));
                self.fault(Diagnostic::error("Splat of null value", detail).at(base.span));
                Value::dynamic()
            }
            Value::Null(_) => Value::tuple([]),
            Value::Unknown(Type::Dynamic) => Value::dynamic(),
            Value::Unknown(Type::List(element) | Type::Set(element)) => {
                let element = self.each(each, Value::Unknown(element.as_ref().clone())).ty();
                Value::Unknown(Type::list(element))
            }
            Value::Unknown(Type::Tuple(elements)) => {
                let results = elements.iter().map(|ty| self.each(each, Value::Unknown(ty.clone()))).collect();
                Value::Unknown(types(results))
            }
            // It may become null, so that nothing is known about the number of elements.
            Value::Unknown(_) if !is_never_null(base) => {
                self.each(each, value);
                Value::dynamic()
            }
            _ => {
                let result = self.each(each, value);
                if self.failed_since(failures) {
                    return Value::Unknown(Type::tuple([result.ty()]));
                }
                Value::tuple([result])
            }
        }
    }

    fn splat_of_list(&mut self, value: &Value, each: &Expression) -> Value {
        let failures = self.failures;
        let elements = value.as_slice().unwrap_or_default();
        let results: Vec<Value> = elements.iter().map(|element| self.each(each, element.clone())).collect();
        let ty = match (results.first(), value.ty().element()) {
            (Some(first), _) => first.ty(),
            (None, Some(element)) => self.each(each, Value::Unknown(element.clone())).ty(),
            (None, None) => Type::Dynamic,
        };
        if self.failed_since(failures) {
            Value::Unknown(Type::list(ty))
        } else if results.iter().all(|result| result.ty() == ty) {
            Value::list(ty, results)
        } else {
            Value::tuple(results)
        }
    }

    fn each(&mut self, each: &Expression, item: Value) -> Value {
        self.items.push(item);
        let value = self.evaluate(each);
        self.items.pop();
        value
    }
}

fn types(results: std::sync::Arc<[Value]>) -> Type {
    Value::Tuple(results).ty()
}
