//! Diagnostics as text, in the form that users of Packer read.
//!
//! ```text
//! Error: Unsupported argument
//!
//!   on image.pkr.hcl line 3, in source "null" "x":
//!    3:   ssh_hots = "localhost"
//!
//! An argument named "ssh_hots" is not expected here. Did you mean "ssh_host"?
//! ```

use std::{cmp::Ordering, fmt::Write as _};

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Diagnostic, Diagnostics, Severity};
use crate::source::{Sources, Span};

/// How text is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Details are broken into lines of at most so many columns.
    pub width: usize,
    /// With escape sequences for colours.
    pub colour: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 80, colour: false }
    }
}

/// More lines of a source are not shown.
const MAX_LINES: usize = 12;
/// A longer source line is cut.
const MAX_COLUMNS: usize = 400;

/// All of them, each with an empty line behind.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, style: Style) -> String {
    diagnostics.iter().map(|diagnostic| render_one(diagnostic, sources, style)).collect()
}

/// One with an empty line behind.
pub fn render_one(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let mut out = String::new();
    let (word, colour) = match diagnostic.severity {
        Severity::Error => ("Error: ", "31"),
        Severity::Warning => ("Warning: ", "33"),
    };
    if style.colour {
        let _ = write!(out, "\x1b[1;{colour}m{word}\x1b[0m\x1b[1m{}\x1b[0m\n\n", diagnostic.summary);
    } else {
        let _ = write!(out, "{word}{}\n\n", diagnostic.summary);
    }
    if let Some(subject) = diagnostic.subject {
        snippet(&mut out, subject, diagnostic.context, sources, style);
    }
    if let Some(related) = diagnostic.related {
        let detail = format!("{} See {}.", diagnostic.detail, sources.describe(related));
        out.push_str(&wrap(&detail, style.width));
    } else if !diagnostic.detail.is_empty() {
        out.push_str(&wrap(&diagnostic.detail, style.width));
    }
    out.push('\n');
    out
}

/// Where it is, and what is written there.
fn snippet(out: &mut String, subject: Span, context: Option<Span>, sources: &Sources, style: Style) {
    let source = sources.get(subject.file);
    let start = sources.start(subject);
    let _ = write!(out, "  on {} line {}", source.name(), start.line);
    if let Some(header) = sources.block_around(subject) {
        let _ = write!(out, ", in {header}");
    }
    out.push_str(":\n");
    let whole =
        context.filter(|context| context.file == subject.file).map_or(subject, |context| context.to(subject));
    let (first, last) = (sources.start(whole).line, sources.end(whole).line);
    let first = first.max(start.line.saturating_sub(MAX_LINES / 2));
    for line in (first..=last.min(first + MAX_LINES - 1)).chain((last < first).then_some(first)) {
        let Some(text) = source.line(line) else { break };
        let marked = if style.colour { mark(text, line, subject, sources) } else { None };
        let text = marked.unwrap_or_else(|| printable(text));
        let _ = writeln!(out, "{line:>4}: {text}");
    }
    if last >= first + MAX_LINES {
        out.push_str("      …\n");
    }
    out.push('\n');
}

/// The line with the subject underlined.
fn mark(text: &str, line: usize, subject: Span, sources: &Sources) -> Option<String> {
    let (start, end) = (sources.start(subject), sources.end(subject));
    let from = match line.cmp(&start.line) {
        Ordering::Less => return None,
        Ordering::Equal => start.column - 1,
        Ordering::Greater => 0,
    };
    let to = match line.cmp(&end.line) {
        Ordering::Less => usize::MAX,
        Ordering::Equal => end.column - 1,
        Ordering::Greater => return None,
    };
    let at = |column: usize| text.grapheme_indices(true).nth(column).map_or(text.len(), |(at, _)| at);
    let (from, to) = (at(from), at(to));
    (from < to).then(|| {
        let [before, inside, after] = [&text[..from], &text[from..to], &text[to..]].map(printable);
        format!("{before}\x1b[1;4m{inside}\x1b[0m{after}")
    })
}

/// Without control characters, which would be obeyed by a terminal, and not endless.
fn printable(text: &str) -> String {
    let clean = |c: char| if c.is_control() && c != '\t' { '\u{fffd}' } else { c };
    let mut shown: String = text.chars().take(MAX_COLUMNS).map(clean).collect();
    if text.chars().nth(MAX_COLUMNS).is_some() {
        shown.push('…');
    }
    shown
}

/// Breaks paragraphs into lines at blanks. A line that starts with a blank is kept as it is.
pub fn wrap(text: &str, width: usize) -> String {
    let mut out = String::new();
    for paragraph in text.lines() {
        if paragraph.starts_with([' ', '\t']) {
            out.push_str(paragraph);
            out.push('\n');
            continue;
        }
        let mut column = 0;
        for word in paragraph.split(' ') {
            let length = word.graphemes(true).count();
            if column > 0 && column + 1 + length > width {
                out.push('\n');
                column = 0;
            } else if column > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_shown_with_its_source() {
        let mut sources = Sources::default();
        let text = "source \"null\" \"x\" {\n  ssh_hots = 1\n}\n";
        let file = sources.add("a.pkr.hcl", text);
        sources.set_blocks(file, vec![(Span::new(file, 0, text.len()), Span::new(file, 0, 17))]);
        let at = text.find("ssh_hots").unwrap();
        let fault =
            Diagnostic::error("Unsupported argument", "An argument named \"ssh_hots\" is not expected here.");
        let fault = fault.at(Span::new(file, at, at + 8));
        assert_eq!(
            render_one(&fault, &sources, Style { width: 30, colour: false }),
            "Error: Unsupported argument\n\n  on a.pkr.hcl line 2, in source \"null\" \"x\":\n   2:   ssh_hots = 1\n\nAn \
             argument named \"ssh_hots\"\nis not expected here.\n\n"
        );
        let coloured = render_one(&fault, &sources, Style { width: 80, colour: true });
        assert!(coloured.contains("   2:   \x1b[1;4mssh_hots\x1b[0m = 1\n"), "{coloured}");
    }

    #[test]
    fn another_place_is_told_behind_the_detail() {
        let mut sources = Sources::default();
        let file = sources.add("a.pkr.hcl", "a = 1\na = 2\n");
        let fault = Diagnostic::error("Attribute redefined", "It is set already.");
        let fault = fault.at(Span::new(file, 6, 7)).related(Span::new(file, 0, 1));
        let shown = render_one(&fault, &sources, Style::default());
        assert!(shown.ends_with("\n\nIt is set already. See a.pkr.hcl:1,1-2.\n\n"), "{shown}");
    }

    #[test]
    fn escape_sequences_of_a_template_are_not_obeyed() {
        let mut sources = Sources::default();
        let file = sources.add("a.pkr.hcl", "\x1b[2J");
        let fault = Diagnostic::error("Bad", "").at(Span::new(file, 0, 1));
        assert!(!render_one(&fault, &sources, Style::default()).contains('\x1b'));
    }
}
