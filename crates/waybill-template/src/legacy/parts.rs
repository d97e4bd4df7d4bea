//! Builders, provisioners and post-processors: what of them is not an option of the component.

use std::sync::Arc;

use super::{Applies, Builder, PostProcessor, Provisioner, Text, parse::wrong, weak};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    json::{Kind, Member, Node},
    source::Span,
};

pub(super) fn builders(node: &Node, diagnostics: &mut Diagnostics) -> Vec<Builder> {
    let mut builders: Vec<Builder> = Vec::new();
    for (i, node) in items("\"builders\"", node, diagnostics).iter().enumerate() {
        let Some(builder) = builder(&format!("Builder {}", i + 1), node, diagnostics) else {
            continue;
        };
        match builders.iter().find(|before| before.name.text == builder.name.text) {
            None => builders.push(builder),
            Some(before) => {
                let detail = format!(
                    "There is a builder with the name {:?} already. Without a \"name\" it is the type.",
                    builder.name.text
                );
                let fault = Diagnostic::error("Duplicate builder", detail);
                diagnostics.push(fault.at(builder.name.span).related(before.name.span));
            }
        }
    }
    builders
}

fn builder(what: &str, node: &Node, diagnostics: &mut Diagnostics) -> Option<Builder> {
    let mut fields = Fields::of(what, node, diagnostics)?;
    let (name, kind) = (fields.text("name", diagnostics), fields.text("type", diagnostics));
    let kind = fields.required(kind, diagnostics)?;
    let name = name.filter(|name| !name.text.is_empty()).unwrap_or_else(|| kind.clone());
    Some(Builder { name, kind, options: fields.rest() })
}

pub(super) fn provisioners(node: &Node, diagnostics: &mut Diagnostics) -> Vec<Provisioner> {
    let items = items("\"provisioners\"", node, diagnostics).iter().enumerate();
    items.filter_map(|(i, node)| provisioner(&format!("Provisioner {}", i + 1), node, diagnostics)).collect()
}

pub(super) fn provisioner(what: &str, node: &Node, diagnostics: &mut Diagnostics) -> Option<Provisioner> {
    let mut fields = Fields::of(what, node, diagnostics)?;
    let kind = fields.text("type", diagnostics);
    let names = |node: &Node| {
        let named = |item: &Node| Ok(Text { text: weak::text(item)?.unwrap_or_default(), span: item.span });
        weak::list(node).iter().map(named).collect()
    };
    let applies = fields.applies(names, diagnostics);
    let overrides = fields.take("override").map_or_else(Vec::new, |member| {
        let value = member.value.clone();
        let overrides = fields.checked(&member, weak::map(&value), diagnostics).flatten().unwrap_or_default();
        overrides.into_iter().map(|it| (Text { text: it.key, span: it.key_span }, it.value)).collect()
    });
    let mut duration = |fields: &mut Fields<'_>, name| {
        let member = fields.take(name)?;
        let duration = weak::duration(&member.value);
        fields.checked(&member, duration, diagnostics).flatten()
    };
    let pause_before = duration(&mut fields, "pause_before");
    let timeout = duration(&mut fields, "timeout");
    let max_retries = fields.text("max_retries", diagnostics);
    let kind = fields.required(kind, diagnostics)?;
    Some(Provisioner { kind, applies, overrides, pause_before, timeout, max_retries, options: fields.rest() })
}

pub(super) fn post_processors(node: &Node, diagnostics: &mut Diagnostics) -> Vec<Vec<PostProcessor>> {
    let mut chains = Vec::new();
    for (i, node) in items("\"post-processors\"", node, diagnostics).iter().enumerate() {
        let chain = match &node.kind {
            Kind::Array(chain) => chain.to_vec(),
            _ => vec![node.clone()],
        };
        let members = chain.iter().enumerate().filter_map(|(j, node)| {
            post_processor(&format!("Post-processor {}.{}", i + 1, j + 1), node, diagnostics)
        });
        chains.push(members.collect());
    }
    chains
}

/// One of a chain: its type, or an object. Unlike the others it is not typed weakly.
fn post_processor(what: &str, node: &Node, diagnostics: &mut Diagnostics) -> Option<PostProcessor> {
    let object = match &node.kind {
        Kind::Object(_) => node.clone(),
        Kind::String(kind) => {
            let value = Node { kind: Kind::String(kind.clone()), span: node.span };
            let member = Member { key: "type".into(), key_span: node.span, value };
            Node { kind: Kind::Object([member].into()), span: node.span }
        }
        Kind::Array(_) => {
            diagnostics.push(
                Diagnostic::error(
                    "Chain inside of a chain",
                    format!("{what} is a list: a chain of post-processors cannot have another one in it."),
                )
                .at(node.span),
            );
            return None;
        }
        _ => {
            diagnostics.push(wrong(what, "a type, an object or a list of those", node));
            return None;
        }
    };
    let mut fields = Fields::of(what, &object, diagnostics)?;
    let kind = fields.strict_text("type", diagnostics);
    let name = fields.strict_text("name", diagnostics);
    let names = |node: &Node| {
        let wanted = "a list of strings";
        let is_string = |item: &Node| matches!(item.kind, Kind::String(_) | Kind::Null);
        match &node.kind {
            Kind::Null => Ok(Vec::new()),
            Kind::Array(items) if items.iter().all(is_string) => Ok(strings(node)),
            Kind::Array(_) => Err(weak::Mismatch { wanted, found: "one of other values".to_owned() }),
            _ => Err(weak::Mismatch { wanted, found: node.describe().to_owned() }),
        }
    };
    let applies = fields.applies(names, diagnostics);
    let keep_input_artifact = fields.take("keep_input_artifact").and_then(|member| match member.value.kind {
        Kind::Null => None,
        Kind::Bool(keep) => Some(keep),
        _ => {
            diagnostics.push(wrong(&fields.name(&member), "true or false", &member.value));
            None
        }
    });
    let kind = fields.required(kind, diagnostics)?;
    let name = name.filter(|name| !name.text.is_empty()).unwrap_or_else(|| kind.clone());
    Some(PostProcessor { name, kind, applies, keep_input_artifact, options: fields.rest() })
}

/// A list of strings; nulls are empty ones.
pub(super) fn texts(what: &str, node: &Node, diagnostics: &mut Diagnostics) -> Vec<Text> {
    let items = items(what, node, diagnostics);
    for item in items {
        if !matches!(item.kind, Kind::String(_) | Kind::Null) {
            diagnostics.push(wrong(&format!("An element of {what}"), "a string", item));
        }
    }
    strings(node)
}

/// The strings of a list; nulls are empty ones.
fn strings(node: &Node) -> Vec<Text> {
    let items = node.as_array().unwrap_or_default().iter();
    items
        .filter_map(|item| match &item.kind {
            Kind::String(text) => Some(Text { text: text.clone(), span: item.span }),
            Kind::Null => Some(Text { text: Arc::from(""), span: item.span }),
            _ => None,
        })
        .collect()
}

fn items<'a>(what: &str, node: &'a Node, diagnostics: &mut Diagnostics) -> &'a [Node] {
    match &node.kind {
        Kind::Array(items) => items,
        Kind::Null => &[],
        _ => {
            diagnostics.push(wrong(what, "a list", node));
            &[]
        }
    }
}

/// The members of an object, of which some are taken out.
struct Fields<'a> {
    what: &'a str,
    span: Span,
    members: Vec<Member>,
}

impl<'a> Fields<'a> {
    fn of(what: &'a str, node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let members = match &node.kind {
            Kind::Object(members) => members.to_vec(),
            Kind::Null => Vec::new(),
            _ => {
                diagnostics.push(wrong(what, "an object", node));
                return None;
            }
        };
        Some(Self { what, span: node.span, members })
    }

    /// The member of this name, whatever its case; the exact one first. One in another case stays among the options,
    /// where the component will not know it: that is how Packer tells its spelling from others.
    fn take(&mut self, name: &str) -> Option<Member> {
        if let Some(at) = self.members.iter().position(|member| &*member.key == name) {
            return Some(self.members.remove(at));
        }
        self.members.iter().find(|member| weak::is_same(&member.key, name)).cloned()
    }

    fn name(&self, member: &Member) -> String {
        format!("{}: {:?}", self.what, member.key)
    }

    fn checked<T>(
        &self,
        member: &Member,
        value: Result<T, weak::Mismatch>,
        diagnostics: &mut Diagnostics,
    ) -> Option<T> {
        value
            .map_err(|mismatch| {
                let detail = format!("{}: {mismatch}.", self.name(member));
                diagnostics.push(Diagnostic::error("Wrong type of value", detail).at(member.value.span));
            })
            .ok()
    }

    fn text(&mut self, name: &str, diagnostics: &mut Diagnostics) -> Option<Text> {
        let member = self.take(name)?;
        let text = self.checked(&member, weak::text(&member.value), diagnostics).flatten()?;
        Some(Text { text, span: member.value.span })
    }

    fn strict_text(&mut self, name: &str, diagnostics: &mut Diagnostics) -> Option<Text> {
        let member = self.take(name)?;
        match &member.value.kind {
            Kind::Null => None,
            Kind::String(text) => Some(Text { text: text.clone(), span: member.value.span }),
            _ => {
                diagnostics.push(wrong(&self.name(&member), "a string", &member.value));
                None
            }
        }
    }

    fn required(&self, kind: Option<Text>, diagnostics: &mut Diagnostics) -> Option<Text> {
        let kind = kind.filter(|kind| !kind.text.is_empty());
        if kind.is_none() {
            let detail = format!("{} has no \"type\", which says what it is.", self.what);
            diagnostics.push(Diagnostic::error("Missing type", detail).at(self.span));
        }
        kind
    }

    fn applies(
        &mut self,
        names: impl Fn(&Node) -> Result<Vec<Text>, weak::Mismatch>,
        diagnostics: &mut Diagnostics,
    ) -> Applies {
        let mut applies = Applies::default();
        let only = self.take("only");
        let except = self.take("except");
        if let Some(member) = &only {
            applies.only = self.checked(member, names(&member.value), diagnostics).unwrap_or_default();
        }
        if let Some(member) = &except {
            applies.except = self.checked(member, names(&member.value), diagnostics).unwrap_or_default();
            applies.span = Some(member.key_span);
        }
        applies
    }

    /// The object without what was taken.
    fn rest(self) -> Node {
        Node { kind: Kind::Object(self.members.into()), span: self.span }
    }
}
