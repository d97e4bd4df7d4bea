//! `waybill inspect`: what a template consists of.

use std::sync::Arc;

use clap::Args;
use waybill_template::{
    config::DataSources,
    diagnostic::Diagnostics,
    legacy::inspect::{Line, lines},
};

use super::{
    Exit,
    input::{self, Language, Loaded, VariableArgs},
    ui::Ui,
};
use crate::{context::Context, error::CliError, world::ProgramWorld};

/// What cannot be evaluated is left out; `waybill validate` tells why.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  waybill inspect .
  waybill inspect -var-file=prod.pkrvars.hcl image.pkr.hcl
  waybill inspect -machine-readable template.json")]
pub(crate) struct InspectArgs {
    /// The template: a folder, a file, or `-` for JSON on stdin
    template: Option<String>,
    /// Evaluate all data sources first, then locals, as Packer did before 1.12
    #[arg(long)]
    use_sequential_evaluation: bool,
    /// Print lines for programs
    #[arg(long)]
    machine_readable: bool,
    #[command(flatten)]
    variables: VariableArgs,
}

pub(super) fn run(args: &InspectArgs, context: &Context) -> Result<Exit, CliError> {
    let mut ui = Ui::new(context, args.machine_readable);
    let world = input::world(context)?;
    match args.template.as_deref() {
        Some(path) if matches!(input::language(path, &*world), Language::Hcl2) => {
            hcl2(path, args, &world, &mut ui)
        }
        path => legacy(path, args, &world, &mut ui),
    }
}

fn hcl2(path: &str, args: &InspectArgs, world: &Arc<ProgramWorld>, ui: &mut Ui) -> Result<Exit, CliError> {
    let Loaded { mut template, sources, faults } = input::load(Some(path), &args.variables, false, world);
    ui.hide(&template.secrets());
    if faults.has_errors() {
        return ui.diagnostics(&faults, &sources);
    }
    let mut ignored = Diagnostics::default();
    let catalog = world.catalog();
    template.evaluate(catalog, DataSources::Read, args.use_sequential_evaluation, &sources, &mut ignored);
    ui.hide(&template.secrets());
    template.resolve(catalog, &sources, &mut ignored);
    ui.say("Packer Inspect: HCL2 mode\n")?;
    ui.say(&template.inspect_values())?;
    ui.say(&template.inspect_builds())?;
    Ok(0)
}

fn legacy(
    path: Option<&str>,
    args: &InspectArgs,
    world: &Arc<ProgramWorld>,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    let loaded = match input::load_legacy(path, &args.variables, world) {
        Ok(loaded) => loaded,
        Err(error) => return error.tell(ui),
    };
    for line in lines(&loaded.template) {
        match line {
            Line::Say(text) => ui.say(&text)?,
            Line::Machine(kind, data) => ui.machine(kind, &data)?,
        }
    }
    Ok(0)
}
