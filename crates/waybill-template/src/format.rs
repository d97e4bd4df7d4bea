//! The one form of a text: what `fmt` writes.
//!
//! Only blanks between tokens change: indentation, spaces, and the columns in which the `=` and the comments of
//! consecutive lines stand. Line breaks, comments and what is in heredocs and quotes stay. The text may be broken;
//! whether it is, the parser tells. As Packer does (measured): a mark at the start of the text (U+FEFF) is dropped.

mod space;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::syntax::{MAX_SIZE_BYTES, lexer, token::TokenKind};

/// How long a formatted text gets. Depth and alignment could make it grow without a bound.
const MAX_BYTES: usize = 4 * MAX_SIZE_BYTES;

/// The text in its one form. Formatting it again changes nothing. One whose form would be absurdly long (some hundred
/// MiB) stays as it is.
pub fn format(text: &str) -> String {
    let mut pieces = pieces(text);
    let lines = lines(&pieces);
    indent(&mut pieces, &lines);
    space(&mut pieces, &lines);
    align(&mut pieces, &lines);

    let length = pieces.iter().map(|piece| piece.spaces + piece.text.len()).fold(0, usize::saturating_add);
    if MAX_BYTES < length {
        return text.to_owned();
    }
    let mut formatted = String::with_capacity(length);
    for piece in &pieces {
        formatted.extend(std::iter::repeat_n(' ', piece.spaces));
        formatted.push_str(piece.text);
    }
    formatted
}

/// A token that is not blank, and how many spaces are before it.
struct Piece<'a> {
    kind: TokenKind,
    text: &'a str,
    spaces: usize,
}

impl Piece<'_> {
    fn opens(&self) -> bool {
        matches!(
            self.kind,
            TokenKind::OpenBrace
                | TokenKind::OpenBracket
                | TokenKind::OpenParenthesis
                | TokenKind::OpenInterpolation
                | TokenKind::OpenDirective
        )
    }

    fn closes(&self) -> bool {
        matches!(
            self.kind,
            TokenKind::CloseBrace
                | TokenKind::CloseBracket
                | TokenKind::CloseParenthesis
                | TokenKind::CloseTemplate
        )
    }

    fn is_comment(&self) -> bool {
        matches!(self.kind, TokenKind::LineComment | TokenKind::BlockComment)
    }

    /// A comment takes the line break behind it along.
    fn ends_line(&self) -> bool {
        self.kind == TokenKind::Newline || self.kind == TokenKind::LineComment && self.text.ends_with('\n')
    }

    /// The columns that this takes with the spaces before it.
    fn width(&self) -> usize {
        let width = if self.text.is_ascii() { self.text.len() } else { self.text.graphemes(true).count() };
        self.spaces + width
    }
}

/// The pieces of a line in up to three cells, whose starts are aligned with those of the lines around: `name`,
/// `= value`, `# comment`. A line break in brackets ends a line, one in a heredoc does not.
struct Line {
    start: usize,
    /// Where `= value` starts: [`Self::comment`] if there is none.
    assign: usize,
    /// Where the comment starts: [`Self::end`] if there is none, or nothing but it.
    comment: usize,
    end: usize,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut spaces = 0;
    for token in lexer::tokens(text) {
        match (token.kind, pieces.last_mut()) {
            (TokenKind::Bom, _) => {}
            (TokenKind::Blank, _) => spaces = token.text(text).len(),
            (TokenKind::Newline, Some(comment))
                if comment.kind == TokenKind::LineComment && !comment.ends_line() =>
            {
                let start = token.start as usize - comment.text.len();
                comment.text = &text[start..token.end as usize];
            }
            (kind, _) => {
                pieces.push(Piece { kind, text: token.text(text), spaces: std::mem::take(&mut spaces) });
            }
        }
    }
    // Blanks at the very end stay, as spaces.
    if 0 < spaces {
        pieces.push(Piece { kind: TokenKind::Blank, text: "", spaces });
    }
    pieces
}

fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < pieces.len() {
        let length = pieces[start..].iter().position(Piece::ends_line);
        let end = length.map_or(pieces.len(), |length| start + length + 1);
        lines.push(line(pieces, start, end));
        start = end;
    }
    lines
}

fn line(pieces: &[Piece<'_>], start: usize, mut end: usize) -> Line {
    if pieces[end - 1].kind == TokenKind::Blank {
        end -= 1;
    }
    let comment = if start + 1 < end && pieces[end - 1].is_comment() { end - 1 } else { end };
    let equals = (start + 1..comment).find(|&at| pieces[at].kind == TokenKind::Equals);
    // A value that goes on in the next line is not aligned.
    let assign = equals.filter(|&at| net_brackets(&pieces[at..comment]) == 0).unwrap_or(comment);
    Line { start, assign, comment, end }
}

/// How many brackets are open more behind these than before.
fn net_brackets(pieces: &[Piece<'_>]) -> isize {
    pieces.iter().map(|piece| isize::from(piece.opens()) - isize::from(piece.closes())).sum()
}

/// Two spaces for each line that opened brackets which are still open, however many it opened: what is opened
/// together is closed together.
fn indent(pieces: &mut [Piece<'_>], lines: &[Line]) {
    // How many brackets such a line opened that are still open.
    let mut open: Vec<usize> = Vec::new();
    for line in lines {
        let cells = &pieces[line.start..line.comment];
        let Some(first) = cells.first() else { continue };
        if first.kind == TokenKind::Newline {
            pieces[line.start].spaces = 0;
            continue;
        }
        // Brackets in a heredoc do not count.
        let heredoc = cells.iter().position(|piece| piece.kind == TokenKind::OpenHeredoc);
        let net = net_brackets(&cells[..heredoc.unwrap_or(cells.len())]);
        let mut closed = net.min(0).unsigned_abs();
        while let Some(last) = open.last_mut()
            && 0 < closed
        {
            let both = closed.min(*last);
            closed -= both;
            *last -= both;
            if *last == 0 {
                open.pop();
            }
        }
        pieces[line.start].spaces = 2 * open.len();
        if 0 < net {
            open.push(net.unsigned_abs());
        }
    }
}

/// One space or none between the pieces of a cell.
fn space(pieces: &mut [Piece<'_>], lines: &[Line]) {
    for line in lines {
        for (start, end) in [(line.start, line.assign), (line.assign, line.comment)] {
            for at in start + 1..end {
                let before = if start + 1 < at { Some(pieces[at - 2].kind) } else { None };
                let spaced = space::is_between(before, &pieces[at - 1], &pieces[at]);
                pieces[at].spaces = usize::from(spaced);
            }
        }
    }
}

/// Puts the values of consecutive lines into one column, then their comments.
fn align(pieces: &mut [Piece<'_>], lines: &[Line]) {
    align_cells(pieces, lines, |line| (line.assign < line.comment).then_some(line.assign));
    align_cells(pieces, lines, |line| (line.comment < line.end).then_some(line.comment));
}

fn align_cells(pieces: &mut [Piece<'_>], lines: &[Line], cell: fn(&Line) -> Option<usize>) {
    for run in lines.chunk_by(|line, next| cell(line).is_some() && cell(next).is_some()) {
        let cells = run.iter().filter_map(|line| cell(line).map(|at| (line.start, at)));
        let width = |&(start, at): &(usize, usize)| pieces[start..at].iter().map(Piece::width).sum::<usize>();
        let widths: Vec<(usize, usize)> = cells.map(|cell| (cell.1, width(&cell))).collect();
        let widest = widths.iter().map(|&(_, width)| width).max().unwrap_or(0);
        for (at, width) in widths {
            pieces[at].spaces = widest - width + 1;
        }
    }
}
