//! Values as expressions meet them: conversion, unification, equality, access, order of sets, console and JSON.
//!
//! The tables were measured with the real console: an expression, a tab, and what it printed with `\n` for line breaks,
//! or `!` for a fault. `conversions.tsv` was made up by chance.

use waybill_template::{
    diagnostic::Diagnostics, scope::Scope, source::Sources, syntax, value::console as shown,
};

use crate::support::console;

#[test]
fn values_are_as_the_console_shows_them() {
    check(include_str!("../data/value/expressions.tsv"));
}

#[test]
fn conversions_made_up_by_chance_have_the_same_results() {
    check(include_str!("../data/value/conversions.tsv"));
}

fn check(table: &str) {
    let scope = console();
    let wrong: Vec<String> = table
        .lines()
        .filter_map(|line| {
            let (expression, expected) = line.split_once('\t').expect("two columns");
            let found = evaluate(expression, &scope);
            (found != expected).then(|| format!("{expression}\n  gives {found}\n  not   {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn evaluate(text: &str, scope: &Scope) -> String {
    let mut faults = Diagnostics::default();
    let expression = syntax::parse_expression(Sources::default().add("t", text), text, &mut faults);
    let value = expression.evaluate(scope, &mut faults);
    if faults.has_errors() {
        return "!".to_owned();
    }
    shown(&value).replace('\\', "\\\\").replace('\n', "\\n")
}
