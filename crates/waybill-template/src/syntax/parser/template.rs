//! Templates: quoted text, heredocs and bare text, with what interrupts them.
//!
//! They are read in two steps: first as a flat list of pieces, in which blanks are trimmed and the indentation of a
//! `<<-` heredoc is taken away; then [`directive`](super::directive) nests what is between `if` and `endif`.

use super::{Failed, Parse, Parser, text};
use crate::{
    source::Span,
    syntax::{
        token::{Token, TokenKind},
        tree::{Expression, ExpressionKind, Name},
    },
};

/// A piece of a template.
pub(super) struct Piece {
    pub(super) kind: PieceKind,
    pub(super) span: Span,
}

pub(super) enum PieceKind {
    Text(String),
    Interpolation {
        expression: Expression,
        height: usize,
    },
    If {
        condition: Expression,
        height: usize,
    },
    Else,
    EndIf,
    /// Without a head if that could not be read.
    For {
        head: Option<super::comprehension::Head>,
        height: usize,
    },
    EndFor,
    /// A directive that could not be read.
    Broken,
}

/// A text that is one template from start to end.
pub(in crate::syntax) fn whole(parser: &mut Parser<'_>) -> Expression {
    let pieces = parser.pieces();
    let span = parser.places.span(0, parser.text.len());
    parser.assemble(pieces, span, span.after()).unwrap_or_else(|Failed| parser.invalid(0))
}

impl Parser<'_> {
    pub(super) fn quoted(&mut self) -> Parse<Expression> {
        let open = self.at;
        let told = self.faults.len();
        self.at += 1;
        let pieces = self.skipping(false, Self::pieces);
        if !self.close_quote(open, told) {
            // What was to close the brackets around it is part of the text.
            return Err(Failed);
        }
        self.assemble(pieces, self.since(open), self.span_at(self.at - 1))
    }

    /// Takes the closing quote. If there is none that is told, unless there was a fault in the text already.
    fn close_quote(&mut self, open: usize, told: usize) -> bool {
        let close = self.skipping(false, |p| p.eat(TokenKind::CloseQuote));
        let is_closed = close.is_some_and(|close| close.start < close.end);
        if !is_closed && self.faults.len() == told {
            let detail = "No quote (\") closes this text before its line ends. Text of several lines has `\\n` in it, or is a heredoc, `<<EOT`.";
            self.tell("Unclosed quoted text", detail, self.span_at(open));
        }
        self.is_broken |= !is_closed;
        is_closed
    }

    pub(super) fn heredoc(&mut self) -> Parse<Expression> {
        let open = self.at;
        let introduction = self.word();
        self.at += 1;
        let mut pieces = self.skipping(false, Self::pieces);
        let Some(close) = self.skipping(false, |p| p.eat(TokenKind::CloseHeredoc)) else {
            let marker = introduction.trim_start_matches(['<', '-']).trim_end();
            let detail = format!(
                "The heredoc in line {} is not closed: there is no further line of `{marker}` alone that ends with a line break.",
                self.line_at(open)
            );
            let context = self.span_at(open).to(self.here());
            return Err(self.unexpected_within("Unterminated heredoc", detail, context));
        };
        if introduction.starts_with("<<-") {
            take_indentation(&mut pieces);
        }
        let (span, end) = (self.since(open), self.span(close));
        self.assemble(pieces, span, end)
    }

    /// A quoted text in which nothing is interpolated: the label of a block.
    pub(super) fn quoted_name(&mut self) -> Parse<Name> {
        let open = self.at;
        let told = self.faults.len();
        self.at += 1;
        let pieces = self.skipping(false, |p| {
            while let Some(kind @ (TokenKind::OpenInterpolation | TokenKind::OpenDirective)) =
                p.first_sequence()
            {
                let span = p.here();
                let what = if kind == TokenKind::OpenDirective { "%" } else { "$" };
                let detail = format!("A label is plain text. For a `{what}{{` in it write `{what}{what}{{`.");
                p.tell("Template in a label", detail, span);
                p.at = p.brackets.behind(p.at);
            }
            p.pieces()
        });
        if !self.close_quote(open, told) {
            return Err(Failed);
        }
        let text: String = pieces
            .iter()
            .filter_map(|piece| match &piece.kind {
                PieceKind::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        Ok(Name { text: text.into(), span: self.since(open) })
    }

    /// Pieces up to the end of the template.
    fn pieces(&mut self) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut trims = false;
        let mut broken_line = false;
        while let Some(kind) = self.raw_kind() {
            let token = self.tokens[self.at];
            let start = self.at;
            let kind = match kind {
                TokenKind::QuotedText | TokenKind::HeredocText => {
                    self.at += 1;
                    let text = self.literal(token);
                    let trimmed = if trims { text.trim_start() } else { &text };
                    trims = false;
                    PieceKind::Text(trimmed.to_owned())
                }
                TokenKind::QuotedNewline => {
                    if !std::mem::replace(&mut broken_line, true) {
                        let detail = "Quoted text ends in the line where it starts. Text of several lines has `\\n` in it, or is a heredoc, `<<EOT`.";
                        self.tell("Quoted text over several lines", detail, self.here());
                    }
                    self.at += 1;
                    continue;
                }
                TokenKind::OpenInterpolation | TokenKind::OpenDirective => {
                    if token.text(self.text).ends_with('~')
                        && let Some(Piece { kind: PieceKind::Text(text), .. }) = pieces.last_mut()
                    {
                        text.truncate(text.trim_end().len());
                    }
                    let piece = match kind {
                        TokenKind::OpenInterpolation => self.interpolation(),
                        _ => self.directive(),
                    };
                    trims = self.tokens[self.at - 1].text(self.text).starts_with('~');
                    piece
                }
                _ => break,
            };
            pieces.push(Piece { kind, span: self.since(start) });
        }
        pieces
    }

    fn literal(&mut self, token: Token) -> String {
        let raw = token.text(self.text);
        if token.kind == TokenKind::HeredocText {
            return text::bare(raw);
        }
        let mut bad = Vec::new();
        let text = text::quoted(raw, |escape| bad.push(escape));
        for escape in bad {
            let start = token.start as usize;
            let span = self.places.span(start + escape.range.start, start + escape.range.end);
            self.tell("Invalid escape sequence", escape.detail, span);
        }
        text
    }

    fn interpolation(&mut self) -> PieceKind {
        let open = self.at;
        let found = self.sequence(|p| {
            let expression = p.expression()?;
            let height = p.height;
            p.end_of_sequence(open, "Extra characters after the interpolated expression")?;
            Ok(PieceKind::Interpolation { expression, height })
        });
        found.unwrap_or_else(|Failed| PieceKind::Interpolation { expression: self.invalid(open), height: 1 })
    }

    /// Reads from `${` or `%{`, which is next, to the brace that ends it; on failure goes on behind that.
    pub(super) fn sequence<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        let open = self.at;
        self.at += 1;
        let found = self.skipping(true, read);
        if found.is_err() {
            self.at = self.brackets.partner(open).map_or(self.tokens.len(), |close| close + 1);
        }
        found
    }

    /// Takes the brace that ends what starts at `open`.
    pub(super) fn end_of_sequence(&mut self, open: usize, summary: &str) -> Parse<()> {
        let opening = self.tokens[open].text(self.text).trim_end_matches('~');
        let kind = self.kind();
        if kind == Some(TokenKind::CloseTemplate) && !self.word().is_empty() {
            self.at += 1;
            return Ok(());
        }
        let context = self.span_at(open).to(self.here());
        match kind {
            // The quote that was to close the template opens one inside of it.
            None | Some(TokenKind::OpenQuote) => {
                let detail = format!("No `}}` ends this `{opening}` before the template ends.");
                self.tell("Unclosed template sequence", detail, self.span_at(open));
                self.is_broken = true;
                Err(Failed)
            }
            // The lexer gave up at the end of the line.
            Some(TokenKind::CloseTemplate) => {
                let detail = format!("`}}` ends what starts with `{opening}`, but the line ends.");
                let line_end = self.tokens[self.at].start as usize;
                let rest = &self.text[line_end..];
                let next = line_end + (rest.len() - rest.trim_start().len());
                self.tell(summary, detail, self.places.span(next, next));
                self.is_broken = true;
                Err(Failed)
            }
            Some(_) => {
                let detail = format!(
                    "`}}` ends what starts with `{opening}`, but there is {}. If this is meant for another program, such \
                     as a shell, write `{}{opening}`.",
                    self.found(),
                    &opening[..1]
                );
                Err(self.unexpected_within(summary, detail, context))
            }
        }
    }

    /// The next `${` or `%{` if only text is in front of it; goes there.
    fn first_sequence(&mut self) -> Option<TokenKind> {
        let mut at = self.at;
        while matches!(self.kind_at(at), Some(TokenKind::QuotedText | TokenKind::QuotedNewline)) {
            at += 1;
        }
        let kind = self.kind_at(at);
        let is_sequence = matches!(kind, Some(TokenKind::OpenInterpolation | TokenKind::OpenDirective));
        is_sequence.then(|| self.at = at).and(kind)
    }

    /// A template that ends at `end`.
    fn assemble(&mut self, mut pieces: Vec<Piece>, span: Span, end: Span) -> Parse<Expression> {
        if pieces.len() == 1 {
            match pieces.pop() {
                Some(Piece { kind: PieceKind::Interpolation { expression, height }, .. }) => {
                    return self.build(ExpressionKind::Wrap(Box::new(expression)), span, height);
                }
                piece => pieces.extend(piece),
            }
        }
        let (parts, below) = self.nest(join_texts(pieces), end)?;
        self.build(ExpressionKind::Template(parts), span, below)
    }
}

/// One text for those that follow each other.
fn join_texts(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (
                Some(Piece { kind: PieceKind::Text(text), span }),
                Piece { kind: PieceKind::Text(more), span: its_span },
            ) => {
                text.push_str(&more);
                *span = span.to(its_span);
            }
            (_, piece) => joined.push(piece),
        }
    }
    joined
}

/// Takes away what all lines are indented by. A line of blanks alone does not count and stays as it is.
fn take_indentation(pieces: &mut [Piece]) {
    let mut indentation = usize::MAX;
    each_line(pieces, |start| {
        let found = start.map_or(0, |text| text.chars().take_while(|c| c.is_whitespace()).count());
        indentation = indentation.min(found);
    });
    each_line(pieces, |start| {
        if let Some(text) = start {
            let end = text.char_indices().nth(indentation).map_or(text.len(), |(end, _)| end);
            text.drain(..end);
        }
    });
}

/// The text that each line starts with; `None` if something else than text does.
fn each_line(pieces: &mut [Piece], mut see: impl FnMut(Option<&mut String>)) {
    let mut starts = true;
    for piece in pieces {
        let PieceKind::Text(text) = &mut piece.kind else {
            if std::mem::replace(&mut starts, false) {
                see(None);
            }
            continue;
        };
        let ends_line = text.ends_with('\n');
        let is_blank = ends_line && text.trim_start().is_empty();
        if starts && !is_blank {
            see(Some(text));
        }
        starts = ends_line;
    }
}
