//! Defaults of optional attributes, beside the type that has them.

use std::{collections::BTreeMap, sync::Arc};

use crate::value::Value;

/// What is put in where a value leaves something out; in the shape of the type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults(Shape);

#[derive(Clone, Debug, Default, PartialEq)]
enum Shape {
    /// There is nothing to put in anywhere inside.
    #[default]
    Nothing,
    /// In each element of a collection.
    Elements(Box<Defaults>),
    Tuple(Vec<Defaults>),
    Object(BTreeMap<Arc<str>, Attribute>),
}

/// Of one attribute of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Attribute {
    pub(super) default: Option<Value>,
    pub(super) nested: Defaults,
}

impl Defaults {
    pub(super) fn of_elements(element: Self) -> Self {
        if element.is_empty() { Self::default() } else { Self(Shape::Elements(Box::new(element))) }
    }

    pub(super) fn of_tuple(elements: Vec<Self>) -> Self {
        if elements.iter().all(Self::is_empty) { Self::default() } else { Self(Shape::Tuple(elements)) }
    }

    pub(super) fn of_object(attributes: BTreeMap<Arc<str>, Attribute>) -> Self {
        let nothing = |attribute: &Attribute| attribute.default.is_none() && attribute.nested.is_empty();
        if attributes.values().all(nothing) { Self::default() } else { Self(Shape::Object(attributes)) }
    }

    fn is_empty(&self) -> bool {
        self.0 == Shape::Nothing
    }

    /// The value with defaults for attributes that are missing or null. It is not converted otherwise.
    #[must_use]
    pub fn apply(&self, value: &Value) -> Value {
        match (&self.0, value) {
            (
                Shape::Elements(element),
                Value::List(_, values) | Value::Set(_, values) | Value::Tuple(values),
            ) => Value::Tuple(values.iter().map(|value| element.apply(value)).collect()),
            (Shape::Elements(element), Value::Map(_, values) | Value::Object(values)) => {
                let values = values.iter().map(|(key, value)| (Arc::clone(key), element.apply(value)));
                Value::Object(values.collect::<BTreeMap<_, _>>().into())
            }
            (Shape::Tuple(elements), Value::Tuple(values) | Value::List(_, values)) => {
                let nothing = Self::default();
                let filled = values
                    .iter()
                    .enumerate()
                    .map(|(at, value)| elements.get(at).unwrap_or(&nothing).apply(value));
                Value::Tuple(filled.collect())
            }
            (Shape::Object(attributes), Value::Object(values) | Value::Map(_, values)) => {
                let mut values = BTreeMap::clone(values);
                for (name, Attribute { default, nested }) in attributes {
                    let filled = match (values.get(name), default) {
                        (Some(value), _) if !value.is_null() => nested.apply(value),
                        (_, Some(default)) => default.clone(),
                        _ => continue,
                    };
                    values.insert(Arc::clone(name), filled);
                }
                Value::Object(values.into())
            }
            _ => value.clone(),
        }
    }
}
