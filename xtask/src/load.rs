//! How fast the server is, as ratios to an empty handler measured in the same run.
//!
//! Absolute figures depend on the machine and on its neighbours; ratios hardly do. What counts is the server's
//! own processor time per request, which the kernel counts, so that the load generator may share the machine.
//! Everything is bounded in count and in time.

mod empty;
mod http;
mod measure;
mod process;
mod report;
mod scene;

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, ensure};
use serde_json::Value;

pub(crate) use self::empty::run as empty_server;
use self::{
    measure::{Bounds, Figures, Pace},
    process::Server,
    report::{Bar, Report},
    scene::Scene,
};

/// Measure the server against an empty handler
///
/// Builds `waybill` in release mode, starts it on this machine and prints a table.
/// Fails when a ratio is above its bar.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Use this program instead of building it
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// Clients that send as fast as they are answered
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Writes to measure; reads and empty requests are ten times as many
    #[arg(long, default_value_t = 6000)]
    writes: usize,
    /// The longest a single measurement may take, in seconds
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Requests per second of the measurements at a fixed rate (default: half of what was reached without one)
    #[arg(long)]
    rate: Option<u32>,
    /// Give the server this database instead of SQLite in a new folder
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Print the table and never fail
    #[arg(long)]
    report_only: bool,
}

/// CPU of a read and of a durable write, in empty handlers.
const READ_BAR: f64 = 6.0;
const WRITE_BAR: f64 = 8.0;
/// Throughput of group commit, in throughputs of one commit per request.
const GROUP_BAR: f64 = 3.0;
/// Memory of a server that has just started.
const REST_BAR_MIB: f64 = 80.0;

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        // The empty handler must be built like the server, or it would look slow and the server fast.
        return run_in_release_mode();
    }
    let binary = match &arguments.binary {
        Some(binary) => binary.clone(),
        None => build()?,
    };
    let mut report = Report::default();
    let empty = measure_empty(arguments, &mut report)?;
    let rest = measure_server(arguments, &binary, &empty, &mut report)?;
    report.bar(Bar::at_most("memory at rest, MiB", rest, REST_BAR_MIB));
    report.print()?;
    ensure!(arguments.report_only || report.is_good(), "a bar was missed");
    Ok(())
}

fn measure_empty(arguments: &Arguments, report: &mut Report) -> anyhow::Result<Figures> {
    let server = Server::empty()?;
    let request = http::request("GET", "/", &server.address, "", "");
    let requests = scene::Requests::Same(request);
    let bounds = arguments.bounds(arguments.writes * 10);
    let _ = measure::run(&server, &requests, arguments.closed(), bounds.warm_up())?;
    let figures = measure::run(&server, &requests, arguments.closed(), bounds)?;
    report.row("empty handler", &figures, &figures);
    report.row(
        "empty handler",
        &measure::run(&server, &requests, arguments.paced(&figures), bounds.shorter())?,
        &figures,
    );
    server.stop()?;
    Ok(figures)
}

/// Measures reads and writes, then writes with a commit per request; returns the memory at rest in MiB.
fn measure_server(
    arguments: &Arguments,
    binary: &Path,
    empty: &Figures,
    report: &mut Report,
) -> anyhow::Result<f64> {
    let server = Server::waybill(binary, arguments.database.as_deref(), &[])?;
    let rest = server.memory_at_rest()?;
    let scene = Scene::new(&server)?;
    let bounds = arguments.bounds(arguments.writes * 10);
    let reads = scene.reads();
    let _ = measure::run(&server, &reads, arguments.closed(), bounds.warm_up())?;
    let read = measure::run(&server, &reads, arguments.closed(), bounds)?;
    report.row("read: channel, version, artifacts", &read, empty);
    let paced = measure::run(&server, &reads, arguments.paced(&read), bounds.shorter())?;
    report.row("read: channel, version, artifacts", &paced, empty);

    let bounds = arguments.bounds(arguments.writes);
    let _ =
        measure::run(&server, &scene.writes(bounds.warm_up().count)?, arguments.closed(), bounds.warm_up())?;
    let write = measure::run(&server, &scene.writes(bounds.count)?, arguments.closed(), bounds)?;
    report.row("durable write: build done", &write, empty);
    let few = bounds.shorter();
    let paced = measure::run(&server, &scene.writes(few.count)?, arguments.paced(&write), few)?;
    report.row("durable write: build done", &paced, empty);
    let alone = measure::run(&server, &scene.writes(few.count)?, Pace::Closed { clients: 1 }, few)?;
    report.row("durable write, one client", &alone, empty);
    server.stop()?;

    let server = Server::waybill(binary, arguments.database.as_deref(), &[("WAYBILL_GROUP_COMMIT", "off")])?;
    let scene = Scene::new(&server)?;
    let _ =
        measure::run(&server, &scene.writes(bounds.warm_up().count)?, arguments.closed(), bounds.warm_up())?;
    let single = measure::run(&server, &scene.writes(bounds.count)?, arguments.closed(), bounds)?;
    report.row("durable write, a commit per request", &single, empty);
    server.stop()?;

    report.bar(Bar::at_most("read, CPU in empty handlers", read.cpu() / empty.cpu(), READ_BAR));
    report.bar(Bar::at_most("durable write, CPU in empty handlers", write.cpu() / empty.cpu(), WRITE_BAR));
    let gain = write.throughput() / single.throughput();
    report.bar(Bar::at_least("group commit, throughput in single commits", gain, GROUP_BAR));
    Ok(rest)
}

impl Arguments {
    fn closed(&self) -> Pace {
        Pace::Closed { clients: self.clients }
    }

    fn paced(&self, reached: &Figures) -> Pace {
        let rate = self.rate.map_or(reached.throughput() / 2.0, f64::from);
        Pace::Rate { clients: self.clients, per_second: rate }
    }

    fn bounds(&self, count: usize) -> Bounds {
        Bounds { count, time: Duration::from_secs(self.seconds) }
    }
}

/// Runs the same chore again, built without debug assertions.
fn run_in_release_mode() -> anyhow::Result<()> {
    let status = Command::new(cargo())
        .args(["run", "--quiet", "--release", "--package", "xtask", "--"])
        .args(std::env::args_os().skip(1))
        .status()
        .context("cargo cannot be run")?;
    ensure!(status.success(), "the load run failed");
    Ok(())
}

/// Builds the server and returns where the program is.
fn build() -> anyhow::Result<PathBuf> {
    let status = Command::new(cargo())
        .args(["build", "--release", "--package", "waybill"])
        .status()
        .context("cargo cannot be run")?;
    ensure!(status.success(), "the server does not build");
    let output = Command::new(cargo())
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .context("cargo cannot be run")?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
    let target = metadata["target_directory"].as_str().context("cargo metadata names no target directory")?;
    Ok(Path::new(target).join("release/waybill"))
}

fn cargo() -> &'static str {
    option_env!("CARGO").unwrap_or("cargo")
}
