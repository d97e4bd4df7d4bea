//! Chores of the workspace: `cargo xtask deps` checks dependencies, `cargo xtask load` measures the server, `cargo xtask
//! language` the commands on templates.

mod deps;
mod language;
mod load;

use clap::{Parser, Subcommand};

/// Chores of the workspace
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    Deps(deps::Arguments),
    Load(load::Arguments),
    Language(language::Arguments),
    /// Run one program and tell its time and memory (started by `language`)
    #[command(hide = true)]
    Measure(language::MeasureArguments),
    /// Serve one static JSON answer (started by `load`)
    #[command(hide = true)]
    EmptyServer,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().chore {
        Chore::Deps(arguments) => deps::run(&arguments),
        Chore::Load(arguments) => load::run(&arguments),
        Chore::Language(arguments) => language::run(&arguments),
        Chore::Measure(arguments) => language::measure(&arguments),
        Chore::EmptyServer => load::empty_server(),
    }
}
