//! Values of variables: defaults, files, arguments, and what of them refers to others.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use waybill_go::text_template::Value;

use super::{
    Template, Text,
    engine::{Engine, Fault, FaultKind, Place, Users},
    parse::wrong,
    retained::Retained,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    json::{self, Kind},
    source::{FileId, Span},
};

/// How often values are rendered before those that still wait for others are given up.
const MAX_ROUNDS: usize = 100;

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
    /// Values of all variables, and of what was given beyond them; nothing if some have none.
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
        let mut open = self.raw(given);
        if diagnostics.len() == before {
            report_syntax(&open, place, diagnostics);
        }
        if before < diagnostics.len() {
            return None;
        }
        let mut values = Values::new();
        for _ in 0..MAX_ROUNDS {
            let waiting = round(open, &mut values, place, diagnostics)?;
            let Some(first) = waiting.first() else {
                return Some(values);
            };
            if !first.1.has_progressed {
                break;
            }
            open = waiting.into_iter().map(|(name, waiting)| (name, waiting.raw)).collect();
        }
        // Nothing changes any more, or not within reason.
        let open = self.raw(given);
        for (name, raw) in open.iter().filter(|(name, _)| !values.contains_key(name)) {
            let place = Place { users: Users::Partial(&values), in_variable: true, ..place };
            if let Err(fault) = render_once(&Engine::new(place), &raw.text) {
                diagnostics.push(interpolation(name, raw, &fault));
            }
        }
        None
    }

    /// What each variable is before anything is rendered.
    fn raw(&self, given: &Given) -> Vec<(Arc<str>, Raw)> {
        let mut raw: BTreeMap<Arc<str>, Raw> = self
            .variables
            .iter()
            .filter_map(|variable| Some((variable.name.text.clone(), variable.default.clone()?)))
            .map(|(name, Text { text, span })| (name, Raw { text, span: Some(span) }))
            .collect();
        for (name, text) in &given.0 {
            raw.insert(name.clone(), Raw { text: text.clone(), span: None });
        }
        raw.into_iter().collect()
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

struct Waiting {
    raw: Raw,
    has_progressed: bool,
}

fn report_syntax(raw: &[(Arc<str>, Raw)], place: Place<'_>, diagnostics: &mut Diagnostics) {
    let none = Values::new();
    let engine = Engine::new(Place { users: Users::Partial(&none), in_variable: true, ..place });
    for (name, raw) in raw {
        if let Err(fault) = Retained::of(&raw.text).check(&engine) {
            diagnostics.push(interpolation(name, raw, &fault));
        }
    }
}

/// Renders what can be; gives what has to wait.
fn round(
    open: Vec<(Arc<str>, Raw)>,
    values: &mut Values,
    place: Place<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(Arc<str>, Waiting)>> {
    let mut waiting = Vec::new();
    let n_known = values.len();
    let mut has_failed = false;
    for (name, raw) in open {
        let place = Place { users: Users::Partial(values), in_variable: true, ..place };
        let rendered = render_once(&Engine::new(place), &raw.text);
        match rendered {
            Ok(value) => {
                values.insert(name, value.into());
            }
            Err(fault) if fault.kind == FaultKind::NotSet => {
                waiting.push((name, Waiting { raw, has_progressed: false }));
            }
            Err(fault) => {
                has_failed = true;
                diagnostics.push(interpolation(&name, &raw, &fault));
            }
        }
    }
    for (_, waiting) in &mut waiting {
        waiting.has_progressed = n_known < values.len();
    }
    if has_failed { None } else { Some(waiting) }
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
