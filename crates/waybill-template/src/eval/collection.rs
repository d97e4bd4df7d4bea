//! Objects, and `for` expressions.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use super::{Evaluator, fault};
use crate::{
    diagnostic::Diagnostic,
    source::Span,
    syntax::tree::{Expression, ExpressionKind, For, Name, ObjectItem},
    value::{self, Type, Value},
};

/// What the `if` of a loop says about an element.
enum Included {
    Yes,
    No,
    /// It depends on what is unknown, or is wrong, which is told.
    Unknown,
}

impl Evaluator {
    /// `{ key = value }`. Of equal keys the last counts.
    pub(super) fn object(&mut self, items: &[ObjectItem]) -> Value {
        let mut attributes = BTreeMap::new();
        let mut known = true;
        for item in items {
            let failures = self.failures;
            let key = self.object_key(item);
            let failed = self.failed_since(failures);
            let value = self.evaluate(&item.value);
            match key {
                _ if failed => known = false,
                Value::Null(_) => {
                    let detail = "The key of this value is null. A key must be text, or become text.";
                    self.fault(Diagnostic::error("Null value as key", detail).at(item.value.span));
                    known = false;
                }
                key => match value::convert(&key, &Type::String) {
                    Ok(Value::String(key)) => _ = attributes.insert(key, value),
                    Ok(_) => known = false,
                    Err(_) => {
                        let detail =
                            format!("A key must be text, or become text, but this is {}.", fault::kind(&key));
                        self.fault(Diagnostic::error("Incorrect key type", detail).at(item.key.span));
                        known = false;
                    }
                },
            }
        }
        if known { Value::object(attributes) } else { Value::dynamic() }
    }

    fn object_key(&mut self, item: &ObjectItem) -> Value {
        match &item.key.kind {
            ExpressionKind::Variable(name) if item.bare => Value::String(name.clone()),
            _ => self.evaluate(&item.key),
        }
    }

    /// `[for …]` and `{for …}`
    pub(super) fn for_each(&mut self, each: &For, span: Span) -> Value {
        let collection = self.evaluate(&each.collection);
        if matches!(collection, Value::Unknown(Type::Dynamic))
            || !self.can_iterate(&collection, &each.collection)
        {
            return Value::dynamic();
        }
        let names = Names { key: each.key_name.as_ref(), value: &each.value_name };
        if let Some(condition) = &each.condition
            && !self.condition_fits(condition, &names)
        {
            return Value::dynamic();
        }
        let Some(elements) = collection.elements() else { return Value::dynamic() };
        match &each.key {
            None => self.for_tuple(each, &names, elements),
            Some(key) => self.for_object(each, key, &names, elements, span),
        }
    }

    fn for_tuple(
        &mut self,
        each: &For,
        names: &Names<'_>,
        elements: impl Iterator<Item = (Value, Value)>,
    ) -> Value {
        let mut values = Vec::new();
        let mut known = true;
        for (key, value) in elements {
            if !self.spend(1, each.open) {
                return Value::dynamic();
            }
            self.inside(names.bind(key, value), |evaluator| {
                match evaluator.included(each.condition.as_ref()) {
                    Included::Yes => values.push(evaluator.evaluate(&each.value)),
                    Included::No => {}
                    Included::Unknown => known = false,
                }
            });
        }
        if known { Value::tuple(values) } else { Value::dynamic() }
    }

    fn for_object(
        &mut self,
        each: &For,
        key_expression: &Expression,
        names: &Names<'_>,
        elements: impl Iterator<Item = (Value, Value)>,
        span: Span,
    ) -> Value {
        let mut attributes: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        let mut known = true;
        for (key, value) in elements {
            if !self.spend(1, each.open) {
                return Value::dynamic();
            }
            self.inside(names.bind(key, value), |evaluator| {
                match evaluator.included(each.condition.as_ref()) {
                    Included::Yes => {}
                    Included::No => return,
                    Included::Unknown => return known = false,
                }
                let Some(key) = evaluator.for_key(key_expression) else { return known = false };
                let value = evaluator.evaluate(&each.value);
                match attributes.entry(key) {
                    Entry::Vacant(entry) => _ = entry.insert(vec![value]),
                    Entry::Occupied(mut entry) if each.group => entry.get_mut().push(value),
                    Entry::Occupied(_) => evaluator.duplicate_key(key_expression, span),
                }
            });
        }
        if !known {
            return Value::dynamic();
        }
        let attribute = |mut values: Vec<Value>| match values.pop() {
            Some(value) if !each.group => value,
            last => Value::tuple(values.into_iter().chain(last).collect::<Vec<_>>()),
        };
        Value::object(attributes.into_iter().map(|(key, values)| (key, attribute(values))).collect())
    }

    fn for_key(&mut self, expression: &Expression) -> Option<Arc<str>> {
        let key = self.evaluate(expression);
        let detail = match value::convert(&key, &Type::String) {
            _ if !key.is_known() => return None,
            _ if key.is_null() => "This key is null. A key must be text, or become text.".to_owned(),
            Ok(Value::String(key)) => return Some(key),
            Ok(_) => return None,
            Err(_) => format!("A key must be text, or become text, but this is {}.", fault::kind(&key)),
        };
        self.fault(Diagnostic::error("Invalid object key", detail).at(expression.span));
        None
    }

    fn duplicate_key(&mut self, key: &Expression, span: Span) {
        let detail = "Two elements have the same key here. Make the keys different, or write \"...\" behind the \
                      value, so that each key has the list of its values.";
        self.fault(Diagnostic::error("Duplicate object key", detail).at(key.span).within(span));
    }

    /// Whether a loop can walk the value, once it is known; it is told if not.
    pub(super) fn can_iterate(&mut self, collection: &Value, expression: &Expression) -> bool {
        match collection {
            Value::Null(_) => {
                let detail =
                    format!("{} is null, so there is nothing to loop over.", fault::subject(expression));
                self.fault(Diagnostic::error("Iteration over null value", detail).at(expression.span));
                false
            }
            Value::Unknown(ty) => ty.is_iterable() || self.not_iterable(collection, expression),
            // Its elements get names, so that they can be in what is made of them many times.
            _ if collection.is_oversized() => {
                let detail = "This value has too many parts, or they are nested too deeply, to loop over it.";
                self.fault(Diagnostic::error("Value too large", detail).at(expression.span));
                false
            }
            _ => collection.length().is_some() || self.not_iterable(collection, expression),
        }
    }

    fn not_iterable(&mut self, collection: &Value, expression: &Expression) -> bool {
        let detail = format!(
            "{} is {}. A loop needs a list, set, tuple, map or object.",
            fault::subject(expression),
            fault::kind(collection)
        );
        self.fault(Diagnostic::error("Iteration over non-iterable value", detail).at(expression.span));
        false
    }

    /// Tries the condition once before the loop, so that what is always wrong is told even without elements.
    fn condition_fits(&mut self, condition: &Expression, names: &Names<'_>) -> bool {
        let failures = self.failures;
        let unknown = names.bind(Value::dynamic(), Value::dynamic());
        self.inside(unknown, |evaluator| {
            evaluator.included(Some(condition));
        });
        !self.failed_since(failures)
    }

    fn included(&mut self, condition: Option<&Expression>) -> Included {
        let Some(condition) = condition else { return Included::Yes };
        let value = self.evaluate(condition);
        let detail = match value::convert(&value, &Type::Bool) {
            _ if value.is_null() => "The condition is null, but it must be true or false.".to_owned(),
            Ok(Value::Bool(true)) => return Included::Yes,
            Ok(Value::Bool(false)) => return Included::No,
            Ok(_) => return Included::Unknown,
            Err(_) => format!("The condition must be {}.", fault::misfit(&value, &Type::Bool)),
        };
        self.fault(Diagnostic::error("Invalid 'for' condition", detail).at(condition.span));
        Included::Unknown
    }
}

/// The names that a loop gives its elements.
pub(super) struct Names<'a> {
    pub(super) key: Option<&'a Name>,
    pub(super) value: &'a Name,
}

impl Names<'_> {
    pub(super) fn bind(&self, key: Value, value: Value) -> BTreeMap<Arc<str>, Value> {
        let key = self.key.map(|name| (name.text.clone(), key));
        key.into_iter().chain([(self.value.text.clone(), value)]).collect()
    }
}
