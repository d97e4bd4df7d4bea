//! `hcl2_upgrade`: a JSON template as one in HCL2.
//!
//! The result is put together as text, block by block: a block is written with Go's template syntax still in its
//! strings, then that syntax is turned into HCL2's (`engine`), in the end all is formatted. What comes out is, but for
//! its comments, what Packer makes of the same template (measured), also where HCL2 cannot read it: names that are none
//! in HCL2 stay as they are.

mod amazon;
mod build;
mod engine;
mod note;
mod text;
mod variables;

use std::fmt::Write as _;

use thiserror::Error;

use self::{
    engine::{Engine, Place, Seen},
    text::Given,
    variables::Variables,
};
use super::{Builder, Template};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    format,
    source::FileId,
};

/// How to upgrade.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Comments say what the blocks are.
    pub annotations: bool,
    /// The file that the result is for, as these comments name it.
    pub output: &'a str,
}

/// A template in HCL2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgraded {
    /// Formatted.
    pub text: String,
    /// What is wrong with it, although it could be written.
    pub faults: Vec<String>,
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    #[error("{}", faults.join("\n"))]
    Template { faults: Vec<String> },
    #[error("the list {option:?} has objects and {found} in it: HCL2 has nothing for that")]
    Mixed { option: String, found: &'static str },
}

/// Plugins that a type belongs to which begins with their names.
const PLUGINS: [&str; 10] = [
    "amazon",
    "ansible",
    "azure",
    "docker",
    "googlecompute",
    "qemu",
    "vagrant",
    "virtualbox",
    "vmware",
    "vsphere",
];

/// The template in HCL2.
pub fn upgrade(text: &str, options: &Options<'_>) -> Result<Upgraded, Error> {
    let mut diagnostics = Diagnostics::default();
    let Some(template) = Template::parse(FileId::default(), text, &mut diagnostics) else {
        return Err(Error::Template { faults: diagnostics.iter().map(describe).collect() });
    };
    let mut engine = Engine::new();
    let variables = Variables::new(&template, text, &mut engine);
    let inputs = variables.inputs(&engine);
    let locals = variables.locals(&engine);

    let mut builders: Vec<_> = template.builders.iter().collect();
    builders.sort_by_key(|builder| [&*builder.kind.text, &*builder.name.text].concat());
    let mut faults = Vec::new();
    let (images, chosen) = amazon::images(&builders, &engine, &mut faults)?;
    faults.extend(unknown(&builders));
    let names: Vec<_> = builders.iter().enumerate().map(|(i, builder)| name(i, builder)).collect();
    let mut sources = Vec::new();
    for ((builder, name), image) in builders.iter().zip(&names).zip(&chosen) {
        sources.push(source(builder, name, *image, &engine)?);
    }
    let build = match &*builders {
        [] => Vec::new(),
        _ => vec![build::build(&template, &builders, &names, &engine)?],
    };
    let seen = engine.into_seen();

    let mut out = Output { text: String::new(), annotations: options.annotations };
    if options.annotations {
        out.text.push_str(&note::header(options.output));
    }
    out.section(note::PACKER, packer(&template));
    out.section(note::VARIABLES, inputs);
    out.section(note::SECRETS, secrets(&seen));
    out.section(note::IMAGES, images);
    if seen.timestamp {
        let local = r#"locals { timestamp = regex_replace(timestamp(), "[- TZ:]", "") }"#;
        out.section(note::TIMESTAMP, [format!("{local}\n")]);
    }
    out.text.push_str(if seen.isotime { note::ISOTIME } else { "" });
    out.text.push_str(if seen.strftime { note::STRFTIME } else { "" });
    out.section(note::LOCALS, locals);
    out.section(note::SOURCES, sources);
    out.section(note::BUILD, build);
    Ok(Upgraded { text: format::format(&out.text), faults })
}

struct Output {
    text: String,
    annotations: bool,
}

impl Output {
    /// Adds blocks, with what they are before the first one.
    fn section(&mut self, what: &str, blocks: impl IntoIterator<Item = String>) {
        for (i, block) in blocks.into_iter().enumerate() {
            // `packer` stands at the very top.
            if self.annotations || !self.text.is_empty() || !block.starts_with("packer ") {
                self.text.push('\n');
            }
            if self.annotations && i == 0 {
                self.text.push_str(what);
            }
            self.text.push_str(&block);
        }
    }
}

fn describe(fault: &Diagnostic) -> String {
    format!("{}: {}", fault.summary.trim_end_matches('.'), fault.detail)
}

fn packer(template: &Template) -> Option<String> {
    let mut out = String::new();
    if let Some(version) = template.min_packer_version.as_ref().filter(|version| !version.text.is_empty()) {
        out.push_str("required_version = ");
        text::quoted(&format!(">= {}", version.text), &mut out);
        out.push('\n');
    }
    let types = template.builders.iter().map(|builder| &builder.kind);
    let types = types.chain(template.provisioners.iter().map(|provisioner| &provisioner.kind));
    let types = types.chain(template.post_processors.iter().flatten().map(|it| &it.kind));
    let types: Vec<_> = types.collect();
    let is_used = |plugin: &&str| types.iter().any(|kind| kind.text.starts_with(*plugin));
    let mut plugins = PLUGINS.into_iter().filter(is_used).peekable();
    if plugins.peek().is_some() {
        out.push_str("required_plugins {\n");
        for plugin in plugins {
            let _ = writeln!(
                out,
                "{plugin} = {{\nsource = \"github.com/hashicorp/{plugin}\"\nversion = \"~> 1\"\n}}"
            );
        }
        out.push_str("}\n");
    }
    (!out.is_empty()).then(|| format!("packer {{\n{out}}}\n"))
}

/// Builders that neither the program nor a plugin is known to have.
fn unknown(builders: &[&Builder]) -> Option<String> {
    let is_known =
        |kind: &str| matches!(kind, "null" | "file") || PLUGINS.iter().any(|plugin| kind.starts_with(plugin));
    let mut unknown: Vec<_> =
        builders.iter().map(|it| &*it.kind.text).filter(|kind| !is_known(kind)).collect();
    unknown.dedup();
    (!unknown.is_empty()).then(|| format!("no known plugin has these builders: {}", unknown.join(", ")))
}

/// The name of a source: an unnamed builder is called by its place.
fn name(i: usize, builder: &Builder) -> String {
    if builder.name.text == builder.kind.text {
        format!("autogenerated_{}", i + 1)
    } else {
        builder.name.text.trim().replace(' ', "_")
    }
}

fn source(builder: &Builder, name: &str, image: Option<usize>, engine: &Engine) -> Result<String, Error> {
    let mut block = "source ".to_owned();
    text::quoted(&builder.kind.text, &mut block);
    block.push(' ');
    text::quoted(name, &mut block);
    block.push_str(" {\n");
    let options = text::given(builder.options.as_object().unwrap_or_default());
    match image {
        None => text::body(options, &mut block)?,
        Some(number) => {
            let image = format!("\"${{data.amazon-ami.autogenerated_{number}.id}}\"");
            let others = options.filter(|(key, _)| !matches!(*key, "source_ami_filter" | "source_ami"));
            text::body(others.chain([("source_ami", Given::Expression(&image))]), &mut block)?;
        }
    }
    block.push_str("}\n");
    Ok(rendered(&block, Place::Block, engine))
}

fn secrets(seen: &Seen) -> Vec<String> {
    let secret = |(i, secret): (usize, &engine::Secret)| {
        let mut out = format!("data \"amazon-secretsmanager\" \"autogenerated_{}\" {{\n", i + 1);
        for (option, value) in [("key", secret.key.as_ref()), ("name", Some(&secret.name))] {
            if let Some(value) = value {
                let _ = write!(out, "{option} = ");
                text::quoted(value, &mut out);
                out.push('\n');
            }
        }
        out.push_str("}\n");
        out
    };
    seen.secrets.iter().enumerate().map(secret).collect()
}

/// A block at the top with its notes.
fn rendered(block: &str, place: Place, engine: &Engine) -> String {
    let rendered = engine.render(block, place);
    let mut out = String::new();
    note::write(&rendered.notes, true, &mut out);
    out.push_str(&rendered.text);
    out
}
