//! `variable` and `variables` blocks: what a template can be given.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    scope::{Functions, Scope, Surroundings},
    source::Span,
    syntax::tree::{Attribute, Block, Expression},
    value::{
        Type, Value,
        constraint::{self, Defaults},
        convert,
    },
};

use super::{packer_block::literal, schema};

/// A declared variable with all values it was given.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: Arc<str>,
    pub constraint: Type,
    pub defaults: Defaults,
    pub description: String,
    pub sensitive: bool,
    pub validations: Vec<Validation>,
    /// In the order they were given; the last one counts.
    pub assignments: Vec<Assignment>,
    /// The block's header, or the attribute of a `variables` block.
    pub declared: Span,
}

/// A value that a variable was given.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub origin: Origin,
    pub value: Value,
    pub span: Span,
}

/// Where a variable's value came from, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Default,
    Environment,
    File,
    CommandLine,
}

/// A rule that a variable's value must keep.
#[derive(Clone, Debug)]
pub struct Validation {
    pub condition: Arc<Expression>,
    pub message: String,
    pub header: Span,
}

impl Variable {
    /// The value that counts.
    pub fn value(&self) -> Option<&Value> {
        self.assignments.last().map(|assignment| &assignment.value)
    }

    /// The default, if the template has one.
    pub fn default(&self) -> Option<&Value> {
        self.assignments.iter().find(|given| given.origin == Origin::Default).map(|given| &given.value)
    }

    /// Converts a value to the variable's type.
    pub fn accept(&self, value: &Value) -> Result<Value, String> {
        convert(&self.defaults.apply(value), &self.constraint).map_err(|error| error.to_string())
    }
}

impl Origin {
    /// The word of messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Environment => "env",
            Self::File => "varfile",
            Self::CommandLine => "cmd",
        }
    }
}

/// All declarations, by name.
pub(super) fn declare(
    blocks: &[&Block],
    surroundings: &Surroundings,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<Arc<str>, Variable> {
    let mut variables = BTreeMap::new();
    for block in blocks {
        if &*block.kind.text == "variables" {
            for (_, attribute) in block.body.just_attributes(diagnostics) {
                let variable = of_attribute(&attribute, surroundings, diagnostics);
                insert(&mut variables, variable, diagnostics);
            }
        } else if let Some(variable) = of_block(block, surroundings, diagnostics) {
            insert(&mut variables, variable, diagnostics);
        }
    }
    variables
}

fn insert(variables: &mut BTreeMap<Arc<str>, Variable>, variable: Variable, diagnostics: &mut Diagnostics) {
    if variables.contains_key(&variable.name) {
        let detail =
            format!("The variable `{}` is declared twice. Remove one of the declarations.", variable.name);
        diagnostics.push(Diagnostic::error("Duplicate variable", detail).at(variable.declared));
        return;
    }
    variables.insert(Arc::clone(&variable.name), variable);
}

/// `name = default` in a `variables` block: the value's type is the variable's.
fn of_attribute(
    attribute: &Attribute,
    surroundings: &Surroundings,
    diagnostics: &mut Diagnostics,
) -> Variable {
    check_name(&attribute.name.text, attribute.name.span, diagnostics);
    let value = default_value(&attribute.expression, surroundings, diagnostics);
    Variable {
        name: Arc::clone(&attribute.name.text),
        constraint: type_of_default(&value),
        defaults: Defaults::default(),
        description: String::new(),
        sensitive: false,
        validations: Vec::new(),
        assignments: vec![Assignment { origin: Origin::Default, value, span: attribute.expression.span }],
        declared: attribute.span,
    }
}

fn of_block(block: &Block, surroundings: &Surroundings, diagnostics: &mut Diagnostics) -> Option<Variable> {
    let name = block.labels.first()?;
    check_name(&name.text, name.span, diagnostics);
    let content = block.body.content(&schema::variable(), diagnostics);
    let mut variable = Variable {
        name: Arc::clone(&name.text),
        constraint: Type::Dynamic,
        defaults: Defaults::default(),
        description: String::new(),
        sensitive: false,
        validations: Vec::new(),
        assignments: Vec::new(),
        declared: block.header,
    };
    let get = |name: &str| content.attributes.get(name).map(|attribute| &attribute.expression);
    if let Some(Value::String(text)) =
        get("description").and_then(|text| literal(text, &Type::String, diagnostics))
    {
        variable.description = text.to_string();
    }
    if let Some(Value::Bool(sensitive)) =
        get("sensitive").and_then(|flag| literal(flag, &Type::Bool, diagnostics))
    {
        variable.sensitive = sensitive;
    }
    let mut typed = true;
    match get("type").map(|expression| constraint::parse(expression, diagnostics)) {
        Some(Some((constraint, defaults))) => {
            variable.constraint = constraint;
            variable.defaults = defaults;
        }
        // Its fault is told: the default is taken as it is.
        Some(None) => {}
        None => typed = false,
    }
    if let Some(expression) = get("default") {
        let value = default_value(expression, surroundings, diagnostics);
        if !typed {
            variable.constraint = type_of_default(&value);
        }
        let value = variable.accept(&value).unwrap_or_else(|error| {
            let detail =
                format!("The default does not fit the type of the variable `{}`: {error}.", variable.name);
            diagnostics
                .push(Diagnostic::error("Invalid default value for variable", detail).at(expression.span));
            Value::Unknown(variable.constraint.clone())
        });
        variable.assignments.push(Assignment { origin: Origin::Default, value, span: expression.span });
    }
    for nested in &content.blocks {
        variable.validations.extend(validation(nested, &variable.name, diagnostics));
    }
    Some(variable)
}

fn check_name(name: &str, span: Span, diagnostics: &mut Diagnostics) {
    if !is_identifier(name) {
        let detail = format!(
            "`{name}` cannot be a variable's name: it starts with a letter or `_`, then letters, digits, `_` and `-` follow."
        );
        diagnostics.push(Diagnostic::error("Invalid variable name", detail).at(span));
    }
}

/// A letter or `_`, then letters, digits, `_` and `-`.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && characters.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// In a default there is nothing but `env`.
fn default_value(
    expression: &Expression,
    surroundings: &Surroundings,
    diagnostics: &mut Diagnostics,
) -> Value {
    let scope = Scope::new(BTreeMap::new(), Functions::Environment(surroundings.clone()));
    expression.evaluate(&scope, diagnostics)
}

/// Without a type, the default's counts; an empty collection says nothing, and neither does null.
fn type_of_default(value: &Value) -> Type {
    match value {
        Value::Tuple(elements) if elements.is_empty() => Type::Dynamic,
        Value::Object(attributes) if attributes.is_empty() => Type::Dynamic,
        value => value.ty(),
    }
}

fn validation(block: &Block, variable: &str, diagnostics: &mut Diagnostics) -> Option<Validation> {
    let content = block.body.content(&schema::validation(), diagnostics);
    let condition = Arc::clone(&content.attributes.get("condition")?.expression);
    let message = &content.attributes.get("error_message")?.expression;
    let condition_is_own = check_condition(&condition, variable, diagnostics);
    let Value::String(text) = literal(message, &Type::String, diagnostics)? else { return None };
    if let Err(fault) = check_message(&text) {
        diagnostics.push(Diagnostic::error("Invalid validation message", fault).at(message.span));
    }
    condition_is_own.then(|| Validation { condition, message: text.to_string(), header: block.header })
}

/// A condition refers to its own variable at least once, and to nothing else.
fn check_condition(condition: &Expression, variable: &str, diagnostics: &mut Diagnostics) -> bool {
    let references = condition.references();
    let own = |reference: &crate::eval::Reference| {
        &*reference.root.text == "var" && reference.attribute(0).is_some_and(|name| name == variable)
    };
    if let Some(other) = references.iter().find(|reference| !own(reference)) {
        let detail = format!("The condition of `{variable}` can only refer to `var.{variable}` itself.");
        let fault = Diagnostic::error("Invalid reference in variable validation", detail);
        diagnostics.push(fault.at(other.span).within(condition.span));
        return false;
    }
    if references.is_empty() {
        let detail = format!("The condition must refer to `var.{variable}`, or it would check nothing.");
        diagnostics
            .push(Diagnostic::error("Invalid variable validation condition", detail).at(condition.span));
        return false;
    }
    true
}

/// A message is a sentence: it starts upper case, if the script has case, and ends as one.
fn check_message(message: &str) -> Result<(), String> {
    let Some(first) = message.chars().next() else {
        return Err("The error message is empty: say what a right value is.".to_owned());
    };
    if first.is_lowercase() {
        return Err("The error message must be a sentence: start it with an upper-case letter.".to_owned());
    }
    if !message.ends_with(['.', '?', '!']) {
        return Err("The error message must be a sentence: end it with `.`, `?` or `!`.".to_owned());
    }
    Ok(())
}
