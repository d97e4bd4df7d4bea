//! Values of a `.pkr.json` file as expressions: each string is a template, keys of objects too.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{Evaluator, fault};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    json::{Kind, Member, Node},
    source::Span,
    syntax::{self, places::Places, tree::Expression},
    value::{self, Number, Type, Value},
};

impl Evaluator {
    pub(super) fn json(&mut self, node: &Node) -> Value {
        match &node.kind {
            Kind::Null => Value::null(),
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(text) => Number::parse(text).map_or_else(Value::dynamic, Value::Number),
            Kind::String(text) => self.json_string(text, node.span),
            Kind::Array(elements) => {
                Value::Tuple(elements.iter().map(|element| self.json(element)).collect())
            }
            Kind::Object(members) => self.json_object(members),
        }
    }

    fn json_string(&mut self, text: &std::sync::Arc<str>, span: Span) -> Value {
        if !is_template(text) {
            return Value::string(text.clone());
        }
        let mut diagnostics = Diagnostics::default();
        let template = parse(text, span, &mut diagnostics);
        if diagnostics.has_errors() {
            diagnostics.into_iter().for_each(|diagnostic| self.fault(diagnostic));
            return Value::dynamic();
        }
        self.evaluate(&template)
    }

    fn json_object(&mut self, members: &[Member]) -> Value {
        let mut attributes: BTreeMap<_, (Span, Value)> = BTreeMap::new();
        let mut known = true;
        for Member { key, key_span, value } in members {
            let key = self.json_string(key, *key_span);
            let value = self.json(value);
            let wrong = |detail: String| Diagnostic::error("Invalid object key", detail).at(*key_span);
            let diagnostic = match value::convert(&key, &Type::String) {
                _ if key.is_null() => {
                    wrong("This key is null. A key must be text, or become text.".to_owned())
                }
                Ok(Value::String(key)) => match attributes.entry(key) {
                    Entry::Vacant(entry) => {
                        entry.insert((*key_span, value));
                        continue;
                    }
                    Entry::Occupied(first) => {
                        let detail =
                            format!("The key {} is in this object already.", fault::quoted(first.key()));
                        wrong(detail).related(first.get().0)
                    }
                },
                Ok(_) => {
                    known = false;
                    continue;
                }
                Err(_) => {
                    wrong(format!("A key must be text, or become text, but this is {}.", fault::kind(&key)))
                }
            };
            self.fault(diagnostic);
        }
        let attributes = attributes.into_iter().map(|(key, (_, value))| (key, value));
        if known { Value::object(attributes.collect()) } else { Value::dynamic() }
    }
}

/// Reads a string as a template. Behind an escape of the JSON text, places are a little before the true ones.
pub(super) fn parse(text: &str, span: Span, diagnostics: &mut Diagnostics) -> Expression {
    let behind_the_quote = span.start as usize + 1;
    syntax::parse_template_at(&Places::pieces(span.file, vec![(0, behind_the_quote)]), text, diagnostics)
}

/// Whether a string is anything but itself as a template.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}
