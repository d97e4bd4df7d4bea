//! Text made safe for HTML, for a JavaScript string and for the query of a URL.

use std::fmt::Write as _;

use super::print::Output;
use crate::quote::is_print;

pub(super) fn html(text: &str, out: &mut Output) {
    for_each(text, out, |c| match c {
        '\0' => Some("\u{fffd}".to_owned()),
        '"' => Some("&#34;".to_owned()),
        '\'' => Some("&#39;".to_owned()),
        '&' => Some("&amp;".to_owned()),
        '<' => Some("&lt;".to_owned()),
        '>' => Some("&gt;".to_owned()),
        _ => None,
    });
}

pub(super) fn js(text: &str, out: &mut Output) {
    for_each(text, out, |c| match c {
        '\\' => Some("\\\\".to_owned()),
        '\'' => Some("\\'".to_owned()),
        '"' => Some("\\\"".to_owned()),
        '<' | '>' | '&' | '=' => Some(format!("\\u{:04X}", u32::from(c))),
        c if c < ' ' => Some(format!("\\u{:04X}", u32::from(c))),
        c if !c.is_ascii() && !is_print(c) => Some(format!("\\u{:04X}", u32::from(c))),
        _ => None,
    });
}

pub(super) fn query(text: &str, out: &mut Output) {
    for_each(text, out, |c| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '~' => None,
        ' ' => Some("+".to_owned()),
        c => Some(c.encode_utf8(&mut [0; 4]).bytes().fold(String::new(), |mut escaped, byte| {
            let _ = write!(escaped, "%{byte:02X}");
            escaped
        })),
    });
}

/// Copies the text, with some characters replaced.
fn for_each(text: &str, out: &mut Output, replacement: impl Fn(char) -> Option<String>) {
    let mut copied = 0;
    for (at, c) in text.char_indices() {
        if let Some(replacement) = replacement(c) {
            out.push(&text[copied..at]);
            out.push(&replacement);
            copied = at + c.len_utf8();
        }
    }
    out.push(&text[copied..]);
}
