//! Where the bytes of a text are in its file.

use crate::source::{FileId, Span};

/// Gives spans of a file for offsets in a text that was taken from it.
#[derive(Clone, Debug)]
pub struct Places {
    file: FileId,
    /// Pairs of an offset in the text and the one in the file, in order. Behind each, byte follows byte in both.
    steps: Vec<(usize, usize)>,
}

impl Places {
    /// For a text that is the whole file.
    pub fn whole(file: FileId) -> Self {
        Self { file, steps: Vec::new() }
    }

    /// For a text that was taken from a file in pieces: pairs of the offset of a piece in the text and the one in the
    /// file, in order. A JSON string has a piece behind each of its escapes.
    pub fn pieces(file: FileId, steps: Vec<(usize, usize)>) -> Self {
        Self { file, steps }
    }

    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.offset(start), self.offset(end))
    }

    fn offset(&self, in_text: usize) -> usize {
        let next = self.steps.partition_point(|&(text, _)| text <= in_text);
        let Some(&(text, file)) = next.checked_sub(1).and_then(|last| self.steps.get(last)) else {
            return in_text;
        };
        let offset = file + (in_text - text);
        // Inside of an escape that stands for several bytes.
        self.steps.get(next).map_or(offset, |&(_, file)| offset.min(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_follow_the_pieces() {
        let file = FileId::default();
        // `"aé\nb"` from byte 10 on, with `é` written as six characters.
        let places = Places::pieces(file, vec![(0, 11), (1, 12), (3, 18), (4, 20)]);
        let found: Vec<_> = (0..6).map(|at| places.span(at, at).start).collect();
        assert_eq!(found, [11, 12, 13, 18, 20, 21]);
        assert_eq!(Places::whole(file).span(3, 5), Span::new(file, 3, 5));
    }
}
