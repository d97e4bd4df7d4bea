//! `waybill completions`: a script for a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{args, context::Context, error::CliError};

/// Load it with your shell's start-up files.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mkdir -p ~/.local/share/bash-completion/completions
  waybill completions bash > ~/.local/share/bash-completion/completions/waybill

  mkdir -p ~/.zfunc        # a folder of your fpath
  waybill completions zsh > ~/.zfunc/_waybill

  mkdir -p ~/.config/fish/completions
  waybill completions fish > ~/.config/fish/completions/waybill.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, context: &Context) -> Result<(), CliError> {
    context.printer.refuse_json("waybill completions", "leave out --json and --output json")?;
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::Args::command(), "waybill", &mut script);
    context.printer.raw(&String::from_utf8_lossy(&script))
}
