//! `waybill hcl2_upgrade`: a JSON template turned into one in HCL2.

use std::path::Path;

use clap::Args;
use waybill_template::legacy::upgrade;

use super::{
    Exit,
    input::{self, Language},
    ui::Ui,
};
use crate::{context::Context, error::CliError};

/// The JSON template stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waybill hcl2_upgrade -with-annotations image.json")]
pub(crate) struct UpgradeArgs {
    /// The template: a file
    template: String,
    /// Write to this file (default: the template's name and `.pkr.hcl`)
    #[arg(long, value_name = "FILE")]
    output_file: Option<String>,
    /// Say in comments what the blocks mean
    #[arg(long)]
    with_annotations: bool,
    /// Print lines for programs
    #[arg(long)]
    machine_readable: bool,
}

pub(super) fn run(args: &UpgradeArgs, context: &Context) -> Result<Exit, CliError> {
    let ui = Ui::new(context, args.machine_readable);
    let world = input::world(context)?;
    if matches!(input::language(&args.template, &*world), Language::Hcl2) {
        ui.error("`hcl2_upgrade` turns JSON templates into HCL2, and this is one in HCL2 already")?;
        return Ok(1);
    }
    let output = args.output_file.clone().filter(|name| !name.is_empty());
    let output = output.unwrap_or_else(|| format!("{}.pkr.hcl", args.template));
    let options = upgrade::Options { annotations: args.with_annotations, output: &output };
    let upgraded = input::read_legacy(&args.template, &*world).and_then(|text| {
        upgrade::upgrade(&text, &options).map_err(|error| format!("{}: {error}", args.template))
    });
    let upgraded = match upgraded {
        Ok(upgraded) => upgraded,
        Err(error) => {
            ui.error(&format!("Error: {error}"))?;
            return Ok(1);
        }
    };
    if let Err(error) = write(&context.folder.join(&output), &upgraded.text) {
        ui.error(&format!("`{output}` cannot be written: {error}"))?;
        return Ok(1);
    }
    for fault in &upgraded.faults {
        ui.error(fault)?;
    }
    let exit = u8::from(!upgraded.faults.is_empty());
    ui.say(&format!("Successfully created {output}. Exit {exit}"))?;
    Ok(exit)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    fs_err::write(path, text)
}
