//! The parse tree: what a template says, with the places where it says it.
//!
//! Two kinds of places: `position` is the byte that errors are reported at, which for a control structure is its
//! pipeline and for a chain such as `.A.B` the second link; `range` is all that a node is written as.
//! Printing a node gives it in a canonical spelling, as error messages quote it.

use std::{
    fmt::{self, Display},
    ops::Range,
    sync::Arc,
};

use crate::quote::quote;

/// Nodes in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List(pub Vec<Node>);

/// What a template is made of at its outer level.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub kind: NodeKind,
    pub position: usize,
    /// From `{{` to behind `}}`, for a control structure to behind its `{{end}}`.
    pub range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// Text between actions, trimmed where an action asks for it.
    Text(Arc<str>),
    /// `{{pipeline}}`
    Action(Pipeline),
    If(Branch),
    With(Branch),
    Range(Branch),
    /// `{{template "name" pipeline}}`; `block` is a definition and this.
    Template {
        name: Arc<str>,
        argument: Option<Pipeline>,
    },
    Break,
    Continue,
}

/// `{{if pipeline}} body {{else}} otherwise {{end}}` and its siblings. `{{else if …}}` is an `if` inside of `otherwise`.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    pub pipeline: Pipeline,
    pub body: List,
    pub otherwise: Option<List>,
}

/// `$a, $b := command | command`
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    pub position: usize,
    /// Variables that get the value.
    pub variables: Vec<Variable>,
    /// With `=` instead of `:=`: the variables exist already.
    pub assigns: bool,
    /// At least one.
    pub commands: Vec<Command>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    pub position: usize,
    /// With its `$`.
    pub name: Arc<str>,
}

/// Operands, at least one: a function or a value, then arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    pub position: usize,
    pub operands: Vec<Operand>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    pub kind: OperandKind,
    pub position: usize,
    pub range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum OperandKind {
    Bool(bool),
    Number(Number),
    String {
        value: Arc<str>,
        /// As it is written, with its quotes.
        quoted: Arc<str>,
    },
    /// `.`
    Dot,
    Nil,
    /// `.A.B`
    Field(Vec<Arc<str>>),
    /// `$x.A.B`; the first has its `$`.
    Variable(Vec<Arc<str>>),
    /// The name of a function.
    Identifier(Arc<str>),
    /// `(pipeline).A.B`
    Chain(Box<Operand>, Vec<Arc<str>>),
    /// `(pipeline)`
    Pipeline(Box<Pipeline>),
}

/// A constant has no type before it is used: these are all that it can be.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// As it is written.
    pub text: Arc<str>,
    pub integer: Option<i64>,
    pub unsigned: Option<u64>,
    pub float: Option<f64>,
    pub complex: Option<(f64, f64)>,
}

impl List {
    /// Nothing but blanks: defining a template again over such a one is no fault.
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|node| matches!(&node.kind, NodeKind::Text(text) if text.trim().is_empty()))
    }
}

impl Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|node| node.fmt(f))
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            NodeKind::Text(text) => f.write_str(text),
            NodeKind::Action(pipeline) => write!(f, "{{{{{pipeline}}}}}"),
            NodeKind::If(branch) => branch.write("if", f),
            NodeKind::With(branch) => branch.write("with", f),
            NodeKind::Range(branch) => branch.write("range", f),
            NodeKind::Template { name, argument: None } => write!(f, "{{{{template {}}}}}", quote(name)),
            NodeKind::Template { name, argument: Some(argument) } => {
                write!(f, "{{{{template {} {argument}}}}}", quote(name))
            }
            NodeKind::Break => f.write_str("{{break}}"),
            NodeKind::Continue => f.write_str("{{continue}}"),
        }
    }
}

impl Branch {
    fn write(&self, keyword: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{{keyword} {}}}}}{}", self.pipeline, self.body)?;
        if let Some(otherwise) = &self.otherwise {
            write!(f, "{{{{else}}}}{otherwise}")?;
        }
        f.write_str("{{end}}")
    }
}

impl Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, variable) in self.variables.iter().enumerate() {
            write!(f, "{}{}", if i == 0 { "" } else { ", " }, variable.name)?;
        }
        if !self.variables.is_empty() {
            f.write_str(if self.assigns { " = " } else { " := " })?;
        }
        for (i, command) in self.commands.iter().enumerate() {
            write!(f, "{}{command}", if i == 0 { "" } else { " | " })?;
        }
        Ok(())
    }
}

impl Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, operand) in self.operands.iter().enumerate() {
            write!(f, "{}{operand}", if i == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            OperandKind::Bool(value) => value.fmt(f),
            OperandKind::Number(number) => f.write_str(&number.text),
            OperandKind::String { quoted, .. } => f.write_str(quoted),
            OperandKind::Dot => f.write_str("."),
            OperandKind::Nil => f.write_str("nil"),
            OperandKind::Field(names) => fields(names, f),
            OperandKind::Variable(names) => f.write_str(&names.join(".")),
            OperandKind::Identifier(name) => f.write_str(name),
            OperandKind::Chain(of, names) => {
                of.fmt(f)?;
                fields(names, f)
            }
            OperandKind::Pipeline(pipeline) => write!(f, "({pipeline})"),
        }
    }
}

fn fields(names: &[Arc<str>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    names.iter().try_for_each(|name| write!(f, ".{name}"))
}
