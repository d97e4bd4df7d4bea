//! Go's `text/template`: text with actions in double braces.
//!
//! [`Template::parse`] reads a text into a [`tree`], with errors where Go has them.

mod lexer;
mod number;
mod parser;
pub mod tree;

use std::{fmt, sync::Arc};

use self::{parser::Definitions, tree::List};

/// How deep control structures and parentheses can be nested.
pub const MAX_DEPTH: usize = 250;

/// A text that was read, with the templates that it defines.
#[derive(Clone, Debug)]
pub struct Template {
    name: Arc<str>,
    text: Arc<str>,
    definitions: Definitions,
}

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The template's name.
    pub template: String,
    /// Counted from 1.
    pub line: usize,
    /// The byte where the fault is.
    pub offset: usize,
    pub message: String,
}

impl Template {
    /// Reads a text; names of functions must be known. The built-in ones always are.
    pub fn parse(name: &str, text: &str, has_function: &dyn Fn(&str) -> bool) -> Result<Self, ParseError> {
        let definitions = parser::parse(name, text, has_function)?;
        Ok(Self { name: name.into(), text: text.into(), definitions })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it was read from: what the tree's places are in.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The template itself, without what it defines.
    pub fn root(&self) -> &List {
        &self.definitions[&*self.name]
    }

    /// All templates that it defines, itself included.
    pub fn definitions(&self) -> impl Iterator<Item = (&str, &List)> {
        self.definitions.iter().map(|(name, list)| (&**name, list))
    }

    /// A template that this one defines, or itself.
    pub fn definition(&self, name: &str) -> Option<&List> {
        self.definitions.get(name)
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template: {}:{}: {}", self.template, self.line, self.message)
    }
}

impl std::error::Error for ParseError {}
