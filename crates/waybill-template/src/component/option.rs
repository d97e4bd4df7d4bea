//! Options of built-in components as data: `"target:s! content:s files:l"`.
//!
//! The letters are `s` text, `n` number, `b` true or false, `l` list of texts, `m` map of texts, `i` list of numbers;
//! `!` is behind what an HCL2 template must give.

use std::sync::Arc;

use crate::{spec::Spec, value::Type};

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OptionSpec {
    pub name: &'static str,
    pub kind: OptionKind,
    pub required: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OptionKind {
    Text,
    Number,
    Flag,
    Texts,
    Map,
    Numbers,
}

/// What the program tells every component besides its own options.
pub(super) const INTERNAL: &str = "packer_build_name:s packer_builder_type:s packer_core_version:s packer_debug:b \
                                   packer_force:b packer_on_error:s packer_user_variables:m packer_sensitive_variables:l";

/// Reads the notation.
pub(super) fn options(notation: &'static str) -> impl Iterator<Item = OptionSpec> {
    notation.split_whitespace().filter_map(|word| {
        let (name, kind) = word.split_once(':')?;
        let (kind, required) = kind.strip_suffix('!').map_or((kind, false), |kind| (kind, true));
        let kind = match kind {
            "s" => OptionKind::Text,
            "n" => OptionKind::Number,
            "b" => OptionKind::Flag,
            "l" => OptionKind::Texts,
            "m" => OptionKind::Map,
            "i" => OptionKind::Numbers,
            _ => return None,
        };
        Some(OptionSpec { name, kind, required })
    })
}

impl OptionKind {
    pub(super) fn constraint(self) -> Type {
        match self {
            Self::Text => Type::String,
            Self::Number => Type::Number,
            Self::Flag => Type::Bool,
            Self::Texts => Type::list(Type::String),
            Self::Map => Type::map(Type::String),
            Self::Numbers => Type::list(Type::Number),
        }
    }
}

/// The spec by which an HCL2 template's options are decoded.
pub(super) fn spec(options: &[OptionSpec]) -> Spec {
    let attribute = |option: &OptionSpec| {
        let name: Arc<str> = option.name.into();
        let constraint = option.kind.constraint();
        (Arc::clone(&name), Spec::Attribute { name, constraint, required: option.required })
    };
    Spec::Object(options.iter().map(attribute).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_is_read() {
        let found: Vec<_> = options("target:s! files:l").collect();
        assert_eq!(
            found,
            [
                OptionSpec { name: "target", kind: OptionKind::Text, required: true },
                OptionSpec { name: "files", kind: OptionKind::Texts, required: false },
            ]
        );
        assert_eq!(options(INTERNAL).count(), 8);
    }
}
