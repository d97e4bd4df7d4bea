//! Evaluation: from an expression and what it can see to a value.
//!
//! Whatever is wrong becomes a diagnostic, and the value of what is wrong is unknown, so that evaluation goes on and
//! one run tells all faults. An unknown value never causes another fault by itself.
//!
//! Where Packer 1.14 and 1.16 differ (`&&` and `||` decide from one side), this is as 1.16.

mod access;
mod call;
mod collection;
mod condition;
pub(crate) mod fault;
mod json;
mod operator;
mod reference;
mod splat;
mod template;

use std::{collections::BTreeMap, sync::Arc};

pub use self::reference::{Reference, Step};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    scope::Scope,
    source::Span,
    syntax::{
        MAX_DEPTH,
        tree::{Expression, ExpressionKind},
    },
    value::Value,
};

/// How deep evaluation goes: strings of a JSON file, nested to the limit, are expressions that may be so again.
const DEPTH: usize = 2 * MAX_DEPTH + 8;

/// How many steps one evaluation takes at most, so that nested loops come to an end: seconds, not hours.
const STEPS: usize = 1 << 24;

/// How many bytes of text cost one step more.
const BYTES_OF_A_STEP: usize = 64;

/// How many faults one evaluation tells.
const FAULTS: usize = 100;

impl Expression {
    /// The value of this expression in that scope. What is wrong is unknown in it, and told.
    pub fn evaluate(&self, scope: &Scope, diagnostics: &mut Diagnostics) -> Value {
        let mut evaluator = Evaluator::new(scope.clone());
        let value = evaluator.evaluate(self);
        diagnostics.extend(evaluator.diagnostics);
        value
    }
}

/// One evaluation on its way through a tree.
#[derive(Debug)]
pub struct Evaluator {
    pub(crate) scope: Scope,
    diagnostics: Diagnostics,
    failures: usize,
    /// The elements that surrounding splats are at.
    items: Vec<Value>,
    depth: usize,
    steps: usize,
}

/// What came of an evaluation whose faults may not count.
pub(crate) struct Attempt {
    pub(crate) value: Value,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) failed: bool,
}

impl Evaluator {
    fn new(scope: Scope) -> Self {
        Self {
            scope,
            diagnostics: Diagnostics::default(),
            failures: 0,
            items: Vec::new(),
            depth: 0,
            steps: 0,
        }
    }

    pub(crate) fn evaluate(&mut self, expression: &Expression) -> Value {
        if self.depth == DEPTH {
            let detail = format!("This is nested too deeply to be evaluated: the limit is {DEPTH} levels.");
            self.fault(Diagnostic::error("Expression too deep", detail).at(expression.span));
            return Value::dynamic();
        }
        if !self.spend(1, expression.span) {
            return Value::dynamic();
        }
        self.depth += 1;
        let value = self.value(expression);
        self.depth -= 1;
        value
    }

    fn value(&mut self, expression: &Expression) -> Value {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Literal(value) => value.clone(),
            ExpressionKind::Template(parts) => self.template(parts, span),
            ExpressionKind::Wrap(inner) | ExpressionKind::Parentheses(inner) => self.evaluate(inner),
            ExpressionKind::Variable(name) => self.variable(name, span),
            ExpressionKind::Attribute { base, name } => {
                let value = self.evaluate(base);
                self.attribute(&value, base, name)
            }
            ExpressionKind::Index { base, key, .. } => {
                let value = self.evaluate(base);
                let key = self.evaluate(key);
                self.index(&value, base, &key, span)
            }
            ExpressionKind::Splat { base, each, .. } => self.splat(base, each),
            ExpressionKind::SplatItem => self.items.last().cloned().unwrap_or_else(Value::dynamic),
            ExpressionKind::Call(call) => self.call(call, span),
            ExpressionKind::Unary { operator, operand } => self.unary(*operator, operand, span),
            ExpressionKind::Binary { operator, left, right, .. } => self.binary(*operator, left, right, span),
            ExpressionKind::Conditional { condition, when_true, when_false } => {
                self.conditional(condition, when_true, when_false)
            }
            ExpressionKind::Tuple(elements) => {
                Value::tuple(elements.iter().map(|element| self.evaluate(element)).collect::<Vec<_>>())
            }
            ExpressionKind::Object(items) => self.object(items),
            ExpressionKind::For(each) => self.for_each(each, span),
            ExpressionKind::Json(node) => self.json(node),
            ExpressionKind::Bound { expression, names } => {
                self.inside(names.as_ref().clone(), |evaluator| evaluator.evaluate(expression))
            }
            ExpressionKind::Invalid => {
                self.failures += 1;
                Value::dynamic()
            }
        }
    }

    /// Evaluates with more names.
    fn inside<T>(&mut self, names: BTreeMap<Arc<str>, Value>, evaluate: impl FnOnce(&mut Self) -> T) -> T {
        let inner = self.scope.with(names);
        let outer = std::mem::replace(&mut self.scope, inner);
        let result = evaluate(self);
        self.scope = outer;
        result
    }

    /// Evaluates without telling what is wrong yet.
    pub(crate) fn attempt(&mut self, expression: &Expression) -> Attempt {
        let told = std::mem::take(&mut self.diagnostics);
        let failures = self.failures;
        let value = self.evaluate(expression);
        let failed = failures < self.failures;
        self.failures = failures;
        Attempt { value, diagnostics: std::mem::replace(&mut self.diagnostics, told), failed }
    }

    /// Tells what an attempt found wrong.
    pub(crate) fn accept(&mut self, attempt: Attempt) -> Value {
        self.failures += usize::from(attempt.failed);
        for diagnostic in attempt.diagnostics {
            self.tell(diagnostic);
        }
        attempt.value
    }

    /// How many faults there were, those included that are not told.
    pub(crate) fn failures(&self) -> usize {
        self.failures
    }

    /// Whether there was a fault since [`Self::failures`] was this.
    pub(crate) fn failed_since(&self, failures: usize) -> bool {
        failures < self.failures
    }

    /// Tells that something is wrong.
    pub(crate) fn fault(&mut self, diagnostic: Diagnostic) {
        self.failures += 1;
        self.tell(diagnostic);
    }

    /// A loop meets the same fault with each element: it is told once.
    fn tell(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < FAULTS && self.diagnostics.iter().all(|told| *told != diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Takes steps of the budget; false, and told, if there are not so many left.
    fn spend(&mut self, steps: usize, span: Span) -> bool {
        let before = self.steps;
        self.steps = before.saturating_add(steps);
        if self.steps <= STEPS {
            return true;
        }
        self.failures += 1;
        if before <= STEPS {
            let detail = "This takes too much work: loops over many elements are nested too deeply, or texts grow \
                          with each element.";
            self.tell(Diagnostic::error("Expression too expensive", detail).at(span));
        }
        false
    }

    fn spend_text(&mut self, bytes: usize, span: Span) -> bool {
        self.spend(bytes / BYTES_OF_A_STEP, span)
    }

    /// Pays for a value that a function made; unknown if it is too much.
    fn paid(&mut self, value: Value, span: Span) -> Value {
        let paid = match value.as_str() {
            Some(text) => self.spend_text(text.len(), span),
            None => self.spend(value.length().unwrap_or_default(), span),
        };
        if paid { value } else { Value::dynamic() }
    }
}
