//! What is told about faults, and how often.

use super::{Failed, Parser};
use crate::{
    diagnostic::Diagnostic,
    source::Span,
    syntax::{MAX_DEPTH, token::TokenKind},
};

/// The faults of one text so far.
#[derive(Default)]
pub(super) struct Faults {
    told: Vec<Diagnostic>,
    is_too_deep: bool,
}

/// More are not told: what is broken so often is something else than a template.
const MAX_FAULTS: usize = 200;

/// How much of a word is repeated in a message, in characters.
const MAX_WORD: usize = 40;

impl Faults {
    pub(super) fn tell(&mut self, fault: Diagnostic) {
        if self.told.len() < MAX_FAULTS {
            self.told.push(fault);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.told.len()
    }

    pub(super) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.told.sort_by_key(|fault| fault.subject.map(|subject| subject.start));
        self.told
    }
}

impl Parser<'_> {
    pub(super) fn tell(&mut self, summary: &str, detail: impl Into<String>, subject: Span) {
        self.faults.tell(Diagnostic::error(summary, detail).at(subject));
    }

    /// Tells that the next token is wrong here; unless it is wrong everywhere and was told.
    pub(super) fn unexpected(&mut self, summary: &str, detail: impl Into<String>) -> Failed {
        let here = self.here();
        self.unexpected_within(summary, detail, here)
    }

    pub(super) fn unexpected_within(
        &mut self,
        summary: &str,
        detail: impl Into<String>,
        context: Span,
    ) -> Failed {
        if !self.raw_kind().is_some_and(is_foreign) {
            let fault = Diagnostic::error(summary, detail).at(self.here());
            self.faults.tell(if context == self.here() { fault } else { fault.within(context) });
        }
        self.is_broken = true;
        Failed
    }

    /// The next token, as it is named in messages.
    pub(super) fn found(&mut self) -> String {
        match self.kind() {
            None => "the end of the text".to_owned(),
            Some(TokenKind::Newline | TokenKind::QuotedNewline) => "a line break".to_owned(),
            Some(TokenKind::OpenQuote) => "a quoted text".to_owned(),
            Some(TokenKind::OpenHeredoc) => "a heredoc".to_owned(),
            Some(TokenKind::CloseQuote) => "the end of the quoted text".to_owned(),
            Some(TokenKind::CloseHeredoc) => "the end of the heredoc".to_owned(),
            Some(_) => {
                let word = self.word();
                let end = word.char_indices().nth(MAX_WORD).map_or(word.len(), |(end, _)| end);
                format!("`{}{}`", &word[..end], if end < word.len() { "…" } else { "" })
            }
        }
    }

    /// Tells, once, that the text nests too deep for us.
    pub(super) fn too_deep(&mut self) -> Failed {
        if !std::mem::replace(&mut self.faults.is_too_deep, true) {
            let detail = format!(
                "Blocks, brackets, operators and templates may be nested in {MAX_DEPTH} levels. Give a part of this a \
                 name of its own."
            );
            self.unexpected("Nested too deep", detail);
        }
        Failed
    }
}

/// Tokens that are a fault wherever they stand.
pub(super) fn is_foreign(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::ForeignOperator
            | TokenKind::Apostrophe
            | TokenKind::Backquote
            | TokenKind::Semicolon
            | TokenKind::Invalid
    )
}
