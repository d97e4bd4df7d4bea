//! Everything that the program prints. Data goes to stdout, everything else to stderr.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice, stream::RawStream};
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use serde::Serialize;

use crate::{error::CliError, table::clean};

/// How data is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs: one JSON object
    Json,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    Always,
    Never,
}

/// Data that a command answers with. Its JSON form is documented and stable.
pub(crate) trait View: Serialize {
    /// The form for people, with a line break at the end of each line. Values in it are [`clean`].
    fn text(&self) -> String;
}

/// The way out for everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Printer {
    pub(crate) format: Format,
    pub(crate) colour: Colour,
    /// Leaves out notes; errors and warnings stay.
    pub(crate) quiet: bool,
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

impl Printer {
    /// Prints a command's answer.
    pub(crate) fn show(&self, view: &impl View) -> Result<(), CliError> {
        match self.format {
            Format::Text => self.raw(&view.text()),
            Format::Json => {
                let json = serde_json::to_string_pretty(view)
                    .map_err(|error| CliError::internal(format!("cannot write JSON: {error}")))?;
                self.raw(&format!("{json}\n"))
            }
        }
    }

    /// Refuses JSON where `what` prints something else; `instead` says what there is.
    pub(crate) fn refuse_json(&self, what: &str, instead: &str) -> Result<(), CliError> {
        match self.format {
            Format::Text => Ok(()),
            Format::Json => Err(CliError::usage(format!("`{what}` prints no JSON")).hint(instead)),
        }
    }

    /// Prints text as it is, in both formats: what another program will read.
    pub(crate) fn raw(&self, text: &str) -> Result<(), CliError> {
        let mut out = self.stream(io::stdout());
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(())
    }

    /// Prints every byte of a text, also those that a terminal would obey: what a file may have, or a value.
    #[expect(clippy::unused_self, reason = "the printer is the way out for everything")]
    pub(crate) fn verbatim(&self, text: impl AsRef<[u8]>) -> Result<(), CliError> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_ref())?;
        out.flush()?;
        Ok(())
    }

    /// True if colours on stdout are wanted and shown.
    pub(crate) fn stdout_has_colour(&self) -> bool {
        self.stream(io::stdout()).current_choice() != ColorChoice::Never
    }

    /// Says what is going on.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(|err| writeln!(err, "{}", clean(text)));
        }
    }

    /// Says what a person has to do now; also when everything else is quiet.
    pub(crate) fn ask(&self, text: &str) {
        self.say(|err| writeln!(err, "{}", clean(text)));
    }

    pub(crate) fn warn(&self, text: &str) {
        self.say(|err| writeln!(err, "{WARNING}warning:{WARNING:#} {}", clean(text)));
    }

    pub(crate) fn hint(&self, text: &str) {
        if !self.quiet {
            self.say(|err| writeln!(err, "{HINT}hint:{HINT:#} {}", clean(text)));
        }
    }

    pub(crate) fn error(&self, error: &CliError) {
        self.say(|err| {
            let mut lines = error.message.lines();
            writeln!(err, "{ERROR}error:{ERROR:#} {}", clean(lines.next().unwrap_or_default()))?;
            for line in lines {
                writeln!(err, "  {}", clean(line))?;
            }
            for hint in &error.hints {
                writeln!(err, "{HINT}hint:{HINT:#} {}", clean(hint))?;
            }
            Ok(())
        });
    }

    /// What the argument parser has to say: help on stdout, an error on stderr.
    pub(crate) fn arguments(&self, message: &clap::Error) -> Result<(), CliError> {
        let text = message.render().ansi().to_string();
        if message.use_stderr() {
            self.say(|err| err.write_all(text.as_bytes()));
            return Ok(());
        }
        self.raw(&text)
    }

    /// Says what will happen and makes sure that it is wanted: by `yes`, or by a person who answers.
    ///
    /// Nobody is asked where nobody can answer; that is a usage error which names `--yes`.
    pub(crate) fn confirm(&self, consequences: &[String], yes: bool) -> Result<(), CliError> {
        if yes {
            return Ok(());
        }
        self.say(|err| {
            writeln!(err, "This will happen:")?;
            consequences.iter().try_for_each(|line| writeln!(err, "  {}", clean(line)))
        });
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(
                CliError::usage("nothing was done: it needs a confirmation").hint("say it again with --yes")
            );
        }
        self.say(|err| {
            write!(err, "Go on? [y/N] ")?;
            err.flush()
        });
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
            return Ok(());
        }
        Err(CliError::user("nothing was done"))
    }

    /// Writes to stderr. Where that fails there is nobody left to tell.
    fn say(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let _nobody_listens = write(&mut self.stream(io::stderr()));
    }

    /// The stream with or without colour.
    fn stream<S: RawStream>(&self, stream: S) -> AutoStream<S> {
        AutoStream::new(
            stream,
            match self.colour {
                Colour::Auto => ColorChoice::Auto,
                Colour::Always => ColorChoice::Always,
                Colour::Never => ColorChoice::Never,
            },
        )
    }
}
