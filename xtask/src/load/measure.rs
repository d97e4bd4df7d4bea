//! Sending requests and counting what they cost.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

use super::{http::Connection, process::Server, scene::Requests};

/// When requests are sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    /// Each client sends the next one when it has the answer.
    Closed { clients: usize },
    /// A fixed number a second, whether the server keeps up or not.
    Rate { clients: usize, per_second: f64 },
}

/// The end of a measurement, whichever comes first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) count: usize,
    pub(super) time: Duration,
}

/// What was measured.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) pace: Pace,
    elapsed: Duration,
    /// Of the server, all threads.
    cpu: Duration,
    /// In order. At a fixed rate they count from the moment at which the request should have been sent, so
    /// that a stall of the server counts against all requests that it held up.
    latencies: Vec<Duration>,
}

impl Bounds {
    /// Enough to fill caches and pools.
    pub(super) fn warm_up(self) -> Self {
        Self { count: (self.count / 10).max(1), ..self }
    }

    /// For what is only looked at, not compared with a bar.
    pub(super) fn shorter(self) -> Self {
        Self { count: (self.count / 3).max(1), time: self.time / 2 }
    }
}

impl Pace {
    fn clients(self) -> usize {
        match self {
            Self::Closed { clients } | Self::Rate { clients, .. } => clients,
        }
    }

    /// When the request of that number should be sent, from the beginning.
    fn intended(self, index: usize) -> Option<Duration> {
        match self {
            Self::Closed { .. } => None,
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
            Self::Rate { per_second, .. } => Some(Duration::from_secs_f64(index as f64 / per_second)),
        }
    }
}

impl Figures {
    pub(super) fn requests(&self) -> usize {
        self.latencies.len()
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(super) fn throughput(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// Microseconds of the server's processor time per request.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(super) fn cpu(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.latencies.len() as f64
    }

    /// The latency that so many of a thousand requests do not exceed.
    pub(super) fn percentile(&self, per_mille: usize) -> Duration {
        let rank = (self.latencies.len() * per_mille).div_ceil(1000).max(1);
        self.latencies.get(rank - 1).copied().unwrap_or_default()
    }
}

/// Sends requests at that pace until a bound is reached. Every answer must be 200.
pub(super) fn run(
    server: &Server,
    requests: &Requests,
    pace: Pace,
    bounds: Bounds,
) -> anyhow::Result<Figures> {
    let mut connections = Vec::new();
    for _ in 0..pace.clients() {
        connections.push(Connection::open(&server.address)?);
    }
    let next = AtomicUsize::new(0);
    let cpu = server.cpu()?;
    let begin = Instant::now();
    let outcomes: Vec<anyhow::Result<Vec<Duration>>> = thread::scope(|scope| {
        let client = |connection| client(connection, requests, pace, bounds, &next, begin);
        let threads: Vec<_> =
            connections.into_iter().map(|connection| scope.spawn(move || client(connection))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().ok().context("a client panicked").and_then(|outcome| outcome))
            .collect()
    });
    let elapsed = begin.elapsed();
    let cpu = server.cpu()?.saturating_sub(cpu);
    let mut latencies = Vec::new();
    for outcome in outcomes {
        latencies.extend(outcome?);
    }
    ensure!(!latencies.is_empty(), "nothing was sent");
    latencies.sort_unstable();
    Ok(Figures { pace, elapsed, cpu, latencies })
}

/// One client: threads and blocking calls, because the system's sleep is finer than a runtime's timer.
fn client(
    mut connection: Connection,
    requests: &Requests,
    pace: Pace,
    bounds: Bounds,
    next: &AtomicUsize,
    begin: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    while begin.elapsed() < bounds.time {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let request = if index < bounds.count { requests.get(index) } else { None };
        let Some(request) = request else { break };
        let from = match pace.intended(index) {
            None => Instant::now(),
            Some(offset) if bounds.time <= offset => break,
            Some(offset) => {
                let intended = begin + offset;
                thread::sleep(intended.saturating_duration_since(Instant::now()));
                intended
            }
        };
        let answer = connection.call(request)?;
        latencies.push(from.elapsed());
        let body = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == 200, "{} {body}", answer.status);
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(milliseconds: impl Iterator<Item = u64>) -> Figures {
        Figures {
            pace: Pace::Closed { clients: 1 },
            elapsed: Duration::from_secs(2),
            cpu: Duration::from_millis(10),
            latencies: milliseconds.map(Duration::from_millis).collect(),
        }
    }

    #[test]
    fn percentiles_are_ranks() {
        let figures = figures(1..=100);
        let percentile = |per_mille| figures.percentile(per_mille).as_millis();
        assert_eq!([percentile(0), percentile(500), percentile(990), percentile(1000)], [1, 50, 99, 100]);
        assert_eq!(self::figures(7..=7).percentile(990).as_millis(), 7);
    }

    #[test]
    fn rates_are_per_second_and_per_request() {
        let figures = figures(1..=100);
        assert!((figures.throughput() - 50.0).abs() < 1e-9);
        assert!((figures.cpu() - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_fixed_rate_spreads_requests_evenly() {
        let pace = Pace::Rate { clients: 3, per_second: 200.0 };
        assert_eq!(pace.intended(0), Some(Duration::ZERO));
        assert_eq!(pace.intended(100), Some(Duration::from_millis(500)));
        assert_eq!(Pace::Closed { clients: 3 }.intended(100), None);
    }
}
