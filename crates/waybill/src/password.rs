//! Passwords and keys from where nobody sees them: a terminal that does not show what is typed, or stdin.
//!
//! They are never arguments, which every program on the machine can read.

use std::io::{self, BufRead, IsTerminal};

use waybill_api::secret::Secret;

use crate::error::CliError;

/// Longest line that is read; longer than every password and key.
const LONGEST: u64 = 64 << 10;

/// Reads one line for each of the `names` from stdin, without their line breaks.
pub(crate) fn from_stdin<const N: usize>(names: [&str; N]) -> Result<[Secret; N], CliError> {
    lines(&mut io::stdin().lock(), names)
}

fn lines<const N: usize>(input: &mut impl BufRead, names: [&str; N]) -> Result<[Secret; N], CliError> {
    let mut secrets = [const { None }; N];
    for (secret, name) in secrets.iter_mut().zip(names) {
        let mut line = String::new();
        io::Read::take(&mut *input, LONGEST)
            .read_line(&mut line)
            .map_err(|error| CliError::user(format!("cannot read {name} from stdin: {error}")))?;
        let line =
            line.strip_suffix('\n').map_or(line.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
        if line.is_empty() {
            return Err(CliError::usage(format!("stdin ended before {name}"))
                .hint(format!("it takes a line each for: {}", names.join(", "))));
        }
        *secret = Some(Secret::from(line));
    }
    Ok(secrets.map(|secret| secret.expect("every line was read")))
}

/// Asks for a password, twice if it is a new one, without showing it.
///
/// Nobody is asked where nobody can answer.
pub(crate) fn ask(what: &str, is_new: bool) -> Result<Secret, CliError> {
    if !io::stdin().is_terminal() {
        return Err(CliError::usage(format!("there is no terminal to ask for {what} on"))
            .hint("give it on stdin with --password-stdin"));
    }
    let asked = |prompt: String| {
        rpassword::prompt_password(prompt)
            .map_err(|error| CliError::user(format!("cannot read {what} from the terminal: {error}")))
    };
    let first = asked(format!("{}: ", capitalized(what)))?;
    if is_new && asked(format!("{} again: ", capitalized(what)))? != first {
        return Err(CliError::user("the two are not the same: nothing was done"));
    }
    Ok(first.into())
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_secrets_without_their_line_breaks() {
        let check = |text: &str| {
            let read = lines(&mut text.as_bytes(), ["the old one", "the new one"]);
            read.map(|secrets| secrets.map(|secret| secret.expose().to_owned()))
                .map_err(|error| error.message)
        };
        let both = Ok([" a b ".to_owned(), "ö".to_owned()]);
        assert_eq!(check(" a b \nö\n"), both);
        assert_eq!(check(" a b \r\nö"), both);
        assert_eq!(check("a\n"), Err("stdin ended before the new one".to_owned()));
        assert_eq!(check("\nb\n"), Err("stdin ended before the old one".to_owned()));
    }

    #[test]
    fn prompts_begin_with_a_capital() {
        assert_eq!(capitalized("new password"), "New password");
        assert_eq!(capitalized(""), "");
    }
}
