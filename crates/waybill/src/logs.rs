//! Logs, on stderr.

use std::io;

use clap::ValueEnum;
use tracing_subscriber::{EnvFilter, fmt};

use crate::{environment::Environment, error::CliError};

/// The variable that says what to log, as `tracing` filters are written.
const VARIABLE: &str = "WAYBILL_LOG";

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Who logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logger {
    /// Logs what it does, with times.
    Service(LogFormat),
    /// Logs nothing unless asked: `-v` shows what it does, `-vv` everything.
    Command,
}

/// Starts logging.
pub(crate) fn start(environment: &Environment, verbose: u8, logger: Logger) -> Result<(), CliError> {
    let default = match (verbose, logger) {
        (0, Logger::Service(_)) => "info",
        (0, Logger::Command) => "off",
        (1, _) => "warn,waybill=debug,waybill_client=debug,waybill_server=debug,waybill_store=debug",
        (_, _) => "trace",
    };
    let wanted = environment.given(VARIABLE).unwrap_or(default);
    let filter = EnvFilter::builder()
        .parse(wanted)
        .map_err(|error| CliError::usage(format!("{VARIABLE} is `{wanted}`, which is no filter: {error}")))?;
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(false);
    match logger {
        Logger::Service(LogFormat::Text) => lines.init(),
        Logger::Service(LogFormat::Json) => lines.json().flatten_event(true).init(),
        Logger::Command => lines.without_time().init(),
    }
    Ok(())
}
