//! `waybill`: an artifact registry, and the program that works with it.
//!
//! This is the only crate that prints, reads the environment and knows the working folder. From here on the
//! way of a command is: [`args`] says what was asked, [`context`] what is known besides, a file in
//! [`command`] does it and answers with a [`view`], and [`printer`] prints that. An error is a
//! [`error::CliError`], which knows its exit code.

mod args;
mod chance;
mod command;
mod connection;
mod context;
mod data_folder;
mod environment;
mod error;
mod logs;
mod password;
mod printer;
mod profiles;
mod publish;
mod stop;
mod table;
mod view;
mod who;
mod workload;

use std::process::ExitCode;

use clap::Parser;
use tokio::runtime;

use crate::{args::Args, context::Context, environment::Environment, error::CliError, printer::Printer};

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(message) => {
            let printer = Printer::default();
            let code = u8::try_from(message.exit_code()).unwrap_or(2);
            return match printer.arguments(&message) {
                Ok(()) => ExitCode::from(code),
                Err(error) => ExitCode::from(error.exit_code()),
            };
        }
    };
    let printer = args.global.printer();
    match run(args, &printer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if error.kind != error::Kind::OutputClosed {
                printer.error(&error);
            }
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(args: Args, printer: &Printer) -> Result<(), CliError> {
    let environment = Environment::of_process();
    logs::start(&environment, args.global.verbose, args.command.logger())?;
    let context = Context::new(printer.clone(), environment)?;
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::internal(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(args.command.run(&context));
    // What still runs in the background (a file being hashed after Ctrl-C) is not waited for.
    runtime.shutdown_background();
    outcome
}
