//! What can be wrong with a body, in words.

use super::{BlockSchema, BodySchema, Content};
use crate::{
    diagnostic::Diagnostic,
    source::Span,
    suggest,
    syntax::tree::{Attribute, Block, Name},
};

pub(super) fn missing_argument(name: &str, at: Span) -> Diagnostic {
    Diagnostic::error("Missing required argument", format!("The argument \"{name}\" is required here."))
        .at(at)
}

pub(super) fn unknown_attribute(attribute: &Attribute, schema: &BodySchema, content: &Content) -> Diagnostic {
    let name = &attribute.name;
    let hint = match free_name(&name.text, schema, content) {
        Some(near) => format!(" Did you mean \"{near}\"?"),
        None if schema.block(&name.text).is_some() => {
            format!(" \"{0}\" is a block: write `{0} {{ … }}`, without an equals sign.", name.text)
        }
        None => String::new(),
    };
    let detail = format!("There is no argument \"{}\" here.{hint}", name.text);
    Diagnostic::error("Unsupported argument", detail).at(name.span).within(attribute.span)
}

/// `block` is not there for a type that a `dynamic` block names.
pub(super) fn unknown_block(kind: &Name, block: Option<&Block>, schema: &BodySchema) -> Diagnostic {
    let hint = match suggest::nearest(&kind.text, schema.blocks.iter().map(|block| &*block.kind)) {
        Some(near) => format!(" Did you mean \"{near}\"?"),
        None if schema.attribute(&kind.text).is_some() => {
            format!(" \"{0}\" is an argument: write `{0} = …`.", kind.text)
        }
        None => String::new(),
    };
    let detail = format!("There are no blocks of type \"{}\" here.{hint}", kind.text);
    let fault = Diagnostic::error("Unsupported block type", detail).at(kind.span);
    match block {
        Some(block) => fault.within(block.header),
        None => fault,
    }
}

/// JSON does not tell arguments from blocks.
pub(super) fn unknown_member(name: &str, at: Span, schema: &BodySchema, content: &Content) -> Diagnostic {
    let hint = free_name(name, schema, content)
        .or_else(|| suggest::nearest(name, schema.blocks.iter().map(|block| &*block.kind)))
        .map_or_else(String::new, |near| format!(" Did you mean \"{near}\"?"));
    let detail = format!("There is no argument and no type of blocks \"{name}\" here.{hint}");
    Diagnostic::error("Unsupported argument or block type", detail).at(at)
}

/// The nearest argument that is not set already.
fn free_name<'a>(name: &str, schema: &'a BodySchema, content: &Content) -> Option<&'a str> {
    let free = schema.attributes.iter().filter(|other| !content.attributes.contains_key(&other.name));
    suggest::nearest(name, free.map(|attribute| &*attribute.name))
}

pub(super) fn duplicate(name: &Name, first: &Attribute) -> Diagnostic {
    let detail = format!("The argument \"{}\" is set already.", name.text);
    Diagnostic::error("Duplicate argument", detail).at(name.span).related(first.name.span)
}

pub(super) fn unexpected_block(block: &Block) -> Diagnostic {
    let detail = format!("There are only arguments here, no blocks: write `{} = …`.", block.kind.text);
    Diagnostic::error(format!("Unexpected \"{}\" block", block.kind.text), detail)
        .at(block.kind.span)
        .within(block.header)
}

/// The block has too many labels or too few.
pub(super) fn wrong_labels(block: &Block, schema: &BlockSchema) -> Option<Diagnostic> {
    let kind = &block.kind.text;
    let rule = match &*schema.labels {
        [] => format!("A \"{kind}\" block has no labels."),
        [label] => format!("A \"{kind}\" block has one label, its {label}."),
        labels => format!("A \"{kind}\" block has {} labels: {}.", labels.len(), labels.join(" and ")),
    };
    let fault = if let Some(extra) = block.labels.get(schema.labels.len()) {
        Diagnostic::error(format!("Extraneous label for {kind}"), rule).at(extra.span)
    } else {
        let missing = schema.labels.get(block.labels.len())?;
        Diagnostic::error(format!("Missing {missing} for {kind}"), rule).at(block.open)
    };
    Some(fault.within(block.header.to(block.open)))
}
