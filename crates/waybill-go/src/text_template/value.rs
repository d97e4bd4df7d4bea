//! What templates work on.

use std::{collections::BTreeMap, sync::Arc};

/// A value. Cloning is cheap.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing at all: a key that is missing. Printed as `<no value>`.
    #[default]
    None,
    /// A null in a list or a map.
    Nil,
    Bool(bool),
    Integer(i64),
    /// One byte of a string.
    Byte(u8),
    Float(f64),
    Complex(f64, f64),
    String(Arc<str>),
    List(Arc<[Value]>),
    Map(Arc<BTreeMap<Arc<str>, Value>>),
    Record(Arc<Record>),
}

/// A fixed set of fields; another one is an error, where a map has no value.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// How messages name the type.
    pub kind: &'static str,
    pub fields: Vec<(&'static str, Value)>,
}

impl Value {
    /// The name of Go's type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::None => "<nil>",
            Self::Nil => "interface {}",
            Self::Bool(_) => "bool",
            Self::Integer(_) => "int",
            Self::Byte(_) => "uint8",
            Self::Float(_) => "float64",
            Self::Complex(..) => "complex128",
            Self::String(_) => "string",
            Self::List(_) => "[]interface {}",
            Self::Map(_) => "map[string]interface {}",
            Self::Record(record) => record.kind,
        }
    }

    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::None | Self::Nil)
    }

    /// Whether `if` takes it for true.
    pub fn is_true(&self) -> bool {
        match self {
            Self::None | Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Integer(value) => *value != 0,
            Self::Byte(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
            Self::String(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Map(members) => !members.is_empty(),
            Self::Record(_) => true,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<K: Into<Arc<str>>, V: Into<Value>> FromIterator<(K, V)> for Value {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        Self::Map(Arc::new(members.into_iter().map(|(key, value)| (key.into(), value.into())).collect()))
    }
}
