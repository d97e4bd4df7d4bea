//! A server's process: its start, its output, its log file, its end.

/// The process itself: its end, its output, its log file.
#[derive(Debug)]
struct Process {
    child: Child,
    status: Option<ExitStatus>,
    lines: Receiver<String>,
    output: String,
    log: PathBuf,
}

impl Process {
    fn start(options: &Options) -> Result<(Self, SocketAddr), Refused> {
        let log = options.folder.path().join("server.log");
        let log_file = fs_err::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .expect("the test's own folder is writable");
        let mut child = options
            .command()
            .arg("serve")
            .arg("--data")
            .arg(&options.data)
            .args(["--listen", &options.listen])
            .args(&options.arguments)
            .stdout(Stdio::piped())
            .stderr(log_file.into_file())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run {}: {error}", options.binary.display()));
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

    fn output(&mut self) -> String {
        while let Ok(line) = self.lines.try_recv() {
            self.remember(&line);
        }
        self.output.clone()
    }

    fn log(&self) -> String {
        let bytes = fs_err::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.len().saturating_sub(60);
        format!("--- the last lines of the server's log\n{}", lines[last..].join("\n"))
    }

    #[track_caller]
    fn signal(&self, name: &str) {
        assert!(self.status.is_none(), "the server has ended already");
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "cannot send SIG{name} to the server");
    }

    /// How the process ended, if it has.
    fn status(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().expect("the child is ours to wait for");
        }
        self.status
    }

    fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            let status = self.status();
            if status.is_some() || deadline < Instant::now() {
                return status;
            }
            std::thread::sleep(POLL);
        }
    }

    fn kill(&mut self) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A stand-in for the program: `sh` that does what a real one would.
    fn program(script: &str) -> (TempDir, PathBuf) {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        let path = folder.path().join("waybill");
        fs_err::write(&path, format!("#!/bin/sh\n{script}\n")).expect("the folder is ours");
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("the file is ours");
        (folder, path)
    }

    #[test]
    fn a_server_that_ends_early_is_reported_with_its_output() {
        let (_folder, path) = program("echo one; echo two >&2; exit 3");
        let refused = Options::new(path).try_start().expect_err("it ends");
        assert_eq!(refused.status.code(), Some(3));
        assert_eq!((refused.stdout.as_str(), refused.stderr.as_str()), ("one\n", "two\n"));
    }

    #[test]
    fn readiness_output_and_end_of_a_process_are_observed() {
        let (_folder, path) = program(
            "trap 'exit 0' TERM; echo starting; echo ready at https://127.0.0.1:7; echo $WAYBILL_X $4 >&2
             while :; do sleep 0.05; done",
        );
        let options = Options::new(path).environment("WAYBILL_X", "seen").argument("--more");
        let (mut process, address) = Process::start(&options).expect("it says it is ready");
        assert_eq!(address.to_string(), "127.0.0.1:7");
        assert_eq!(process.output(), "starting\nready at https://127.0.0.1:7\n");
        process.signal("TERM");
        assert_eq!(process.wait(STOP_LIMIT).and_then(|status| status.code()), Some(0));
        assert_eq!(process.log(), "seen --listen\n");
    }
}
