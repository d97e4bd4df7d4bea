//! Functions: a table of descriptions, so that arguments are counted, converted and checked in one place.
//!
//! A group of functions is a module with a `table()`, in which one entry is one function:
//!
//! ```text
//! pub(super) fn table() -> Vec<Function> {
//!     vec![
//!         Function::new("upper", [string("str")], Type::String, |call| Ok(Value::string(call.text(0).to_uppercase()))),
//!         Function::typed("concat", [], common_type, concat).variadic(any("seqs").unknown()),
//!     ]
//! }
//! ```
//!
//! What an implementation may rely on, because the caller sees to it before: there are as many arguments as parameters
//! ask for, each is converted to its parameter's type, none is null unless its parameter is [`Parameter::null`], and
//! none is itself unknown unless its parameter is [`Parameter::unknown`]. Elements of a collection may always be null
//! or unknown. The result is checked: a text beyond [`MAX_TEXT`] is refused.

mod base64;
mod call;
pub(crate) mod case;
mod character;
mod cidr;
mod collection;
mod conversion;
mod csv;
mod date;
mod environment;
mod file;
mod fileset;
mod format;
mod hash;
mod json;
mod members;
mod numeric;
mod regex;
mod rsa;
mod secret;
mod sequence;
mod set;
mod template_file;
mod text;
mod text_encoding;
mod url;
mod uuid;
mod yaml;

use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{Arc, LazyLock},
};

use crate::{
    eval::Evaluator,
    scope::Surroundings,
    syntax::tree::Expression,
    value::{Number, Type, Value},
    world::WorldError,
};

/// The longest text that a function or a template makes, in bytes.
pub const MAX_TEXT: usize = 64 << 20;

/// The most elements that a function makes, or looks through for what it makes.
pub const MAX_ELEMENTS: usize = 1 << 20;

/// Each group's table.
const GROUPS: &[fn() -> Vec<Function>] = &[
    base64::table,
    cidr::table,
    collection::table,
    conversion::table,
    csv::table,
    date::table,
    environment::table,
    file::table,
    fileset::table,
    format::table,
    hash::table,
    json::table,
    members::table,
    numeric::table,
    regex::table,
    rsa::table,
    secret::table,
    sequence::table,
    set::table,
    template_file::table,
    text::table,
    text_encoding::table,
    url::table,
    uuid::table,
    yaml::table,
];

static FUNCTIONS: LazyLock<BTreeMap<&'static str, Function>> = LazyLock::new(|| {
    GROUPS.iter().flat_map(|table| table()).map(|function| (function.name, function)).collect()
});

/// The function of that name, `env` included.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name)
}

/// The names of all functions, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.keys().copied()
}

/// A function that expressions can call.
#[derive(Debug)]
pub struct Function {
    pub name: &'static str,
    pub parameters: Vec<Parameter>,
    /// What further arguments are, if it takes any number.
    pub variadic: Option<Parameter>,
    pub implementation: Implementation,
}

/// What an argument must be.
#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: &'static str,
    /// The argument is converted to this first.
    pub constraint: Type,
    /// A null is passed on instead of refused.
    pub null: bool,
    /// An unknown value is passed on; otherwise the result is unknown, of the function's result type.
    pub unknown: bool,
    /// A value whose type is not known either is passed on to both the type and the call; otherwise nothing is known
    /// about the result.
    pub dynamic: bool,
}

#[derive(Debug)]
pub enum Implementation {
    /// Gets values, converted and checked.
    Eager(Eager),
    /// Gets the arguments as they are written: `can`, `try`, `convert`.
    Lazy(fn(&[Arc<Expression>], &mut Evaluator) -> Result<Value, FunctionError>),
}

#[derive(Debug)]
pub struct Eager {
    pub result: ResultType,
    pub call: fn(Arguments<'_>) -> Result<Value, FunctionError>,
}

/// What type a result has.
#[derive(Debug)]
pub enum ResultType {
    Always(Type),
    /// Depends on the arguments, of which some may be unknown whatever the parameters say. An error here is as one of
    /// the call, but found even where a value is unknown.
    Of(fn(&[Value]) -> Result<Type, FunctionError>),
}

/// Why a function refuses. The text is a clause without a full stop: `a base must be a whole number`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument that is wrong, counted from 0, if one is.
    pub argument: Option<usize>,
    pub message: String,
}

/// What a function is called with.
///
/// The getters are for arguments whose parameter says so: they give the empty value for what is null, unknown or of
/// another type.
#[derive(Clone, Copy)]
pub struct Arguments<'a> {
    values: &'a [Value],
    /// The type that the result must have.
    pub result: &'a Type,
    pub surroundings: &'a Surroundings,
}

impl Function {
    /// A function whose result always has this type.
    pub fn new(
        name: &'static str,
        parameters: impl Into<Vec<Parameter>>,
        result: Type,
        call: fn(Arguments<'_>) -> Result<Value, FunctionError>,
    ) -> Self {
        Self::eager(name, parameters.into(), ResultType::Always(result), call)
    }

    /// A function whose result's type depends on its arguments.
    pub fn typed(
        name: &'static str,
        parameters: impl Into<Vec<Parameter>>,
        result: fn(&[Value]) -> Result<Type, FunctionError>,
        call: fn(Arguments<'_>) -> Result<Value, FunctionError>,
    ) -> Self {
        Self::eager(name, parameters.into(), ResultType::Of(result), call)
    }

    fn eager(
        name: &'static str,
        parameters: Vec<Parameter>,
        result: ResultType,
        call: fn(Arguments<'_>) -> Result<Value, FunctionError>,
    ) -> Self {
        Self {
            name,
            parameters,
            variadic: None,
            implementation: Implementation::Eager(Eager { result, call }),
        }
    }

    /// Takes any number of further arguments like this.
    #[must_use]
    pub fn variadic(self, parameter: Parameter) -> Self {
        Self { variadic: Some(parameter), ..self }
    }

    /// What the argument of that index, counted from 0, must be.
    pub fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }
}

pub fn string(name: &'static str) -> Parameter {
    Parameter::new(name, Type::String)
}

pub fn number(name: &'static str) -> Parameter {
    Parameter::new(name, Type::Number)
}

pub fn boolean(name: &'static str) -> Parameter {
    Parameter::new(name, Type::Bool)
}

/// A value of any type: it is not converted.
pub fn any(name: &'static str) -> Parameter {
    Parameter::new(name, Type::Dynamic)
}

pub fn list(name: &'static str, element: Type) -> Parameter {
    Parameter::new(name, Type::List(element.into()))
}

pub fn set(name: &'static str, element: Type) -> Parameter {
    Parameter::new(name, Type::Set(element.into()))
}

pub fn map(name: &'static str, element: Type) -> Parameter {
    Parameter::new(name, Type::Map(element.into()))
}

impl Parameter {
    pub fn new(name: &'static str, constraint: Type) -> Self {
        Self { name, constraint, null: false, unknown: false, dynamic: false }
    }

    /// May be null.
    #[must_use]
    pub fn null(self) -> Self {
        Self { null: true, ..self }
    }

    /// The function itself deals with an unknown value.
    #[must_use]
    pub fn unknown(self) -> Self {
        Self { unknown: true, ..self }
    }

    /// The function itself deals with a value of unknown type, null included.
    #[must_use]
    pub fn dynamic(self) -> Self {
        Self { dynamic: true, ..self }
    }
}

impl FunctionError {
    pub fn new(message: impl Into<String>) -> Self {
        Self { argument: None, message: message.into() }
    }

    /// The argument of that index, counted from 0, is wrong.
    pub fn argument(index: usize, message: impl Into<String>) -> Self {
        Self { argument: Some(index), message: message.into() }
    }
}

impl From<WorldError> for FunctionError {
    fn from(error: WorldError) -> Self {
        Self::new(error.to_string())
    }
}

impl<'a> Arguments<'a> {
    pub fn new(values: &'a [Value], result: &'a Type, surroundings: &'a Surroundings) -> Self {
        Self { values, result, surroundings }
    }
    pub fn text(&self, index: usize) -> &'a str {
        match self.values.get(index) {
            Some(Value::String(text)) => text,
            _ => "",
        }
    }

    pub fn number(&self, index: usize) -> Option<&'a Number> {
        match self.values.get(index) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    pub fn bool(&self, index: usize) -> bool {
        matches!(self.values.get(index), Some(Value::Bool(true)))
    }

    /// The elements of a list, a set or a tuple.
    pub fn elements(&self, index: usize) -> &'a [Value] {
        match self.values.get(index) {
            Some(Value::List(_, elements) | Value::Set(_, elements) | Value::Tuple(elements)) => elements,
            _ => &[],
        }
    }
}

/// All arguments: `call[0]`, `call.len()`, `call.iter()`.
impl Deref for Arguments<'_> {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        self.values
    }
}

/// The number as a whole one of 64 bits.
fn whole_number(value: &Value) -> Result<i64, FunctionError> {
    let number = value.as_number().and_then(Number::to_i64);
    number.ok_or_else(|| FunctionError::new("a whole number of at most 64 bits is required"))
}

fn too_long() -> FunctionError {
    FunctionError::new(format!("the result is longer than {} MiB", MAX_TEXT >> 20))
}

fn too_many() -> FunctionError {
    FunctionError::new(format!("the result has more than {MAX_ELEMENTS} elements"))
}
