//! Parts of values: attributes, indexes, splats.

use super::{Evaluator, fault};
use crate::{
    diagnostic::Diagnostic,
    source::Span,
    suggest,
    syntax::tree::{Expression, Name},
    value::{self, Type, Value},
};

impl Evaluator {
    /// The value of a root name.
    pub(super) fn variable(&mut self, name: &str, span: Span) -> Value {
        if let Some(value) = self.scope.get(name) {
            return value.clone();
        }
        let names = self.scope.names();
        let diagnostic = if names.is_empty() {
            Diagnostic::error(
                "Variables not allowed",
                format!("Nothing can be referred to here, so {} must be a literal.", fault::quoted(name)),
            )
        } else {
            let mut detail = format!("There is no variable named {}.", fault::quoted(name));
            match suggest::nearest(name, names.iter().map(AsRef::as_ref)) {
                Some(near) => detail += &format!(" Did you mean {}?", fault::quoted(near)),
                None => detail += &fault::list(" A reference starts with", names.iter().map(AsRef::as_ref)),
            }
            Diagnostic::error("Unknown variable", detail)
        };
        self.fault(diagnostic.at(span));
        Value::dynamic()
    }

    /// `base.name`
    pub(super) fn attribute(&mut self, value: &Value, base: &Expression, name: &Name) -> Value {
        match attribute(value, &name.text) {
            Ok(value) => value,
            Err(refusal) => {
                let this = fault::reference(base).map_or_else(|| "This".to_owned(), |text| fault::quoted(&text));
                let (summary, detail) = refusal.attribute(value, &this, &name.text);
                self.fault(Diagnostic::error(summary, detail).at(name.span));
                Value::dynamic()
            }
        }
    }

    /// `base[key]`
    pub(super) fn index(
        &mut self,
        value: &Value,
        base: &Expression,
        key: &Value,
        key_expression: &Expression,
        span: Span,
    ) -> Value {
        match index(value, key) {
            Ok(value) => value,
            Err(refusal) => {
                let this = fault::reference(base).map_or_else(|| "This".to_owned(), |text| fault::quoted(&text));
                let shown = fault::literal(key_expression);
                let (summary, detail) = refusal.index(value, &this, key, shown.as_deref());
                let place = Span { start: base.span.end.min(span.end), ..span };
                self.fault(Diagnostic::error(summary, detail).at(place).within(span));
                Value::dynamic()
            }
        }
    }

    /// `base[*]…`: what is no list counts as one of a single element, or of none if it is null.
    pub(super) fn splat(&mut self, base: &Expression, each: &Expression) -> Value {
        let failures = self.failures;
        let value = self.evaluate(base);
        if self.failed_since(failures) {
            self.each(each, Value::dynamic());
            return Value::dynamic();
        }
        let ty = value.ty();
        let sequence = matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_));
        match &value {
            Value::Null(_) if sequence => {
                let detail = format!("A splat needs elements, but this {} is null.", ty.friendly_name());
                self.fault(Diagnostic::error("Splat of null value", detail).at(base.span));
                Value::dynamic()
            }
            Value::Null(_) => Value::tuple([]),
            Value::Unknown(Type::Dynamic) => Value::dynamic(),
            Value::Unknown(_) if sequence => Value::Unknown(self.type_of_each(&ty, each)),
            Value::Unknown(_) => {
                self.each(each, value);
                Value::dynamic()
            }
            Value::List(_, elements) | Value::Set(_, elements) | Value::Tuple(elements) => {
                let results: Vec<Value> =
                    elements.iter().map(|element| self.each(each, element.clone())).collect();
                if self.failed_since(failures) {
                    let told = self.attempt_type(&ty, each);
                    return Value::Unknown(told);
                }
                if matches!(ty, Type::Tuple(_)) {
                    return Value::tuple(results);
                }
                let element = match results.first() {
                    Some(first) => first.ty(),
                    None => match self.type_of_each(&ty, each) {
                        Type::List(element) => element.as_ref().clone(),
                        _ => Type::Dynamic,
                    },
                };
                if results.iter().all(|result| result.ty() == element) {
                    Value::list(element, results)
                } else {
                    Value::tuple(results)
                }
            }
            _ => Value::tuple([self.each(each, value)]),
        }
    }

    fn each(&mut self, each: &Expression, item: Value) -> Value {
        self.items.push(item);
        let value = self.evaluate(each);
        self.items.pop();
        value
    }

    /// The type that a splat over this type has.
    fn type_of_each(&mut self, sequence: &Type, each: &Expression) -> Type {
        let mut of = |element: &Type| self.each(each, Value::Unknown(element.clone())).ty();
        match sequence {
            Type::List(element) | Type::Set(element) => Type::List(of(element).into()),
            Type::Tuple(elements) => Type::Tuple(elements.iter().map(of).collect()),
            _ => Type::Dynamic,
        }
    }

    /// The same where the faults are told already.
    fn attempt_type(&mut self, sequence: &Type, each: &Expression) -> Type {
        self.untold(|evaluator| evaluator.type_of_each(sequence, each))
    }
}
