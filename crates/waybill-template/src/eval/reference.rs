//! What an expression or a body refers to, without evaluating it: the edges of the graph of locals and data sources.
//!
//! References come in the order of the text, repeated ones too. Names that are bound inside, by `for` or as iterator of
//! a `dynamic` block, are none.

use std::sync::Arc;

use super::json::{self, is_template};
use crate::{
    diagnostic::Diagnostics,
    json::{Kind, Member, Node},
    source::Span,
    syntax::tree::{
        Attribute, Block, Body, BodyKind, Expression, ExpressionKind, For, Name, ObjectItem, Taken,
        TemplatePart,
    },
    value::Value,
};

/// `root.attribute[0][*]`: a root name and as much of what follows as is written out.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    pub root: Name,
    pub steps: Vec<Step>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Attribute(Name),
    /// An index that is a literal.
    Index(Value, Span),
    /// Each element: what follows is not part of the reference.
    Splat,
}

impl Expression {
    /// The references in this expression, in the order of the text.
    pub fn references(&self) -> Vec<Reference> {
        let mut walk = Walk::default();
        walk.expression(self);
        walk.found
    }
}

impl Body {
    /// The references in all attributes and nested blocks.
    pub fn references(&self) -> Vec<Reference> {
        let mut walk = Walk::default();
        walk.body(self, &Taken::default());
        walk.found
    }
}

impl Reference {
    /// The name of the attribute at this step, counted from 0: of `local.a`, the first is `a`, also when it is written
    /// `local["a"]`.
    pub fn attribute(&self, step: usize) -> Option<&str> {
        match self.steps.get(step)? {
            Step::Attribute(name) => Some(&name.text),
            Step::Index(value, _) => value.as_str(),
            Step::Splat => None,
        }
    }
}

#[derive(Default)]
struct Walk {
    found: Vec<Reference>,
    /// Names that are bound where the walk is.
    bound: Vec<Arc<str>>,
}

impl Walk {
    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Variable(_) | ExpressionKind::Attribute { .. } | ExpressionKind::Index { .. } => {
                self.reference(expression);
            }
            ExpressionKind::Splat { base, each, .. } => {
                match reference(base) {
                    Some(mut reference) => {
                        reference.steps.push(Step::Splat);
                        self.push(reference);
                    }
                    None => self.expression(base),
                }
                self.expression(each);
            }
            ExpressionKind::Template(parts) => self.parts(parts),
            ExpressionKind::Wrap(inner) | ExpressionKind::Parentheses(inner) => self.expression(inner),
            ExpressionKind::Call(call) => {
                for argument in &call.arguments {
                    self.expression(argument);
                }
            }
            ExpressionKind::Unary { operand, .. } => self.expression(operand),
            ExpressionKind::Binary { left, right, .. } => {
                self.expression(left);
                self.expression(right);
            }
            ExpressionKind::Conditional { condition, when_true, when_false } => {
                self.expression(condition);
                self.expression(when_true);
                self.expression(when_false);
            }
            ExpressionKind::Tuple(elements) => elements.iter().for_each(|element| self.expression(element)),
            ExpressionKind::Object(items) => items.iter().for_each(|item| self.object_item(item)),
            ExpressionKind::For(each) => self.for_each(each),
            ExpressionKind::Json(node) => self.json(node),
            ExpressionKind::Bound { expression, names } => {
                self.binding(names.keys().cloned(), |walk| walk.expression(expression));
            }
            ExpressionKind::Literal(_) | ExpressionKind::SplatItem | ExpressionKind::Invalid => {}
        }
    }

    /// A name with what follows it; where that is not written out, the longest part that is.
    fn reference(&mut self, expression: &Expression) {
        if let Some(reference) = reference(expression) {
            return self.push(reference);
        }
        match &expression.kind {
            ExpressionKind::Attribute { base, .. } => self.expression(base),
            ExpressionKind::Index { base, key, .. } => {
                self.expression(base);
                self.expression(key);
            }
            _ => {}
        }
    }

    fn push(&mut self, reference: Reference) {
        if !self.bound.contains(&reference.root.text) {
            self.found.push(reference);
        }
    }

    /// Walks where more names are bound.
    fn binding(&mut self, names: impl IntoIterator<Item = Arc<str>>, walk: impl FnOnce(&mut Self)) {
        let before = self.bound.len();
        self.bound.extend(names);
        walk(self);
        self.bound.truncate(before);
    }

    fn parts(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal { .. } => {}
                TemplatePart::Interpolation(expression) => self.expression(expression),
                TemplatePart::If { condition, then, otherwise, .. } => {
                    self.expression(condition);
                    self.parts(then);
                    self.parts(otherwise.as_deref().unwrap_or_default());
                }
                TemplatePart::For { key_name, value_name, collection, body, .. } => {
                    self.expression(collection);
                    self.binding(names(key_name.as_ref(), value_name), |walk| walk.parts(body));
                }
            }
        }
    }

    fn object_item(&mut self, item: &ObjectItem) {
        if !item.bare {
            self.expression(&item.key);
        }
        self.expression(&item.value);
    }

    fn for_each(&mut self, each: &For) {
        self.expression(&each.collection);
        self.binding(names(each.key_name.as_ref(), &each.value_name), |walk| {
            let parts = [each.key.as_ref(), Some(&each.value), each.condition.as_ref()];
            parts.into_iter().flatten().for_each(|part| walk.expression(part));
        });
    }

    fn body(&mut self, body: &Body, taken: &Taken) {
        match &body.kind {
            BodyKind::Native { attributes, blocks } => self.native(attributes, blocks, taken),
            BodyKind::Json(node) => self.json_body(node, taken),
            BodyKind::Merged(bodies) => bodies.iter().for_each(|body| self.body(body, taken)),
            BodyKind::Expanding { body, .. } | BodyKind::Unknown(body) => self.body(body, taken),
            BodyKind::Bound { body, names, .. } => {
                self.binding(names.keys().cloned(), |walk| walk.body(body, taken));
            }
            BodyKind::Remaining { body, taken: more } => {
                let join = |one: &[String], other: &[String]| [one, other].concat();
                let taken = Taken {
                    attributes: join(&taken.attributes, &more.attributes),
                    blocks: join(&taken.blocks, &more.blocks),
                };
                self.body(body, &taken);
            }
        }
    }

    fn native(&mut self, attributes: &[Attribute], blocks: &[Block], taken: &Taken) {
        let mut items: Vec<(u32, Result<&Attribute, &Block>)> = Vec::new();
        let attributes = attributes.iter().filter(|attribute| !has(&taken.attributes, &attribute.name.text));
        items.extend(attributes.map(|attribute| (attribute.span.start, Ok(attribute))));
        items.extend(blocks.iter().map(|block| (block.header.start, Err(block))));
        items.sort_by_key(|(start, _)| *start);
        for (_, item) in items {
            match item {
                Ok(attribute) => self.expression(&attribute.expression),
                Err(block) if &*block.kind.text == "dynamic" => self.dynamic(block, taken),
                Err(block) if has(&taken.blocks, &block.kind.text) => {}
                Err(block) => self.body(&block.body, &Taken::default()),
            }
        }
    }

    /// `dynamic "type" { for_each, iterator, labels, content {} }`
    fn dynamic(&mut self, dynamic: &Block, taken: &Taken) {
        let made = dynamic.labels.first().map(|label| label.text.clone());
        if made.as_ref().is_some_and(|made| has(&taken.blocks, made)) {
            return;
        }
        let BodyKind::Native { attributes, blocks } = &dynamic.body.kind else { return };
        let named = |name: &str| attributes.iter().find(|attribute| &*attribute.name.text == name);
        if let Some(each) = named("for_each") {
            self.expression(&each.expression);
        }
        let iterator = named("iterator").map_or(made, |attribute| keyword(&attribute.expression));
        self.binding(iterator, |walk| {
            if let Some(labels) = named("labels") {
                walk.expression(&labels.expression);
            }
            for content in blocks {
                walk.body(&content.body, &Taken::default());
            }
        });
    }

    fn json(&mut self, node: &Node) {
        match &node.kind {
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
            Kind::String(text) => self.json_string(text, node.span),
            Kind::Array(elements) => elements.iter().for_each(|element| self.json(element)),
            Kind::Object(members) => {
                for Member { key, key_span, value } in members.iter() {
                    if let ("dynamic", Kind::Object(kinds)) = (&**key, &value.kind) {
                        kinds.iter().for_each(|made| self.json_dynamic(made));
                    } else {
                        self.json_string(key, *key_span);
                        self.json(value);
                    }
                }
            }
        }
    }

    fn json_body(&mut self, node: &Node, taken: &Taken) {
        match &node.kind {
            Kind::Array(bodies) => bodies.iter().for_each(|body| self.json_body(body, taken)),
            Kind::Object(members) => {
                for member in members.iter() {
                    let comment = &*member.key == "//";
                    let is_taken = has(&taken.attributes, &member.key) || has(&taken.blocks, &member.key);
                    match (&*member.key, &member.value.kind) {
                        _ if comment || is_taken => {}
                        ("dynamic", Kind::Object(kinds)) => {
                            let left = kinds.iter().filter(|made| !has(&taken.blocks, &made.key));
                            left.for_each(|made| self.json_dynamic(made));
                        }
                        _ => self.json(&member.value),
                    }
                }
            }
            _ => {}
        }
    }

    /// `"type": {"for_each": …, "iterator": "name", "labels": […], "content": {…}}`, or an array of those.
    fn json_dynamic(&mut self, made: &Member) {
        let one = std::slice::from_ref(&made.value);
        for dynamic in made.value.as_array().unwrap_or(one) {
            if let Some(each) = dynamic.get("for_each") {
                self.json(each);
            }
            let iterator = dynamic.get("iterator").and_then(Node::as_str).unwrap_or(&made.key);
            self.binding([iterator.clone()], |walk| {
                ["labels", "content"]
                    .into_iter()
                    .filter_map(|part| dynamic.get(part))
                    .for_each(|part| walk.json(part));
            });
        }
    }

    fn json_string(&mut self, text: &Arc<str>, span: Span) {
        if is_template(text) {
            let template = json::parse(text, span, &mut Diagnostics::default());
            self.expression(&template);
        }
    }
}

/// The expression as one reference, if all of it is written out.
fn reference(expression: &Expression) -> Option<Reference> {
    let mut steps = Vec::new();
    let mut inner = expression;
    loop {
        match &inner.kind {
            ExpressionKind::Variable(name) => {
                steps.reverse();
                let root = Name { text: name.clone(), span: inner.span };
                return Some(Reference { root, steps, span: expression.span });
            }
            ExpressionKind::Attribute { base, name } => {
                steps.push(Step::Attribute(name.clone()));
                inner = base;
            }
            ExpressionKind::Index { base, key, .. } => {
                steps.push(Step::Index(literal(key)?, key.span));
                inner = base;
            }
            _ => return None,
        }
    }
}

fn literal(key: &Expression) -> Option<Value> {
    match &key.kind {
        ExpressionKind::Literal(value) => Some(value.clone()),
        ExpressionKind::Template(parts) => match parts.as_slice() {
            [TemplatePart::Literal { text, .. }] => Some(Value::string(text.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn keyword(expression: &Expression) -> Option<Arc<str>> {
    match &expression.kind {
        ExpressionKind::Variable(name) => Some(name.clone()),
        _ => None,
    }
}

fn names(key: Option<&Name>, value: &Name) -> impl Iterator<Item = Arc<str>> {
    key.map(|name| name.text.clone()).into_iter().chain([value.text.clone()])
}

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|taken| taken == name)
}
