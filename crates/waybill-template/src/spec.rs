//! What options a component takes, as data; the same for built-in components and for those of plugins.
//!
//! A spec is what a plugin answers when it is asked for its options: attributes with a type, blocks, and maps of
//! either. One decoder turns a body into a value by it.

use std::sync::Arc;

use crate::value::{Type, Value};

/// How one value is made from a body.
#[derive(Clone, Debug, PartialEq)]
pub enum Spec {
    /// An object with a value per entry, in the order of their names.
    Object(Vec<(Arc<str>, Spec)>),
    /// A tuple with a value per entry.
    Tuple(Vec<Spec>),
    /// `name = value`
    Attribute {
        name: Arc<str>,
        constraint: Type,
        required: bool,
    },
    /// A value that is always the same.
    Literal(Value),
    /// The first, or the second if the first is null.
    Default {
        primary: Box<Spec>,
        fallback: Box<Spec>,
    },
    /// At most one block of that type; null without.
    Block {
        kind: Arc<str>,
        nested: Box<Spec>,
        required: bool,
    },
    /// Any number of blocks of that type, in order.
    BlockList {
        kind: Arc<str>,
        nested: Box<Spec>,
        min: usize,
        max: usize,
    },
    BlockTuple {
        kind: Arc<str>,
        nested: Box<Spec>,
        min: usize,
        max: usize,
    },
    BlockSet {
        kind: Arc<str>,
        nested: Box<Spec>,
        min: usize,
        max: usize,
    },
    /// Blocks by their labels.
    BlockMap {
        kind: Arc<str>,
        labels: Vec<Arc<str>>,
        nested: Box<Spec>,
    },
    BlockObject {
        kind: Arc<str>,
        labels: Vec<Arc<str>>,
        nested: Box<Spec>,
    },
    /// One block whose attributes make a map.
    BlockAttributes {
        kind: Arc<str>,
        element: Type,
        required: bool,
    },
    /// The label of the block that is decoded, counted from 0.
    BlockLabel {
        index: usize,
        name: Arc<str>,
    },
}
