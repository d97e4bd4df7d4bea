//! Faults of single tokens: characters and operators that the language does not have.

use super::faults::{Faults, is_foreign};
use crate::{
    diagnostic::Diagnostic,
    syntax::{
        places::Places,
        token::{Token, TokenKind},
    },
};

/// Tells each of them, once a line.
pub(super) fn check(text: &str, places: &Places, tokens: &[Token], faults: &mut Faults) {
    let mut told_on_line: Vec<&str> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::Newline {
            told_on_line.clear();
        } else if is_foreign(token.kind) {
            let word = class(token.text(text));
            if !told_on_line.contains(&word) {
                told_on_line.push(word);
                let end = text_end(text, tokens, index);
                let span = places.span(token.start as usize, end);
                let (summary, detail) = explain(text, *token);
                faults.tell(Diagnostic::error(summary, detail).at(span));
            }
        }
    }
}

/// The end of a text in wrong quotes that starts with that token, or of the token.
fn text_end(text: &str, tokens: &[Token], index: usize) -> usize {
    let close = closing(text, tokens, index).unwrap_or(index);
    tokens[close].end as usize
}

/// The index of the wrong quote that closes the one at `index`, on the same line.
pub(super) fn closing(text: &str, tokens: &[Token], index: usize) -> Option<usize> {
    let kind = class(tokens.get(index)?.text(text));
    if !matches!(kind, "'" | "`" | "“") {
        return None;
    }
    let rest = tokens.iter().enumerate().skip(index + 1);
    let mut line = rest.take_while(|(_, token)| token.kind != TokenKind::Newline);
    line.find(|(_, token)| is_foreign(token.kind) && class(token.text(text)) == kind).map(|(close, _)| close)
}

/// One word for all that are told as one.
fn class(word: &str) -> &str {
    match word {
        "“" | "”" | "„" | "‟" | "«" | "»" | "‘" | "’" | "‚" | "‛" => "“",
        _ if word.starts_with("/*") => "/*",
        _ => word,
    }
}

fn explain(text: &str, token: Token) -> (&'static str, String) {
    let word = token.text(text);
    let known = match (token.kind, class(word)) {
        (TokenKind::ForeignOperator, "&") => {
            Some(("Unsupported operator", "There are no operators on bits. For \"and\" write `&&`."))
        }
        (TokenKind::ForeignOperator, "|") => {
            Some(("Unsupported operator", "There are no operators on bits. For \"or\" write `||`."))
        }
        (TokenKind::ForeignOperator, "~") => {
            Some(("Unsupported operator", "There are no operators on bits. For \"not\" write `!`."))
        }
        (TokenKind::ForeignOperator, "**") => {
            Some(("Unsupported operator", "There is no operator for powers: call `pow(base, exponent)`."))
        }
        (TokenKind::ForeignOperator, _) => Some(("Unsupported operator", "There are no operators on bits.")),
        (TokenKind::Apostrophe, _) => {
            Some(("Invalid character", "Text is put in double quotes (\"), not in single ones."))
        }
        (TokenKind::Backquote, _) => Some((
            "Invalid character",
            "Text is put in double quotes (\"), not in backquotes. Text of several lines is a heredoc, `<<EOT`.",
        )),
        (TokenKind::Semicolon, _) => Some((
            "Invalid character",
            "`;` separates nothing here: arguments and blocks are on lines of their own, items of a list have commas.",
        )),
        (_, "“") => Some((
            "Invalid character",
            "Text is put in straight double quotes (\"), not in typographic ones, which a word processor or a web page may have made of them.",
        )),
        (_, "/*") => Some(("Unclosed comment", "No `*/` closes this comment.")),
        (_, "$") if text[token.end as usize..].starts_with('{') => Some((
            "Invalid character",
            "`${…}` is for values inside of quoted text. Here write the expression without it.",
        )),
        (_, "\r") => Some((
            "Invalid character",
            "There is a carriage return without a line feed. Lines end with a line feed (LF) or with both (CR LF).",
        )),
        (_, "\u{fffd}") => Some((
            "Invalid character encoding",
            "This is no character, probably because the file is not UTF-8. Save it in that encoding.",
        )),
        _ => None,
    };
    match known {
        Some((summary, detail)) => (summary, detail.to_owned()),
        None => ("Invalid character", unknown(word)),
    }
}

fn unknown(word: &str) -> String {
    let Some(c) = word.chars().next() else { return String::new() };
    let code = u32::from(c);
    if c.is_control() || c.is_whitespace() || ('\u{200b}'..='\u{200f}').contains(&c) || c == '\u{feff}' {
        format!(
            "The invisible character U+{code:04X} has no meaning here. Remove it, or put a space in its place."
        )
    } else {
        format!("`{c}` (U+{code:04X}) has no meaning outside of quoted text.")
    }
}
