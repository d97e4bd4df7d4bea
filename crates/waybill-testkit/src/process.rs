//! A server's process: its start, its output, its log file, its end.

use std::{
    fmt,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

/// Long enough for a debug build on a machine that compiles something else at the same time.
const START_LIMIT: Duration = Duration::from_secs(90);
/// The server lets requests in flight finish, which is bounded by far less than this.
pub(crate) const STOP_LIMIT: Duration = Duration::from_secs(45);
/// Short, because a test that only drops its server blocks the runtime on which its connections live, and the
/// server waits for those to say farewell.
const DROP_LIMIT: Duration = Duration::from_millis(500);
/// How often a process is asked whether it has ended.
pub(crate) const POLL: Duration = Duration::from_millis(10);

/// A server that ended before it was ready.
#[derive(Debug)]
pub struct Refused {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// A process that prints `ready at https://ADDRESS` and then serves.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) child: Child,
    status: Option<ExitStatus>,
    lines: Receiver<String>,
    output: String,
    log: PathBuf,
}

impl Process {
    /// Starts the command, whose stderr is appended to `log`, and waits until it is ready.
    pub(crate) fn start(mut command: Command, log: PathBuf) -> Result<(Self, SocketAddr), Refused> {
        let log_file = fs_err::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .expect("the test's own folder is writable");
        command.stdout(Stdio::piped()).stderr(log_file.into_file());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => panic!("cannot run {}: {error}", command.get_program().display()),
        };
        let pipe = child.stdout.take().expect("stdout was asked to be a pipe");
        let (send, lines) = channel();
        std::thread::spawn(move || {
            // The thread ends with the process, whose stdout this is; nobody may be listening any more.
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let mut process = Self { child, status: None, lines, output: String::new(), log };
        let address = process.ready()?;
        Ok((process, address))
    }

    /// Waits for the line `ready at https://ADDRESS`.
    fn ready(&mut self) -> Result<SocketAddr, Refused> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            match self.lines.recv_timeout(POLL) {
                Ok(line) => {
                    self.remember(&line);
                    if let Some(url) = line.strip_prefix("ready at ") {
                        let address = url.strip_prefix("https://").unwrap_or(url);
                        return Ok(address.parse().unwrap_or_else(|_| {
                            panic!("`ready at` is followed by https://ADDRESS:PORT, not by `{url}`")
                        }));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.wait(STOP_LIMIT).unwrap_or_else(|| {
                        panic!("the server closed its stdout and runs on\n{}", self.tail());
                    });
                    return Err(Refused { status, stdout: self.output.clone(), stderr: self.log() });
                }
                Err(RecvTimeoutError::Timeout) if deadline < Instant::now() => {
                    panic!("the server was not ready within {START_LIMIT:?}\n{}", self.tail())
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn remember(&mut self, line: &str) {
        self.output.push_str(line);
        self.output.push('\n');
    }

    pub(crate) fn output(&mut self) -> String {
        while let Ok(line) = self.lines.try_recv() {
            self.remember(&line);
        }
        self.output.clone()
    }

    pub(crate) fn log(&self) -> String {
        let bytes = fs_err::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) fn tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.len().saturating_sub(60);
        format!("--- the last lines of the server's log\n{}", lines[last..].join("\n"))
    }

    #[track_caller]
    pub(crate) fn signal(&self, name: &str) {
        assert!(self.status.is_none(), "the server has ended already");
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "cannot send SIG{name} to the server");
    }

    /// How the process ended, if it has.
    pub(crate) fn status(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().expect("the child is ours to wait for");
        }
        self.status
    }

    pub(crate) fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            let status = self.status();
            if status.is_some() || deadline < Instant::now() {
                return status;
            }
            std::thread::sleep(POLL);
        }
    }

    pub(crate) fn kill(&mut self) {
        // Fails only when the process has ended already.
        let _ = self.child.kill();
        self.status = self.child.wait().ok().or(self.status);
    }
}

impl Drop for Process {
    #[expect(clippy::print_stderr, reason = "a failing test shows what its server logged")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.tail());
        }
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        if !asked.is_ok_and(|status| status.success()) || self.wait(DROP_LIMIT).is_none() {
            self.kill();
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n--- stdout\n{}--- stderr\n{}", self.status, self.stdout, self.stderr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(script: &str, log: &std::path::Path) -> Result<(Process, SocketAddr), Refused> {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("WAYBILL_X", "seen");
        Process::start(command, log.join("log"))
    }

    #[test]
    fn a_server_that_ends_early_is_reported_with_its_output() {
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        let refused = start("echo one; echo two >&2; exit 3", folder.path()).expect_err("it ends");
        assert_eq!(refused.status.code(), Some(3));
        assert_eq!((refused.stdout.as_str(), refused.stderr.as_str()), ("one\n", "two\n"));
    }

    #[test]
    fn readiness_output_and_end_of_a_process_are_observed() {
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        let script =
            "trap 'exit 0' TERM; echo starting; echo $WAYBILL_X >&2; echo ready at https://127.0.0.1:7
                      while :; do sleep 0.05; done";
        let (mut process, address) = start(script, folder.path()).expect("it says it is ready");
        assert_eq!(address.to_string(), "127.0.0.1:7");
        assert_eq!(process.output(), "starting\nready at https://127.0.0.1:7\n");
        process.signal("TERM");
        assert_eq!(process.wait(STOP_LIMIT).and_then(|status| status.code()), Some(0));
        assert_eq!(process.log(), "seen\n");
    }
}
