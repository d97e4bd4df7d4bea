//! Chores of the workspace: `cargo xtask deps` checks dependencies, `cargo xtask load` measures the server.

mod deps;
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
    /// Serve one static JSON answer (started by `load`)
    #[command(hide = true)]
    EmptyServer,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().chore {
        Chore::Deps(arguments) => deps::run(&arguments),
        Chore::Load(arguments) => load::run(&arguments),
        Chore::EmptyServer => load::empty_server(),
    }
}
