//! `urlencode`: as in the query of a URL.

use std::fmt::Write as _;

use super::{Function, string};
use crate::value::{Type, Value};

pub(super) fn table() -> Vec<Function> {
    vec![Function::new("urlencode", [string("str")], Type::String, |call| {
        Ok(Value::string(encode(call.text(0))))
    })]
}

/// A blank becomes `+`; letters, digits and `-_.~` stay; of everything else the bytes are written as `%XX`.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
