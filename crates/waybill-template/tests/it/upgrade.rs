//! `hcl2_upgrade`: what it makes of templates.

use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;
use waybill_template::{
    diagnostic::Diagnostics,
    legacy::upgrade::{Options, upgrade},
    source::FileId,
    syntax,
};

/// Templates, and what the real thing makes of them, without comments: those are our own.
const MEASURED: &str = include_str!("../data/legacy/upgrade.txt");

struct Case {
    template: &'static str,
    state: &'static str,
    text: &'static str,
}

fn cases() -> impl Iterator<Item = Case> {
    MEASURED.split("\n>>> ").skip(1).map(|case| {
        let (template, rest) = case.split_once("\n<<< ").unwrap();
        let (state, text) = rest.split_once('\n').unwrap_or((rest, ""));
        Case { template, state, text }
    })
}

/// Blanks at the ends of lines, which are only there where the result is not HCL, are left out, too.
fn without_comments(text: &str) -> String {
    static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^\s*#.*\n|[ \t]+$").unwrap());
    COMMENT.replace_all(text, "").trim_end().to_owned()
}

fn run(template: &str, annotations: bool) -> (&'static str, String) {
    match upgrade(template, &Options { annotations, output: "t.pkr.hcl" }) {
        Err(_) => ("error", String::new()),
        Ok(upgraded) => (if upgraded.faults.is_empty() { "ok" } else { "faults" }, upgraded.text),
    }
}

fn is_readable(text: &str) -> bool {
    let mut diagnostics = Diagnostics::default();
    syntax::parse_body(FileId::default(), text, &mut diagnostics);
    !diagnostics.has_errors()
}

#[test]
fn templates_are_upgraded_as_the_real_thing_does() {
    let mut different = Vec::new();
    for Case { template, state, text } in cases() {
        let (our_state, our_text) = run(template, false);
        if (our_state, &*without_comments(&our_text)) != (state, &*without_comments(text)) {
            different
                .push(format!("{template}\n--- expected {state}\n{text}\n--- got {our_state}\n{our_text}"));
        }
    }
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n\n"));
}

#[test]
fn annotations_are_nothing_but_comments() {
    for Case { template, state, text } in cases() {
        let (our_state, our_text) = run(template, true);
        assert_eq!(our_state, state, "{template}");
        let lines = |text| {
            let text = without_comments(text);
            text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines(&our_text), lines(text), "{template}");
    }
}

/// But for names that are none in HCL2 and texts with quotes in actions, which the real thing writes as they are.
#[test]
fn the_result_can_be_read_where_that_of_the_real_thing_can() {
    let mut readable = 0;
    for Case { template, text, .. } in cases() {
        let (_, ours) = run(template, false);
        assert_eq!(is_readable(&ours), is_readable(text), "{template}\n{ours}");
        readable += usize::from(is_readable(&ours));
    }
    assert!(cases().count() * 9 / 10 < readable, "{readable}");
}

#[test]
fn notes_say_what_is_left_to_do() {
    let template = r#"{"builders": [{"type": "null", "a": "{{upper `x`}}"}], "provisioners": [
        {"type": "shell", "a": "{{if true}}x{{end}}"}, {"type": "shell", "a": "{{nope}}"},
        {"type": "shell", "a": "{{lower `x`}}{{split `a` `b` 0}}"}]}"#;
    let (_, text) = run(template, false);
    let comments: Vec<_> = text.lines().map(str::trim).filter(|line| line.starts_with('#')).collect();
    assert_eq!(
        comments,
        [
            "# TODO: {{ upper }} is left as it was; HCL2 has upper(string).",
            "# TODO: the actions in this block are left as they were: {{ if }} has no place in HCL2.",
            "# TODO: the actions in this block are left as they were: function \"nope\" not defined.",
            "# TODO: {{ lower }} is left as it was; HCL2 has lower(string).",
            "# TODO: {{ split }} is left as it was; HCL2 has split(separator, string), and an index behind it.",
        ]
    );
}

#[test]
fn a_template_that_cannot_be_read_is_told() {
    for (template, expected) in [
        ("[", "Failed to parse"),
        (r#"{"foo": 1, "builders": [{"type": "null"}]}"#, "foo"),
        (r#"{"builders": [{"type": "null", "l": [1, {}]}]}"#, "\"l\" has objects and a number"),
    ] {
        let error = upgrade(template, &Options { annotations: false, output: "x" }).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let unknown = upgrade(
        r#"{"builders": [{"type": "b"}, {"type": "a"}, {"type": "null"}]}"#,
        &Options { annotations: false, output: "x" },
    );
    assert_eq!(unknown.unwrap().faults, ["no known plugin has these builders: a, b"]);
}

proptest! {
    #[test]
    fn any_text_without_actions_becomes_a_string(text in "[^{]{0,3}[${%\"\\\\a\u{1}\u{2028}]{0,8}\\PC{0,8}") {
        prop_assume!(!text.contains("{{"));
        let builder = serde_json::json!({"type": "file", "content": text, "l": [text], "m": {"k": text}});
        let template = serde_json::json!({"builders": [builder], "description": text}).to_string();
        let (state, upgraded) = run(&template, false);
        prop_assert_eq!(state, "ok");
        prop_assert!(is_readable(&upgraded), "{}", upgraded);
    }

    #[test]
    fn any_actions_are_upgraded_or_left(text in "(\\{\\{|\\}\\}|[a-z`\"\\\\ .|$()-]|user|upper|if|end|env){0,12}") {
        let template = serde_json::json!({"variables": {"v": text}, "builders": [{"type": "file", "a": text}]});
        prop_assert_eq!(run(&template.to_string(), true).0, "ok");
    }
}
