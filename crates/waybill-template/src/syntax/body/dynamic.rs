//! `dynamic` blocks: as many blocks as a collection has elements.
//!
//! ```hcl
//! dynamic "provisioner" {
//!   for_each = var.greetings
//!   iterator = greeting          # otherwise the name is that of the block's type
//!   labels   = ["shell-local"]   # for types whose blocks have labels, and only for those
//!   content {
//!     inline = ["echo ${greeting.key}: ${greeting.value}"]
//!   }
//! }
//! ```
//!
//! The content may hold further ones, which see the outer iterators. For an unknown collection one block is made
//! whose values are all unknown (measured).

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use super::{AttributeSchema, BlockSchema, BodySchema, Hidden, Reading, fault};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    json,
    scope::Scope,
    syntax::{
        lexer::is_identifier,
        tree::{Bindings, Block, Body, BodyKind, Expression, ExpressionKind, Name},
    },
    value::{self, Type, Value},
};

pub(super) const KIND: &str = "dynamic";

pub(super) static BLOCK: LazyLock<BlockSchema> =
    LazyLock::new(|| BlockSchema { kind: KIND.into(), labels: vec!["type".into()] });

/// How many blocks one `dynamic` block makes at most, all elements of all those around it taken together.
const MAX_COPIES: usize = 1 << 16;

/// What is in a `dynamic` block for blocks with labels, and for such without.
static WITH_LABELS: LazyLock<BodySchema> = LazyLock::new(|| schema(true));
static WITHOUT_LABELS: LazyLock<BodySchema> = LazyLock::new(|| schema(false));

fn schema(with_labels: bool) -> BodySchema {
    let attribute = |name: &str, required| AttributeSchema { name: name.into(), required };
    let mut attributes = vec![attribute("for_each", true), attribute("iterator", false)];
    if with_labels {
        attributes.push(attribute("labels", true));
    }
    BodySchema { attributes, blocks: vec![BlockSchema { kind: "content".into(), labels: Vec::new() }] }
}

/// Replaces the `dynamic` blocks by what they make, and lets the others do so inside.
pub(super) fn expand(
    blocks: Vec<Block>,
    copies: usize,
    reading: Reading<'_>,
    scope: &Scope,
    diagnostics: &mut Diagnostics,
) -> Vec<Block> {
    let mut expanded = Vec::with_capacity(blocks.len());
    for mut block in blocks {
        if &*block.kind.text != KIND {
            block.body = block.body.expanding(scope.clone());
            expanded.push(block);
            continue;
        }
        let Some(kind) = block.labels.first() else { continue };
        if Hidden::block(reading.hidden, &kind.text) {
            continue;
        }
        match reading.schema.block(&kind.text) {
            Some(schema) => {
                if let Some(dynamic) = Dynamic::read(&block, kind, copies, schema, scope, diagnostics) {
                    dynamic.make(scope, &mut expanded, diagnostics);
                }
            }
            None if reading.partial => {}
            None => diagnostics.push(fault::unknown_block(kind, None, reading.schema)),
        }
    }
    expanded
}

/// A `dynamic` block, understood.
struct Dynamic<'a> {
    block: &'a Block,
    kind: &'a Name,
    /// `None` if they are unknown.
    elements: Option<Vec<(Value, Value)>>,
    iterator: Arc<str>,
    labels: Option<Arc<Expression>>,
    n_labels: usize,
    content: Block,
    copies: usize,
}

impl<'a> Dynamic<'a> {
    /// What cannot be understood is told.
    fn read(
        block: &'a Block,
        kind: &'a Name,
        copies: usize,
        schema: &BlockSchema,
        scope: &Scope,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let mut faults = Diagnostics::default();
        let body_schema = if schema.labels.is_empty() { &WITHOUT_LABELS } else { &WITH_LABELS };
        let mut content = block.body.content(body_schema, &mut faults);
        if faults.has_errors() {
            diagnostics.extend(faults);
            return None;
        }
        let elements = content
            .attribute("for_each")
            .and_then(|for_each| elements(&for_each.expression, copies, scope, &mut faults));
        let iterator = match content.attribute("iterator") {
            None => Some(Arc::clone(&kind.text)),
            Some(iterator) => iterator_name(&iterator.expression)
                .map_err(|detail| {
                    let fault = Diagnostic::error("Invalid dynamic iterator name", detail);
                    faults.push(fault.at(iterator.expression.span));
                })
                .ok(),
        };
        if let Some(second) = content.blocks.get(1) {
            let detail = "A dynamic block has one \"content\" block, from which all blocks are made.";
            faults.push(Diagnostic::error("Extraneous dynamic content block", detail).at(second.header));
        } else if content.blocks.is_empty() {
            let detail = "A dynamic block has a \"content\" block, from which all blocks are made.";
            faults.push(Diagnostic::error("Missing dynamic content block", detail).at(content.missing));
        }
        let failed = faults.has_errors();
        diagnostics.extend(faults);
        if failed {
            return None;
        }
        let elements = elements?;
        Some(Self {
            block,
            kind,
            copies: copies.saturating_mul(elements.as_ref().map_or(1, Vec::len)),
            elements,
            iterator: iterator?,
            labels: content.attribute("labels").map(|labels| Arc::clone(&labels.expression)),
            n_labels: schema.labels.len(),
            content: content.blocks.pop()?,
        })
    }

    fn make(&self, scope: &Scope, blocks: &mut Vec<Block>, diagnostics: &mut Diagnostics) {
        let mut faults = Diagnostics::default();
        let labels =
            self.labels.as_deref().and_then(|labels| self.label_expressions(labels, scope, &mut faults));
        let unknown = [(Value::dynamic(), Value::dynamic())];
        for (key, value) in self.elements.as_deref().unwrap_or(&unknown) {
            if faults.has_errors() {
                break;
            }
            let element = [("key".into(), key.clone()), ("value".into(), value.clone())];
            let names = Bindings::from([(Arc::clone(&self.iterator), Value::object(element.into()))]);
            let labels = match &labels {
                None => Vec::new(),
                Some((labels, scope)) => {
                    let scope = scope.with(names.clone());
                    labels.iter().filter_map(|label| evaluate_label(label, &scope, &mut faults)).collect()
                }
            };
            if faults.has_errors() {
                break;
            }
            let body = bind(&self.content.body, names, self.copies).expanding(scope.clone());
            blocks.push(Block {
                kind: self.kind.clone(),
                labels,
                body: if self.elements.is_some() { body } else { body.wrap(BodyKind::Unknown) },
                header: self.block.header,
                open: self.content.open,
                close: self.content.close,
            });
        }
        diagnostics.extend(faults);
    }

    /// The expressions of the labels, as many as there should be, and the scope they see.
    fn label_expressions<'e>(
        &self,
        labels: &'e Expression,
        scope: &Scope,
        faults: &mut Diagnostics,
    ) -> Option<(Vec<Cow<'e, Expression>>, Scope)> {
        let Some((list, scope)) = list(labels, scope.clone()) else {
            let detail = "The labels are a list that is written here: `[\"…\"]`.";
            faults.push(Diagnostic::error("Invalid expression", detail).at(labels.span));
            return None;
        };
        let rule = format!(
            "Blocks of type \"{}\" have {} label(s), here are {}.",
            self.kind.text,
            self.n_labels,
            list.len()
        );
        if let Some(extra) = list.get(self.n_labels) {
            faults.push(Diagnostic::error("Extraneous dynamic block label", rule).at(extra.span));
            return None;
        }
        if list.len() < self.n_labels {
            faults.push(Diagnostic::error("Insufficient dynamic block labels", rule).at(labels.span));
            return None;
        }
        Some((list, scope))
    }
}

/// The body with an iterator, which hides an outer one of the same name.
fn bind(body: &Arc<Body>, mut names: Bindings, copies: usize) -> Arc<Body> {
    let body = match &body.kind {
        BodyKind::Bound { body, names: outer, .. } => {
            for (name, value) in outer.iter() {
                names.entry(Arc::clone(name)).or_insert_with(|| value.clone());
            }
            body
        }
        _ => body,
    };
    body.wrap(|body| BodyKind::Bound { body, names: Arc::new(names), copies })
}

/// What a `dynamic` block iterates over: `Some(None)` for something unknown.
#[expect(
    clippy::option_option,
    reason = "the inner one is what is known, the outer one whether it makes sense"
)]
fn elements(
    for_each: &Expression,
    copies: usize,
    scope: &Scope,
    faults: &mut Diagnostics,
) -> Option<Option<Vec<(Value, Value)>>> {
    let mut refuse = |detail: String| {
        faults.push(Diagnostic::error("Invalid dynamic for_each value", detail).at(for_each.span));
        None
    };
    let mut own = Diagnostics::default();
    let value = for_each.evaluate(scope, &mut own);
    if own.has_errors() {
        faults.extend(own);
        return None;
    }
    match &value {
        Value::Null(_) => refuse("A dynamic block iterates over a collection, not over null.".to_owned()),
        Value::Unknown(ty) if ty.is_iterable() => Some(None),
        value => match value.elements() {
            None => {
                let kind = value.ty().friendly_name();
                refuse(format!("A dynamic block iterates over a collection; this is a {kind}."))
            }
            Some(elements) if MAX_COPIES / copies.max(1) < elements.len() => {
                refuse(format!("A dynamic block makes at most {MAX_COPIES} blocks."))
            }
            Some(elements) => Some(Some(elements.collect())),
        },
    }
}

/// The name that an expression is, rather than what it evaluates to.
fn iterator_name(expression: &Expression) -> Result<Arc<str>, &'static str> {
    match &expression.kind {
        ExpressionKind::Variable(name) => Ok(Arc::clone(name)),
        ExpressionKind::Json(json::Node { kind: json::Kind::String(name), .. }) if is_identifier(name) => {
            Ok(Arc::clone(name))
        }
        ExpressionKind::Bound { expression, .. } => iterator_name(expression),
        ExpressionKind::Json(_) => Err("The iterator is a name in quotes."),
        _ => Err("The iterator is a single name, without quotes."),
    }
}

/// The elements of a list that is written out, and the scope they see.
fn list(expression: &Expression, scope: Scope) -> Option<(Vec<Cow<'_, Expression>>, Scope)> {
    match &expression.kind {
        ExpressionKind::Tuple(elements) => Some((elements.iter().map(Cow::Borrowed).collect(), scope)),
        ExpressionKind::Json(node) => {
            let elements = node.as_array()?.iter().map(|node| {
                Cow::Owned(Expression { kind: ExpressionKind::Json(node.clone()), span: node.span })
            });
            Some((elements.collect(), scope))
        }
        ExpressionKind::Bound { expression, names } => list(expression, scope.with(names.as_ref().clone())),
        _ => None,
    }
}

fn evaluate_label(label: &Expression, scope: &Scope, faults: &mut Diagnostics) -> Option<Name> {
    let mut own = Diagnostics::default();
    let value = label.evaluate(scope, &mut own);
    let failed = own.has_errors();
    faults.extend(own);
    if failed {
        return None;
    }
    let mut refuse = |detail: String| {
        faults.push(Diagnostic::error("Invalid dynamic block label", detail).at(label.span));
        None
    };
    match value::convert(&value, &Type::String) {
        Ok(Value::String(text)) => Some(Name { text, span: label.span }),
        Ok(Value::Null(_)) => refuse("A label of a block cannot be null.".to_owned()),
        Ok(_) => refuse("A label of a block must be known now; this value is known only later.".to_owned()),
        Err(error) => refuse(format!("A label of a block is text: {error}.")),
    }
}
