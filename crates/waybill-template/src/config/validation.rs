//! Whether variables are set and keep their rules.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    scope::{Functions, Scope, Surroundings},
    source::Sources,
    value::{Type, Value, convert},
    world::World,
};

use super::variable::{Validation, Variable};

/// Tells each variable that has no value, and each rule that a value breaks.
pub(super) fn check(
    variables: &BTreeMap<Arc<str>, Variable>,
    world: &Arc<dyn World>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    // Rules are functions of the value only: no file is found from here.
    let nowhere = Surroundings { world: Arc::clone(world), root: "".into(), in_template_file: false };
    for variable in variables.values() {
        if variable.value().is_none() {
            diagnostics.push(unset(variable));
            continue;
        }
        for rule in &variable.validations {
            check_rule(variable, rule, &nowhere, sources, diagnostics);
        }
    }
}

fn unset(variable: &Variable) -> Diagnostic {
    let name = &variable.name;
    Diagnostic::error(
        format!("Unset variable \"{name}\""),
        format!(
            "A variable must be set or have a default. Give it a value with `-var {name}=…`, a `-var-file`, or \
             `PKR_VAR_{name}` in the environment."
        ),
    )
    .at(variable.declared)
}

fn check_rule(
    variable: &Variable,
    rule: &Validation,
    surroundings: &Surroundings,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let Some(given) = variable.assignments.last() else { return };
    let names = BTreeMap::from([(Arc::clone(&variable.name), given.value.clone())]);
    let roots = BTreeMap::from([("var".into(), Value::Object(names.into()))]);
    let scope = Scope::new(roots, Functions::All(surroundings.clone()));
    let mut faults = Diagnostics::default();
    let outcome = rule.condition.evaluate(&scope, &mut faults);
    if faults.has_errors() {
        diagnostics.extend(faults);
        return;
    }
    if !outcome.is_known() {
        return;
    }
    match convert(&outcome, &Type::Bool) {
        Ok(Value::Bool(true)) => {}
        Ok(Value::Bool(false)) => {
            let detail = format!(
                "{}\n\nThis was checked by the validation rule at {}.",
                rule.message,
                sources.describe(rule.header)
            );
            let summary = format!("Invalid value for {} variable", given.origin.word());
            diagnostics.push(Diagnostic::error(summary, detail).at(given.span));
        }
        _ => {
            let detail = format!(
                "The condition must be true or false, and it is {}.",
                if outcome.is_null() { "null".to_owned() } else { outcome.ty().friendly_name() }
            );
            let fault = Diagnostic::error("Invalid variable validation result", detail);
            diagnostics.push(fault.at(rule.condition.span));
        }
    }
}
