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

impl Parser<'_> {
    /// What follows the bracket at `open`: the word `for` is next.
    pub(super) fn comprehension(&mut self, open: usize, close: TokenKind) -> Parse<Expression> {
        let builds_object = close == TokenKind::CloseBrace;
        let Head { key_name, value_name, collection } = self.for_head(SUMMARY)?;
        let mut below = self.height;
        if self.eat(TokenKind::Colon).is_none() {
            let detail = format!(
                "The collection is followed by `:` and what to make of each element, but there is {}.",
                self.found()
            );
            return Err(self.invalid_for(open, detail));
        }
        let mut value = self.expression()?;
        below = below.max(self.height);
        let mut key = None;
        if self.kind() == Some(TokenKind::FatArrow) {
            if !builds_object {
                self.invalid_for(
                    open,
                    "`[for …]` makes a list, which has no keys. For `key => value` write `{for …}`."
                        .to_owned(),
                );
            }
            self.at += 1;
            key = Some(std::mem::replace(&mut value, self.expression()?));
            below = below.max(self.height);
        } else if builds_object {
            let detail = format!(
                "`{{for …}}` makes an object of `key => value`, but there is {} and no `=>`. For a list write `[for …]`.",
                self.found()
            );
            self.invalid_for(open, detail);
        }
        let group = self.kind() == Some(TokenKind::Ellipsis);
        if group {
            if !builds_object {
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
            let detail =
                format!("The expression ends with its closing bracket, but there is {}.", self.found());
            return Err(self.invalid_for(open, detail));
        }
        let span = self.since(open);
        let (open, close) = (self.span_at(open), self.span_at(self.at - 1));
        let parts = For { key_name, value_name, collection, key, value, group, condition, open, close };
        self.build(ExpressionKind::For(Box::new(parts)), span, below)
    }

    /// `for key, value in collection`; [`Self::height`] is that of the collection. The word `for` is next.
    pub(super) fn for_head(&mut self, summary: &str) -> Parse<Head> {
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
        let collection = self.expression()?;
        let (key_name, value_name) = match second {
            Some(value) => (Some(first), value),
            None => (None, first),
        };
        Ok(Head { key_name, value_name, collection })
    }

    fn for_name(&mut self, start: usize, summary: &str) -> Parse<Name> {
        if self.kind() == Some(TokenKind::Identifier) {
            return Ok(self.name());
        }
        let detail = format!(
            "`for` is followed by a name for the element, or two for its key and it, but there is {}.",
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
}
