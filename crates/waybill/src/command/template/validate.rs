//! `waybill validate`: is a template right?

use std::sync::Arc;

use clap::Args;
use waybill_template::{
    config::{DataSources, Selection},
    diagnostic::{Diagnostic, Diagnostics},
    legacy::builds::Filter,
};

use super::{
    Exit,
    input::{self, Language, Loaded, SelectionArgs, VariableArgs},
    ui::Ui,
};
use crate::{context::Context, error::CliError, world::ProgramWorld};

/// Exit codes: 0 the template is valid, 1 it is not.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(after_help = "Examples:
  waybill validate .
  waybill validate -syntax-only image.pkr.hcl
  waybill validate -var release=3.0.0 -only='app.null.*' image.pkr.hcl")]
pub(crate) struct ValidateArgs {
    /// The template: a folder, a file, or `-` for JSON on stdin
    template: String,
    /// Check the syntax and what is declared, not the configuration
    #[arg(long)]
    syntax_only: bool,
    /// Do not warn about values for variables that the template does not declare
    #[arg(long)]
    no_warn_undeclared_var: bool,
    /// Read data sources, instead of taking their outputs for unknown
    #[arg(long)]
    evaluate_datasources: bool,
    /// Leave prereleases of plugins alone
    #[arg(long)]
    ignore_prerelease_plugins: bool,
    /// Evaluate all data sources first, then locals, as Packer did before 1.12
    #[arg(long)]
    use_sequential_evaluation: bool,
    /// Print lines for programs
    #[arg(long)]
    machine_readable: bool,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    variables: VariableArgs,
}

const SYNTAX_IS_RIGHT: &str = "Syntax-only check passed. Everything looks okay.";
const VALID: &str = "The configuration is valid.";

pub(super) fn run(args: &ValidateArgs, context: &Context) -> Result<Exit, CliError> {
    let mut ui = Ui::new(context, args.machine_readable);
    let world = input::world(context)?;
    match input::language(&args.template, &*world) {
        Language::Hcl2 => hcl2(args, &world, &mut ui),
        Language::Legacy => legacy(args, &world, &mut ui),
    }
}

fn hcl2(args: &ValidateArgs, world: &Arc<ProgramWorld>, ui: &mut Ui) -> Result<Exit, CliError> {
    let loaded = input::load(Some(&args.template), &args.variables, !args.no_warn_undeclared_var, world);
    let Loaded { mut template, sources, mut faults } = loaded;
    ui.hide(&template.secrets());
    if faults.has_errors() {
        return ui.diagnostics(&faults, &sources);
    }
    if args.syntax_only {
        ui.diagnostics(&faults, &sources)?;
        ui.say(SYNTAX_IS_RIGHT)?;
        return Ok(0);
    }
    let selection = match Selection::new(&args.selection.only, &args.selection.except) {
        Ok(selection) => selection,
        Err(error) => {
            faults.push(Diagnostic::error("Invalid pattern", format!("{error}.")));
            return ui.diagnostics(&faults, &sources);
        }
    };
    let catalog = world.catalog();
    if let Some(missing) = catalog.missing(&template.requirements) {
        faults.push(missing);
        return ui.diagnostics(&faults, &sources);
    }
    let data = if args.evaluate_datasources { DataSources::Read } else { DataSources::Pretend };
    template.evaluate(catalog, data, args.use_sequential_evaluation, &sources, &mut faults);
    ui.hide(&template.secrets());
    template.resolve(catalog, &sources, &mut faults);
    if !faults.has_errors() {
        template.prepare(catalog, &selection, &mut faults);
    }
    let exit = ui.diagnostics(&faults, &sources)?;
    if exit == 0 {
        ui.say(VALID)?;
    }
    Ok(exit)
}

fn legacy(args: &ValidateArgs, world: &Arc<ProgramWorld>, ui: &mut Ui) -> Result<Exit, CliError> {
    let loaded = match input::load_legacy(Some(&args.template), &args.variables, world) {
        Ok(loaded) => loaded,
        Err(error) => return error.tell(ui),
    };
    if args.syntax_only {
        ui.say(SYNTAX_IS_RIGHT)?;
        return Ok(0);
    }
    let mut faults = Diagnostics::default();
    let filter = Filter { only: args.selection.only.clone(), except: args.selection.except.clone() };
    let secrets = loaded.check(&filter, world, &mut faults);
    ui.hide(&secrets);
    let exit = ui.diagnostics(&faults, &loaded.sources)?;
    if exit == 0 {
        ui.say(VALID)?;
    }
    Ok(exit)
}
