//! What the operating system says about this process, read when somebody asks for the metrics.
//!
//! The names are those that every Prometheus dashboard knows. Linux only; elsewhere just the start time and the
//! age are reported.

use std::{fmt, time::Instant};

use jiff::Timestamp;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};

/// The kernel reports CPU time to programs in this unit on every architecture that Rust's Linux targets name.
const TICKS_PER_SECOND: f64 = 100.0;

#[derive(Debug)]
pub(super) struct Process {
    started: Timestamp,
    since: Instant,
}

/// A moment's view of the process. Absent is what could not be read.
#[derive(Debug, Default)]
struct Usage {
    resident_bytes: Option<f64>,
    cpu_seconds: Option<f64>,
    threads: Option<f64>,
    open_files: Option<f64>,
    max_open_files: Option<u64>,
}

/// Returns how many files this process may have open, if the system says so and sets a limit.
pub fn max_open_files() -> Option<u64> {
    let limits = fs_err::read_to_string("/proc/self/limits").ok()?;
    parse_max_open_files(&limits)
}

impl Process {
    pub(super) fn new(started: Timestamp, since: Instant) -> Self {
        Self { started, since }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let usage = usage();
        let started = self.started.as_duration().as_secs_f64();
        let mut gauge = |name: &str, help: &str, value: Option<f64>| {
            let Some(value) = value else { return Ok(()) };
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        gauge(
            "process_start_time_seconds",
            "When the process started, in seconds since 1970; if it changes by itself, the server dies: read its log",
            Some(started),
        )?;
        gauge(
            "waybill_uptime_seconds",
            "How long the process has run; if it is always short, the server dies: read its log",
            Some(self.since.elapsed().as_secs_f64()),
        )?;
        gauge(
            "process_resident_memory_bytes",
            "Memory in use; if it grows without end while the load does not, report it with the request figures",
            usage.resident_bytes,
        )?;
        gauge(
            "process_threads",
            "Threads; some dozens are normal, hundreds mean that work on files or the database hangs",
            usage.threads,
        )?;
        gauge(
            "process_open_fds",
            "Open files and sockets; near process_max_fds new connections wait: raise the limit of open files",
            usage.open_files,
        )?;
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        gauge(
            "process_max_fds",
            "How many files and sockets the system allows; below 4352 it, and not the server, limits connections",
            usage.max_open_files.map(|files| files as f64),
        )?;
        if let Some(cpu) = usage.cpu_seconds {
            let counter = ConstCounter::new(cpu);
            counter.encode(encoder.encode_descriptor(
                "process_cpu_seconds",
                "CPU time used; near the number of cores per second the machine is too small or a client loops",
                None,
                counter.metric_type(),
            )?)?;
        }
        Ok(())
    }
}

fn usage() -> Usage {
    let read = |path| fs_err::read_to_string(path).ok();
    let status = read("/proc/self/status");
    let field = |name| status.as_deref().and_then(|status| parse_status(status, name));
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let open_files = fs_err::read_dir("/proc/self/fd").ok().map(|files| files.count() as f64);
    Usage {
        resident_bytes: field("VmRSS:").map(|kib| kib * 1024.0),
        threads: field("Threads:"),
        cpu_seconds: read("/proc/self/stat").and_then(|stat| parse_cpu_seconds(&stat)),
        open_files,
        max_open_files: max_open_files(),
    }
}

fn parse_status(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// User and system time: the 14th and 15th word of the line, counted after the name, which may contain anything.
fn parse_cpu_seconds(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut ticks = rest.split_whitespace().skip(11).map(str::parse::<f64>);
    Some((ticks.next()?.ok()? + ticks.next()?.ok()?) / TICKS_PER_SECOND)
}

fn parse_max_open_files(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_writes_is_read() {
        assert_eq!(parse_status("Name:\tx\nVmRSS:\t   2048 kB\n", "VmRSS:"), Some(2048.0));
        assert_eq!(parse_status("Name:\tx\n", "VmRSS:"), None);
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0";
        assert_eq!(parse_cpu_seconds(stat), Some(2.0));
        assert_eq!(parse_cpu_seconds("7 (a"), None);
        let limits = "Max processes  1  1  processes\nMax open files            1024     524288    files\n";
        assert_eq!(parse_max_open_files(limits), Some(1024));
        assert_eq!(parse_max_open_files("Max open files  unlimited  unlimited files"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_uses_memory_and_files() {
        let usage = usage();
        assert!(usage.resident_bytes.is_some_and(|bytes| bytes > 0.0), "{usage:?}");
        assert!(usage.open_files.is_some_and(|files| files > 0.0), "{usage:?}");
        assert!(usage.cpu_seconds.is_some() && usage.threads.is_some(), "{usage:?}");
    }
}
