//! Transcripts of the command line: what is typed, the exit code, what is printed.
//!
//! What differs from run to run is replaced by something of the same width, so that columns stay columns.

mod access;
mod buckets;
mod login;
mod newcomers;
mod offline;
mod output;
mod people;
mod principals;
mod publish;
mod roles;
mod stop;
mod versions;
mod webhooks;
mod workloads;

use std::{
    fmt::Write as _,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use insta::{Settings, internals::SettingsBindDropGuard};
use serde_json::Value;
use tempfile::TempDir;
use waybill_testkit::{Options, Waybill, command};

const BINARY: &str = env!("CARGO_BIN_EXE_waybill");

/// A folder to work in, perhaps with a registry whose data folder is there too.
pub(crate) struct Scene {
    waybill: Option<Waybill>,
    folder: TempDir,
    _filters: SettingsBindDropGuard,
}

impl Scene {
    /// No registry, no credentials, an empty home.
    pub(crate) fn offline() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let filters = filters(folder.path());
        Self { waybill: None, folder, _filters: filters }
    }

    /// A new registry; commands find it by its data folder.
    pub(crate) fn with_registry() -> Self {
        Self { waybill: Some(Waybill::start(BINARY)), ..Self::offline() }
    }

    /// The same, of a registry that may connect to this machine.
    pub(crate) fn with_registry_that_reaches_here(more: &[&str]) -> Self {
        let options = Options::new(BINARY).argument("--egress-allow").argument("127.0.0.1");
        let options = more.iter().fold(options, |options, argument| options.argument(*argument));
        Self { waybill: Some(options.start()), ..Self::offline() }
    }

    pub(crate) fn waybill(&self) -> &Waybill {
        self.waybill.as_ref().expect("this scene has a registry")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs_err::write(self.folder().join(name), text).expect("the folder is writable");
    }

    /// `waybill LINE`, without what the developer's own environment would add.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = command(Path::new(BINARY), self.folder());
        for (name, _) in std::env::vars_os() {
            if FOREIGN.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        if let Some(waybill) = &self.waybill {
            command.env("WAYBILL_DATA", waybill.data());
        }
        command.args(words(line));
        command
    }

    /// Runs `waybill LINE` and returns what there is to see.
    pub(crate) fn run(&self, line: &str) -> String {
        self.run_with(line, &[])
    }

    /// The same, with variables.
    pub(crate) fn run_with(&self, line: &str, variables: &[(&str, &str)]) -> String {
        transcript(&self.command(line).envs(variables.iter().copied()).output().expect("the program runs"))
    }

    /// Runs `waybill LINE` with something on stdin.
    pub(crate) fn pipe(&self, line: &str, input: &str) -> String {
        let mut command = self.command(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        // Whoever does not read it all says so in the transcript.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        transcript(&child.wait_with_output().expect("it ends"))
    }

    /// Runs `waybill LINE --json` and returns what it prints.
    pub(crate) fn json(&self, line: &str) -> Value {
        let output = self.command(line).arg("--json").output().expect("the program runs");
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// What there is to see: exit code, stdout, stderr.
fn transcript(output: &Output) -> String {
    let code = output.status.code().map_or_else(|| "signal".to_owned(), |code| code.to_string());
    let mut transcript = format!("exit {code}\n");
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if bytes.is_empty() {
            continue;
        }
        writeln!(transcript, "--- {name}").expect("strings take every write");
        // The help that clap makes has spaces at the end of lines, which an editor would remove here.
        for line in String::from_utf8_lossy(bytes).lines() {
            writeln!(transcript, "{}", line.trim_end()).expect("strings take every write");
        }
    }
    transcript
}

/// Variables of CI systems, of terminals, and those that templates read.
const FOREIGN: [&str; 18] = [
    "AWS_",
    "BROWSER",
    "GITHUB_",
    "GITLAB_",
    "CI",
    "JENKINS_",
    "BITBUCKET_",
    "BUILD_",
    "GIT_",
    "SSL_CERT_",
    "NO_COLOR",
    "COLUMNS",
    "TERM",
    "CARGO",
    "CONSUL_",
    "PACKER_",
    "PKR_VAR_",
    "VAULT_",
];

/// Words as a shell would make them of a line with nothing but single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn filters(folder: &Path) -> SettingsBindDropGuard {
    let mut settings = Settings::clone_current();
    let folder = folder.to_string_lossy().replace('.', "\\.");
    settings.add_filter(&folder, "/FOLDER");
    settings.add_filter(r"/[^` \n]*/waybill-test-[A-Za-z0-9]+", "/DATA");
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT");
    settings.add_filter(r"wb-[0-9a-z]{26}", "wb-clientclientclientclient12");
    settings.add_filter(r"wbs_[0-9A-Za-z]{49}", "wbs_SECRET");
    settings.add_filter(r"\b01[0-9A-HJKMNP-TV-Z]{24}\b", "01ULIDULIDULIDULIDULIDULID");
    settings.add_filter(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uuiduuid-uuid-uuid-uuid-uuiduuiduuid");
    settings.add_filter(r"(?m)^\d{10},,", "UNIX,,");
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "YYYY-MM-DD hh:mm:ssZ");
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME");
    settings.bind_to_scope()
}
