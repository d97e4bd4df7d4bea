//! `locals` and `local` blocks: values that a template works out once.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    source::{Sources, Span},
    syntax::tree::{Block, Expression},
    value::{Type, Value},
};

use super::{packer_block::literal, schema};

/// A declared local.
#[derive(Clone, Debug)]
pub struct Local {
    pub name: Arc<str>,
    pub expression: Arc<Expression>,
    pub sensitive: bool,
    pub declared: Span,
}

/// All declarations, by name.
pub(super) fn declare(
    blocks: &[&Block],
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<Arc<str>, Local> {
    let mut locals = BTreeMap::new();
    for block in blocks {
        if &*block.kind.text == "locals" {
            for (_, attribute) in block.body.just_attributes(diagnostics) {
                let local = Local {
                    name: Arc::clone(&attribute.name.text),
                    expression: Arc::clone(&attribute.expression),
                    sensitive: false,
                    declared: attribute.span,
                };
                insert(&mut locals, local, sources, diagnostics);
            }
        } else if let Some(local) = of_block(block, diagnostics) {
            insert(&mut locals, local, sources, diagnostics);
        }
    }
    locals
}

fn of_block(block: &Block, diagnostics: &mut Diagnostics) -> Option<Local> {
    let name = block.labels.first()?;
    let content = block.body.content(&schema::local(), diagnostics);
    let get = |name: &str| content.attributes.get(name).map(|attribute| &attribute.expression);
    let sensitive = get("sensitive").and_then(|flag| literal(flag, &Type::Bool, diagnostics));
    Some(Local {
        name: Arc::clone(&name.text),
        expression: Arc::clone(get("expression")?),
        sensitive: sensitive == Some(Value::Bool(true)),
        declared: block.header,
    })
}

fn insert(
    locals: &mut BTreeMap<Arc<str>, Local>,
    local: Local,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    if let Some(first) = locals.get(&local.name) {
        let detail = format!(
            "The local `{}` is defined already at {}. Rename or remove one of them.",
            local.name,
            sources.describe(first.expression.span)
        );
        diagnostics.push(Diagnostic::error("Duplicate local definition", detail).at(local.expression.span));
        return;
    }
    locals.insert(Arc::clone(&local.name), local);
}
