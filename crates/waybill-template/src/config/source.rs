//! `source` blocks: builders with their options, for builds to use.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    source::{Sources, Span},
    syntax::tree::{Block, Body},
};

/// A declared source.
#[derive(Clone, Debug)]
pub struct Source {
    pub key: SourceKey,
    pub body: Arc<Body>,
    pub header: Span,
}

/// How builds name a source: `type.name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceKey {
    pub kind: Arc<str>,
    pub name: Arc<str>,
}

impl SourceKey {
    /// Reads `type.name` or `source.type.name`.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let [kind, name] = match parts.as_slice() {
            ["source", kind, name] | [kind, name] => [*kind, *name],
            _ => return None,
        };
        let fits = super::variable::is_identifier(kind) && super::variable::is_identifier(name);
        fits.then(|| Self { kind: kind.into(), name: name.into() })
    }
}

impl fmt::Display for SourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind, self.name)
    }
}

/// All declarations, by type and name.
pub(super) fn declare(
    blocks: &[&Block],
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<SourceKey, Source> {
    let mut found: BTreeMap<SourceKey, Source> = BTreeMap::new();
    for block in blocks {
        let [kind, name] = block.labels.as_slice() else { continue };
        let key = SourceKey { kind: Arc::clone(&kind.text), name: Arc::clone(&name.text) };
        if let Some(first) = found.get(&key) {
            let detail = format!(
                "The source `{key}` is declared already at {}. Rename one of them.",
                sources.describe(first.header)
            );
            diagnostics.push(Diagnostic::error("Duplicate source block", detail).at(block.header));
            continue;
        }
        let source = Source { key: key.clone(), body: Arc::clone(&block.body), header: block.header };
        found.insert(key, source);
    }
    found
}
