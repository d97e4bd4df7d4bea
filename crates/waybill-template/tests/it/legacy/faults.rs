//! How faults are told: what they name and where they are; and what runs.

use std::sync::Arc;

use waybill_template::{
    component::{Catalog, ComponentKind, Context, Options, Prepared},
    diagnostic::{Diagnostic, Diagnostics},
    json::Node,
    legacy::{
        builds::Filter,
        engine::{Place, Users},
        validate::{Checks, validate},
        variables::Given,
        weak,
    },
    source::Sources,
    spec::Spec,
    value::Value,
};

use super::{parse, place, template, world};

/// `line:column text: detail` of each fault.
fn told(sources: &Sources, diagnostics: &Diagnostics) -> Vec<String> {
    let tell = |it: &Diagnostic| match it.subject {
        Some(span) => {
            let start = sources.start(span);
            format!("{}:{} {}: {}: {}", start.line, start.column, sources.text(span), it.summary, it.detail)
        }
        None => format!("{}: {}", it.summary, it.detail),
    };
    diagnostics.iter().map(tell).collect()
}

#[test]
fn faults_of_the_text_have_their_place_and_name_what_is_wrong() {
    for (text, expected) in [
        ("{\n  \"builders\": [],\n  \"builder\": 1\n}", "3:3 \"builder\": Unknown key: "),
        ("{\n  \"foo\": 1}", "2:3 \"foo\": Unknown key: "),
        ("{\"builders\":[\n{\"type\":\"a\"},\n{\"type\":\"a\"}]}", "3:9 \"a\": Duplicate builder: "),
        ("{\"builders\":[\n {\"name\":\"a\"}]}", "2:2 {\"name\":\"a\"}: Missing type: Builder 1 "),
        ("{\"a\":1,\n\"a\":2}", "2:1 \"a\": Duplicate key: "),
        (
            "{\"provisioners\":[{\"type\":\"x\",\n\"pause_before\":\"1\"}]}",
            "2:16 \"1\": Wrong type of value: Provisioner 1: \"pause_before\"",
        ),
        ("{\"variables\":{\"a\":\n1}}", "2:1 1: Wrong type of value: The default of the variable \"a\""),
        ("{\"post-processors\":[[\n[]]]}", "2:1 []: Chain inside of a chain: Post-processor 1.1"),
        ("{\"description\":\n[]}", "2:1 []: Wrong type of value: \"description\""),
    ] {
        let (sources, _, template, diagnostics) = parse(text);
        assert!(template.is_none(), "{text}");
        let told = told(&sources, &diagnostics);
        assert!(told.iter().any(|it| it.starts_with(expected)), "{expected}\n{told:#?}");
    }
}

#[test]
fn broken_json_is_told_with_line_column_offset_and_a_caret() {
    for (text, expected) in [
        (
            "{\"builders\":[],}",
            "At line 1, column 16 (offset 16):\n    1: {\"builders\":[],}\n                      ^\n",
        ),
        (
            "{\n  \"builders\": [\n    {\"type\": \"null\" \"communicator\":\"none\"}]}",
            "At line 3, column 21 (offset 39):\n    3:     {\"type\": \"null\" \"\n                           ^\n",
        ),
        (
            "{\"builders\":[",
            "At line 1, column 14 (offset 13):\n    1: {\"builders\":[ \n                    ^\n",
        ),
        ("{} x", "At line 1, column 4 (offset 4):\n    1: {} x\n          ^\n"),
        ("{'a':1}", "At line 1, column 2 (offset 2):\n    1: {'\n        ^\n"),
        ("\u{feff}{}", "At line 1, column 1 (offset 1):\n    1: \u{feff}\n       ^\n"),
        ("", "At line 1, column 1 (offset 0):\n    1:  \n       ^\n"),
    ] {
        let (_, _, _, diagnostics) = parse(text);
        let fault = diagnostics.iter().next().expect("a fault");
        assert_eq!(fault.summary, "Failed to parse file as legacy JSON template");
        assert!(fault.detail.contains(expected), "{text}: {}", fault.detail);
        assert!(fault.subject.is_some());
    }
    let long = format!("{{\"a\": \"{}\" x", "é".repeat(1000));
    let (_, _, _, diagnostics) = parse(&long);
    let detail = &diagnostics.iter().next().expect("a fault").detail;
    assert!(detail.lines().all(|line| line.chars().count() < 200), "{detail}");
}

#[test]
fn names_of_builders_that_are_none_are_told_with_what_was_meant() {
    let text = r#"{
  "builders": [{"type": "null"}, {"type": "file", "name": "disk"}],
  "provisioners": [
    {"type": "shell", "only": ["null", "dissk"]},
    {"type": "shell", "override": {"other": {}}},
    {"type": "shell", "only": ["null"], "except": ["disk"]}
  ],
  "post-processors": ["a", ["b", {"type": "c", "except": ["x"]}]]
}"#;
    let (sources, _, template, _) = parse(text);
    let mut diagnostics = Diagnostics::default();
    template.expect("a template").check(&mut diagnostics);
    let told = told(&sources, &diagnostics);
    for (told, expected) in told.iter().zip([
        "4:40 \"dissk\": Unknown builder: Provisioner 1: \"only\" names the builder \"dissk\", which is not found. Did you mean \"disk\"?",
        "5:36 \"other\": Unknown builder: Provisioner 2: \"override\" names the builder \"other\"",
        "6:41 \"except\": Contradicting filters: Provisioner 3:",
        "8:59 \"x\": Unknown builder: Post-processor 2.2: \"except\" names the builder \"x\"",
    ]) {
        assert!(told.starts_with(expected), "{expected}\n{told}");
    }
    assert_eq!(told.len(), 4);
}

#[test]
fn a_fault_in_a_template_is_told_at_the_character() {
    let text = r#"{"variables": {"a": "x {{ nope }}", "b": "\t{{ nope }}", "c": "{{ .X }}{{ user `z` }}"}}"#;
    for (removed, expected) in
        [("", vec!["1:27 n: ", "1:42 \"\\t{{ nope }}\": "]), ("nope", vec!["1:75 u: "])]
    {
        let text = if removed.is_empty() { text.to_owned() } else { text.replace("nope", "uuid") };
        let (sources, _, template, _) = parse(&text);
        let mut diagnostics = Diagnostics::default();
        let values =
            template.expect("a template").values(&Given::default(), place(&world()), &mut diagnostics);
        assert!(values.is_none());
        let told = told(&sources, &diagnostics);
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.starts_with(expected), "{expected}\n{told}");
        }
    }
}

/// Components that complain about the option `bad`, and warn about `odd`.
struct TestCatalog;

impl Catalog for TestCatalog {
    fn types(&self, kind: ComponentKind) -> Vec<String> {
        let types: &[&str] = match kind {
            ComponentKind::Builder => &["file", "null"],
            ComponentKind::Provisioner => &["shell-local"],
            _ => &["manifest"],
        };
        types.iter().map(|&it| it.to_owned()).collect()
    }

    fn spec(&self, kind: ComponentKind, name: &str) -> Option<Arc<Spec>> {
        self.types(kind).iter().any(|known| known == name).then(|| Arc::new(Spec::Object(Vec::new())))
    }

    fn outputs(&self, _: &str) -> Option<Value> {
        None
    }

    fn late_options(&self, _: ComponentKind, _: &str) -> &'static [&'static str] {
        &["execute_command"]
    }

    fn prepare(&self, _: ComponentKind, _: &str, options: Options<'_>, context: &Context<'_>) -> Prepared {
        let Options::Legacy(options) = options else { return Prepared::default() };
        let told = |name: &str| -> Vec<String> {
            let found = options.iter().filter_map(|options: &Node| weak::member(options, name));
            found
                .map(|member| {
                    let text = weak::text(&member.value).ok().flatten().unwrap_or_default();
                    format!("{name} {text} in {}", context.build_name)
                })
                .collect()
        };
        Prepared { errors: told("bad"), warnings: told("odd"), generated: vec!["SourceImage".to_owned()] }
    }
}

fn validated(text: &str, filter: &Filter) -> Vec<String> {
    let world = world();
    let checks = Checks { catalog: &TestCatalog, place: place(&world) };
    let mut diagnostics = Diagnostics::default();
    validate(&template(text), &Given::default(), filter, checks, &mut diagnostics);
    diagnostics.iter().map(|it| format!("{}: {}", it.summary, it.detail)).collect()
}

#[test]
fn components_are_checked_with_what_they_get() {
    let text = r#"{
  "variables": {"v": "V"},
  "builders": [{"type": "null", "odd": "{{build_name}}"}, {"type": "file", "name": "disk"}],
  "provisioners": [
    {"type": "shell-local", "bad": "{{user `v`}} {{build `ID`}} {{build `SourceImage`}}", "only": ["disk"]},
    {"type": "shell-local", "execute_command": ["{{ .Vars }}{{ upper 1 }}"], "override": {"null": {"bad": 1}}},
    {"type": "shell-local", "inline": ["{{ upper 1 }}"], "only": ["null"]},
    {"type": "shell-locl", "only": ["null"]}
  ],
  "post-processors": [["manifest", {"type": "manifest", "name": "second", "bad": "{{build_type}}"}]]
}"#;
    let expected = [
        "Failed to prepare build: \"disk\": The provisioner \"shell-local\": bad V {{.ID}} {{.SourceImage}} in disk",
        "Failed to prepare build: \"disk\": The post-processor \"manifest\": bad file in disk",
        "Warning when preparing build: \"null\": The builder \"null\": odd null in null",
        "Failed to prepare build: \"null\": The provisioner \"shell-local\": bad 1 in null",
        "Failed to prepare build: \"null\": Option \"inline\": template: root:1:9: executing",
        "Failed to initialize build \"null\": The provisioner \"shell-locl\" is unknown. Did you mean \"shell-local\"?",
        "Failed to prepare build: \"null\": The post-processor \"manifest\": bad null in null",
    ];
    let told = validated(text, &Filter::default());
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{expected}\n{told}");
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    let only = Filter { only: vec!["disk".to_owned()], except: vec!["second".to_owned()] };
    assert_eq!(validated(text, &only), [expected[0]]);
    let none = Filter { only: vec!["none".to_owned()], except: Vec::new() };
    assert_eq!(validated(text, &none), [""; 0]);
}

#[test]
fn a_build_is_a_builder_with_what_is_for_it() {
    let template = template(
        r#"{
  "variables": {"n": "two", "r": "3"},
  "builders": [{"type": "null", "name": "{{user `n`}}"}, {"type": "null"}, {"type": "file", "name": "disk"}],
  "provisioners": [
    {"type": "a"},
    {"type": "b", "only": ["{{user `n`}}"], "max_retries": "{{user `r`}}"},
    {"type": "c", "except": ["null"], "override": {"disk": {"x": 1}}},
    {"type": "d", "only": ["two", "null"]}
  ],
  "error-cleanup-provisioner": {"type": "e", "except": ["null"]},
  "post-processors": ["f", ["g", {"type": "h", "only": ["null"]}, "i"], [], {"type": "j", "name": "k"}]
}"#,
    );
    let world = world();
    let mut diagnostics = Diagnostics::default();
    let values = template.values(&Given::default(), place(&world), &mut diagnostics).expect("values");
    let place = Place { users: Users::Final(&values), ..place(&world) };
    let shown = |filter: &Filter| -> Vec<String> {
        let mut diagnostics = Diagnostics::default();
        let builds = template.builds(filter, place, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        builds
            .iter()
            .map(|build| {
                let steps: Vec<String> = build
                    .provisioners
                    .iter()
                    .chain(&build.cleanup)
                    .map(|step| {
                        let over = if step.overriding.is_some() { "!" } else { "" };
                        format!("{}{over}{}", step.provisioner.kind.text, step.max_retries)
                    })
                    .collect();
                let chains: Vec<String> = build
                    .post_processors
                    .iter()
                    .map(|chain| chain.iter().map(|it| &*it.kind.text).collect::<Vec<_>>().join(">"))
                    .collect();
                format!("{}: {} / {}", build.full_name(), steps.join(" "), chains.join(" "))
            })
            .collect()
    };
    let all =
        ["file.disk: a0 c!0 e0 / f g>i j", "null: a0 d0 / f g>h>i j", "null.two: a0 b3 c0 e0 / f g>i j"];
    assert_eq!(shown(&Filter::default()), all);
    let filter = |only: &[&str], except: &[&str]| Filter {
        only: only.iter().map(|&it| it.to_owned()).collect(),
        except: except.iter().map(|&it| it.to_owned()).collect(),
    };
    assert_eq!(shown(&filter(&["two"], &[])), all[2..]);
    assert_eq!(shown(&filter(&["{{user `n`}}", "null.two", "*"], &[])), [""; 0]);
    assert_eq!(shown(&filter(&[], &["two", "disk"])), all[1..2]);
    assert_eq!(shown(&filter(&["null"], &["h", "j", "f"])), ["null: a0 d0 / g j"]);
    assert_eq!(shown(&filter(&["null"], &["k", "g"])), ["null: a0 d0 / f"]);
}
