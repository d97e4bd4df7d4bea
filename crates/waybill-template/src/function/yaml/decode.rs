//! From a YAML document to a value.
//!
//! The parser gives events; what they mean is decided here. An alias is its anchor's value once more, so a short text
//! can describe a value that is too large to walk: how much aliases may add is bounded.

use std::{collections::BTreeMap, sync::Arc};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::scalar::{self, Style};
use crate::{syntax::MAX_DEPTH, value::Value};

/// How many values aliases may add to a document.
const MAX_ALIASED: usize = 1 << 20;

/// The value of the text's one document.
pub(super) fn decode(text: &str) -> Result<Value, String> {
    if let Some(directive) = text.lines().find(|line| line.starts_with("%YAML"))
        && text.lines().take_while(|line| !line.starts_with("---")).any(|line| line == directive)
        && directive["%YAML".len()..].split_whitespace().next() != Some("1.1")
    {
        return Err("only YAML 1.1 is read, the document says that it is of another version".to_owned());
    }
    let mut decoder =
        Decoder { events: Parser::new_from_str(text), anchors: BTreeMap::new(), depth: 0, aliased: 0 };
    loop {
        match decoder.next()? {
            (Event::StreamStart, _) => {}
            (Event::DocumentStart(_), _) => break,
            (_, at) => return Err(told(at, "there is no document")),
        }
    }
    let next = decoder.next()?;
    let value = decoder.node(next)?.value;
    loop {
        match decoder.next()? {
            (Event::StreamEnd, _) => return Ok(value),
            (Event::DocumentEnd, _) => {}
            (_, at) => return Err(told(at, "something follows the document, and only one is read")),
        }
    }
}

struct Decoder<'a> {
    events: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, Node>,
    depth: usize,
    aliased: usize,
}

/// A value and of how many it is made.
#[derive(Clone)]
struct Node {
    value: Value,
    size: usize,
}

type Spanned<'a> = (Event<'a>, Marker);

impl<'a> Decoder<'a> {
    fn next(&mut self) -> Result<Spanned<'a>, String> {
        match self.events.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start)),
            Some(Err(fault)) => Err(scan_fault(&fault)),
            None => Ok((Event::StreamEnd, Marker::default())),
        }
    }

    fn node(&mut self, (event, at): Spanned<'a>) -> Result<Node, String> {
        let (anchor, node) = match event {
            Event::Alias(anchor) => return self.alias(anchor, at),
            Event::Scalar(text, style, anchor, tag) => {
                (anchor, Node { value: scalar(&text, style, tag.as_deref(), at)?, size: 1 })
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "seq", at)?;
                (anchor, self.nested(at, Self::sequence)?)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "map", at)?;
                (anchor, self.nested(at, Self::mapping)?)
            }
            _ => return Err(told(at, "a value is missing")),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, at: Marker) -> Result<Node, String> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(told(at, "the alias refers to no anchor of a value before it"));
        };
        self.aliased = self.aliased.saturating_add(node.size);
        if MAX_ALIASED < self.aliased {
            return Err(told(at, &format!("aliases may not add more than {MAX_ALIASED} values")));
        }
        Ok(node.clone())
    }

    fn nested(&mut self, at: Marker, read: fn(&mut Self) -> Result<Node, String>) -> Result<Node, String> {
        if self.depth == MAX_DEPTH {
            return Err(told(at, &format!("values are nested deeper than {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let (mut values, mut size) = (Vec::new(), 1_usize);
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Node { value: Value::tuple(values), size }),
                next => {
                    let node = self.node(next)?;
                    size = size.saturating_add(node.size);
                    values.push(node.value);
                }
            }
        }
    }

    /// The last of equal keys counts; `<<` brings in what another mapping has.
    fn mapping(&mut self) -> Result<Node, String> {
        let (mut attributes, mut size) = (BTreeMap::new(), 1_usize);
        loop {
            let (event, at) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Node { value: Value::object(attributes), size }),
                next => next,
            };
            let Event::Scalar(text, style, _, tag) = event else {
                return Err(told(at, "only a text can be a key of a mapping"));
            };
            let is_merge = text == "<<" && tag.is_none();
            let key = key(&scalar(&text, style, tag.as_deref(), at)?, at)?;
            let next = self.next()?;
            let at = next.1;
            let node = self.node(next)?;
            size = size.saturating_add(node.size);
            if !is_merge {
                attributes.insert(key, node.value);
                continue;
            }
            let Value::Object(merged) = &node.value else {
                return Err(told(at, "only a mapping can be merged into a mapping with `<<`"));
            };
            attributes.extend(merged.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
    }
}

fn key(key: &Value, at: Marker) -> Result<Arc<str>, String> {
    match key {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(value) => Ok(if *value { "true" } else { "false" }.into()),
        Value::Number(number) => Ok(number.to_string().into()),
        _ => Err(told(at, "a key of a mapping cannot be null")),
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Marker) -> Result<Value, String> {
    let style = match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    };
    scalar::resolve(text, style, tag.map(full_tag).as_deref()).map_err(|fault| told(at, &fault))
}

fn check_tag(tag: Option<&Tag>, wanted: &str, at: Marker) -> Result<(), String> {
    match tag.map(full_tag) {
        Some(tag) if tag != format!("tag:yaml.org,2002:{wanted}") => {
            Err(told(at, &format!("a {wanted} of YAML cannot have the tag {tag:?}")))
        }
        _ => Ok(()),
    }
}

fn full_tag(tag: &Tag) -> String {
    format!("{}{}", tag.handle, tag.suffix)
}

fn told(at: Marker, fault: &str) -> String {
    format!("line {}, column {}: {fault}", at.line(), at.col() + 1)
}

fn scan_fault(fault: &ScanError) -> String {
    told(*fault.marker(), fault.info())
}
