//! The commands that Packer has too: they work on templates, without a registry.
//!
//! They keep Packer's names, flags, output and exit codes: what they have to say, errors included, goes to stdout, and
//! an error is exit code 1.

mod console;
mod fix;
mod fmt;
mod hcl2_upgrade;
mod input;
mod inspect;
mod ui;
mod validate;

use clap::Subcommand;

use crate::{context::Context, error::CliError};

pub(crate) use self::ui::usage_error;

/// Commands on templates.
#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// Check that a template is valid
    Validate(validate::ValidateArgs),
    /// Show what a template consists of
    Inspect(inspect::InspectArgs),
    /// Try out expressions with what a template declares
    Console(console::ConsoleArgs),
    /// Write templates in the canonical format
    Fmt(fmt::FmtArgs),
    /// Bring a JSON template of an old version up to date
    Fix(fix::FixArgs),
    /// Turn a JSON template into one in HCL2
    #[command(name = "hcl2_upgrade")]
    Hcl2Upgrade(hcl2_upgrade::UpgradeArgs),
}

/// The exit code of a command that told everything itself.
pub(crate) type Exit = u8;

impl TemplateCommand {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Validate(args) => validate::run(&args, context),
            Self::Inspect(args) => inspect::run(&args, context),
            Self::Console(args) => console::run(&args, context),
            Self::Fmt(args) => fmt::run(&args, context),
            Self::Fix(args) => fix::run(&args, context),
            Self::Hcl2Upgrade(args) => hcl2_upgrade::run(&args, context),
        }
    }
}
