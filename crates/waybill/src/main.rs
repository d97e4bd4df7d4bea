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
mod packer_flags;
mod password;
mod printer;
mod profiles;
mod publish;
mod stop;
mod table;
mod view;
mod who;
mod workload;
mod world;

use std::{process::ExitCode, thread};

use clap::{CommandFactory as _, Parser};
use tokio::runtime;

use crate::{
    args::Args,
    command::{Command, template},
    context::Context,
    environment::Environment,
    error::CliError,
    printer::Printer,
};

fn main() -> ExitCode {
    let (words, is_packers) = packer_flags::rewrite(std::env::args_os().collect(), &Args::command());
    let args = match Args::try_parse_from(words) {
        Ok(args) => args,
        Err(message) => {
            let printer = Printer::default();
            let told = if is_packers {
                template::usage_error(&message, &printer)
            } else {
                printer.arguments(&message).map(|()| u8::try_from(message.exit_code()).unwrap_or(2))
            };
            return ExitCode::from(told.unwrap_or_else(|error| error.exit_code()));
        }
    };
    let printer = args.global.printer();
    match run(args, &printer) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            if error.kind != error::Kind::OutputClosed {
                printer.error(&error);
            }
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(args: Args, printer: &Printer) -> Result<u8, CliError> {
    let environment = Environment::of_process();
    logs::start(&environment, args.global.verbose, args.command.logger())?;
    let context = Context::new(printer.clone(), environment)?;
    if let Command::Template(command) = args.command {
        return on_a_deep_stack(|| command.run(&context));
    }
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::internal(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(args.command.run(&context));
    // What still runs in the background (a file being hashed after Ctrl-C) is not waited for.
    runtime.shutdown_background();
    outcome.map(|()| 0)
}

/// Templates nest as deep as their limits allow, which is more than the main thread's stack is sure to hold.
fn on_a_deep_stack<T: Send>(work: impl FnOnce() -> Result<T, CliError> + Send) -> Result<T, CliError> {
    const STACK: usize = 64 << 20;
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| CliError::internal(format!("cannot start a thread: {error}")))?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
