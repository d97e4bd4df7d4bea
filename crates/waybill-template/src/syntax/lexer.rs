//! From text to tokens.
//!
//! What a character means depends on where it stands, so the lexer keeps a stack of modes: code, a quoted template, a
//! heredoc, a bare template, and code again inside `${…}` and `%{…}`. It never fails: what it does not know becomes
//! [`TokenKind::Invalid`]. It takes one pass.

mod identifier;
mod repair;

pub use self::identifier::{is_identifier, is_identifier_part, is_identifier_start};

use super::{
    MAX_TOKENS,
    token::{Token, TokenKind},
};

/// The tokens of a native-syntax file or of an expression, at most [`MAX_TOKENS`]. Their texts join to `text`, which has
/// at most 4 GiB.
pub fn tokens(text: &str) -> Vec<Token> {
    Lexer::new(text, CODE).run()
}

/// The tokens of a bare template: text that is not quoted, as a template file has it.
pub fn template_tokens(text: &str) -> Vec<Token> {
    Lexer::new(text, Mode::Bare).run()
}

/// The tokens of a text with faults, as they were probably meant: quotes and `${` that are not closed end with their
/// line, with an empty [`TokenKind::CloseQuote`] or [`TokenKind::CloseTemplate`]. `None` if there are no such.
pub(super) fn repaired_tokens(text: &str) -> Option<Vec<Token>> {
    let mut lexer = Lexer { repairs: true, ..Lexer::new(text, CODE) };
    lexer.lex();
    lexer.is_repaired.then_some(lexer.tokens)
}

const CODE: Mode<'static> = Mode::Code { braces: 0, brackets: 0, in_template: false };

struct Lexer<'a> {
    text: &'a str,
    /// The offset of the next byte.
    at: usize,
    tokens: Vec<Token>,
    /// What surrounds the current mode, outermost first.
    outer: Vec<Mode<'a>>,
    mode: Mode<'a>,
    /// Ends at a line's end what is not closed on it.
    repairs: bool,
    is_repaired: bool,
    /// Up to here quoted text goes on over lines, as was found out.
    quoted_until: usize,
}

#[derive(Clone, Copy)]
enum Mode<'a> {
    Code {
        /// How many `{` are open.
        braces: usize,
        /// How many `(` and `[` are open.
        brackets: usize,
        /// A `}` beyond the open ones ends it.
        in_template: bool,
    },
    Quoted,
    Heredoc {
        marker: &'a str,
        /// Text of the line was seen, so that the marker cannot follow.
        in_line: bool,
    },
    Bare,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, mode: Mode<'a>) -> Self {
        Self {
            text,
            at: 0,
            tokens: Vec::new(),
            outer: Vec::new(),
            mode,
            repairs: false,
            is_repaired: false,
            quoted_until: 0,
        }
    }

    fn run(mut self) -> Vec<Token> {
        self.lex();
        self.tokens
    }

    fn lex(&mut self) {
        if self.rest().starts_with('\u{feff}') {
            self.push(TokenKind::Bom, '\u{feff}'.len_utf8());
        }
        while self.at < self.text.len() && self.tokens.len() < MAX_TOKENS {
            if self.repairs {
                self.repair();
            }
            match self.mode {
                Mode::Code { .. } => self.code(),
                Mode::Quoted => self.quoted(),
                Mode::Heredoc { marker, in_line } => self.heredoc(marker, in_line),
                Mode::Bare => _ = self.bare(),
            }
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: TokenKind, length: usize) {
        let end = self.at + length;
        self.tokens.push(Token::new(kind, self.at, end));
        self.at = end;
    }

    fn enter(&mut self, mode: Mode<'a>) {
        self.outer.push(std::mem::replace(&mut self.mode, mode));
    }

    /// Back to the mode around this one; the outermost stays.
    fn leave(&mut self) {
        if let Some(mode) = self.outer.pop() {
            self.mode = mode;
        }
    }

    fn code(&mut self) {
        let rest = self.rest().as_bytes();
        match rest[0] {
            b' ' | b'\t' => {
                let length = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                self.push(TokenKind::Blank, length);
            }
            b'\n' => self.push(TokenKind::Newline, 1),
            b'\r' if rest.get(1) == Some(&b'\n') => self.push(TokenKind::Newline, 2),
            b'#' => self.line_comment(),
            b'/' if rest.get(1) == Some(&b'/') => self.line_comment(),
            b'/' if rest.get(1) == Some(&b'*') => self.block_comment(),
            b'0'..=b'9' => self.push(TokenKind::Number, number_length(rest)),
            b'"' => {
                self.push(TokenKind::OpenQuote, 1);
                self.enter(Mode::Quoted);
            }
            b'<' if rest.get(1) == Some(&b'<') => match heredoc_introduction(self.rest()) {
                Some((marker, length)) => {
                    self.push(TokenKind::OpenHeredoc, length);
                    self.enter(Mode::Heredoc { marker, in_line: false });
                }
                None => self.push(TokenKind::Less, 1),
            },
            b'{' => self.open_brace(),
            b'}' => self.close_brace(1),
            b'~' if rest.get(1) == Some(&b'}') && self.at_template_end() => self.close_brace(2),
            _ => match punctuation(rest) {
                Some((kind, length)) => {
                    self.push(kind, length);
                    self.count(kind);
                }
                None => self.word(),
            },
        }
    }

    fn count(&mut self, kind: TokenKind) {
        let Mode::Code { brackets, .. } = &mut self.mode else { return };
        match kind {
            TokenKind::OpenBracket | TokenKind::OpenParenthesis => *brackets += 1,
            TokenKind::CloseBracket | TokenKind::CloseParenthesis => *brackets = brackets.saturating_sub(1),
            _ => {}
        }
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        let line = rest.find('\n').map_or(rest, |end| {
            let line = &rest[..end];
            line.strip_suffix('\r').unwrap_or(line)
        });
        self.push(TokenKind::LineComment, line.len());
    }

    fn block_comment(&mut self) {
        let rest = self.rest();
        match rest[2..].find("*/") {
            Some(length) => self.push(TokenKind::BlockComment, 2 + length + 2),
            None => self.push(TokenKind::Invalid, rest.len()),
        }
    }

    fn open_brace(&mut self) {
        self.push(TokenKind::OpenBrace, 1);
        if let Mode::Code { braces, .. } = &mut self.mode {
            *braces += 1;
        }
    }

    fn at_template_end(&self) -> bool {
        matches!(self.mode, Mode::Code { braces: 0, in_template: true, .. })
    }

    fn close_brace(&mut self, length: usize) {
        if self.at_template_end() {
            self.push(TokenKind::CloseTemplate, length);
            self.leave();
        } else {
            self.push(TokenKind::CloseBrace, length);
            if let Mode::Code { braces, .. } = &mut self.mode {
                *braces = braces.saturating_sub(1);
            }
        }
    }

    /// A name, or one character that means nothing.
    fn word(&mut self) {
        let rest = self.rest();
        match identifier_length(rest) {
            0 => self.push(TokenKind::Invalid, rest.chars().next().map_or(1, char::len_utf8)),
            length => self.push(TokenKind::Identifier, length),
        }
    }

    fn quoted(&mut self) {
        let rest = self.rest().as_bytes();
        match rest[0] {
            b'"' => {
                self.push(TokenKind::CloseQuote, 1);
                self.leave();
            }
            b'\r' if rest.get(1) == Some(&b'\n') => self.push(TokenKind::QuotedNewline, 2),
            b'\r' | b'\n' => self.push(TokenKind::QuotedNewline, 1),
            b'$' | b'%' if rest.get(1) == Some(&b'{') => self.open_template(),
            _ => {
                let length = quoted_length(rest);
                self.push(TokenKind::QuotedText, length);
            }
        }
    }

    fn open_template(&mut self) {
        let rest = self.rest().as_bytes();
        let kind = match rest[0] {
            b'$' => TokenKind::OpenInterpolation,
            _ => TokenKind::OpenDirective,
        };
        self.push(kind, if rest.get(2) == Some(&b'~') { 3 } else { 2 });
        self.enter(Mode::Code { braces: 0, brackets: 0, in_template: true });
    }

    fn heredoc(&mut self, marker: &'a str, in_line: bool) {
        let rest = self.rest();
        if !in_line && let Some(length) = closing_line_length(rest, marker) {
            self.push(TokenKind::CloseHeredoc, length);
            self.leave();
        } else {
            // Set first: what follows `${` comes back to it.
            self.mode = Mode::Heredoc { marker, in_line: true };
            if self.bare() {
                self.mode = Mode::Heredoc { marker, in_line: false };
            }
        }
    }

    /// A piece of text that is not quoted, or the start of a `${` or `%{`. True if a line ends with it.
    fn bare(&mut self) -> bool {
        let rest = self.rest().as_bytes();
        if matches!(rest[0], b'$' | b'%') && rest.get(1) == Some(&b'{') {
            self.open_template();
            return false;
        }
        let length = bare_length(rest);
        self.push(TokenKind::HeredocText, length);
        rest[length - 1] == b'\n'
    }
}

/// Digits, dots and an exponent, the last one not a dot.
fn number_length(rest: &[u8]) -> usize {
    let digit = |at: usize| rest.get(at).is_some_and(u8::is_ascii_digit);
    let (mut at, mut length) = (1, 1);
    loop {
        match rest.get(at) {
            Some(b'0'..=b'9') => {
                at += 1;
                length = at;
            }
            Some(b'.') => at += 1,
            Some(b'e' | b'E') if digit(at + 1) => at += 2,
            Some(b'e' | b'E') if matches!(rest.get(at + 1), Some(b'+' | b'-')) && digit(at + 2) => at += 3,
            _ => return length,
        }
        if digit(at - 1) {
            length = at;
        }
    }
}

fn identifier_length(rest: &str) -> usize {
    if !rest.starts_with(is_identifier_start) {
        return 0;
    }
    rest.find(|c| !is_identifier_part(c)).unwrap_or(rest.len())
}

/// The marker of a heredoc, and the length of what introduces it, with the line break.
fn heredoc_introduction(rest: &str) -> Option<(&str, usize)> {
    let behind = rest.strip_prefix("<<")?;
    let behind = behind.strip_prefix('-').unwrap_or(behind);
    let (marker, tail) = behind.split_at(identifier_length(behind));
    let newline = if tail.starts_with('\n') {
        1
    } else if tail.starts_with("\r\n") {
        2
    } else {
        return None;
    };
    (!marker.is_empty()).then_some((marker, rest.len() - tail.len() + newline))
}

/// The length of the line that closes a heredoc, without its line break, if the text starts with it.
///
/// The line break is needed: a file that ends with the marker has not closed the heredoc.
fn closing_line_length(rest: &str, marker: &str) -> Option<usize> {
    let blank = |c: char| c.is_whitespace() && c != '\n';
    let tail = rest.trim_start_matches(blank).strip_prefix(marker)?.trim_start_matches(blank);
    if !tail.starts_with('\n') {
        return None;
    }
    let line = &rest[..rest.len() - tail.len()];
    Some(line.strip_suffix('\r').unwrap_or(line).len())
}

/// Text up to a quote, a line break, `${` or `%{`. A backslash takes the next character along.
fn quoted_length(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'"' | b'\r' | b'\n' => break,
            b'\\' => at += if matches!(rest.get(at + 1), None | Some(b'\r' | b'\n')) { 1 } else { 2 },
            b'$' | b'%' => match template_length(&rest[at..]) {
                0 => break,
                length => at += length,
            },
            _ => at += 1,
        }
    }
    at
}

/// Text up to and with the next line break, or up to `${` or `%{`.
fn bare_length(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\n' => return at + 1,
            b'$' | b'%' => match template_length(&rest[at..]) {
                0 => break,
                length => at += length,
            },
            _ => at += 1,
        }
    }
    at
}

/// How much of a text that starts with `$` or `%` is text: nothing if it opens a template, all of `$${`.
fn template_length(rest: &[u8]) -> usize {
    match rest {
        [_, b'{', ..] => 0,
        [first, second, b'{', ..] if first == second => 3,
        _ => 1,
    }
}

fn punctuation(rest: &[u8]) -> Option<(TokenKind, usize)> {
    use TokenKind as Kind;
    Some(match rest {
        [b'.', b'.', b'.', ..] => (Kind::Ellipsis, 3),
        [b'=', b'=', ..] => (Kind::EqualTo, 2),
        [b'!', b'=', ..] => (Kind::NotEqualTo, 2),
        [b'<', b'=', ..] => (Kind::LessOrEqual, 2),
        [b'>', b'=', ..] => (Kind::GreaterOrEqual, 2),
        [b'=', b'>', ..] => (Kind::FatArrow, 2),
        [b'&', b'&', ..] => (Kind::And, 2),
        [b'|', b'|', ..] => (Kind::Or, 2),
        [b':', b':', ..] => (Kind::DoubleColon, 2),
        [b'*', b'*', ..] => (Kind::ForeignOperator, 2),
        [b'[', ..] => (Kind::OpenBracket, 1),
        [b']', ..] => (Kind::CloseBracket, 1),
        [b'(', ..] => (Kind::OpenParenthesis, 1),
        [b')', ..] => (Kind::CloseParenthesis, 1),
        [b',', ..] => (Kind::Comma, 1),
        [b'.', ..] => (Kind::Dot, 1),
        [b':', ..] => (Kind::Colon, 1),
        [b'?', ..] => (Kind::Question, 1),
        [b'=', ..] => (Kind::Equals, 1),
        [b'+', ..] => (Kind::Plus, 1),
        [b'-', ..] => (Kind::Minus, 1),
        [b'*', ..] => (Kind::Star, 1),
        [b'/', ..] => (Kind::Slash, 1),
        [b'%', ..] => (Kind::Percent, 1),
        [b'!', ..] => (Kind::Bang, 1),
        [b'<', ..] => (Kind::Less, 1),
        [b'>', ..] => (Kind::Greater, 1),
        [b'&' | b'|' | b'^' | b'~', ..] => (Kind::ForeignOperator, 1),
        [b'\'', ..] => (Kind::Apostrophe, 1),
        [b'`', ..] => (Kind::Backquote, 1),
        [b';', ..] => (Kind::Semicolon, 1),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Kind text` of each token but blanks.
    fn kinds(text: &str) -> String {
        let all = tokens(text);
        assert_eq!(all.iter().map(|token| token.text(text)).collect::<String>(), text);
        let telling = all.iter().filter(|token| token.kind != TokenKind::Blank);
        telling
            .map(|t| format!("{:?}({})", t.kind, t.text(text).escape_debug()))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn each_construct_has_its_tokens() {
        let table = [
            ("a = 1 # c\r\n", r"Identifier(a) Equals(=) Number(1) LineComment(# c) Newline(\r\n)"),
            ("/* a\n*/b//", r"BlockComment(/* a\n*/) Identifier(b) LineComment(//)"),
            ("/* a", "Invalid(/* a)"),
            ("\u{feff}a\u{feff}", r"Bom(\u{feff}) Identifier(a) Invalid(\u{feff})"),
            (
                "1.5e+3 1.5.6 2e 3. 4... 0.a",
                "Number(1.5e+3) Number(1.5.6) Number(2) Identifier(e) Number(3) Dot(.) Number(4) Ellipsis(...) Number(0) Dot(.) Identifier(a)",
            ),
            (
                "a-b -b a::c",
                "Identifier(a-b) Minus(-) Identifier(b) Identifier(a) DoubleColon(::) Identifier(c)",
            ),
            ("ünï゛ 🙂\0", "Identifier(ünï゛) Invalid(🙂) Invalid(\\0)"),
            (r#""a\"$${b""#, r#"OpenQuote(\") QuotedText(a\\\"$${b) CloseQuote(\")"#),
            (r#""$%{""#, r#"OpenQuote(\") QuotedText($) OpenDirective(%{) OpenQuote(\")"#),
            ("\"a\r\nb\"", r#"OpenQuote(\") QuotedText(a) QuotedNewline(\r\n) QuotedText(b) CloseQuote(\")"#),
            ("\"\\\n", r#"OpenQuote(\") QuotedText(\\) QuotedNewline(\n)"#),
            (
                r#""${~{}~}}""#,
                r#"OpenQuote(\") OpenInterpolation(${~) OpenBrace({) CloseBrace(}) CloseTemplate(~}) QuotedText(}) CloseQuote(\")"#,
            ),
            (
                "<<E\na\n E \nE",
                r"OpenHeredoc(<<E\n) HeredocText(a\n) CloseHeredoc( E ) Newline(\n) Identifier(E)",
            ),
            (
                "<<-E\r\n${a}\r\nE\r\n",
                r"OpenHeredoc(<<-E\r\n) OpenInterpolation(${) Identifier(a) CloseTemplate(}) HeredocText(\r\n) CloseHeredoc(E) Newline(\r\n)",
            ),
            ("<<E\nE", r"OpenHeredoc(<<E\n) HeredocText(E)"),
            ("<<E \nE", r"Less(<) Less(<) Identifier(E) Newline(\n) Identifier(E)"),
            (
                "a**b & ' ` ;",
                "Identifier(a) ForeignOperator(**) Identifier(b) ForeignOperator(&) Apostrophe(\\') Backquote(`) Semicolon(;)",
            ),
            ("}a}", "CloseBrace(}) Identifier(a) CloseBrace(})"),
        ];
        for (text, expected) in table {
            assert_eq!(kinds(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_bare_template_is_text_and_its_openings() {
        let text = "\"a\n%%{ ${b}%{ if \"}\" ~} $";
        let found: Vec<_> = template_tokens(text).iter().map(|token| token.text(text)).collect();
        assert_eq!(
            found,
            ["\"a\n", "%%{ ", "${", "b", "}", "%{", " ", "if", " ", "\"", "}", "\"", " ", "~}", " $"]
        );
    }
}
