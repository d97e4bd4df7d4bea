//! Variables: those with constant values stay variables, the others become locals.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use waybill_go::text_template::{self, Functions, Limits, Parameter, Value};

use super::{
    Template,
    engine::{Engine, Place},
    rendered, text,
};

pub(super) struct Variables<'t> {
    template: &'t Template,
    /// By name, with the default. Those that are used and not declared are required.
    all: BTreeMap<Arc<str>, Option<Arc<str>>>,
}

impl<'t> Variables<'t> {
    /// Tells the engine which ones are locals.
    pub(super) fn new(template: &'t Template, source: &str, engine: &mut Engine) -> Self {
        let mut all: BTreeMap<Arc<str>, Option<Arc<str>>> = BTreeMap::new();
        for variable in &template.variables {
            let default = variable.default.as_ref().map(|default| default.text.clone());
            all.insert(variable.name.text.clone(), default);
        }
        for name in used(source) {
            all.entry(name).or_default();
        }
        let variables = Self { template, all };
        for name in variables.all.keys() {
            if engine.render(&variables.block(name), Place::Variable).computed {
                engine.locals.insert(name.to_string());
            }
        }
        variables
    }

    /// The blocks of those that stay variables.
    pub(super) fn inputs(&self, engine: &Engine) -> Vec<String> {
        let names = self.all.keys().filter(|name| !engine.locals.contains(&***name));
        names.map(|name| rendered(&self.block(name), Place::Variable, engine)).collect()
    }

    /// The blocks of the others: one for each that is sensitive, then one for all that are not.
    pub(super) fn locals(&self, engine: &Engine) -> Vec<String> {
        let mut blocks = Vec::new();
        let mut others = String::new();
        for (name, default) in self.all.iter().filter(|(name, _)| engine.locals.contains(&***name)) {
            let mut value = String::new();
            text::quoted(default.as_deref().unwrap_or_default(), &mut value);
            if self.template.is_sensitive(name) {
                let mut block = "local ".to_owned();
                text::quoted(name, &mut block);
                let _ = write!(block, " {{\nsensitive = true\nexpression = {value}\n}}\n");
                blocks.push(rendered(&block, Place::Variable, engine));
            } else {
                let _ = writeln!(others, "{name} = {value}");
            }
        }
        if !others.is_empty() {
            blocks.push(rendered(&format!("locals {{\n{others}}}\n"), Place::Variable, engine));
        }
        blocks
    }

    fn block(&self, name: &str) -> String {
        let mut block = "variable ".to_owned();
        text::quoted(name, &mut block);
        block.push_str(" {\ntype = string\n");
        if let Some(default) = self.all.get(name).and_then(Option::as_deref) {
            block.push_str("default = ");
            text::quoted(default, &mut block);
            block.push('\n');
        }
        if self.template.variable(name).is_some() && self.template.is_sensitive(name) {
            block.push_str("sensitive = true\n");
        }
        block.push_str("}\n");
        block
    }
}

/// Names that `user` is called with when the whole file is executed as a template; none unless that works, which it
/// does only if there is no other function in it.
fn used(source: &str) -> BTreeSet<Arc<str>> {
    let names = Mutex::new(BTreeSet::new());
    let mut functions = Functions::default();
    functions.add("user", &[Parameter::String], |arguments| {
        if let [Value::String(name)] = arguments {
            names.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        }
        Ok("".into())
    });
    let executed = text_template::Template::parse("variables", source, &|name| functions.contains(name))
        .ok()
        .and_then(|template| template.execute(&Value::None, &functions, Limits::default()).ok());
    drop(functions);
    match executed {
        Some(_) => names.into_inner().unwrap_or_else(PoisonError::into_inner),
        None => BTreeSet::new(),
    }
}
