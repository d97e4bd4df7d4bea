//! `data` blocks: what a template asks other systems.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    source::{Sources, Span},
    syntax::tree::{Block, Body},
};

/// A declared data source.
#[derive(Clone, Debug)]
pub struct DataSource {
    pub key: DataKey,
    pub body: Arc<Body>,
    pub header: Span,
}

/// How a data source is named: `data.type.name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DataKey {
    pub kind: Arc<str>,
    pub name: Arc<str>,
}

impl fmt::Display for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "data.{}.{}", self.kind, self.name)
    }
}

/// All declarations, by type and name.
pub(super) fn declare(
    blocks: &[&Block],
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<DataKey, DataSource> {
    let mut found: BTreeMap<DataKey, DataSource> = BTreeMap::new();
    for block in blocks {
        let [kind, name] = block.labels.as_slice() else { continue };
        let key = DataKey { kind: Arc::clone(&kind.text), name: Arc::clone(&name.text) };
        if let Some(first) = found.get(&key) {
            let detail = format!(
                "`{key}` is declared already at {}. Rename one of them.",
                sources.describe(first.header)
            );
            diagnostics.push(Diagnostic::error("Duplicate data block", detail).at(block.header));
            continue;
        }
        let data = DataSource { key: key.clone(), body: Arc::clone(&block.body), header: block.header };
        found.insert(key, data);
    }
    found
}
