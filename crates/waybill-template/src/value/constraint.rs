//! Type expressions: what stands for a type in `variable` blocks and in `convert()`.
//!
//! `string`, `number`, `bool`, `any`; `list(T)`, `set(T)`, `map(T)`; `tuple([T, …])` and `object({name = T, …})`, whose
//! attributes may be `optional(T)`, with a default as second argument. They are read from how they are written; only
//! defaults are evaluated, without names and functions.

mod defaults;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub use self::defaults::Defaults;
use super::{ObjectType, Type, Value, convert};
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

/// Reads the type of a variable. Attributes may be optional and have defaults. Every fault is told; with any, there is
/// no type.
pub fn parse(expression: &Expression, diagnostics: &mut Diagnostics) -> Option<(Type, Defaults)> {
    Reader { place: Place::Variable, diagnostics }.read(expression)
}

/// Reads a type that is the argument of a function. An attribute may be called optional, but is asked for nevertheless.
pub fn parse_exact(expression: &Expression, diagnostics: &mut Diagnostics) -> Option<Type> {
    Reader { place: Place::Function, diagnostics }.read(expression).map(|(ty, _)| ty)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Variable,
    Function,
}

const SUMMARY: &str = "Invalid type specification";

struct Reader<'a> {
    place: Place,
    diagnostics: &'a mut Diagnostics,
}

type Parsed = Option<(Type, Defaults)>;

impl Reader<'_> {
    fn read(&mut self, expression: &Expression) -> Parsed {
        match &expression.kind {
            ExpressionKind::Variable(word) => self.keyword(word, expression.span),
            ExpressionKind::Literal(Value::Bool(_) | Value::Null(_)) => {
                let word = literal_word(expression).unwrap_or_default();
                self.keyword(&word, expression.span)
            }
            ExpressionKind::Call(call) => self.constructor(call, expression.span),
            ExpressionKind::Bound { expression, .. } => self.read(expression),
            ExpressionKind::Json(json::Node { kind: json::Kind::String(text), span }) => {
                self.json(text, *span)
            }
            // Its fault is told already.
            ExpressionKind::Invalid => None,
            _ => self.refuse(expression.span, hint_for(expression)),
        }
    }

    /// In JSON a type expression is a string.
    fn json(&mut self, text: &str, span: Span) -> Parsed {
        let behind_the_quote = Places::pieces(span.file, vec![(0, span.start as usize + 1)]);
        let expression = syntax::parse_expression_at(&behind_the_quote, text, self.diagnostics);
        self.read(&expression)
    }

    fn keyword(&mut self, word: &str, span: Span) -> Parsed {
        let message = match word {
            "bool" => return primitive(Type::Bool),
            "number" => return primitive(Type::Number),
            "string" => return primitive(Type::String),
            "any" => return primitive(Type::Dynamic),
            "list" | "set" | "map" => format!(
                "A {word} needs the type of its elements in parentheses: `{word}(string)`, or `{word}(any)` if that is \
                 open."
            ),
            "object" => "An object needs the types of its attributes: `object({name = string})`.".to_owned(),
            "tuple" => "A tuple needs the types of its elements: `tuple([string, number])`.".to_owned(),
            "optional" => OPTIONAL_ELSEWHERE.to_owned(),
            _ => format!("The word `{word}` is not a type.{}", known_types(word)),
        };
        self.refuse(span, message)
    }

    fn constructor(&mut self, call: &Call, span: Span) -> Parsed {
        let name = &*call.name.text;
        match name {
            "list" | "set" | "map" => {
                let (element, defaults) = self
                    .only_argument(call, "the type of the elements")
                    .and_then(|argument| self.read(argument))?;
                let ty = match name {
                    "list" => Type::list(element),
                    "set" => Type::set(element),
                    _ => Type::map(element),
                };
                Some((ty, Defaults::of_elements(defaults)))
            }
            "tuple" => {
                let argument = self.only_argument(call, "a list of the elements' types")?;
                let ExpressionKind::Tuple(elements) = &argument.kind else {
                    return self.refuse(
                        argument.span,
                        "The types of a tuple's elements are a list: `tuple([string, number])`.",
                    );
                };
                let elements: Vec<Parsed> = elements.iter().map(|element| self.read(element)).collect();
                let (types, defaults): (Vec<Type>, Vec<Defaults>) =
                    elements.into_iter().collect::<Option<Vec<_>>>()?.into_iter().unzip();
                Some((Type::tuple(types), Defaults::of_tuple(defaults)))
            }
            "object" => {
                let argument = self.only_argument(call, "the types of the attributes")?;
                let ExpressionKind::Object(items) = &argument.kind else {
                    return self.refuse(
                        argument.span,
                        "The attributes of an object are names with types: `object({name = string, size = number})`.",
                    );
                };
                self.object(items)
            }
            "bool" | "number" | "string" | "any" => self.refuse(
                call.parentheses,
                format!("The type `{name}` takes no arguments; write just `{name}`."),
            ),
            "optional" => self.refuse(span, OPTIONAL_ELSEWHERE),
            _ => self.refuse(span, format!("There is no type constructor `{name}`.{}", known_types(name))),
        }
    }

    fn object(&mut self, items: &[ObjectItem]) -> Parsed {
        let mut object = ObjectType { attributes: BTreeMap::new(), optional: BTreeSet::new() };
        let mut values: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let mut inside: BTreeMap<Arc<str>, Defaults> = BTreeMap::new();
        let mut complete = true;
        for item in items {
            let Some(name) = attribute_name(item) else {
                self.tell(
                    item.key.span,
                    "The attributes of an object type have plain names, without quotes or parentheses: \
                     `object({name = string})`.",
                );
                complete = false;
                continue;
            };
            if object.attributes.contains_key(&name) {
                self.tell(
                    item.key.span,
                    format!("The attribute {name:?} is already declared in this object type."),
                );
                complete = false;
                continue;
            }
            let Some(attribute) = self.attribute(&item.value) else {
                complete = false;
                continue;
            };
            if attribute.optional && self.place == Place::Variable {
                object.optional.insert(name.clone());
            }
            values.extend(attribute.default.map(|value| (name.clone(), value)));
            inside.insert(name.clone(), attribute.inside);
            object.attributes.insert(name, attribute.ty);
        }
        complete.then(|| (Type::Object(Arc::new(object)), Defaults::of_object(values, inside)))
    }

    /// The type of an attribute, which may be optional.
    fn attribute(&mut self, expression: &Expression) -> Option<Attribute> {
        let call = match &expression.kind {
            ExpressionKind::Call(call) if &*call.name.text == "optional" => call,
            _ => {
                let (ty, inside) = self.read(expression)?;
                return Some(Attribute { ty, inside, optional: false, default: None });
            }
        };
        let (ty, default) = match call.arguments.as_slice() {
            [] => {
                self.tell(
                    call.parentheses,
                    "`optional` needs the type of the attribute: `optional(string)`.",
                );
                return None;
            }
            [ty] => (ty, None),
            [ty, default] if self.place == Place::Variable => (ty, Some(default)),
            _ => {
                let most = match self.place {
                    Place::Variable => {
                        "`optional` takes the type of the attribute and a default, nothing more."
                    }
                    Place::Function => {
                        "Here `optional` takes the type of the attribute only: there are no defaults."
                    }
                };
                self.tell(call.name.span.to(call.parentheses), most);
                return None;
            }
        };
        let (ty, inside) = self.read(ty)?;
        let default = match default {
            Some(expression) => Some(self.default(expression, &ty)?),
            None => None,
        };
        Some(Attribute { ty, inside, optional: true, default })
    }

    fn default(&mut self, expression: &Expression, ty: &Type) -> Option<Value> {
        let mut faults = Diagnostics::default();
        let value = expression.evaluate(&Scope::default(), &mut faults);
        let failed = faults.has_errors();
        self.diagnostics.extend(faults);
        if failed {
            return None;
        }
        match convert(&value, ty) {
            Ok(value) => Some(value),
            Err(error) => {
                let detail = format!("This default does not fit the type of the attribute: {error}.");
                let summary = "Invalid default value for optional attribute";
                self.diagnostics.push(Diagnostic::error(summary, detail).at(expression.span));
                None
            }
        }
    }

    fn only_argument<'e>(&mut self, call: &'e Call, wanted: &str) -> Option<&'e Expression> {
        let name = &call.name.text;
        let (span, found) = match call.arguments.as_slice() {
            [only] => return Some(only),
            [] => (call.parentheses, "there is none".to_owned()),
            [_, second, ..] => (second.span, format!("there are {}", call.arguments.len())),
        };
        self.tell(span, format!("`{name}` takes one argument, {wanted}; {found}."));
        None
    }

    /// Tells a fault, because of which there is no type.
    fn refuse(&mut self, span: Span, message: impl Into<String>) -> Parsed {
        self.tell(span, message);
        None
    }

    fn tell(&mut self, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(SUMMARY, message).at(span));
    }
}

/// What is declared of one attribute.
struct Attribute {
    ty: Type,
    inside: Defaults,
    optional: bool,
    default: Option<Value>,
}

const OPTIONAL_ELSEWHERE: &str =
    "Only an attribute of an object can be optional: `object({name = optional(string)})`.";

#[expect(clippy::unnecessary_wraps, reason = "is what all forms are read to")]
fn primitive(ty: Type) -> Parsed {
    Some((ty, Defaults::default()))
}

/// The name of an attribute that is a bare word.
fn attribute_name(item: &ObjectItem) -> Option<Arc<str>> {
    match &item.key.kind {
        ExpressionKind::Variable(name) if item.bare => Some(name.clone()),
        _ => None,
    }
}

/// The word that a literal is written with, if it is one.
fn literal_word(expression: &Expression) -> Option<Arc<str>> {
    match &expression.kind {
        ExpressionKind::Literal(Value::Bool(true)) => Some("true".into()),
        ExpressionKind::Literal(Value::Bool(false)) => Some("false".into()),
        ExpressionKind::Literal(Value::Null(_)) => Some("null".into()),
        _ => None,
    }
}

/// What to write instead of an expression that is no type.
fn hint_for(expression: &Expression) -> String {
    let instead = match &expression.kind {
        ExpressionKind::Template(_) | ExpressionKind::Wrap(_) | ExpressionKind::Literal(Value::String(_)) => {
            "Types are written without quotes, like `string` or `list(string)`."
        }
        ExpressionKind::Parentheses(_) => "A type is not put in parentheses.",
        ExpressionKind::Tuple(_) => {
            "For a list of values write `list(string)`, for fixed elements `tuple([string])`."
        }
        ExpressionKind::Object(_) => {
            "For values under any names write `map(string)`, for certain ones `object({…})`."
        }
        _ => "A type is a word like `string`, or a constructor like `list(string)`.",
    };
    format!("This is not a type. {instead}")
}

fn known_types(word: &str) -> String {
    const TYPES: [&str; 9] = ["bool", "number", "string", "any", "list", "set", "map", "tuple", "object"];
    match suggest::nearest(word, TYPES) {
        Some(near) => format!(" Did you mean `{near}`?"),
        None => " Types are bool, number, string, any, list(…), set(…), map(…), tuple([…]) and object({…})."
            .to_owned(),
    }
}
