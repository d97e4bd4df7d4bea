//! Bytes of a file as text.
//!
//! A file is UTF-8; other bytes are a fault, except in a comment of native syntax, where nobody minds them.

use super::{lexer, token::TokenKind};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    source::{FileId, Span},
};

/// The text of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// With U+FFFD in the place of bytes that are not UTF-8.
    pub text: String,
    /// Where it is in the place of such, and of which.
    broken: Vec<(usize, Vec<u8>)>,
}

pub fn decode(bytes: &[u8]) -> Decoded {
    let mut decoded = Decoded { text: String::with_capacity(bytes.len()), broken: Vec::new() };
    for chunk in bytes.utf8_chunks() {
        decoded.text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            decoded.broken.push((decoded.text.len(), chunk.invalid().to_owned()));
            decoded.text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    decoded
}

impl Decoded {
    /// Tells where the text is not UTF-8, once.
    pub fn check(&self, file: FileId, diagnostics: &mut Diagnostics) {
        diagnostics.extend(self.broken.first().map(|&(at, _)| fault(file, at)));
    }

    /// Tells where a text in native syntax is not UTF-8, once; comments may be anything.
    pub fn check_code(&self, file: FileId, diagnostics: &mut Diagnostics) {
        if self.broken.is_empty() {
            return;
        }
        let tokens = lexer::tokens(&self.text);
        let matters = |&&(at, _): &&(usize, Vec<u8>)| {
            let index = tokens.partition_point(|token| token.end as usize <= at);
            let kind = tokens.get(index).map(|token| token.kind);
            !matches!(kind, Some(TokenKind::LineComment | TokenKind::BlockComment))
        };
        diagnostics.extend(self.broken.iter().find(matters).map(|&(at, _)| fault(file, at)));
    }
}

impl Decoded {
    /// The bytes of a text that is this one but for blanks: what was not UTF-8 is what it was.
    pub fn encode(&self, text: &str) -> Vec<u8> {
        let mut broken = self.broken.iter().peekable();
        let mut replacements = self
            .text
            .match_indices(char::REPLACEMENT_CHARACTER)
            .map(|(at, _)| broken.next_if(|(place, _)| *place == at).map(|(_, bytes)| bytes.as_slice()));
        let mut out = Vec::with_capacity(text.len());
        for (index, part) in text.split(char::REPLACEMENT_CHARACTER).enumerate() {
            if index > 0 {
                let original = replacements.next().flatten();
                out.extend_from_slice(original.unwrap_or("\u{fffd}".as_bytes()));
            }
            out.extend_from_slice(part.as_bytes());
        }
        out
    }
}

fn fault(file: FileId, at: usize) -> Diagnostic {
    let detail = "Here is a byte that is not UTF-8. Save the file as UTF-8.";
    let span = Span::new(file, at, at + char::REPLACEMENT_CHARACTER.len_utf8());
    Diagnostic::error("Invalid character encoding", detail).at(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_matter_outside_of_comments() {
        let table: [(&[u8], &str, Option<u32>); 5] = [
            (b"a = \"\xc3\xa9\"", "a = \"é\"", None),
            (b"# \xe9\na = 1 /* \xe9 */", "# \u{fffd}\na = 1 /* \u{fffd} */", None),
            (b"# \xe9\na = \"\xe9\xe8\"", "# \u{fffd}\na = \"\u{fffd}\u{fffd}\"", Some(11)),
            (b"\xff\xfea", "\u{fffd}\u{fffd}a", Some(0)),
            (b"a = \"\xe2\x82", "a = \"\u{fffd}", Some(5)),
        ];
        for (bytes, text, place) in table {
            let decoded = decode(bytes);
            assert_eq!(decoded.text, text);
            let mut diagnostics = Diagnostics::default();
            decoded.check_code(FileId::default(), &mut diagnostics);
            let told = diagnostics.iter().next().and_then(|fault| fault.subject).map(|subject| subject.start);
            assert_eq!(told, place, "{text}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_come_back() {
        let bytes = b"# \xe9 \xef\xbf\xbd\na   = 1 # \xff\xfe\n";
        let decoded = decode(bytes);
        assert_eq!(decoded.encode(&decoded.text), bytes);
        let expected = b"# \xe9 \xef\xbf\xbd\na = 1 # \xff\xfe\n";
        assert_eq!(decoded.encode(&crate::format::format(&decoded.text)), expected);
    }
}
