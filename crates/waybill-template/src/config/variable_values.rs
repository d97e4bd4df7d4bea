//! Values of variables from outside: the environment, files of variables, the command line.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    scope::Scope,
    source::{Sources, Span},
    suggest,
    syntax::{
        self,
        tree::{Body, ExpressionKind},
    },
    value::{self, Type, Value},
    world::World,
};

use super::{
    files, schema,
    variable::{Assignment, Origin, Variable},
};

/// Variables by name.
pub type Variables = BTreeMap<Arc<str>, Variable>;

/// In front of the name of a variable of the environment that gives a template's variable its value.
const PREFIX: &str = "PKR_VAR_";

/// Takes `PKR_VAR_name` for each declared variable; others are none of ours.
pub(super) fn from_environment(
    variables: &mut Variables,
    world: &dyn World,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) {
    for (name, text) in world.variables() {
        let Some(variable) = name.strip_prefix(PREFIX).and_then(|name| variables.get_mut(name)) else {
            continue;
        };
        assign_text(variable, &text, Origin::Environment, sources, diagnostics);
    }
}

/// Takes `-var name=text`.
pub(super) fn from_arguments(
    variables: &mut Variables,
    arguments: &[(String, String)],
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) {
    for (name, text) in arguments {
        if let Some(variable) = variables.get_mut(name.as_str()) {
            assign_text(variable, text, Origin::CommandLine, sources, diagnostics);
            continue;
        }
        let hint = suggest::nearest(name, variables.keys().map(|name| &**name))
            .map(|near| format!(" Did you mean `{near}`?"))
            .unwrap_or_default();
        let detail = format!(
            "The argument `-var {name}=…` gives a value to a variable that the template does not declare.{hint} To use \
             it, add a block `variable \"{name}\" {{}}`."
        );
        diagnostics.push(Diagnostic::error("Undefined variable on the command line", detail));
    }
}

/// Takes the attributes of a file of variables.
pub(super) fn from_file(
    variables: &mut Variables,
    path: &str,
    warn_undeclared: bool,
    world: &dyn World,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) {
    if ![".hcl", ".json"].iter().any(|ending| path.ends_with(ending)) {
        let detail =
            format!("`{path}` ends neither in `.hcl` nor in `.json`, so its syntax is not known. Rename it.");
        diagnostics.push(Diagnostic::error("Unknown kind of variable file", detail));
        return;
    }
    let mut faults = Diagnostics::default();
    let body = files::parse(path, world, sources, &mut faults);
    let broken = faults.has_errors();
    diagnostics.extend(faults);
    let Some(body) = body.filter(|_| !broken) else { return };
    if refuse_declarations(&body, diagnostics) {
        return;
    }
    for (name, attribute) in body.just_attributes(diagnostics) {
        let span = attribute.expression.span;
        let Some(variable) = variables.get_mut(&*name) else {
            if warn_undeclared {
                diagnostics.push(undeclared(&name, path, variables).at(attribute.name.span));
            }
            continue;
        };
        let mut faults = Diagnostics::default();
        let value = match &attribute.expression.kind {
            // Text in JSON is the value itself: nothing in it is a template.
            ExpressionKind::Json(node) => value::json::decode(node).unwrap_or_else(|error| {
                let detail = format!("The value for `{name}` cannot be used: {error}.");
                faults.push(Diagnostic::error("Invalid value for variable", detail).at(span));
                Value::Unknown(Type::Dynamic)
            }),
            _ => attribute.expression.evaluate(&Scope::default(), &mut faults),
        };
        let broken = faults.has_errors();
        diagnostics.extend(faults);
        if !broken {
            assign(variable, &value, Origin::File, span, diagnostics);
        }
    }
}

fn undeclared(name: &str, path: &str, variables: &Variables) -> Diagnostic {
    let hint = suggest::nearest(name, variables.keys().map(|name| &**name))
        .map(|near| format!(" Did you mean `{near}`?"))
        .unwrap_or_default();
    Diagnostic::warning(
        "Undefined variable",
        format!(
            "`{path}` gives a value to the variable `{name}`, which the template does not declare.{hint} To use it, add \
             a block `variable \"{name}\" {{}}`; to give it to other templates only, use the variable `{PREFIX}{name}` of \
             the environment."
        ),
    )
}

/// Declarations in a file of values are a common slip, which has its own words.
fn refuse_declarations(body: &Arc<Body>, diagnostics: &mut Diagnostics) -> bool {
    let (content, _) = body.partial_content(&schema::variable_file(), &mut Diagnostics::default());
    for block in &content.blocks {
        let name = block.labels.first().map_or("name", |label| &label.text);
        let detail = format!(
            "A file of variables gives values, and declares nothing: write `{name} = value`, and declare the variable in a \
             template file (its name ends in `.pkr.hcl`)."
        );
        diagnostics
            .push(Diagnostic::error("Variable declaration in a variable file", detail).at(block.header));
    }
    !content.blocks.is_empty()
}

/// Text is the value itself for strings and numbers, and an expression for everything else.
fn assign_text(
    variable: &mut Variable,
    text: &str,
    origin: Origin,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) {
    let place = if origin == Origin::Environment { "env" } else { "arguments" };
    let file = sources.add_synthetic(format!("<value for var.{} from {place}>", variable.name), text);
    let span = Span::new(file, 0, text.len());
    let value = if matches!(variable.constraint, Type::String | Type::Number | Type::Dynamic) {
        Value::string(text)
    } else {
        let mut faults = Diagnostics::default();
        let expression = syntax::parse_expression(file, text, &mut faults);
        let value = if faults.has_errors() {
            Value::Unknown(Type::Dynamic)
        } else {
            expression.evaluate(&Scope::default(), &mut faults)
        };
        let broken = faults.has_errors();
        diagnostics.extend(faults);
        if broken {
            return;
        }
        value
    };
    assign(variable, &value, origin, span, diagnostics);
}

fn assign(variable: &mut Variable, value: &Value, origin: Origin, span: Span, diagnostics: &mut Diagnostics) {
    match variable.accept(value) {
        Ok(value) => variable.assignments.push(Assignment { origin, value, span }),
        Err(error) => {
            let name = &variable.name;
            let wanted = variable.constraint.friendly_name();
            let detail = format!("The value for `{name}` must be {wanted}: {error}.");
            diagnostics.push(Diagnostic::error("Invalid value for variable", detail).at(span));
        }
    }
}
