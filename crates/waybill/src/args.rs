//! The command line: what can be asked.

use clap::{ArgAction, Args as Arguments, Parser};

use crate::{
    command::Command,
    printer::{Colour, Format, Printer},
};

/// Keep track of what was built: run a registry, publish to it, and ask it
///
/// The registry speaks the interface of HCP Packer, so that packer and Terraform work with it as they are.
#[derive(Debug, Parser)]
#[command(name = "waybill", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Arguments)]
#[command(next_help_heading = "Output")]
pub(crate) struct Global {
    /// Print data as text for people or as JSON for programs
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) output: Format,

    /// Print JSON; short for `--output json`
    #[arg(long, global = true, conflicts_with = "output")]
    pub(crate) json: bool,

    /// Use colour or not
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: Colour,

    /// Print nothing but data, warnings and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// Show what is done; twice shows everything
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
}

const EXAMPLES: &str = "\
Examples:
  waybill serve                      start a registry in the current folder
  eval \"$(waybill env)\"              let packer and terraform use it
  waybill bucket list                see what it holds
  waybill login --url https://registry.example:7080
                                     work as yourself with a registry elsewhere

Credentials and addresses come from the variables that HCP's clients use (HCP_CLIENT_ID,
HCP_API_ADDRESS and so on), from `waybill login`, or from a registry's data folder on this
machine. `waybill whoami` shows which were found.

Exit codes: 0 done, 1 the answer is no, 2 the question was wrong.";

impl Global {
    pub(crate) fn printer(&self) -> Printer {
        let format = if self.json { Format::Json } else { self.output };
        Printer { format, colour: self.color, quiet: self.quiet }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_argument_and_command_is_explained() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                let name = argument.get_id();
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(!help.is_empty(), "{} of {}", name, command.get_name());
                assert!(!help.ends_with('.'), "{} of {}: {help}", name, command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Args::command());
    }

    #[test]
    fn the_reference_has_every_command_and_option() {
        let reference = include_str!("../../../docs/cli.md");
        // `serve` says in its help what there is.
        for command in Args::command().get_subcommands().filter(|command| command.get_name() != "serve") {
            let mut leaves = vec![(command.get_name().to_owned(), command)];
            while let Some((path, command)) = leaves.pop() {
                let below = command.get_subcommands();
                leaves.extend(below.map(|below| (format!("{path} {}", below.get_name()), below)));
                if command.get_subcommands().next().is_none() {
                    assert!(
                        reference.contains(&format!("`{path}"))
                            || reference.contains(&format!("waybill {path}")),
                        "{path}"
                    );
                }
                for option in command.get_arguments().filter_map(clap::Arg::get_long) {
                    assert!(reference.contains(&format!("--{option}")), "--{option} of {path}");
                }
            }
        }
    }
}
