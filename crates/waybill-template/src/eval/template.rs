//! Templates: text with interpolations and directives.
//!
//! Each piece becomes text. Null and what cannot be text is wrong; what is unknown makes the whole unknown, but the
//! rest is still looked at for faults.

use super::{Evaluator, collection::Names, fault};
use crate::{
    diagnostic::Diagnostic,
    function::MAX_TEXT,
    source::Span,
    syntax::tree::{Expression, TemplatePart},
    value::{self, Type, Value},
};

/// A text that grows piece by piece; it stays empty once a piece is unknown.
#[derive(Default)]
struct Text {
    text: String,
    unknown: bool,
}

impl Evaluator {
    pub(super) fn template(&mut self, parts: &[TemplatePart], span: Span) -> Value {
        if let [TemplatePart::Literal { text, .. }] = parts {
            return Value::string(text.clone());
        }
        let mut text = Text::default();
        self.parts(parts, &mut text, span);
        if text.unknown { Value::Unknown(Type::String) } else { Value::string(text.text) }
    }

    fn parts(&mut self, parts: &[TemplatePart], text: &mut Text, span: Span) {
        for part in parts {
            match part {
                TemplatePart::Literal { text: literal, .. } => self.append(text, literal, span),
                TemplatePart::Interpolation(expression) => self.interpolate(text, expression, span),
                TemplatePart::If { condition, then, otherwise, span } => {
                    self.directive_if(
                        text,
                        condition,
                        [then, otherwise.as_deref().unwrap_or_default()],
                        *span,
                    );
                }
                TemplatePart::For { key_name, value_name, collection, body, span } => {
                    let names = Names { key: key_name.as_ref(), value: value_name };
                    self.directive_for(text, &names, collection, body, *span);
                }
            }
        }
    }

    fn append(&mut self, text: &mut Text, piece: &str, span: Span) {
        if text.unknown || !self.spend_text(piece.len(), span) {
            text.make_unknown();
        } else if MAX_TEXT - text.text.len() < piece.len() {
            let detail = format!("This text becomes longer than {} MiB.", MAX_TEXT >> 20);
            self.fault(Diagnostic::error("Text too long", detail).at(span));
            text.make_unknown();
        } else {
            text.text.push_str(piece);
        }
    }

    fn interpolate(&mut self, text: &mut Text, expression: &Expression, span: Span) {
        let value = self.evaluate(expression);
        if !value.is_known() {
            return text.make_unknown();
        }
        let detail = match value::convert(&value, &Type::String) {
            _ if value.is_null() => {
                format!("{} is null, and null cannot become text.", fault::subject(expression))
            }
            Ok(Value::String(piece)) => return self.append(text, &piece, span),
            Ok(_) => return text.make_unknown(),
            Err(_) => format!(
                "{} is {}, which cannot become text. Choose a part of it, or use a function that makes text, such as \
                 join or jsonencode.",
                fault::subject(expression),
                fault::kind(&value)
            ),
        };
        let summary = "Invalid template interpolation value";
        self.fault(Diagnostic::error(summary, detail).at(expression.span).within(span));
        text.make_unknown();
    }

    /// `%{if condition}…%{else}…%{endif}`
    fn directive_if(
        &mut self,
        text: &mut Text,
        condition: &Expression,
        [then, otherwise]: [&[TemplatePart]; 2],
        span: Span,
    ) {
        match self.decide(condition) {
            Some(true) => self.parts(then, text, span),
            Some(false) => self.parts(otherwise, text, span),
            None => text.make_unknown(),
        }
    }

    /// `%{for key, value in collection}…%{endfor}`
    fn directive_for(
        &mut self,
        text: &mut Text,
        names: &Names<'_>,
        collection: &Expression,
        body: &[TemplatePart],
        span: Span,
    ) {
        let value = self.evaluate(collection);
        if !self.can_iterate(&value, collection) {
            return text.make_unknown();
        }
        let Some(elements) = value.elements() else { return text.make_unknown() };
        for (key, value) in elements {
            if !self.spend(1, span) {
                return text.make_unknown();
            }
            self.inside(names.bind(key, value), |evaluator| evaluator.parts(body, text, span));
        }
    }
}

impl Text {
    fn make_unknown(&mut self) {
        *self = Self { text: String::new(), unknown: true };
    }
}
