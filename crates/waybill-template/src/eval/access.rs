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
            let mut detail =
                format!("There is no variable named {quoted}.{}", fault::near(name, roots.clone()));
            if detail.ends_with('.') {
                detail += &fault::listed("A reference here can start with", roots);
            }
            Diagnostic::error("Unknown variable", detail)
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
        let mut detail = fault::clipped(&error.to_string(), fault::DETAIL).into_owned();
        // To look for a name that is near is work for each name.
        if !self.spend(value.length().unwrap_or_default(), place) {
            return;
        }
        if let AccessError::Attribute { name, hint: None } | AccessError::MapKey(name) = error {
            detail += &instead(name, value, base);
        }
        self.fault(Diagnostic::error(error.summary(), detail).at(place));
    }
}

/// What there is instead of a name that is missing in a map or object.
fn instead(name: &str, value: &Value, base: &Expression) -> String {
    let there: Vec<_> = match value {
        Value::Map(_, elements) | Value::Object(elements) => elements.keys().collect(),
        Value::Unknown(Type::Object(object)) => object.attributes.keys().collect(),
        _ => return String::new(),
    };
    let there = there.iter().map(|name| &***name);
    // Everything is near to a name of one or two letters.
    let near = if name.chars().nth(2).is_some() { fault::near(name, there.clone()) } else { String::new() };
    if near.is_empty() { fault::listed(&format!("{} has", fault::subject(base)), there) } else { near }
}
