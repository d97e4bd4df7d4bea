//! `%{ if … }`, `%{ for … }` and what ends them.

use super::{
    Failed, Parse, Parser,
    template::{Piece, PieceKind},
};
use crate::{
    diagnostic::Diagnostic,
    source::Span,
    suggest,
    syntax::{token::TokenKind, tree::TemplatePart},
};

const KEYWORDS: [&str; 5] = ["if", "else", "endif", "for", "endfor"];

/// What ends the parts that belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Else,
    If,
    For,
    /// The template's.
    Template,
}

/// Parts, their height, what ended them and where.
struct Run {
    parts: Vec<TemplatePart>,
    below: usize,
    end: End,
    end_span: Span,
}

impl Parser<'_> {
    /// One directive: `%{` is next.
    pub(super) fn directive(&mut self) -> PieceKind {
        let open = self.at;
        // What it is, as far as that was read before a fault.
        let mut kind = PieceKind::Broken;
        let found = self.sequence(|p| {
            if p.kind() != Some(TokenKind::Identifier) {
                let detail = format!(
                    "`%{{` is followed by {}, but there is {}. For the characters write `%%{{`.",
                    keywords(),
                    p.found()
                );
                let context = p.span_at(open).to(p.here());
                return Err(p.unexpected_within("Invalid template directive", detail, context));
            }
            let word = p.word();
            kind = match word {
                "if" => {
                    p.at += 1;
                    kind = PieceKind::If { condition: p.invalid(open), height: 1 };
                    let condition = p.expression()?;
                    PieceKind::If { condition, height: p.height }
                }
                "for" => {
                    kind = PieceKind::For { head: None, height: 1 };
                    let head = p.for_head("Invalid `for` directive")?;
                    PieceKind::For { head: Some(head), height: p.height }
                }
                "else" => PieceKind::Else,
                "endif" => PieceKind::EndIf,
                "endfor" => PieceKind::EndFor,
                _ => return Err(p.unknown_directive(word)),
            };
            if matches!(kind, PieceKind::Else | PieceKind::EndIf | PieceKind::EndFor) {
                p.at += 1;
            }
            p.end_of_sequence(open, "Extra characters in a template directive")
        });
        // A fault in it is told; it still ends or opens what it does.
        let (Ok(()) | Err(Failed)) = found;
        kind
    }

    fn unknown_directive(&mut self, word: &str) -> Failed {
        let hint = match suggest::nearest(word, KEYWORDS) {
            Some(keyword) => format!(" Did you mean \"{keyword}\"?"),
            None => format!(" It can be {}.", keywords()),
        };
        self.unexpected(
            "Unknown template directive",
            format!("\"{word}\" is no directive of templates.{hint}"),
        )
    }

    /// Puts what is inside of directives into them. The template ends at `end`. Returns the height of the parts, too.
    pub(super) fn nest(&mut self, pieces: Vec<Piece>, end: Span) -> Parse<(Vec<TemplatePart>, usize)> {
        let is_broken = pieces.iter().any(|piece| matches!(piece.kind, PieceKind::Broken));
        if is_broken {
            // Without it nobody knows what belongs together.
            return Err(Failed);
        }
        let mut pieces = pieces.into_iter();
        let mut parts = Vec::new();
        let mut below = 0;
        loop {
            let run = self.run(&mut pieces, end)?;
            parts.extend(run.parts);
            below = below.max(run.below);
            let word = match run.end {
                End::Template => return Ok((parts, below)),
                End::Else => "else",
                End::If => "endif",
                End::For => "endfor",
            };
            let detail = format!("There is no directive that this \"{word}\" could belong to.");
            self.tell("Unexpected template directive", detail, run.end_span);
        }
    }

    /// Parts up to the next directive that is not inside of another.
    fn run(&mut self, pieces: &mut std::vec::IntoIter<Piece>, template_end: Span) -> Parse<Run> {
        let mut run = Run { parts: Vec::new(), below: 0, end: End::Template, end_span: template_end };
        while let Some(piece) = pieces.next() {
            let part = match piece.kind {
                PieceKind::Text(text) => {
                    self.height = 1;
                    TemplatePart::Literal { text: text.into(), span: piece.span }
                }
                PieceKind::Interpolation { expression, height } => {
                    self.height = height;
                    TemplatePart::Interpolation(expression)
                }
                PieceKind::If { condition, height } => {
                    let inner = self.nested(|p| p.conditional_parts(pieces, piece.span, template_end))?;
                    self.height = self.height.max(height) + 1;
                    let span = piece.span.to(inner.span);
                    TemplatePart::If { condition, then: inner.then, otherwise: inner.otherwise, span }
                }
                PieceKind::For { head, height } => {
                    let inner = self.nested(|p| p.run(pieces, template_end))?;
                    self.expect(&inner, piece.span, End::For);
                    self.height = inner.below.max(height) + 1;
                    let span = piece.span.to(inner.end_span);
                    let Some(head) = head else { continue };
                    let (key_name, value_name, collection) =
                        (head.key_name, head.value_name, head.collection);
                    TemplatePart::For { key_name, value_name, collection, body: inner.parts, span }
                }
                PieceKind::Else => return Ok(run.ended(End::Else, piece.span)),
                PieceKind::EndIf => return Ok(run.ended(End::If, piece.span)),
                PieceKind::EndFor => return Ok(run.ended(End::For, piece.span)),
                PieceKind::Broken => continue,
            };
            run.below = run.below.max(self.height);
            run.parts.push(part);
        }
        Ok(run)
    }

    /// What is behind `%{ if … }`, up to its `endif`; [`Self::height`] is that of the parts.
    fn conditional_parts(
        &mut self,
        pieces: &mut std::vec::IntoIter<Piece>,
        opening: Span,
        template_end: Span,
    ) -> Parse<Conditional> {
        let then = self.run(pieces, template_end)?;
        let mut below = then.below;
        let mut span = then.end_span;
        let mut otherwise = None;
        if then.end == End::Else {
            let run = self.run(pieces, template_end)?;
            self.expect(&run, opening, End::If);
            below = below.max(run.below);
            span = run.end_span;
            otherwise = Some(run.parts);
        } else {
            self.expect(&then, opening, End::If);
        }
        self.height = below;
        Ok(Conditional { then: then.parts, otherwise, span })
    }

    /// Tells if something else ends the parts. It ends them then, too.
    fn expect(&mut self, run: &Run, opening: Span, end: End) {
        let (directive, closing) = if end == End::If { ("if", "endif") } else { ("for", "endfor") };
        let (summary, detail) = match run.end {
            found if found == end => return,
            End::Template => (
                "Unclosed template directive",
                format!("There is no \"{closing}\" for the \"{directive}\" before the template ends."),
            ),
            End::Else if end == End::If => (
                "Unexpected template directive",
                "The \"if\" has an \"else\" already; \"endif\" is expected.".to_owned(),
            ),
            End::Else => (
                "Unexpected template directive",
                "A \"for\" has no \"else\"; \"endfor\" is expected.".to_owned(),
            ),
            End::If | End::For => (
                "Unexpected template directive",
                format!("\"{closing}\" is expected: it ends the \"{directive}\" that is open here."),
            ),
        };
        let fault = Diagnostic::error(summary, detail).at(run.end_span).within(opening.to(run.end_span));
        self.faults.tell(fault.related(opening));
    }
}

/// The parts of an `if`.
struct Conditional {
    then: Vec<TemplatePart>,
    otherwise: Option<Vec<TemplatePart>>,
    /// Where it ends.
    span: Span,
}

impl Run {
    fn ended(self, end: End, end_span: Span) -> Self {
        Self { end, end_span, ..self }
    }
}

fn keywords() -> String {
    let quoted: Vec<_> = KEYWORDS.iter().map(|keyword| format!("\"{keyword}\"")).collect();
    quoted.join(", ")
}
