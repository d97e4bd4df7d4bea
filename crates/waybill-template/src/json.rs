//! JSON with places: what both JSON forms of a template are made of.
//!
//! Strict: what RFC 8259 does not know is a fault. Numbers keep their text, keys that occur more than once stay in the
//! tree: who reads it decides what they mean. Cloning a [`Node`] is cheap.

mod read;

use std::sync::Arc;

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    source::{FileId, Span},
};

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
    Array(Arc<[Node]>),
    Object(Arc<[Member]>),
}

/// `"key": value`. A key may occur more than once: who reads the object decides what that means.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub key: Arc<str>,
    /// With the quotes.
    pub key_span: Span,
    pub value: Node,
}

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub summary: &'static str,
    pub detail: String,
    /// What is wrong, as a person sees it: a comma too much, a word, the bracket that is never closed.
    pub subject: Span,
    /// The first character that cannot be right, as a machine sees it; empty at the end of the text.
    pub found: Span,
}

/// How many values are read from one text: a tree takes some 30 times the room of a text that is made of `0,` only.
pub const MAX_VALUES: usize = 4 * 1024 * 1024;

/// Reads a text that is one JSON value. All faults are told that do not follow from an earlier one.
pub fn parse(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let (node, faults) = read::read(file, text);
    let node = faults.is_empty().then_some(node);
    diagnostics.extend(faults.into_iter().map(Diagnostic::from));
    node
}

/// Like [`parse`], for who tells faults in another way: the first one.
pub fn read(file: FileId, text: &str) -> Result<Node, Fault> {
    let (node, faults) = read::read(file, text);
    faults.into_iter().next().map_or(Ok(node), Err)
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Self {
        Self::error(fault.summary, fault.detail).at(fault.subject)
    }
}

impl Node {
    /// What the value is, for messages: `a string`.
    pub fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }

    pub fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    pub fn as_str(&self) -> Option<&Arc<str>> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Array(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&[Member]> {
        match &self.kind {
            Kind::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The first member of an object with this key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_object()?.iter().find(|member| &*member.key == key).map(|member| &member.value)
    }

    /// The first character: the opening bracket of an array or object.
    pub fn open(&self) -> Span {
        Span { end: self.span.start + 1, ..self.span }
    }

    /// The last character: the closing bracket of an array or object.
    pub fn close(&self) -> Span {
        Span { start: self.span.end.saturating_sub(1), ..self.span }
    }
}

impl Member {
    pub fn span(&self) -> Span {
        self.key_span.to(self.value.span)
    }
}
