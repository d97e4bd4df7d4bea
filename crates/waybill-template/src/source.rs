//! The texts a template is read from, and places in them.

use std::{fmt, sync::Arc};

use unicode_segmentation::UnicodeSegmentation as _;

/// Which text a place is in; an index into [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes of one text, `start..end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clip = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clip(start), end: clip(end) }
    }

    /// From the start of this to the end of `other`, which is in the same text.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty range just before this.
    #[must_use]
    pub fn before(self) -> Self {
        Self { end: self.start, ..self }
    }

    /// The empty range just behind this.
    #[must_use]
    pub fn after(self) -> Self {
        Self { start: self.end, ..self }
    }
}

/// A place as people count: lines and columns from 1, a column is a grapheme cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// A text with its name, as it is told in messages.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: Arc<str>,
    /// The offset of each line's first byte.
    lines: Vec<u32>,
    /// The blocks at the top, each with its header: what a place is in.
    blocks: Vec<(Span, Span)>,
    /// Made up by the program (`<value for var.x from env>`), so that there is no such file.
    synthetic: bool,
}

/// All texts that were read.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file's text. Texts beyond 4 GiB are cut off by the caller's limit, long before.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.push(name.into(), text.into(), false)
    }

    /// Adds a text that is in no file, under a name that tells where it came from.
    pub fn add_synthetic(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.push(name.into(), text.into(), true)
    }

    fn push(&mut self, name: String, text: Arc<str>, synthetic: bool) -> FileId {
        let newlines = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let lines =
            std::iter::once(0).chain(newlines.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)));
        let source = Source { name, lines: lines.collect(), blocks: Vec::new(), text, synthetic };
        self.files.push(source);
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// Tells the blocks at the top of a file, each with its header.
    pub fn set_blocks(&mut self, file: FileId, blocks: Vec<(Span, Span)>) {
        self.files[file.0 as usize].blocks = blocks;
    }

    /// The header of the block that a place is in.
    pub fn block_around(&self, span: Span) -> Option<&str> {
        let blocks = &self.get(span.file).blocks;
        let (_, header) =
            blocks.iter().find(|(block, _)| block.start <= span.start && span.start < block.end)?;
        Some(self.text(*header))
    }

    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// The text that a span covers.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Where the span starts.
    pub fn start(&self, span: Span) -> Position {
        self.get(span.file).position(span.start as usize)
    }

    /// Where the span ends; the column is that of the first grapheme behind it.
    pub fn end(&self, span: Span) -> Position {
        self.get(span.file).position(span.end as usize)
    }

    /// `file:line,column-column`, or `file:line,column-line,column` over several lines.
    pub fn describe(&self, span: Span) -> String {
        struct Range<'a>(&'a str, Position, Position);
        impl fmt::Display for Range<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Self(name, start, end) = self;
                write!(f, "{name}:{},{}-", start.line, start.column)?;
                if start.line != end.line {
                    write!(f, "{},", end.line)?;
                }
                write!(f, "{}", end.column)
            }
        }
        Range(self.get(span.file).name(), self.start(span), self.end(span)).to_string()
    }
}

impl Source {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    pub fn is_synthetic(&self) -> bool {
        self.synthetic
    }

    /// The place of a byte.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.lines.partition_point(|&start| start as usize <= offset) - 1;
        let start = self.lines[line] as usize;
        let before = self.text.get(start..offset).unwrap_or_default();
        let columns = if before.is_ascii() { before.len() } else { before.graphemes(true).count() };
        Position { line: line + 1, column: columns + 1 }
    }

    /// The text of a line (counted from 1) without its line break.
    pub fn line(&self, line: usize) -> Option<&str> {
        let start = *self.lines.get(line.checked_sub(1)?)? as usize;
        let end = self.lines.get(line).map_or(self.text.len(), |&next| next as usize);
        Some(self.text[start..end].trim_end_matches(['\n', '\r']))
    }
}
