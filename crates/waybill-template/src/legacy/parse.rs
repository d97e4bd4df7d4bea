//! From JSON to a [`Template`].

use std::sync::Arc;

use super::{Template, Text, Variable, duplicates, parts};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    json::{self, Kind, Member, Node},
    source::FileId,
    suggest,
};

/// The keys that a template can have, as they are documented; their case does not matter.
const KEYS: [&str; 9] = [
    "builders",
    "description",
    "error-cleanup-provisioner",
    "min_packer_version",
    "post-processors",
    "provisioners",
    "push",
    "sensitive-variables",
    "variables",
];

impl Template {
    /// Reads a template; nothing if it is not one. All faults that can be told at once are.
    pub fn parse(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Self> {
        let before = diagnostics.len();
        let root = match json::read(file, text) {
            Ok(root) => root,
            Err(fault) => {
                diagnostics.push(syntax_error(text, &fault));
                return None;
            }
        };
        duplicates::report(&root, diagnostics);
        let template = read(file, &root, diagnostics);
        if diagnostics.iter().skip(before).any(Diagnostic::is_error) { None } else { template }
    }
}

/// How many characters before the one that cannot be are shown.
const SHOWN: usize = 60;

/// A fault of the JSON: where it is for people, and which byte a machine stopped at.
fn syntax_error(text: &str, fault: &json::Fault) -> Diagnostic {
    let found = (fault.found.start as usize).min(text.len());
    // Go counts the byte that it cannot go on with.
    let offset = (found + 1).min(text.len());
    let before = text.get(..found).unwrap_or(text);
    let line = 1 + before.matches('\n').count();
    let start = before.rsplit('\n').next().unwrap_or_default();
    let column = 1 + start.chars().count();
    let shown: String = start.chars().skip(column.saturating_sub(SHOWN + 1)).map(visible).collect();
    let at = text.get(found..).and_then(|rest| rest.chars().next()).map_or(' ', visible);
    let gutter = format!("{line:>5}: ");
    let caret = " ".repeat(gutter.len() + shown.chars().count());
    let detail = format!(
        "Error parsing JSON: {}. {}\n\nAt line {line}, column {column} (offset {offset}):\n\
         {gutter}{shown}{at}\n{caret}^\n\n\
         If this is an HCL2 template, its file has to be named *.pkr.hcl or *.pkr.json.",
        fault.summary.trim_end_matches('.'),
        fault.detail,
    );
    Diagnostic::error("Failed to parse file as legacy JSON template", detail).at(fault.subject)
}

/// The character as one column.
fn visible(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

fn read(file: FileId, root: &Node, diagnostics: &mut Diagnostics) -> Option<Template> {
    let mut template = Template {
        file,
        span: root.span,
        description: None,
        min_packer_version: None,
        variables: Vec::new(),
        sensitive: Vec::new(),
        builders: Vec::new(),
        provisioners: Vec::new(),
        cleanup: None,
        post_processors: Vec::new(),
        comments: Vec::new(),
    };
    let members = match &root.kind {
        Kind::Object(members) => members,
        Kind::Null => return Some(template),
        _ => {
            diagnostics.push(wrong("The template", "an object", root));
            return None;
        }
    };
    let mut seen: Vec<&str> = Vec::new();
    for member in members.iter() {
        match known(&member.key).filter(|key| !seen.contains(key)) {
            Some(key) => {
                seen.push(key);
                root_key(key, member, &mut template, diagnostics);
            }
            None => match (member.key.strip_prefix('_'), member.value.as_str()) {
                (Some(name), Some(text)) => template.comments.push((name.into(), text.clone())),
                (Some(_), None) => {
                    let what = format!("The comment {:?}", member.key);
                    diagnostics.push(wrong(&what, "a string", &member.value));
                }
                (None, _) => diagnostics.push(unknown_key(member)),
            },
        }
    }
    Some(template)
}

fn root_key(key: &str, member: &Member, template: &mut Template, diagnostics: &mut Diagnostics) {
    let value = &member.value;
    match key {
        "description" => template.description = text(key, value, diagnostics),
        "min_packer_version" => template.min_packer_version = text(key, value, diagnostics),
        "variables" => template.variables = variables(value, diagnostics),
        "sensitive-variables" => {
            template.sensitive = parts::texts(&format!("{key:?}"), value, diagnostics);
        }
        "builders" => template.builders = parts::builders(value, diagnostics),
        "provisioners" => template.provisioners = parts::provisioners(value, diagnostics),
        "error-cleanup-provisioner" if !value.is_null() => {
            template.cleanup = parts::provisioner("The error-cleanup-provisioner", value, diagnostics);
        }
        "post-processors" => template.post_processors = parts::post_processors(value, diagnostics),
        // Of a service that is gone: accepted, and nothing else.
        "push" if !value.is_null() && value.as_object().is_none() => {
            diagnostics.push(wrong("\"push\"", "an object", value));
        }
        _ => {}
    }
}

/// The documented spelling of a root key.
fn known(key: &str) -> Option<&'static str> {
    KEYS.into_iter().find(|known| known.eq_ignore_ascii_case(key))
}

fn unknown_key(member: &Member) -> Diagnostic {
    let hint = match (known(&member.key), suggest::nearest(&member.key, KEYS)) {
        (Some(key), _) => format!("It is {key:?} again, in another case."),
        (None, Some(key)) => format!("Did you mean {key:?}?"),
        (None, None) => format!("The keys are {}; a comment begins with _.", KEYS.join(", ")),
    };
    let detail = format!("Unknown root level key in template: {:?}. {hint}", member.key);
    Diagnostic::error("Unknown key", detail).at(member.key_span)
}

fn variables(node: &Node, diagnostics: &mut Diagnostics) -> Vec<Variable> {
    let members = match &node.kind {
        Kind::Object(members) => members,
        Kind::Null => return Vec::new(),
        _ => {
            diagnostics.push(wrong("\"variables\"", "an object of names and defaults", node));
            return Vec::new();
        }
    };
    let mut variables = Vec::with_capacity(members.len());
    for member in members.iter() {
        let name = Text { text: member.key.clone(), span: member.key_span };
        let default = match &member.value.kind {
            Kind::Null => None,
            Kind::String(text) => Some(Text { text: text.clone(), span: member.value.span }),
            _ => {
                let what = format!("The default of the variable {:?}", member.key);
                diagnostics.push(wrong(&what, "a string, or null for a required variable", &member.value));
                continue;
            }
        };
        variables.push(Variable { name, default });
    }
    variables.sort_by(|a, b| a.name.text.cmp(&b.name.text));
    variables
}

/// A string; null is none.
fn text(key: &str, node: &Node, diagnostics: &mut Diagnostics) -> Option<Text> {
    match &node.kind {
        Kind::Null => None,
        Kind::String(text) => Some(Text { text: Arc::clone(text), span: node.span }),
        _ => {
            diagnostics.push(wrong(&format!("{key:?}"), "a string", node));
            None
        }
    }
}

/// The fault that a value is of the wrong kind.
pub(super) fn wrong(what: &str, wanted: &str, found: &Node) -> Diagnostic {
    let detail = format!("{what} is {}; {wanted} is needed.", found.describe());
    Diagnostic::error("Wrong type of value", detail).at(found.span)
}
