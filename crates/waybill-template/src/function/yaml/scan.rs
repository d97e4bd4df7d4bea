//! From the text of a YAML 1.1 document to tokens.
//!
//! Indentation and keys need looking ahead: `a: b` becomes a mapping only at its colon, so that the tokens for "a
//! mapping starts" and "a key follows" are put before one that was found already. How far a key may be from its colon
//! is limited (one line, 1024 characters), so that the queue stays short. Where texts are on the border of the
//! language, this follows libyaml, of which the original has a translation.

mod text;

use std::collections::VecDeque;

use super::scalar::Style;

/// A place, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    index: usize,
    line: usize,
    column: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    StreamEnd,
    /// `%YAML 1.1`
    Version {
        major: u32,
        minor: u32,
    },
    /// `%TAG handle prefix`
    TagPrefix {
        handle: String,
        prefix: String,
    },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    /// `-`
    BlockEntry,
    /// `,`
    FlowEntry,
    /// `?`, or a key without it follows
    Key,
    /// `:`
    Value,
    Alias(String),
    Anchor(String),
    Tag {
        handle: String,
        suffix: String,
    },
    Scalar {
        text: String,
        style: Style,
    },
}

/// How many characters may be between the start of a key and its colon.
const MAX_KEY: usize = 1024;

pub(super) struct Scanner<'a> {
    rest: &'a str,
    mark: Mark,
    tokens: VecDeque<(Token, Mark)>,
    /// How many tokens were given away.
    given: usize,
    has_ended: bool,
    /// The column of the innermost block collection; -1 outside of all.
    indent: i64,
    outer_indents: Vec<i64>,
    /// What is read next may be a key without `?`.
    may_be_key: bool,
    /// For each flow collection around, and for the block outside: what may turn out to be a key.
    keys: Vec<Option<PossibleKey>>,
}

#[derive(Clone, Copy)]
struct PossibleKey {
    /// Nothing else can stand there.
    is_required: bool,
    /// The number of its token, counted from the start.
    token: usize,
    mark: Mark,
}

type Result<T> = std::result::Result<T, String>;

pub(super) fn told(at: Mark, fault: &str) -> String {
    format!("line {}, column {}: {fault}", at.line + 1, at.column + 1)
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self> {
        // one for the stream, one for its first line
        let without_mark = |text: &'a str| text.strip_prefix('\u{feff}').unwrap_or(text);
        let scanner = Self {
            rest: without_mark(without_mark(text)),
            mark: Mark::default(),
            tokens: VecDeque::new(),
            given: 0,
            has_ended: false,
            indent: -1,
            outer_indents: Vec::new(),
            may_be_key: true,
            keys: vec![None],
        };
        match text.chars().find(|&c| !is_allowed(c)) {
            Some(c) => Err(format!("the character U+{:04X} is not allowed", u32::from(c))),
            None => Ok(scanner),
        }
    }

    /// The next token, which stays the next.
    pub(super) fn peek(&mut self) -> Result<&(Token, Mark)> {
        while !self.has_ended && (self.tokens.is_empty() || self.may_need_more()?) {
            self.fetch()?;
        }
        self.tokens.front().ok_or_else(|| "the text has ended".to_owned())
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Result<(Token, Mark)> {
        self.peek()?;
        let token = self.tokens.pop_front().ok_or("the text has ended")?;
        if token.0 == Token::StreamEnd {
            self.tokens.push_front(token.clone());
        } else {
            self.given += 1;
        }
        Ok(token)
    }

    /// True if the next token may turn out to be behind one that is not found yet.
    fn may_need_more(&mut self) -> Result<bool> {
        self.forget_old_keys()?;
        Ok(self.keys.iter().flatten().any(|key| key.token == self.given))
    }

    fn is_flow(&self) -> bool {
        1 < self.keys.len()
    }

    fn push(&mut self, token: Token, mark: Mark) {
        self.tokens.push_back((token, mark));
    }

    fn fetch(&mut self) -> Result<()> {
        self.skip_to_token()?;
        self.forget_old_keys()?;
        self.unroll(self.column());
        let mark = self.mark;
        let Some(c) = self.at(0) else {
            return self.fetch_end();
        };
        if mark.column == 0 && c == '%' {
            self.leave_document()?;
            return self.directive();
        }
        if let Some(indicator) = self.document_indicator() {
            self.leave_document()?;
            self.skip(3);
            self.push(indicator, mark);
            return Ok(());
        }
        let is_before_blank = is_blank_or_end(self.at(1));
        match c {
            '[' => self.flow_start(Token::FlowSequenceStart)?,
            '{' => self.flow_start(Token::FlowMappingStart)?,
            ']' => self.flow_end(Token::FlowSequenceEnd)?,
            '}' => self.flow_end(Token::FlowMappingEnd)?,
            ',' => {
                self.drop_key()?;
                self.may_be_key = true;
                self.indicator(Token::FlowEntry);
            }
            '-' if is_before_blank => self.block_entry()?,
            '?' if self.is_flow() || is_before_blank => self.key()?,
            ':' if self.is_flow() || is_before_blank => self.value()?,
            '*' | '&' => self.anchor(c)?,
            '!' => self.tag()?,
            '|' | '>' if !self.is_flow() => {
                self.drop_key()?;
                self.may_be_key = true;
                self.block_scalar(c == '|')?;
            }
            '\'' | '"' => {
                self.save_key()?;
                self.may_be_key = false;
                self.quoted_scalar(c)?;
            }
            '-' if !is_blank(self.at(1)) => self.plain()?,
            '?' | ':' if !self.is_flow() => self.plain()?,
            '-' | '?' | ':' | '#' | '|' | '>' | '%' | '@' | '`' | '\t' => {
                return Err(told(mark, &format!("nothing can begin with {c:?} here")));
            }
            _ => self.plain()?,
        }
        Ok(())
    }

    fn fetch_end(&mut self) -> Result<()> {
        self.leave_document()?;
        self.has_ended = true;
        self.push(Token::StreamEnd, self.mark);
        Ok(())
    }

    fn leave_document(&mut self) -> Result<()> {
        self.unroll(-1);
        self.drop_key()?;
        self.may_be_key = false;
        Ok(())
    }

    /// `---` or `...` at the start of a line.
    fn document_indicator(&self) -> Option<Token> {
        if self.mark.column != 0 || !is_blank_or_end(self.at(3)) {
            return None;
        }
        match self.rest.get(..3)? {
            "---" => Some(Token::DocumentStart),
            "..." => Some(Token::DocumentEnd),
            _ => None,
        }
    }

    fn indicator(&mut self, token: Token) {
        let mark = self.mark;
        self.skip(1);
        self.push(token, mark);
    }

    fn flow_start(&mut self, token: Token) -> Result<()> {
        self.save_key()?;
        self.keys.push(None);
        self.may_be_key = true;
        self.indicator(token);
        Ok(())
    }

    fn flow_end(&mut self, token: Token) -> Result<()> {
        self.drop_key()?;
        if self.is_flow() {
            self.keys.pop();
        }
        self.may_be_key = false;
        self.indicator(token);
        Ok(())
    }

    fn block_entry(&mut self) -> Result<()> {
        if !self.is_flow() {
            if !self.may_be_key {
                return Err(told(self.mark, "an entry of a block sequence is not allowed here"));
            }
            self.roll(self.column(), None, Token::BlockSequenceStart, self.mark);
        }
        self.drop_key()?;
        self.may_be_key = true;
        self.indicator(Token::BlockEntry);
        Ok(())
    }

    fn key(&mut self) -> Result<()> {
        if !self.is_flow() {
            if !self.may_be_key {
                return Err(told(self.mark, "a key of a mapping is not allowed here"));
            }
            self.roll(self.column(), None, Token::BlockMappingStart, self.mark);
        }
        self.drop_key()?;
        self.may_be_key = !self.is_flow();
        self.indicator(Token::Key);
        Ok(())
    }

    fn value(&mut self) -> Result<()> {
        if let Some(key) = self.keys.last_mut().and_then(Option::take) {
            self.tokens.insert(key.token - self.given, (Token::Key, key.mark));
            let column = i64::try_from(key.mark.column).unwrap_or(i64::MAX);
            self.roll(column, Some(key.token), Token::BlockMappingStart, key.mark);
            self.may_be_key = false;
        } else {
            if !self.is_flow() {
                if !self.may_be_key {
                    return Err(told(self.mark, "a value of a mapping is not allowed here"));
                }
                self.roll(self.column(), None, Token::BlockMappingStart, self.mark);
            }
            self.may_be_key = !self.is_flow();
        }
        self.indicator(Token::Value);
        Ok(())
    }

    fn plain(&mut self) -> Result<()> {
        self.save_key()?;
        self.may_be_key = false;
        self.plain_scalar()
    }

    /// Begins a block collection if its column is further right than that of the one around.
    fn roll(&mut self, column: i64, token: Option<usize>, start: Token, mark: Mark) {
        if self.is_flow() || column <= self.indent {
            return;
        }
        self.outer_indents.push(self.indent);
        self.indent = column;
        match token {
            Some(number) => self.tokens.insert(number - self.given, (start, mark)),
            None => self.push(start, mark),
        }
    }

    /// Ends the block collections that are further right.
    fn unroll(&mut self, column: i64) {
        while !self.is_flow() && column < self.indent {
            self.push(Token::BlockEnd, self.mark);
            self.indent = self.outer_indents.pop().unwrap_or(-1);
        }
    }

    fn column(&self) -> i64 {
        i64::try_from(self.mark.column).unwrap_or(i64::MAX)
    }

    /// What comes next may be a key.
    fn save_key(&mut self) -> Result<()> {
        if self.may_be_key {
            let is_required = !self.is_flow() && self.indent == self.column();
            self.drop_key()?;
            let key = PossibleKey { is_required, token: self.given + self.tokens.len(), mark: self.mark };
            if let Some(last) = self.keys.last_mut() {
                *last = Some(key);
            }
        }
        Ok(())
    }

    /// What might have been a key is none.
    fn drop_key(&mut self) -> Result<()> {
        match self.keys.last_mut().and_then(Option::take) {
            Some(key) if key.is_required => Err(told(key.mark, "there is no `:` behind the key")),
            _ => Ok(()),
        }
    }

    fn forget_old_keys(&mut self) -> Result<()> {
        let now = self.mark;
        for slot in &mut self.keys {
            if let Some(key) = slot
                && (key.mark.line < now.line || key.mark.index + MAX_KEY < now.index)
            {
                if key.is_required {
                    return Err(told(key.mark, "there is no `:` behind the key"));
                }
                *slot = None;
            }
        }
        Ok(())
    }

    fn skip_to_token(&mut self) -> Result<()> {
        loop {
            while self.at(0) == Some(' ') || self.at(0) == Some('\t') && (self.is_flow() || !self.may_be_key)
            {
                self.skip(1);
            }
            if self.at(0) == Some('#') {
                self.skip_line_text();
            }
            if !is_break(self.at(0)) {
                return Ok(());
            }
            self.line_break();
            if !self.is_flow() {
                self.may_be_key = true;
            }
        }
    }

    /// The character so many behind the next one.
    fn at(&self, offset: usize) -> Option<char> {
        self.rest.chars().nth(offset)
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.take();
        }
    }

    fn take(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        self.mark.index += 1;
        self.mark.column += 1;
        Some(c)
    }

    fn skip_line_text(&mut self) {
        while !is_break_or_end(self.at(0)) {
            self.take();
        }
    }

    /// Takes a line break, if there is one; what it means in a text.
    fn line_break(&mut self) -> &'static str {
        let text = match (self.at(0), self.at(1)) {
            (Some('\r'), Some('\n')) => {
                self.skip(2);
                "\n"
            }
            (Some('\r' | '\n' | '\u{85}'), _) => {
                self.skip(1);
                "\n"
            }
            (Some('\u{2028}'), _) => {
                self.skip(1);
                "\u{2028}"
            }
            (Some('\u{2029}'), _) => {
                self.skip(1);
                "\u{2029}"
            }
            _ => return "",
        };
        self.mark.column = 0;
        self.mark.line += 1;
        text
    }
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..)
        && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn is_blank(c: Option<char>) -> bool {
    matches!(c, Some(' ' | '\t'))
}

fn is_break(c: Option<char>) -> bool {
    matches!(c, Some('\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}'))
}

fn is_break_or_end(c: Option<char>) -> bool {
    c.is_none() || is_break(c)
}

fn is_blank_or_end(c: Option<char>) -> bool {
    is_blank(c) || is_break_or_end(c)
}

/// Of names of anchors, directives and tags.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}
