//! `build` blocks: which sources are built, and what happens to them.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    scope::Scope,
    source::Span,
    suggest,
    syntax::tree::{Block, Body, Expression, Name},
    value::{Type, Value, convert},
};

use super::{
    packer_block::literal,
    registry::{self, Registry},
    schema,
    source::{Source, SourceKey},
    step::{self, PostProcessor, Provisioner},
};

/// A build block.
#[derive(Clone, Debug)]
pub struct Build {
    pub name: String,
    pub description: String,
    pub uses: Vec<SourceUse>,
    pub provisioners: Vec<Provisioner>,
    pub cleanup: Option<Provisioner>,
    /// Chains: each starts from the builder's artifact.
    pub post_processors: Vec<Vec<PostProcessor>>,
    pub registry: Option<Registry>,
    pub header: Span,
}

/// A source as one build uses it.
#[derive(Clone, Debug)]
pub struct SourceUse {
    pub source: SourceKey,
    /// The name here, where it is not the source's own.
    pub local_name: Option<Arc<str>>,
    /// The source's options with those of this use.
    pub body: Arc<Body>,
    /// The header of the source block.
    pub source_header: Span,
}

impl SourceUse {
    /// The name here.
    pub fn name(&self) -> &Arc<str> {
        self.local_name.as_ref().unwrap_or(&self.source.name)
    }

    /// `type.name` with the name here: what `only` and `except` of a provisioner compare.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.source.kind, self.name())
    }
}

impl Build {
    /// `build.type.name`, or `type.name` where the build has no name: what `-only` and `-except` compare.
    pub fn full_name(&self, used: &SourceUse) -> String {
        match self.name.as_str() {
            "" => used.full_name(),
            name => format!("{name}.{}", used.full_name()),
        }
    }
}

/// Reads a build block whose dynamic blocks are expanded with the scope. `None` after a fault, but for sources that are
/// not declared.
pub(super) fn decode(
    block: &Block,
    sources: &BTreeMap<SourceKey, Source>,
    scope: &Scope,
    diagnostics: &mut Diagnostics,
) -> Option<Build> {
    let mut faults = Diagnostics::default();
    let body = block.body.expanding(scope.clone());
    let content = body.content(&schema::build(), &mut faults);
    let build = (!faults.has_errors()).then(|| read(block, &content, sources, scope, &mut faults));
    // A source that is not declared is told, and the build can be shown all the same.
    let broken = faults.iter().any(|fault| fault.is_error() && !fault.summary.starts_with(UNKNOWN_SOURCE));
    diagnostics.extend(faults);
    build.filter(|_| !broken)
}

/// How the summary of a fault starts that names a source which is not declared.
const UNKNOWN_SOURCE: &str = "Unknown source ";

fn read(
    block: &Block,
    content: &crate::syntax::body::Content,
    sources: &BTreeMap<SourceKey, Source>,
    scope: &Scope,
    faults: &mut Diagnostics,
) -> Build {
    let mut text = |name: &str| {
        let expression = &content.attributes.get(name)?.expression;
        known_text(expression, scope, faults)
    };
    let mut build = Build {
        name: text("name").unwrap_or_default(),
        description: text("description").unwrap_or_default(),
        uses: Vec::new(),
        provisioners: Vec::new(),
        cleanup: None,
        post_processors: Vec::new(),
        registry: None,
        header: block.header,
    };
    if let Some(attribute) = content.attributes.get("sources") {
        for (reference, span) in references(&attribute.expression, scope, faults) {
            build.uses.extend(use_of(&reference, span, block, sources, faults));
        }
    }
    for nested in &content.blocks {
        match &*nested.kind.text {
            "source" => build.uses.extend(source_block(nested, sources, faults)),
            "provisioner" => build.provisioners.extend(step::provisioner(nested, scope, faults)),
            "error-cleanup-provisioner" if build.cleanup.is_some() => {
                let detail = "A build has at most one of them. Put all that is to be done into it.";
                faults.push(
                    Diagnostic::error("Only one error-cleanup-provisioner is allowed", detail)
                        .at(nested.header),
                );
            }
            "error-cleanup-provisioner" => build.cleanup = step::provisioner(nested, scope, faults),
            "post-processor" => {
                build
                    .post_processors
                    .extend(step::post_processor(nested, scope, faults).map(|only| vec![only]));
            }
            "post-processors" => build.post_processors.push(chain(nested, scope, faults)),
            "hcp_packer_registry" if build.registry.is_some() => {
                let detail = "A build has at most one of them.";
                faults.push(
                    Diagnostic::error("Only one hcp_packer_registry is allowed", detail).at(nested.header),
                );
            }
            "hcp_packer_registry" => {
                let detail =
                    "The block belongs at the top level of the template. Move it out of the build block.";
                faults.push(
                    Diagnostic::warning("hcp_packer_registry inside of a build", detail).at(nested.header),
                );
                build.registry = registry::decode(nested, scope, faults);
            }
            _ => {}
        }
    }
    if build.uses.is_empty() && !faults.has_errors() {
        let detail = "A build needs at least one source. Name one in `sources = [\"source.type.name\"]` or in a `source \
                      \"source.type.name\" {}` block.";
        faults.push(Diagnostic::error("Missing source reference", detail).at(block.header));
    }
    build
}

fn chain(block: &Block, scope: &Scope, faults: &mut Diagnostics) -> Vec<PostProcessor> {
    let content = block.body.content(&schema::post_processors(), faults);
    content.blocks.iter().filter_map(|nested| step::post_processor(nested, scope, faults)).collect()
}

/// Evaluates to a text that is known, or tells why not.
pub(super) fn known_text(expression: &Expression, scope: &Scope, faults: &mut Diagnostics) -> Option<String> {
    match known(expression, &Type::String, scope, faults)? {
        Value::String(text) => Some(text.to_string()),
        _ => None,
    }
}

/// Evaluates and converts to a value that is known; `None` after a fault, which is told, and for null.
pub(super) fn known(
    expression: &Expression,
    wanted: &Type,
    scope: &Scope,
    faults: &mut Diagnostics,
) -> Option<Value> {
    let mut own = Diagnostics::default();
    let value = expression.evaluate(scope, &mut own);
    let broken = own.has_errors();
    faults.extend(own);
    if broken || value.is_null() {
        return None;
    }
    let mut refuse = |detail: String| {
        faults.push(Diagnostic::error("Unsuitable value type", detail).at(expression.span));
        None
    };
    if !value.is_wholly_known() {
        return refuse("The value must be known before anything is built, and it is not yet.".to_owned());
    }
    convert(&value, wanted)
        .map_or_else(|error| refuse(format!("This must be {}: {error}.", wanted.friendly_name())), Some)
}

fn references(expression: &Expression, scope: &Scope, faults: &mut Diagnostics) -> Vec<(String, Span)> {
    let Some(Value::List(_, names)) = known(expression, &Type::List(Type::String.into()), scope, faults)
    else {
        return Vec::new();
    };
    let spans = element_spans(expression);
    let text = |value: &Value| match value {
        Value::String(text) => text.to_string(),
        _ => String::new(),
    };
    let span_of = |at: usize| spans.get(at).copied().unwrap_or(expression.span);
    names.iter().enumerate().map(|(at, name)| (text(name), span_of(at))).collect()
}

/// The places of a literal list's elements.
fn element_spans(expression: &Expression) -> Vec<Span> {
    match &expression.kind {
        crate::syntax::tree::ExpressionKind::Tuple(elements) => {
            elements.iter().map(|element| element.span).collect()
        }
        _ => Vec::new(),
    }
}

/// The use of a source by its name. One that is not declared has no options.
fn use_of(
    reference: &str,
    span: Span,
    block: &Block,
    sources: &BTreeMap<SourceKey, Source>,
    faults: &mut Diagnostics,
) -> Option<SourceUse> {
    let key = SourceKey::parse(reference);
    match (find_source(reference, span, sources, faults), key) {
        (Some(source), _) => Some(plain_use(source)),
        (None, Some(source)) => {
            let body = Body::empty(block.header.file);
            Some(SourceUse { source, local_name: None, body, source_header: block.header })
        }
        (None, None) => None,
    }
}

fn find_source<'a>(
    reference: &str,
    span: Span,
    sources: &'a BTreeMap<SourceKey, Source>,
    faults: &mut Diagnostics,
) -> Option<&'a Source> {
    let Some(key) = SourceKey::parse(reference) else {
        let detail = format!(
            "`{reference}` does not name a source. Write its type and name, as in `type.name` or `source.type.name`; each \
             part starts with a letter or `_`, then letters, digits, `_` and `-` follow."
        );
        faults.push(Diagnostic::error("Invalid source reference", detail).at(span));
        return None;
    };
    sources.get(&key).or_else(|| {
        let names: Vec<String> = sources.keys().map(SourceKey::to_string).collect();
        let hint = suggest::nearest(&key.to_string(), names.iter().map(String::as_str)).map_or_else(
            || {
                if names.is_empty() {
                    " The template declares none.".to_owned()
                } else {
                    format!(" There are: {}.", listed(&names))
                }
            },
            |near| format!(" Did you mean `{near}`?"),
        );
        let detail = format!("The template declares no source `{key}`.{hint}");
        faults.push(Diagnostic::error(format!("{UNKNOWN_SOURCE}{key}"), detail).at(span));
        None
    })
}

/// The first names of a list, for messages.
pub(super) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown}, and {} more", names.len() - SHOWN) } else { shown }
}

fn plain_use(source: &Source) -> SourceUse {
    SourceUse {
        source: source.key.clone(),
        local_name: None,
        body: Arc::clone(&source.body),
        source_header: source.header,
    }
}

/// `source "type.name" { name = "local", more options }`
fn source_block(
    block: &Block,
    sources: &BTreeMap<SourceKey, Source>,
    faults: &mut Diagnostics,
) -> Option<SourceUse> {
    let Name { text, span } = block.labels.first()?;
    let used = use_of(text, *span, block, sources, faults)?;
    let (content, options) = block.body.partial_content(&schema::source_use(), faults);
    let local_name = match content.attributes.get("name") {
        Some(attribute) => match literal(&attribute.expression, &Type::String, faults)? {
            Value::String(name) => Some(name),
            _ => None,
        },
        None => None,
    };
    let body = Body::merged(vec![Arc::clone(&used.body), options]);
    Some(SourceUse { local_name, body, ..used })
}
