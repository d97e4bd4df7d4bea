//! Syntax: from text to a tree.

pub mod body;
pub mod lexer;
pub mod token;
pub mod tree;

/// How deep a text may nest (blocks, brackets, operators, templates, JSON), so that whoever walks the tree may recurse.
pub const MAX_DEPTH: usize = 250;

/// How long a text may be.
pub const MAX_SIZE_BYTES: usize = 64 << 20;
