//! The syntax tree: bodies of attributes and blocks, and expressions.
//!
//! Each node knows its [`Span`]. A node that could not be read is [`ExpressionKind::Invalid`]: its fault is told
//! already, and it evaluates to an unknown value without another.

use std::sync::Arc;

use crate::{json, scope::Scope, source::Span, value::Value};

/// A word with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub text: Arc<str>,
    pub span: Span,
}

/// What is between braces, or a whole file.
#[derive(Clone, Debug)]
pub struct Body {
    pub kind: BodyKind,
    pub span: Span,
    /// The closing brace, or the empty place at the end of a file.
    pub end: Span,
}

/// The forms a body comes in; `syntax::body` reads all of them by a schema.
#[derive(Clone, Debug)]
pub enum BodyKind {
    Native {
        attributes: Vec<Attribute>,
        blocks: Vec<Block>,
    },
    /// An object of a `.pkr.json` file: only a schema tells attributes from blocks.
    Json(json::Node),
    /// The contents of several bodies: the files of one folder.
    Merged(Vec<Arc<Body>>),
    /// A body in which `dynamic` blocks are expanded with this scope while it is read.
    Expanding {
        body: Arc<Body>,
        scope: Scope,
    },
    /// A body that sees these names besides: what a `dynamic` block made.
    Bound {
        body: Arc<Body>,
        names: Arc<Bindings>,
        /// How often the blocks in it may be there all in all: one for each element of each `for_each` around them.
        copies: usize,
    },
    /// A body whose values are not known yet: what a `dynamic` block made for an unknown number of elements.
    Unknown(Arc<Body>),
    /// What is left of a body after some of its content was taken.
    Remaining {
        body: Arc<Body>,
        taken: Arc<Taken>,
    },
}

/// Names of attributes and types of blocks that were read from a body already.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    pub attributes: Vec<String>,
    pub blocks: Vec<String>,
}

/// `name = expression`
#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: Name,
    pub expression: Arc<Expression>,
    pub span: Span,
}

/// `type "label" { body }`
#[derive(Clone, Debug)]
pub struct Block {
    pub kind: Name,
    pub labels: Vec<Name>,
    pub body: Arc<Body>,
    /// From the type to the last label: where faults of the whole block are shown.
    pub header: Span,
    pub open: Span,
    pub close: Span,
}

#[derive(Clone, Debug)]
pub struct Expression {
    pub kind: ExpressionKind,
    pub span: Span,
}

/// Names that are visible in one place only, such as the iterator of a `dynamic` block.
pub type Bindings = std::collections::BTreeMap<Arc<str>, Value>;

#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// A number, `true`, `false` or `null`.
    Literal(Value),
    /// `"text ${expression} %{if …}"` or a heredoc. Always evaluates to a string.
    Template(Vec<TemplatePart>),
    /// A template that is one interpolation only: its value keeps its type.
    Wrap(Box<Expression>),
    /// A name at the start of a reference, `var`; [`Self::Attribute`] and [`Self::Index`] follow it.
    Variable(Arc<str>),
    /// `base.name`
    Attribute {
        base: Box<Expression>,
        name: Name,
    },
    /// `base[key]`, or `base.0`, the old form
    Index {
        base: Box<Expression>,
        key: Box<Expression>,
        legacy: bool,
    },
    /// `base[*]…` or `base.*…`: `each` says what follows, with [`Self::SplatItem`] in the place of an element.
    Splat {
        base: Box<Expression>,
        each: Box<Expression>,
        legacy: bool,
        marker: Span,
    },
    SplatItem,
    Call(Call),
    Unary {
        operator: UnaryOperator,
        operand: Box<Expression>,
    },
    Binary {
        operator: BinaryOperator,
        operator_span: Span,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    Conditional {
        condition: Box<Expression>,
        when_true: Box<Expression>,
        when_false: Box<Expression>,
    },
    Tuple(Vec<Expression>),
    Object(Vec<ObjectItem>),
    For(Box<For>),
    /// `(inner)`
    Parentheses(Box<Expression>),
    /// A value of a `.pkr.json` file: strings in it are templates.
    Json(json::Node),
    /// An expression that sees these names besides.
    Bound {
        expression: Arc<Expression>,
        names: Arc<Bindings>,
    },
    /// What could not be read.
    Invalid,
}

/// `name(arguments…)`
#[derive(Clone, Debug)]
pub struct Call {
    /// With its namespaces, `ns::name`, as written.
    pub name: Name,
    pub arguments: Vec<Arc<Expression>>,
    /// The place of `...` behind the last argument, whose elements are then the arguments.
    pub expand: Option<Span>,
    /// From `(` to `)`.
    pub parentheses: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    Not,
    Negate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// `key = value` in an object. A bare word as key is text, `(word)` is a reference.
#[derive(Clone, Debug)]
pub struct ObjectItem {
    pub key: Expression,
    /// The key is a bare word or a literal: [`Self::key`] is then an [`ExpressionKind::Variable`] that means its own
    /// name, or a literal.
    pub bare: bool,
    pub value: Expression,
}

/// `[for k, v in collection : value if condition]` and `{for k, v in collection : key => value... if condition}`
#[derive(Clone, Debug)]
pub struct For {
    pub key_name: Option<Name>,
    pub value_name: Name,
    pub collection: Expression,
    /// Only in the object form.
    pub key: Option<Expression>,
    pub value: Expression,
    /// `...`: values with the same key are collected into a list.
    pub group: bool,
    pub condition: Option<Expression>,
    pub open: Span,
    pub close: Span,
}

/// A piece of a template, blanks trimmed already where `~` asks for it.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    Literal {
        text: Arc<str>,
        span: Span,
    },
    Interpolation(Expression),
    If {
        condition: Expression,
        then: Vec<TemplatePart>,
        otherwise: Option<Vec<TemplatePart>>,
        span: Span,
    },
    For {
        key_name: Option<Name>,
        value_name: Name,
        collection: Expression,
        body: Vec<TemplatePart>,
        span: Span,
    },
}

impl TemplatePart {
    pub fn span(&self) -> Span {
        match self {
            Self::Literal { span, .. } | Self::If { span, .. } | Self::For { span, .. } => *span,
            Self::Interpolation(expression) => expression.span,
        }
    }
}
