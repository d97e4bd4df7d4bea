//! Verbs of a format: `%` flags width `.`precision `[`argument`]` letter.

use dashu_int::ops::UnsignedAbs as _;
use waybill_go::printf::Layout;

use super::FunctionError;
use crate::{
    function::character::{count_characters, first_characters},
    value::{Number, Type, Value, convert, json},
};

/// A format, read once.
pub(super) struct Format<'t> {
    pub(super) pieces: Vec<Piece<'t>>,
}

pub(super) enum Piece<'t> {
    Text(&'t str),
    Verb(Verb<'t>),
}

pub(super) struct Verb<'t> {
    /// As it is written, and where.
    pub(super) source: &'t str,
    pub(super) offset: usize,
    /// The argument that it stands for, counted from 0.
    pub(super) argument: usize,
    layout: Layout,
    letter: char,
}

impl<'t> Format<'t> {
    pub(super) fn parse(text: &'t str) -> Result<Self, FunctionError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut next = 0;
        while let Some(at) = rest.find('%') {
            pieces.push(Piece::Text(&rest[..at]));
            let from = &rest[at..];
            if let Some(behind) = from.strip_prefix("%%") {
                pieces.push(Piece::Text("%"));
                rest = behind;
                continue;
            }
            let (verb, behind) = Verb::parse(from, text.len() - from.len(), next)?;
            next = verb.argument + 1;
            pieces.push(Piece::Verb(verb));
            rest = behind;
        }
        pieces.push(Piece::Text(rest));
        Ok(Self { pieces })
    }

    /// How many arguments there must be.
    pub(super) fn used(&self) -> usize {
        let arguments = self.pieces.iter().map(|piece| match piece {
            Piece::Text(_) => 0,
            Piece::Verb(verb) => verb.argument + 1,
        });
        arguments.max().unwrap_or(0)
    }
}

impl<'t> Verb<'t> {
    /// The verb that a text begins with, and what follows it.
    fn parse(text: &'t str, offset: usize, next: usize) -> Result<(Self, &'t str), FunctionError> {
        let wrong =
            |message: &str| FunctionError::new(format!("the verb at byte {offset} of the format {message}"));
        let mut rest = &text[1..];
        let mut layout = Layout::default();
        loop {
            let flag = match rest.as_bytes().first() {
                Some(b'-') => &mut layout.minus,
                Some(b'+') => &mut layout.plus,
                Some(b'#') => &mut layout.sharp,
                Some(b' ') => &mut layout.space,
                Some(b'0') => &mut layout.zero,
                _ => break,
            };
            *flag = true;
            rest = &rest[1..];
        }
        let number = |rest: &mut &'t str| {
            let (digits, behind) =
                rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
            *rest = behind;
            let number = digits.parse().ok().filter(|&number: &usize| number <= Layout::MAX);
            number.or((digits.is_empty()).then_some(0)).ok_or_else(|| wrong("has a number that is too large"))
        };
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            layout.width = Some(number(&mut rest)?);
        }
        if let Some(behind) = rest.strip_prefix('.') {
            rest = behind;
            layout.precision = Some(number(&mut rest)?);
        }
        let mut argument = next;
        if let Some(behind) = rest.strip_prefix('[') {
            rest = behind;
            if !rest.starts_with(|c| matches!(c, '1'..='9')) {
                return Err(wrong("wants the number of an argument, from 1 on, behind `[`"));
            }
            argument = number(&mut rest)? - 1;
            rest = rest.strip_prefix(']').ok_or_else(|| wrong("has no `]` for its `[`"))?;
        }
        match rest.chars().next() {
            Some(letter) if letter.is_ascii_alphabetic() => {
                let behind = &rest[1..];
                let source = &text[..text.len() - behind.len()];
                Ok((Self { source, offset, argument, layout, letter }, behind))
            }
            Some(other) => {
                Err(wrong(&format!("cannot contain {other:?} there; a percent sign is written `%%`")))
            }
            None => Err(wrong("has no letter; a percent sign is written `%%`")),
        }
    }

    /// The text of a value that is wholly known, or why it has none.
    pub(super) fn fill(&self, value: &Value) -> Result<String, String> {
        match self.letter {
            'v' if self.layout.sharp => return Ok(self.padded(&json_text(value)?)),
            'v' => return Ok(self.padded(&plain(value)?)),
            'b' | 'd' | 'e' | 'E' | 'f' | 'g' | 'G' | 'o' | 'q' | 's' | 't' | 'x' | 'X' => {}
            _ => return Err("there is no such verb".to_owned()),
        }
        if value.is_null() {
            return Err("a null can be written with `%v` only".to_owned());
        }
        let converted = |ty| convert(value, &ty).map_err(|error| error.to_string());
        match self.letter {
            's' | 'q' => {
                let value = converted(Type::String)?;
                let text = value.as_str().unwrap_or_default();
                // A precision of zero is none.
                let most = self.layout.precision.filter(|&most| 0 < most);
                let text = most.map_or(text, |most| first_characters(text, most));
                if self.letter == 'q' {
                    return Ok(self.padded(&json_text(&Value::from(text))?));
                }
                Ok(self.padded(text))
            }
            't' => Ok(converted(Type::Bool)?.as_bool().unwrap_or_default().to_string()),
            letter => match converted(Type::Number)? {
                Value::Number(number) => self.number(letter, &number),
                _ => Err("a number is required".to_owned()),
            },
        }
    }

    fn number(&self, letter: char, number: &Number) -> Result<String, String> {
        let radix = match letter {
            'b' => 2,
            'o' => 8,
            'd' => 10,
            'x' | 'X' => 16,
            _ => return Ok(self.layout.big_float(letter, number)),
        };
        let integer = number.to_integer().ok_or("a whole number is required")?;
        let is_negative = integer < dashu_int::IBig::ZERO;
        let digits = integer.unsigned_abs().in_radix(radix).to_string();
        Ok(self.layout.big_integer(letter, is_negative, &digits))
    }

    /// Filled to the width, as people count characters, with blanks or zeros on one side.
    fn padded(&self, text: &str) -> String {
        let missing = self.layout.width.map_or(0, |width| width.saturating_sub(count_characters(text)));
        let fill = if self.layout.zero { "0" } else { " " }.repeat(missing);
        if self.layout.minus { format!("{text}{fill}") } else { format!("{fill}{text}") }
    }
}

/// `%v`: text as it is, numbers as short as they can be, others as JSON.
fn plain(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.to_string()),
        Value::Number(number) => Ok(Layout::default().float('g', number)),
        value => json_text(value),
    }
}

fn json_text(value: &Value) -> Result<String, String> {
    json::encode(value).map_err(|error| error.to_string())
}
