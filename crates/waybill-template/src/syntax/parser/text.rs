//! What is written in a template, without its escapes.

use std::ops::Range;

/// Why an escape means nothing, and where in the raw text it is.
pub(super) struct BadEscape {
    pub(super) range: Range<usize>,
    pub(super) detail: String,
}

/// Text between quotes. A bad escape stands for nothing.
pub(super) fn quoted(raw: &str, mut tell: impl FnMut(BadEscape)) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['\\', '$', '%']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if !rest.starts_with('\\') {
            rest = introducer(rest, &mut text);
            continue;
        }
        let start = raw.len() - rest.len();
        match escape(rest) {
            (Ok(c), length) => {
                text.push(c);
                rest = &rest[length..];
            }
            (Err(detail), length) => {
                tell(BadEscape { range: start..start + length, detail });
                rest = &rest[length..];
            }
        }
    }
    text.push_str(rest);
    text
}

/// Text of a heredoc or of a template file, where a backslash is itself.
pub(super) fn bare(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['$', '%']) {
        text.push_str(&rest[..at]);
        rest = introducer(&rest[at..], &mut text);
    }
    text.push_str(rest);
    text
}

/// `$${` and `%%{` at the start stand for `${` and `%{`; another `$` or `%` for itself.
fn introducer<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let length = if rest.starts_with("$${") || rest.starts_with("%%{") { 3 } else { 1 };
    text.push_str(&rest[length / 3..length]);
    &rest[length..]
}

/// The character that an escape stands for, or why there is none; and how long it is.
fn escape(rest: &str) -> (Result<char, String>, usize) {
    let Some(selector) = rest[1..].chars().next() else {
        // The quotes are not closed, which is told.
        return (Ok('\\'), 1);
    };
    let length = 1 + selector.len_utf8();
    let simple = match selector {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '"' => '"',
        '\\' => '\\',
        'u' => return code_point(rest, 4),
        'U' => return code_point(rest, 8),
        _ => {
            let detail = format!(
                "`\\{selector}` means nothing. There are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, `\\uXXXX` and `\\UXXXXXXXX`; a \
                 backslash itself is written `\\\\`."
            );
            return (Err(detail), length);
        }
    };
    (Ok(simple), length)
}

fn code_point(rest: &str, n_digits: usize) -> (Result<char, String>, usize) {
    let found = rest[2..].bytes().take(n_digits).take_while(u8::is_ascii_hexdigit).count();
    let length = 2 + found;
    if found < n_digits {
        let detail =
            format!("`{}` is followed by {n_digits} hexadecimal digits, here by {found}.", &rest[..2]);
        return (Err(detail), length);
    }
    let code = u32::from_str_radix(&rest[2..length], 16).ok();
    let c = code.and_then(char::from_u32);
    (c.ok_or_else(|| format!("U+{} is not a character.", &rest[2..length])), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_what_they_stand_for() {
        let check = |raw: &str| {
            let mut ranges = Vec::new();
            let text = quoted(raw, |bad| ranges.push((bad.range.start, bad.range.end)));
            (text, ranges)
        };
        let good = [
            (r#"a\n\r\t\"\\b"#, "a\n\r\t\"\\b"),
            (r"\u00e9\U0001F600\u00e91", "é😀é1"),
            ("$${a} %%{b} $$ %% $", "${a} %{b} $$ %% $"),
            ("$$${a}", "$${a}"),
            ("%$${", "%${"),
        ];
        for (raw, text) in good {
            assert_eq!(check(raw), (text.to_owned(), vec![]), "{raw}");
        }
        let bad = [
            (r"a\qb", "ab", vec![(1, 3)]),
            (r"\🙂", "", vec![(0, 5)]),
            (r"\u12x\q", "x", vec![(0, 4), (5, 7)]),
            (r"\u1é", "é", vec![(0, 3)]),
            (r"\ud800", "", vec![(0, 6)]),
            (r"\U00110000", "", vec![(0, 10)]),
            (r"\$${a}", "${a}", vec![(0, 2)]),
        ];
        for (raw, text, ranges) in bad {
            assert_eq!(check(raw), (text.to_owned(), ranges), "{raw}");
        }
        assert_eq!(bare(r"\n$${a}%%{$$"), r"\n${a}%{$$");
    }
}
