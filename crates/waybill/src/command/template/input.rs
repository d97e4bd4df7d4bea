//! What the template commands are given: a path, variables, a choice of builds.

use std::{io::Read as _, path::Path, sync::Arc};

use clap::Args;
use waybill_template::{
    config::{self, LoadOptions, Template},
    diagnostic::Diagnostics,
    legacy::{
        self,
        builds::Filter,
        engine::{Generated, Place, Users},
        validate::{Checks, validate},
        variables::{Given, Values},
    },
    source::Sources,
    world::World,
};

use super::{Exit, ui::Ui};
use crate::{context::Context, error::CliError, world::ProgramWorld};

/// Values for the template's variables.
#[derive(Debug, Args)]
pub(super) struct VariableArgs {
    /// Give a variable its value (can be repeated)
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub(super) var: Vec<(String, String)>,
    /// Read values of variables from a file that ends in .hcl or .json (can be repeated)
    #[arg(long, value_name = "FILE")]
    pub(super) var_file: Vec<String>,
}

/// Which builds are meant.
#[derive(Debug, Args)]
pub(super) struct SelectionArgs {
    /// Take only builds whose full name fits one of these patterns, separated by commas (can be repeated)
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    pub(super) only: Vec<String>,
    /// Leave out builds and post-processors whose name fits one of these patterns (can be repeated)
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    pub(super) except: Vec<String>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// In which language a template is written.
pub(super) enum Language {
    Hcl2,
    Legacy,
}

/// By its name, and for a path that exists by whether it is a folder.
pub(super) fn language(path: &str, world: &dyn World) -> Language {
    if path != "-" && config::is_template(path, world) { Language::Hcl2 } else { Language::Legacy }
}

/// The text of a legacy template: a file, or `-` for stdin.
pub(super) fn read_legacy(path: &str, world: &dyn World) -> Result<String, String> {
    let bytes = if path == "-" {
        read_stdin()
    } else {
        // The error names the path.
        world.read(Path::new(path)).map_err(|error| format!("Cannot read {error}"))
    }?;
    // As Packer reads them: what is not UTF-8 is replaced.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Everything on stdin, up to the limit of a file.
pub(super) fn read_stdin() -> Result<Vec<u8>, String> {
    let limit = crate::world::MAX_FILE;
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("stdin cannot be read: {error}"))?;
    if bytes.len() as u64 > limit {
        return Err(format!("stdin has more than {limit} bytes, which is the limit"));
    }
    Ok(bytes)
}

/// A template in HCL2 with what goes with it.
pub(super) struct Loaded {
    pub(super) template: Template,
    pub(super) sources: Sources,
    pub(super) faults: Diagnostics,
}

/// Loads a template in HCL2.
pub(super) fn load(
    path: Option<&str>,
    variables: &VariableArgs,
    warn_undeclared: bool,
    world: &Arc<ProgramWorld>,
) -> Loaded {
    let mut sources = Sources::default();
    let mut faults = Diagnostics::default();
    let options = LoadOptions {
        path,
        variables: &variables.var,
        variable_files: &variables.var_file,
        warn_undeclared,
        core_version: &waybill_template::core_version(),
    };
    let template = Template::load(&options, Arc::clone(world) as Arc<dyn World>, &mut sources, &mut faults);
    Loaded { template, sources, faults }
}

/// A legacy template with what goes with it.
pub(super) struct Legacy {
    pub(super) template: legacy::Template,
    pub(super) given: Given,
    pub(super) sources: Sources,
    /// Where the template stands: `-` for stdin, nothing without one.
    pub(super) path: Option<String>,
}

/// Why there is no legacy template.
pub(super) enum NoTemplate {
    /// The file cannot be read.
    Unreadable(String),
    /// What is in it cannot be understood.
    Wrong(Diagnostics, Sources),
}

/// Loads a legacy template; without a path the one of a builder that does nothing.
pub(super) fn load_legacy(
    path: Option<&str>,
    variables: &VariableArgs,
    world: &ProgramWorld,
) -> Result<Legacy, NoTemplate> {
    let text = path.map(|path| read_legacy(path, world)).transpose().map_err(NoTemplate::Unreadable)?;
    let mut sources = Sources::default();
    let mut faults = Diagnostics::default();
    let template = if let (Some(path), Some(text)) = (path, text) {
        let file = sources.add(path, text.as_str());
        legacy::Template::parse(file, &text, &mut faults)
    } else {
        let file = sources.add_synthetic("<no template>", "");
        legacy::Template::minimal(file)
    };
    let mut given = Given::default();
    for file in &variables.var_file {
        match read_legacy(file, world) {
            Ok(text) => {
                let id = sources.add(file.as_str(), text.as_str());
                given.add_file(id, &text, &mut faults);
            }
            Err(error) => return Err(NoTemplate::Unreadable(error)),
        }
    }
    for (name, value) in &variables.var {
        given.add(name, value);
    }
    match template {
        Some(template) if !faults.has_errors() => {
            Ok(Legacy { template, given, sources, path: path.map(str::to_owned) })
        }
        _ => Err(NoTemplate::Wrong(faults, sources)),
    }
}

impl NoTemplate {
    /// Tells it.
    pub(super) fn tell(&self, ui: &Ui) -> Result<Exit, CliError> {
        match self {
            Self::Unreadable(error) => ui.error(error)?,
            Self::Wrong(faults, sources) => {
                ui.diagnostics(faults, sources)?;
            }
        }
        Ok(1)
    }
}

impl Legacy {
    /// Where the template's texts stand, before variables have values.
    pub(super) fn place<'a>(
        &'a self,
        world: &'a ProgramWorld,
        core_version: &'a str,
        values: &'a Values,
    ) -> Place<'a> {
        Place {
            world,
            core_version,
            template: self.path.as_deref(),
            users: Users::Final(values),
            build: None,
            generated: Generated::None,
            in_variable: false,
        }
    }

    /// Checks all of it; the texts that are not to be shown.
    pub(super) fn check(
        &self,
        filter: &Filter,
        world: &ProgramWorld,
        faults: &mut Diagnostics,
    ) -> Vec<Arc<str>> {
        let core_version = waybill_template::core_version().to_string();
        let nothing = Values::new();
        let checks = Checks { catalog: world.catalog(), place: self.place(world, &core_version, &nothing) };
        let values = validate(&self.template, &self.given, filter, checks, faults);
        values.map(|values| self.template.sensitive_texts(&values)).unwrap_or_default()
    }
}

/// The world as this process sees it.
pub(super) fn world(context: &Context) -> Result<Arc<ProgramWorld>, CliError> {
    ProgramWorld::new(context).map(Arc::new)
}
