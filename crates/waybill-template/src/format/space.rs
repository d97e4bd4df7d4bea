//! Whether there is a space between two tokens.

use super::Piece;
use crate::syntax::token::TokenKind::{
    self, And, Bang, CloseBrace, CloseHeredoc, CloseQuote, CloseTemplate, Colon, Comma, Dot, DoubleColon,
    Ellipsis, EqualTo, Equals, Greater, GreaterOrEqual, HeredocText, Identifier, Less, LessOrEqual, Minus,
    Newline, NotEqualTo, Number, OpenBrace, OpenBracket, OpenDirective, OpenHeredoc, OpenInterpolation,
    OpenParenthesis, OpenQuote, Or, Percent, Plus, Question, QuotedText, Slash, Star,
};

/// `earlier` is what is before `left`, in the same cell of the line. The first rule that fits decides.
pub(super) fn is_between(earlier: Option<TokenKind>, left: &Piece<'_>, right: &Piece<'_>) -> bool {
    let pair = (left.kind, right.kind);
    let is_call = matches!(pair, (Identifier, OpenParenthesis | DoubleColon) | (DoubleColon, Identifier));
    if is_call || right.kind == Newline || matches!(pair, (Dot, _) | (_, Dot | Comma | Ellipsis)) {
        return false;
    }
    if left.kind == Comma {
        return true;
    }
    if matches!(left.kind, QuotedText | HeredocText | OpenQuote | OpenHeredoc)
        || matches!(right.kind, QuotedText | HeredocText | CloseQuote | CloseHeredoc)
    {
        return false;
    }
    // `[for x in [1] : x]`: not an index.
    if left.kind == Identifier && left.text == "in" && earlier == Some(Identifier) {
        return true;
    }
    if right.kind == OpenBracket && (matches!(left.kind, Identifier | Number) || left.closes()) {
        return false;
    }
    match pair {
        (Bang, _) | (OpenBrace, CloseBrace) | (CloseTemplate, OpenInterpolation | OpenDirective) => false,
        (Minus, _) => !is_sign(earlier),
        // An object in `${ { … } }` keeps its distance.
        (OpenBrace, _)
        | (_, CloseBrace)
        | (OpenInterpolation | OpenDirective, OpenBrace)
        | (CloseBrace, CloseTemplate) => true,
        _ => !left.opens() && !right.closes(),
    }
}

/// Whether a minus behind this is the sign of what follows, rather than between two operands.
fn is_sign(before: Option<TokenKind>) -> bool {
    before.is_none_or(|kind| {
        matches!(
            kind,
            OpenParenthesis | OpenBrace | OpenBracket | Equals | Colon | Comma | Question // what a value follows
                | Plus | Minus | Star | Slash | Percent
                | EqualTo | NotEqualTo | Less | LessOrEqual | Greater | GreaterOrEqual
                | And | Or | Bang
        )
    })
}
