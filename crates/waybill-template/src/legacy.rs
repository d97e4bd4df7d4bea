//! Legacy JSON templates: one object of variables, builders, provisioners and post-processors, with Go's template
//! syntax in its strings.
//!
//! [`Template::parse`] reads one, [`Template::check`] says what does not fit together, [`Template::values`] gives
//! [`variables`] their values and [`Template::builds`] says what runs with what. [`engine`] has the functions of the
//! template syntax. What commands do with a template is in [`mod@validate`], [`inspect`] and [`console`].

pub mod builds;
mod check;
pub mod console;
mod duplicates;
pub mod engine;
pub mod fix;
pub mod inspect;
pub mod options;
mod parse;
mod parts;
mod retained;
pub mod upgrade;
pub mod validate;
pub mod variables;
pub mod weak;

use std::sync::Arc;

use waybill_go::duration::Duration;

use crate::{
    diagnostic::Diagnostics,
    json,
    source::{FileId, Span},
};

/// A template as it is written: nothing in it is rendered yet.
#[derive(Clone, Debug)]
pub struct Template {
    pub file: FileId,
    /// All of it.
    pub span: Span,
    pub description: Option<Text>,
    pub min_packer_version: Option<Text>,
    /// Sorted by name.
    pub variables: Vec<Variable>,
    /// Names of variables whose values are not shown.
    pub sensitive: Vec<Text>,
    /// In the order of the file.
    pub builders: Vec<Builder>,
    pub provisioners: Vec<Provisioner>,
    pub cleanup: Option<Provisioner>,
    /// Chains: what comes out of one goes into the next.
    pub post_processors: Vec<Vec<PostProcessor>>,
    /// Root keys that begin with `_`, without it.
    pub comments: Vec<(Arc<str>, Arc<str>)>,
}

/// A text with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub text: Arc<str>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Variable {
    pub name: Text,
    /// Without one the variable is required.
    pub default: Option<Text>,
}

#[derive(Clone, Debug)]
pub struct Builder {
    /// By default the type; a template.
    pub name: Text,
    pub kind: Text,
    /// All that it says, its name and type left out.
    pub options: json::Node,
}

#[derive(Clone, Debug)]
pub struct Provisioner {
    pub kind: Text,
    pub applies: Applies,
    /// Options that replace others for a builder, by the builder's name.
    pub overrides: Vec<(Text, json::Node)>,
    pub pause_before: Option<Duration>,
    pub timeout: Option<Duration>,
    /// A template of a number.
    pub max_retries: Option<Text>,
    /// All that it says but for these.
    pub options: json::Node,
}

#[derive(Clone, Debug)]
pub struct PostProcessor {
    /// By default the type.
    pub name: Text,
    pub kind: Text,
    pub applies: Applies,
    pub keep_input_artifact: Option<bool>,
    /// All that it says but for these.
    pub options: json::Node,
}

/// The builders that something is for, by name: all, or `only` these, or all `except` these.
#[derive(Clone, Debug, Default)]
pub struct Applies {
    pub only: Vec<Text>,
    pub except: Vec<Text>,
    /// Where both are said.
    pub span: Option<Span>,
}

impl Applies {
    /// Whether it is for the builder of this name.
    pub fn to(&self, builder: &str) -> bool {
        if !self.only.is_empty() {
            return self.only.iter().any(|name| &*name.text == builder);
        }
        !self.except.iter().any(|name| &*name.text == builder)
    }
}

impl Template {
    /// The variable of this name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        let at = self.variables.binary_search_by(|variable| (*variable.name.text).cmp(name)).ok()?;
        Some(&self.variables[at])
    }

    pub fn is_sensitive(&self, name: &str) -> bool {
        self.sensitive.iter().any(|sensitive| &*sensitive.text == name)
    }

    /// The template that the console and `inspect` have without a file: a builder that does nothing.
    pub fn minimal(file: FileId) -> Option<Self> {
        Self::parse(
            file,
            r#"{"builders":[{"type":"null","communicator":"none"}]}"#,
            &mut Diagnostics::default(),
        )
    }
}
