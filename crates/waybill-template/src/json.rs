//! JSON with places: what both JSON forms of a template are made of.

use std::sync::Arc;

use crate::source::Span;

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub kind: Kind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Null,
    Bool(bool),
    /// As it is written.
    Number(Arc<str>),
    /// Without quotes and escapes.
    String(Arc<str>),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// `"key": value`. A key may occur more than once: who reads the object decides what that means.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub key: Arc<str>,
    pub key_span: Span,
    pub value: Node,
}
