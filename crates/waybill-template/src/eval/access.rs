//! Parts of values: names, attributes, indexes.

use super::{Evaluator, fault};
use crate::{
    diagnostic::Diagnostic,
    source::Span,
    syntax::tree::{Expression, Name},
    value::{self, Number, Type, Value},
};

impl Evaluator {
    /// The value of a root name.
    pub(super) fn variable(&mut self, name: &str, span: Span) -> Value {
        if let Some(value) = self.scope.get(name) {
            return value.clone();
        }
        let roots = self.scope.names();
        let named = fault::quoted(name);
        let diagnostic = if roots.is_empty() {
            let detail =
                format!("Nothing can be referred to here, so {named} has no meaning; use a literal value.");
            Diagnostic::error("Variables not allowed", detail)
        } else {
            let instead =
                fault::instead(name, "A reference here can start with", roots.iter().map(AsRef::as_ref));
            Diagnostic::error("Unknown variable", format!("There is no variable named {named}.{instead}"))
        };
        self.fault(diagnostic.at(span));
        Value::dynamic()
    }

    /// `base.name`
    pub(super) fn attribute(&mut self, value: &Value, base: &Expression, name: &Name) -> Value {
        attribute(value, &name.text, base).unwrap_or_else(|diagnostic| {
            self.fault(diagnostic.at(name.span));
            Value::dynamic()
        })
    }

    /// `base[key]`
    pub(super) fn index(
        &mut self,
        value: &Value,
        key: &Value,
        [base_expression, key_expression]: [&Expression; 2],
        span: Span,
    ) -> Value {
        index(value, key, base_expression, key_expression).unwrap_or_else(|diagnostic| {
            let brackets = Span { start: base_expression.span.end.clamp(span.start, span.end), ..span };
            self.fault(diagnostic.at(brackets).within(span));
            Value::dynamic()
        })
    }
}

fn attribute(value: &Value, name: &str, base: &Expression) -> Result<Value, Diagnostic> {
    let named = fault::quoted(name);
    let refusal = |detail: String| Err(Diagnostic::error("Unsupported attribute", detail));
    let no_attribute = |instead: String| {
        refusal(format!("{} has no attribute named {named}.{instead}", fault::subject(base)))
    };
    match value {
        Value::Null(_) => Err(Diagnostic::error(
            "Attempt to get attribute from null value",
            format!("{} is null, so it has no attribute {named}.", fault::subject(base)),
        )),
        Value::Object(attributes) => match attributes.get(name) {
            Some(value) => Ok(value.clone()),
            None => no_attribute(fault::instead(name, "It has", fault::names(attributes))),
        },
        Value::Map(_, elements) => elements.get(name).cloned().ok_or_else(|| {
            let instead = fault::instead(name, "It has", fault::names(elements));
            let detail = format!("{} is a map without an element {named}.{instead}", fault::subject(base));
            Diagnostic::error("Missing map element", detail)
        }),
        Value::Unknown(Type::Dynamic) => Ok(Value::dynamic()),
        Value::Unknown(Type::Map(element)) => Ok(Value::Unknown(element.as_ref().clone())),
        Value::Unknown(Type::Object(object)) => match object.attributes.get(name) {
            Some(ty) => Ok(Value::Unknown(ty.clone())),
            None => no_attribute(fault::instead(name, "It has", fault::names(&object.attributes))),
        },
        _ => {
            let this = fault::subject(base);
            let kind = fault::kind(value);
            refusal(match value.ty() {
                Type::List(_) | Type::Tuple(_) => format!(
                    "{this} is {kind}, which has no attributes. Choose an element first, as in [0].{name}, or take \
                     the attribute of each one with [*].{name}."
                ),
                Type::Set(_) => format!(
                    "{this} is {kind}, which has no attributes. Take the attribute of each element with [*].{name}."
                ),
                _ => format!("{this} is {kind}, which has no attributes, so none named {named}."),
            })
        }
    }
}

fn index(
    value: &Value,
    key: &Value,
    base: &Expression,
    key_expression: &Expression,
) -> Result<Value, Diagnostic> {
    let refusal = |detail: String| Err(Diagnostic::error("Invalid index", detail));
    if value.is_null() {
        let detail = format!("{} is null, so it has no elements.", fault::subject(base));
        return Err(Diagnostic::error("Attempt to index null value", detail));
    }
    if key.is_null() {
        return refusal("The key is null, and null identifies no element.".to_owned());
    }
    // The type of a tuple or object is costly to make, so that values are looked at first.
    let wanted = match value {
        Value::List(..) | Value::Tuple(_) | Value::Unknown(Type::List(_) | Type::Tuple(_)) => Type::Number,
        Value::Map(..) | Value::Object(_) | Value::Unknown(Type::Map(_) | Type::Object(_)) => Type::String,
        Value::Unknown(Type::Dynamic) => return Ok(Value::dynamic()),
        _ if matches!(key, Value::Unknown(Type::Dynamic)) => return Ok(Value::dynamic()),
        Value::Set(..) | Value::Unknown(Type::Set(_)) => {
            return refusal(format!(
                "{} is a set, whose elements have no order and no keys. Loop over it, or take all elements with [*].",
                fault::subject(base)
            ));
        }
        _ => {
            return refusal(format!(
                "{} is {}, which has no elements.",
                fault::subject(base),
                fault::kind(value)
            ));
        }
    };
    if matches!(key, Value::Unknown(Type::Dynamic)) {
        return Ok(Value::dynamic());
    }
    let Ok(key) = value::convert(key, &wanted) else {
        return refusal(format!(
            "The key must be a {}, because {} is {}, but it is {}.",
            wanted.friendly_name(),
            fault::subject(base),
            fault::kind(value),
            fault::kind(key)
        ));
    };
    let no_element = |instead: String| {
        let shown =
            fault::literal(key_expression).map_or_else(|| "this key".to_owned(), |key| format!("[{key}]"));
        refusal(format!("{} has no element {shown}.{instead}", fault::subject(base)))
    };
    match (value, &key) {
        (Value::Map(_, elements) | Value::Object(elements), Value::String(key)) => match elements.get(key) {
            Some(value) => Ok(value.clone()),
            None => no_element(fault::instead(key, "It has", fault::names(elements))),
        },
        (Value::Unknown(Type::Object(object)), Value::String(key))
            if !object.attributes.contains_key(key) =>
        {
            no_element(fault::instead(key, "It has", fault::names(&object.attributes)))
        }
        (Value::List(_, elements) | Value::Tuple(elements), Value::Number(key)) => {
            match key.to_usize().and_then(|index| elements.get(index)) {
                Some(value) => Ok(value.clone()),
                None => no_element(out_of_range(key, elements.len())),
            }
        }
        (Value::Unknown(Type::Tuple(elements)), Value::Number(key)) => {
            match key.to_usize().and_then(|index| elements.get(index)) {
                Some(ty) => Ok(Value::Unknown(ty.clone())),
                None => no_element(out_of_range(key, elements.len())),
            }
        }
        (Value::Unknown(Type::List(element) | Type::Map(element)), _) => {
            Ok(Value::Unknown(element.as_ref().clone()))
        }
        (Value::List(element, _) | Value::Map(element, _), _) => Ok(Value::Unknown(element.clone())),
        _ => Ok(Value::dynamic()),
    }
}

/// Why a number is no index of so many elements.
fn out_of_range(key: &Number, length: usize) -> String {
    if !key.is_integer() {
        " An index must be a whole number.".to_owned()
    } else if key.is_negative() {
        " An index must not be negative.".to_owned()
    } else {
        match length {
            0 => " It is empty.".to_owned(),
            1 => " Its only index is 0.".to_owned(),
            length => format!(" Its indexes are 0 to {}.", length - 1),
        }
    }
}
