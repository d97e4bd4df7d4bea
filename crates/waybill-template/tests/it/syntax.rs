//! Where faults of native syntax are told, next to where Packer 1.14.3 tells them.
//!
//! The data files have a case for each construct and each fault, with the lines where Packer reports an error, `-` for
//! none. Where ours are others on purpose they follow behind `>`: we tell all faults of a file, and none that only
//! follows from another. What the constructs mean is in `values.txt`, as `packer inspect` tells it.

use std::collections::BTreeSet;

use waybill_go::quote::quote;
use waybill_template::{
    diagnostic::Diagnostics,
    source::{FileId, Sources},
    syntax::{self, tree::BodyKind},
    value::console,
};

use crate::support;

/// Lines on which errors are told, as the data files write them.
fn lines(text: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add("t.pkr.hcl", text);
    let mut diagnostics = Diagnostics::default();
    syntax::parse_body(file, text, &mut diagnostics);
    let subjects = diagnostics.iter().filter_map(|fault| fault.subject);
    let lines: BTreeSet<usize> = subjects.map(|subject| sources.start(subject).line).collect();
    assert_eq!(lines.is_empty(), !diagnostics.has_errors(), "each fault has a place");
    if lines.is_empty() {
        return "-".to_owned();
    }
    lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Compares with what is expected; `2 3 > 2` is Packer's and ours.
fn check(cases: impl Iterator<Item = (String, String, String)>) {
    let wrong: Vec<_> = cases
        .filter_map(|(expected, name, text)| {
            let ours = expected.split(" > ").last().unwrap_or_default().to_owned();
            let found = lines(&text);
            (found != ours).then(|| format!("{name}: expected {expected}, found {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn faults_of_expressions_are_told_where_packer_tells_them() {
    let cases = include_str!("../data/syntax/expressions.txt").lines();
    check(cases.map(|line| {
        let (expected, expression) = line.split_once(" | ").unwrap_or_default();
        // `¶` is a line break, `⇥` a tab, `␍` a carriage return.
        let written = expression.replace('¶', "\n").replace('⇥', "\t").replace('␍', "\r");
        (expected.to_owned(), line.to_owned(), format!("locals {{\n  a = {written}\n}}\n"))
    }));
}

#[test]
fn faults_of_files_are_told_where_packer_tells_them() {
    let cases = include_str!("../data/syntax/files.txt").split("\n=== ").skip(1);
    check(cases.map(|case| {
        // The separator's line break belongs to the text.
        let case = format!("{case}\n");
        let (header, text) = case.split_once('\n').unwrap_or_default();
        let (expected, name) = header.split_once(" | ").unwrap_or_default();
        // `¬` says that no line break follows.
        let text = text.replace("¬\n", "").replace('¬', "").replace('␍', "\r").replace("\\0", "\0");
        (expected.to_owned(), name.to_owned(), text)
    }));
}

#[test]
fn constructs_mean_what_they_mean_for_packer() {
    let scope = support::console();
    for line in include_str!("../data/syntax/values.txt").lines() {
        let (expected, expression) = line.split_once(" | ").unwrap_or_default();
        let written = expression.replace('¶', "\n").replace('⇥', "\t").replace('␍', "\r");
        let mut diagnostics = Diagnostics::default();
        let body = syntax::parse_body(FileId::default(), &format!("a = {written}\n"), &mut diagnostics);
        let BodyKind::Native { attributes, .. } = &body.kind else { continue };
        let value = attributes[0].expression.evaluate(&scope, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{line}: {diagnostics:?}");
        assert_eq!(quote(&console(&value)), expected, "{line}");
    }
}
