//! `waybill fix`: a JSON template of an old version, brought up to date.

use clap::{ArgAction, Args};
use waybill_template::legacy;

use super::{
    Exit,
    input::{self, Language, VariableArgs},
    ui::Ui,
};
use crate::{context::Context, error::CliError};

/// The template is printed; the file stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waybill fix old.json > new.json")]
pub(crate) struct FixArgs {
    /// The template: a file, or `-` for stdin
    template: String,
    /// Check afterwards that the template is valid
    #[arg(long, value_name = "BOOL", default_value = "true", action = ArgAction::Set)]
    validate: bool,
}

pub(super) fn run(args: &FixArgs, context: &Context) -> Result<Exit, CliError> {
    let ui = Ui::new(context, false);
    let world = input::world(context)?;
    if matches!(input::language(&args.template, &*world), Language::Hcl2) {
        ui.error("`fix` only knows JSON templates: HCL2 templates have nothing to fix")?;
        return Ok(1);
    }
    let fixed = input::read_legacy(&args.template, &*world)
        .and_then(|text| legacy::fix::fix(&text).map_err(|error| error.to_string()));
    let fixed = match fixed {
        Ok(fixed) => fixed,
        Err(error) => {
            ui.error(&error)?;
            return Ok(1);
        }
    };
    ui.say(&fixed)?;
    if !args.validate {
        return Ok(0);
    }
    let none = VariableArgs { var: Vec::new(), var_file: Vec::new() };
    let loaded = input::load_legacy_text(&args.template, fixed, &none, &world);
    let mut faults = loaded.faults;
    if !faults.has_errors() {
        loaded.template.prepare(world.catalog(), &[], &[], &mut faults);
    }
    if faults.has_errors() {
        ui.error("Error! The fixed template is not valid:")?;
    }
    ui.diagnostics(&faults, &loaded.sources)
}
