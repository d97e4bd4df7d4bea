//! The words that native syntax is made of.
//!
//! A token is a kind and a range of bytes. Nothing is left out: blanks, line breaks and comments are tokens too, and
//! the ranges follow each other without a gap, so that the tokens' texts join to the text they were read from.

use crate::source::{FileId, Span};

/// A piece of a text; its range is never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    /// The offset of the first byte.
    pub start: u32,
    /// The offset behind the last byte.
    pub end: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// U+FEFF at the very start of the text; nowhere else.
    Bom,
    /// Spaces and tabs, as many as there are.
    Blank,
    /// One line break, `\n` or `\r\n`, outside of templates. Further ones are tokens of their own.
    Newline,
    /// `# …` or `// …` up to the line break, which is not part of it (the `\r` of a `\r\n` is neither).
    LineComment,
    /// `/* … */`, over any number of lines. One that is not closed is [`Self::Invalid`].
    BlockComment,

    /// A letter or `_`, then letters, digits, `_` and `-`. `true`, `for` and other words with a meaning are names, too.
    Identifier,
    /// Digits with dots and an exponent; `1.2.3` is one too, and who reads it refuses it.
    Number,

    /// `{`
    OpenBrace,
    /// `}`; the one that ends a piece of a template is [`Self::CloseTemplate`].
    CloseBrace,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `(`
    OpenParenthesis,
    /// `)`
    CloseParenthesis,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `...`
    Ellipsis,
    /// `:`
    Colon,
    /// `::`
    DoubleColon,
    /// `?`
    Question,
    /// `=`
    Equals,
    /// `=>`
    FatArrow,
    /// `+`
    Plus,
    /// `-`, with one or two operands
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// `!`
    Bang,
    /// `==`
    EqualTo,
    /// `!=`
    NotEqualTo,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `&&`
    And,
    /// `||`
    Or,

    /// `"` where a quoted template starts
    OpenQuote,
    /// `"` where it ends
    CloseQuote,
    /// Text between quotes, as it is written: with escapes such as `\n` and `$${`. Never holds a line break.
    QuotedText,
    /// A line break between quotes, which is an error. The quoted template goes on behind it.
    QuotedNewline,
    /// `<<NAME` or `<<-NAME` together with the line break behind it
    OpenHeredoc,
    /// Text of a heredoc or of a bare template, as it is written (`$${` and `%%{` are the only escapes): a line with
    /// its line break, or the part of it before, between or behind `${…}` and `%{…}`.
    HeredocText,
    /// The closing line of a heredoc, from its first blank to its last; the line break behind it is a
    /// [`Self::Newline`].
    CloseHeredoc,
    /// `${` or `${~`
    OpenInterpolation,
    /// `%{` or `%{~`
    OpenDirective,
    /// `}` or `~}` where a `${` or `%{` ends
    CloseTemplate,

    /// An operator of other languages: `&`, `|`, `^`, `~` or `**`
    ForeignOperator,
    /// `'`
    Apostrophe,
    /// A backquote
    Backquote,
    /// `;`
    Semicolon,
    /// A character that means nothing here, or a `/*` without end (then all that is left).
    Invalid,
}

impl Token {
    pub(super) fn new(kind: TokenKind, start: usize, end: usize) -> Self {
        let clip = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { kind, start: clip(start), end: clip(end) }
    }

    /// The token's text in the text it was read from.
    pub fn text(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    pub fn span(self, file: FileId) -> Span {
        Span { file, start: self.start, end: self.end }
    }
}

impl TokenKind {
    /// Blanks, comments and the mark at the start of a file: what has no meaning. Line breaks have one.
    pub fn is_trivia(self) -> bool {
        matches!(self, Self::Bom | Self::Blank | Self::LineComment | Self::BlockComment)
    }
}
