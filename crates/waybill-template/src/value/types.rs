//! Types of values, and type constraints.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
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

impl Type {
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    pub fn set(element: Self) -> Self {
        Self::Set(Arc::new(element))
    }

    pub fn map(element: Self) -> Self {
        Self::Map(Arc::new(element))
    }

    pub fn tuple(elements: impl Into<Arc<[Self]>>) -> Self {
        Self::Tuple(elements.into())
    }

    /// An object all of whose attributes are required.
    pub fn object(attributes: BTreeMap<Arc<str>, Self>) -> Self {
        Self::Object(Arc::new(ObjectType { attributes, optional: BTreeSet::new() }))
    }

    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }

    /// True for list, set and map: any number of elements of one type.
    pub fn is_collection(&self) -> bool {
        self.element().is_some()
    }

    /// The type of the elements of a list, set or map.
    pub fn element(&self) -> Option<&Self> {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            _ => None,
        }
    }

    /// True if a value of this type has elements that `for` can walk, as far as can be told.
    pub fn is_iterable(&self) -> bool {
        !self.is_primitive()
    }

    /// True if the type is, or has inside, [`Type::Dynamic`].
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_dynamic(),
            Self::Tuple(elements) => elements.iter().any(Self::has_dynamic),
            Self::Object(object) => object.attributes.values().any(Self::has_dynamic),
        }
    }

    /// The same constraint as the type of a value: attributes that may be missing are there.
    #[must_use]
    pub fn without_optional(&self) -> Self {
        match self {
            Self::Dynamic | Self::Bool | Self::Number | Self::String => self.clone(),
            Self::List(element) => Self::list(element.without_optional()),
            Self::Set(element) => Self::set(element.without_optional()),
            Self::Map(element) => Self::map(element.without_optional()),
            Self::Tuple(elements) => Self::Tuple(elements.iter().map(Self::without_optional).collect()),
            Self::Object(object) => Self::object(
                object.attributes.iter().map(|(name, ty)| (name.clone(), ty.without_optional())).collect(),
            ),
        }
    }

    /// What to call it in a sentence: `list of string`.
    pub fn friendly_name(&self) -> String {
        match self {
            Self::Dynamic => "any type".into(),
            Self::Bool => "bool".into(),
            Self::Number => "number".into(),
            Self::String => "string".into(),
            Self::List(element) => format!("list of {}", element.friendly_name()),
            Self::Set(element) => format!("set of {}", element.friendly_name()),
            Self::Map(element) => format!("map of {}", element.friendly_name()),
            Self::Tuple(_) => "tuple".into(),
            Self::Object(_) => "object".into(),
        }
    }
}

/// As a type expression: `object({name = string, tags = optional(list(string))})`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dynamic => f.write_str("any"),
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Set(element) => write!(f, "set({element})"),
            Self::Map(element) => write!(f, "map({element})"),
            Self::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (index, element) in elements.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(f, "{separator}{element}")?;
                }
                f.write_str("])")
            }
            Self::Object(object) => {
                f.write_str("object({")?;
                for (index, (name, ty)) in object.attributes.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    if object.optional.contains(name) {
                        write!(f, "{separator}{name} = optional({ty})")?;
                    } else {
                        write!(f, "{separator}{name} = {ty}")?;
                    }
                }
                f.write_str("})")
            }
        }
    }
}
