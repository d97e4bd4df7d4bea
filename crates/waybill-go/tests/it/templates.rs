//! Templates: what Go 1.26's `text/template` made of them, and that nothing makes ours fall over.
//!
//! A line of the table is the data, the template, `text` or `error`, and that.

use std::sync::Arc;

use proptest::prelude::*;
use waybill_go::text_template::{Functions, Limits, Parameter, Record, Template, Value};

/// The functions of the program that measured.
fn functions() -> Functions<'static> {
    use Parameter::{Any, Integer, String};
    let mut functions = Functions::default();
    functions.add("upper", &[String], |arguments| match arguments {
        [Value::String(text)] => Ok(text.to_uppercase().into()),
        _ => Err("unchecked".to_owned()),
    });
    functions.add("replace", &[String, String, Integer, String], |arguments| match arguments {
        [Value::String(old), Value::String(new), Value::Integer(n), Value::String(text)] => {
            Ok(text.replacen(&**old, new, usize::try_from(*n).unwrap_or(usize::MAX)).into())
        }
        _ => Err("unchecked".to_owned()),
    });
    functions.add_variadic("isotime", &[], String, |arguments| match arguments {
        [] => Ok("T".into()),
        [only] => Ok(only.clone()),
        many => {
            let texts: Vec<&str> = many
                .iter()
                .filter_map(|it| if let Value::String(it) = it { Some(&**it) } else { None })
                .collect();
            Err(format!("too many values, 1 needed: [{}]", texts.join(" ")))
        }
    });
    functions.add("fail", &[], |_| Err("oh no".to_owned()));
    functions.add("any", &[Any], |arguments| Ok(arguments[0].clone()));
    functions.add("nothing", &[], |_| Ok(Value::Nil));
    functions
}

fn data(name: &str) -> Value {
    let text = |text: &str| Value::from(text);
    match name {
        "map" => Value::from_iter([
            ("a", text("x<y>&'\"")),
            ("n", 7.into()),
            ("f", Value::Float(2.5)),
            ("t", true.into()),
            ("l", Value::List([text("p"), 3.into(), Value::Nil, text("q")].into())),
            ("m", Value::from_iter([("k", text("v")), ("j", Value::Nil)])),
            ("e", text("")),
            ("z", Value::Nil),
            ("s", text("héllo")),
        ]),
        "struct" => Value::Record(Arc::new(Record {
            kind: "*main.S",
            fields: vec![
                ("Name", text("nm")),
                ("N", 3.into()),
                ("L", Value::List([text("b"), text("a")].into())),
                ("M", Value::from_iter([("k", "v")])),
            ],
        })),
        _ => Value::None,
    }
}

fn render(template: &str, data: &Value, limits: Limits) -> Result<String, String> {
    let functions = functions();
    let template = Template::parse("root", template, &|name| functions.contains(name))
        .map_err(|error| error.to_string())?;
    template.execute(data, &functions, limits).map_err(|error| error.to_string())
}

fn unescaped(field: &str) -> String {
    let mut chars = field.chars();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some('0') => '\0',
                _ => '\\',
            },
            c => c,
        });
    }
    out
}

#[test]
fn a_template_gives_what_go_gives() {
    let mut wrong = Vec::new();
    for line in include_str!("../data/text_template.tsv").lines() {
        let [name, template, kind, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not four columns: {line}")
        };
        let (template, expected) = (unescaped(template), unescaped(expected));
        let got = render(&template, &data(name), Limits::default());
        if got != if kind == "text" { Ok(expected.clone()) } else { Err(expected.clone()) } {
            wrong.push(format!("{template:?} with {name}\n  gives {got:?}\n  not   {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn printing_a_tree_and_reading_it_again_gives_the_same_text() {
    let functions = functions();
    let parse = |text: &str| Template::parse("root", text, &|name| functions.contains(name));
    for line in include_str!("../data/text_template.tsv").lines() {
        let template = unescaped(line.split('\t').nth(1).unwrap_or_default());
        let Ok(tree) = parse(&template) else { continue };
        let printed = tree.root().to_string();
        if printed.contains("{{template") {
            continue;
        }
        let again = parse(&printed).unwrap_or_else(|error| panic!("{template:?} as {printed:?}: {error}"));
        assert_eq!(again.root().to_string(), printed, "{template:?}");
    }
}

#[test]
fn a_nodes_range_is_what_it_is_written_as() {
    let text = "a {{- if .x -}} b {{else if (.y.z) }}c{{end}} {{ upper `q` | print }}{{template \"t\"}}";
    let functions = functions();
    let template = Template::parse("root", text, &|name| functions.contains(name)).expect("it is one");
    let written: Vec<&str> = template.root().0.iter().map(|node| &text[node.range.clone()]).collect();
    assert_eq!(
        written,
        [
            "a",
            "{{- if .x -}} b {{else if (.y.z) }}c{{end}}",
            " ",
            "{{ upper `q` | print }}",
            "{{template \"t\"}}",
        ]
    );
}

#[test]
fn a_precision_can_be_large() {
    let length = |template: &str| {
        let rendered = render(template, &Value::Nil, Limits::default());
        rendered.map(|text| text.len())
    };
    assert_eq!(length("{{printf `%.70000U` 65}}"), Ok("U+".len() + 70_000));
    assert_eq!(length("{{printf `%.70000x` 1.5}}"), Ok("0x1.p+00".len() + 70_000));
    assert_eq!(length("{{printf `%70000d%.70000f` 1 1.5}}"), Ok(70_000 + "1.".len() + 70_000));
}

#[test]
fn a_template_is_stopped_that_grows_runs_or_nests_without_end() {
    let limits = Limits { output: 1 << 16, work: 1 << 22, depth: 200 };
    let deep =
        |n: usize| format!("{}1{}", "{{print ".to_owned() + &"(print ".repeat(n), ")".repeat(n) + "}}");
    let nested = |n: usize| "{{if 1}}".repeat(n) + "x" + &"{{end}}".repeat(n);
    let chained = |n: usize| "{{if 0}}".to_owned() + &"{{else if 0}}".repeat(n) + "{{end}}";
    for (template, expected) in [
        ("{{range 1000000000}}{{end}}".to_owned(), "does too much"),
        ("{{range 1000000000}}a line of text{{end}}".to_owned(), "longer than 65536 bytes"),
        (
            "{{$x := `aaaa`}}{{range 60}}{{$x = printf `%s%s` $x $x}}{{end}}".to_owned(),
            "longer than 65536 bytes",
        ),
        ("{{printf `%100000d` 1}}".to_owned(), "longer than 65536 bytes"),
        ("{{define `t`}}{{template `t`}}{{end}}{{template `t`}}".to_owned(), "maximum template depth"),
        (
            "{{define `t`}}{{range 9}}{{template `t`}}{{end}}{{end}}{{template `t`}}".to_owned(),
            "maximum template depth",
        ),
        (
            "{{define `t`}}{{if print (print (print 1))}}{{with 1}}{{range 1}}{{template `t`}}{{end}}{{end}}{{end}}{{end}}\
             {{template `t`}}"
                .to_owned(),
            "maximum template depth",
        ),
        (deep(90), ""),
        (nested(90), ""),
        (chained(90), ""),
        (deep(100_000), "nested more than 100 levels"),
        (nested(100_000), "nested more than 100 levels"),
        (chained(100_000), "nested more than 100 levels"),
    ] {
        let error = render(&template, &Value::None, limits).err().unwrap_or_default();
        let shown: String = template.chars().take(60).collect();
        assert_eq!(error.is_empty(), expected.is_empty(), "{shown}: {error}");
        assert!(error.contains(expected), "{shown}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_makes_it_panic_or_grow(template in pieces()) {
        let limits = Limits { output: 1 << 12, work: 1 << 16, depth: 60 };
        for name in ["map", "struct", "nil"] {
            if let Ok(text) = render(&template, &data(name), limits) {
                prop_assert!(text.len() <= 1 << 12);
            }
        }
    }
}

/// Texts that look like templates.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,3}",
        prop::sample::select(vec![
            "{{",
            "}}",
            "{{- ",
            " -}}",
            "{{if ",
            "{{else}}",
            "{{end}}",
            "{{range ",
            "{{with ",
            "{{define \"t\"}}",
            "{{template \"t\" .}}",
            "{{block \"b\" .}}",
            "{{break}}",
            "{{continue}}",
            "{{/* ",
            " */}}",
            "(",
            ")",
            " | ",
            "$x",
            " := ",
            " = ",
            ", ",
            ".",
            ".a",
            ".l",
            ".m.k",
            "1",
            "-1",
            "1.5",
            "0x1p-3",
            "1i",
            "'c'",
            "\"s\"",
            "`r`",
            "nil",
            "true",
            "printf ",
            "\"%5.2f|%[2]*[1]d|%x|%q\" ",
            "index ",
            "slice ",
            "len ",
            "html ",
            "js ",
            "urlquery ",
            "eq ",
            "lt ",
            "and ",
            "or ",
            "not ",
            "call ",
            "upper ",
            "replace ",
            "isotime ",
            "any ",
            "nothing",
            "fail",
            " ",
            "\n",
            "é",
            "\u{300}",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..25).prop_map(|pieces| pieces.concat())
}
