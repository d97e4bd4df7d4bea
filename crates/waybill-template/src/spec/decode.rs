//! From a body to a value, by a spec.

use std::{collections::BTreeMap, sync::Arc};

use super::Spec;
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    scope::Scope,
    syntax::{
        body::Content,
        tree::{Block, Body},
    },
    value::{Type, Value, convert},
};

/// Reads all of a body. After an error the value has unknown or null parts.
pub fn decode(body: &Body, spec: &Spec, scope: &Scope, diagnostics: &mut Diagnostics) -> Value {
    let content = body.content(&spec.schema(), diagnostics);
    Decoder { content: &content, labels: &[], scope, diagnostics }.value(spec)
}

struct Decoder<'a> {
    content: &'a Content,
    /// Of the block whose body this is, those that the spec did not use up.
    labels: &'a [Arc<str>],
    scope: &'a Scope,
    diagnostics: &'a mut Diagnostics,
}

impl Decoder<'_> {
    fn value(&mut self, spec: &Spec) -> Value {
        match spec {
            Spec::Object(entries) => {
                let entries = entries.iter().map(|(name, spec)| (Arc::clone(name), self.value(spec)));
                Value::Object(entries.collect::<BTreeMap<_, _>>().into())
            }
            Spec::Tuple(specs) => Value::Tuple(specs.iter().map(|spec| self.value(spec)).collect()),
            Spec::Attribute { name, constraint, .. } => self.attribute(name, constraint),
            Spec::Literal(value) => value.clone(),
            Spec::Default { primary, fallback } => {
                let value = self.value(primary);
                if value.is_null() { self.value(fallback) } else { value }
            }
            Spec::Block { kind, nested, required } => self.block(kind, nested, *required),
            Spec::BlockList { kind, nested, min, max } => {
                let items = self.blocks(kind, nested, *min, *max);
                self.collection(kind, &items, nested, Value::list)
            }
            Spec::BlockSet { kind, nested, min, max } => {
                let items = self.blocks(kind, nested, *min, *max);
                self.collection(kind, &items, nested, Value::set)
            }
            Spec::BlockTuple { kind, nested, min, max } => {
                Value::tuple(self.blocks(kind, nested, *min, *max))
            }
            Spec::BlockMap { kind, labels, nested } => {
                let found = self.labelled(kind, labels.len(), nested);
                let wanted = spec.implied_type();
                convert(&found, &wanted).unwrap_or(Value::Unknown(wanted))
            }
            Spec::BlockObject { kind, labels, nested } => self.labelled(kind, labels.len(), nested),
            Spec::BlockAttributes { kind, element, required } => {
                self.block_attributes(kind, element, *required)
            }
            Spec::BlockLabel { index, .. } => self
                .labels
                .get(*index)
                .map_or(Value::Null(Type::String), |label| Value::string(Arc::clone(label))),
        }
    }

    fn attribute(&mut self, name: &str, constraint: &Type) -> Value {
        let Some(attribute) = self.content.attributes.get(name) else {
            return Value::Null(constraint.clone());
        };
        let value = attribute.expression.evaluate(self.scope, self.diagnostics);
        convert(&value, constraint).unwrap_or_else(|error| {
            let detail = format!(
                "`{name}` must be {}, and the value is {}: {error}.",
                constraint.friendly_name(),
                value.ty().friendly_name()
            );
            self.diagnostics.push(
                Diagnostic::error("Incorrect attribute value type", detail)
                    .at(attribute.expression.span)
                    .within(attribute.span),
            );
            Value::Unknown(constraint.clone())
        })
    }

    fn of_kind(&self, kind: &str) -> Vec<Block> {
        self.content.blocks.iter().filter(|block| &*block.kind.text == kind).cloned().collect()
    }

    fn nested(&mut self, block: &Block, spec: &Spec, used: usize) -> Value {
        let content = block.body.content(&spec.schema(), self.diagnostics);
        let labels: Vec<Arc<str>> =
            block.labels.iter().skip(used).map(|label| Arc::clone(&label.text)).collect();
        Decoder { content: &content, labels: &labels, scope: self.scope, diagnostics: self.diagnostics }
            .value(spec)
    }

    fn block(&mut self, kind: &str, nested: &Spec, required: bool) -> Value {
        let blocks = self.of_kind(kind);
        let Some(block) = blocks.first() else {
            if required {
                self.missing(kind, "one");
            }
            return Value::Null(nested.implied_type());
        };
        if let Some(second) = blocks.get(1) {
            let detail = format!(
                "There can be only one `{kind}` block here. Remove this one, or merge it into the first."
            );
            self.diagnostics
                .push(Diagnostic::error(format!("Duplicate {kind} block"), detail).at(second.header));
        }
        self.nested(block, nested, 0)
    }

    fn blocks(&mut self, kind: &str, nested: &Spec, min: usize, max: usize) -> Vec<Value> {
        let blocks = self.of_kind(kind);
        if blocks.len() < min {
            self.missing(kind, &format!("at least {min}"));
        }
        if let Some(excess) = blocks.get(max).filter(|_| max > 0) {
            let detail = format!("There can be at most {max} `{kind}` blocks here. Remove this one.");
            self.diagnostics
                .push(Diagnostic::error(format!("Too many {kind} blocks"), detail).at(excess.header));
        }
        blocks.iter().map(|block| self.nested(block, nested, 0)).collect()
    }

    fn missing(&mut self, kind: &str, how_many: &str) {
        let detail = format!("{how_many} `{kind}` block is needed here. Add `{kind} {{ … }}`.");
        let detail = detail[..1].to_uppercase() + &detail[1..];
        self.diagnostics
            .push(Diagnostic::error(format!("Missing {kind} block"), detail).at(self.content.missing));
    }

    /// Blocks of one collection have one type: attributes of any type may differ, and are unified then.
    fn collection(
        &mut self,
        kind: &str,
        items: &[Value],
        nested: &Spec,
        make: fn(Type, Vec<Value>) -> Value,
    ) -> Value {
        let types: Vec<Type> = items.iter().map(Value::ty).collect();
        let element =
            if items.is_empty() { Some(nested.implied_type()) } else { crate::value::unify(&types) };
        let converted = element.and_then(|element| {
            let items = items.iter().map(|item| convert(item, &element).ok()).collect::<Option<Vec<_>>>()?;
            Some(make(element, items))
        });
        converted.unwrap_or_else(|| {
            let detail =
                format!("All `{kind}` blocks must have values of the same types in the same arguments.");
            let place = self.of_kind(kind).first().map_or(self.content.missing, |block| block.header);
            self.diagnostics.push(Diagnostic::error(format!("Inconsistent {kind} blocks"), detail).at(place));
            Value::Unknown(Type::Dynamic)
        })
    }

    /// An object by labels, nested as deep as there are labels.
    fn labelled(&mut self, kind: &str, depth: usize, nested: &Spec) -> Value {
        let blocks = self.of_kind(kind);
        let mut entries: Vec<Labelled> = Vec::new();
        for block in &blocks {
            let keys: Vec<Arc<str>> =
                block.labels.iter().take(depth).map(|label| Arc::clone(&label.text)).collect();
            if entries.iter().any(|(other, _)| *other == keys) {
                let detail = format!(
                    "A `{kind}` block with these labels is there already. Rename or remove this one."
                );
                self.diagnostics
                    .push(Diagnostic::error(format!("Duplicate {kind} block"), detail).at(block.header));
                continue;
            }
            let value = self.nested(block, nested, depth);
            entries.push((keys, value));
        }
        by_labels(&entries, 0, depth)
    }

    fn block_attributes(&mut self, kind: &str, element: &Type, required: bool) -> Value {
        let blocks = self.of_kind(kind);
        let Some(block) = blocks.first() else {
            if required {
                self.missing(kind, "one");
            }
            return Value::Null(Type::Map(element.clone().into()));
        };
        let mut entries = BTreeMap::new();
        for (name, attribute) in block.body.just_attributes(self.diagnostics) {
            let value = attribute.expression.evaluate(self.scope, self.diagnostics);
            let value = convert(&value, element).unwrap_or_else(|error| {
                let detail = format!("`{name}` must be {}: {error}.", element.friendly_name());
                let fault = Diagnostic::error("Incorrect attribute value type", detail);
                self.diagnostics.push(fault.at(attribute.expression.span));
                Value::Unknown(element.clone())
            });
            entries.insert(name, value);
        }
        Value::Map(element.clone(), entries.into())
    }
}

/// A value with the labels that lead to it.
type Labelled = (Vec<Arc<str>>, Value);

fn by_labels(entries: &[Labelled], at: usize, depth: usize) -> Value {
    let mut groups: BTreeMap<Arc<str>, Vec<Labelled>> = BTreeMap::new();
    for (keys, value) in entries {
        if let Some(key) = keys.get(at) {
            groups.entry(Arc::clone(key)).or_default().push((keys.clone(), value.clone()));
        }
    }
    let object = groups.into_iter().filter_map(|(key, group)| {
        let value = if at + 1 < depth { by_labels(&group, at + 1, depth) } else { group.first()?.1.clone() };
        Some((key, value))
    });
    Value::Object(object.collect::<BTreeMap<_, _>>().into())
}
