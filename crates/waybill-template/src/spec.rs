//! What options a component takes, as data; the same for built-in components and for those of plugins.
//!
//! A spec is what a plugin answers when it is asked for its options: attributes with a type, blocks, and maps of
//! either. One decoder turns a body into a value by it.

use std::sync::Arc;

mod decode;

pub use self::decode::decode;

use crate::{
    syntax::body::{AttributeSchema, BlockSchema, BodySchema},
    value::{ObjectType, Type, Value},
};

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

impl Spec {
    /// The type of the values that this makes.
    pub fn implied_type(&self) -> Type {
        match self {
            Self::Object(entries) => {
                let attributes = entries.iter().map(|(name, spec)| (Arc::clone(name), spec.implied_type()));
                Type::Object(Arc::new(ObjectType {
                    attributes: attributes.collect(),
                    ..ObjectType::default()
                }))
            }
            Self::Tuple(specs) => Type::Tuple(specs.iter().map(Self::implied_type).collect()),
            Self::Attribute { constraint, .. } => constraint.clone(),
            Self::Literal(value) => value.ty(),
            Self::Default { primary, .. } => primary.implied_type(),
            Self::Block { nested, .. } => nested.implied_type(),
            Self::BlockList { nested, .. } => Type::List(nested.implied_type().into()),
            Self::BlockSet { nested, .. } => Type::Set(nested.implied_type().into()),
            Self::BlockTuple { .. } | Self::BlockObject { .. } => Type::Dynamic,
            Self::BlockMap { labels, nested, .. } => {
                labels.iter().fold(nested.implied_type(), |inner, _| Type::Map(inner.into()))
            }
            Self::BlockAttributes { element, .. } => Type::Map(element.clone().into()),
            Self::BlockLabel { .. } => Type::String,
        }
    }

    /// What the body that this reads may contain.
    fn schema(&self) -> BodySchema {
        let mut schema = BodySchema::default();
        self.collect(&mut schema);
        schema
    }

    fn collect(&self, schema: &mut BodySchema) {
        let mut block = |kind: &Arc<str>, labels: Vec<Arc<str>>| {
            if schema.block(kind).is_none() {
                schema.blocks.push(BlockSchema { kind: Arc::clone(kind), labels });
            }
        };
        match self {
            Self::Object(entries) => entries.iter().for_each(|(_, spec)| spec.collect(schema)),
            Self::Tuple(specs) => specs.iter().for_each(|spec| spec.collect(schema)),
            Self::Default { primary, fallback } => {
                primary.collect(schema);
                fallback.collect(schema);
            }
            Self::Attribute { name, required, .. } => {
                if schema.attribute(name).is_none() {
                    schema.attributes.push(AttributeSchema { name: Arc::clone(name), required: *required });
                }
            }
            Self::Block { kind, nested, .. }
            | Self::BlockList { kind, nested, .. }
            | Self::BlockTuple { kind, nested, .. }
            | Self::BlockSet { kind, nested, .. } => block(kind, nested.labels()),
            Self::BlockMap { kind, labels, .. } | Self::BlockObject { kind, labels, .. } => {
                block(kind, labels.clone());
            }
            Self::BlockAttributes { kind, .. } => block(kind, Vec::new()),
            Self::Literal(_) | Self::BlockLabel { .. } => {}
        }
    }

    /// The labels that the spec of a block's body reads.
    fn labels(&self) -> Vec<Arc<str>> {
        match self {
            Self::BlockLabel { name, .. } => vec![Arc::clone(name)],
            Self::Object(entries) => entries.iter().flat_map(|(_, spec)| spec.labels()).collect(),
            Self::Tuple(specs) => specs.iter().flat_map(Self::labels).collect(),
            Self::Default { primary, fallback } => [primary.labels(), fallback.labels()].concat(),
            _ => Vec::new(),
        }
    }
}
