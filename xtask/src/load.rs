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
    scene::{Requests, Scene},
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
    /// How often everything that a bar is about is measured; the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
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
    let report = measure_all(arguments, &binary)?;
    report.print()?;
    ensure!(arguments.report_only || report.is_good(), "a bar was missed");
    Ok(())
}

/// What is measured in every round, close together, so that a noisy neighbour disturbs all alike.
struct Round {
    empty: Figures,
    read: Figures,
    write: Figures,
    single: Figures,
}

fn measure_all(arguments: &Arguments, binary: &Path) -> anyhow::Result<Report> {
    let database = arguments.database.as_deref();
    let grouped = Server::waybill(binary, database, &[])?;
    let rest = grouped.memory_at_rest()?;
    let single = Server::waybill(binary, None, &[("WAYBILL_GROUP_COMMIT", "off")])?;
    let empty = Server::empty()?;
    let (scene, single_scene) = (Scene::new(&grouped)?, Scene::new(&single)?);
    let nothing = Requests::Same(http::request("GET", "/", &empty.address, "", ""));
    let (reads, many, few) =
        (scene.reads(), arguments.bounds(10 * arguments.writes), arguments.bounds(arguments.writes));
    let closed = arguments.closed();

    for (server, requests, bounds) in [
        (&empty, nothing.clone(), many.warm_up()),
        (&grouped, reads.clone(), many.warm_up()),
        (&grouped, scene.writes(few.warm_up().count)?, few.warm_up()),
        (&single, single_scene.writes(few.warm_up().count)?, few.warm_up()),
    ] {
        measure::run(server, &requests, closed, bounds)?;
    }
    let mut rounds = Vec::new();
    for _ in 0..arguments.rounds.max(1) {
        rounds.push(Round {
            empty: measure::run(&empty, &nothing, closed, many)?,
            read: measure::run(&grouped, &reads, closed, many)?,
            write: measure::run(&grouped, &scene.writes(few.count)?, closed, few)?,
            single: measure::run(&single, &single_scene.writes(few.count)?, closed, few)?,
        });
    }
    single.stop()?;

    let typical = |of: fn(&Round) -> &Figures| report::median(&rounds, |round| of(round).cpu());
    let idle = &typical(|round| &round.empty).empty;
    let read = &typical(|round| &round.read).read;
    let write = &typical(|round| &round.write).write;
    let mut report = Report::default();
    report.row("empty handler", idle, idle);
    report.row(READ, read, idle);
    report.row(WRITE, write, idle);
    report.row("durable write, a commit per request", &typical(|round| &round.single).single, idle);
    let (many, few) = (many.shorter(), few.shorter());
    report.row("empty handler", &measure::run(&empty, &nothing, arguments.paced(idle), many)?, idle);
    report.row(READ, &measure::run(&grouped, &reads, arguments.paced(read), many)?, idle);
    report.row(WRITE, &measure::run(&grouped, &scene.writes(few.count)?, arguments.paced(write), few)?, idle);
    let alone = Pace::Closed { clients: 1 };
    report.row(WRITE, &measure::run(&grouped, &scene.writes(few.count)?, alone, few)?, idle);
    empty.stop()?;
    grouped.stop()?;

    let ratio = |of: fn(&Round) -> f64| of(report::median(&rounds, of));
    let read = ratio(|round| round.read.cpu() / round.empty.cpu());
    let write = ratio(|round| round.write.cpu() / round.empty.cpu());
    let gain = ratio(|round| round.write.throughput() / round.single.throughput());
    report.bar(Bar::at_most("read, CPU in empty handlers", read, READ_BAR));
    report.bar(Bar::at_most("durable write, CPU in empty handlers", write, WRITE_BAR));
    if database.is_none() {
        report.bar(Bar::at_least("group commit, throughput in single commits", gain, GROUP_BAR));
    }
    report.bar(Bar::at_most("memory at rest, MiB", rest, REST_BAR_MIB));
    Ok(report)
}

const READ: &str = "read: channel, version, artifacts";
const WRITE: &str = "durable write: build done";

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
