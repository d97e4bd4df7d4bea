//! Functions of encodings, files, times, hashes, addresses and secrets: tables measured with the real console.
//!
//! A table has two lines a case: `> expression`, then `= "what the console prints"` as JSON, or `! the fault's summary`,
//! with the parameter that it names. The measured ones ran in a copy of `data/functions/world`.

use std::{fs, path::Path, sync::Arc};

use jiff::Timestamp;
use waybill_template::{
    diagnostic::{Diagnostic, Diagnostics},
    scope::{Functions, Scope, Surroundings},
    source::Sources,
    syntax,
    value::{self, Value},
    world::{Secret, memory::MemoryWorld},
};

use crate::support::console_names;

/// The files of the tables.
fn world() -> MemoryWorld {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/functions/world");
    let world = MemoryWorld::new("/project").with_home("/home/somebody").with_folder("/home/somebody");
    add(world, &root, &root)
}

fn add(mut world: MemoryWorld, root: &Path, folder: &Path) -> MemoryWorld {
    for entry in fs::read_dir(folder).expect("a folder of the tests") {
        let path = entry.expect("an entry").path();
        let name =
            path.strip_prefix(root).expect("below the root").to_str().expect("a plain name").to_owned();
        world = if path.is_symlink() {
            world.with_link(&name, fs::read_link(&path).expect("a link").to_str().expect("a plain name"))
        } else if path.is_dir() {
            add(world.with_folder(&name), root, &path)
        } else {
            world.with_file(&name, fs::read(&path).expect("a file"))
        };
    }
    world
}

fn surroundings(world: MemoryWorld) -> Surroundings {
    Surroundings { world: Arc::new(world), root: "".into(), in_template_file: false }
}

fn evaluate(text: &str, scope: &Scope) -> Result<Value, Diagnostic> {
    let mut diagnostics = Diagnostics::default();
    let file = Sources::default().add("t", text);
    let expression = syntax::parse_expression(file, text, &mut diagnostics);
    let value = expression.evaluate(scope, &mut diagnostics);
    match diagnostics.into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(value),
    }
}

/// Compares all cases of a table, but for those of which the reason is given why they differ.
fn check(table: &str, better: &[(&str, &str)]) {
    let scope = Scope::new(console_names(), Functions::All(surroundings(world())));
    let mut lines = table.lines();
    let mut wrong = Vec::new();
    while let (Some(text), Some(expected)) = (lines.next(), lines.next()) {
        let text = text.strip_prefix("> ").expect("an expression");
        let got = evaluate(text, &scope).map(|value| value::console(&value));
        let is_same = match (&got, expected.split_at(2)) {
            (Ok(got), ("= ", expected)) => {
                *got == serde_json::from_str::<String>(expected).expect("a string of JSON")
            }
            (Err(fault), ("! ", expected)) => {
                let (summary, parameter) = expected.split_once(": ").unwrap_or((expected, ""));
                fault.summary == summary
                    && (parameter.is_empty() || fault.detail.contains(&format!("{parameter:?}")))
            }
            _ => false,
        };
        let reason = better.iter().find(|(known, _)| *known == text);
        if is_same == reason.is_some() {
            wrong.push(format!("> {text}\n  {got:?}\n  {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn base64_and_urls_are_as_measured() {
    check(include_str!("../data/functions/encoding.txt"), &[]);
}

#[test]
fn texts_in_other_character_sets_are_as_measured() {
    check(include_str!("../data/functions/text_encoding.txt"), &[]);
}

#[test]
fn json_is_as_measured() {
    check(
        include_str!("../data/functions/json.txt"),
        &[
            (r#"jsondecode("{\"e\\u0301\":1}")"#, "keys are put into normal form like all text"),
            (r#"jsondecode("{\"a\":1}}")"#, "a brace too much is a fault"),
        ],
    );
}

#[test]
fn csv_is_as_measured() {
    check(include_str!("../data/functions/csv.txt"), &[]);
}

#[test]
fn yaml_is_as_measured() {
    check(include_str!("../data/functions/yaml.txt"), &[]);
}

#[test]
fn files_and_paths_are_as_measured() {
    check(include_str!("../data/functions/file.txt"), &[]);
}

#[test]
fn sets_of_files_are_as_measured() {
    check(include_str!("../data/functions/fileset.txt"), &[]);
}

#[test]
fn templates_in_files_are_as_measured() {
    check(include_str!("../data/functions/template_file.txt"), &[]);
}

#[test]
fn times_are_as_measured() {
    check(include_str!("../data/functions/date.txt"), &[]);
    check(
        include_str!("../data/functions/time_parts.txt"),
        &[("unix_timestamp_parse(-9223372036854775808)", "there it overflows")],
    );
}

#[test]
fn hashes_keys_and_uuids_are_as_measured() {
    let elsewhere = "the fault says where it can be called";
    check(
        include_str!("../data/functions/crypto.txt"),
        &[(r#"env("HOME")"#, elsewhere), ("env()", elsewhere)],
    );
}

#[test]
fn addresses_are_as_measured() {
    check(include_str!("../data/functions/cidr.txt"), &[]);
}

/// What expressions evaluate to in this world, as the console prints it, or the fault's detail.
fn in_world(world: MemoryWorld, cases: &[(&str, &str)]) {
    let scope = Scope::new(console_names(), Functions::All(surroundings(world)));
    for &(text, expected) in cases {
        let got = evaluate(text, &scope).map_or_else(|fault| fault.detail, |value| value::console(&value));
        assert_eq!(got, expected, "{text}");
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

#[test]
fn the_time_is_that_of_the_world() {
    let world =
        MemoryWorld::new("/project").at(time("2026-11-24T14:18:29.75Z"), time("2026-11-05T09:03:07.5Z"));
    in_world(
        world,
        &[
            ("timestamp()", "2026-11-24T14:18:29Z"),
            ("legacy_isotime()", "2026-11-05T09:03:07Z"),
            (
                r#"legacy_isotime("Mon Jan _2 15:04:05.000 2006 MST -0700")"#,
                "Thu Nov  5 09:03:07.500 2026 UTC +0000",
            ),
            ("legacy_isotime(2006)", "2026"),
            ("legacy_strftime()", "2026-11-05T09:03:07Z"),
            (r#"legacy_strftime("%a %b %d %I%p %L %j")"#, "Thu Nov 05 09AM .500 %j"),
            (r#"formatdate("EEEE", timestamp())"#, "Tuesday"),
        ],
    );
}

#[test]
fn chance_is_that_of_the_world() {
    in_world(
        MemoryWorld::new("/project"),
        &[
            ("uuidv4()", "00010203-0405-4607-8809-0a0b0c0d0e0f"),
            ("uuidv4()", "10111213-1415-4617-9819-1a1b1c1d1e1f"),
            (r#"bcrypt("hello", 4)"#, "$2a$04$GACgGwOjHgamIQmpJAysJundeQLkp5sJjmFKyY1/oDeNNkj3SU7di"),
        ],
    );
}

#[test]
fn what_bcrypt_makes_has_the_cost_and_is_bounded() {
    in_world(
        MemoryWorld::new("/project"),
        &[
            (r#"substr(bcrypt("a", "5"), 0, 7)"#, "$2a$05$"),
            (
                r#"bcrypt("a", 21)"#,
                "The function \"bcrypt\" failed: the cost must be a whole number up to 20.",
            ),
        ],
    );
}

#[test]
fn secrets_are_asked_of_the_world() {
    let world = MemoryWorld::new("/project")
        .with_secret(Secret::Vault { path: "secret/data/a", key: "k" }, "from vault")
        .with_secret(Secret::Consul { key: "a/b" }, "from consul")
        .with_secret(Secret::AwsSecretsManager { name: "n", key: Some("k") }, "one of several")
        .with_secret(Secret::AwsSecretsManager { name: "n", key: None }, "the only one")
        .with_secret(Secret::AwsSecretsManagerRaw { name: "n" }, "{}");
    in_world(
        world,
        &[
            (r#"vault("secret/data/a", "k")"#, "from vault"),
            (r#"consul_key("a/b")"#, "from consul"),
            (r#"aws_secretsmanager("n", "k")"#, "one of several"),
            (r#"aws_secretsmanager("n", null)"#, "the only one"),
            (r#"aws_secretsmanager_raw("n")"#, "{}"),
            (
                r#"consul_key("c")"#,
                "The function \"consul_key\" failed: there is no secret Consul { key: \"c\" }.",
            ),
        ],
    );
}

#[test]
fn the_environment_is_only_there_for_defaults() {
    let world = MemoryWorld::new("/project").with_variable("A", "1").with_variable("B", "");
    let scope = Scope::new(console_names(), Functions::Environment(surroundings(world)));
    for (text, expected) in [
        (r#"env("A")"#, Ok("1")),
        (r#"env("B")"#, Ok("")),
        (r#"env("C")"#, Ok("")),
        (r#"env("")"#, Ok("")),
        (r#""${env("A")}x""#, Ok("1x")),
        ("env(null)", Err("Invalid function argument")),
        ("env()", Err("Not enough function arguments")),
        (r#"env("A", "B")"#, Err("Too many function arguments")),
        ("env([])", Err("Invalid function argument")),
        (r#"upper("a")"#, Err("Call to unavailable function")),
    ] {
        let got = evaluate(text, &scope).map(|value| value::console(&value)).map_err(|fault| fault.summary);
        assert_eq!(got.as_deref().map_err(String::as_str), expected, "{text}");
    }
}

#[test]
fn a_template_file_tells_where_it_is_wrong() {
    in_world(
        world(),
        &[(
            r#"templatefile("missing.tpl", {})"#,
            "The argument \"vars\" of the function \"templatefile\" is invalid: there is no \"missing\" among \
                 them, which the template uses at missing.tpl:1,3-10.",
        )],
    );
}

#[test]
fn tables_that_are_too_large_are_refused() {
    let table = format!("a,b\n{}", "1,2\n".repeat(600_000));
    in_world(
        MemoryWorld::new("/project").with_file("large.csv", table),
        &[(
            r#"csvdecode(file("large.csv"))"#,
            "The function \"csvdecode\" failed: the result has more than 1048576 elements.",
        )],
    );
}

#[test]
fn a_template_file_with_several_faults_tells_how_many() {
    let scope = Scope::new(console_names(), Functions::All(surroundings(world())));
    let fault = evaluate(r#"templatefile("./multi.tpl", { a = 1, b = [1] })"#, &scope).expect_err("faults");
    assert!(fault.detail.contains("./multi.tpl:1,7-10: Invalid operand: "), "{}", fault.detail);
    assert!(fault.detail.ends_with(" (and 1 more)."), "{}", fault.detail);
}
