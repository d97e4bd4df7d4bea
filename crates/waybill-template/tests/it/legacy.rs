//! Legacy JSON templates: tables of what Packer 1.14.3 makes of them, and how faults are told.

mod engine;
mod faults;
mod outputs;
mod templates;
mod weak;

use std::collections::BTreeMap;

use waybill_template::{
    diagnostic::Diagnostics,
    legacy::{
        Template,
        engine::{Generated, Place, Users},
        variables::{Given, Values},
    },
    source::{FileId, Sources},
    world::{World, memory::MemoryWorld},
};

/// The version of the program that measured.
const CORE_VERSION: &str = "1.14.3";

static NO_VALUES: Values = BTreeMap::new();

/// Where texts stand in these tests.
fn place(world: &dyn World) -> Place<'_> {
    Place {
        world,
        core_version: CORE_VERSION,
        template: Some("conf/template.json"),
        users: Users::Final(&NO_VALUES),
        build: None,
        generated: Generated::None,
        in_variable: false,
    }
}

fn world() -> MemoryWorld {
    MemoryWorld::new("/project").with_variable("HOME", "/home/somebody")
}

/// Reads a template, with its text kept for places.
fn parse(text: &str) -> (Sources, FileId, Option<Template>, Diagnostics) {
    let mut sources = Sources::default();
    let file = sources.add("template.json", text);
    let mut diagnostics = Diagnostics::default();
    let template = Template::parse(file, text, &mut diagnostics);
    (sources, file, template, diagnostics)
}

/// A template that is one.
fn template(text: &str) -> Template {
    let (_, _, template, diagnostics) = parse(text);
    template.unwrap_or_else(|| panic!("{text}: {diagnostics:?}"))
}

fn given(values: &[(&str, &str)]) -> Given {
    let mut given = Given::default();
    for (name, value) in values {
        given.add(name, value);
    }
    given
}

/// A field of a table without its escapes.
fn unescaped(field: &str) -> String {
    let mut chars = field.chars();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                _ => '\\',
            },
            c => c,
        });
    }
    out
}
