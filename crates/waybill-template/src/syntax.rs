//! Syntax: from text to a tree.

pub mod tree;
