//! Syntax: from text to a tree.

pub mod tree;

/// How deep brackets, blocks, templates and JSON may be nested.
pub const MAX_DEPTH: usize = 250;
