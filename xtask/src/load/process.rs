//! A server process and what the kernel says about it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub(super) address: String,
    data: Option<TempDir>,
    binary: std::path::PathBuf,
}

/// How long a server may take to start and to stop.
const LIMIT: Duration = Duration::from_mins(1);

impl Server {
    /// The empty handler, which is this program.
    pub(super) fn empty() -> anyhow::Result<Self> {
        let binary = std::env::current_exe()?;
        let mut command = Command::new(&binary);
        command.arg("empty-server");
        Self::start(command, &binary, None)
    }

    /// `waybill serve` with a new data folder and further variables.
    pub(super) fn waybill(
        binary: &Path,
        database: Option<&str>,
        variables: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let data = tempfile::Builder::new().prefix("waybill-load-").tempdir()?;
        let mut command = Command::new(binary);
        command.arg("serve").arg("--data").arg(data.path()).args(["--listen", "127.0.0.1:0"]);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        command.env("RUST_LOG", "warn").env("WAYBILL_LOG", "warn").envs(variables.iter().copied());
        Self::start(command, binary, Some(data))
    }

    fn start(mut command: Command, binary: &Path, data: Option<TempDir>) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", binary.display()))?;
        let stdout = child.stdout.take().context("stdout was asked to be a pipe")?;
        let mut server = Self { child, address: String::new(), data, binary: binary.to_owned() };
        let ready = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.strip_prefix("ready at ")?.split_once("://")?.1.to_owned()));
        match ready {
            Some(address) => server.address = address,
            None => bail!("the server ended with {} before it was ready", server.child.wait()?),
        }
        Ok(server)
    }

    /// What `waybill env` says.
    pub(super) fn environment(&self) -> anyhow::Result<Value> {
        let data = self.data.as_ref().context("the empty handler has no environment")?;
        let output = Command::new(&self.binary)
            .args(["env", "--format", "json", "--data"])
            .arg(data.path())
            .output()
            .context("`waybill env` cannot be run")?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`waybill env` failed: {error}");
        serde_json::from_slice(&output.stdout).context("`waybill env` prints no JSON")
    }

    /// Processor time used so far, by all threads.
    pub(super) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = fs_err::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let ticks = ticks(&stat).context("the kernel's line has another form")?;
        Ok(Duration::from_secs(1) * ticks / ticks_per_second())
    }

    /// Memory in MiB, once it has stopped growing after the start.
    pub(super) fn memory_at_rest(&self) -> anyhow::Result<f64> {
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut last = self.memory()?;
        loop {
            thread::sleep(Duration::from_millis(500));
            let now = self.memory()?;
            if now <= last || deadline < Instant::now() {
                return Ok(now);
            }
            last = now;
        }
    }

    fn memory(&self) -> anyhow::Result<f64> {
        let status = fs_err::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u32>().ok());
        Ok(f64::from(kib.context("the kernel says nothing about memory")?) / 1024.0)
    }

    /// Ends the server: politely, because a data folder is removed after it.
    pub(super) fn stop(mut self) -> anyhow::Result<()> {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let deadline = Instant::now() + LIMIT;
        while self.child.try_wait()?.is_none() {
            ensure!(Instant::now() < deadline, "the server does not stop");
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// User and system time of a line of `/proc/PID/stat`: the 14th and 15th field.
/// The second field is a name in parentheses that may hold anything.
fn ticks(stat: &str) -> Option<u32> {
    let after_name = stat.rsplit_once(')')?.1;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// 100 on every Linux that does not say otherwise.
fn ticks_per_second() -> u32 {
    let output = Command::new("getconf").arg("CLK_TCK").output();
    let told = output.ok().and_then(|output| String::from_utf8_lossy(&output.stdout).trim().parse().ok());
    told.filter(|&ticks| ticks != 0).unwrap_or(100)
}

#[test]
fn processor_time_is_read_behind_the_name() {
    let line = "4711 (a (b) c) S 1 4711 4711 0 -1 4194560 900 0 0 0 70 30 0 0 20 0 5 0 100 200 300";
    assert_eq!(ticks(line), Some(100));
    assert_eq!(ticks("4711 (x) S"), None);
}
