//! From tokens to the tree: recursive descent that goes on behind a fault.
//!
//! A function that cannot read what it is for tells the fault and returns [`Failed`]. Who can go on catches that:
//! brackets that are closed somewhere go on there ([`Parser::island`], [`Parser::separated`]), and a body goes on with
//! the next line that looks like an argument or a block. A fault of characters is told before, by [`lexical`]; the
//! parser is silent about such a token.

pub(super) mod body;
mod brackets;
mod comprehension;
mod directive;
pub(super) mod expression;
mod faults;
mod lexical;
pub(super) mod template;
mod term;
mod text;

use self::{brackets::Brackets, faults::Faults};
use super::{
    MAX_DEPTH,
    places::Places,
    token::{Token, TokenKind},
    tree::{Expression, ExpressionKind},
};
use crate::{diagnostic::Diagnostic, source::Span};

/// The fault that keeps something from being read is told.
pub(super) struct Failed;

pub(super) type Parse<T> = Result<T, Failed>;

pub(super) struct Parser<'a> {
    text: &'a str,
    places: &'a Places,
    /// Without blanks and comments.
    tokens: Vec<Token>,
    brackets: Brackets,
    /// The index of the next token.
    at: usize,
    /// Line breaks mean nothing: inside of brackets.
    skips_newlines: bool,
    /// How many expressions, blocks and directives are around.
    depth: usize,
    /// How many levels the expression has that was read last.
    height: usize,
    faults: Faults,
    /// Something could not be read: that brackets do not match behind it need not be a fault of its own.
    is_broken: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, places: &'a Places, mut tokens: Vec<Token>) -> Self {
        tokens.retain(|token| !token.kind.is_trivia());
        let brackets = Brackets::new(&tokens);
        let mut faults = Faults::default();
        lexical::check(text, places, &tokens, &mut faults);
        Self {
            text,
            places,
            tokens,
            brackets,
            at: 0,
            skips_newlines: false,
            depth: 0,
            height: 0,
            faults,
            is_broken: false,
        }
    }

    /// What is wrong, in the order of places.
    pub(super) fn into_faults(self) -> Vec<Diagnostic> {
        self.faults.into_sorted()
    }

    /// The kind of the next token; `None` at the end of the text.
    fn kind(&mut self) -> Option<TokenKind> {
        if self.skips_newlines {
            while self.raw_kind() == Some(TokenKind::Newline) {
                self.at += 1;
            }
        }
        self.raw_kind()
    }

    /// The kind of the next token, be it a line break.
    fn raw_kind(&self) -> Option<TokenKind> {
        self.kind_at(self.at)
    }

    fn kind_at(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    fn is_first_on_line(&self) -> bool {
        self.at.checked_sub(1).and_then(|before| self.kind_at(before)) == Some(TokenKind::Newline)
    }

    /// Takes the next token if it is of that kind.
    fn eat(&mut self, kind: TokenKind) -> Option<Token> {
        (self.kind() == Some(kind)).then(|| {
            self.at += 1;
            self.tokens[self.at - 1]
        })
    }

    /// The next token's text; empty at the end.
    fn word(&self) -> &'a str {
        self.tokens.get(self.at).map_or("", |token| token.text(self.text))
    }

    /// Takes the next token if it is that word.
    fn eat_word(&mut self, word: &str) -> Option<Token> {
        (self.kind() == Some(TokenKind::Identifier) && self.word() == word).then(|| {
            self.at += 1;
            self.tokens[self.at - 1]
        })
    }

    fn span(&self, token: Token) -> Span {
        self.places.span(token.start as usize, token.end as usize)
    }

    /// The place of a token; behind the last one the end of the text. A line break is told at the end of its line.
    fn span_at(&self, index: usize) -> Span {
        match self.tokens.get(index) {
            None => self.places.span(self.text.len(), self.text.len()),
            Some(&token) if token.kind == TokenKind::Newline => self.span(token).before(),
            Some(&token) => self.span(token),
        }
    }

    /// The place of the next token.
    fn here(&self) -> Span {
        self.span_at(self.at)
    }

    /// From that token to the last one that was taken.
    fn since(&self, index: usize) -> Span {
        self.span_at(index).to(self.span_at(self.at.saturating_sub(1).max(index)))
    }

    /// The line of a token in the text, from 1.
    fn line_at(&self, index: usize) -> usize {
        let end = self.tokens.get(index).map_or(self.text.len(), |token| token.start as usize);
        1 + self.text[..end].bytes().filter(|&byte| byte == b'\n').count()
    }

    /// Reads something in which line breaks mean nothing, or in which they do.
    fn skipping<T>(&mut self, skips_newlines: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        let outside = std::mem::replace(&mut self.skips_newlines, skips_newlines);
        let found = read(self);
        self.skips_newlines = outside;
        found
    }

    /// Reads something one level deeper.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        self.enter()?;
        let found = read(self);
        self.depth -= 1;
        found
    }

    /// Goes one level deeper; the caller comes back.
    fn enter(&mut self) -> Parse<()> {
        if self.depth == MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.depth += 1;
        Ok(())
    }

    /// An expression whose highest part has `below` levels.
    fn build(&mut self, kind: ExpressionKind, span: Span, below: usize) -> Parse<Expression> {
        self.height = below + 1;
        // Operators and traversals make a tree higher without a bracket.
        if MAX_DEPTH < self.depth + self.height {
            return Err(self.too_deep());
        }
        Ok(Expression { kind, span })
    }

    /// What could not be read, from that token on.
    fn invalid(&mut self, from: usize) -> Expression {
        self.height = 1;
        Expression { kind: ExpressionKind::Invalid, span: self.since(from) }
    }

    /// Reads what starts with that bracket. Behind a fault it goes on at the bracket that closes it, if there is one.
    fn island(
        &mut self,
        open: usize,
        read: impl FnOnce(&mut Self) -> Parse<Expression>,
    ) -> Parse<Expression> {
        read(self).or_else(|failed| {
            self.at = self.brackets.partner(open).ok_or(failed)? + 1;
            Ok(self.invalid(open))
        })
    }

    /// Reads `item`s up to the bracket that closes `open`, and that.
    fn separated(
        &mut self,
        open: usize,
        list: &List,
        mut item: impl FnMut(&mut Self) -> Parse<()>,
    ) -> Parse<Token> {
        let partner = self.brackets.partner(open);
        let told = self.faults.len();
        loop {
            while list.newline_separates && self.eat(TokenKind::Newline).is_some() {}
            if let Some(close) = self.eat(list.close) {
                return Ok(close);
            }
            let found = item(self).and_then(|()| {
                if partner.is_none() && self.faults.len() != told && !self.separates(list) {
                    // Why it is not closed is told.
                    return Err(Failed);
                }
                self.separator(open, list)
            });
            let Err(failed) = found else { continue };
            let close = partner.ok_or(failed)?;
            self.seek_separator(close, list);
            if self.at == close {
                self.at += 1;
                return Ok(self.tokens[close]);
            }
        }
    }

    fn separates(&mut self, list: &List) -> bool {
        match self.kind() {
            Some(TokenKind::Newline) => list.newline_separates,
            Some(kind) => kind == list.close || kind == TokenKind::Comma,
            None => false,
        }
    }

    fn separator(&mut self, open: usize, list: &List) -> Parse<()> {
        if self.separates(list) {
            self.eat(TokenKind::Comma);
            return Ok(());
        }
        let separator = if list.newline_separates { "a comma or a line break" } else { "a comma" };
        let detail = format!(
            "{} are separated with {separator} and end with `{}`, but there is {}.",
            list.what,
            list.closing(),
            self.found()
        );
        let context = self.since(open).to(self.here());
        Err(self.unexpected_within(list.summary, detail, context))
    }

    /// Goes on to the next comma or other separator, and over it, or to the closing bracket.
    fn seek_separator(&mut self, close: usize, list: &List) {
        while self.at < close {
            match self.raw_kind() {
                Some(TokenKind::Comma) => {
                    self.at += 1;
                    return;
                }
                Some(TokenKind::Newline) if list.newline_separates && self.starts_attribute(self.at + 1) => {
                    return;
                }
                _ => self.at = self.brackets.behind(self.at).min(close),
            }
        }
        self.at = close;
    }
}

impl Parser<'_> {
    /// Whether what starts at that token looks like an attribute of an object.
    fn starts_attribute(&self, index: usize) -> bool {
        match self.kind_at(index) {
            Some(TokenKind::Identifier) => true,
            Some(TokenKind::Number | TokenKind::OpenQuote | TokenKind::OpenParenthesis) => {
                let behind = self.kind_at(self.brackets.behind(index));
                matches!(behind, Some(TokenKind::Equals | TokenKind::Colon))
            }
            _ => false,
        }
    }
}

/// What [`Parser::separated`] reads.
struct List {
    close: TokenKind,
    newline_separates: bool,
    /// The title of the fault that a separator is missing.
    summary: &'static str,
    /// What there are several of.
    what: &'static str,
}

impl List {
    fn closing(&self) -> &'static str {
        match self.close {
            TokenKind::CloseBrace => "}",
            TokenKind::CloseBracket => "]",
            _ => ")",
        }
    }
}
