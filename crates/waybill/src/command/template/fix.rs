//! `waybill fix`: a JSON template of an old version, brought up to date.

use clap::{ArgAction, Args};
use waybill_template::{diagnostic::Diagnostics, legacy, source::Sources};

use super::{
    Exit,
    input::{self, Language},
    ui::Ui,
};
use crate::{context::Context, error::CliError};

/// The template is printed; the file stays as it is.
#[derive(Debug, Args)]
#[command(after_help = help())]
pub(crate) struct FixArgs {
    /// The template: a file, or `-` for stdin
    template: String,
    /// Check afterwards that the template is valid
    #[arg(long, value_name = "BOOL", default_value = "true", action = ArgAction::Set)]
    validate: bool,
    /// Print lines for programs
    #[arg(long)]
    machine_readable: bool,
}

/// What is fixed, in the order in which it is done.
fn help() -> String {
    let fixes = legacy::fix::FIXERS.iter().map(|fixer| format!("  {:28} {}", fixer.name, fixer.what));
    let fixes = fixes.collect::<Vec<_>>().join("\n");
    format!("Fixes, in this order:\n{fixes}\n\nExample:\n  waybill fix old.json > new.json")
}

pub(super) fn run(args: &FixArgs, context: &Context) -> Result<Exit, CliError> {
    let ui = Ui::new(context, args.machine_readable);
    let world = input::world(context)?;
    if matches!(input::language(&args.template, &*world), Language::Hcl2) {
        ui.error("`fix` only knows JSON templates: HCL2 templates have nothing to fix")?;
        return Ok(1);
    }
    let fixed = input::read_legacy(&args.template, &*world)
        .and_then(|text| legacy::fix::fix(&text).map_err(|error| format!("{}: {error}", args.template)));
    let fixed = match fixed {
        Ok(fixed) => fixed,
        Err(error) => {
            ui.error(&format!("Error: {error}"))?;
            return Ok(1);
        }
    };
    ui.say(&format!("{fixed}\n"))?;
    if !args.validate {
        return Ok(0);
    }
    let mut sources = Sources::default();
    let mut faults = Diagnostics::default();
    let file = sources.add(args.template.as_str(), fixed.as_str());
    if let Some(template) = legacy::Template::parse(file, &fixed, &mut faults) {
        template.check(&mut faults);
    }
    if faults.has_errors() {
        ui.error("Error! The fixed template is not valid:\n")?;
    }
    ui.diagnostics(&faults, &sources)
}
