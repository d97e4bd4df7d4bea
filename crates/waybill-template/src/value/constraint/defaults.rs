//! Defaults of optional attributes, at every place in a type where there are some.

use std::{collections::BTreeMap, sync::Arc};

use crate::value::Value;

/// What a value gets where an optional attribute is missing or null.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults(Option<Arc<Inside>>);

#[derive(Debug, PartialEq, Eq)]
enum Inside {
    /// Of each element of a collection.
    Elements(Defaults),
    /// Of each element of a tuple by itself.
    Tuple(Vec<Defaults>),
    Object {
        /// The defaults of attributes that have one, of the attribute's type.
        values: BTreeMap<Arc<str>, Value>,
        /// What is inside of attributes.
        attributes: BTreeMap<Arc<str>, Defaults>,
    },
}

impl Defaults {
    pub(super) fn of_elements(elements: Self) -> Self {
        if elements.is_empty() { elements } else { Self::new(Inside::Elements(elements)) }
    }

    pub(super) fn of_tuple(elements: Vec<Self>) -> Self {
        if elements.iter().all(Self::is_empty) { Self::default() } else { Self::new(Inside::Tuple(elements)) }
    }

    pub(super) fn of_object(values: BTreeMap<Arc<str>, Value>, attributes: BTreeMap<Arc<str>, Self>) -> Self {
        if values.is_empty() && attributes.values().all(Self::is_empty) {
            Self::default()
        } else {
            Self::new(Inside::Object { values, attributes })
        }
    }

    fn new(inside: Inside) -> Self {
        Self(Some(Arc::new(inside)))
    }

    /// True if there are none, anywhere.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Puts the defaults into a value that is then converted to the type they belong to: collections become structures,
    /// as their elements may have different types until then. What does not fit the type is left as it is.
    #[must_use]
    pub fn apply(&self, value: &Value) -> Value {
        let Some(inside) = self.0.as_deref() else {
            return value.clone();
        };
        match inside {
            Inside::Elements(defaults) => match (value.as_slice(), value.as_map()) {
                (Some(values), _) => {
                    Value::tuple(values.iter().map(|value| defaults.apply(value)).collect::<Vec<_>>())
                }
                (_, Some(values)) => Value::object(
                    values.iter().map(|(name, value)| (name.clone(), defaults.apply(value))).collect(),
                ),
                _ => value.clone(),
            },
            Inside::Tuple(defaults) => match value.as_slice() {
                Some(values) if values.len() == defaults.len() => {
                    let values = values.iter().zip(defaults);
                    Value::tuple(values.map(|(value, defaults)| defaults.apply(value)).collect::<Vec<_>>())
                }
                _ => value.clone(),
            },
            Inside::Object { values: defaults, attributes } => {
                let Some(given) = value.as_map() else {
                    return value.clone();
                };
                let mut values = given.clone();
                for (name, default) in defaults {
                    if given.get(name).is_none_or(Value::is_null) {
                        values.insert(name.clone(), default.clone());
                    }
                }
                for (name, inside) in attributes {
                    if let Some(value) = values.get_mut(name) {
                        *value = inside.apply(value);
                    }
                }
                Value::object(values)
            }
        }
    }
}
