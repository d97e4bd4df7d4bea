//! Being asked to stop: Ctrl-C, or a service manager's SIGTERM.

use tokio::signal;

use crate::error::CliError;

/// The signals that ask for a stop. From its making on, they do not end the process by themselves any more.
pub(crate) struct Stop {
    #[cfg(unix)]
    terminate: signal::unix::Signal,
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
}

impl Stop {
    pub(crate) fn new() -> Result<Self, CliError> {
        #[cfg(unix)]
        {
            let of = |kind| {
                signal::unix::signal(kind)
                    .map_err(|error| CliError::internal(format!("cannot listen for signals: {error}")))
            };
            Ok(Self {
                terminate: of(signal::unix::SignalKind::terminate())?,
                interrupt: of(signal::unix::SignalKind::interrupt())?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for the next request, and returns the name of its signal.
    pub(crate) async fn asked(&mut self) -> &'static str {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
        #[cfg(not(unix))]
        {
            if signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            "Ctrl-C"
        }
    }
}
