//! Values: what expressions evaluate to.
//!
//! The kinds are those of the language: besides booleans, numbers and strings there are collections, whose
//! elements have one type (list, set, map), and structures, whose parts have a type each (tuple, object). Any type
//! may be null; a value may be unknown, because it exists only later (a data source that was not read, what a build
//! produces). There are no marks: "sensitive" is a replacement where text is shown.

mod access;
mod console;
mod convert;
mod equality;
mod set;
mod size;
#[cfg(test)]
mod tests;
mod unify;

pub mod constraint;
pub mod json;
pub mod number;
pub mod types;

use std::{collections::BTreeMap, sync::Arc};

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

pub use self::{
    access::AccessError,
    console::console,
    convert::{ConversionError, convert},
    number::Number,
    types::{ObjectType, Type},
    unify::unify,
};

/// A value. Cloning is cheap: what is large is shared.
///
/// Two values are `==` if they are the same value of the same type, unknown ones included; the operator of the
/// language is [`Value::equals`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    Unknown(Type),
    Null(Type),
    Bool(bool),
    Number(Number),
    /// Normalised (NFC): made by [`Value::string`].
    String(Arc<str>),
    List(Type, Arc<[Value]>),
    /// Without duplicates, in the set's order: made by [`Value::set`].
    Set(Type, Arc<[Value]>),
    /// With normalised keys: made by [`Value::map`].
    Map(Type, Arc<BTreeMap<Arc<str>, Value>>),
    Tuple(Arc<[Value]>),
    /// With normalised names: made by [`Value::object`].
    Object(Arc<BTreeMap<Arc<str>, Value>>),
}

impl Value {
    /// Text, normalised to NFC.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(normalized(text.into()))
    }

    pub fn bool(value: bool) -> Self {
        Self::Bool(value)
    }

    pub fn number(number: impl Into<Number>) -> Self {
        Self::Number(number.into())
    }

    /// A list of values that are all of this type.
    pub fn list(element: Type, values: impl Into<Arc<[Self]>>) -> Self {
        Self::List(element, values.into())
    }

    /// A set of values that are all of this type; in its own order, without duplicates. A value that is not wholly known
    /// is no duplicate yet, so that the length of the set is not known either.
    pub fn set(element: Type, values: impl Into<Vec<Self>>) -> Self {
        set::make(element, values.into())
    }

    /// A map of values that are all of this type.
    pub fn map(element: Type, values: BTreeMap<Arc<str>, Self>) -> Self {
        Self::Map(element, Arc::new(with_normalized_keys(values)))
    }

    pub fn tuple(values: impl Into<Arc<[Self]>>) -> Self {
        Self::Tuple(values.into())
    }

    pub fn object(attributes: BTreeMap<Arc<str>, Self>) -> Self {
        Self::Object(Arc::new(with_normalized_keys(attributes)))
    }

    /// A value of which nothing is known, not even its type: what a faulty expression evaluates to.
    pub fn dynamic() -> Self {
        Self::Unknown(Type::Dynamic)
    }

    /// A null of no particular type.
    pub fn null() -> Self {
        Self::Null(Type::Dynamic)
    }

    pub fn ty(&self) -> Type {
        match self {
            Self::Unknown(ty) | Self::Null(ty) => ty.clone(),
            Self::Bool(_) => Type::Bool,
            Self::Number(_) => Type::Number,
            Self::String(_) => Type::String,
            Self::List(element, _) => Type::list(element.clone()),
            Self::Set(element, _) => Type::set(element.clone()),
            Self::Map(element, _) => Type::map(element.clone()),
            Self::Tuple(values) => Type::Tuple(values.iter().map(Self::ty).collect()),
            Self::Object(attributes) => {
                Type::object(attributes.iter().map(|(name, value)| (name.clone(), value.ty())).collect())
            }
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null(_))
    }

    /// False for an unknown value; what is inside of the value may still be unknown.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }

    /// True if neither the value nor anything inside is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null(_) | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(_, values) | Self::Set(_, values) | Self::Tuple(values) => {
                values.iter().all(Self::is_wholly_known)
            }
            Self::Map(_, values) | Self::Object(values) => values.values().all(Self::is_wholly_known),
        }
    }

    /// Adds every text inside.
    pub fn texts(&self, found: &mut Vec<Arc<str>>) {
        match self {
            Self::String(text) => found.push(Arc::clone(text)),
            Self::List(_, values) | Self::Set(_, values) | Self::Tuple(values) => {
                values.iter().for_each(|value| value.texts(found));
            }
            Self::Map(_, values) | Self::Object(values) => {
                values.values().for_each(|value| value.texts(found));
            }
            Self::Unknown(_) | Self::Null(_) | Self::Bool(_) | Self::Number(_) => {}
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The values of a list, set or tuple that is known.
    pub fn as_slice(&self) -> Option<&[Self]> {
        match self {
            Self::List(_, values) | Self::Set(_, values) | Self::Tuple(values) => Some(values),
            _ => None,
        }
    }

    /// The values of a map or object that is known.
    pub fn as_map(&self) -> Option<&BTreeMap<Arc<str>, Self>> {
        match self {
            Self::Map(_, values) | Self::Object(values) => Some(values),
            _ => None,
        }
    }

    /// How many elements or attributes a value has that is known and of a kind that has some.
    pub fn length(&self) -> Option<usize> {
        self.as_slice().map(<[Self]>::len).or_else(|| self.as_map().map(BTreeMap::len))
    }

    /// Keys and values in the order that `for` walks them: the keys of a list or tuple are indexes, those of a set its
    /// values. `None` if the value is unknown or null, or of a kind that has no elements.
    pub fn elements(&self) -> Option<impl ExactSizeIterator<Item = (Self, Self)> + '_> {
        let length = self.length()?;
        let values = self.as_slice().unwrap_or_default();
        let mut members = self.as_map().into_iter().flatten();
        let is_set = matches!(self, Self::Set(..));
        Some((0..length).map(move |index| match values.get(index) {
            Some(value) if is_set => (value.clone(), value.clone()),
            Some(value) => (Self::number(index), value.clone()),
            None => {
                let (key, value) = members.next().expect("is as long as its length");
                (Self::String(key.clone()), value.clone())
            }
        }))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::string(text)
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Self::string(text)
    }
}

/// The text in normal form C, in which equal texts have equal bytes.
pub fn normalized(text: Arc<str>) -> Arc<str> {
    if text.is_ascii() || is_nfc(&text) { text } else { text.nfc().collect::<String>().into() }
}

fn with_normalized_keys(values: BTreeMap<Arc<str>, Value>) -> BTreeMap<Arc<str>, Value> {
    if values.keys().all(|key| key.is_ascii()) {
        return values;
    }
    values.into_iter().map(|(key, value)| (normalized(key), value)).collect()
}
