//! What is inside of a value: `value[key]` and `value.name`.

use std::sync::Arc;

use thiserror::Error;

use super::{Number, Type, Value, convert, normalized};

/// Why there is nothing at a key or under a name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AccessError {
    #[error("This value is null, so there is nothing in it that could be selected.")]
    Null,
    #[error("This value is null, so it does not have any attributes.")]
    NullAttribute,
    #[error("A null value cannot be used as a key.")]
    NullKey,
    #[error("A value of type {0} does not have elements that can be selected by a key.")]
    NoElements(String),
    #[error(
        "Elements of a set are identified by their value only: there is no index or key to select one with. An \
         expression `[for element in the_set : element]` makes a list of them."
    )]
    Set,
    #[error("The key must be a {wanted}: {message}.")]
    Key { wanted: &'static str, message: String },
    #[error("An index must be a whole number, and {0} is not.")]
    Fraction(String),
    #[error("The index {0} is negative: elements are counted from 0.")]
    NegativeIndex(String),
    #[error("There is no element with the index {index}: {}.", elements(*.length))]
    Index { index: String, length: usize },
    #[error("There is no element with the key {0:?} in this map.")]
    MapKey(Arc<str>),
    #[error("This object does not have an attribute named {name:?}.{}", .hint.as_deref().unwrap_or_default())]
    Attribute { name: Arc<str>, hint: Option<String> },
    #[error("A value of type {0} does not have attributes.")]
    NoAttributes(String),
    #[error(
        "A list of objects has no attribute {0:?} itself. Choose an element first, as in `list[0].{0}`, or take the \
         attribute of every element, as in `list[*].{0}`."
    )]
    ListOfObjects(Arc<str>),
    #[error(
        "A set of objects has no attribute {0:?} itself. The attribute of every element is \
         `[for element in the_set : element.{0}]`."
    )]
    SetOfObjects(Arc<str>),
}

impl AccessError {
    /// A title for it.
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Null => "Attempt to index null value",
            Self::NullAttribute => "Attempt to get attribute from null value",
            Self::NullKey
            | Self::NoElements(_)
            | Self::Set
            | Self::Key { .. }
            | Self::Fraction(_)
            | Self::NegativeIndex(_)
            | Self::Index { .. } => "Invalid index",
            Self::MapKey(_) => "Missing map element",
            Self::Attribute { .. }
            | Self::NoAttributes(_)
            | Self::ListOfObjects(_)
            | Self::SetOfObjects(_) => "Unsupported attribute",
        }
    }
}

impl Value {
    /// `self[key]`. The key is converted to what the value is indexed by. What depends on something unknown is unknown.
    pub fn index(&self, key: &Self) -> Result<Self, AccessError> {
        if self.is_null() {
            return Err(AccessError::Null);
        }
        if key.is_null() {
            return Err(AccessError::NullKey);
        }
        if matches!(key, Self::Unknown(Type::Dynamic)) {
            return Ok(Self::dynamic());
        }
        match self {
            Self::List(element, values) => match index_number(key)? {
                None => Ok(Self::Unknown(element.clone())),
                Some(number) => element_at(values, &number).cloned(),
            },
            Self::Tuple(values) => match index_number(key)? {
                None => Ok(Self::dynamic()),
                Some(number) => element_at(values, &number).cloned(),
            },
            Self::Map(element, values) => match index_name(key)? {
                None => Ok(Self::Unknown(element.clone())),
                Some(name) => values.get(&name).cloned().ok_or(AccessError::MapKey(name)),
            },
            Self::Object(values) => match index_name(key)? {
                None => Ok(Self::dynamic()),
                Some(name) => values.get(&name).cloned().ok_or_else(|| {
                    let numeric = matches!(key, Self::Number(_));
                    let hint = " Attributes of an object are selected by name, not by a number.";
                    AccessError::Attribute { name, hint: numeric.then(|| hint.to_owned()) }
                }),
            },
            Self::Unknown(ty) => index_unknown(ty, key),
            Self::Set(..) => Err(AccessError::Set),
            Self::Bool(_) | Self::Number(_) | Self::String(_) | Self::Null(_) => {
                Err(AccessError::NoElements(self.ty().friendly_name()))
            }
        }
    }

    /// `self.name`: an attribute of an object, or an element of a map.
    pub fn attribute(&self, name: &str) -> Result<Self, AccessError> {
        let name = normalized(name.into());
        match self {
            Self::Null(_) => Err(AccessError::NullAttribute),
            Self::Object(values) => {
                values.get(&name).cloned().ok_or(AccessError::Attribute { name, hint: None })
            }
            Self::Map(_, values) => values.get(&name).cloned().ok_or(AccessError::MapKey(name)),
            Self::Unknown(ty) => attribute_type(ty, name).map(Self::Unknown),
            _ => attribute_type(&self.ty(), name).map(Self::Unknown),
        }
    }
}

/// The type that an attribute has in a value of this type.
fn attribute_type(ty: &Type, name: Arc<str>) -> Result<Type, AccessError> {
    let is_object = |ty: &Type| matches!(ty, Type::Object(_));
    match ty {
        Type::Dynamic => Ok(Type::Dynamic),
        Type::Object(object) => {
            object.attributes.get(&name).cloned().ok_or(AccessError::Attribute { name, hint: None })
        }
        Type::Map(element) => Ok((**element).clone()),
        Type::List(element) if is_object(element) => Err(AccessError::ListOfObjects(name)),
        Type::Set(element) if is_object(element) => Err(AccessError::SetOfObjects(name)),
        Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Bool | Type::Number | Type::String => {
            Err(AccessError::NoAttributes(ty.friendly_name()))
        }
    }
}

fn index_unknown(ty: &Type, key: &Value) -> Result<Value, AccessError> {
    match ty {
        Type::Dynamic => Ok(Value::dynamic()),
        Type::List(element) => index_number(key).map(|_| Value::Unknown((**element).clone())),
        Type::Map(element) => index_name(key).map(|_| Value::Unknown((**element).clone())),
        Type::Tuple(elements) => match index_number(key)? {
            None => Ok(Value::dynamic()),
            Some(number) => element_at(elements, &number).cloned().map(Value::Unknown),
        },
        Type::Object(object) => {
            // By a key, unlike by a name, an attribute that is not there is only missed when the object is known.
            let found = index_name(key)?.and_then(|name| object.attributes.get(&name).cloned());
            Ok(Value::Unknown(found.unwrap_or(Type::Dynamic)))
        }
        Type::Set(_) => Err(AccessError::Set),
        Type::Bool | Type::Number | Type::String => Err(AccessError::NoElements(ty.friendly_name())),
    }
}

/// The key of a list or tuple; `None` if it is unknown.
fn index_number(key: &Value) -> Result<Option<Number>, AccessError> {
    match convert(key, &Type::Number) {
        Ok(Value::Number(number)) => Ok(Some(number)),
        Ok(_) => Ok(None),
        Err(error) => Err(AccessError::Key { wanted: "number", message: error.to_string() }),
    }
}

/// The key of a map or object; `None` if it is unknown.
fn index_name(key: &Value) -> Result<Option<Arc<str>>, AccessError> {
    match convert(key, &Type::String) {
        Ok(Value::String(name)) => Ok(Some(name)),
        Ok(_) => Ok(None),
        Err(error) => Err(AccessError::Key { wanted: "string", message: error.to_string() }),
    }
}

fn element_at<'a, T>(elements: &'a [T], index: &Number) -> Result<&'a T, AccessError> {
    if !index.is_integer() {
        return Err(AccessError::Fraction(index.to_short()));
    }
    if index.is_negative() && !index.is_zero() {
        return Err(AccessError::NegativeIndex(index.to_short()));
    }
    index
        .to_usize()
        .and_then(|index| elements.get(index))
        .ok_or_else(|| AccessError::Index { index: index.to_short(), length: elements.len() })
}

fn elements(length: usize) -> String {
    match length {
        0 => "it is empty".to_owned(),
        1 => "the only one has the index 0".to_owned(),
        _ => format!("the last one has the index {}", length - 1),
    }
}
