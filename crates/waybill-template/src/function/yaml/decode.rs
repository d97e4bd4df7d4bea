//! From a YAML document to a value.
//!
//! Recursive descent over the tokens. An alias is its anchor's value once more, so a short text can describe a value
//! that is too large to walk: what aliases add counts.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    scalar::{self, Style},
    scan::{Mark, Scanner, Token, told},
};
use crate::{json, syntax::MAX_DEPTH, value::Value};

/// How many values a document may have, those that aliases add included.
const MAX_VALUES: usize = json::MAX_VALUES;

const CORE: &str = "tag:yaml.org,2002:";

type Result<T> = std::result::Result<T, String>;

/// The value of the text's one document.
pub(super) fn decode(text: &str) -> Result<Value> {
    let mut decoder = Decoder {
        tokens: Scanner::new(text)?,
        tag_prefixes: BTreeMap::new(),
        anchors: BTreeMap::new(),
        depth: 0,
        values: 0,
    };
    let value = decoder.document()?;
    match decoder.tokens.next()? {
        (Token::StreamEnd, _) => Ok(value),
        (_, at) => Err(told(at, "something follows the document, and only one is read")),
    }
}

struct Decoder<'a> {
    tokens: Scanner<'a>,
    /// Of the handles that directives declare.
    tag_prefixes: BTreeMap<String, String>,
    anchors: BTreeMap<String, Node>,
    depth: usize,
    values: usize,
}

/// A value and of how many it is made.
#[derive(Clone)]
struct Node {
    value: Value,
    size: usize,
}

/// Which forms a node may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Flow,
    Block,
    /// A block sequence may also begin where the keys of the mapping around begin.
    BlockOrEntries,
}

/// What stands before a node.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<String>,
}

impl Decoder<'_> {
    fn peek(&mut self) -> Result<&Token> {
        Ok(&self.tokens.peek()?.0)
    }

    fn mark(&mut self) -> Result<Mark> {
        Ok(self.tokens.peek()?.1)
    }

    /// Takes the next token if it is this one.
    fn take(&mut self, token: &Token) -> Result<bool> {
        let is_next = self.peek()? == token;
        if is_next {
            self.tokens.next()?;
        }
        Ok(is_next)
    }

    fn document(&mut self) -> Result<Value> {
        match self.peek()? {
            Token::StreamEnd => return Err("there is no document in the text".to_owned()),
            Token::Version { .. } | Token::TagPrefix { .. } | Token::DocumentStart => {
                self.directives()?;
                if !self.take(&Token::DocumentStart)? {
                    return Err(told(self.mark()?, "`---` is needed between directives and the document"));
                }
                if matches!(
                    self.peek()?,
                    Token::Version { .. }
                        | Token::TagPrefix { .. }
                        | Token::DocumentStart
                        | Token::DocumentEnd
                        | Token::StreamEnd
                ) {
                    self.end_document()?;
                    return Ok(Value::null());
                }
            }
            _ => {}
        }
        let node = self.node(Form::Block)?;
        self.end_document()?;
        Ok(node.value)
    }

    fn end_document(&mut self) -> Result<()> {
        while self.take(&Token::DocumentEnd)? {}
        Ok(())
    }

    fn directives(&mut self) -> Result<()> {
        let mut has_version = false;
        loop {
            match self.peek()?.clone() {
                Token::Version { major, minor } => {
                    let at = self.tokens.next()?.1;
                    if has_version || (major, minor) != (1, 1) {
                        return Err(told(at, "only YAML 1.1 is read"));
                    }
                    has_version = true;
                }
                Token::TagPrefix { handle, prefix } => {
                    let at = self.tokens.next()?.1;
                    if self.tag_prefixes.insert(handle, prefix).is_some() {
                        return Err(told(at, "this handle of tags was declared before"));
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    fn node(&mut self, form: Form) -> Result<Node> {
        if let Token::Alias(_) = self.peek()? {
            return self.alias();
        }
        let at = self.mark()?;
        let properties = self.properties()?;
        if let Some(anchor) = &properties.anchor {
            // inside of what it names, an anchor means nothing yet
            self.anchors.remove(anchor);
        }
        self.count(1, at)?;
        let node = self.content(form, &properties, at)?;
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self) -> Result<Node> {
        let (Token::Alias(name), at) = self.tokens.next()? else {
            return Err("an alias is missing".to_owned());
        };
        let Some(node) = self.anchors.get(&name) else {
            return Err(told(at, &format!("no value before this has the anchor {name:?}")));
        };
        let node = node.clone();
        self.count(node.size, at)?;
        Ok(node)
    }

    fn count(&mut self, values: usize, at: Mark) -> Result<()> {
        self.values = self.values.saturating_add(values);
        if MAX_VALUES < self.values {
            return Err(told(
                at,
                &format!("the document has more than {MAX_VALUES} values, with those of aliases"),
            ));
        }
        Ok(())
    }

    /// An anchor and a tag, in any order.
    fn properties(&mut self) -> Result<Properties> {
        let mut properties = Properties::default();
        loop {
            match self.peek()?.clone() {
                Token::Anchor(name) if properties.anchor.is_none() => properties.anchor = Some(name),
                Token::Tag { handle, suffix } if properties.tag.is_none() => {
                    let at = self.mark()?;
                    let declared = self.tag_prefixes.get(&handle);
                    let prefix = match handle.as_str() {
                        _ if declared.is_some() => declared.map_or("", String::as_str),
                        "" => "",
                        "!" => "!",
                        "!!" => CORE,
                        _ => return Err(told(at, &format!("the handle {handle:?} is not declared"))),
                    };
                    properties.tag = Some(format!("{prefix}{suffix}"));
                }
                _ => return Ok(properties),
            }
            self.tokens.next()?;
        }
    }

    fn content(&mut self, form: Form, properties: &Properties, at: Mark) -> Result<Node> {
        let tag = properties.tag.as_deref();
        let is_block = form != Form::Flow;
        match self.peek()? {
            Token::BlockEntry if form == Form::BlockOrEntries => {
                check_tag(tag, "seq", at)?;
                self.nested(at, Self::entries)
            }
            Token::Scalar { .. } => {
                let (Token::Scalar { text, style }, at) = self.tokens.next()? else {
                    return Err("a scalar is missing".to_owned());
                };
                let value = scalar::resolve(&text, style, tag).map_err(|fault| told(at, &fault))?;
                Ok(Node { value, size: 1 })
            }
            Token::FlowSequenceStart => {
                check_tag(tag, "seq", at)?;
                self.nested(at, Self::flow_sequence)
            }
            Token::FlowMappingStart => {
                check_tag(tag, "map", at)?;
                self.nested(at, Self::flow_mapping)
            }
            Token::BlockSequenceStart if is_block => {
                check_tag(tag, "seq", at)?;
                self.nested(at, Self::block_sequence)
            }
            Token::BlockMappingStart if is_block => {
                check_tag(tag, "map", at)?;
                self.nested(at, Self::block_mapping)
            }
            _ if tag.is_some() || properties.anchor.is_some() => {
                let value = scalar::resolve("", Style::Plain, tag).map_err(|fault| told(at, &fault))?;
                Ok(Node { value, size: 1 })
            }
            _ => Err(told(at, "a value is missing here")),
        }
    }

    fn nested(&mut self, at: Mark, read: fn(&mut Self) -> Result<Node>) -> Result<Node> {
        if self.depth == MAX_DEPTH {
            return Err(told(at, &format!("values are nested deeper than {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    /// A node, or nothing if one of these tokens is next.
    fn node_unless(&mut self, form: Form, ends: &[Token]) -> Result<Node> {
        if ends.contains(self.peek()?) {
            return Ok(Node { value: Value::null(), size: 1 });
        }
        self.node(form)
    }

    fn block_sequence(&mut self) -> Result<Node> {
        self.tokens.next()?;
        let mut sequence = Sequence::default();
        while self.take(&Token::BlockEntry)? {
            sequence.push(self.node_unless(Form::Block, &[Token::BlockEntry, Token::BlockEnd])?);
        }
        if !self.take(&Token::BlockEnd)? {
            return Err(told(self.mark()?, "another entry of the sequence, with `-`, is needed here"));
        }
        Ok(sequence.into())
    }

    /// The entries of a sequence that stands where the keys of the mapping around stand.
    fn entries(&mut self) -> Result<Node> {
        let mut sequence = Sequence::default();
        while self.take(&Token::BlockEntry)? {
            let ends = [Token::BlockEntry, Token::Key, Token::Value, Token::BlockEnd];
            sequence.push(self.node_unless(Form::Block, &ends)?);
        }
        Ok(sequence.into())
    }

    fn block_mapping(&mut self) -> Result<Node> {
        const ENDS: [Token; 3] = [Token::Key, Token::Value, Token::BlockEnd];
        self.tokens.next()?;
        let mut mapping = Mapping::default();
        loop {
            if self.take(&Token::BlockEnd)? {
                return Ok(mapping.into());
            }
            let at = self.mark()?;
            if !self.take(&Token::Key)? {
                return Err(told(at, "a key is needed here"));
            }
            let key = self.key(Form::BlockOrEntries, &ENDS)?;
            let value = if self.take(&Token::Value)? {
                self.node_unless(Form::BlockOrEntries, &ENDS)?
            } else {
                Node { value: Value::null(), size: 1 }
            };
            mapping.insert(key, value).map_err(|fault| told(at, &fault))?;
        }
    }

    fn flow_sequence(&mut self) -> Result<Node> {
        self.tokens.next()?;
        let mut sequence = Sequence::default();
        let mut is_first = true;
        while !self.take(&Token::FlowSequenceEnd)? {
            if !is_first && !self.take(&Token::FlowEntry)? {
                return Err(told(self.mark()?, "`,` or `]` is needed here"));
            }
            is_first = false;
            let at = self.mark()?;
            if self.take(&Token::Key)? {
                sequence.push(self.nested(at, Self::pair)?);
            } else if self.peek()? != &Token::FlowSequenceEnd {
                sequence.push(self.node(Form::Flow)?);
            }
        }
        Ok(sequence.into())
    }

    /// `key: value` in a flow sequence is a mapping of its own.
    fn pair(&mut self) -> Result<Node> {
        const ENDS: [Token; 2] = [Token::FlowEntry, Token::FlowSequenceEnd];
        let at = self.mark()?;
        let key = self.key(Form::Flow, &[Token::Value, Token::FlowEntry, Token::FlowSequenceEnd])?;
        let value = if self.take(&Token::Value)? {
            self.node_unless(Form::Flow, &ENDS)?
        } else {
            Node { value: Value::null(), size: 1 }
        };
        let mut mapping = Mapping::default();
        mapping.insert(key, value).map_err(|fault| told(at, &fault))?;
        Ok(mapping.into())
    }

    fn flow_mapping(&mut self) -> Result<Node> {
        const ENDS: [Token; 3] = [Token::Value, Token::FlowEntry, Token::FlowMappingEnd];
        self.tokens.next()?;
        let mut mapping = Mapping::default();
        let mut is_first = true;
        while !self.take(&Token::FlowMappingEnd)? {
            if !is_first && !self.take(&Token::FlowEntry)? {
                return Err(told(self.mark()?, "`,` or `}` is needed here"));
            }
            is_first = false;
            let at = self.mark()?;
            let mut value = Node { value: Value::null(), size: 1 };
            let key = if self.take(&Token::Key)? {
                let key = self.key(Form::Flow, &ENDS)?;
                if self.take(&Token::Value)? {
                    value = self.node_unless(Form::Flow, &ENDS[1..])?;
                }
                key
            } else if self.peek()? == &Token::FlowMappingEnd {
                continue;
            } else {
                self.key(Form::Flow, &[])?
            };
            mapping.insert(key, value).map_err(|fault| told(at, &fault))?;
        }
        Ok(mapping.into())
    }

    /// A key is a text, a number or a boolean; its anchor means nothing.
    fn key(&mut self, form: Form, ends: &[Token]) -> Result<Key> {
        let at = self.mark()?;
        let fault = || told(at, "a key of a mapping is a text, and not null");
        if ends.contains(self.peek()?) {
            return Err(fault());
        }
        let properties = Properties { anchor: None, ..self.properties()? };
        let is_merge = match self.peek()? {
            Token::Scalar { text, .. } => text == "<<" && properties.tag.is_none(),
            Token::BlockEntry
            | Token::BlockSequenceStart
            | Token::BlockMappingStart
            | Token::FlowSequenceStart
            | Token::FlowMappingStart
            | Token::Alias(_) => return Err(fault()),
            _ => false,
        };
        let name: Arc<str> = match self.content(form, &properties, at)?.value {
            Value::String(text) => text,
            Value::Bool(value) => if value { "true" } else { "false" }.into(),
            Value::Number(number) => number.to_string().into(),
            _ => return Err(fault()),
        };
        Ok(Key { name, is_merge })
    }
}

struct Key {
    name: Arc<str>,
    /// `<<`: the value's members become members.
    is_merge: bool,
}

#[derive(Default)]
struct Sequence {
    values: Vec<Value>,
    size: usize,
}

impl Sequence {
    fn push(&mut self, node: Node) {
        self.size = self.size.saturating_add(node.size);
        self.values.push(node.value);
    }
}

impl From<Sequence> for Node {
    fn from(sequence: Sequence) -> Self {
        Self { value: Value::tuple(sequence.values), size: sequence.size.saturating_add(1) }
    }
}

#[derive(Default)]
struct Mapping {
    members: BTreeMap<Arc<str>, Value>,
    size: usize,
}

impl Mapping {
    /// The last of equal keys counts.
    fn insert(&mut self, key: Key, node: Node) -> Result<()> {
        self.size = self.size.saturating_add(node.size);
        if !key.is_merge {
            self.members.insert(key.name, node.value);
            return Ok(());
        }
        let Value::Object(merged) = &node.value else {
            return Err("only a mapping can be merged into a mapping with `<<`".to_owned());
        };
        self.members.extend(merged.iter().map(|(name, value)| (name.clone(), value.clone())));
        Ok(())
    }
}

impl From<Mapping> for Node {
    fn from(mapping: Mapping) -> Self {
        Self { value: Value::object(mapping.members), size: mapping.size.saturating_add(1) }
    }
}

fn check_tag(tag: Option<&str>, kind: &str, at: Mark) -> Result<()> {
    match tag {
        Some(tag) if tag.strip_prefix(CORE) != Some(kind) => {
            Err(told(at, &format!("a {kind} of YAML cannot have the tag {tag:?}")))
        }
        _ => Ok(()),
    }
}
