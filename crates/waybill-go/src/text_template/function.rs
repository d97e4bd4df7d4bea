//! Functions that a template can call: what they take, checked before they are called.

use std::{collections::BTreeMap, fmt};

use super::{builtin, value::Value};

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    String,
    Integer,
    Any,
}

/// A function: its parameters, what further arguments are if it takes any, and what it does.
pub(super) struct Function<'a> {
    pub(super) parameters: &'static [Parameter],
    pub(super) rest: Option<Parameter>,
    pub(super) call: Box<Call<'a>>,
}

type Call<'a> = dyn Fn(&[Value]) -> Result<Value, String> + Send + Sync + 'a;

/// Functions by name, besides the built-in ones.
#[derive(Default)]
pub struct Functions<'a>(BTreeMap<&'static str, Function<'a>>);

impl<'a> Functions<'a> {
    /// Adds a function. It gets as many arguments as it has parameters, each of its kind.
    pub fn add(
        &mut self,
        name: &'static str,
        parameters: &'static [Parameter],
        call: impl Fn(&[Value]) -> Result<Value, String> + Send + Sync + 'a,
    ) {
        self.0.insert(name, Function { parameters, rest: None, call: Box::new(call) });
    }

    /// Adds a function that takes any number of further arguments of one kind.
    pub fn add_variadic(
        &mut self,
        name: &'static str,
        parameters: &'static [Parameter],
        rest: Parameter,
        call: impl Fn(&[Value]) -> Result<Value, String> + Send + Sync + 'a,
    ) {
        self.0.insert(name, Function { parameters, rest: Some(rest), call: Box::new(call) });
    }

    /// Whether a template can call it: one of these or a built-in one.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name) || builtin::NAMES.contains(&name)
    }

    /// The names of all functions, the built-in ones included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().copied().chain(builtin::NAMES)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Function<'a>> {
        self.0.get(name)
    }
}

impl fmt::Debug for Functions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
