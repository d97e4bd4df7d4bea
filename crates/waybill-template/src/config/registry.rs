//! `hcp_packer_registry`: under what name and with which labels a build is published.

use std::collections::BTreeMap;

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    scope::Scope,
    source::Span,
    syntax::tree::Block,
    value::{Type, Value},
};

use super::{build::known, schema};

/// What the block says; empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    pub bucket_name: String,
    pub description: String,
    pub bucket_labels: BTreeMap<String, String>,
    pub build_labels: BTreeMap<String, String>,
    /// Channels that a complete version is assigned to.
    pub channels: Vec<String>,
    pub header: Span,
}

/// The longest description, in bytes: the registry's limit.
const MAX_DESCRIPTION: usize = 255;

/// Reads the block; `None` after an error.
pub(super) fn decode(block: &Block, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<Registry> {
    let mut faults = Diagnostics::default();
    let (content, others) = block.body.partial_content(&schema::registry(), &mut faults);
    for (name, attribute) in others.just_attributes(&mut Diagnostics::default()) {
        let detail =
            format!("`{name}` means nothing here and is left out of what is published. Remove or rename it.");
        faults.push(Diagnostic::warning("Unknown argument", detail).at(attribute.name.span));
    }
    let mut read = |name: &str, wanted: &Type| {
        let attribute = content.attributes.get(name)?;
        known(&attribute.expression, wanted, scope, &mut faults)
            .map(|value| (value, attribute.expression.span))
    };
    let strings = Type::Map(Type::String.into());
    let bucket_name = read("bucket_name", &Type::String);
    let description = read("description", &Type::String);
    let bucket_labels = read("bucket_labels", &strings);
    let labels = read("labels", &strings);
    let build_labels = read("build_labels", &strings);
    let channels = read("channels", &Type::List(Type::String.into()));
    let mut registry = Registry { header: block.header, ..Registry::default() };
    if let Some((name, span)) = bucket_name {
        registry.bucket_name = text(&name);
        if let Err(fault) = check_bucket_name(&registry.bucket_name) {
            faults.push(Diagnostic::error("Invalid bucket name", fault).at(span));
        }
    }
    if let Some((description, span)) = description {
        registry.description = text(&description);
        if registry.description.len() > MAX_DESCRIPTION {
            let detail = format!(
                "The description has {} bytes, and the registry keeps at most {MAX_DESCRIPTION}. Shorten it.",
                registry.description.len()
            );
            faults.push(Diagnostic::error("Description too long", detail).at(span));
        }
    }
    if let Some((labels, span)) = labels {
        if bucket_labels.is_some() {
            let detail = "`labels` is the old name of `bucket_labels`: only one of them can be given. Remove `labels`.";
            faults.push(Diagnostic::error("Both labels and bucket_labels", detail).at(span));
        } else {
            let detail = "`labels` is deprecated. Rename it to `bucket_labels`.";
            faults.push(Diagnostic::warning("Deprecated argument", detail).at(span));
        }
        registry.bucket_labels = texts_by_name(&labels);
    }
    if let Some((labels, _)) = bucket_labels {
        registry.bucket_labels = texts_by_name(&labels);
    }
    if let Some((labels, _)) = build_labels {
        registry.build_labels = texts_by_name(&labels);
    }
    if let Some((Value::List(_, names), _)) = channels {
        registry.channels = names.iter().map(text).collect();
    }
    let broken = faults.has_errors();
    diagnostics.extend(faults);
    (!broken).then_some(registry)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        _ => String::new(),
    }
}

fn texts_by_name(value: &Value) -> BTreeMap<String, String> {
    match value {
        Value::Map(_, entries) => {
            entries.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
        }
        _ => BTreeMap::new(),
    }
}

/// 3 to 36 letters, digits and dashes.
pub fn check_bucket_name(name: &str) -> Result<(), String> {
    let fits = (3..=36).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then_some(()).ok_or_else(|| {
        let name: String = name.chars().take(80).collect();
        format!("A bucket's name has 3 to 36 letters, digits and dashes, and `{name}` does not.")
    })
}
