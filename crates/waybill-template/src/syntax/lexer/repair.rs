//! What a text with an unclosed quote or `${` was probably meant to be.
//!
//! Read to the letter, one missing quote makes text of all code behind it and code of all text, and tells nothing about
//! where it is missing. So once a text is known to have faults, it is read again with these guesses.

use super::{Lexer, Mode, TokenKind, closing_line_length, identifier_length};

impl Lexer<'_> {
    /// At the end of a line: ends the templates that were probably meant to end there.
    pub(super) fn repair(&mut self) {
        let rest = self.rest();
        let Some(next) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) else { return };
        let ends = match self.mode {
            Mode::Quoted if self.at < self.quoted_until => false,
            Mode::Quoted => match quoted_lines(next) {
                Some(length) => {
                    self.quoted_until = self.at + length;
                    false
                }
                None => true,
            },
            Mode::Code { braces: 0, brackets, in_template: true } => match self.outer.last() {
                Some(Mode::Heredoc { marker, .. }) if closing_line_length(next, marker).is_some() => true,
                Some(Mode::Heredoc { .. } | Mode::Quoted) => {
                    starts_item(next) || brackets == 0 && self.is_behind_value() && !continues(next)
                }
                _ => false,
            },
            _ => false,
        };
        if !ends {
            return;
        }
        loop {
            let kind = match self.mode {
                Mode::Quoted => TokenKind::CloseQuote,
                Mode::Code { in_template: true, .. } => TokenKind::CloseTemplate,
                // A heredoc goes on in the next line.
                _ => break,
            };
            self.push(kind, 0);
            self.leave();
            self.is_repaired = true;
        }
    }
}

impl Lexer<'_> {
    /// Whether an expression may end behind the last token.
    fn is_behind_value(&self) -> bool {
        let last = self.tokens.iter().rev().find(|token| !token.kind.is_trivia());
        last.is_some_and(|last| {
            matches!(
                last.kind,
                TokenKind::Identifier
                    | TokenKind::Number
                    | TokenKind::CloseBrace
                    | TokenKind::CloseBracket
                    | TokenKind::CloseParenthesis
                    | TokenKind::CloseQuote
                    | TokenKind::ForeignOperator
            )
        })
    }
}

/// How long the text is up to the line with its closing quote, if it seems to go on over lines: the first line with
/// quotes has an odd number of them.
fn quoted_lines(rest: &str) -> Option<usize> {
    let mut line = 0;
    let mut n_quotes = 0;
    let mut is_escaped = false;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'\n' if n_quotes != 0 => break,
            b'\n' => line = at + 1,
            b'"' if !is_escaped => n_quotes += 1,
            _ => {}
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    (n_quotes % 2 == 1).then_some(line)
}

/// Whether an expression may go on with the line that follows it.
fn continues(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t']);
    line.starts_with([
        '}', '~', '.', '[', '?', ':', '+', '-', '*', '/', '%', '=', '!', '<', '>', '&', '|', '\n', '\r',
    ])
}

/// Whether the line is an argument, the start of a block or the end of one: nothing that an expression goes on with.
fn starts_item(line: &str) -> bool {
    let line = line.split('\n').next().unwrap_or_default().trim();
    let behind = line[identifier_length(line)..].trim_start();
    if behind.len() == line.len() {
        return line == "}";
    }
    let is_argument = behind.starts_with('=') && !behind.starts_with("==") && !behind.starts_with("=>");
    is_argument || line.ends_with('{')
}

#[cfg(test)]
mod tests {
    use crate::syntax::{
        lexer::{repaired_tokens, tokens},
        token::TokenKind,
    };

    /// The tokens' texts but blanks, an empty one as `·`.
    fn repaired(text: &str) -> Option<String> {
        let found = repaired_tokens(text)?;
        assert_eq!(found.iter().map(|token| token.text(text)).collect::<String>(), text);
        let telling = found.iter().filter(|token| token.kind != TokenKind::Blank);
        let words = telling.map(|token| if token.start == token.end { "·" } else { token.text(text) });
        Some(words.collect::<Vec<_>>().join(" ").replace('\n', "¶"))
    }

    #[test]
    fn what_is_not_closed_ends_with_its_line() {
        let table = [
            ("a = \"x\nb = \"y\"\n", "a = \" x · ¶ b = \" y \" ¶"),
            ("a = \"x ${b\"\nc = \"y\"\n", "a = \" x  ${ b \" · · · ¶ c = \" y \" ¶"),
            ("a = \"x ${b\nc = 1\n", "a = \" x  ${ b · · ¶ c = 1 ¶"),
            ("a = <<E\n${b\nE\nc = 1\n", "a = <<E¶ ${ b · ¶ E ¶ c = 1 ¶"),
            ("a = <<E\n%{ if b\nc\nE\n", "a = <<E¶ %{ if b · ¶ c¶ E ¶"),
        ];
        for (text, expected) in table {
            assert_eq!(repaired(text).as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn what_is_closed_stays_as_it_is() {
        for text in [
            "a = \"x\ny\"\n",
            "a = \"\nx\n\ny\n\"\n",
            "\"${a\n? b\n: c}\"\n",
            "\"${\na\n}\"\n",
            "\"${a + # c\nb}\"\n",
            "\"${foo({\na = 1\n})}\"",
            "<<E\n${\na}\nE\n",
        ] {
            assert_eq!(repaired_tokens(text), None, "{text:?}");
            assert!(!tokens(text).is_empty());
        }
    }
}
