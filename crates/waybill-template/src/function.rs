//! Functions: a table of descriptions, so that arguments are checked and converted in one place.

use std::sync::Arc;

use crate::{
    scope::{Scope, Surroundings},
    syntax::tree::Expression,
    value::{Type, Value},
};

/// A function that expressions can call.
pub struct Function {
    pub name: &'static str,
    pub parameters: Vec<Parameter>,
    /// What further arguments are, if it takes any number.
    pub variadic: Option<Parameter>,
    pub implementation: Implementation,
}

/// What an argument must be.
pub struct Parameter {
    pub name: &'static str,
    /// The argument is converted to this first.
    pub constraint: Type,
    /// A null is passed on instead of refused.
    pub null: bool,
    /// An unknown value is passed on; otherwise the result is unknown of the function's result type.
    pub unknown: bool,
}

pub enum Implementation {
    /// Gets values, converted and checked.
    Eager {
        /// The type of the result for arguments of which some are unknown.
        result: fn(&[Value]) -> Result<Type, FunctionError>,
        call: fn(&[Value], &Surroundings) -> Result<Value, FunctionError>,
    },
    /// Gets the arguments as they are written: `can`, `try`, `convert`.
    Lazy(fn(&[Arc<Expression>], &Scope) -> Result<Value, FunctionError>),
}

/// Why a function refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument that is wrong, counted from 0, if one is.
    pub argument: Option<usize>,
    pub message: String,
}
