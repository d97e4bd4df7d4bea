//! `templatefile`: a file as a template, with names of its own.

use std::{collections::BTreeMap, sync::Arc};

use super::{Arguments, Function, FunctionError, any, file, string};
use crate::{
    diagnostic::Diagnostics,
    scope::{Functions, Scope, Surroundings},
    source::Sources,
    syntax::{self, lexer::is_identifier, tree::Expression},
    value::{Type, Value},
};

pub(super) fn table() -> Vec<Function> {
    vec![Function::new("templatefile", [string("path"), any("vars")], Type::Dynamic, render)]
}

fn render(call: Arguments<'_>) -> Result<Value, FunctionError> {
    if call.surroundings.in_template_file {
        return Err(FunctionError::new("a template that templatefile reads cannot call it"));
    }
    let template = Template::read(call.text(0), call.surroundings)?;
    let names = names(&call[1]).map_err(|fault| FunctionError::argument(1, fault))?;
    template.all_known(&names).map_err(|fault| FunctionError::argument(1, fault))?;
    let surroundings = Surroundings { in_template_file: true, ..call.surroundings.clone() };
    template.evaluate(&Scope::new(names, Functions::All(surroundings)))
}

/// What the template can see: the members of a map or an object.
fn names(value: &Value) -> Result<BTreeMap<Arc<str>, Value>, String> {
    let Some(names) = value.as_map() else {
        return Err("a map or an object is needed, whose members are names in the template".to_owned());
    };
    match names.keys().find(|name| !is_identifier(name)) {
        Some(name) => Err(format!(
            "{name:?} cannot be a name in a template: that is a letter, then letters, digits, `_` and `-`"
        )),
        None => Ok(names.clone()),
    }
}

/// A template with what its faults are told by.
struct Template {
    sources: Sources,
    expression: Expression,
}

impl Template {
    fn read(path: &str, surroundings: &Surroundings) -> Result<Self, FunctionError> {
        let text = file::read(&file::place(path, surroundings)?, surroundings)?;
        let mut sources = Sources::default();
        let file = sources.add(path, text.as_str());
        let mut diagnostics = Diagnostics::default();
        let expression = syntax::parse_template(file, &text, &mut diagnostics);
        let template = Self { sources, expression };
        template.unless_faulty(&diagnostics)?;
        Ok(template)
    }

    /// Each name that is used must be there, also in a branch that is not taken.
    fn all_known(&self, names: &BTreeMap<Arc<str>, Value>) -> Result<(), String> {
        let references = self.expression.references();
        match references.iter().map(|reference| &reference.root).find(|root| !names.contains_key(&root.text))
        {
            Some(root) => {
                let place = self.sources.describe(root.span);
                Err(format!("there is no {:?} among them, which the template uses at {place}", root.text))
            }
            None => Ok(()),
        }
    }

    fn evaluate(&self, scope: &Scope) -> Result<Value, FunctionError> {
        let mut diagnostics = Diagnostics::default();
        let value = self.expression.evaluate(scope, &mut diagnostics);
        self.unless_faulty(&diagnostics)?;
        Ok(value)
    }

    /// The first fault with its place in the template, and how many more there are.
    fn unless_faulty(&self, diagnostics: &Diagnostics) -> Result<(), FunctionError> {
        let mut faults = diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
        let Some(fault) = faults.next() else {
            return Ok(());
        };
        let place =
            fault.subject.map(|span| format!("{}: ", self.sources.describe(span))).unwrap_or_default();
        let more = match faults.count() {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let detail = fault.detail.trim_end_matches('.');
        Err(FunctionError::new(format!("{place}{}: {detail}{more}", fault.summary)))
    }
}
