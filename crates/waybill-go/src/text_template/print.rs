//! Values as text: what `print`, `println` and `printf` make of them.

use super::{value::Value, verbs};
use crate::printf::Layout;

/// Text that ends at a limit instead of growing further.
pub(super) struct Output {
    text: String,
    limit: usize,
    pub is_full: bool,
}

impl Output {
    pub(super) fn new(limit: usize) -> Self {
        Self { text: String::new(), limit, is_full: false }
    }

    pub(super) fn push(&mut self, text: &str) {
        if self.limit - self.text.len() < text.len() {
            self.is_full = true;
        }
        if !self.is_full {
            self.text.push_str(text);
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// `print`: blanks between operands of which neither is a string.
pub(super) fn print(values: &[Value], out: &mut Output) {
    for (i, value) in values.iter().enumerate() {
        let is_string = |value: &Value| matches!(value, Value::String(_));
        if 0 < i && !is_string(value) && !is_string(&values[i - 1]) {
            out.push(" ");
        }
        plain(value, out);
    }
}

/// `println`: blanks between all operands, and a line break.
pub(super) fn println(values: &[Value], out: &mut Output) {
    for (i, value) in values.iter().enumerate() {
        if 0 < i {
            out.push(" ");
        }
        plain(value, out);
    }
    out.push("\n");
}

/// A value as `%v` prints it.
pub(super) fn plain(value: &Value, out: &mut Output) {
    Verb { layout: Layout::default(), letter: 'v', go_syntax: false, names: false }.write(value, out);
}

/// `printf`
pub(super) fn printf(format: &str, values: &[Value], out: &mut Output) {
    let mut reader = Reader { rest: format, values, next: 0, is_reordered: false, is_good: true };
    while let Some(at) = reader.rest.find('%') {
        if out.is_full {
            return;
        }
        out.push(&reader.rest[..at]);
        reader.rest = &reader.rest[at + 1..];
        if !reader.verb(out) {
            out.push("%!(NOVERB)");
            break;
        }
    }
    out.push(reader.rest);
    if reader.is_reordered || values.len() <= reader.next {
        return;
    }
    out.push("%!(EXTRA ");
    for (i, value) in values[reader.next..].iter().enumerate() {
        if 0 < i {
            out.push(", ");
        }
        if !value.is_nothing() {
            out.push(value.type_name());
            out.push("=");
        }
        plain(value, out);
    }
    out.push(")");
}

struct Reader<'a> {
    /// The format behind what has been read.
    rest: &'a str,
    values: &'a [Value],
    /// The value that the next verb takes.
    next: usize,
    /// An index such as `%[2]d` was seen: unused values are no fault then.
    is_reordered: bool,
    /// No index of this verb was wrong.
    is_good: bool,
}

impl Reader<'_> {
    /// Writes what stands behind a `%`; false if there is no verb.
    fn verb(&mut self, out: &mut Output) -> bool {
        self.is_good = true;
        let mut layout = Layout::default();
        while let Some(c) = self.rest.chars().next() {
            match c {
                '#' => layout.sharp = true,
                '0' => layout.zero = true,
                '+' => layout.plus = true,
                '-' => layout.minus = true,
                ' ' => layout.space = true,
                _ => break,
            }
            self.rest = &self.rest[1..];
        }
        let mut is_indexed = self.index();
        if self.skip('*') {
            match self.integer() {
                None => out.push("%!(BADWIDTH)"),
                Some(width) => {
                    layout.width = Some(usize::try_from(width.unsigned_abs()).unwrap_or(0));
                    if width < 0 {
                        layout.minus = true;
                        layout.zero = false;
                    }
                }
            }
            is_indexed = false;
        } else {
            layout.width = self.number();
            if is_indexed && layout.width.is_some() {
                self.is_good = false;
            }
        }
        if self.skip('.') {
            if is_indexed {
                self.is_good = false;
            }
            is_indexed = self.index();
            if self.skip('*') {
                layout.precision = self.integer().and_then(|n| usize::try_from(n).ok());
                if layout.precision.is_none() {
                    out.push("%!(BADPREC)");
                }
                is_indexed = false;
            } else {
                layout.precision = Some(self.number().unwrap_or(0));
            }
        }
        if !is_indexed {
            self.index();
        }
        let Some(verb) = self.rest.chars().next() else {
            return false;
        };
        self.rest = &self.rest[verb.len_utf8()..];
        if verb == '%' {
            out.push("%");
        } else if !self.is_good {
            out.push(&format!("%!{verb}(BADINDEX)"));
        } else if let Some(value) = self.values.get(self.next) {
            self.next += 1;
            let mut how = Verb { layout, letter: verb, go_syntax: false, names: false };
            if verb == 'v' {
                how.go_syntax = std::mem::take(&mut how.layout.sharp);
                how.names = std::mem::take(&mut how.layout.plus);
            }
            how.write(value, out);
        } else {
            out.push(&format!("%!{verb}(MISSING)"));
        }
        true
    }

    fn skip(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Digits; nothing if there are none or too many.
    fn number(&mut self) -> Option<usize> {
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(length);
        let number = digits.parse().ok();
        if 0 < length && number.is_none_or(|number| Layout::MAX < number / 10) {
            self.rest = "";
            return None;
        }
        self.rest = rest;
        number
    }

    /// `[n]`: the value that is next; whether there was one.
    fn index(&mut self) -> bool {
        if !self.rest.starts_with('[') {
            return false;
        }
        self.is_reordered = true;
        let Some(end) = self.rest.find(']') else {
            self.is_good = false;
            self.rest = &self.rest[1..];
            return false;
        };
        let digits = &self.rest[1..end];
        self.rest = &self.rest[end + 1..];
        let index = digits.parse::<usize>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
        let index = index.filter(|&index| index <= Layout::MAX);
        let at = index.and_then(|index| index.checked_sub(1)).filter(|&index| index < self.values.len());
        let Some(at) = at else {
            self.is_good = false;
            return index.is_some();
        };
        self.next = at;
        true
    }

    /// The next value as a width or a precision.
    fn integer(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        let number = match value {
            Value::Integer(number) => *number,
            Value::Byte(byte) => i64::from(*byte),
            _ => return None,
        };
        (number.unsigned_abs() <= Layout::MAX as u64).then_some(number)
    }
}

/// One verb with its flags.
struct Verb {
    layout: Layout,
    letter: char,
    /// `%#v`
    go_syntax: bool,
    /// `%+v`: names of fields.
    names: bool,
}

impl Verb {
    fn write(&self, value: &Value, out: &mut Output) {
        let text = match (value, self.letter) {
            (Value::None | Value::Nil, 'v' | 'T') => self.layout.pad("<nil>"),
            (Value::None | Value::Nil, verb) => format!("%!{verb}(<nil>)"),
            (_, 'T') => self.layout.text(value.type_name()),
            (Value::Bool(value), 't' | 'v') => self.layout.pad(if *value { "true" } else { "false" }),
            (Value::Integer(value), _) => {
                let Some(text) = self.integer(*value < 0, value.unsigned_abs()) else {
                    return self.bad(&Value::Integer(*value), out);
                };
                text
            }
            (Value::Byte(byte), _) => {
                let Some(text) = self.integer(false, u64::from(*byte)) else {
                    return self.bad(value, out);
                };
                text
            }
            (Value::Float(value), 'v') => verbs::float(&self.layout, 'g', *value),
            (Value::Float(value), 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') => {
                verbs::float(&self.layout, self.letter, *value)
            }
            (Value::Complex(real, imaginary), 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') => {
                let verb = if self.letter == 'v' { 'g' } else { self.letter };
                let signed = Layout { plus: true, ..self.layout };
                format!(
                    "({}{}i)",
                    verbs::float(&self.layout, verb, *real),
                    verbs::float(&signed, verb, *imaginary)
                )
            }
            (Value::String(text), 'v') if self.go_syntax => verbs::quoted(&self.layout, text),
            (Value::String(text), 'v' | 's') => self.layout.text(text),
            (Value::String(text), 'q') => verbs::quoted(&self.layout, text),
            (Value::String(text), 'x' | 'X') => verbs::hexadecimal(&self.layout, text, self.letter == 'X'),
            (Value::List(items), _) => return self.list(items, out),
            (Value::Map(_) | Value::Record(_), _) => return self.members(value, out),
            _ => return self.bad(value, out),
        };
        out.push(&text);
    }

    fn integer(&self, is_negative: bool, magnitude: u64) -> Option<String> {
        let (verb, digits) = match self.letter {
            'v' | 'd' => ('d', magnitude.to_string()),
            'b' => ('b', format!("{magnitude:b}")),
            'o' | 'O' => (self.letter, format!("{magnitude:o}")),
            'x' | 'X' => (self.letter, format!("{magnitude:x}")),
            'c' | 'q' | 'U' => {
                return Some(verbs::character(&self.layout, self.letter, is_negative, magnitude));
            }
            _ => return None,
        };
        Some(self.layout.integer(verb, is_negative, &digits))
    }

    fn list(&self, items: &[Value], out: &mut Output) {
        let (open, between, close) =
            if self.go_syntax { ("[]interface {}{", ", ", "}") } else { ("[", " ", "]") };
        out.push(open);
        for (i, item) in items.iter().enumerate() {
            if 0 < i {
                out.push(between);
            }
            self.element(item, out);
        }
        out.push(close);
    }

    fn members(&self, value: &Value, out: &mut Output) {
        let (open, between, close) = match (value, self.go_syntax) {
            (Value::Map(_), false) => ("map[".to_owned(), " ", "]"),
            (Value::Map(_), true) => ("map[string]interface {}{".to_owned(), ", ", "}"),
            (_, false) => ("{".to_owned(), " ", "}"),
            (_, true) => (format!("{}{{", value.type_name().trim_start_matches('*')), ", ", "}"),
        };
        out.push(&open);
        match value {
            Value::Map(members) => {
                for (i, (key, value)) in members.iter().enumerate() {
                    if 0 < i {
                        out.push(between);
                    }
                    self.write(&Value::String(key.clone()), out);
                    out.push(":");
                    self.element(value, out);
                }
            }
            Value::Record(record) => {
                for (i, (name, value)) in record.fields.iter().enumerate() {
                    if 0 < i {
                        out.push(between);
                    }
                    if self.names || self.go_syntax {
                        out.push(name);
                        out.push(":");
                    }
                    self.element(value, out);
                }
            }
            _ => {}
        }
        out.push(close);
    }

    fn element(&self, value: &Value, out: &mut Output) {
        match value {
            Value::None | Value::Nil if self.go_syntax => out.push("interface {}(nil)"),
            Value::None | Value::Nil => out.push("<nil>"),
            Value::Byte(byte) if self.go_syntax => out.push(&format!("{byte:#x}")),
            value => self.write(value, out),
        }
    }

    /// A verb that the value does not have.
    fn bad(&self, value: &Value, out: &mut Output) {
        out.push(&format!("%!{}({}=", self.letter, value.type_name()));
        let how = Verb { layout: self.layout, letter: 'v', go_syntax: false, names: false };
        how.write(value, out);
        out.push(")");
    }
}
