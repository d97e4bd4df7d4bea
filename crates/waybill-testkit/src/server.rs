//! A `waybill serve` process that belongs to one test.

use std::{
    ffi::OsString,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Output, Stdio},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    Api,
    process::{POLL, Process, Refused, STOP_LIMIT},
};

/// How to start a server: the program, its data folder, further arguments and variables.
///
/// The data folder is new and temporary unless [`data`](Self::data) names one.
#[derive(Clone, Debug)]
pub struct Options {
    binary: PathBuf,
    folder: Arc<TempDir>,
    data: PathBuf,
    listen: String,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
}

/// A running `waybill serve`. Dropping it ends the process; [`stop`](Self::stop) also checks how it ended.
#[derive(Debug)]
pub struct Waybill {
    options: Options,
    process: Process,
    address: SocketAddr,
    client: reqwest::Client,
    credentials: Credentials,
}

/// What `waybill env --format json` says about the owner.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: String,
    pub organization_id: String,
    pub project_id: String,
}

impl Options {
    /// `waybill serve` of that program with a temporary data folder and a free port.
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("waybill-test-")
            .tempdir()
            .expect("the system's temporary folder is writable");
        Self {
            binary: binary.into(),
            data: folder.path().join("data"),
            folder: Arc::new(folder),
            listen: "127.0.0.1:0".to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Uses that data folder, which is kept when the server ends.
    #[must_use]
    pub fn data(mut self, data: impl Into<PathBuf>) -> Self {
        self.data = data.into();
        self
    }

    /// Adds `--database URL`.
    #[must_use]
    pub fn database(self, url: &str) -> Self {
        self.argument("--database").argument(url)
    }

    /// Listens there instead of `127.0.0.1:0`.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        address.clone_into(&mut self.listen);
        self
    }

    /// Adds one argument to `waybill serve`.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Sets a variable of the server's environment.
    #[must_use]
    pub fn environment(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Starts the server and waits until it is ready.
    #[track_caller]
    pub fn start(self) -> Waybill {
        match self.try_start() {
            Ok(waybill) => waybill,
            Err(refused) => panic!("`waybill serve` did not start: {refused}"),
        }
    }

    /// Starts the server; `Err` when it ends by itself instead of becoming ready.
    pub fn try_start(self) -> Result<Waybill, Refused> {
        let (process, address) = Process::start(self.serve(), self.log())?;
        let credentials = self.credentials();
        let client = client(&self.data);
        Ok(Waybill { options: self, process, address, client, credentials })
    }

    /// The data folder that the server will use, for a test that wants to put something there first.
    pub fn data_folder(&self) -> &Path {
        &self.data
    }

    /// Starts the server, waits until it is ready and ends it, without asking for its credentials.
    pub fn try_start_process(self) -> Result<(), Refused> {
        Process::start(self.serve(), self.log()).map(drop)
    }

    /// `waybill SUBCOMMAND…` of the same program, with the same variables.
    fn command(&self) -> Command {
        let mut command = command(&self.binary, self.folder.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn serve(&self) -> Command {
        let mut command = self.command();
        command.arg("serve").arg("--data").arg(&self.data).args(["--listen", &self.listen]);
        command.args(&self.arguments);
        command
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn environment_json(&self) -> Value {
        let output = self
            .command()
            .arg("env")
            .arg("--data")
            .arg(&self.data)
            .args(["--format", "json"])
            .output()
            .unwrap_or_else(|error| panic!("cannot run {}: {error}", self.binary.display()));
        let text = stdout(&output);
        assert!(output.status.success(), "`waybill env` failed: {}{}", text, stderr(&output));
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("`waybill env --format json` printed no JSON: {error}\n{text}"))
    }

    fn credentials(&self) -> Credentials {
        let environment = self.environment_json();
        let variable = |name: &str| {
            environment[name]
                .as_str()
                .unwrap_or_else(|| panic!("`waybill env --format json` has no `{name}`: {environment}"))
                .to_owned()
        };
        Credentials {
            client_id: variable("HCP_CLIENT_ID"),
            client_secret: variable("HCP_CLIENT_SECRET"),
            organization_id: variable("HCP_ORGANIZATION_ID"),
            project_id: variable("HCP_PROJECT_ID"),
        }
    }
}

impl Waybill {
    /// Starts a server on a free port with a new data folder.
    #[track_caller]
    pub fn start(binary: &str) -> Self {
        Options::new(binary).start()
    }

    /// `https://ADDRESS`, as the server printed it.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The same port without TLS.
    pub fn plain_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn data(&self) -> &Path {
        &self.options.data
    }

    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub fn pid(&self) -> u32 {
        self.process.child.id()
    }

    /// An HTTP client that trusts this server's certificate authority and nothing else.
    pub fn client(&self) -> reqwest::Client {
        self.client.clone()
    }

    /// `waybill …` with the server's variables, in the same private home and working directory.
    pub fn command(&self) -> Command {
        self.options.command()
    }

    /// All variables that `waybill env --format json` prints.
    pub fn environment(&self) -> Value {
        self.options.environment_json()
    }

    /// The API with the owner's token.
    pub async fn api(&self) -> Api {
        let Credentials { client_id, client_secret, organization_id, project_id } = &self.credentials;
        let token = self.token(client_id, client_secret).await;
        Api::new(self.client(), self.url(), Some(token), organization_id, project_id)
    }

    /// The API with the token of another principal.
    pub async fn api_of(&self, client_id: &str, client_secret: &str) -> Api {
        let token = self.token(client_id, client_secret).await;
        let Credentials { organization_id, project_id, .. } = &self.credentials;
        Api::new(self.client(), self.url(), Some(token), organization_id, project_id)
    }

    /// Exchanges client credentials for an access token.
    pub async fn token(&self, client_id: &str, client_secret: &str) -> String {
        let request = self
            .client
            .post(format!("{}/oauth2/token", self.url()))
            .basic_auth(client_id, Some(client_secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("audience=https%3A%2F%2Fapi.hashicorp.cloud&grant_type=client_credentials");
        let answer = request.send().await.expect("the server answers token requests");
        let (status, body) = (answer.status(), answer.text().await.unwrap_or_default());
        let token: Value = serde_json::from_str(&body).unwrap_or_default();
        match token["access_token"].as_str() {
            Some(token) if status == 200 => token.to_owned(),
            _ => panic!("no token for {client_id}: {status} {body}"),
        }
    }

    /// Everything the server has written to stderr, all starts included.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Everything this start of the server has written to stdout so far.
    pub fn output(&mut self) -> String {
        self.process.output()
    }

    /// Ends the server with SIGTERM, starts it again on the same data folder and waits until it is ready.
    ///
    /// The port is another one unless a fixed one was asked for.
    pub async fn restart(&mut self) {
        self.terminate().await;
        let (process, address) = match Process::start(self.options.serve(), self.options.log()) {
            Ok(started) => started,
            Err(refused) => panic!("`waybill serve` did not start again: {refused}"),
        };
        self.process = process;
        self.address = address;
        self.credentials = self.options.credentials();
        self.client = client(&self.options.data);
    }

    /// Ends the server with SIGTERM and checks that it ended cleanly and that nothing in it has panicked;
    /// returns its log.
    ///
    /// Waits without blocking the runtime: the test's own connections must be able to answer a farewell.
    pub async fn stop(mut self) -> String {
        self.terminate().await;
        let log = self.log();
        let panic = log.lines().find(|line| line.to_lowercase().contains("panicked"));
        assert_eq!(panic, None, "something in the server panicked");
        log
    }

    /// Sends SIGTERM and does not wait.
    #[track_caller]
    pub fn signal_term(&self) {
        self.process.signal("TERM");
    }

    /// Waits for the end of a server that was told to stop; returns its exit status.
    pub async fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + STOP_LIMIT;
        loop {
            if let Some(status) = self.process.status() {
                return status;
            }
            let tail = || self.process.tail();
            assert!(Instant::now() < deadline, "the server did not stop within {STOP_LIMIT:?}\n{}", tail());
            tokio::time::sleep(POLL).await;
        }
    }

    /// Ends the server as a crash would, with SIGKILL.
    pub fn kill(mut self) -> Options {
        self.process.kill();
        self.options.clone()
    }

    async fn terminate(&mut self) {
        self.signal_term();
        let status = self.wait().await;
        assert!(status.success(), "the server ended with {status}\n{}", self.process.tail());
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// A command that sees nothing of the developer's own settings: no `WAYBILL_`, `HCP_` or proxy variables,
/// `home` as home and working directory.
pub fn command(binary: &Path, home: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if text.starts_with("WAYBILL_") || text.starts_with("HCP_") || text.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    command
        .env_remove("RUST_LOG")
        .env_remove("XDG_CONFIG_HOME")
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// Percent-encodes one segment of a path: everything but letters, digits and `-._~`.
pub fn encode(segment: &str) -> String {
    let mut encoded = String::new();
    for &byte in segment.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    encoded
}

fn hex(digit: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(digit)])
}

fn client(data: &Path) -> reqwest::Client {
    use_ring();
    let authority = data.join("tls").join("ca.pem");
    let pem = fs_err::read(&authority).expect("the server wrote its certificate authority");
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).expect("ca.pem holds certificates");
    reqwest::Client::builder()
        .tls_certs_only(certificates)
        .no_proxy()
        .timeout(Duration::from_mins(1))
        .build()
        .expect("the client's settings are constants")
}

/// The crypto provider of this process; both TLS crates ask for it.
pub(crate) fn use_ring() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // Fails only when another part of the test has installed one, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_percent_encoded() {
        assert_eq!(encode("a-b_c.d~E9"), "a-b_c.d~E9");
        assert_eq!(encode("a/b %ü"), "a%2Fb%20%25%C3%BC");
    }
}
