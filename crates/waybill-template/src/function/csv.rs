//! `csvdecode`: a table with a header as a list of objects.

use std::{collections::BTreeMap, sync::Arc};

use super::{Arguments, Function, FunctionError, MAX_ELEMENTS, string, too_many};
use crate::value::{ObjectType, Type, Value, normalized};

pub(super) fn table() -> Vec<Function> {
    vec![Function::new("csvdecode", [string("str")], Type::Dynamic, decode)]
}

fn decode(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let mut records = Records { rest: call.text(0), line: 0 };
    let Some((_, header)) = records.next_record()? else {
        return Err(FunctionError::new("there is no header line"));
    };
    let names: Vec<Arc<str>> = header.into_iter().map(|name| normalized(name.into())).collect();
    let mut row = ObjectType::default();
    for name in &names {
        if row.attributes.insert(name.clone(), Type::String).is_some() {
            return Err(FunctionError::new(format!("two columns have the name {name:?}")));
        }
    }
    let mut rows = Vec::new();
    while let Some((line, fields)) = records.next_record()? {
        if MAX_ELEMENTS < (rows.len() + 1) * names.len() {
            return Err(too_many());
        }
        if fields.len() != names.len() {
            let message =
                format!("line {line} has {} fields, but the header has {}", fields.len(), names.len());
            return Err(FunctionError::new(message));
        }
        let attributes: BTreeMap<_, _> =
            names.iter().cloned().zip(fields.into_iter().map(Value::string)).collect();
        rows.push(Value::object(attributes));
    }
    Ok(Value::list(Type::Object(row.into()), rows))
}

/// Reads records as Go's `encoding/csv` does: a quote is only allowed at the start of a field and doubled inside of a
/// quoted one, lines without anything are skipped, blanks belong to the fields, `\r\n` is `\n` even inside of quotes.
struct Records<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Records<'a> {
    /// The next line without its end, and that end.
    fn next_line(&mut self) -> Option<(&'a str, &'static str)> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        let (line, end, rest) = match self.rest.split_once('\n') {
            Some((line, rest)) => (line, "\n", rest),
            None => (self.rest, "", ""),
        };
        self.rest = rest;
        Some((line.strip_suffix('\r').unwrap_or(line), end))
    }

    /// The next record that is not an empty line, and the line it starts in.
    fn next_record(&mut self) -> Result<Option<(usize, Vec<String>)>, FunctionError> {
        let (mut line, mut end) = loop {
            match self.next_line() {
                None => return Ok(None),
                Some(("", _)) => {}
                Some(next) => break next,
            }
        };
        let first = self.line;
        let mut fields = Vec::new();
        loop {
            let Some(mut quoted) = line.strip_prefix('"') else {
                let (field, after) = match line.split_once(',') {
                    Some((field, after)) => (field, Some(after)),
                    None => (line, None),
                };
                if field.contains('"') {
                    return Err(self.fault("a quote stands in a field that does not begin with one"));
                }
                fields.push(field.to_owned());
                match after {
                    Some(after) => line = after,
                    None => return Ok(Some((first, fields))),
                }
                continue;
            };
            let mut field = String::new();
            loop {
                let Some((text, after)) = quoted.split_once('"') else {
                    field.push_str(quoted);
                    field.push_str(end);
                    let Some(next) = self.next_line() else {
                        return Err(self.fault("a quoted field does not end"));
                    };
                    (quoted, end) = next;
                    continue;
                };
                field.push_str(text);
                match after.chars().next() {
                    Some('"') => {
                        field.push('"');
                        quoted = &after[1..];
                    }
                    Some(',') => {
                        line = &after[1..];
                        break;
                    }
                    None => {
                        fields.push(field);
                        return Ok(Some((first, fields)));
                    }
                    Some(_) => {
                        return Err(self.fault("behind a quoted field stands neither a comma nor the end"));
                    }
                }
            }
            fields.push(field);
        }
    }

    fn fault(&self, what: &str) -> FunctionError {
        FunctionError::new(format!("line {}: {what}", self.line))
    }
}
