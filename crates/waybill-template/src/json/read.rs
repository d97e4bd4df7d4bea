//! The reader: recursive descent over the text's bytes, to a bounded depth.

use std::sync::Arc;

use super::{Fault, Kind, MAX_VALUES, Member, Node};
use crate::{
    source::{FileId, Span},
    suggest,
    syntax::{MAX_DEPTH, MAX_SIZE_BYTES},
};

type Result<T> = std::result::Result<T, Fault>;

/// The value, and what is wrong, in the order of the text: the value is no good then.
pub(super) fn read(file: FileId, text: &str) -> (Node, Vec<Fault>) {
    let mut reader = Reader { file, text, at: 0, depth: 0, values: 0, faults: Vec::new() };
    let node = reader.whole().unwrap_or_else(|fault| {
        if !reader.follows(&fault) {
            reader.faults.push(fault);
        }
        Node { kind: Kind::Null, span: reader.span(0, 0) }
    });
    (node, reader.faults)
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    depth: usize,
    values: usize,
    /// Behind these reading could go on.
    faults: Vec<Fault>,
}

/// How many faults of one text are told.
const MAX_FAULTS: usize = 20;

const KEYWORDS: [&str; 3] = ["true", "false", "null"];

impl Reader<'_> {
    fn whole(&mut self) -> Result<Node> {
        if MAX_SIZE_BYTES < self.text.len() {
            let detail = format!("JSON of more than {} MiB is not read.", MAX_SIZE_BYTES / 1024 / 1024);
            return Err(self.fault("File too large", detail, self.span(0, 0)));
        }
        let node = self.value(None)?;
        self.blanks();
        if self.at < self.text.len() {
            return Err(self.fault(
                "Extra characters after the JSON value",
                "The value ends before this: a file is one JSON value.",
                self.character(self.at),
            ));
        }
        Ok(node)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    /// The place of one character; empty at the end of the text.
    fn character(&self, at: usize) -> Span {
        let length = self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        self.span(at, at + length)
    }

    /// A fault at the place that was reached.
    fn fault(&self, summary: &'static str, detail: impl Into<String>, subject: Span) -> Fault {
        Fault { summary, detail: detail.into(), subject, found: self.character(self.at) }
    }

    /// Keeps a fault, and goes on at `end`.
    fn recover(&mut self, fault: Fault, end: usize) -> Result<()> {
        if MAX_FAULTS <= self.faults.len() + 1 {
            return Err(fault);
        }
        self.faults.push(fault);
        self.at = end;
        Ok(())
    }

    /// Whether a fault is right behind another one: `no` and `1` in `[no 1]`.
    fn follows(&self, fault: &Fault) -> bool {
        self.faults.last().is_some_and(|last| {
            let between = self.text.get(last.subject.end as usize..fault.found.start as usize);
            between.is_some_and(|text| text.trim_ascii().is_empty())
        })
    }

    /// A value; `comma` is the one before it, which is one too many if a closing bracket follows.
    fn value(&mut self, comma: Option<usize>) -> Result<Node> {
        self.blanks();
        self.values += 1;
        if MAX_VALUES < self.values {
            let detail = format!("JSON of more than {MAX_VALUES} values is not read.");
            return Err(self.fault("Too many values", detail, self.character(self.at)));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Kind::String(self.string()?),
            Some(b'-' | b'0'..=b'9' | b'+' | b'.') => self.number()?,
            Some(byte) if byte.is_ascii_alphabetic() => self.keyword()?,
            Some(b']' | b'}') if let Some(comma) = comma => {
                return Err(self.trailing_comma(comma));
            }
            None => {
                let detail = "The text ends where a value should follow.";
                return Err(self.fault("Missing value", detail, self.character(start)));
            }
            Some(_) => {
                let detail = "A JSON value is an object, an array, a string, a number, or one of true, false and null.";
                return Err(self.fault("Invalid start of a value", detail, self.character(start)));
            }
        };
        Ok(Node { kind, span: self.span(start, self.at) })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Kind>) -> Result<Kind> {
        if MAX_DEPTH <= self.depth {
            let detail = format!("Values nested deeper than {MAX_DEPTH} levels are not read.");
            return Err(self.fault("Nested too deeply", detail, self.character(self.at)));
        }
        self.depth += 1;
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    fn object(&mut self) -> Result<Kind> {
        let open = self.at;
        self.at += 1;
        let mut members = Vec::new();
        let mut comma = None;
        loop {
            self.blanks();
            match self.peek() {
                Some(b'}') if let Some(comma) = comma => return Err(self.trailing_comma(comma)),
                Some(b'}') => break,
                Some(b'"') => {}
                None => return Err(self.unclosed(open, '}')),
                Some(_) => {
                    let detail = "The name of a member is a string in double quotes; JSON has no comments.";
                    return Err(self.fault("Invalid member name", detail, self.character(self.at)));
                }
            }
            let start = self.at;
            let key = self.string()?;
            let key_span = self.span(start, self.at);
            self.blanks();
            if self.peek() != Some(b':') {
                let detail = match self.peek() {
                    Some(b'=') => "JSON separates name and value with a colon, not with an equals sign.",
                    _ => "A colon separates the name of a member from its value.",
                };
                return Err(self.fault("Missing colon", detail, self.character(self.at)));
            }
            self.at += 1;
            members.push(Member { key, key_span, value: self.value(None)? });
            self.blanks();
            match self.peek() {
                Some(b',') => comma = Some(self.at),
                Some(b'}') => break,
                None => return Err(self.unclosed(open, '}')),
                Some(b']') => {
                    let detail = "An object is closed with a brace, not with a bracket.";
                    return Err(self.fault("Mismatched brackets", detail, self.character(self.at)));
                }
                Some(_) => {
                    let detail = "A comma separates the members of an object.";
                    return Err(self.fault("Missing comma", detail, self.character(self.at)));
                }
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(Kind::Object(members.into()))
    }

    fn array(&mut self) -> Result<Kind> {
        let open = self.at;
        self.at += 1;
        let mut items = Vec::new();
        let mut comma = None;
        loop {
            self.blanks();
            match self.peek() {
                Some(b']') if comma.is_none() => break,
                None => return Err(self.unclosed(open, ']')),
                Some(_) => items.push(self.value(comma)?),
            }
            self.blanks();
            match self.peek() {
                Some(b',') => comma = Some(self.at),
                Some(b']') => break,
                None => return Err(self.unclosed(open, ']')),
                Some(b'}') => {
                    let detail = "An array is closed with a bracket, not with a brace.";
                    return Err(self.fault("Mismatched brackets", detail, self.character(self.at)));
                }
                Some(_) => {
                    let detail = "A comma separates the values of an array.";
                    return Err(self.fault("Missing comma", detail, self.character(self.at)));
                }
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(Kind::Array(items.into()))
    }

    fn trailing_comma(&self, comma: usize) -> Fault {
        let detail = "JSON has no comma behind the last one of several values.";
        self.fault("Trailing comma", detail, self.character(comma))
    }

    fn unclosed(&self, open: usize, close: char) -> Fault {
        let (what, summary) =
            if close == '}' { ("object", "Unclosed object") } else { ("array", "Unclosed array") };
        let detail = format!("The text ends before the `{close}` that closes this {what}.");
        self.fault(summary, detail, self.character(open))
    }

    fn keyword(&mut self) -> Result<Kind> {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let word = &rest[..length];
        self.at += length;
        match word {
            "true" => Ok(Kind::Bool(true)),
            "false" => Ok(Kind::Bool(false)),
            "null" => Ok(Kind::Null),
            _ => {
                let matching = KEYWORDS
                    .iter()
                    .find(|keyword| keyword.as_bytes()[0] == word.as_bytes()[0])
                    .map_or(0, |keyword| {
                        word.bytes().zip(keyword.bytes()).take_while(|(a, b)| a == b).count()
                    });
                self.at = start + matching;
                let hint = suggest::nearest(word, KEYWORDS)
                    .map_or_else(String::new, |near| format!(" Did you mean `{near}`?"));
                let detail = format!("`{word}` is none of true, false and null.{hint}");
                let fault = self.fault("Invalid JSON keyword", detail, self.span(start, start + length));
                self.recover(fault, start + length)?;
                Ok(Kind::Null)
            }
        }
    }

    fn number(&mut self) -> Result<Kind> {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest
            .bytes()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
            .count();
        let number = &rest[..length];
        match after_number(number.as_bytes()) {
            Ok(end) if end == length => {
                self.at += length;
                Ok(Kind::Number(number.into()))
            }
            Ok(end) | Err(end) => {
                self.at += end;
                let detail =
                    format!("`{number}` is not a number as JSON writes them: `0`, `-12.5` or `1.5e+3`.");
                let fault = self.fault("Invalid JSON number", detail, self.span(start, start + length));
                self.recover(fault, start + length)?;
                Ok(Kind::Null)
            }
        }
    }

    /// A string, from its first quote.
    fn string(&mut self) -> Result<Arc<str>> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        let mut plain = self.at;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    value.push_str(&self.text[plain..self.at]);
                    value.push(self.escape(start)?);
                    plain = self.at;
                }
                None => {
                    let detail = "The text ends before the quote that closes this string.";
                    return Err(self.fault("Unclosed string", detail, self.span(start, start + 1)));
                }
                Some(byte) if byte < 0x20 => {
                    let detail = match byte {
                        b'\n' => {
                            "The string does not end on its line: a line break in a string is written `\\n`."
                        }
                        b'\t' => "A tab in a string is written `\\t`.",
                        _ => "A control character in a string is written `\\u00XX`.",
                    };
                    return Err(self.fault("Invalid JSON string", detail, self.span(start, self.at)));
                }
                Some(_) => self.at += 1,
            }
        }
        let last = &self.text[plain..self.at];
        self.at += 1;
        if value.is_empty() {
            return Ok(last.into());
        }
        value.push_str(last);
        Ok(value.into())
    }

    /// An escape, from its backslash. Half of a surrogate pair without the other stands for U+FFFD.
    fn escape(&mut self, string: usize) -> Result<char> {
        let start = self.at;
        self.at += 1;
        let simple = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let unit = self.code_unit(start)?;
                if (0xD800..0xDC00).contains(&unit) && self.text[self.at..].starts_with("\\u") {
                    let second = self.at;
                    self.at += 1;
                    let low = self.code_unit(second)?;
                    if (0xDC00..0xE000).contains(&low) {
                        let point = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                        return Ok(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = second;
                }
                return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            None => {
                let detail = "The text ends before the quote that closes this string.";
                return Err(self.fault("Unclosed string", detail, self.span(string, string + 1)));
            }
            Some(_) => {
                let detail = "Escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX.";
                let escape = self.span(start, start).to(self.character(self.at));
                let fault = self.fault("Invalid escape", detail, escape);
                self.recover(fault, self.at)?;
                return Ok(char::REPLACEMENT_CHARACTER);
            }
        };
        self.at += 1;
        Ok(simple)
    }

    /// The number of `uXXXX`.
    fn code_unit(&mut self, backslash: usize) -> Result<u32> {
        self.at += 1;
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                let detail = "`\\u` is followed by four hexadecimal digits.";
                let escape = self.span(backslash, backslash).to(self.character(self.at));
                let fault = self.fault("Invalid escape", detail, escape);
                self.recover(fault, self.at)?;
                return Ok(char::REPLACEMENT_CHARACTER.into());
            };
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }
}

/// Where a number ends, or where it stops to be one.
fn after_number(text: &[u8]) -> std::result::Result<usize, usize> {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let some_digits = |from: usize| match digits(from) {
        0 => Err(from),
        n => Ok(from + n),
    };
    let mut at = usize::from(text.first() == Some(&b'-'));
    at = if text.get(at) == Some(&b'0') { at + 1 } else { some_digits(at)? };
    if text.get(at) == Some(&b'.') {
        at = some_digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = text.get(at) {
            at += 1;
        }
        at = some_digits(at)?;
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> std::result::Result<Node, (&'static str, u32, u32)> {
        let (node, faults) = read(FileId::default(), text);
        match faults.first() {
            None => Ok(node),
            Some(fault) => Err((fault.summary, fault.subject.start, fault.found.start)),
        }
    }

    #[test]
    fn a_tree_knows_its_places() {
        let text = r#" {"a": [1, "x"], "b": {}} "#;
        let root = node(text).unwrap();
        let place = |span: Span| &text[span.start as usize..span.end as usize];
        assert_eq!(place(root.span), text.trim());
        assert_eq!((place(root.open()), place(root.close())), ("{", "}"));
        let members = root.as_object().unwrap();
        assert_eq!(place(members[0].key_span), "\"a\"");
        assert_eq!(place(members[0].span()), r#""a": [1, "x"]"#);
        assert_eq!(
            members[0].value.as_array().unwrap().iter().map(|n| place(n.span)).collect::<Vec<_>>(),
            ["1", "\"x\""]
        );
        assert_eq!(place(root.get("b").unwrap().span), "{}");
    }

    #[test]
    fn equal_keys_all_stay() {
        let root = node(r#"{"a":1,"a":2}"#).unwrap();
        assert_eq!(root.as_object().unwrap().len(), 2);
        assert_eq!(root.get("a").unwrap().kind, Kind::Number("1".into()));
    }

    #[test]
    fn strings_lose_their_escapes() {
        for (text, value) in [
            (r#""""#, ""),
            (r#""plain é""#, "plain é"),
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#""a\u0041z""#, "aAz"),
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ud83d""#, "\u{FFFD}"),
            (r#""\ud83dx""#, "\u{FFFD}x"),
            (r#""\ud83d\u0041""#, "\u{FFFD}A"),
            (r#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
            (r#""\u0000""#, "\0"),
        ] {
            assert_eq!(node(text).unwrap().kind, Kind::String(value.into()), "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_text() {
        for text in ["0", "-0", "12", "1.50", "1e9", "1E+9", "-0.5e-10", "123456789012345678901234567890"] {
            assert_eq!(node(text).unwrap().kind, Kind::Number(text.into()));
        }
    }

    /// The second number is where a person should look, the third where a machine stumbles (measured: the original
    /// tells the former for `.pkr.json`, the latter for the old form).
    #[test]
    fn faults_are_told_with_their_place() {
        for (text, fault) in [
            ("", ("Missing value", 0, 0)),
            ("\u{feff}{}", ("Invalid start of a value", 0, 0)),
            ("{} {}", ("Extra characters after the JSON value", 3, 3)),
            (r#"{"a":1,}"#, ("Trailing comma", 6, 7)),
            ("[1,\n]", ("Trailing comma", 2, 4)),
            (r#"{"a":1"#, ("Unclosed object", 0, 6)),
            (r#"{"a":1,"#, ("Unclosed object", 0, 7)),
            ("[", ("Unclosed array", 0, 1)),
            ("[1", ("Unclosed array", 0, 2)),
            (r#"{"a":"#, ("Missing value", 5, 5)),
            (r#"{"a" 1}"#, ("Missing colon", 5, 5)),
            (r#"{"a" = 1}"#, ("Missing colon", 5, 5)),
            (r#"{"a":1 "b":2}"#, ("Missing comma", 7, 7)),
            ("[1 2]", ("Missing comma", 3, 3)),
            (r#"{"a":1]"#, ("Mismatched brackets", 6, 6)),
            ("[1}", ("Mismatched brackets", 2, 2)),
            ("{a:1}", ("Invalid member name", 1, 1)),
            ("{'a':1}", ("Invalid member name", 1, 1)),
            ("{// c\n}", ("Invalid member name", 1, 1)),
            ("[nul]", ("Invalid JSON keyword", 1, 4)),
            ("[nullx]", ("Invalid JSON keyword", 1, 5)),
            ("[True]", ("Invalid JSON keyword", 1, 1)),
            ("[01]", ("Invalid JSON number", 1, 2)),
            ("[1.]", ("Invalid JSON number", 1, 3)),
            ("[-]", ("Invalid JSON number", 1, 2)),
            ("[1e]", ("Invalid JSON number", 1, 3)),
            ("[.5]", ("Invalid JSON number", 1, 1)),
            ("[+1]", ("Invalid JSON number", 1, 1)),
            ("[1.2.3]", ("Invalid JSON number", 1, 4)),
            ("[\"a\tb\"]", ("Invalid JSON string", 1, 3)),
            ("[\"a\nb\"]", ("Invalid JSON string", 1, 3)),
            (r#"["a\qb"]"#, ("Invalid escape", 3, 4)),
            (r#"["a\u00g0"]"#, ("Invalid escape", 3, 7)),
            (r#"["abc"#, ("Unclosed string", 1, 5)),
            (r#"["abc\"#, ("Unclosed string", 1, 6)),
        ] {
            assert_eq!(node(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_in_a_value_does_not_hide_the_rest() {
        let faults = |text: &str| -> Vec<u32> {
            read(FileId::default(), text).1.iter().map(|fault| fault.subject.start).collect()
        };
        assert_eq!(faults(r#"[01, nul, "\q\u0\"", 1,]"#), [1, 5, 11, 13, 22]);
        assert_eq!(faults("[1, no 1]"), [4]);
        assert_eq!(faults("a = 1"), [0]);
        assert_eq!(faults(&"[1.,".repeat(30)).len(), MAX_FAULTS);
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(node(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(node(&nested(MAX_DEPTH + 1)).unwrap_err().0, "Nested too deeply");
        assert_eq!(node(&"[".repeat(10_000_000)).unwrap_err().0, "Nested too deeply");
    }
}
