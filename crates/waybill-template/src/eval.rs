//! Evaluation: from an expression and what it can see to a value.

use crate::{diagnostic::Diagnostics, scope::Scope};

/// What one evaluation carries along.
#[derive(Debug)]
pub struct Evaluator<'a> {
    pub(crate) scope: Scope,
    pub(crate) diagnostics: &'a mut Diagnostics,
}
