//! `packer {}`: which versions of the program and which plugins a template needs.

use std::sync::Arc;

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    scope::Scope,
    source::Span,
    syntax::tree::{Attribute, Block, Expression},
    value::{Type, Value, convert},
    version::{Constraints, Version},
};

use super::schema;

/// A plugin that a template needs.
#[derive(Clone, Debug)]
pub struct PluginRequirement {
    /// The name under which the template uses its components.
    pub name: Arc<str>,
    /// `github.com/hashicorp/amazon`
    pub source: String,
    pub constraints: Constraints,
    /// As the template writes it.
    pub constraints_text: String,
    pub span: Span,
}

/// Checks `required_version` of all `packer` blocks.
pub(super) fn check_core_version(blocks: &[&Block], version: &Version, diagnostics: &mut Diagnostics) {
    for block in blocks {
        let content = block.body.content(&schema::packer(), diagnostics);
        if let Some(attribute) = content.attributes.get("required_version") {
            check_required_version(attribute, version, diagnostics);
        }
    }
}

fn check_required_version(attribute: &Attribute, version: &Version, diagnostics: &mut Diagnostics) {
    let span = attribute.expression.span;
    let Some(value) = literal(&attribute.expression, &Type::String, diagnostics) else { return };
    let Value::String(text) = value else { return };
    match text.parse::<Constraints>() {
        Err(error) => diagnostics.push(Diagnostic::error("Invalid version constraint", format!("{error}.")).at(span)),
        Ok(constraints) if constraints.allow(&version.core()) => {}
        Ok(_) => diagnostics.push(
            Diagnostic::error(
                "Unsupported version",
                format!(
                    "This template requires version {text} of the program, and this is {version}. Use another version, \
                     or change the constraint if you know that the template works with this one."
                ),
            )
            .at(attribute.span),
        ),
    }
}

/// Reads `required_plugins` of all `packer` blocks.
pub(super) fn requirements(blocks: &[&Block], diagnostics: &mut Diagnostics) -> Vec<PluginRequirement> {
    let mut found: Vec<PluginRequirement> = Vec::new();
    for block in blocks {
        // Unknown arguments were told when the version was checked.
        let content = block.body.content(&schema::packer(), &mut Diagnostics::default());
        for plugins in &content.blocks {
            for (name, attribute) in plugins.body.just_attributes(diagnostics) {
                let Some(requirement) = requirement(&name, &attribute, diagnostics) else { continue };
                if let Some(first) = found.iter().find(|other| other.name == requirement.name) {
                    diagnostics.push(
                        Diagnostic::error(
                            "Duplicate plugin requirement",
                            format!(
                                "The plugin `{name}` is required already, from `{}`. Keep one of them.",
                                first.source
                            ),
                        )
                        .at(requirement.span),
                    );
                    continue;
                }
                found.push(requirement);
            }
        }
    }
    found
}

fn requirement(
    name: &str,
    attribute: &Attribute,
    diagnostics: &mut Diagnostics,
) -> Option<PluginRequirement> {
    let span = attribute.expression.span;
    let mut refuse = |summary: &str, detail: String| {
        diagnostics.push(Diagnostic::error(summary, detail).at(attribute.span));
        None
    };
    let normalized = normalized(name);
    if normalized != name {
        let detail = format!(
            "`{name}` is not a plugin's name: it has lower-case letters, digits and single dashes inside. Write \
             `{normalized}`."
        );
        return refuse("Invalid plugin name", detail);
    }
    let mut told = Diagnostics::default();
    let value = literal(&attribute.expression, &Type::Dynamic, &mut told);
    diagnostics.extend(told);
    let value = value?;
    let Value::Object(entries) = &value else {
        diagnostics.push(
            Diagnostic::error(
                "Invalid plugin requirement",
                format!("The requirement for `{name}` is {}. {SHAPE}", value.ty().friendly_name()),
            )
            .at(attribute.span),
        );
        return None;
    };
    let mut refuse = |summary: &str, detail: String| {
        diagnostics.push(Diagnostic::error(summary, detail).at(attribute.span));
        None
    };
    if let Some(other) = entries.keys().find(|key| !matches!(&***key, "version" | "source")) {
        return refuse(
            "Invalid plugin requirement",
            format!("`{other}` is not part of a plugin requirement. {SHAPE}"),
        );
    }
    let text = |key: &str| match entries.get(key) {
        Some(Value::String(text)) => Some(text.to_string()),
        _ => None,
    };
    let (Some(version), Some(source)) = (text("version"), text("source")) else {
        let missing = if text("version").is_none() { "version" } else { "source" };
        return refuse(
            "Invalid plugin requirement",
            format!("The requirement for `{name}` has no text as `{missing}`. {SHAPE}"),
        );
    };
    let constraints = match version.parse::<Constraints>() {
        Ok(constraints) if constraints.name_prerelease() => {
            return refuse(
                "Invalid version constraint",
                format!("`{version}` names a prerelease. Only releases can be required."),
            );
        }
        Ok(constraints) => constraints,
        Err(error) => return refuse("Invalid version constraint", format!("{error}.")),
    };
    if let Err(fault) = check_source(&source) {
        return refuse(
            "Invalid plugin source",
            format!("`{source}` {fault}. Write it as in `github.com/hashicorp/amazon`."),
        );
    }
    Some(PluginRequirement { name: name.into(), source, constraints, constraints_text: version, span })
}

/// What a requirement looks like.
const SHAPE: &str = "Write an object of a version constraint and a source, as in `{ version = \">= 1.0\", source = \
                     \"github.com/hashicorp/amazon\" }`.";

/// A host, a namespace and a name: what a plugin's source is made of.
pub fn check_source(source: &str) -> Result<(), &'static str> {
    /// A host, a name, and what is between.
    const PARTS: std::ops::RangeInclusive<usize> = 3..=16;
    if source.contains("://") {
        return Err("has a scheme, and only the host and the path belong here");
    }
    if source.contains(['?', '#']) {
        return Err("has a query or a fragment, and only the host and the path belong here");
    }
    let parts: Vec<&str> = source.split('/').collect();
    if parts.iter().any(|part| part.is_empty()) {
        return Err("starts or ends with `/`, or has an empty part");
    }
    if !PARTS.contains(&parts.len()) {
        return Err("has not the three to sixteen parts of a host, a namespace and a name");
    }
    if parts
        .iter()
        .any(|part| matches!(*part, "." | "..") || part.contains(['\\', ' ', ':']) && *part != parts[0])
    {
        return Err("has a part that cannot be in a path");
    }
    if parts.last().is_some_and(|name| name.starts_with("packer-")) {
        return Err("has a name that starts with `packer-`, which is added to it anyway");
    }
    Ok(())
}

/// The name as a label of a host name would be written.
fn normalized(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// An expression that must not refer to anything, converted.
pub(super) fn literal(
    expression: &Expression,
    wanted: &Type,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let mut faults = Diagnostics::default();
    let value = expression.evaluate(&Scope::default(), &mut faults);
    if faults.has_errors() {
        diagnostics.extend(faults);
        return None;
    }
    convert(&value, wanted)
        .map_err(|error| {
            let detail = format!("This must be {}: {error}.", wanted.friendly_name());
            diagnostics.push(Diagnostic::error("Unsuitable value", detail).at(expression.span));
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_a_host_a_namespace_and_a_name() {
        for source in ["github.com/hashicorp/amazon", "localhost:8080/a/b", "example.com/a/b/c/d"] {
            assert_eq!(check_source(source), Ok(()), "{source}");
        }
        for source in [
            "amazon",
            "hashicorp/amazon",
            "https://github.com/hashicorp/amazon",
            "/github.com/hashicorp/amazon",
            "github.com/hashicorp/",
            "github.com/hashicorp/packer-plugin-amazon",
            "github.com/a/b?c",
            "github.com/../b",
        ] {
            assert!(check_source(source).is_err(), "{source}");
        }
    }

    #[test]
    fn names_are_normalized() {
        assert_eq!(normalized("Amazon_Web"), "amazon-web");
        assert_eq!(normalized("a--b-"), "a-b");
    }
}
