//! Go's `text/template`: text with actions in double braces.
//!
//! [`Template::parse`] reads a text into a [`tree`], [`Template::execute`] gives the text for some data. Errors have
//! Go's wording and places. Nothing that a template says makes it run long or grow large: [`Limits`].
//!
//! ```
//! use waybill_go::text_template::{Functions, Limits, Parameter, Template, Value};
//!
//! let mut functions = Functions::default();
//! functions.add("upper", &[Parameter::String], |arguments| match arguments {
//!     [Value::String(text)] => Ok(text.to_uppercase().into()),
//!     _ => Err("a string is needed".to_owned()),
//! });
//! let template = Template::parse("root", "{{.Greeting | upper}}, {{.Who}}!", &|name| functions.contains(name))?;
//! let data = Value::from_iter([("Greeting", "hello")]);
//! assert_eq!(template.execute(&data, &functions, Limits::default())?, "HELLO, <no value>!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builtin;
mod escape;
mod exec;
mod function;
mod lexer;
mod number;
mod parser;
mod print;
pub mod tree;
mod value;
mod verbs;

use std::{fmt, sync::Arc};

pub use self::{
    function::{Functions, Parameter},
    value::{Record, Value},
};
use self::{parser::Definitions, tree::List};
use crate::quote::quote;

/// How deep control structures and parentheses can be nested.
pub const MAX_DEPTH: usize = 100;

/// A text that was read, with the templates that it defines.
#[derive(Clone, Debug)]
pub struct Template {
    name: Arc<str>,
    text: Arc<str>,
    definitions: Definitions,
}

/// How far a template may go.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the result, and of a built-in function's.
    pub output: usize,
    /// What it may do: some for each step, and the bytes of all strings that its functions make.
    pub work: usize,
    /// How deep templates, control structures and parentheses can be in each other.
    pub depth: usize,
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

/// Why a template has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecError {
    /// The template's name.
    pub template: String,
    /// Counted from 1.
    pub line: usize,
    /// Bytes before it on its line.
    pub column: usize,
    /// The byte where the fault is.
    pub offset: usize,
    /// The name of the definition that was executed.
    pub executing: String,
    /// What is at fault, as it is written, cut short.
    pub context: String,
    pub message: String,
}

impl Template {
    /// Reads a text; names of functions must be known.
    pub fn parse(name: &str, text: &str, has_function: &dyn Fn(&str) -> bool) -> Result<Self, ParseError> {
        let definitions = parser::parse(name, text, has_function)?;
        Ok(Self { name: name.into(), text: text.into(), definitions })
    }

    /// The text that the template is with this data.
    pub fn execute(
        &self,
        data: &Value,
        functions: &Functions<'_>,
        limits: Limits,
    ) -> Result<String, ExecError> {
        exec::execute(self, data, functions, limits).map_err(|error| *error)
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

impl Default for Limits {
    /// 64 MiB of text; a second or so of work.
    fn default() -> Self {
        Self { output: 64 << 20, work: 256 << 20, depth: 200 }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template: {}:{}: {}", self.template, self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { template, line, column, executing, context, message, .. } = self;
        let executing = quote(executing);
        write!(f, "template: {template}:{line}:{column}: executing {executing} at <{context}>: {message}")
    }
}

impl std::error::Error for ExecError {}
