//! Options that have another name today.

use serde_json::Value;

use super::{Object, kind};

/// `from` becomes `to`.
#[derive(Debug)]
pub(super) struct Rename {
    pub types: Types,
    pub from: &'static str,
    pub to: &'static str,
    pub values: Values,
    /// What stands under the new name already stays; else the old one's value counts.
    pub keeps: bool,
}

/// The types that something is about.
#[derive(Debug)]
pub(super) enum Types {
    All,
    Of(&'static [&'static str]),
    Prefix(&'static str),
}

/// Which values are renamed; others are left alone, under the old name.
#[derive(Debug)]
pub(super) enum Values {
    Any,
    Text,
    Bool,
}

impl Types {
    pub(super) fn has(&self, kind: &str) -> bool {
        match self {
            Self::All => true,
            Self::Of(types) => types.contains(&kind),
            Self::Prefix(prefix) => kind.starts_with(prefix),
        }
    }
}

impl Rename {
    pub(super) fn run(&self, object: &mut Object) {
        if self.types.has(kind(object)) {
            self.rename(object);
        }
    }

    /// Whatever the type is.
    pub(super) fn rename(&self, object: &mut Object) {
        let Some(value) = object.get(self.from).filter(|value| self.values.have(value)).cloned() else {
            return;
        };
        object.remove(self.from);
        if !self.keeps || !object.contains_key(self.to) {
            object.insert(self.to.to_owned(), value);
        }
    }
}

impl Values {
    fn have(&self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Text => value.is_string(),
            Self::Bool => value.is_boolean(),
        }
    }
}
