//! The contract of the command line: `waybill serve` and `waybill env`.

mod environment;
mod login_provider;
mod operation;
mod start;
mod stop;
mod transport;
mod workload;

use std::{path::Path, process::Output};

use serde_json::Value;
use tempfile::TempDir;
use waybill_testkit::{Options, command};

const BINARY: &str = env!("CARGO_BIN_EXE_waybill");

fn options() -> Options {
    Options::new(BINARY)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("the temporary folder is writable")
}

/// Runs the program with those arguments in an empty home.
fn run(arguments: &[&str]) -> Output {
    let home = folder();
    let mut command = command(Path::new(BINARY), home.path());
    command.args(arguments).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `waybill env` for a data folder, with further arguments.
fn env(data: &Path, arguments: &[&str]) -> String {
    let home = folder();
    let mut command = command(Path::new(BINARY), home.path());
    let output =
        command.arg("env").arg("--data").arg(data).args(arguments).output().expect("the program runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn read_json(path: &Path) -> Value {
    let text = fs_err::read_to_string(path).expect("the server wrote the file");
    serde_json::from_str(&text).expect("the file is JSON")
}
