//! Bodies: arguments and blocks, and how reading goes on behind a fault in one of them.

use std::{collections::HashMap, sync::Arc};

use super::{Failed, Parse, Parser};
use crate::{
    diagnostic::Diagnostic,
    syntax::{
        token::TokenKind,
        tree::{Attribute, Block, Body, BodyKind, Name},
    },
};

/// What is read of a body.
#[derive(Default)]
struct Items {
    attributes: Vec<Attribute>,
    blocks: Vec<Block>,
    /// Where in `attributes` each name is.
    names: HashMap<Arc<str>, usize>,
}

/// How a body is to end.
#[derive(Clone, Copy)]
struct Manner {
    /// The index of its closing bracket.
    close: Option<usize>,
    /// How items end was told to be wrong; nothing more is told about that.
    is_lenient: bool,
}

/// The body that is the whole text.
pub(in crate::syntax) fn file(parser: &mut Parser<'_>) -> Body {
    let items = parser.items(Manner { close: None, is_lenient: false });
    let span = parser.places.span(0, parser.text.len());
    items.into_body(span, span.after())
}

impl Parser<'_> {
    /// Items up to the bracket that closes the body, or to the end of the text.
    fn items(&mut self, manner: Manner) -> Items {
        let mut items = Items::default();
        let mut is_behind_fault = false;
        while manner.close != Some(self.at) {
            let start = self.at;
            let read = match self.kind() {
                None => break,
                Some(TokenKind::Newline | TokenKind::Semicolon) => {
                    self.at += 1;
                    continue;
                }
                Some(TokenKind::Identifier) => self.item(&mut items, manner),
                // Probably goes on with what was not understood.
                Some(kind)
                    if is_behind_fault && !matches!(kind, TokenKind::OpenQuote | TokenKind::CloseBrace) =>
                {
                    Err(Failed)
                }
                Some(_) => self.stray(),
            };
            is_behind_fault = read.is_err();
            if read.is_err() {
                self.resume(start, manner.close);
            }
        }
        items
    }

    fn item(&mut self, items: &mut Items, manner: Manner) -> Parse<()> {
        let start = self.at;
        let name = self.name();
        match self.kind() {
            Some(TokenKind::Equals) => {
                self.attribute(items, name)?;
                self.end_of_item(manner, "argument")
            }
            Some(TokenKind::OpenBrace | TokenKind::OpenQuote | TokenKind::Identifier) => {
                let block = self.block(name)?;
                items.blocks.push(block);
                self.end_of_item(manner, "block")
            }
            _ => self.neither(&name, start),
        }
    }

    /// A name that is followed by neither `=` nor labels nor `{`.
    fn neither(&mut self, name: &Name, start: usize) -> Parse<()> {
        let text = &name.text;
        let detail = match self.kind() {
            Some(TokenKind::Colon) => {
                format!("An argument is set with `=`: write `{text} = …` in place of `{text}: …`.")
            }
            _ => format!(
                "\"{text}\" is followed by {}. For an argument write `{text} = …`, for a block `{text} {{ … }}`.",
                self.found()
            ),
        };
        self.unexpected_within(
            "Argument or block definition required",
            detail,
            self.since(start).to(self.here()),
        );
        // What follows may have faults of its own.
        if self.eat(TokenKind::Colon).is_some() {
            self.expression()?;
        } else if let Some(open) = self.brace_on_line() {
            self.at = open;
            self.block_body(start)?;
        }
        Err(Failed)
    }

    /// Something that no item starts with.
    fn stray(&mut self) -> Parse<()> {
        let found = self.found();
        match self.kind() {
            Some(TokenKind::OpenQuote) => {
                let detail = "The name of an argument is not quoted, nor is the type of a block.";
                self.unexpected("Invalid argument name", detail);
                self.quoted()?;
                if self.eat(TokenKind::Equals).or_else(|| self.eat(TokenKind::Colon)).is_some() {
                    self.expression()?;
                }
                Err(Failed)
            }
            Some(TokenKind::CloseBrace) if self.is_broken => {
                self.at += 1;
                Err(Failed)
            }
            Some(TokenKind::CloseBrace) => {
                let detail = "This `}` closes nothing: there is one too many, or a `{` is missing before.";
                let failed = self.unexpected("Argument or block definition required", detail);
                self.at += 1;
                Err(failed)
            }
            _ => {
                let detail = format!(
                    "An argument (`name = …`) or a block (`type {{ … }}`) is expected, but there is {found}."
                );
                Err(self.unexpected("Argument or block definition required", detail))
            }
        }
    }

    fn attribute(&mut self, items: &mut Items, name: Name) -> Parse<()> {
        self.at += 1;
        let expression = self.expression()?;
        if let Some(&first) = items.names.get(&name.text) {
            let first = items.attributes[first].name.span;
            let detail = format!(
                "The argument \"{}\" is set already; it can be set once. Remove one of the two.",
                name.text
            );
            self.faults.tell(Diagnostic::error("Attribute redefined", detail).at(name.span).related(first));
            return Ok(());
        }
        items.names.insert(name.text.clone(), items.attributes.len());
        let span = name.span.to(expression.span);
        items.attributes.push(Attribute { name, expression: Arc::new(expression), span });
        Ok(())
    }

    /// The line break behind an argument or a block.
    fn end_of_item(&mut self, manner: Manner, what: &str) -> Parse<()> {
        if manner.close == Some(self.at) {
            if !manner.is_lenient {
                let detail =
                    format!("The `}}` of the block around it is on a line of its own, behind this {what}.");
                self.unexpected(&format!("Missing newline after {what}"), detail);
            }
            return Ok(());
        }
        match self.kind() {
            None => Ok(()),
            Some(TokenKind::Newline | TokenKind::Semicolon) => {
                self.at += 1;
                Ok(())
            }
            Some(kind) => {
                let summary = format!("Missing newline after {what}");
                let is_comma = kind == TokenKind::Comma;
                if !manner.is_lenient {
                    let detail = if is_comma {
                        "Arguments and blocks are on lines of their own, without commas.".to_owned()
                    } else {
                        format!("The line ends behind this {what}, but there is {}.", self.found())
                    };
                    self.unexpected(&summary, detail);
                }
                if is_comma {
                    self.at += 1;
                }
                let is_next = matches!(self.kind(), None | Some(TokenKind::Newline)) || self.starts_item();
                if is_next { Ok(()) } else { Err(Failed) }
            }
        }
    }

    /// A block behind its type.
    fn block(&mut self, kind: Name) -> Parse<Block> {
        let start = self.at - 1;
        let mut labels = Vec::new();
        loop {
            match self.kind() {
                Some(TokenKind::Identifier) => labels.push(self.name()),
                Some(TokenKind::OpenQuote) => labels.push(self.quoted_name()?),
                Some(TokenKind::OpenBrace) => break,
                _ => {
                    self.bad_header(&kind, start);
                    self.at = self.brace_on_line().ok_or(Failed)?;
                }
            }
        }
        let header = self.since(start);
        let open = self.here();
        let body = self.block_body(start)?;
        let close = body.end;
        Ok(Block { kind, labels, body: Arc::new(body), header, open, close })
    }

    fn bad_header(&mut self, kind: &Name, start: usize) {
        let name = &kind.text;
        let detail = match self.kind() {
            Some(TokenKind::Equals) => {
                format!("A block has no `=`. Write `{name} … {{`, or a single name for an argument.")
            }
            Some(TokenKind::Newline) => {
                format!("The `{{` of a block is on the line of its type: `{name} … {{`.")
            }
            _ => format!(
                "The type and the labels of the block \"{name}\" are followed by `{{`, but there is {}.",
                self.found()
            ),
        };
        let context = self.span_at(start).to(self.here());
        self.unexpected_within("Invalid block definition", detail, context);
    }

    /// The next `{` on this line or at the start of the next one, if it is closed.
    fn brace_on_line(&self) -> Option<usize> {
        let mut at = self.at;
        if self.kind_at(at) == Some(TokenKind::Newline) && self.kind_at(at + 1) == Some(TokenKind::OpenQuote)
        {
            // Further labels.
            at += 1;
        }
        loop {
            match self.kind_at(at)? {
                TokenKind::OpenBrace => return self.brackets.partner(at).map(|_| at),
                TokenKind::Newline if self.kind_at(at + 1) != Some(TokenKind::OpenBrace) => return None,
                TokenKind::CloseBrace => return None,
                _ => at = self.brackets.behind(at),
            }
        }
    }

    /// From `{`, which is next, to `}`. The header starts at that token.
    fn block_body(&mut self, header: usize) -> Parse<Body> {
        let open = self.at;
        let close = self.brackets.partner(open);
        self.at += 1;
        let manner = Manner { close, is_lenient: false };
        let items = self.nested(|p| {
            if p.kind() == Some(TokenKind::Newline) || close == Some(p.at) {
                Ok(p.items(manner))
            } else {
                Ok(p.single_line(manner))
            }
        });
        let Ok(items) = items else {
            self.at = close.map_or(self.tokens.len(), |close| close + 1);
            return Err(Failed);
        };
        let Some(close) = close else {
            self.unclosed(header, open);
            return Err(Failed);
        };
        if self.kind_at(close) != Some(TokenKind::CloseBrace) {
            let detail = format!("`}}` closes a block, but there is {}.", self.found());
            self.unexpected("Argument or block definition required", detail);
        }
        self.at = close + 1;
        let end = self.span_at(close);
        Ok(items.into_body(self.since(open), end))
    }

    /// `{ name = value }`
    fn single_line(&mut self, manner: Manner) -> Items {
        const SUMMARY: &str = "Invalid single-argument block definition";
        let lenient = Manner { is_lenient: true, ..manner };
        let behind =
            (self.kind() == Some(TokenKind::Identifier)).then(|| self.kind_at(self.at + 1)).flatten();
        let mut items = Items::default();
        match behind {
            Some(TokenKind::Equals) => {
                let start = self.at;
                let name = self.name();
                if self.attribute(&mut items, name).is_err() {
                    self.resume(start, manner.close);
                } else if manner.close != Some(self.at) {
                    match self.kind() {
                        // The block is not closed at all, which is told.
                        None => {}
                        Some(TokenKind::Comma) => {
                            let detail = "A block on one line has one argument. For several put each on a line of its own.";
                            self.unexpected(SUMMARY, detail);
                            self.at += 1;
                        }
                        Some(_) => {
                            let detail = format!(
                                "A block with an argument on its first line ends behind that, with `}}`, but there is {}. Otherwise each argument is on a line of its own.",
                                self.found()
                            );
                            self.unexpected(SUMMARY, detail);
                        }
                    }
                }
            }
            Some(TokenKind::OpenBrace | TokenKind::OpenQuote | TokenKind::Identifier) => {
                let name = self.word();
                let detail = format!(
                    "A block on one line has one argument and no block. Put \"{name}\" on a line of its own, or set it as an argument: `{name} = …`."
                );
                self.unexpected("Argument definition required", detail);
            }
            _ => {}
        }
        let rest = self.items(lenient);
        items.join(rest);
        items
    }

    /// Tells that a block is not closed.
    fn unclosed(&mut self, header: usize, open: usize) {
        if std::mem::replace(&mut self.is_broken, true) {
            return;
        }
        let name = self.tokens[header].text(self.text);
        let detail = format!(
            "The block \"{name}\" is not closed before the file ends. Its `}}` is missing, or that of something inside of it."
        );
        let span = self.span_at(header).to(self.span_at(open));
        self.tell("Unclosed configuration block", detail, span);
    }

    /// Whether the next tokens look like an argument or a block.
    fn starts_item(&self) -> bool {
        self.kind_at(self.at) == Some(TokenKind::Identifier)
            && matches!(
                self.kind_at(self.at + 1),
                Some(TokenKind::Equals | TokenKind::OpenBrace | TokenKind::OpenQuote | TokenKind::Identifier)
            )
    }

    /// Goes on behind a fault in an item that started at `start`: where the next one starts.
    fn resume(&mut self, start: usize, close: Option<usize>) {
        // A bracket was not closed, and the fault is what was found on a further line.
        if start < self.at
            && self.is_first_on_line()
            && (self.starts_item() || self.raw_kind() == Some(TokenKind::CloseBrace))
        {
            return;
        }
        let ends_early = self.raw_kind() == Some(TokenKind::Newline);
        while close != Some(self.at) {
            match self.raw_kind() {
                None => return,
                Some(TokenKind::Newline) => {
                    self.at += 1;
                    // An expression that ended with its line may go on in the next one.
                    let goes_on = ends_early
                        && self.raw_kind().is_some_and(|kind| {
                            !matches!(
                                kind,
                                TokenKind::Newline | TokenKind::Identifier | TokenKind::CloseBrace
                            )
                        });
                    if !goes_on {
                        return;
                    }
                }
                Some(_) => {
                    let behind = self.brackets.behind(self.at);
                    self.at = close.map_or(behind, |close| behind.min(close));
                }
            }
        }
    }
}

impl Items {
    /// Adds what was read behind a fault, where names do not matter any more.
    fn join(&mut self, mut rest: Self) {
        self.attributes.append(&mut rest.attributes);
        self.blocks.append(&mut rest.blocks);
    }

    fn into_body(self, span: crate::source::Span, end: crate::source::Span) -> Body {
        let (attributes, blocks) = (self.attributes, self.blocks);
        Body { kind: BodyKind::Native { attributes, blocks }, span, end }
    }
}
