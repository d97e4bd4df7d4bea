//! What commands print, to the byte.

use waybill_template::{
    diagnostic::Diagnostics,
    legacy::{
        console::Console,
        inspect::{self, Line},
    },
};

use super::{given, place, template, world};

/// A machine-readable line without the time.
fn machine(line: &Line) -> String {
    let (kind, fields) = match line {
        Line::Say(text) => ("ui", vec!["say".to_owned(), text.clone()]),
        Line::Machine(kind, fields) => (*kind, fields.clone()),
    };
    let escaped = fields
        .iter()
        .map(|field| field.replace(',', "%!(PACKER_COMMA)").replace('\r', "\\r").replace('\n', "\\n"));
    format!(",{kind},{}\n", escaped.collect::<Vec<_>>().join(","))
}

#[test]
fn a_template_is_inspected_as_packer_does() {
    macro_rules! case {
        ($name:literal) => {
            (
                $name,
                include_str!(concat!("../../data/legacy/inspect/", $name, ".json")),
                include_str!(concat!("../../data/legacy/inspect/", $name, ".txt")),
                include_str!(concat!("../../data/legacy/inspect/", $name, ".machine")),
            )
        };
    }
    for (name, json, text, lines) in [
        case!("all"),
        case!("empty"),
        case!("minimal"),
        case!("optional"),
        case!("required"),
        case!("secret"),
    ] {
        let template = template(json);
        assert_eq!(inspect::text(&template), text, "{name}");
        let got: String = inspect::lines(&template).iter().map(machine).collect();
        assert_eq!(got, lines, "{name}");
    }
}

#[test]
fn the_console_has_words_of_its_own() {
    let world = world();
    let template =
        template(r#"{"variables":{"b":"{{user `a`}}\r\nx","a":"1"},"builders":[{"type":"null"}]}"#);
    let mut diagnostics = Diagnostics::default();
    let console = Console::new(&template, &given(&[("q", "2")]), place(&world), &mut diagnostics);
    assert!(diagnostics.is_empty());
    assert_eq!(console.answer("  variables ").as_deref(), Ok("\na: 1,\nb: 1\r\nx,\nq: 2,\n"));
    assert!(console.answer("help").is_ok_and(|help| help.starts_with("Packer console JSON Mode.\n")));
    assert_eq!(console.answer("").as_deref(), Ok(""));
    assert_eq!(console.answer(" {{ upper `a` }} x ").as_deref(), Ok("A x"));
}

#[test]
fn a_console_without_values_for_all_has_what_was_given() {
    let world = world();
    let builders = r#""builders":[{"type":"null"}]"#;
    for text in [
        format!(r#"{{"variables":{{"a":null,"b":null,"c":"default"}},{builders}}}"#),
        format!(r#"{{"variables":{{"b":"{{{{nope}}}}","c":"default"}},{builders}}}"#),
        r#"{"variables":{"c":"default"}}"#.to_owned(),
        format!(r#"{{"variables":{{"c":"default"}},"min_packer_version":"99",{builders}}}"#),
    ] {
        let mut diagnostics = Diagnostics::default();
        let console = Console::new(
            &template(&text),
            &given(&[("a", "{{upper `x`}}")]),
            place(&world),
            &mut diagnostics,
        );
        assert!(diagnostics.has_errors(), "{text}");
        assert_eq!(console.answer("{{user `a`}}-{{user `c`}}").as_deref(), Ok("X-"), "{text}");
    }
}
