//! What an expression can see: names and functions.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{value::Value, world::World};

/// Names and functions; cheap to clone. An inner scope sees what the outer ones have, and hides equal names.
#[derive(Clone, Default)]
pub struct Scope(Option<Arc<Frame>>);

struct Frame {
    names: BTreeMap<Arc<str>, Value>,
    functions: Functions,
    outer: Scope,
}

/// Which functions can be called.
#[derive(Clone, Default)]
pub enum Functions {
    #[default]
    None,
    /// Only `env`: in the default of a variable.
    Environment(Surroundings),
    All(Surroundings),
    /// Those of the outer scope.
    Inherited,
}

/// What functions ask besides their arguments.
#[derive(Clone)]
pub struct Surroundings {
    pub world: Arc<dyn World>,
    /// `path.root`: what paths of file functions are relative to.
    pub root: Arc<str>,
    /// Inside `templatefile`, where it cannot be called again.
    pub in_template_file: bool,
}

impl Scope {
    pub fn new(names: BTreeMap<Arc<str>, Value>, functions: Functions) -> Self {
        Self(Some(Arc::new(Frame { names, functions, outer: Self(None) })))
    }

    /// A scope inside of this one with more names.
    #[must_use]
    pub fn with(&self, names: BTreeMap<Arc<str>, Value>) -> Self {
        Self(Some(Arc::new(Frame { names, functions: Functions::Inherited, outer: self.clone() })))
    }

    /// The value of a root name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let frame = self.0.as_deref()?;
        frame.names.get(name).or_else(|| frame.outer.get(name))
    }

    /// All root names that can be seen, in order.
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = Vec::new();
        let mut scope = self;
        while let Some(frame) = scope.0.as_deref() {
            names.extend(frame.names.keys().cloned());
            scope = &frame.outer;
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    pub fn functions(&self) -> &Functions {
        match self.0.as_deref() {
            None => &Functions::None,
            Some(Frame { functions: Functions::Inherited, outer, .. }) => outer.functions(),
            Some(frame) => &frame.functions,
        }
    }
}

impl Functions {
    /// Whether a function of that name, if there is one, can be called.
    pub fn allow(&self, name: &str) -> bool {
        match self {
            Self::None | Self::Inherited => false,
            Self::Environment(_) => name == "env",
            Self::All(_) => name != "env",
        }
    }

    pub fn surroundings(&self) -> Option<&Surroundings> {
        match self {
            Self::None | Self::Inherited => None,
            Self::Environment(surroundings) | Self::All(surroundings) => Some(surroundings),
        }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&self.names()).finish()
    }
}
