//! Provisioners and post-processors of a build: the arguments that are common to all of them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    scope::Scope,
    source::Span,
    syntax::{
        body::Content,
        tree::{Block, Body},
    },
    value::{Type, Value},
};

use super::{
    build::{SourceUse, known, known_text},
    schema,
};

/// What a provisioner and a post-processor have in common.
#[derive(Clone, Debug)]
pub struct Step {
    pub kind: Arc<str>,
    pub name: String,
    pub filter: Filter,
    /// The component's own options.
    pub body: Arc<Body>,
    pub header: Span,
}

#[derive(Clone, Debug)]
pub struct Provisioner {
    pub step: Step,
    pub pause_before: Option<Duration>,
    pub timeout: Option<Duration>,
    /// Tries after the first.
    pub max_retries: u64,
    pub continue_on_error: bool,
    /// Options that replace others, by the name of the source's use.
    pub overrides: BTreeMap<Arc<str>, Value>,
}

#[derive(Clone, Debug)]
pub struct PostProcessor {
    pub step: Step,
    pub keep_input_artifact: Option<bool>,
}

/// `only` and `except`: exact names, `type.name`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub only: Vec<String>,
    pub except: Vec<String>,
}

impl Filter {
    /// True if the step is not for that use of a source.
    pub fn skips(&self, used: &SourceUse) -> bool {
        let name = used.full_name();
        if self.only.is_empty() { self.except.contains(&name) } else { !self.only.contains(&name) }
    }
}

impl Step {
    /// `type` or `type.name`: what is shown.
    pub fn label(&self) -> String {
        if self.name.is_empty() { self.kind.to_string() } else { format!("{}.{}", self.kind, self.name) }
    }
}

/// Reads a provisioner; `None` after a fault, which is told.
pub(super) fn provisioner(
    block: &Block,
    scope: &Scope,
    diagnostics: &mut Diagnostics,
) -> Option<Provisioner> {
    let mut reader = Reader::new(block, &schema::provisioner(), scope);
    let step = reader.step();
    let provisioner = Provisioner {
        pause_before: reader.duration("pause_before"),
        timeout: reader.duration("timeout"),
        max_retries: reader.whole_number("max_retries").unwrap_or_default(),
        continue_on_error: reader.flag("continue_on_error").unwrap_or_default(),
        overrides: reader.overrides(),
        step,
    };
    reader.finish(diagnostics).then_some(provisioner)
}

/// Reads a post-processor; `None` after a fault, which is told.
pub(super) fn post_processor(
    block: &Block,
    scope: &Scope,
    diagnostics: &mut Diagnostics,
) -> Option<PostProcessor> {
    let mut reader = Reader::new(block, &schema::post_processor(), scope);
    let step = reader.step();
    let post_processor = PostProcessor { keep_input_artifact: reader.flag("keep_input_artifact"), step };
    reader.finish(diagnostics).then_some(post_processor)
}

struct Reader<'a> {
    block: &'a Block,
    content: Content,
    options: Arc<Body>,
    scope: &'a Scope,
    faults: Diagnostics,
}

impl<'a> Reader<'a> {
    fn new(block: &'a Block, schema: &crate::syntax::body::BodySchema, scope: &'a Scope) -> Self {
        let mut faults = Diagnostics::default();
        let (content, options) = block.body.partial_content(schema, &mut faults);
        Self { block, content, options, scope, faults }
    }

    /// Hands the faults over; true if there was no error.
    fn finish(self, diagnostics: &mut Diagnostics) -> bool {
        let sound = !self.faults.has_errors();
        diagnostics.extend(self.faults);
        sound
    }

    fn step(&mut self) -> Step {
        let name = self.text("name").unwrap_or_default();
        let filter = Filter { only: self.texts("only"), except: self.texts("except") };
        if !filter.only.is_empty() && !filter.except.is_empty() {
            let detail = "Only one of `only` and `except` can be given. Remove one of them.";
            self.faults.push(Diagnostic::error("Both only and except", detail).at(self.block.header));
        }
        let kind = self.block.labels.first().map_or_else(|| "".into(), |label| Arc::clone(&label.text));
        Step { kind, name, filter, body: Arc::clone(&self.options), header: self.block.header }
    }

    fn value(&mut self, name: &str, wanted: &Type) -> Option<(Value, Span)> {
        let expression = &self.content.attributes.get(name)?.expression;
        known(expression, wanted, self.scope, &mut self.faults).map(|value| (value, expression.span))
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let expression = &self.content.attributes.get(name)?.expression;
        known_text(expression, self.scope, &mut self.faults)
    }

    fn texts(&mut self, name: &str) -> Vec<String> {
        let Some((Value::List(_, items), _)) = self.value(name, &Type::List(Type::String.into())) else {
            return Vec::new();
        };
        let text = |item: &Value| match item {
            Value::String(text) => text.to_string(),
            _ => String::new(),
        };
        items.iter().map(text).collect()
    }

    fn flag(&mut self, name: &str) -> Option<bool> {
        match self.value(name, &Type::Bool)? {
            (Value::Bool(flag), _) => Some(flag),
            _ => None,
        }
    }

    fn whole_number(&mut self, name: &str) -> Option<u64> {
        let (Value::Number(number), span) = self.value(name, &Type::Number)? else { return None };
        let whole = number.to_i64().and_then(|number| u64::try_from(number).ok());
        if whole.is_none() {
            let detail = format!("`{name}` must be a whole number that is not negative.");
            self.faults.push(Diagnostic::error("Unsuitable value", detail).at(span));
        }
        whole
    }

    fn duration(&mut self, name: &str) -> Option<Duration> {
        let (Value::String(text), span) = self.value(name, &Type::String)? else { return None };
        let fault = match text.parse::<waybill_go::duration::Duration>() {
            Ok(duration) => return Some(duration.unsigned()),
            Err(error) => error.to_string(),
        };
        let detail = format!("`{name}` must be a duration such as `300ms`, `10s` or `1h30m`: {fault}.");
        self.faults.push(Diagnostic::error(format!("Failed to parse {name} duration"), detail).at(span));
        None
    }

    fn overrides(&mut self) -> BTreeMap<Arc<str>, Value> {
        let Some((value, span)) = self.value("override", &Type::Dynamic) else { return BTreeMap::new() };
        let entries = match &value {
            Value::Object(entries) | Value::Map(_, entries) => BTreeMap::clone(entries),
            other => {
                let detail = format!(
                    "`override` must be an object with an object of options for each source's name, and it is {}.",
                    other.ty().friendly_name()
                );
                self.faults.push(Diagnostic::error("Unsuitable value type", detail).at(span));
                return BTreeMap::new();
            }
        };
        for (name, options) in &entries {
            if !matches!(options, Value::Object(_) | Value::Map(..)) {
                let detail = format!(
                    "The entry `{name}` of `override` must be an object of options, and it is {}.",
                    options.ty().friendly_name()
                );
                self.faults.push(Diagnostic::error("Unsuitable value type", detail).at(span));
            }
        }
        entries
    }
}
