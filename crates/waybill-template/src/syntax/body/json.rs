//! Bodies that are written in JSON.
//!
//! An object is a body, or an array of objects, whose members then count as one's. What a member means, the schema
//! knows: an argument, whose value is an expression, or blocks. Labels are the keys of nested objects, several blocks
//! are an array; arrays of objects may stand for an object at each level. `"//"` is a comment in a body, and null are
//! no blocks. (All measured.)

use std::sync::Arc;

use indexmap::IndexMap;

use super::{BlockSchema, Content, Hidden, Reading, fault};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    json::{self, Kind, Member, Node},
    source::{FileId, Span},
    syntax::tree::{Attribute, Block, Body, BodyKind, Expression, ExpressionKind, Name},
};

/// Reads a `.pkr.json` file or a file of variables in JSON. One that cannot be read has nothing in it.
pub fn parse_json_body(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Arc<Body> {
    let Some(node) = json::parse(file, text, diagnostics) else { return Body::empty(file) };
    if !matches!(node.kind, Kind::Object(_) | Kind::Array(_)) {
        let detail = format!(
            "The root of a template in JSON is an object or an array of objects, not {}.",
            node.describe()
        );
        diagnostics.push(Diagnostic::error("Root value must be object", detail).at(node.span));
        return Body::empty(file);
    }
    Arc::new(body(&node))
}

/// The value as a body; whether it can be one is found out when it is read.
fn body(node: &Node) -> Body {
    Body { kind: BodyKind::Json(node.clone()), span: node.span, end: node.close() }
}

pub(super) fn content(
    node: &Node,
    missing: Span,
    reading: Reading<'_>,
    diagnostics: &mut Diagnostics,
) -> Content {
    let mut content = Content { missing, ..Content::default() };
    let mut unknown = Vec::new();
    let mut block_faults = Diagnostics::default();
    for member in members(node, diagnostics) {
        let key = &*member.key;
        if reading.schema.attribute(key).is_some() && !Hidden::attribute(reading.hidden, key) {
            add(&mut content.attributes, member, diagnostics);
        } else if let Some(schema) = reading.block(key)
            && !Hidden::block(reading.hidden, key)
        {
            let unpacking = Unpacking { kind: name(member), schema };
            unpacking.blocks(&member.value, &mut Vec::new(), &mut content.blocks, &mut block_faults);
        } else if !reading.partial
            && !Hidden::attribute(reading.hidden, key)
            && !Hidden::block(reading.hidden, key)
        {
            unknown.push(member);
        }
    }
    reading.check_required(&content, diagnostics);
    diagnostics.extend(block_faults);
    diagnostics.extend(
        unknown
            .into_iter()
            .map(|member| fault::unknown_member(&member.key, member.key_span, reading.schema, &content)),
    );
    content
}

pub(super) fn attributes(
    node: &Node,
    hidden: Option<&Hidden<'_>>,
    diagnostics: &mut Diagnostics,
) -> IndexMap<Arc<str>, Attribute> {
    let mut attributes = IndexMap::new();
    for member in members(node, diagnostics) {
        if !Hidden::attribute(hidden, &member.key) && !Hidden::block(hidden, &member.key) {
            add(&mut attributes, member, diagnostics);
        }
    }
    attributes
}

fn add(attributes: &mut IndexMap<Arc<str>, Attribute>, member: &Member, diagnostics: &mut Diagnostics) {
    match attributes.entry(Arc::clone(&member.key)) {
        indexmap::map::Entry::Occupied(first) => {
            diagnostics.push(fault::duplicate(&name(member), first.get()));
        }
        indexmap::map::Entry::Vacant(place) => {
            let node = &member.value;
            let expression = Expression { kind: ExpressionKind::Json(node.clone()), span: node.span };
            place.insert(Attribute {
                name: name(member),
                expression: Arc::new(expression),
                span: member.span(),
            });
        }
    }
}

fn name(member: &Member) -> Name {
    Name { text: Arc::clone(&member.key), span: member.key_span }
}

/// The members of a body, without comments.
fn members<'a>(node: &'a Node, diagnostics: &mut Diagnostics) -> Vec<&'a Member> {
    let wanted = "with arguments and blocks";
    let (members, other) = nested(node);
    diagnostics.extend(other.into_iter().map(|node| wrong_value(node, wanted)));
    members.into_iter().filter(|member| &*member.key != "//").collect()
}

/// The members of an object or of the objects in an array; and what should have been such an object.
fn nested(node: &Node) -> (Vec<&Member>, Vec<&Node>) {
    match &node.kind {
        Kind::Object(members) => (members.iter().collect(), Vec::new()),
        Kind::Array(items) => {
            let (objects, other): (Vec<&Node>, _) = items.iter().partition(|item| item.as_object().is_some());
            (objects.into_iter().filter_map(Node::as_object).flatten().collect(), other)
        }
        Kind::Null => (Vec::new(), Vec::new()),
        _ => (Vec::new(), vec![node]),
    }
}

fn wrong_value(node: &Node, wanted: &str) -> Diagnostic {
    let detail =
        format!("An object {wanted} is needed here, or an array of objects, not {}.", node.describe());
    Diagnostic::error("Incorrect JSON value type", detail).at(node.span)
}

/// Blocks of one type.
struct Unpacking<'a> {
    kind: Name,
    schema: &'a BlockSchema,
}

impl Unpacking<'_> {
    /// Finds the blocks below some labels.
    fn blocks(
        &self,
        node: &Node,
        labels: &mut Vec<Name>,
        blocks: &mut Vec<Block>,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(label) = self.schema.labels.get(labels.len()) else {
            return self.bodies(node, labels, blocks, diagnostics);
        };
        let (members, other) = nested(node);
        if members.is_empty() && other.is_empty() {
            let kind = &self.kind.text;
            let detail =
                format!("The {label} of a \"{kind}\" block is a key of an object here: {{\"…\": {{…}}}}.");
            diagnostics
                .push(Diagnostic::error(format!("Missing {label} for {kind}"), detail).at(node.open()));
        }
        let wanted = format!("with the {label} of each \"{}\" block as a key", self.kind.text);
        diagnostics.extend(other.into_iter().map(|node| wrong_value(node, &wanted)));
        for member in members {
            labels.push(name(member));
            self.blocks(&member.value, labels, blocks, diagnostics);
            labels.pop();
        }
    }

    /// One block, or several as an array.
    fn bodies(&self, node: &Node, labels: &[Name], blocks: &mut Vec<Block>, diagnostics: &mut Diagnostics) {
        let bodies = match &node.kind {
            Kind::Null => &[],
            Kind::Object(_) => std::slice::from_ref(node),
            Kind::Array(items) => items,
            _ => {
                let wanted = format!("with the content of a \"{}\" block", self.kind.text);
                return diagnostics.push(wrong_value(node, &wanted));
            }
        };
        blocks.extend(bodies.iter().map(|item| Block {
            kind: self.kind.clone(),
            labels: labels.to_vec(),
            body: Arc::new(body(item)),
            header: node.open(),
            open: item.open(),
            close: item.close(),
        }));
    }
}
