//! Type expressions: `list(string)`, `object({ name = string, tags = optional(list(string), []) })`.
//!
//! They are written as expressions, but a word is the name of a type and a call makes one out of others.

mod defaults;

use std::{collections::BTreeMap, sync::Arc};

pub use self::defaults::Defaults;

use super::{ObjectType, Type, convert};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    json,
    scope::Scope,
    source::Span,
    suggest,
    syntax::{
        self,
        places::Places,
        tree::{Call, Expression, ExpressionKind, ObjectItem},
    },
};

/// What can stand for a type.
const WORDS: [&str; 9] = ["string", "number", "bool", "any", "list", "set", "map", "tuple", "object"];

/// Reads a type expression with the defaults of its optional attributes. `None` after a fault, which is told.
pub fn parse(expression: &Expression, diagnostics: &mut Diagnostics) -> Option<(Type, Defaults)> {
    Reader { optional: true, diagnostics }.read(expression)
}

/// Reads a type expression in which no attribute is optional: what `convert` takes.
pub fn parse_exact(expression: &Expression, diagnostics: &mut Diagnostics) -> Option<Type> {
    Reader { optional: false, diagnostics }.read(expression).map(|(constraint, _)| constraint)
}

struct Reader<'a> {
    /// Attributes may be optional.
    optional: bool,
    diagnostics: &'a mut Diagnostics,
}

type Found = Option<(Type, Defaults)>;

impl Reader<'_> {
    fn read(&mut self, expression: &Expression) -> Found {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Variable(word) => self.word(word, span),
            ExpressionKind::Call(call) => self.call(call, span),
            ExpressionKind::Parentheses(inner) => self.read(inner),
            ExpressionKind::Bound { expression, .. } => self.read(expression),
            ExpressionKind::Json(node) => self.json(node),
            // Its fault is told.
            ExpressionKind::Invalid => None,
            ExpressionKind::Template(_) | ExpressionKind::Wrap(_) => {
                self.refuse(span, "A type is written without quotes: `string`, `list(number)`.")
            }
            _ => self.refuse(
                span,
                "This is not a type. Types are `string`, `number`, `bool`, `any`, `list(…)`, `set(…)`, \
                                    `map(…)`, `tuple([…])` and `object({…})`.",
            ),
        }
    }

    fn refuse<T>(&mut self, span: Span, detail: impl Into<String>) -> Option<T> {
        self.diagnostics.push(Diagnostic::error("Invalid type specification", detail).at(span));
        None
    }

    fn word(&mut self, word: &str, span: Span) -> Found {
        let simple = match word {
            "string" => Type::String,
            "number" => Type::Number,
            "bool" => Type::Bool,
            "any" => Type::Dynamic,
            "list" | "set" | "map" => {
                let detail = format!("`{word}` needs the type of its elements, as in `{word}(string)`.");
                return self.refuse(span, detail);
            }
            "tuple" => {
                return self.refuse(
                    span,
                    "`tuple` needs the types of its elements, as in `tuple([string, number])`.",
                );
            }
            "object" => {
                return self
                    .refuse(span, "`object` needs its attributes, as in `object({ name = string })`.");
            }
            "null" => return self.refuse(span, "`null` is a value and not a type."),
            other => return self.unknown(other, span),
        };
        Some((simple, Defaults::default()))
    }

    fn unknown(&mut self, word: &str, span: Span) -> Found {
        let hint =
            suggest::nearest(word, WORDS).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
        self.refuse(span, format!("`{word}` is not a type.{hint}"))
    }

    fn call(&mut self, call: &Call, span: Span) -> Found {
        let name = &*call.name.text;
        if !matches!(name, "list" | "set" | "map" | "tuple" | "object" | "optional") {
            if matches!(name, "string" | "number" | "bool" | "any") {
                return self
                    .refuse(span, format!("`{name}` takes nothing in parentheses. Write `{name}` alone."));
            }
            return self.unknown(name, call.name.span);
        }
        if name == "optional" {
            let detail = "`optional(…)` can only be the type of an attribute inside of `object({…})`.";
            return self.refuse(span, detail);
        }
        let [argument] = call.arguments.as_slice() else {
            let detail =
                format!("`{name}` takes one argument in parentheses, and here are {}.", call.arguments.len());
            return self.refuse(span, detail);
        };
        if let Some(expand) = call.expand {
            return self.refuse(expand, "`...` means nothing in a type.");
        }
        match name {
            "tuple" => self.tuple(argument),
            "object" => self.object(argument),
            _ => {
                let (element, defaults) = self.read(argument)?;
                let make = match name {
                    "list" => Type::list,
                    "set" => Type::set,
                    _ => Type::map,
                };
                Some((make(element), Defaults::of_elements(defaults)))
            }
        }
    }

    fn tuple(&mut self, argument: &Expression) -> Found {
        let ExpressionKind::Tuple(elements) = &argument.kind else {
            return self
                .refuse(argument.span, "`tuple` takes a list of types, as in `tuple([string, number])`.");
        };
        let elements: Vec<_> = elements.iter().map(|element| self.read(element)).collect();
        let elements: Vec<_> = elements.into_iter().collect::<Option<_>>()?;
        let (types, defaults): (Vec<Type>, Vec<Defaults>) = elements.into_iter().unzip();
        Some((Type::tuple(types), Defaults::of_tuple(defaults)))
    }

    fn object(&mut self, argument: &Expression) -> Found {
        let ExpressionKind::Object(items) = &argument.kind else {
            let detail = "`object` takes attributes with their types, as in `object({ name = string })`.";
            return self.refuse(argument.span, detail);
        };
        let mut object = ObjectType::default();
        let mut defaults = BTreeMap::new();
        let mut sound = true;
        for item in items {
            match self.attribute(item) {
                Some((name, constraint, is_optional, own)) => {
                    if object.attributes.contains_key(&name) {
                        sound = false;
                        self.refuse::<()>(item.key.span, format!("The attribute `{name}` is there already."));
                    }
                    if is_optional {
                        object.optional.insert(Arc::clone(&name));
                    }
                    defaults.insert(Arc::clone(&name), own);
                    object.attributes.insert(name, constraint);
                }
                None => sound = false,
            }
        }
        sound.then(|| (Type::Object(Arc::new(object)), Defaults::of_object(defaults)))
    }

    fn attribute(&mut self, item: &ObjectItem) -> Option<(Arc<str>, Type, bool, defaults::Attribute)> {
        let ExpressionKind::Variable(name) = &item.key.kind else {
            return self.refuse(item.key.span, "The name of an attribute is a word without quotes.");
        };
        let name = Arc::clone(name);
        let call = match &item.value.kind {
            ExpressionKind::Call(call) if &*call.name.text == "optional" => call,
            _ => {
                let (constraint, nested) = self.read(&item.value)?;
                return Some((name, constraint, false, defaults::Attribute { default: None, nested }));
            }
        };
        if !self.optional {
            return self.refuse(
                item.value.span,
                "`optional(…)` is for the types of variables, and means nothing here.",
            );
        }
        let (Some(wanted), default, None) =
            (call.arguments.first(), call.arguments.get(1), call.arguments.get(2))
        else {
            return self.refuse(item.value.span, "`optional` takes a type and, if you like, a default.");
        };
        let (constraint, nested) = self.read(wanted)?;
        let default = match default {
            None => None,
            Some(default) => {
                let value = default.evaluate(&Scope::default(), self.diagnostics);
                match convert(&nested.apply(&value), &constraint) {
                    Ok(value) => Some(value),
                    Err(error) => {
                        return self.refuse(
                            default.span,
                            format!("The default of `{name}` does not fit its type: {error}."),
                        );
                    }
                }
            }
        };
        Some((name, constraint, true, defaults::Attribute { default, nested }))
    }

    /// In a JSON file a type is the text of a type expression.
    fn json(&mut self, node: &json::Node) -> Found {
        let Some(text) = node.as_str() else {
            return self.refuse(node.span, "A type is a text, as in `\"list(string)\"`.");
        };
        let places = Places::pieces(node.span.file, vec![(0, node.span.start as usize + 1)]);
        let expression = syntax::parse_expression_at(&places, text, self.diagnostics);
        self.read(&expression)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{source::FileId, value::Value};

    fn read(text: &str) -> Result<(Type, Defaults), String> {
        let mut diagnostics = Diagnostics::default();
        let expression = syntax::parse_expression(FileId::default(), text, &mut diagnostics);
        let found = parse(&expression, &mut diagnostics);
        found
            .ok_or_else(|| diagnostics.iter().map(|fault| fault.detail.clone()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn types_are_read() {
        for text in [
            "string",
            "any",
            "list(string)",
            "map(set(number))",
            "tuple([string, bool])",
            "object({a = string, b = list(number)})",
            "object({a = optional(string), b = number})",
        ] {
            assert_eq!(read(text).unwrap().0.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_type_is_told() {
        for (text, told) in [
            ("strin", "Did you mean `string`?"),
            ("list", "`list(string)`"),
            ("list(string, number)", "here are 2"),
            ("\"string\"", "without quotes"),
            ("object({a = 1})", "not a type"),
            ("optional(string)", "inside of `object"),
            ("object({a = string, a = number})", "already"),
            ("tuple(string)", "list of types"),
            ("string(1)", "alone"),
            ("null", "not a type"),
        ] {
            let detail = read(text).unwrap_err();
            assert!(detail.contains(told), "{text}: {detail}");
        }
    }

    #[test]
    fn defaults_fill_what_is_missing() {
        let (wanted, defaults) =
            read("map(object({ port = optional(number, 80), tags = optional(list(string), []), note = optional(string) }))")
                .unwrap();
        let mut faults = Diagnostics::default();
        let text = "{ web = {}, db = { port = \"5432\", tags = [\"x\"] } }";
        let value = syntax::parse_expression(FileId::default(), text, &mut faults)
            .evaluate(&Scope::default(), &mut faults);
        let value = convert(&defaults.apply(&value), &wanted).unwrap();
        let text = crate::value::console(&value);
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>().join(" "),
            "{ \"db\" = { \"port\" = 5432 \"tags\" = [ \"x\", ] } \"web\" = { \"port\" = 80 \"tags\" = [] } }"
        );
        assert!(matches!(value, Value::Map(..)));
    }
}
