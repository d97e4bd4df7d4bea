//! Being asked to stop: Ctrl-C, or a service manager's SIGTERM.

use std::time::Duration;

use tokio::{signal, time::Instant};

use crate::error::CliError;

/// The signals that ask for a stop. From its making on, they do not end the process by themselves any more.
pub(crate) struct Stop {
    #[cfg(unix)]
    terminate: signal::unix::Signal,
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    /// When the first one came.
    first: Option<Instant>,
}

/// A terminal and the program that started us may both pass one Ctrl-C on: within this time, signals are one.
const ONE_REQUEST: Duration = Duration::from_millis(500);

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
                first: None,
            })
        }
        #[cfg(not(unix))]
        Ok(Self { first: None })
    }

    /// Waits for the next request, and returns the name of its signal.
    pub(crate) async fn asked(&mut self) -> &'static str {
        loop {
            let signal = self.signal().await;
            match self.first {
                Some(first) if first.elapsed() < ONE_REQUEST => {}
                Some(_) => return signal,
                None => {
                    self.first = Some(Instant::now());
                    return signal;
                }
            }
        }
    }

    async fn signal(&mut self) -> &'static str {
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
