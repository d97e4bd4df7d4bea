//! The commands on templates, measured as whole processes: time and memory, against Packer where there is one.
//!
//! `PACKER` names its program. Both take turns, so that what else the machine does meets both.

#![expect(clippy::print_stdout, reason = "a table on stdout is what this is for")]

mod scene;

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use clap::Parser;
use nix::sys::resource::{UsageWho, getrusage};

use self::scene::{Question, Scene};

/// Measure the commands on templates, against the program that PACKER names
#[derive(Parser)]
pub(crate) struct Arguments {
    /// The program to measure
    #[arg(long, default_value = "target/release/waybill")]
    binary: PathBuf,
    /// How often each command runs
    #[arg(long, default_value_t = 15)]
    runs: usize,
    /// Print, and miss no bar
    #[arg(long)]
    report_only: bool,
}

/// What to run and how often it is told
#[derive(Parser)]
pub(crate) struct MeasureArguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    words: Vec<String>,
}

/// At most so much of Packer's time and memory.
const TIME_BAR: f64 = 0.1;
const MEMORY_BAR: f64 = 1.0 / 3.0;

/// One run of a program.
#[derive(Clone, Copy)]
struct Run {
    time: Duration,
    kilobytes: u64,
}

/// Runs a program, and prints its nanoseconds, its largest resident memory and its exit code.
pub(crate) fn measure(arguments: &MeasureArguments) -> anyhow::Result<()> {
    let (program, words) = arguments.words.split_first().context("what to run?")?;
    let started = Instant::now();
    let status = Command::new(program).args(words).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    let time = started.elapsed();
    let memory = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    println!("{} {memory} {}", time.as_nanos(), status.code().unwrap_or(-1));
    Ok(())
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let binary = fs_err::canonicalize(&arguments.binary)?;
    let packer = env::var_os("PACKER").map(PathBuf::from).map(fs_err::canonicalize).transpose()?;
    let scene = Scene::new()?;
    println!("| command | Waybill ms | MiB | Packer ms | MiB | time | memory |");
    println!("|---|---|---|---|---|---|---|");
    let mut missed = Vec::new();
    for question in scene::questions() {
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for _ in 0..arguments.runs.max(1) {
            ours.push(scene.ask(&binary, &question)?);
            if let Some(packer) = &packer {
                theirs.push(scene.ask(packer, &question)?);
            }
        }
        missed.extend(report(
            &question,
            &median(&mut ours),
            (!theirs.is_empty()).then(|| median(&mut theirs)).as_ref(),
        ));
    }
    if !missed.is_empty() {
        println!("\nmissed: {}", missed.join(", "));
        if !arguments.report_only {
            bail!("a bar was missed");
        }
    }
    Ok(())
}

fn median(runs: &mut [Run]) -> Run {
    runs.sort_by_key(|run| run.time);
    let time = runs[runs.len() / 2].time;
    runs.sort_by_key(|run| run.kilobytes);
    Run { time, kilobytes: runs[runs.len() / 2].kilobytes }
}

/// Prints a line, and says whether it misses a bar.
fn report(question: &Question, ours: &Run, theirs: Option<&Run>) -> Option<&'static str> {
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let mebibytes = |run: &Run| run.kilobytes as f64 / 1024.0;
    let milliseconds = |run: &Run| run.time.as_secs_f64() * 1000.0;
    let own = format!("| {} | {:.1} | {:.1}", question.name, milliseconds(ours), mebibytes(ours));
    let Some(theirs) = theirs else {
        println!("{own} | | | | |");
        return None;
    };
    let time = milliseconds(ours) / milliseconds(theirs);
    let memory = mebibytes(ours) / mebibytes(theirs);
    println!(
        "{own} | {:.1} | {:.1} | 1/{:.0} | 1/{:.1} |",
        milliseconds(theirs),
        mebibytes(theirs),
        1.0 / time,
        1.0 / memory
    );
    (time > TIME_BAR || memory > MEMORY_BAR).then_some(question.name)
}

impl Scene {
    /// Runs a program with a question, in a process between, so that its memory is its own.
    fn ask(&self, program: &std::path::Path, question: &Question) -> anyhow::Result<Run> {
        let between = env::current_exe()?;
        let mut command = Command::new(between);
        command.arg("measure").arg(program).args(&question.words).current_dir(self.folder());
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command.stdin(question.input(self)?);
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut figures = text.split_whitespace().map(str::parse::<i64>);
        let mut next = || figures.next().and_then(Result::ok).and_then(|figure| u64::try_from(figure).ok());
        let (Some(nanoseconds), Some(kilobytes), Some(code)) = (next(), next(), next()) else {
            bail!("{} cannot be measured: {}", program.display(), String::from_utf8_lossy(&output.stderr));
        };
        if code != question.exit {
            bail!("{} {} ended with exit code {code}", program.display(), question.words.join(" "));
        }
        Ok(Run { time: Duration::from_nanos(nanoseconds), kilobytes })
    }
}
