//! How far a template gets: `tests/data/legacy/templates.tsv` has what is wrong first, or `valid`, and the template.

use proptest::prelude::*;
use waybill_template::{
    diagnostic::Diagnostics,
    legacy::{
        builds::Filter,
        engine::{Place, Users},
        variables::Given,
    },
};

use super::{CORE_VERSION, parse, place, unescaped, world};

/// The first phase with an error. Components are not looked into.
fn phase(text: &str) -> &'static str {
    let (_, _, template, parsed) = parse(text);
    let Some(template) = template else {
        assert!(parsed.has_errors(), "{text}: nothing read, nothing told");
        return "parse";
    };
    assert!(parsed.is_empty(), "{text}: read, and yet {parsed:?}");
    let mut diagnostics = Diagnostics::default();
    template.check(&mut diagnostics);
    if diagnostics.has_errors() {
        return "check";
    }
    template.check_version(CORE_VERSION, &mut diagnostics);
    if diagnostics.has_errors() {
        return "version";
    }
    let world = world();
    let Some(values) = template.values(&Given::default(), place(&world), &mut diagnostics) else {
        assert!(diagnostics.has_errors(), "{text}: no values, nothing told");
        return "variables";
    };
    let place = Place { users: Users::Final(&values), ..place(&world) };
    let builds = template.builds(&Filter::default(), place, &mut diagnostics);
    match diagnostics.has_errors() {
        false => "valid",
        true if builds.is_empty() && diagnostics.iter().all(|it| it.summary == "Interpolation error") => {
            "names"
        }
        true => "builds",
    }
}

#[test]
fn a_template_gets_as_far_as_with_packer() {
    let mut wrong = Vec::new();
    for line in include_str!("../../data/legacy/templates.tsv").lines() {
        let (expected, template) = line.split_once('\t').expect("two columns");
        let template = unescaped(template);
        // What is unknown to Packer is a plugin's, which is looked for later than here.
        let expected =
            if expected == "builds" && !template.contains("max_retries") { "valid" } else { expected };
        let got = phase(&template);
        if got != expected {
            wrong.push(format!("{expected}, not {got}: {template}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_template_makes_it_panic(template in pieces()) {
        phase(&template);
    }

    #[test]
    fn no_value_makes_it_panic(template in objects()) {
        phase(&template);
    }
}

/// Texts that look like templates.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,3}",
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\"builders\":[",
            "\"type\":\"null\"",
            "\"variables\":{",
            "\"a\":",
            "\"{{user `a`}}\"",
            "\"{{ .X }}\"",
            "null",
            "true",
            "1",
            "\"provisioners\":[",
            "\"post-processors\":[",
            "\"only\":",
            "\\",
            "\n",
            "{{",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

/// JSON with the keys of templates and any values.
fn objects() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "null",
        "true",
        "1",
        "1e999",
        "-0.5",
        "\"\"",
        "\"null\"",
        "\"{{user `a`}}\"",
        "\"{{ .X }}{{nope}}\"",
        "\"1s\"",
        "[]",
        "{}",
        "\"{{range 9}}{{user `b`}}{{end}}\"",
    ])
    .prop_map(str::to_owned);
    let value = leaf.prop_recursive(4, 40, 5, |inner| {
        let key = prop::sample::select(vec![
            "a",
            "b",
            "type",
            "name",
            "only",
            "except",
            "override",
            "null",
            "pause_before",
            "timeout",
            "max_retries",
            "keep_input_artifact",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::btree_map(key, inner, 0..5).prop_map(|members| {
                let members: Vec<String> =
                    members.iter().map(|(key, value)| format!("{key:?}:{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    });
    let key = prop::sample::select(vec![
        "builders",
        "description",
        "error-cleanup-provisioner",
        "min_packer_version",
        "post-processors",
        "provisioners",
        "push",
        "sensitive-variables",
        "variables",
        "_comment",
    ]);
    prop::collection::btree_map(key, value, 0..6).prop_map(|members| {
        let members: Vec<String> = members.iter().map(|(key, value)| format!("{key:?}:{value}")).collect();
        format!("{{{}}}", members.join(","))
    })
}
