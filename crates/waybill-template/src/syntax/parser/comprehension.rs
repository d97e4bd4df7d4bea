//! `for` in brackets and braces.

use super::{Failed, Parse, Parser};
use crate::syntax::{
    token::TokenKind,
    tree::{Expression, ExpressionKind, For, Name},
};

const SUMMARY: &str = "Invalid `for` expression";

/// `key, value in` with both names and the collection behind.
pub(super) struct Head {
    pub(super) key_name: Option<Name>,
    pub(super) value_name: Name,
    pub(super) collection: Expression,
}

/// What is made of each element.
struct Result {
    key: Option<Expression>,
    value: Expression,
}

impl Parser<'_> {
    /// What follows the bracket at `open`: the word `for` is next.
    pub(super) fn comprehension(&mut self, open: usize, close: TokenKind) -> Parse<Expression> {
        let head = self.for_head(SUMMARY)?;
        let below = self.height;
        if self.eat(TokenKind::Colon).is_none() {
            let what = "The collection is followed by `:` and what to make of each element";
            return Err(self.expected_in_for(open, what));
        }
        let result = self.for_result(open, close)?;
        let below = below.max(self.height);
        self.for_end(open, close, head, result, below)
    }

    /// `value` or `key => value`
    fn for_result(&mut self, open: usize, close: TokenKind) -> Parse<Result> {
        let first = self.expression()?;
        let below = self.height;
        let builds_object = close == TokenKind::CloseBrace;
        if self.kind() != Some(TokenKind::FatArrow) {
            if builds_object {
                let what = "`{for …}` makes an object of `key => value` (for a list there is `[for …]`)";
                self.expected_in_for(open, what);
            }
            return Ok(Result { key: None, value: first });
        }
        if !builds_object {
            let detail = "`[for …]` makes a list, which has no keys. For `key => value` write `{for …}`.";
            self.invalid_for(open, detail.to_owned());
        }
        self.at += 1;
        let value = self.expression()?;
        self.height = self.height.max(below);
        Ok(Result { key: Some(first), value })
    }

    /// What follows the result.
    fn for_end(
        &mut self,
        open: usize,
        close: TokenKind,
        head: Head,
        result: Result,
        mut below: usize,
    ) -> Parse<Expression> {
        let group = self.kind() == Some(TokenKind::Ellipsis);
        if group {
            if close != TokenKind::CloseBrace {
                let detail =
                    "`...` collects values with the same key, which a list does not have. Remove it.";
                self.invalid_for(open, detail.to_owned());
            }
            self.at += 1;
        }
        let mut condition = None;
        if self.eat_word("if").is_some() {
            condition = Some(self.expression()?);
            below = below.max(self.height);
        }
        if self.eat(close).is_none() {
            return Err(self.expected_in_for(open, "The expression ends with its closing bracket"));
        }
        let span = self.since(open);
        let Head { key_name, value_name, collection } = head;
        let Result { key, value } = result;
        let (open, close) = (self.span_at(open), self.span_at(self.at - 1));
        let parts = For { key_name, value_name, collection, key, value, group, condition, open, close };
        self.build(ExpressionKind::For(Box::new(parts)), span, below)
    }

    /// `for key, value in collection`; [`Self::height`] is that of the collection. The word `for` is next.
    pub(super) fn for_head(&mut self, summary: &str) -> Parse<Head> {
        let (key_name, value_name) = self.for_names(summary)?;
        let collection = self.expression()?;
        Ok(Head { key_name, value_name, collection })
    }

    fn for_names(&mut self, summary: &str) -> Parse<(Option<Name>, Name)> {
        let start = self.at;
        self.at += 1;
        let first = self.for_name(start, summary)?;
        let second = match self.eat(TokenKind::Comma) {
            Some(_) => Some(self.for_name(start, summary)?),
            None => None,
        };
        if self.eat_word("in").is_none() {
            let detail =
                format!("The names are followed by `in` and a collection, but there is {}.", self.found());
            return Err(self.invalid_head(start, summary, detail));
        }
        Ok(match second {
            Some(value) => (Some(first), value),
            None => (None, first),
        })
    }

    fn for_name(&mut self, start: usize, summary: &str) -> Parse<Name> {
        if self.kind() == Some(TokenKind::Identifier) {
            return Ok(self.name());
        }
        let detail = format!(
            "`for` is followed by a name for the element, or by two for its key and it, but there is {}.",
            self.found()
        );
        Err(self.invalid_head(start, summary, detail))
    }

    fn invalid_head(&mut self, start: usize, summary: &str, detail: String) -> Failed {
        let context = self.span_at(start).to(self.here());
        self.unexpected_within(summary, detail, context)
    }

    fn invalid_for(&mut self, open: usize, detail: String) -> Failed {
        self.invalid_head(open, SUMMARY, detail)
    }

    fn expected_in_for(&mut self, open: usize, what: &str) -> Failed {
        let detail = format!("{what}, but there is {}.", self.found());
        self.invalid_for(open, detail)
    }
}
