//! Values of variables: defaults, files, arguments, and what of them refers to others.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use waybill_go::text_template::Value;

use super::{
    Template, Text,
    engine::{Engine, Fault, FaultKind, Known, Place, Users},
    parse::wrong,
    retained::Retained,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Severity},
    json::{self, Kind},
    source::{FileId, Span},
};

/// How long the values of all variables can be together, in bytes.
const MAX_SIZE: usize = 64 << 20;

/// Values by name.
pub type Values = BTreeMap<Arc<str>, Arc<str>>;

/// What the user gave: contents of variable files in the order of their flags, then `-var` arguments, later ones win.
#[derive(Clone, Debug, Default)]
pub struct Given(Values);

impl Given {
    /// Adds what a variable file says: one object of strings, which it is whatever its name.
    pub fn add_file(&mut self, file: FileId, text: &str, diagnostics: &mut Diagnostics) {
        let Some(root) = json::parse(file, text, diagnostics) else {
            return;
        };
        let members = match &root.kind {
            Kind::Object(members) => members,
            Kind::Null => return,
            _ => return diagnostics.push(wrong("A variable file", "an object of names and values", &root)),
        };
        for member in members.iter() {
            match &member.value.kind {
                Kind::String(text) => self.add(&member.key, text),
                Kind::Null => self.add(&member.key, ""),
                _ => {
                    let what = format!("The value of {:?}", member.key);
                    diagnostics.push(wrong(&what, "a string", &member.value));
                }
            }
        }
    }

    /// Adds a `-var` argument.
    pub fn add(&mut self, name: &str, value: &str) {
        self.0.insert(name.into(), value.into());
    }

    /// The values as they were given.
    pub fn values(&self) -> &Values {
        &self.0
    }
}

impl Template {
    /// Values of all variables, and of what was given beyond them; nothing if there are errors.
    ///
    /// One that refers to something that is never set has no value, which is a warning if another that refers to
    /// others has one, and an error otherwise: that is where Packer lets it pass.
    ///
    /// `place` says where the text stands but for the variables.
    pub fn values(&self, given: &Given, place: Place<'_>, diagnostics: &mut Diagnostics) -> Option<Values> {
        let before = diagnostics.len();
        for variable in &self.variables {
            if variable.default.is_none() && !given.0.contains_key(&variable.name.text) {
                let detail = format!("The required variable {:?} is not set.", variable.name.text);
                diagnostics.push(Diagnostic::error("Unset variable", detail).at(variable.name.span));
            }
        }
        if before < diagnostics.len() {
            return None;
        }
        let (values, faults) = rendered(&self.raw(given), place);
        let has_errors = faults.has_errors();
        diagnostics.extend(faults);
        if has_errors { None } else { Some(values) }
    }

    /// What each variable is before anything is rendered.
    fn raw(&self, given: &Given) -> BTreeMap<Arc<str>, Raw> {
        let mut raw: BTreeMap<Arc<str>, Raw> = self
            .variables
            .iter()
            .filter_map(|variable| Some((variable.name.text.clone(), variable.default.clone()?)))
            .map(|(name, Text { text, span })| (name, Raw { text, span: Some(span) }))
            .collect();
        for (name, text) in &given.0 {
            raw.insert(name.clone(), Raw { text: text.clone(), span: None });
        }
        raw
    }

    /// Texts that are not to be shown: the values of sensitive variables.
    pub fn sensitive_texts(&self, values: &Values) -> Vec<Arc<str>> {
        let values = self.sensitive.iter().filter_map(|name| values.get(&name.text));
        values.filter(|text| !text.is_empty()).cloned().collect()
    }
}

/// A value that is not rendered yet, and where it stands in a file.
#[derive(Clone, Debug)]
struct Raw {
    text: Arc<str>,
    span: Option<Span>,
}

/// Renders all values, and says which cannot be.
///
/// One that refers to another that is not known yet waits for it, so that each is rendered once for each variable
/// that it refers to, at most.
fn rendered(raw: &BTreeMap<Arc<str>, Raw>, place: Place<'_>) -> (Values, Diagnostics) {
    let known = Known::default();
    let engine = Engine::new(Place { users: Users::Partial(&known), in_variable: true, ..place });
    let mut diagnostics = Diagnostics::default();
    for (name, raw) in raw {
        if let Err(fault) = Retained::of(&raw.text).check(&engine) {
            diagnostics.push(interpolation(name, raw, &fault));
        }
    }
    if diagnostics.has_errors() {
        return (Values::new(), diagnostics);
    }
    let mut open: Vec<&Arc<str>> = raw.keys().rev().collect();
    let mut waiting: BTreeMap<Arc<str>, Vec<(&Arc<str>, Fault)>> = BTreeMap::new();
    let mut has_resolved = false;
    let mut size = 0;
    while let Some(name) = open.pop() {
        let value = &raw[name];
        known.take_asked();
        let result = render_once(&engine, &value.text).and_then(|text| {
            size += text.len();
            if size <= MAX_SIZE { Ok(text) } else { Err(too_large()) }
        });
        match result {
            Ok(text) => {
                has_resolved |= known.take_asked();
                known.insert(name.clone(), text.into());
                open.extend(waiting.remove(name).into_iter().flatten().map(|(name, _)| name));
            }
            Err(fault) => match known.take_missing().filter(|_| fault.kind == FaultKind::NotSet) {
                Some(missing) => waiting.entry(missing).or_default().push((name, fault)),
                None => diagnostics.push(interpolation(name, value, &fault)),
            },
        }
        if MAX_SIZE < size {
            break;
        }
    }
    if !diagnostics.has_errors() {
        let mut left: Vec<(&Arc<str>, Fault)> = waiting.into_values().flatten().collect();
        left.sort_by(|a, b| a.0.cmp(b.0));
        let severity = if has_resolved { Severity::Warning } else { Severity::Error };
        let faults = left.iter().map(|(name, fault)| interpolation(name, &raw[*name], fault));
        diagnostics.extend(faults.map(|fault| Diagnostic { severity, ..fault }));
    }
    drop(engine);
    (known.into_values(), diagnostics)
}

fn too_large() -> Fault {
    let message = format!("the values of all variables are longer than {MAX_SIZE} bytes");
    Fault { message, range: 0..0, kind: FaultKind::Result }
}

/// Renders a variable: what begins with a field, such as `{{ .Path }}`, stays for who knows the field.
fn render_once(engine: &Engine<'_>, text: &str) -> Result<String, Fault> {
    let retained = Retained::of(text);
    let rendered = engine.render(&retained.text, &Value::None).map_err(|fault| retained.moved(fault))?;
    retained.restored(&rendered)
}

fn interpolation(name: &str, raw: &Raw, fault: &Fault) -> Diagnostic {
    let detail = format!("Failed to interpolate the variable {name:?}: {}.", fault.message);
    let diagnostic = Diagnostic::error("Interpolation error", detail);
    match raw.span {
        Some(span) => diagnostic.at(within(span, &raw.text, &fault.range)),
        None => diagnostic,
    }
}

/// The place of a part of a string, if it is written without escapes; else of the whole string.
pub(super) fn within(span: Span, text: &str, range: &Range<usize>) -> Span {
    let length = (span.end - span.start) as usize;
    if length != text.len() + 2 || range.is_empty() {
        return span;
    }
    let at = |offset: usize| span.start as usize + 1 + offset;
    Span::new(span.file, at(range.start), at(range.end))
}
