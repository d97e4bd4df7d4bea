//! From a value to a YAML document.
//!
//! Block style; texts and keys always in double quotes, or as `|` blocks if they have several lines and nothing in
//! them asks for escapes. Where lines are folded and blocks indented is decided as libyaml does it, whose output the
//! original prints.

use std::fmt::Write as _;

use crate::{function::MAX_TEXT, value::Value};

/// Spaces per level.
const STEP: usize = 2;
/// A blank beyond this column is where a long text is folded.
const WIDTH: usize = 80;
/// A key of more bytes is introduced with `?`.
const MAX_SIMPLE_KEY: usize = 128;

/// The document, ending in a newline. Nothing in the value is unknown.
pub(super) fn encode(value: &Value) -> Result<String, String> {
    let mut emitter = Emitter { fresh: true, ..Emitter::default() };
    emitter.node(value, Place { indent: None, in_mapping: false })?;
    emitter.line(0);
    if matches!(value, Value::Null(_) | Value::Bool(_) | Value::Number(_)) {
        emitter.out.push_str("...\n");
    }
    Ok(emitter.out)
}

#[derive(Default)]
struct Emitter {
    out: String,
    /// Characters since the start of the line.
    column: usize,
    /// What was written on the line so far is indentation and indicators such as `- `.
    fresh: bool,
    /// The last character was a blank, or the line is new.
    blank: bool,
}

/// Where a node stands.
#[derive(Clone, Copy)]
struct Place {
    /// The indentation of the collection around it; none at the top.
    indent: Option<usize>,
    in_mapping: bool,
}

impl Place {
    fn deeper(self) -> usize {
        self.indent.map_or(0, |indent| indent + STEP)
    }

    /// Where the lines of a text go, which at the top is not the left edge.
    fn of_text(self) -> usize {
        self.indent.unwrap_or(0) + STEP
    }
}

impl Emitter {
    fn node(&mut self, value: &Value, place: Place) -> Result<(), String> {
        if MAX_TEXT < self.out.len() {
            return Err(format!("the text would be longer than {} MiB", MAX_TEXT >> 20));
        }
        match value {
            Value::Unknown(_) | Value::Null(_) => self.word("null"),
            Value::Bool(value) => self.word(if *value { "true" } else { "false" }),
            Value::Number(number) => self.word(&number.to_string()),
            Value::String(text) => self.text(text, place),
            Value::List(_, values) | Value::Set(_, values) | Value::Tuple(values) => {
                if values.is_empty() {
                    self.word("[]");
                    return Ok(());
                }
                // the items of a sequence that is a mapping's value stand where its keys stand
                let indent = match place.indent {
                    Some(indent) if place.in_mapping && !self.fresh => indent,
                    _ => place.deeper(),
                };
                for value in values.iter() {
                    self.line(indent);
                    self.indicator("-");
                    self.node(value, Place { indent: Some(indent), in_mapping: false })?;
                }
            }
            Value::Map(_, values) | Value::Object(values) => {
                if values.is_empty() {
                    self.word("{}");
                    return Ok(());
                }
                let indent = place.deeper();
                let inner = Place { indent: Some(indent), in_mapping: true };
                for (key, value) in values.iter() {
                    self.line(indent);
                    if key.len() <= MAX_SIMPLE_KEY && !key.contains(is_break) {
                        self.quoted(key, None);
                        self.put(":");
                        self.fresh = false;
                        self.blank = false;
                    } else {
                        self.indicator("?");
                        self.text(key, inner);
                        self.line(indent);
                        self.indicator(":");
                    }
                    self.node(value, inner)?;
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str, place: Place) {
        if text.contains('\n') && can_be_block(text) {
            self.block(text, place.of_text());
        } else {
            self.quoted(text, Some(place.of_text()));
        }
    }

    /// Text in double quotes; folded at blanks where it gets long, if there is an indentation for further lines.
    fn quoted(&mut self, text: &str, indent: Option<usize>) {
        self.space();
        self.put("\"");
        // behind a byte order mark, nothing is left as it is
        let escapes_all = text.starts_with('\u{feff}');
        let mut after_blank = false;
        for (at, c) in text.char_indices() {
            let inside = 0 < at && at + 1 < text.len();
            match (c, indent) {
                _ if escapes_all => self.escape(c),
                (' ', Some(indent)) if !after_blank && WIDTH < self.column && inside => {
                    self.fresh = false;
                    self.line(indent);
                    if text[at + 1..].starts_with(' ') {
                        self.put("\\");
                    }
                    after_blank = true;
                }
                (' ', _) => {
                    self.put(" ");
                    after_blank = true;
                }
                _ => {
                    let is_plain = is_printable(c) && !is_break(c) && !matches!(c, '"' | '\\');
                    if is_plain {
                        self.put(c.encode_utf8(&mut [0; 4]));
                    } else {
                        self.escape(c);
                    }
                    after_blank = false;
                }
            }
        }
        self.put("\"");
        self.fresh = false;
        self.blank = false;
    }

    fn escape(&mut self, c: char) {
        let start = self.out.len();
        let code = u32::from(c);
        let _ = match c {
            '\0' => write!(self.out, "\\0"),
            '\x07' => write!(self.out, "\\a"),
            '\x08' => write!(self.out, "\\b"),
            '\t' => write!(self.out, "\\t"),
            '\n' => write!(self.out, "\\n"),
            '\x0b' => write!(self.out, "\\v"),
            '\x0c' => write!(self.out, "\\f"),
            '\r' => write!(self.out, "\\r"),
            '\x1b' => write!(self.out, "\\e"),
            '"' => write!(self.out, "\\\""),
            '\\' => write!(self.out, "\\\\"),
            '\u{85}' => write!(self.out, "\\N"),
            '\u{a0}' => write!(self.out, "\\_"),
            '\u{2028}' => write!(self.out, "\\L"),
            '\u{2029}' => write!(self.out, "\\P"),
            _ if code <= 0xff => write!(self.out, "\\x{code:02X}"),
            _ if code <= 0xffff => write!(self.out, "\\u{code:04X}"),
            _ => write!(self.out, "\\U{code:08X}"),
        };
        self.column += self.out.len() - start;
    }

    /// `|` with what the first and the last lines ask for, then the lines.
    fn block(&mut self, text: &str, indent: usize) {
        self.space();
        self.put("|");
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.put("2");
        }
        let mut last = text.chars().rev();
        match (last.next().is_some_and(is_break), last.next()) {
            (false, _) => self.put("-"),
            (true, Some(c)) if !is_break(c) => {}
            (true, _) => self.put("+"),
        }
        self.newline();
        let mut line_starts = true;
        for c in text.chars() {
            if is_break(c) {
                if c == '\n' {
                    self.newline();
                } else {
                    self.out.push(c);
                    self.column = 0;
                    self.fresh = true;
                }
                line_starts = true;
                continue;
            }
            if line_starts {
                self.line(indent);
                line_starts = false;
            }
            self.out.push(c);
            self.column += 1;
            self.fresh = false;
        }
    }

    fn word(&mut self, word: &str) {
        self.space();
        self.put(word);
        self.fresh = false;
        self.blank = false;
    }

    /// `-`, `?` or `:` before a node that may begin on the same line.
    fn indicator(&mut self, indicator: &str) {
        self.space();
        self.put(indicator);
        self.blank = false;
    }

    fn space(&mut self) {
        if !self.blank && 0 < self.column {
            self.put(" ");
        }
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    /// Goes to this column: of the same line if that is all indentation so far, else of the next.
    fn line(&mut self, indent: usize) {
        if !self.fresh || indent < self.column || (self.column == indent && !self.blank && 0 < indent) {
            self.newline();
        }
        while self.column < indent {
            self.put(" ");
        }
        self.fresh = true;
        self.blank = true;
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.fresh = true;
        self.blank = true;
    }
}

/// True if the text survives in a `|` block: no blank ends a line, and nothing needs an escape.
fn can_be_block(text: &str) -> bool {
    let blank_before_break =
        text.chars().zip(text.chars().skip(1)).any(|(first, second)| first == ' ' && is_break(second));
    !text.ends_with(' ') && !blank_before_break && text.chars().all(is_printable)
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What is written as it is. Nothing beyond the basic plane is.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{ffff}')
        && !matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
