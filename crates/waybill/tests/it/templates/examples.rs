//! The examples are what their README says they are.

use std::collections::BTreeSet;

use crate::cli::Scene;

pub(super) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/templates");

/// The cells of the README's rows that name a template.
fn rows() -> Vec<Vec<String>> {
    let readme = fs_err::read_to_string(format!("{FOLDER}/README.md")).expect("the README is there");
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let cell = |cell: &str| cell.trim().trim_matches('`').to_owned();
    rows.map(|row| row.trim_matches('|').split(" | ").map(cell).collect()).collect()
}

/// `waybill LINE` among the examples: its exit code and what it prints.
fn run(line: &str) -> (i32, String) {
    let output = Scene::offline().command(line).current_dir(FOLDER).output().expect("the program runs");
    assert!(output.stderr.is_empty(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    (output.status.code().expect("it ends by itself"), String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn validate_says_what_the_readme_says() {
    for row in rows() {
        let [template, .., outcome] = &row[..] else { panic!("{row:?}") };
        let (code, told) = run(&format!("validate {template}"));
        if outcome == "valid" {
            assert!(code == 0 && told.ends_with("The configuration is valid.\n"), "{template}: {told}");
        } else if let Some(plugin) = outcome.strip_prefix("needs ") {
            assert_eq!(code, 1, "{template}: {told}");
            assert!(told.contains(&format!("github.com/hashicorp/{plugin}")), "{template}: {told}");
        } else {
            let (line, words) = outcome.split_once(": ").expect("a line and what is wrong there");
            assert_eq!(code, 1, "{template}: {told}");
            assert!(told.contains(&format!("  on {template} {line}")), "{template}: {told}");
            let in_one_line = told.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(in_one_line.contains(words), "{template}: {told}");
        }
    }
}

#[test]
fn without_plugins_their_syntax_can_be_checked() {
    for row in rows() {
        let (template, outcome) = (&row[0], row.last().expect("a row has cells"));
        let is_unreadable =
            ["is not closed", "a number is required"].iter().any(|words| outcome.contains(words));
        let expected = i32::from(is_unreadable);
        let (code, told) = run(&format!("validate -syntax-only {template}"));
        assert_eq!(code, expected, "{template}: {told}");
        let (code, told) = run(&format!("inspect {template}"));
        assert_eq!(code, expected, "{template}: {told}");
    }
}

#[test]
fn all_but_one_are_formatted() {
    let (code, told) = run("fmt -check -recursive .");
    assert_eq!(code, 1, "one of them cannot be read: {told}");
    let (changed, _) = told.split_once("Error: ").map_or((told.as_str(), ""), |parts| parts);
    assert_eq!(changed, "24-unformatted/messy.pkr.hcl\n");
    assert!(told.contains("  on 25-broken-on-purpose/04-unclosed.pkr.hcl line 1"), "{told}");
}

#[test]
fn every_example_has_its_row() {
    let named: BTreeSet<String> =
        rows().iter().map(|row| row[0].split('/').next().unwrap_or_default().to_owned()).collect();
    let there: BTreeSet<String> = fs_err::read_dir(FOLDER)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").file_name().into_string().expect("Unicode"))
        .filter(|name| name != "README.md")
        .collect();
    assert_eq!(named, there);
}
