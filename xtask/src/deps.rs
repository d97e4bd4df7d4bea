//! What may depend on what, under which licence.
//!
//! - Our crates use each other only in the directions of ARCHITECTURE.md.
//! - The pure crates bring no runtime, no network and no database, not even indirectly.
//! - No crate brings a second TLS stack or OpenSSL.
//! - Everything comes from a registry, by version, under a licence of the list.

mod banned;
mod directions;
mod licences;
mod metadata;

use std::{
    io::{self, Write},
    path::Path,
    process::Command,
};

use anyhow::{Context, bail, ensure};

use self::metadata::Metadata;

/// Check directions, banned crates and licences
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Check the crates of all platforms, not only of this one (downloads those that are missing)
    #[arg(long)]
    all_platforms: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let metadata = metadata(arguments.all_platforms)?;
    let lock = fs_err::read_to_string(Path::new(metadata.root()).join("Cargo.lock"))?;
    let mut faults = directions::check(&metadata);
    faults.extend(directions::check_pure(&metadata));
    faults.extend(banned::check(&lock));
    faults.extend(licences::check(&metadata));
    let mut out = io::stdout().lock();
    for fault in &faults {
        writeln!(out, "{fault}")?;
    }
    ensure!(faults.is_empty(), "{} faults in the dependencies", faults.len());
    writeln!(
        out,
        "{} crates, {} of them ours: all as it should be",
        metadata.len(),
        metadata.ours().count()
    )?;
    Ok(())
}

fn metadata(all_platforms: bool) -> anyhow::Result<Metadata> {
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    cargo.args(["metadata", "--format-version", "1", "--locked"]);
    if !all_platforms {
        cargo.args(["--filter-platform", &host()?]);
    }
    let output = cargo.output().context("cargo cannot be run")?;
    if !output.status.success() {
        bail!("`cargo metadata` failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Metadata::parse(&output.stdout)
}

/// The platform that the compiler makes programs for.
fn host() -> anyhow::Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc cannot be run")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}
