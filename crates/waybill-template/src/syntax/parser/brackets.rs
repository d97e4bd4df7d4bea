//! Which bracket closes which: what the parser goes by when it goes on behind a fault.

use crate::syntax::token::{Token, TokenKind};

/// Partners of brackets, quotes and the other tokens that come in pairs, by index.
pub(super) struct Brackets {
    partners: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Brackets {
    /// Pairs up the tokens. A closing bracket belongs to the nearest open one of its kind, and those in between stay
    /// alone; unless the nearest of all is on the same line: then it is taken for a slip, `[1, 2)`.
    pub(super) fn new(tokens: &[Token]) -> Self {
        let mut pairing =
            Pairing { partners: vec![NONE; tokens.len()], open: Vec::new(), of_kind: Default::default() };
        let mut line = 0_u32;
        // A quote was not closed on this line, and swallowed what was to close its brackets.
        let mut is_cut = false;
        for (index, token) in tokens.iter().enumerate() {
            is_cut |= token.start == token.end;
            match Role::of(token.kind) {
                Role::Open(shape) => pairing.open(Open { index, shape, line }),
                Role::Close(shape) => pairing.close(index, shape, line),
                Role::Newline => {
                    if std::mem::replace(&mut is_cut, false) {
                        pairing.forget(line);
                    }
                    line += 1;
                }
                Role::None => {}
            }
        }
        Self { partners: pairing.partners }
    }

    /// The token that closes this one.
    pub(super) fn partner(&self, open: usize) -> Option<usize> {
        self.partners.get(open).filter(|&&partner| partner != NONE).map(|&partner| partner as usize)
    }

    /// The token behind this one; behind its partner if it opens a pair.
    pub(super) fn behind(&self, index: usize) -> usize {
        self.partner(index).map_or(index, |partner| partner.max(index)) + 1
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Brace,
    Bracket,
    Parenthesis,
    /// Quotes, heredocs and what interrupts them: the lexer has them in order.
    Template,
}

enum Role {
    Open(Shape),
    Close(Shape),
    Newline,
    None,
}

impl Role {
    fn of(kind: TokenKind) -> Self {
        match kind {
            TokenKind::OpenBrace => Self::Open(Shape::Brace),
            TokenKind::OpenBracket => Self::Open(Shape::Bracket),
            TokenKind::OpenParenthesis => Self::Open(Shape::Parenthesis),
            TokenKind::OpenQuote
            | TokenKind::OpenHeredoc
            | TokenKind::OpenInterpolation
            | TokenKind::OpenDirective => Self::Open(Shape::Template),
            TokenKind::CloseBrace => Self::Close(Shape::Brace),
            TokenKind::CloseBracket => Self::Close(Shape::Bracket),
            TokenKind::CloseParenthesis => Self::Close(Shape::Parenthesis),
            TokenKind::CloseQuote | TokenKind::CloseHeredoc | TokenKind::CloseTemplate => {
                Self::Close(Shape::Template)
            }
            TokenKind::Newline | TokenKind::QuotedNewline => Self::Newline,
            _ => Self::None,
        }
    }
}

#[derive(Clone, Copy)]
struct Open {
    index: usize,
    shape: Shape,
    line: u32,
}

struct Pairing {
    partners: Vec<u32>,
    /// All that is open, outermost first.
    open: Vec<Open>,
    /// The positions in `open` of each shape, so that the nearest is found at once.
    of_kind: [Vec<usize>; 4],
}

impl Pairing {
    fn open(&mut self, open: Open) {
        self.of_kind[open.shape as usize].push(self.open.len());
        self.open.push(open);
    }

    /// Gives up what was opened on that line, the last one.
    fn forget(&mut self, line: u32) {
        while let Some(&last) = self.open.last()
            && last.line == line
            && last.shape != Shape::Template
        {
            self.pop();
        }
    }

    fn pop(&mut self) {
        if let Some(closed) = self.open.pop() {
            self.of_kind[closed.shape as usize].pop();
        }
    }

    fn close(&mut self, index: usize, shape: Shape, line: u32) {
        let Some(&last) = self.open.last() else { return };
        // Brackets do not reach over the edge of a template.
        let edge = self.of_kind[Shape::Template as usize].last().copied();
        let nearest = self.of_kind[shape as usize].last().copied();
        let nearest =
            nearest.filter(|&nearest| shape == Shape::Template || edge.is_none_or(|edge| edge < nearest));
        let is_slip = last.shape != Shape::Template
            && last.line == line
            && nearest.is_none_or(|nearest| self.open[nearest].line != line);
        let depth = if is_slip { Some(self.open.len() - 1) } else { nearest };
        let Some(depth) = depth else { return };
        let open = self.open[depth].index;
        while depth < self.open.len() {
            self.pop();
        }
        self.partners[open] = u32::try_from(index).unwrap_or(NONE);
        self.partners[index] = u32::try_from(open).unwrap_or(NONE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::lexer;

    /// The text of each pair.
    fn pairs(text: &str) -> Vec<&str> {
        let tokens = lexer::tokens(text);
        let brackets = Brackets::new(&tokens);
        let behind = |index| brackets.partner(index).filter(|&partner| index < partner);
        let pairs = (0..tokens.len()).filter_map(|index| Some((index, behind(index)?)));
        pairs.map(|(open, close)| &text[tokens[open].start as usize..tokens[close].end as usize]).collect()
    }

    #[test]
    fn a_closing_bracket_belongs_to_the_nearest_of_its_kind() {
        assert_eq!(pairs("{[()]}"), ["{[()]}", "[()]", "()"]);
        assert_eq!(pairs("{\n[(\n}"), ["{\n[(\n}"]);
        assert_eq!(pairs("{\n[1 }\n}"), ["{\n[1 }\n}", "[1 }"]);
        assert_eq!(pairs("{[(]}"), ["{[(]}", "[(]"]);
        assert_eq!(pairs(")}["), [] as [&str; 0]);
        assert_eq!(pairs("(\"${(}\")"), ["(\"${(}\")", "\"${(}\"", "${(}"]);
    }
}
