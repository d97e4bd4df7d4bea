//! Regular expressions as statements have them: Go's, run by the `regex` crate.
//!
//! Both take linear time and read nearly the same language. Where they differ, the expression means here what it
//! means in Go, or is refused when the statement is stored:
//!
//! * `\d`, `\w`, `\s` and `\b` know ASCII only;
//! * in a class there are no operations (`&&`, `--`) and no classes but named ones;
//! * a brace that is no repetition is a brace.
//!
//! What Go calls an error may be read here. A match can be anywhere in the text, unless `^` and `$` hold it.

use std::{iter::Peekable, str::Chars};

use regex::{Regex, RegexBuilder};

/// An expression and what was made of it. Two are equal if they were written the same.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    source: String,
    regex: Regex,
}

/// Limit of a compiled expression, in bytes. A realistic one needs a tenth; `\pL` or `.{1,64}` needs half.
const COMPILED: usize = 128 * 1024;
/// Limit of what matching remembers, in bytes; beyond it, it is slower but not wrong.
const CACHE: usize = 256 * 1024;
/// How deep groups nest.
const NESTING: u32 = 32;

impl Pattern {
    /// Compiles an expression, or says why it cannot be.
    pub(super) fn new(source: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(&translate(source)?)
            .size_limit(COMPILED)
            .dfa_size_limit(CACHE)
            .nest_limit(NESTING)
            .build()
            .map_err(|error| reason(&error))?;
        Ok(Self { source: source.to_owned(), regex })
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    #[cfg(test)]
    pub(super) fn source(&self) -> &str {
        &self.source
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Pattern {}

/// One line of what the compiler says.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "it is too large when compiled; repeat less in it".to_owned(),
        regex::Error::Syntax(text) => text
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("error: "))
            .unwrap_or("syntax error")
            .to_owned(),
        _ => "it cannot be compiled".to_owned(),
    }
}

/// Writes an expression of Go's in the `regex` crate's language.
fn translate(source: &str) -> Result<String, String> {
    let mut rest = source.chars().peekable();
    let mut to = String::new();
    while let Some(c) = rest.next() {
        match c {
            '\\' => escape(&mut rest, &mut to)?,
            '[' => class(&mut rest, &mut to)?,
            '(' if rest.peek() == Some(&'?') => group(&mut rest, &mut to)?,
            '{' if is_repetition(&rest) => copy_through(&mut rest, '}', "{", &mut to),
            '{' | '}' | ']' => to.push_str(&literal(c)),
            _ => to.push(c),
        }
    }
    Ok(to)
}

/// What follows a backslash outside of a class.
fn escape(rest: &mut Peekable<Chars<'_>>, to: &mut String) -> Result<(), String> {
    match rest.next() {
        Some('A') => to.push_str(r"\A"),
        Some('z') => to.push_str(r"\z"),
        Some('b') => to.push_str(r"(?-u:\b)"),
        Some('B') => to.push_str(r"(?-u:\B)"),
        Some('Q') => {
            while let Some(c) = rest.next() {
                if c == '\\' && rest.next_if_eq(&'E').is_some() {
                    break;
                }
                to.push_str(&literal(c));
            }
        }
        c => match set_or_character(c, rest)? {
            Escape::Set(set) => to.push_str(&set),
            Escape::Character(c) => to.push_str(&literal(c)),
        },
    }
    Ok(())
}

enum Escape {
    /// A class, as it can stand in and outside of brackets.
    Set(String),
    Character(char),
}

/// What a backslash and `c` mean, in and outside of a class.
fn set_or_character(c: Option<char>, rest: &mut Peekable<Chars<'_>>) -> Result<Escape, String> {
    let Some(c) = c else { return Err("it ends with a backslash".to_owned()) };
    Ok(match c {
        'd' => Escape::Set("[0-9]".into()),
        'D' => Escape::Set("[^0-9]".into()),
        'w' => Escape::Set("[0-9A-Za-z_]".into()),
        'W' => Escape::Set("[^0-9A-Za-z_]".into()),
        's' => Escape::Set("[\\t\\n\\f\\r ]".into()),
        'S' => Escape::Set("[^\\t\\n\\f\\r ]".into()),
        'p' | 'P' => {
            let mut set = format!("\\{c}");
            match rest.next() {
                Some('{') => copy_through(rest, '}', "{", &mut set),
                Some(name) => set.push(name),
                None => {}
            }
            Escape::Set(set)
        }
        'a' => Escape::Character('\u{7}'),
        'f' => Escape::Character('\u{c}'),
        't' => Escape::Character('\t'),
        'n' => Escape::Character('\n'),
        'r' => Escape::Character('\r'),
        'v' => Escape::Character('\u{b}'),
        'x' => {
            let mut digits = String::new();
            if rest.next_if_eq(&'{').is_some() {
                copy_through(rest, '}', "", &mut digits);
                digits.pop();
            } else {
                digits.extend(rest.by_ref().take(2));
            }
            let is_hex = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let code = is_hex.then(|| u32::from_str_radix(&digits, 16).ok()).flatten();
            let character = code.and_then(char::from_u32);
            Escape::Character(
                character.ok_or("`\\x` takes the number of a character, as in `\\x7F` or `\\x{10FFFF}`")?,
            )
        }
        c if c.is_ascii_punctuation() => Escape::Character(c),
        c => return Err(format!("`\\{}` is no escape", c.escape_debug())),
    })
}

/// What follows `[`, up to its bracket.
fn class(rest: &mut Peekable<Chars<'_>>, to: &mut String) -> Result<(), String> {
    const OPEN: &str = "there is no `]` for the `[`";
    to.push('[');
    if rest.next_if_eq(&'^').is_some() {
        to.push('^');
    }
    let mut is_first = true;
    loop {
        let from = match rest.next().ok_or(OPEN)? {
            ']' if !is_first => break,
            '[' if rest.peek() == Some(&':') && is_named(rest.clone()) => {
                rest.next();
                copy_through(rest, ']', "[:", to);
                is_first = false;
                continue;
            }
            '\\' => {
                let c = rest.next();
                set_or_character(c, rest)?
            }
            c => Escape::Character(c),
        };
        is_first = false;
        let from = match from {
            Escape::Set(set) => {
                to.push_str(&set);
                continue;
            }
            Escape::Character(c) => c,
        };
        to.push_str(&literal(from));
        let mut ahead = rest.clone();
        if ahead.next() != Some('-') || ahead.next() == Some(']') {
            continue;
        }
        rest.next();
        let up_to = match rest.next().ok_or(OPEN)? {
            '\\' => {
                let c = rest.next();
                set_or_character(c, rest)?
            }
            c => Escape::Character(c),
        };
        let Escape::Character(up_to) = up_to else {
            return Err("a range in a class ends with a character".to_owned());
        };
        to.push('-');
        to.push_str(&literal(up_to));
    }
    to.push(']');
    Ok(())
}

/// True if a named class such as `[:alpha:]` goes on there, after its bracket.
fn is_named(rest: Peekable<Chars<'_>>) -> bool {
    let name: String = rest.skip(1).take_while(|&c| c != ']').collect();
    name.strip_suffix(':').is_some_and(|name| name.chars().all(|c| c == '^' || c.is_ascii_lowercase()))
}

/// What follows a parenthesis that a question mark follows.
fn group(rest: &mut Peekable<Chars<'_>>, to: &mut String) -> Result<(), String> {
    rest.next();
    to.push_str("(?");
    while let Some(&c) = rest.peek() {
        match c {
            'i' | 'm' | 's' | 'U' | '-' => to.push(c),
            ':' | ')' => return Ok(()),
            'P' | '<' if to.ends_with("(?") => return Ok(()),
            '=' | '!' => return Err("it looks around, which takes more than linear time".to_owned()),
            _ => {
                return Err(format!(
                    "`{}` is no flag of a group, only `i`, `m`, `s` and `U` are",
                    c.escape_debug()
                ));
            }
        }
        rest.next();
    }
    Ok(())
}

/// True if what follows a brace makes it a repetition: `3}`, `3,}`, `3,5}`.
fn is_repetition(rest: &Peekable<Chars<'_>>) -> bool {
    let inner: String = rest.clone().take_while(|&c| c != '}').collect();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    rest.clone().any(|c| c == '}')
        && match inner.split_once(',') {
            None => is_number(&inner),
            Some((least, most)) => is_number(least) && (most.is_empty() || is_number(most)),
        }
}

/// Copies what was opened, up to and with what closes it.
fn copy_through(rest: &mut Peekable<Chars<'_>>, close: char, opened: &str, to: &mut String) {
    to.push_str(opened);
    for c in rest.by_ref() {
        to.push(c);
        if c == close {
            break;
        }
    }
}

/// A character as itself, in and outside of a class.
fn literal(c: char) -> String {
    if c.is_ascii_alphanumeric() { c.to_string() } else { format!("\\x{{{:X}}}", u32::from(c)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_mean_what_they_mean_in_go() {
        let matches = |source: &str, text: &str| Pattern::new(source).map(|pattern| pattern.is_match(text));
        for (source, yes, no) in [
            ("^repo:[^/]+/x$", "repo:é/x", "repo:a/b/x"),
            (r"^\d+$", "12", "١٢"),
            (r"^\w+$", "a_1", "é"),
            (r"^[\w-]+$", "a-1", "a.1"),
            (r"^[^\d\s]+$", "é!", "1"),
            (r"^\S\D\W$", "ab!", "a1!"),
            (r"^[[:alpha:]_]+$", "a_B", "a1"),
            (r"^[[:^alpha:]]$", "1", "a"),
            (r"^[[a]$", "[", "]"),
            (r"^[[:a]$", ":", "x"),
            (r"^[]a]+$", "]a", "[a"),
            (r"^[^]a]+$", "[b", "]"),
            (r"^[a&&b]+$", "a&b", "c"),
            (r"^[a~~b]+$", "a~b", "c"),
            (r"^[+--]+$", "+,-", "."),
            (r"^[a-]+$", "a-", "b"),
            (r"^[a-z-9]+$", "b-9", "8"),
            (r"^[\x41-\x{43}]$", "B", "D"),
            (r"^[\]\-\\]+$", r"]-\", "a"),
            (r"^a{2}b{,3}$", "aab{,3}", "aab"),
            (r"^a{1,}{x}$", "aa{x}", "a"),
            (r"^a{1,2}$", "aa", "aaa"),
            (r"^}]$", "}]", "}"),
            (r"^\Qa.b\E.$", "a.bc", "axbc"),
            (r"^\Q[a", "[a", "a"),
            (r"^a\.b\/\_\<\>$", "a.b/_<>", "axb/_<>"),
            (r"\bmain\b{2}", "main", "domain"),
            (r"^é\b", "éa", "é"),
            (r"^é\B$", "é", "a"),
            (r"^(?i)MAIN$", "main", "mane"),
            (r"^(?i:É)$", "é", "e"),
            (r"(?s)^a.b$", "a\nb", "ab"),
            (r"^a.b$", "a b", "a\nb"),
            (r"(?m)^b$", "a\nb", "ab"),
            (r"^b$", "b", "a\nb"),
            (r"^(?P<x>a)(?<y>b)(?:c)$", "abc", "ab"),
            (r"^\pL\p{Greek}[\P{L}x]$", "éα1", "éαb"),
            (r"^\t\x{e9}\n\z", "\té\n", "té"),
        ] {
            assert_eq!(matches(source, yes), Ok(true), "{source} {yes}");
            assert_eq!(matches(source, no), Ok(false), "{source} {no}");
        }
    }

    #[test]
    fn what_has_another_meaning_or_none_is_refused() {
        let reason = |source: &str| Pattern::new(source).expect_err(source);
        for (source, expected) in [
            ("(", "unclosed group"),
            ("a)", "unopened group"),
            ("*a", "repetition operator missing expression"),
            ("[a", "there is no `]` for the `[`"),
            ("[", "there is no `]` for the `[`"),
            ("[z-a]", "invalid character class range, the start must be <= the end"),
            (r"[a-\d]", "a range in a class ends with a character"),
            (r"a\", "it ends with a backslash"),
            (r"\k", "`\\k` is no escape"),
            (r"(a)\1", "`\\1` is no escape"),
            (r"\Z", "`\\Z` is no escape"),
            (r"\xg1", "`\\x` takes the number of a character, as in `\\x7F` or `\\x{10FFFF}`"),
            (r"\x{110000}", "`\\x` takes the number of a character, as in `\\x7F` or `\\x{10FFFF}`"),
            ("(?x)a b", "`x` is no flag of a group, only `i`, `m`, `s` and `U` are"),
            ("(?-u:a)", "`u` is no flag of a group, only `i`, `m`, `s` and `U` are"),
            ("(?!a)", "it looks around, which takes more than linear time"),
            ("(?<=a)b", "look-around, including look-ahead and look-behind, is not supported"),
            ("(a{100}){100}", "it is too large when compiled; repeat less in it"),
        ] {
            assert_eq!(reason(source), expected, "{source}");
        }
        assert!(Pattern::new(&"(".repeat(200)).is_err());
    }
}
