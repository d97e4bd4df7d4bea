//! `waybill fmt`: templates in the canonical format.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};
use waybill_template::{
    diagnostic::Diagnostics,
    format,
    source::Sources,
    syntax::{self, encoding},
};

use super::{Exit, input::read_stdin, ui::Ui};
use crate::{context::Context, error::CliError};

/// Exit codes: 0 done, 1 something could not be formatted, 3 with -check: something would change.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(after_help = "Examples:
  waybill fmt .
  waybill fmt -recursive -check templates
  waybill fmt -diff -write=false image.pkr.hcl
  waybill fmt - < image.pkr.hcl")]
pub(crate) struct FmtArgs {
    /// Files and folders, or `-` for stdin; in folders .pkr.hcl and .pkrvars.hcl files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Change nothing, and say with exit code 3 that something would change
    #[arg(long)]
    check: bool,
    /// Show what changes
    #[arg(long)]
    diff: bool,
    /// Write the files
    #[arg(long, value_name = "BOOL", default_value = "true", action = ArgAction::Set)]
    write: bool,
    /// Format folders in folders, too
    #[arg(long)]
    recursive: bool,
    /// Print lines for programs
    #[arg(long)]
    machine_readable: bool,
}

/// With `-check`, something would change.
const WOULD_CHANGE: Exit = 3;

/// The endings of what is formatted.
const ENDINGS: [&str; 2] = [".pkr.hcl", ".pkrvars.hcl"];

pub(super) fn run(args: &FmtArgs, context: &Context) -> Result<Exit, CliError> {
    let ui = Ui::new(context, args.machine_readable);
    let mut run = Run { args, context, ui: &ui, changed: false, faults: Vec::new() };
    for path in &args.paths {
        if path == "-" {
            run.stdin()?;
        } else {
            run.path(path)?;
        }
    }
    let failed = !run.faults.is_empty();
    for fault in &run.faults {
        ui.error(fault)?;
    }
    Ok(match (failed, args.check && run.changed) {
        (true, _) => 1,
        (false, true) => WOULD_CHANGE,
        (false, false) => 0,
    })
}

struct Run<'a> {
    args: &'a FmtArgs,
    context: &'a Context,
    ui: &'a Ui,
    changed: bool,
    /// What is wrong, told behind everything else.
    faults: Vec<String>,
}

impl Run<'_> {
    fn stdin(&mut self) -> Result<(), CliError> {
        let bytes = match read_stdin() {
            Ok(bytes) => bytes,
            Err(error) => {
                self.fail(&error);
                return Ok(());
            }
        };
        let Some(formatted) = self.formatted("-", &bytes) else { return Ok(()) };
        let is_formatted = formatted == bytes;
        self.changed |= !is_formatted;
        // With -check and -write=false the text is printed only if it is what it should be.
        if is_formatted || (self.args.write && !self.args.check) {
            self.context.printer.verbatim(&formatted)?;
        }
        Ok(())
    }

    fn path(&mut self, path: &str) -> Result<(), CliError> {
        match fs_err::metadata(self.context.folder.join(path)) {
            Ok(found) if found.is_dir() => return self.folder(Path::new(path)),
            Ok(_) if ENDINGS.iter().any(|ending| path.ends_with(ending)) => {
                return self.file(Path::new(path));
            }
            Ok(_) => self.fail(&format!(
                "`{path}` ends neither in `.pkr.hcl` nor in `.pkrvars.hcl`: it is not formatted"
            )),
            Err(error) => self.fail(&format!("`{path}` cannot be read: {}", reason(&error))),
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path) -> Result<(), CliError> {
        let mut entries = match list(&self.context.folder.join(folder)) {
            Ok(entries) => entries,
            Err(error) => {
                self.fail(&format!("`{}` cannot be listed: {}", folder.display(), reason(&error)));
                return Ok(());
            }
        };
        entries.sort();
        for name in entries.into_iter().filter(|name| !is_ignored(name)) {
            let path = join(folder, &name);
            let is_folder =
                fs_err::metadata(self.context.folder.join(&path)).is_ok_and(|found| found.is_dir());
            if is_folder && self.args.recursive {
                self.folder(&path)?;
            } else if !is_folder && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                self.file(&path)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), CliError> {
        let shown = path.display().to_string();
        let full = self.context.folder.join(path);
        let bytes = match fs_err::read(&full) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.fail(&format!("`{shown}` cannot be read: {}", reason(&error)));
                return Ok(());
            }
        };
        let Some(formatted) = self.formatted(&shown, &bytes) else { return Ok(()) };
        if formatted == bytes {
            return Ok(());
        }
        self.changed = true;
        self.ui.say(&shown)?;
        if self.args.write
            && !self.args.check
            && let Err(error) = replace(&full, &formatted)
        {
            self.fail(&format!("`{shown}` cannot be written: {}", reason(&error)));
            return Ok(());
        }
        if self.args.diff {
            self.context.printer.verbatim(difference(&shown, &bytes, &formatted))?;
        }
        Ok(())
    }

    /// The text in the canonical format; `None` if it has faults.
    fn formatted(&mut self, name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut sources = Sources::default();
        let mut faults = Diagnostics::default();
        let decoded = encoding::decode(bytes);
        let file = sources.add(name, decoded.text.as_str());
        decoded.check_code(file, &mut faults);
        syntax::parse_body(file, &decoded.text, &mut faults);
        if faults.has_errors() {
            self.faults.push(self.ui.rendered(&faults, &sources));
            return None;
        }
        Some(decoded.encode(&format::format(&decoded.text)))
    }

    fn fail(&mut self, message: &str) {
        self.faults.push(format!("Error: {message}\n"));
    }
}

/// Why, without the path, which is named already.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        std::io::ErrorKind::Other => error.to_string(),
        kind => kind.to_string(),
    }
}

fn list(folder: &Path) -> std::io::Result<Vec<String>> {
    fs_err::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// Hidden files and what editors leave behind.
fn is_ignored(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

/// Without `./` in front.
fn join(folder: &Path, name: &str) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) }
}

/// Writes beside the file and renames, so that no moment has half a file; permissions stay.
fn replace(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let target = fs_err::canonicalize(path)?;
    let permissions = fs_err::metadata(&target)?.permissions();
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.fmt~", std::process::id()));
    let temporary = target.with_file_name(name);
    let written = fs_err::write(&temporary, text)
        .and_then(|()| fs_err::set_permissions(&temporary, permissions))
        .and_then(|()| fs_err::rename(&temporary, &target));
    if written.is_err() {
        let _ = fs_err::remove_file(&temporary);
    }
    written
}

/// A unified difference, as diff(1) prints it.
fn difference(name: &str, old: &[u8], new: &[u8]) -> Vec<u8> {
    let difference = similar::TextDiff::from_lines(old, new);
    let mut out = Vec::new();
    difference
        .unified_diff()
        .context_radius(3)
        .header(&format!("old/{name}"), &format!("new/{name}"))
        .to_writer(&mut out)
        .expect("a vector takes every byte");
    out
}
