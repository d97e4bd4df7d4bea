//! Names, attributes and indexes.

use super::{Evaluator, fault};
use crate::{
    diagnostic::Diagnostic,
    source::Span,
    syntax::tree::{Expression, Name},
    value::{AccessError, Type, Value},
};

impl Evaluator {
    /// The value of a root name.
    pub(super) fn variable(&mut self, name: &str, span: Span) -> Value {
        if let Some(value) = self.scope.get(name) {
            return value.clone();
        }
        let roots = self.scope.names();
        let quoted = fault::quoted(name);
        let diagnostic = if roots.is_empty() {
            let detail =
                format!("Nothing can be referred to here, so {quoted} has no meaning; use a literal value.");
            Diagnostic::error("Variables not allowed", detail)
        } else {
            let roots = roots.iter().map(AsRef::as_ref);
            let instead = fault::instead(name, "A reference here starts with one of", roots);
            Diagnostic::error("Unknown variable", format!("There is no variable named {quoted}.{instead}"))
        };
        self.fault(diagnostic.at(span));
        Value::dynamic()
    }

    /// `base.name`
    pub(super) fn attribute(&mut self, value: &Value, base: &Expression, name: &Name) -> Value {
        value.attribute(&name.text).unwrap_or_else(|error| {
            self.no_access(value, base, &error, name.span);
            Value::dynamic()
        })
    }

    /// `base[key]`
    pub(super) fn index(&mut self, value: &Value, base: &Expression, key: &Value, span: Span) -> Value {
        value.index(key).unwrap_or_else(|error| {
            let brackets = Span { start: base.span.end.clamp(span.start, span.end), ..span };
            self.no_access(value, base, &error, brackets);
            Value::dynamic()
        })
    }

    fn no_access(&mut self, value: &Value, base: &Expression, error: &AccessError, place: Span) {
        let there = match error {
            AccessError::Attribute { name, hint: None } | AccessError::MapKey(name) => {
                let introduction = format!("{} has", fault::subject(base));
                match value {
                    Value::Map(_, elements) | Value::Object(elements) => {
                        fault::instead(name, &introduction, fault::names(elements))
                    }
                    Value::Unknown(Type::Object(object)) => {
                        fault::instead(name, &introduction, fault::names(&object.attributes))
                    }
                    _ => String::new(),
                }
            }
            _ => String::new(),
        };
        let detail = fault::clipped(&error.to_string(), fault::DETAIL).into_owned() + &there;
        self.fault(Diagnostic::error(error.summary(), detail).at(place));
    }
}
