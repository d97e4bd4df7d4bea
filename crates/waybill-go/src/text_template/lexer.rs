//! Tokens of a template. An error is a token, too: the last one.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::quote::{code_point, is_print, quote};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The lexer could not go on; the token's text is why.
    Error,
    End,
    Text,
    LeftDelimiter,
    RightDelimiter,
    Space,
    Bool,
    /// A printable character without a meaning of its own, such as a comma.
    Char,
    CharConstant,
    Complex,
    Number,
    String,
    RawString,
    Assign,
    Declare,
    Pipe,
    LeftParenthesis,
    RightParenthesis,
    Identifier,
    Field,
    Variable,
    Dot,
    Keyword(Keyword),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    pub text: String,
    /// Counted from 1.
    pub line: usize,
    pub range: Range<usize>,
}

impl Token {
    pub(super) fn position(&self) -> usize {
        self.range.start
    }

    /// How messages name it.
    pub(super) fn describe(&self) -> String {
        match self.kind {
            Kind::End => "EOF".to_owned(),
            Kind::Error => self.text.clone(),
            Kind::Dot | Kind::Keyword(_) => format!("<{}>", self.text),
            _ if self.text.len() > 10 => {
                format!("{}...", quote(&self.text.chars().take(10).collect::<String>()))
            }
            _ => quote(&self.text),
        }
    }
}

/// Reads one token after the other.
pub(super) struct Lexer<'a> {
    input: &'a str,
    /// The next byte to read.
    at: usize,
    /// Where the token that is being read starts.
    start: usize,
    line: usize,
    start_line: usize,
    parentheses: usize,
    inside: bool,
    ended: bool,
}

const LEFT: &str = "{{";
const RIGHT: &str = "}}";
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

impl<'a> Lexer<'a> {
    pub(super) fn new(input: &'a str) -> Self {
        Self { input, at: 0, start: 0, line: 1, start_line: 1, parentheses: 0, inside: false, ended: false }
    }

    /// The next token; after the end or an error only ends.
    pub(super) fn next_token(&mut self) -> Token {
        while !self.ended {
            let found = if self.inside { self.action() } else { self.text() };
            match found {
                Ok(Some(token)) => return token,
                Ok(None) => {}
                Err(message) => {
                    self.ended = true;
                    return Token {
                        kind: Kind::Error,
                        text: message,
                        line: self.start_line,
                        range: self.start..self.at,
                    };
                }
            }
        }
        Token { kind: Kind::End, text: String::new(), line: self.line, range: self.at..self.at }
    }

    fn rest(&self) -> &'a str {
        &self.input[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        self.line += usize::from(c == '\n');
        Some(c)
    }

    /// Skips so many bytes as part of the token.
    fn advance(&mut self, bytes: usize) {
        let skipped = &self.input[self.at..self.at + bytes];
        self.line += skipped.matches('\n').count();
        self.at += bytes;
    }

    fn emit(&mut self, kind: Kind) -> Token {
        let token = Token {
            kind,
            text: self.input[self.start..self.at].to_owned(),
            line: self.start_line,
            range: self.start..self.at,
        };
        self.ignore();
        token
    }

    /// What was read so far belongs to no token.
    fn ignore(&mut self) {
        self.start = self.at;
        self.start_line = self.line;
    }

    /// Text up to the next action, then its delimiter or its comment.
    fn text(&mut self) -> Result<Option<Token>, String> {
        if self.rest().starts_with(LEFT) {
            return self.left_delimiter();
        }
        let rest = self.rest();
        let Some(length) = rest.find(LEFT) else {
            self.advance(rest.len());
            self.ended = true;
            return Ok((self.start < self.at).then(|| self.emit(Kind::Text)));
        };
        let kept = if trims_left(&rest[length + LEFT.len()..]) {
            rest[..length].trim_end_matches(BLANKS).len()
        } else {
            length
        };
        self.advance(kept);
        let token = (0 < kept).then(|| self.emit(Kind::Text));
        self.advance(length - kept);
        self.ignore();
        Ok(token)
    }

    fn left_delimiter(&mut self) -> Result<Option<Token>, String> {
        let inner = &self.rest()[LEFT.len()..];
        let marker = if trims_left(inner) { 2 } else { 0 };
        if inner[marker..].starts_with("/*") {
            self.advance(LEFT.len() + marker);
            self.ignore();
            self.comment()?;
            return Ok(None);
        }
        self.advance(LEFT.len());
        let token = self.emit(Kind::LeftDelimiter);
        self.advance(marker);
        self.ignore();
        self.inside = true;
        self.parentheses = 0;
        Ok(Some(token))
    }

    fn comment(&mut self) -> Result<(), String> {
        let length = self.rest().find("*/").ok_or("unclosed comment")? + 2;
        self.advance(length);
        let Some(trims) = self.right_delimiter() else {
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.close(trims);
        Ok(())
    }

    /// Whether a right delimiter is next, and whether it trims.
    fn right_delimiter(&self) -> Option<bool> {
        let rest = self.rest();
        if trims_right(rest) && rest[2..].starts_with(RIGHT) {
            return Some(true);
        }
        rest.starts_with(RIGHT).then_some(false)
    }

    /// Skips a right delimiter, and the blanks that it trims.
    fn close(&mut self, trims: bool) {
        self.advance(RIGHT.len() + if trims { 2 } else { 0 });
        if trims {
            let rest = self.rest();
            self.advance(rest.len() - rest.trim_start_matches(BLANKS).len());
        }
        self.ignore();
    }

    /// One token inside of an action.
    fn action(&mut self) -> Result<Option<Token>, String> {
        if let Some(trims) = self.right_delimiter() {
            if 0 < self.parentheses {
                return Err("unclosed left paren".to_owned());
            }
            if trims {
                self.advance(2);
                self.ignore();
            }
            self.advance(RIGHT.len());
            let token = self.emit(Kind::RightDelimiter);
            if trims {
                let rest = self.rest();
                self.advance(rest.len() - rest.trim_start_matches(BLANKS).len());
                self.ignore();
            }
            self.inside = false;
            return Ok(Some(token));
        }
        let Some(c) = self.next() else {
            return Err("unclosed action".to_owned());
        };
        let kind = match c {
            c if BLANKS.contains(&c) => return Ok(self.space()),
            '=' => Kind::Assign,
            ':' => {
                if self.next() != Some('=') {
                    return Err("expected :=".to_owned());
                }
                Kind::Declare
            }
            '|' => Kind::Pipe,
            '"' => self.quoted('"', "unterminated quoted string", Kind::String)?,
            '\'' => self.quoted('\'', "unterminated character constant", Kind::CharConstant)?,
            '`' => loop {
                match self.next() {
                    None => return Err("unterminated raw quoted string".to_owned()),
                    Some('`') => break Kind::RawString,
                    Some(_) => {}
                }
            },
            '$' => self.field_or_variable(Kind::Variable)?,
            '.' if self.peek().is_some_and(|next| !next.is_ascii_digit()) => {
                self.field_or_variable(Kind::Field)?
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.at -= 1;
                self.number()?
            }
            c if is_alphanumeric(c) => self.identifier()?,
            '(' => {
                self.parentheses += 1;
                Kind::LeftParenthesis
            }
            ')' => {
                self.parentheses = self.parentheses.checked_sub(1).ok_or("unexpected right paren")?;
                Kind::RightParenthesis
            }
            c if c.is_ascii() && is_print(c) => Kind::Char,
            c => return Err(format!("unrecognized character in action: {}", code_point(c))),
        };
        Ok(Some(self.emit(kind)))
    }

    /// Blanks, but not the one that belongs to a trimming delimiter.
    fn space(&mut self) -> Option<Token> {
        loop {
            let last = self.at - 1;
            if trims_right(&self.input[last..]) && self.input[last + 2..].starts_with(RIGHT) {
                self.at = last;
                self.line -= usize::from(self.input.as_bytes()[last] == b'\n');
                return (self.start < last).then(|| self.emit(Kind::Space));
            }
            if !self.peek().is_some_and(|c| BLANKS.contains(&c)) {
                return Some(self.emit(Kind::Space));
            }
            self.next();
        }
    }

    fn quoted(&mut self, mark: char, unterminated: &str, kind: Kind) -> Result<Kind, String> {
        loop {
            let c = match self.next() {
                Some('\\') => self.next().filter(|&c| c != '\n').map(|_| ' '),
                c => c,
            };
            match c {
                None | Some('\n') => return Err(unterminated.to_owned()),
                Some(c) if c == mark => return Ok(kind),
                Some(_) => {}
            }
        }
    }

    fn identifier(&mut self) -> Result<Kind, String> {
        self.word();
        let word = &self.input[self.start..self.at];
        self.terminated()?;
        Ok(match word {
            "true" | "false" => Kind::Bool,
            _ => keyword(word).map_or(Kind::Identifier, Kind::Keyword),
        })
    }

    /// The dot or the dollar has been read.
    fn field_or_variable(&mut self, kind: Kind) -> Result<Kind, String> {
        if self.is_at_terminator() {
            return Ok(if kind == Kind::Variable { kind } else { Kind::Dot });
        }
        self.word();
        self.terminated()?;
        Ok(kind)
    }

    fn word(&mut self) {
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
    }

    /// A word must end where something else can start.
    fn terminated(&mut self) -> Result<(), String> {
        match self.peek() {
            Some(c) if !self.is_at_terminator() => Err(format!("bad character {}", code_point(c))),
            _ => Ok(()),
        }
    }

    fn is_at_terminator(&self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(c) => BLANKS.contains(&c) || self.rest().starts_with(RIGHT),
        }
    }

    /// A number as far as its characters go: whether it is one, the parser finds out.
    fn number(&mut self) -> Result<Kind, String> {
        let mut kind = Kind::Number;
        let mut is_good = self.scan_number();
        if is_good && matches!(self.peek(), Some('+' | '-')) {
            kind = Kind::Complex;
            is_good = self.scan_number() && self.input[..self.at].ends_with('i');
        }
        if is_good {
            Ok(kind)
        } else {
            Err(format!("bad number syntax: {}", quote(&self.input[self.start..self.at])))
        }
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        let exponent = match digits.len() {
            11 => "eE",
            23 => "pP",
            _ => "",
        };
        if self.accept(exponent) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }

    fn accept(&mut self, one_of: &str) -> bool {
        let is_one = self.peek().is_some_and(|c| one_of.contains(c));
        if is_one {
            self.next();
        }
        is_one
    }

    fn accept_run(&mut self, some_of: &str) {
        while self.accept(some_of) {}
    }
}

/// What follows `{{` makes it trim the text before.
fn trims_left(inner: &str) -> bool {
    matches!(inner.as_bytes(), [b'-', b' ' | b'\t' | b'\r' | b'\n', ..])
}

/// Here starts a blank and a dash, which in front of `}}` trims the text behind.
fn trims_right(rest: &str) -> bool {
    matches!(rest.as_bytes(), [b' ' | b'\t' | b'\r' | b'\n', b'-', ..])
}

fn keyword(word: &str) -> Option<Keyword> {
    Some(match word {
        "block" => Keyword::Block,
        "break" => Keyword::Break,
        "continue" => Keyword::Continue,
        "define" => Keyword::Define,
        "else" => Keyword::Else,
        "end" => Keyword::End,
        "if" => Keyword::If,
        "nil" => Keyword::Nil,
        "range" => Keyword::Range,
        "template" => Keyword::Template,
        "with" => Keyword::With,
        _ => return None,
    })
}

fn is_alphanumeric(c: char) -> bool {
    static LETTER_OR_DIGIT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[\p{L}\p{Nd}]$").expect("the pattern is a constant"));
    match c {
        '_' => true,
        c if c.is_ascii() => c.is_ascii_alphanumeric(),
        c => LETTER_OR_DIGIT.is_match(c.encode_utf8(&mut [0; 4])),
    }
}
