//! Flags as Packer's commands take them: `-x` is `--x`, a value follows behind `=` or as the next word, booleans take one only
//! behind `=`, and the first word that is no flag ends them.
//!
//! The words are rewritten to what clap reads, so that a command is described in one place.

use std::ffi::{OsStr, OsString};

use clap::{ArgAction, Command};

/// Commands that Packer has too.
const COMMANDS: [&str; 6] = ["validate", "inspect", "console", "fmt", "fix", "hcl2_upgrade"];

/// The name of the value of a boolean.
const BOOLEAN: &str = "BOOL";

/// What Packer cuts out wherever it stands.
const MACHINE_READABLE: [&str; 2] = ["-machine-readable", "--machine-readable"];

/// The words for clap, and whether the command is one of Packer's.
pub(crate) fn rewrite(words: Vec<OsString>, program: &Command) -> (Vec<OsString>, bool) {
    // Packer's spellings for its version.
    if let [program, only] = words.as_slice()
        && (only == "-version" || only == "-v")
    {
        return (vec![program.clone(), "--version".into()], false);
    }
    let is_machine = |word: &OsString| MACHINE_READABLE.iter().any(|&flag| word == flag);
    let is_flag = |word: &OsString| word.to_string_lossy().starts_with('-');
    let at = words.iter().skip(1).position(|word| !is_flag(word)).map(|at| at + 1);
    let name = at.and_then(|at| words[at].to_str()).filter(|name| COMMANDS.contains(name));
    let (Some(at), Some(command)) = (at, name.and_then(|name| program.find_subcommand(name))) else {
        return (words, false);
    };
    let machine_readable = words.iter().any(is_machine);
    let mut rest = words.iter().skip(at + 1).filter(|word| !is_machine(word)).cloned();
    let mut out: Vec<OsString> = words[..=at].iter().filter(|word| !is_machine(word)).cloned().collect();
    if machine_readable {
        out.push(MACHINE_READABLE[1].into());
    }
    while let Some(word) = rest.next() {
        let Some(flag) = word.to_str().and_then(flag_name) else {
            out.extend(positional(word, rest));
            return (out, true);
        };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (flag, None),
        };
        match kind_of(name, command, program) {
            Kind::Short => out.push(format!("-{flag}").into()),
            Kind::Switch => match value {
                None | Some("true" | "1" | "t" | "T" | "TRUE" | "True") => {
                    out.push(format!("--{name}").into());
                }
                Some("false" | "0" | "f" | "F" | "FALSE" | "False") => {}
                Some(_) => out.push(format!("--{flag}").into()),
            },
            Kind::Choice if value.is_none() => out.push(format!("--{name}=true").into()),
            Kind::Value if value.is_none() => {
                let mut joined = OsString::from(format!("--{name}"));
                if let Some(next) = rest.next() {
                    joined.push("=");
                    joined.push(next);
                }
                out.push(joined);
            }
            Kind::Choice | Kind::Value | Kind::Unknown => out.push(format!("--{flag}").into()),
        }
    }
    (out, true)
}

/// A flag without its dashes. `-` alone means stdin, `--` ends the flags.
fn flag_name(word: &str) -> Option<&str> {
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    (!name.is_empty()).then_some(name)
}

/// From the first word that is no flag on, everything is what it is.
fn positional(word: OsString, rest: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let separator = OsStr::new("--");
    let word = Some(word).filter(|word| word != separator);
    std::iter::once(separator.to_owned()).chain(word).chain(rest)
}

enum Kind {
    Switch,
    /// A boolean that is true unless something else is said.
    Choice,
    Value,
    Short,
    Unknown,
}

fn kind_of(name: &str, command: &Command, program: &Command) -> Kind {
    let mut known = command.get_arguments().chain(program.get_arguments());
    let found = known.find(|argument| argument.get_long() == Some(name));
    if let Some(argument) = found {
        let is_choice = argument.get_value_names().is_some_and(|names| names == [BOOLEAN]);
        return match argument.get_action() {
            ArgAction::Set if is_choice => Kind::Choice,
            ArgAction::Set | ArgAction::Append => Kind::Value,
            _ => Kind::Switch,
        };
    }
    if matches!(name, "help" | "version") {
        return Kind::Switch;
    }
    // `-h`, `-q`, `-vv`
    let short = name.chars().next().filter(|&first| name.chars().all(|c| c == first));
    let is_short = short.is_some_and(|first| {
        first == 'h' || program.get_arguments().any(|argument| argument.get_short() == Some(first))
    });
    if is_short { Kind::Short } else { Kind::Unknown }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn check(line: &str, expected: &str) {
        let words = std::iter::once("waybill").chain(line.split(' ')).map(OsString::from).collect();
        let (words, _) = rewrite(words, &crate::args::Args::command());
        let words: Vec<_> = words.iter().skip(1).map(|word| word.to_string_lossy()).collect();
        assert_eq!(words.join(" "), expected, "{line}");
    }

    #[test]
    fn flags_are_read_as_packer_reads_them() {
        check("validate -syntax-only t.pkr.hcl", "validate --syntax-only -- t.pkr.hcl");
        check("validate --syntax-only=false -var a=b=c t", "validate --var=a=b=c -- t");
        check("validate -var -x t", "validate --var=-x -- t");
        check("validate t -syntax-only", "validate -- t -syntax-only");
        check("-machine-readable inspect t", "inspect --machine-readable -- t");
        check("fmt -write=false -", "fmt --write=false -- -");
        check("fmt -- -x", "fmt -- -x");
        check("fmt -write .", "fmt --write=true -- .");
        check("validate -h", "validate -h");
        check("validate -bogus t", "validate --bogus -- t");
    }

    #[test]
    fn our_own_commands_stay_as_they_are() {
        check("bucket list -q", "bucket list -q");
        check("--json", "--json");
        check("-version", "--version");
    }
}
