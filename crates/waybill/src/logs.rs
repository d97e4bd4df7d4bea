//! Logs, on stderr.

use std::io;

use tracing_subscriber::{EnvFilter, fmt};

use crate::{environment::Environment, error::CliError};

/// The variable that says what to log, as `tracing` filters are written.
const VARIABLE: &str = "WAYBILL_LOG";

/// Starts logging.
///
/// A service logs what it does. Commands log nothing unless asked: `-v` shows what they do, `-vv` everything.
pub(crate) fn start(environment: &Environment, verbose: u8, is_service: bool) -> Result<(), CliError> {
    let default = match (verbose, is_service) {
        (0, true) => "info",
        (0, false) => "off",
        (1, _) => "warn,waybill=debug,waybill_client=debug,waybill_server=debug,waybill_store=debug",
        (_, _) => "trace",
    };
    let wanted = environment.given(VARIABLE).unwrap_or(default);
    let filter = EnvFilter::builder()
        .parse(wanted)
        .map_err(|error| CliError::usage(format!("{VARIABLE} is `{wanted}`, which is no filter: {error}")))?;
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(false);
    if is_service {
        lines.init();
    } else {
        lines.without_time().init();
    }
    Ok(())
}
