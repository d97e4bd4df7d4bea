//! How the template commands talk: lines for people, or Packer's machine-readable ones, secrets masked.

use clap::error::{ContextKind, ErrorKind};
use jiff::Timestamp;
use waybill_template::{
    diagnostic::{
        Diagnostics,
        render::{Style, render},
    },
    redact::Redactor,
    source::Sources,
};

use super::Exit;
use crate::{chance, context::Context, error::CliError, printer::Printer};

/// The way out of a template command.
pub(super) struct Ui {
    printer: Printer,
    machine_readable: bool,
    colour: bool,
    redactor: Redactor,
}

impl Ui {
    pub(super) fn new(context: &Context, machine_readable: bool) -> Self {
        let plain = machine_readable || context.environment.is_set("PACKER_NO_COLOR");
        let colour = !plain && context.printer.stdout_has_colour();
        Self { printer: context.printer.clone(), machine_readable, colour, redactor: Redactor::default() }
    }

    /// From now on these texts are shown as `<sensitive>`.
    pub(super) fn hide(&mut self, secrets: &[impl AsRef<str>]) {
        self.redactor = Redactor::new(secrets);
    }

    /// Says a text, and ends the line.
    pub(super) fn say(&self, text: &str) -> Result<(), CliError> {
        self.tell("say", text)
    }

    /// Says a result.
    pub(super) fn message(&self, text: &str) -> Result<(), CliError> {
        self.tell("message", text)
    }

    pub(super) fn error(&self, text: &str) -> Result<(), CliError> {
        self.tell("error", text)
    }

    /// What is wrong, as text.
    pub(super) fn rendered(&self, faults: &Diagnostics, sources: &Sources) -> String {
        render(faults, sources, Style { colour: self.colour, ..Style::default() })
    }

    /// Tells what is wrong; 1 if there was an error.
    pub(super) fn diagnostics(&self, faults: &Diagnostics, sources: &Sources) -> Result<Exit, CliError> {
        if !faults.is_empty() {
            self.error(&self.rendered(faults, sources))?;
        }
        Ok(u8::from(faults.has_errors()))
    }

    fn tell(&self, kind: &str, text: &str) -> Result<(), CliError> {
        let text = self.redactor.apply(text);
        if self.machine_readable {
            self.printer.verbatim(machine_line(chance::now(), "ui", &[kind, &text]))
        } else {
            self.printer.verbatim(format!("{text}\n"))
        }
    }

    /// A line that only programs get.
    pub(super) fn machine(&self, kind: &str, data: &[String]) -> Result<(), CliError> {
        if !self.machine_readable {
            return Ok(());
        }
        let data: Vec<_> = data.iter().map(|text| self.redactor.apply(text)).collect();
        let data: Vec<&str> = data.iter().map(AsRef::as_ref).collect();
        self.printer.verbatim(machine_line(chance::now(), kind, &data))
    }
}

/// `time,target,type,data…`
fn machine_line(now: Timestamp, kind: &str, data: &[&str]) -> String {
    let escape =
        |text: &&str| text.replace(',', "%!(PACKER_COMMA)").replace('\r', "\\r").replace('\n', "\\n");
    let data: Vec<String> = data.iter().map(escape).collect();
    format!("{},,{kind},{}\n", now.as_second(), data.join(","))
}

/// What clap has to say about a template command: on stdout, with exit code 1 for an error.
pub(crate) fn usage_error(message: &clap::Error, printer: &Printer) -> Result<Exit, CliError> {
    printer.raw(&message.render().ansi().to_string())?;
    let told = message.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    // A flag that was read as one has two dashes by now.
    if message.kind() == ErrorKind::UnknownArgument && told.starts_with('-') && !told.starts_with("--") {
        printer.verbatim("hint: flags stand before the template\n")?;
    }
    Ok(u8::from(message.use_stderr()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_readable_lines_are_escaped() {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(machine_line(at, "ui", &["say", "a, b\n"]), "1700000000,,ui,say,a%!(PACKER_COMMA) b\\n\n");
    }
}
