//! What the server counts, as fields of a struct that is passed.
//!
//! Label sets are closed: operations, status classes, reasons; never an identifier. A series appears when it first
//! counts something. Handles are resolved once ([`Metrics::operation`]), so that counting on the path of a request
//! is an atomic addition and not a look-up.
//! Every help text says what to do when the figure is bad.

use std::{
    fmt,
    sync::{OnceLock, atomic::AtomicU64},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Metric, Registry},
};

pub mod process;

/// The media type of what [`Metrics::encode`] returns.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds in seconds. The first separates reads that hit the cache, the last is what a person calls broken.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// All figures of one server. Shared as `Arc<Metrics>`; fields that others count are public.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<OperationLabel, Histogram, fn() -> Histogram>,
    pub connections: Gauge,
    pub connections_failed: ConnectionsFailed,
    pub accept_pauses: Counter,
    pub panics: Counter,
    pub writes: Counter,
    pub builds_completed: Counter,
    pub versions_completed: Counter,
    pub auth_failures: Counter,
    pub exchanges: Exchanges,
    /// Seconds since 1970.
    pub certificate_expires: Gauge<f64, AtomicU64>,
}

/// Connections that ended before a request, by reason.
#[derive(Clone)]
pub struct ConnectionsFailed {
    /// Nothing came, or the handshake was too slow.
    pub silent: Counter,
    /// The handshake was broken off.
    pub handshake: Counter,
    /// Plain HTTP from another machine.
    pub plain: Counter,
}

/// Exchanges of what workloads show for access tokens, by outcome.
#[derive(Clone)]
pub struct Exchanges {
    pub accepted: Counter,
    /// Of no provider, not genuine, or the condition is false.
    pub refused: Counter,
    /// Exchanged before, too long ago.
    pub repeated: Counter,
    /// The issuer's keys or AWS could not be asked.
    pub unavailable: Counter,
}

/// The figures of one operation, resolved once and kept by whoever routes to it.
pub struct OperationMetrics {
    operation: &'static str,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<OperationLabel, Histogram, fn() -> Histogram>,
    by_class: [OnceLock<Counter>; STATUS_CLASSES.len()],
    seconds: OnceLock<Histogram>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    operation: &'static str,
    status_class: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabel {
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

const STATUS_CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

impl Metrics {
    /// Makes the figures of a server that started at `started`.
    pub fn new(started: Timestamp) -> Self {
        let mut registry = Registry::default();
        let failed = Family::<ReasonLabel, Counter>::default();
        let reason = |reason| failed.get_or_create_owned(&ReasonLabel { reason });
        let connections_failed = ConnectionsFailed {
            silent: reason("silent"),
            handshake: reason("handshake"),
            plain: reason("plain"),
        };
        registry.register(
            "waybill_connections_failed",
            "Connections that ended before a request, by reason; handshake: clients do not trust the certificate \
             (`waybill env` there) or speak an old TLS; plain: clients use http:// from another machine; silent: a \
             port scan, a health check without data or a very slow network",
            failed.clone(),
        );
        let outcomes = Family::<OutcomeLabel, Counter>::default();
        let outcome = |outcome| outcomes.get_or_create_owned(&OutcomeLabel { outcome });
        let exchanges = Exchanges {
            accepted: outcome("accepted"),
            refused: outcome("refused"),
            repeated: outcome("repeated"),
            unavailable: outcome("unavailable"),
        };
        registry.register(
            "waybill_exchanges",
            "Tokens that workloads brought to be exchanged, by outcome; refused: the log says why; repeated: a job \
             uses its token for longer than `--workload-token-reuse`, or somebody found it; unavailable: the registry \
             cannot reach the issuer, see the warnings of the log",
            outcomes.clone(),
        );
        registry.register(
            "waybill_build",
            "The program that runs; differing versions behind one address mean an unfinished update",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        registry.register_collector(Box::new(process::Process::new(started, Instant::now())));
        Self {
            requests: register(
                &mut registry,
                "waybill_http_requests",
                "Requests answered, by operation and class of status; when 5xx rises, read the error lines of the log; \
                 when 4xx rises, the request lines name the route",
                Family::default(),
            ),
            request_seconds: register(
                &mut registry,
                "waybill_http_request_seconds",
                "Time from a request to its answer; when it rises for all operations, look at disk and CPU; for one, \
                 at what its callers changed",
                Family::new_with_constructor(seconds as fn() -> Histogram),
            ),
            connections: register(
                &mut registry,
                "waybill_connections",
                "Connections open now; near the limit (4096, or the limit of open files less 256) new clients wait: \
                 raise the limit of open files or look for a client that never closes",
                Gauge::default(),
            ),
            accept_pauses: register(
                &mut registry,
                "waybill_accept_pauses",
                "Times that accepting stopped because all connections were in use or no file handle was free; raise \
                 the limit of open files",
                Counter::default(),
            ),
            panics: register(
                &mut registry,
                "waybill_panics",
                "Requests that ended in a fault of the server; never normal: report the error line of the log",
                Counter::default(),
            ),
            writes: register(
                &mut registry,
                "waybill_writes",
                "Changes committed; when it stands still while clients build, look at the disk and the error log",
                Counter::default(),
            ),
            builds_completed: register(
                &mut registry,
                "waybill_builds_completed",
                "Builds that reached DONE; when it falls behind what runs, look for FAILED builds",
                Counter::default(),
            ),
            versions_completed: register(
                &mut registry,
                "waybill_versions_completed",
                "Versions that became complete; when builds complete and versions do not, some build of each fails",
                Counter::default(),
            ),
            auth_failures: register(
                &mut registry,
                "waybill_auth_failures",
                "Requests refused for a missing, wrong or expired secret or token; a burst is a client with an old \
                 secret or somebody guessing: the request lines show the route",
                Counter::default(),
            ),
            certificate_expires: register(
                &mut registry,
                "waybill_certificate_expires_timestamp_seconds",
                "When the TLS certificate in use expires, in seconds since 1970; less than 25 days ahead means that \
                 renewing it fails: read the error lines of the log",
                Gauge::default(),
            ),
            connections_failed,
            exchanges,
            registry,
        }
    }

    /// Returns the figures of the operation of that name. Call it once per route, not per request.
    pub fn operation(&self, operation: &'static str) -> OperationMetrics {
        OperationMetrics {
            operation,
            requests: self.requests.clone(),
            request_seconds: self.request_seconds.clone(),
            by_class: Default::default(),
            seconds: OnceLock::new(),
        }
    }

    /// Returns everything as text that Prometheus reads; see [`CONTENT_TYPE`].
    pub fn encode(&self) -> String {
        let mut text = String::with_capacity(16 << 10);
        text::encode(&mut text, &self.registry).expect("writing to a string does not fail");
        text
    }
}

impl OperationMetrics {
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Counts one answer with that HTTP status.
    pub fn record(&self, status: u16, duration: Duration) {
        let class = usize::from(status / 100).clamp(1, STATUS_CLASSES.len()) - 1;
        self.by_class[class]
            .get_or_init(|| {
                let status_class = STATUS_CLASSES[class];
                self.requests.get_or_create_owned(&RequestLabels { operation: self.operation, status_class })
            })
            .inc();
        self.seconds
            .get_or_init(|| {
                self.request_seconds.get_or_create_owned(&OperationLabel { operation: self.operation })
            })
            .observe(duration.as_secs_f64());
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

fn register<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_appear_when_they_count() {
        let metrics = Metrics::new(Timestamp::UNIX_EPOCH);
        let operation = metrics.operation("GetThing");
        assert!(!metrics.encode().contains("GetThing"));
        operation.record(200, Duration::from_millis(2));
        operation.record(204, Duration::from_millis(2));
        operation.record(503, Duration::from_millis(2));
        metrics.builds_completed.inc();
        let text = metrics.encode();
        for line in [
            "waybill_http_requests_total{operation=\"GetThing\",status_class=\"2xx\"} 2\n",
            "waybill_http_requests_total{operation=\"GetThing\",status_class=\"5xx\"} 1\n",
            "waybill_http_request_seconds_bucket{le=\"0.0025\",operation=\"GetThing\"} 3\n",
            "waybill_builds_completed_total 1\n",
            "waybill_connections 0\n",
            "waybill_connections_failed_total{reason=\"handshake\"} 0\n",
            "process_start_time_seconds 0.0\n",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn every_help_text_is_more_than_a_name() {
        let text = Metrics::new(Timestamp::UNIX_EPOCH).encode();
        for line in text.lines().filter(|line| line.starts_with("# HELP")) {
            assert!(line.contains(';'), "what to do when it is bad: {line}");
        }
    }
}
