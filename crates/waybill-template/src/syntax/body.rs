//! Bodies are read by a schema: which arguments and blocks there are, and which there should be.
//!
//! One way of reading serves all forms of a body. What is read is not copied: attributes and blocks share the tree.

mod dynamic;
mod fault;
mod json;

use std::sync::Arc;

use indexmap::IndexMap;

pub use self::json::parse_json_body;
use super::tree::{Attribute, Bindings, Block, Body, BodyKind, Expression, ExpressionKind, Taken};
use crate::{
    diagnostic::Diagnostics,
    scope::Scope,
    source::{FileId, Span},
    value::Value,
};

/// What can be in a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodySchema {
    pub attributes: Vec<AttributeSchema>,
    pub blocks: Vec<BlockSchema>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeSchema {
    pub name: Arc<str>,
    pub required: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockSchema {
    pub kind: Arc<str>,
    /// What each label is, for messages; a block has exactly so many.
    pub labels: Vec<Arc<str>>,
}

/// What was found of a schema, in the order of the text.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pub attributes: IndexMap<Arc<str>, Attribute>,
    pub blocks: Vec<Block>,
    /// Where to tell that something is missing.
    pub missing: Span,
}

impl BodySchema {
    pub fn attribute(&self, name: &str) -> Option<&AttributeSchema> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }

    pub fn block(&self, kind: &str) -> Option<&BlockSchema> {
        self.blocks.iter().find(|block| &*block.kind == kind)
    }
}

impl Content {
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(name)
    }

    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| &*block.kind.text == kind)
    }
}

impl Body {
    /// A body with nothing in it.
    pub fn empty(file: FileId) -> Arc<Self> {
        let span = Span::new(file, 0, 0);
        let kind = BodyKind::Native { attributes: Vec::new(), blocks: Vec::new() };
        Arc::new(Self { kind, span, end: span })
    }

    /// The contents of several bodies as one.
    pub fn merged(bodies: Vec<Arc<Self>>) -> Arc<Self> {
        let (span, end) = bodies.first().map(|body| (body.span, body.end)).unwrap_or_default();
        Arc::new(Self { kind: BodyKind::Merged(bodies), span, end })
    }

    /// The body with its `dynamic` blocks expanded in this scope.
    pub fn expanding(self: &Arc<Self>, scope: Scope) -> Arc<Self> {
        self.wrap(|body| BodyKind::Expanding { body, scope })
    }

    /// Reads all of a body: what the schema does not know is told.
    pub fn content(&self, schema: &BodySchema, diagnostics: &mut Diagnostics) -> Content {
        let reading = Reading { schema, dynamic: false, partial: false, required: true, hidden: None };
        self.read(reading, diagnostics)
    }

    /// Reads what the schema knows, and gives the rest as a body of its own.
    pub fn partial_content(
        self: &Arc<Self>,
        schema: &BodySchema,
        diagnostics: &mut Diagnostics,
    ) -> (Content, Arc<Self>) {
        let reading = Reading { schema, dynamic: false, partial: true, required: true, hidden: None };
        let content = self.read(reading, diagnostics);
        let taken = Taken {
            attributes: schema.attributes.iter().map(|attribute| attribute.name.to_string()).collect(),
            blocks: schema.blocks.iter().map(|block| block.kind.to_string()).collect(),
        };
        (content, self.wrap(|body| BodyKind::Remaining { body, taken: Arc::new(taken) }))
    }

    /// Reads a body whose names are all free, and that has no blocks.
    pub fn just_attributes(&self, diagnostics: &mut Diagnostics) -> IndexMap<Arc<str>, Attribute> {
        self.read_attributes(None, diagnostics)
    }

    /// Where to tell that something is missing: HCL takes the start of a native body, the end of a JSON one.
    pub fn missing(&self) -> Span {
        match &self.kind {
            BodyKind::Native { .. } => self.span.before(),
            BodyKind::Json(_) => self.end,
            BodyKind::Merged(bodies) => bodies.first().map_or(self.end, |body| body.missing()),
            BodyKind::Expanding { body, .. }
            | BodyKind::Bound { body, .. }
            | BodyKind::Unknown(body)
            | BodyKind::Remaining { body, .. } => body.missing(),
        }
    }

    fn wrap(self: &Arc<Self>, kind: impl FnOnce(Arc<Self>) -> BodyKind) -> Arc<Self> {
        Arc::new(Self { kind: kind(Arc::clone(self)), span: self.span, end: self.end })
    }
}

/// How a body is read.
#[derive(Clone, Copy)]
struct Reading<'a> {
    schema: &'a BodySchema,
    /// `dynamic` blocks are read, too: they are expanded afterwards.
    dynamic: bool,
    /// What the schema does not know is no fault.
    partial: bool,
    /// What is required and missing is a fault.
    required: bool,
    hidden: Option<&'a Hidden<'a>>,
}

/// Names that were taken from the body before.
#[derive(Clone, Copy)]
struct Hidden<'a> {
    taken: &'a Taken,
    outer: Option<&'a Hidden<'a>>,
}

impl Hidden<'_> {
    fn any(hidden: Option<&Self>, list: fn(&Taken) -> &Vec<String>, name: &str) -> bool {
        let layers = std::iter::successors(hidden, |layer| layer.outer);
        layers.into_iter().any(|layer| list(layer.taken).iter().any(|taken| taken == name))
    }

    fn attribute(hidden: Option<&Self>, name: &str) -> bool {
        Self::any(hidden, |taken| &taken.attributes, name)
    }

    fn block(hidden: Option<&Self>, kind: &str) -> bool {
        Self::any(hidden, |taken| &taken.blocks, kind)
    }
}

impl<'a> Reading<'a> {
    fn block(&self, kind: &str) -> Option<&'a BlockSchema> {
        if self.dynamic && kind == dynamic::KIND { Some(&dynamic::BLOCK) } else { self.schema.block(kind) }
    }

    /// Tells what is required and was not found.
    fn check_required(&self, content: &Content, diagnostics: &mut Diagnostics) {
        let required = self.schema.attributes.iter().filter(|attribute| attribute.required && self.required);
        let missing = required.filter(|attribute| !content.attributes.contains_key(&attribute.name));
        diagnostics
            .extend(missing.map(|attribute| fault::missing_argument(&attribute.name, content.missing)));
    }
}

impl Body {
    fn read(&self, reading: Reading<'_>, diagnostics: &mut Diagnostics) -> Content {
        match &self.kind {
            BodyKind::Native { attributes, blocks } => {
                native(attributes, blocks, self.missing(), reading, diagnostics)
            }
            BodyKind::Json(node) => json::content(node, self.missing(), reading, diagnostics),
            BodyKind::Merged(bodies) => {
                let mut content = Content { missing: self.missing(), ..Content::default() };
                for body in bodies {
                    let part = body.read(Reading { required: false, ..reading }, diagnostics);
                    merge(&mut content.attributes, part.attributes, diagnostics);
                    content.blocks.extend(part.blocks);
                }
                reading.check_required(&content, diagnostics);
                content
            }
            BodyKind::Expanding { body, scope } => {
                let mut content = body.read(Reading { dynamic: true, ..reading }, diagnostics);
                content.blocks = dynamic::expand(content.blocks, body.copies(), reading, scope, diagnostics);
                content
            }
            BodyKind::Bound { body, names, copies } => {
                let mut content = body.read(reading, diagnostics);
                bind_all(&mut content.attributes, names);
                for block in &mut content.blocks {
                    block.body = block.body.wrap(|body| BodyKind::Bound {
                        body,
                        names: Arc::clone(names),
                        copies: *copies,
                    });
                }
                content
            }
            BodyKind::Unknown(body) => {
                let mut content = body.read(reading, diagnostics);
                hide_values(&mut content.attributes);
                for block in &mut content.blocks {
                    block.body = block.body.wrap(BodyKind::Unknown);
                }
                content
            }
            BodyKind::Remaining { body, taken } => {
                let hidden = Hidden { taken, outer: reading.hidden };
                body.read(Reading { hidden: Some(&hidden), ..reading }, diagnostics)
            }
        }
    }

    fn read_attributes(
        &self,
        hidden: Option<&Hidden<'_>>,
        diagnostics: &mut Diagnostics,
    ) -> IndexMap<Arc<str>, Attribute> {
        let mut found = IndexMap::new();
        match &self.kind {
            BodyKind::Native { attributes, blocks } => {
                for attribute in attributes {
                    if !Hidden::attribute(hidden, &attribute.name.text) {
                        found.entry(Arc::clone(&attribute.name.text)).or_insert_with(|| attribute.clone());
                    }
                }
                let block = blocks.iter().find(|block| !Hidden::block(hidden, &block.kind.text));
                diagnostics.extend(block.map(fault::unexpected_block));
            }
            BodyKind::Json(node) => found = json::attributes(node, hidden, diagnostics),
            BodyKind::Merged(bodies) => {
                for body in bodies {
                    merge(&mut found, body.read_attributes(hidden, diagnostics), diagnostics);
                }
            }
            BodyKind::Expanding { body, .. } => found = body.read_attributes(hidden, diagnostics),
            BodyKind::Bound { body, names, .. } => {
                found = body.read_attributes(hidden, diagnostics);
                bind_all(&mut found, names);
            }
            BodyKind::Unknown(body) => {
                found = body.read_attributes(hidden, diagnostics);
                hide_values(&mut found);
            }
            BodyKind::Remaining { body, taken } => {
                found = body.read_attributes(Some(&Hidden { taken, outer: hidden }), diagnostics);
            }
        }
        found
    }

    /// How often this body is there: see [`BodyKind::Bound`].
    fn copies(&self) -> usize {
        match &self.kind {
            BodyKind::Native { .. } | BodyKind::Json(_) | BodyKind::Merged(_) => 1,
            BodyKind::Bound { copies, .. } => *copies,
            BodyKind::Expanding { body, .. } | BodyKind::Unknown(body) | BodyKind::Remaining { body, .. } => {
                body.copies()
            }
        }
    }
}

fn native(
    attributes: &[Attribute],
    blocks: &[Block],
    missing: Span,
    reading: Reading<'_>,
    diagnostics: &mut Diagnostics,
) -> Content {
    let mut content = Content { missing, ..Content::default() };
    let mut unknown_attributes = Vec::new();
    for attribute in attributes {
        let name = &attribute.name.text;
        if Hidden::attribute(reading.hidden, name) {
        } else if reading.schema.attribute(name).is_some() {
            // Of several with one name the parser has told.
            content.attributes.entry(Arc::clone(name)).or_insert_with(|| attribute.clone());
        } else if !reading.partial {
            unknown_attributes.push(attribute);
        }
    }
    reading.check_required(&content, diagnostics);

    let mut unknown_blocks = Vec::new();
    for block in blocks {
        let kind = &block.kind.text;
        if Hidden::block(reading.hidden, kind) {
        } else if let Some(schema) = reading.block(kind) {
            match fault::wrong_labels(block, schema) {
                None => content.blocks.push(block.clone()),
                Some(fault) => diagnostics.push(fault),
            }
        } else if !reading.partial {
            unknown_blocks.push(block);
        }
    }
    let schema = reading.schema;
    diagnostics.extend(
        unknown_attributes.into_iter().map(|attribute| fault::unknown_attribute(attribute, schema, &content)),
    );
    diagnostics.extend(
        unknown_blocks.into_iter().map(|block| fault::unknown_block(&block.kind, Some(block), schema)),
    );
    content
}

/// Adds attributes of a further body; one that is there already is told.
fn merge(
    all: &mut IndexMap<Arc<str>, Attribute>,
    more: IndexMap<Arc<str>, Attribute>,
    diagnostics: &mut Diagnostics,
) {
    for (name, attribute) in more {
        match all.entry(name) {
            indexmap::map::Entry::Occupied(first) => {
                diagnostics.push(fault::duplicate(&attribute.name, first.get()));
            }
            indexmap::map::Entry::Vacant(place) => _ = place.insert(attribute),
        }
    }
}

fn bind_all(attributes: &mut IndexMap<Arc<str>, Attribute>, names: &Arc<Bindings>) {
    for attribute in attributes.values_mut() {
        let span = attribute.expression.span;
        let kind =
            ExpressionKind::Bound { expression: Arc::clone(&attribute.expression), names: Arc::clone(names) };
        attribute.expression = Arc::new(Expression { kind, span });
    }
}

fn hide_values(attributes: &mut IndexMap<Arc<str>, Attribute>) {
    for attribute in attributes.values_mut() {
        let kind = ExpressionKind::Literal(Value::dynamic());
        attribute.expression = Arc::new(Expression { kind, span: attribute.expression.span });
    }
}
