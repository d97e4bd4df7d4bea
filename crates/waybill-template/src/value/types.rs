//! Types of values, and type constraints.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A type, or as a constraint what a value is to be converted to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Not known yet, or any.
    Dynamic,
    Bool,
    Number,
    String,
    List(Arc<Type>),
    Set(Arc<Type>),
    Map(Arc<Type>),
    Tuple(Arc<[Type]>),
    Object(Arc<ObjectType>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ObjectType {
    pub attributes: BTreeMap<Arc<str>, Type>,
    /// Names of attributes that may be missing: only in constraints.
    pub optional: BTreeSet<Arc<str>>,
}
