//! The engine of legacy templates: Go's template syntax with Packer's functions.
//!
//! What a function may do depends on where the text stands: secrets and the environment are for variables only, what
//! a build produces is for provisioners and post-processors only.

mod functions;

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use waybill_go::text_template::{ExecError, Functions, Limits, ParseError, Template, Value};

use crate::world::World;

/// How often a text is rendered again until it stays the same.
const MAX_ROUNDS: usize = 32;

/// Where a text stands: what its functions know.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub world: &'a dyn World,
    pub core_version: &'a str,
    /// The path of the template's file, `-` for standard input.
    pub template: Option<&'a str>,
    pub users: Users<'a>,
    /// The builder that it is for.
    pub build: Option<BuildNames<'a>>,
    pub generated: Generated<'a>,
    /// In the value of a variable, the only place for the environment and for secrets.
    pub in_variable: bool,
}

/// How `user` answers.
#[derive(Clone, Copy)]
pub enum Users<'a> {
    /// With the values; with nothing for other names.
    Final(&'a BTreeMap<Arc<str>, Arc<str>>),
    /// With those that are known by now; anything else is an error that may pass.
    Partial(&'a Known),
}

/// The values that are known while others are being rendered.
#[derive(Debug, Default)]
pub struct Known(Mutex<KnownValues>);

#[derive(Debug, Default)]
struct KnownValues {
    values: BTreeMap<Arc<str>, Arc<str>>,
    /// One was asked for.
    was_asked: bool,
    /// The last one that was asked for in vain.
    missing: Option<Arc<str>>,
}

impl Known {
    pub fn insert(&self, name: Arc<str>, value: Arc<str>) {
        self.lock().values.insert(name, value);
    }

    /// Whether a value was asked for since this was called before.
    pub fn take_asked(&self) -> bool {
        std::mem::take(&mut self.lock().was_asked)
    }

    /// The variable that a text was waiting for.
    pub fn take_missing(&self) -> Option<Arc<str>> {
        self.lock().missing.take()
    }

    pub fn into_values(self) -> BTreeMap<Arc<str>, Arc<str>> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).values
    }

    fn value(&self, name: &str) -> Option<Arc<str>> {
        let mut known = self.lock();
        known.was_asked = true;
        let value = known.values.get(name).cloned();
        if value.is_none() {
            known.missing = Some(name.into());
        }
        value
    }

    fn lock(&self) -> MutexGuard<'_, KnownValues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy, Debug)]
pub struct BuildNames<'a> {
    pub name: &'a str,
    pub kind: &'a str,
}

/// How `build` answers.
#[derive(Clone, Copy, Debug)]
pub enum Generated<'a> {
    /// There is no build here.
    None,
    /// With these values; another name is an error.
    Values(&'a BTreeMap<Arc<str>, Arc<str>>),
}

/// Functions for texts at one place.
pub struct Engine<'a> {
    functions: Functions<'a>,
    limits: Limits,
}

/// Why a text could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// As Go says it, with `template: root:1:2:`.
    pub message: String,
    /// The part of the text that it is about.
    pub range: Range<usize>,
    pub kind: FaultKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The text is no template.
    Syntax,
    /// The template has no result.
    Result,
    /// A variable has no value yet.
    NotSet,
}

impl<'a> Engine<'a> {
    pub fn new(place: Place<'a>) -> Self {
        Self { functions: functions::at(place), limits: Limits { output: 16 << 20, ..Limits::default() } }
    }

    /// Whether the text is a template, whatever it comes to.
    pub fn check(&self, text: &str) -> Result<(), Fault> {
        if is_plain(text) { Ok(()) } else { self.parse(text).map(|_| ()) }
    }

    /// What the text comes to.
    pub fn render(&self, text: &str, data: &Value) -> Result<String, Fault> {
        if is_plain(text) {
            return Ok(text.to_owned());
        }
        let template = self.parse(text)?;
        template.execute(data, &self.functions, self.limits).map_err(|error| executed(text, &error))
    }

    /// Renders what comes out again, until that changes nothing: a variable's value may be a template itself.
    pub fn render_until_stable(&self, text: &str, data: &Value) -> Result<String, Fault> {
        let mut text = text.to_owned();
        for _ in 0..MAX_ROUNDS {
            let rendered = self.render(&text, data)?;
            if rendered == text {
                return Ok(text);
            }
            text = rendered;
        }
        Err(Fault {
            message: format!("the text is not the same after it was rendered {MAX_ROUNDS} times"),
            range: 0..0,
            kind: FaultKind::Result,
        })
    }

    /// The names of all functions.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.names()
    }

    fn parse(&self, text: &str) -> Result<Template, Fault> {
        Template::parse("root", text, &|name| self.functions.contains(name))
            .map_err(|error| parsed(text, &error))
    }
}

/// Nothing to render.
fn is_plain(text: &str) -> bool {
    !text.contains("{{")
}

fn parsed(text: &str, error: &ParseError) -> Fault {
    Fault { message: error.to_string(), range: range(text, error.offset), kind: FaultKind::Syntax }
}

fn executed(text: &str, error: &ExecError) -> Fault {
    let is_open = error.message.ends_with(functions::NOT_SET);
    let kind = if is_open { FaultKind::NotSet } else { FaultKind::Result };
    Fault { message: error.to_string(), range: range(text, error.offset), kind }
}

/// The character at an offset.
fn range(text: &str, offset: usize) -> Range<usize> {
    let offset = offset.min(text.len());
    let length = text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    offset..offset + length
}
