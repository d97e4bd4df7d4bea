//! Values: what expressions evaluate to.
//!
//! The kinds are those of the language: besides booleans, numbers and strings there are collections, whose
//! elements have one type (list, set, map), and structures, whose parts have a type each (tuple, object). Any type
//! may be null; a value may be unknown, because it exists only later (a data source that was not read, what a build
//! produces). There are no marks: "sensitive" is a replacement where text is shown.

pub mod number;
pub mod types;

use std::{collections::BTreeMap, sync::Arc};

pub use self::{
    number::Number,
    types::{ObjectType, Type},
};

/// A value. Cloning is cheap: what is large is shared.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Unknown(Type),
    Null(Type),
    Bool(bool),
    Number(Number),
    /// Normalised (NFC): made by [`Value::string`].
    String(Arc<str>),
    List(Type, Arc<[Value]>),
    /// Without duplicates, in the set's order: made by `Value::set`.
    Set(Type, Arc<[Value]>),
    Map(Type, Arc<BTreeMap<Arc<str>, Value>>),
    Tuple(Arc<[Value]>),
    Object(Arc<BTreeMap<Arc<str>, Value>>),
}
