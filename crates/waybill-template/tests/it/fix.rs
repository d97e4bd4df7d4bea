//! `fix`: what it makes of templates.

use waybill_template::legacy::fix::{FIXERS, fix};

/// Templates, and what the real thing makes of them, without line breaks and indentation.
const MEASURED: &str = include_str!("../data/legacy/fix.txt");

fn cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines: Vec<_> = MEASURED.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(lines.len().is_multiple_of(2));
    (0..lines.len()).step_by(2).map(move |i| (lines[i], lines[i + 1]))
}

fn joined(text: &str) -> String {
    text.lines().map(str::trim_start).collect()
}

#[test]
fn templates_are_fixed_as_the_real_thing_does() {
    for (template, expected) in cases() {
        let fixed = fix(template).map_or_else(|_| "error".to_owned(), |text| joined(&text));
        assert_eq!(fixed, expected, "{template}");
    }
}

/// But for backquotes behind backquotes: each time some go.
#[test]
fn what_is_fixed_stays_as_it_is() {
    for (template, _) in cases().filter(|(template, _)| !template.contains("``")) {
        if let Ok(once) = fix(template) {
            let twice = fix(&once).unwrap_or_else(|error| panic!("{template}: {error}"));
            assert_eq!(twice, once, "{template}");
        }
    }
}

#[test]
fn the_document_is_printed_in_one_form() {
    let fixed = fix("{\"b\":{},\"a\":[1,{\"<x>&\":[]}],\"a\":[\"\\u2028\",1.50]}").unwrap();
    assert_eq!(
        fixed,
        "{\n  \"a\": [\n    \"\\u2028\",\n    1.5\n  ],\n  \"b\": {},\n  \"builders\": null\n}"
    );
}

#[test]
fn a_text_that_is_no_template_is_told() {
    for (text, expected) in [
        ("[1]", "the template should be an object, not an array"),
        ("null", "the template should be an object, not null"),
        (r#"{"builders": {}}"#, "builders should be an array, not an object"),
        (r#"{"builders": [{"name": "x"}]}"#, "builders[0].type should be a string, not null"),
        (
            r#"{"builders": [{"type": "amazon-ebs", "ssh_private_ip": "maybe"}]}"#,
            r#"ssh_private_ip should be true or false, not "maybe""#,
        ),
        (r#"{"a": 1e400}"#, "the number 1e400 is too large"),
    ] {
        assert_eq!(fix(text).unwrap_err().to_string(), expected);
    }
    let error = fix("{\n  \"a\": 1,\n}").unwrap_err().to_string();
    assert!(error.starts_with("line 2, column 9: "), "{error}");
}

#[test]
fn every_fixer_is_described() {
    assert_eq!(FIXERS.len(), 34);
    for fixer in FIXERS {
        assert!(!fixer.name.is_empty() && !fixer.what.is_empty() && !fixer.what.ends_with('.'));
    }
}
