//! Functions of encodings, files, times, hashes, addresses and secrets: tables measured with the real console.
//!
//! A table has two lines a case: `> expression`, then `= "what the console prints"` as JSON, or `! the fault's summary`,
//! with the parameter that it names. The measured ones ran in a copy of `data/functions/world`.

use std::{fs, path::Path, sync::Arc};

use waybill_template::{
    diagnostic::{Diagnostic, Diagnostics},
    scope::{Functions, Scope, Surroundings},
    source::Sources,
    syntax,
    value::{self, Type, Value},
    world::{Secret, World, memory::MemoryWorld},
};

use crate::support::console_names;

/// The files of the tables.
fn world() -> MemoryWorld {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/functions/world");
    let world = MemoryWorld::new("/work").with_home("/home/somebody").with_folder("/home/somebody");
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
