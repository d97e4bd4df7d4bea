//! Tokens that are texts: scalars, names of anchors, tags and directives.

use super::{
    Result, Scanner, Style, Token, is_blank, is_blank_or_end, is_break, is_break_or_end, is_word, told,
};

/// Blanks and line breaks between the words of a text, which are folded when the next word comes.
#[derive(Default)]
struct Gap {
    blanks: String,
    /// The first line break.
    first: &'static str,
    /// Further ones.
    further: String,
    /// There was a line break.
    is_broken: bool,
}

impl Gap {
    /// One line break is a blank, more are one less.
    fn fold_into(&mut self, text: &mut String) {
        if !self.is_broken {
            text.push_str(&self.blanks);
        } else if self.first == "\n" && self.further.is_empty() {
            text.push(' ');
        } else {
            if self.first != "\n" {
                text.push_str(self.first);
            }
            text.push_str(&self.further);
        }
        *self = Self::default();
    }

    fn line_break(&mut self, line_break: &'static str) {
        if self.is_broken {
            self.further.push_str(line_break);
        } else {
            self.blanks.clear();
            self.first = line_break;
            self.is_broken = true;
        }
    }
}

impl Scanner<'_> {
    fn text(&mut self, text: String, style: Style, mark: super::Mark) {
        self.push(Token::Scalar { text, style }, mark);
    }

    /// A text without quotes. It goes on in lines that are further right than the collection it is in.
    pub(super) fn plain_scalar(&mut self) -> Result<()> {
        let start = self.mark;
        let indent = self.indent + 1;
        let mut text = String::new();
        let mut gap = Gap::default();
        loop {
            if self.document_indicator().is_some() || self.at(0) == Some('#') {
                break;
            }
            while let Some(c) = self.at(0).filter(|&c| !is_blank_or_end(Some(c))) {
                let is_end = c == ':' && is_blank_or_end(self.at(1))
                    || self.is_flow() && matches!(c, ',' | '?' | '[' | ']' | '{' | '}');
                if is_end {
                    break;
                }
                gap.fold_into(&mut text);
                text.push(c);
                self.take();
            }
            if !is_blank(self.at(0)) && !is_break(self.at(0)) {
                break;
            }
            while let Some(c) = self.at(0).filter(|&c| is_blank(Some(c)) || is_break(Some(c))) {
                if is_break(Some(c)) {
                    let line_break = self.line_break();
                    gap.line_break(line_break);
                    continue;
                }
                if gap.is_broken && self.column() < indent && c == '\t' {
                    return Err(told(self.mark, "a tab cannot indent"));
                }
                if !gap.is_broken {
                    gap.blanks.push(c);
                }
                self.take();
            }
            if !self.is_flow() && self.column() < indent {
                break;
            }
        }
        if gap.is_broken {
            self.may_be_key = true;
        }
        self.text(text, Style::Plain, start);
        Ok(())
    }

    pub(super) fn quoted_scalar(&mut self, quote: char) -> Result<()> {
        let start = self.mark;
        self.take();
        let mut text = String::new();
        let mut gap = Gap::default();
        loop {
            if self.document_indicator().is_some() {
                return Err(told(start, "the document ends within a quoted text"));
            }
            let Some(c) = self.at(0) else {
                return Err(told(start, "the quoted text does not end"));
            };
            if is_blank(Some(c)) {
                if !gap.is_broken {
                    gap.blanks.push(c);
                }
                self.take();
                continue;
            }
            if is_break(Some(c)) {
                let line_break = self.line_break();
                gap.line_break(line_break);
                continue;
            }
            gap.fold_into(&mut text);
            match (c, self.at(1)) {
                ('\'', Some('\'')) if quote == '\'' => {
                    self.skip(2);
                    text.push('\'');
                }
                _ if c == quote => {
                    self.take();
                    break;
                }
                ('\\', next) if quote == '"' && is_break(next) => {
                    // the line goes on without a blank
                    self.take();
                    self.line_break();
                    gap.is_broken = true;
                }
                ('\\', _) if quote == '"' => text.push(self.escape()?),
                _ => {
                    text.push(c);
                    self.take();
                }
            }
        }
        self.text(text, Style::Quoted, start);
        Ok(())
    }

    fn escape(&mut self) -> Result<char> {
        let mark = self.mark;
        self.take();
        let digits = match self.take() {
            Some('0') => return Ok('\0'),
            Some('a') => return Ok('\x07'),
            Some('b') => return Ok('\x08'),
            Some('t' | '\t') => return Ok('\t'),
            Some('n') => return Ok('\n'),
            Some('v') => return Ok('\x0b'),
            Some('f') => return Ok('\x0c'),
            Some('r') => return Ok('\r'),
            Some('e') => return Ok('\x1b'),
            Some('N') => return Ok('\u{85}'),
            Some('_') => return Ok('\u{a0}'),
            Some('L') => return Ok('\u{2028}'),
            Some('P') => return Ok('\u{2029}'),
            Some(c @ (' ' | '"' | '\'' | '\\')) => return Ok(c),
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => return Err(told(mark, "there is no such escape")),
        };
        let code = (0..digits).try_fold(0_u32, |code, _| {
            let digit = self.take().and_then(|c| c.to_digit(16))?;
            code.checked_mul(16)?.checked_add(digit)
        });
        code.and_then(char::from_u32).ok_or_else(|| told(mark, "the escape stands for no character"))
    }

    /// Lines below `|` or `>`, as far as they are indented.
    pub(super) fn block_scalar(&mut self, is_literal: bool) -> Result<()> {
        let start = self.mark;
        self.take();
        let (mut keep, mut indent) = (None, None);
        for _ in 0..2 {
            match self.at(0) {
                Some(c @ ('+' | '-')) if keep.is_none() => keep = Some(c == '+'),
                Some(c @ '0'..='9') if indent.is_none() => {
                    let digit = c.to_digit(10).map(i64::from).filter(|&digit| digit != 0);
                    indent =
                        Some(digit.ok_or_else(|| told(self.mark, "an indentation of 0 is not possible"))?);
                }
                _ => break,
            }
            self.take();
        }
        while is_blank(self.at(0)) {
            self.take();
        }
        if self.at(0) == Some('#') {
            self.skip_line_text();
        }
        if !is_break_or_end(self.at(0)) {
            return Err(told(self.mark, "only a comment may follow in this line"));
        }
        self.line_break();
        let mut indent = indent.map_or(0, |more| self.indent.max(0) + more);
        let mut text = String::new();
        let mut line_break = "";
        let mut further = self.indentation(&mut indent)?;
        let mut was_blank = false;
        while self.column() == indent && self.at(0).is_some() {
            let is_blank = is_blank(self.at(0));
            if !is_literal && line_break == "\n" && !was_blank && !is_blank {
                if further.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(line_break);
            }
            text.push_str(&further);
            was_blank = is_blank;
            while let Some(c) = self.at(0).filter(|&c| !is_break(Some(c))) {
                text.push(c);
                self.take();
            }
            line_break = self.line_break();
            further = self.indentation(&mut indent)?;
        }
        if keep != Some(false) {
            text.push_str(line_break);
        }
        if keep == Some(true) {
            text.push_str(&further);
        }
        self.text(text, Style::Block, start);
        Ok(())
    }

    /// Takes indentation and empty lines, and finds out the indentation if it is 0 so far.
    fn indentation(&mut self, indent: &mut i64) -> Result<String> {
        let mut breaks = String::new();
        let mut deepest = 0;
        loop {
            while (*indent == 0 || self.column() < *indent) && self.at(0) == Some(' ') {
                self.take();
            }
            deepest = deepest.max(self.column());
            if (*indent == 0 || self.column() < *indent) && self.at(0) == Some('\t') {
                return Err(told(self.mark, "a tab cannot indent"));
            }
            if !is_break(self.at(0)) {
                break;
            }
            breaks.push_str(self.line_break());
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(breaks)
    }

    /// `*name` or `&name`
    pub(super) fn anchor(&mut self, kind: char) -> Result<()> {
        self.save_key()?;
        self.may_be_key = false;
        let start = self.mark;
        self.take();
        let name = self.word();
        let is_ended = is_blank_or_end(self.at(0))
            || self.at(0).is_some_and(|c| matches!(c, '?' | ':' | ',' | ']' | '}' | '%' | '@' | '`'));
        if name.is_empty() || !is_ended {
            return Err(told(start, "a name of letters, digits, `-` and `_` is needed here"));
        }
        self.push(if kind == '*' { Token::Alias(name) } else { Token::Anchor(name) }, start);
        Ok(())
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.at(0).filter(|&c| is_word(c)) {
            word.push(c);
            self.take();
        }
        word
    }

    /// `!suffix`, `!handle!suffix` or `!<the whole>`
    pub(super) fn tag(&mut self) -> Result<()> {
        self.save_key()?;
        self.may_be_key = false;
        let start = self.mark;
        let (handle, suffix) = if self.at(1) == Some('<') {
            self.skip(2);
            let suffix = self.uri()?;
            if suffix.is_empty() || self.take() != Some('>') {
                return Err(told(start, "the tag does not end in `>`"));
            }
            (String::new(), suffix)
        } else {
            let handle = self.handle();
            if handle.len() < 2 || !handle.ends_with('!') {
                let suffix = format!("{}{}", &handle[1..], self.uri()?);
                if suffix.is_empty() { (String::new(), "!".to_owned()) } else { ("!".to_owned(), suffix) }
            } else {
                let suffix = self.uri()?;
                if suffix.is_empty() {
                    return Err(told(start, "behind the handle of the tag there is nothing"));
                }
                (handle, suffix)
            }
        };
        if !is_blank_or_end(self.at(0)) {
            return Err(told(self.mark, "a blank must follow the tag"));
        }
        self.push(Token::Tag { handle, suffix }, start);
        Ok(())
    }

    /// `!`, letters and digits, `!` if there is one.
    fn handle(&mut self) -> String {
        let mut handle = String::new();
        handle.extend(self.take());
        handle.push_str(&self.word());
        if self.at(0) == Some('!') {
            handle.extend(self.take());
        }
        handle
    }

    fn uri(&mut self) -> Result<String> {
        const MARKS: &str = ";/?:@&=+$.!~*'()%,[]";
        let start = self.mark;
        let mut bytes = Vec::new();
        while let Some(c) = self.at(0).filter(|&c| is_word(c) || MARKS.contains(c)) {
            self.take();
            if c == '%' {
                let mut digit = || self.take().and_then(|c| c.to_digit(16));
                let byte = digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                bytes.push(byte.ok_or_else(|| told(start, "a `%` in a tag is not followed by two digits"))?);
            } else {
                bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        String::from_utf8(bytes).map_err(|_| told(start, "the bytes of a tag are not UTF-8"))
    }

    /// `%YAML 1.1` or `%TAG !handle! prefix`
    pub(super) fn directive(&mut self) -> Result<()> {
        let start = self.mark;
        self.take();
        let name = self.word();
        if !is_blank_or_end(self.at(0)) {
            return Err(told(start, "the name of a directive is made of letters"));
        }
        self.skip_blanks();
        let token = match name.as_str() {
            "YAML" => {
                let major = self.version_number()?;
                if self.take() != Some('.') {
                    return Err(told(start, "a version is two numbers with a point between them"));
                }
                Token::Version { major, minor: self.version_number()? }
            }
            "TAG" => {
                let handle = if self.at(0) == Some('!') { self.handle() } else { String::new() };
                if handle.is_empty() || 1 < handle.len() && !handle.ends_with('!') || !is_blank(self.at(0)) {
                    return Err(told(start, "the handle of a tag begins and ends with `!`"));
                }
                self.skip_blanks();
                let prefix = self.uri()?;
                if prefix.is_empty() || !is_blank_or_end(self.at(0)) {
                    return Err(told(start, "the prefix of a tag is missing"));
                }
                Token::TagPrefix { handle, prefix }
            }
            _ => return Err(told(start, "there are only the directives %YAML and %TAG")),
        };
        self.skip_blanks();
        if self.at(0) == Some('#') {
            self.skip_line_text();
        }
        if !is_break_or_end(self.at(0)) {
            return Err(told(self.mark, "only a comment may follow a directive"));
        }
        self.line_break();
        self.push(token, start);
        Ok(())
    }

    fn skip_blanks(&mut self) {
        while is_blank(self.at(0)) {
            self.take();
        }
    }

    fn version_number(&mut self) -> Result<u32> {
        let mark = self.mark;
        let mut digits = String::new();
        while let Some(c) = self.at(0).filter(|c| c.is_ascii_digit() && digits.len() < 10) {
            digits.push(c);
            self.take();
        }
        digits.parse().map_err(|_| told(mark, "this is not a number of a version"))
    }
}
