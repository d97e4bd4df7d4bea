//! From Go's expressions to those of the `regex` crate.

use std::{iter::Peekable, str::Chars, sync::Arc};

use super::{MAX_REPETITION, RegexpError};

/// An expression in the other language.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) pattern: String,
    pub(super) groups: Groups,
}

/// Groups in order of their parentheses.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    /// They have none in the pattern, since Go allows others.
    pub(super) names: Vec<Option<Arc<str>>>,
    /// Their numbers in the pattern; what is repeated zero times is not in it.
    pub(super) numbers: Vec<Option<usize>>,
}

/// Writes an expression of Go's in the `regex` crate's language.
pub(super) fn translate(source: &str) -> Result<Translated, RegexpError> {
    let mut translator = Translator {
        rest: source.chars().peekable(),
        to: String::with_capacity(source.len() + 16),
        groups: Groups::default(),
        open: Vec::new(),
        most: 1,
        last: None,
    };
    translator.expression()?;
    Ok(Translated { pattern: translator.to, groups: translator.groups })
}

struct Translator<'s> {
    rest: Peekable<Chars<'s>>,
    to: String,
    groups: Groups,
    /// Each open group, with [`Self::most`] of what was before it.
    open: Vec<(Part, u32)>,
    /// How often the most repeated part of the innermost group is repeated.
    most: u32,
    /// What was read last, if it can be repeated.
    last: Option<Part>,
}

/// What a repetition that follows repeats.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// Where it begins in the pattern.
    start: usize,
    /// How many groups there are before it.
    groups: usize,
    /// How often the most repeated part of it is repeated.
    repetitions: u32,
    /// It is a repetition, which cannot be repeated itself.
    is_repeated: bool,
}

enum Escape {
    /// A class, as it can stand in and outside of brackets.
    Set(String),
    Character(char),
}

impl Translator<'_> {
    fn expression(&mut self) -> Result<(), RegexpError> {
        while let Some(c) = self.rest.next() {
            let part = self.part();
            self.last = match c {
                '*' | '+' | '?' => Some(self.repeat(c.to_string())?),
                '{' => match self.repetition()? {
                    Some(repetition) => Some(self.repeat(repetition)?),
                    None => Some(self.literal(c)),
                },
                '(' => self.open_group()?,
                ')' => {
                    let (group, before) = self.open.pop().ok_or(RegexpError::UnopenedGroup)?;
                    self.to.push(c);
                    let repetitions = self.most;
                    self.most = repetitions.max(before);
                    Some(Part { repetitions, ..group })
                }
                '\\' => self.escape()?,
                '[' => {
                    self.class()?;
                    Some(part)
                }
                '}' | ']' => Some(self.literal(c)),
                '|' => {
                    self.to.push(c);
                    None
                }
                _ => {
                    self.to.push(c);
                    Some(part)
                }
            };
        }
        if self.open.is_empty() { Ok(()) } else { Err(RegexpError::UnclosedGroup) }
    }

    /// A part that begins here.
    fn part(&self) -> Part {
        Part { start: self.to.len(), groups: self.groups.names.len(), repetitions: 1, is_repeated: false }
    }

    /// Writes a character as itself.
    fn literal(&mut self, c: char) -> Part {
        let part = self.part();
        self.to.push_str(&literal(c));
        part
    }

    /// Takes the rest of `{3}`, `{3,}` or `{3,5}`, if that is what the brace begins, and counts it.
    fn repetition(&mut self) -> Result<Option<String>, RegexpError> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let inner: String = self.rest.clone().take_while(|&c| c.is_ascii_digit() || c == ',').collect();
        let (least, most) = inner.split_once(',').unwrap_or((&inner, &inner));
        if !is_number(least)
            || !(most.is_empty() || is_number(most))
            || self.rest.clone().nth(inner.len()) != Some('}')
        {
            return Ok(None);
        }
        self.rest.nth(inner.len());
        let most = if most.is_empty() { least } else { most };
        let times = most.parse::<u32>().ok().filter(|&times| times <= MAX_REPETITION);
        let times = times.ok_or(RegexpError::RepeatsTooOften)?;
        let mut part = self.last.ok_or(RegexpError::NothingRepeated)?;
        if times == 0 {
            // Left out, because the `regex` crate would count its groups otherwise.
            self.to.truncate(part.start);
            self.to.push_str("(?:)");
            self.groups.numbers[part.groups..].fill(None);
            part.repetitions = 1;
        }
        part.repetitions *= times.max(1);
        if MAX_REPETITION < part.repetitions {
            return Err(RegexpError::RepeatsTooOften);
        }
        self.most = self.most.max(part.repetitions);
        self.last = Some(part);
        Ok(Some(format!("{{{inner}}}")))
    }

    /// Repeats what was read last.
    fn repeat(&mut self, mut repetition: String) -> Result<Part, RegexpError> {
        if self.rest.next_if_eq(&'?').is_some() {
            repetition.push('?');
        }
        let part = self.last.ok_or(RegexpError::NothingRepeated)?;
        if part.is_repeated {
            return Err(RegexpError::RepeatedRepetition(repetition));
        }
        self.to.push_str(&repetition);
        Ok(Part { is_repeated: true, ..part })
    }

    /// What follows a parenthesis, up to what is in the group.
    fn open_group(&mut self) -> Result<Option<Part>, RegexpError> {
        let group = self.part();
        let mut is_group = true;
        if self.rest.next_if_eq(&'?').is_none() {
            self.begin_group(None);
        } else if self.rest.next_if_eq(&'P').is_some() {
            if self.rest.next_if_eq(&'<').is_none() {
                return Err(RegexpError::Flag("P".to_owned()));
            }
            self.group_name()?;
        } else if self.rest.next_if_eq(&'<').is_some() {
            if let Some('=' | '!') = self.rest.peek() {
                return Err(RegexpError::LookAround);
            }
            self.group_name()?;
        } else {
            is_group = self.flags()?;
        }
        if is_group {
            self.open.push((group, self.most));
            self.most = 1;
        }
        Ok(None)
    }

    fn group_name(&mut self) -> Result<(), RegexpError> {
        let name: String = std::iter::from_fn(|| self.rest.next_if(|&c| c != '>')).collect();
        let is_word = name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
        if self.rest.next().is_none() || !is_word || name.is_empty() {
            return Err(RegexpError::GroupName(name));
        }
        self.begin_group(Some(name.into()));
        Ok(())
    }

    fn begin_group(&mut self, name: Option<Arc<str>>) {
        self.groups.names.push(name);
        self.groups.numbers.push(Some(self.groups.numbers.iter().flatten().count() + 1));
        self.to.push('(');
    }

    /// Flags behind `(?`; true if a group follows, false if they are for what is around them.
    fn flags(&mut self) -> Result<bool, RegexpError> {
        let (mut on, mut off) = (String::new(), String::new());
        let mut is_off = false;
        loop {
            let c = self.rest.next().ok_or(RegexpError::UnclosedGroup)?;
            match c {
                'i' | 'm' | 's' | 'U' => {
                    on.retain(|flag| flag != c);
                    let flags = if is_off { &mut off } else { &mut on };
                    if !flags.contains(c) {
                        flags.push(c);
                    }
                }
                '-' if !is_off => is_off = true,
                ':' | ')' if !is_off || !off.is_empty() => {
                    let off = if is_off { format!("-{off}") } else { off };
                    if c == ':' || !on.is_empty() || !off.is_empty() {
                        self.to.extend(["(?", &on, &off]);
                        self.to.push(c);
                    }
                    return Ok(c == ':');
                }
                '=' | '!' => return Err(RegexpError::LookAround),
                _ => return Err(RegexpError::Flag(c.escape_debug().to_string())),
            }
        }
    }

    /// What follows a backslash outside of a class; what can be repeated of it.
    fn escape(&mut self) -> Result<Option<Part>, RegexpError> {
        let part = self.part();
        let assertion = match self.rest.peek() {
            Some('A') => r"\A",
            Some('z') => r"\z",
            Some('b') => r"(?-u:\b)",
            Some('B') => r"(?-u:\B)",
            Some('Q') => {
                self.rest.next();
                return Ok(self.quoted());
            }
            _ => {
                match self.set_or_character()? {
                    Escape::Set(set) => self.to.push_str(&set),
                    Escape::Character(c) => self.to.push_str(&literal(c)),
                }
                return Ok(Some(part));
            }
        };
        self.rest.next();
        self.to.push_str(assertion);
        Ok(Some(part))
    }

    /// What follows `\Q`, up to `\E`: of it, the last character can be repeated.
    fn quoted(&mut self) -> Option<Part> {
        let mut last = self.last;
        while let Some(c) = self.rest.next() {
            if c == '\\' && self.rest.next_if_eq(&'E').is_some() {
                break;
            }
            last = Some(self.literal(c));
        }
        last
    }

    /// What a backslash means with what follows it, in and outside of a class.
    fn set_or_character(&mut self) -> Result<Escape, RegexpError> {
        let c = self.rest.next().ok_or(RegexpError::TrailingBackslash)?;
        Ok(match c {
            'd' => Escape::Set("[0-9]".into()),
            'D' => Escape::Set("[^0-9]".into()),
            'w' => Escape::Set("[0-9A-Za-z_]".into()),
            'W' => Escape::Set("[^0-9A-Za-z_]".into()),
            's' => Escape::Set("[\\t\\n\\f\\r ]".into()),
            'S' => Escape::Set("[^\\t\\n\\f\\r ]".into()),
            'p' | 'P' => Escape::Set(self.property(c == 'P')?),
            'a' => Escape::Character('\u{7}'),
            'f' => Escape::Character('\u{c}'),
            't' => Escape::Character('\t'),
            'n' => Escape::Character('\n'),
            'r' => Escape::Character('\r'),
            'v' => Escape::Character('\u{b}'),
            'x' => Escape::Character(self.hexadecimal().ok_or(RegexpError::CharacterNumber)?),
            '0'..='7' if c == '0' || self.rest.peek().is_some_and(|next| matches!(next, '0'..='7')) => {
                let more = std::iter::from_fn(|| self.rest.next_if(|next| matches!(next, '0'..='7'))).take(2);
                let code =
                    std::iter::once(c).chain(more).fold(0, |code, c| code * 8 + c.to_digit(8).unwrap_or(0));
                Escape::Character(char::from_u32(code).ok_or(RegexpError::CharacterNumber)?)
            }
            c if c.is_ascii_punctuation() => Escape::Character(c),
            c => return Err(RegexpError::Escape(c.escape_debug().to_string())),
        })
    }

    /// The number of a character behind `\x`.
    fn hexadecimal(&mut self) -> Option<char> {
        let digits: String = if self.rest.next_if_eq(&'{').is_some() {
            let digits = std::iter::from_fn(|| self.rest.next_if(|&c| c != '}')).collect();
            self.rest.next()?;
            digits
        } else {
            let digits: String = self.rest.by_ref().take(2).collect();
            (digits.len() == 2).then_some(digits)?
        };
        let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let code = is_hexadecimal.then(|| u32::from_str_radix(&digits, 16).ok())?;
        code.and_then(char::from_u32)
    }

    /// `L`, `{Greek}` or `{^Greek}` behind `\p` or `\P`.
    fn property(&mut self, mut is_negated: bool) -> Result<String, RegexpError> {
        let written = if is_negated { 'P' } else { 'p' };
        let unknown = |name: &str| RegexpError::UnknownClass(format!("\\{written}{{{name}}}"));
        let name: String = match self.rest.next().ok_or_else(|| unknown(""))? {
            '{' => {
                let name: String = std::iter::from_fn(|| self.rest.next_if(|&c| c != '}')).collect();
                self.rest.next().ok_or_else(|| unknown(&name))?;
                name
            }
            c => c.to_string(),
        };
        let plain = match name.strip_prefix('^') {
            Some(plain) => {
                is_negated = !is_negated;
                plain
            }
            None => &name,
        };
        if plain.is_empty() || !plain.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphabetic()) {
            return Err(unknown(&name));
        }
        Ok(format!("\\{}{{{plain}}}", if is_negated { 'P' } else { 'p' }))
    }

    /// What follows `[`, up to its bracket.
    fn class(&mut self) -> Result<(), RegexpError> {
        self.to.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.to.push('^');
        }
        let mut is_first = true;
        loop {
            let from = match self.rest.next().ok_or(RegexpError::UnclosedClass)? {
                ']' if !is_first => break,
                '[' if self.named_class()? => {
                    is_first = false;
                    continue;
                }
                '\\' => self.set_or_character()?,
                c => Escape::Character(c),
            };
            is_first = false;
            let from = match from {
                Escape::Set(set) => {
                    self.to.push_str(&set);
                    continue;
                }
                Escape::Character(c) => c,
            };
            self.to.push_str(&literal(from));
            let mut ahead = self.rest.clone();
            if ahead.next() != Some('-') || ahead.next() == Some(']') {
                continue;
            }
            self.rest.next();
            let up_to = match self.rest.next().ok_or(RegexpError::UnclosedClass)? {
                '\\' => self.set_or_character()?,
                c => Escape::Character(c),
            };
            let Escape::Character(up_to) = up_to else { return Err(RegexpError::RangeEnd) };
            self.to.push('-');
            self.to.push_str(&literal(up_to));
        }
        self.to.push(']');
        Ok(())
    }

    /// Takes a named class such as `[:alpha:]`, whose first bracket is taken, if there is one.
    fn named_class(&mut self) -> Result<bool, RegexpError> {
        const NAMES: [&str; 14] = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
            "space", "upper", "word", "xdigit",
        ];
        let mut ahead = self.rest.clone();
        if ahead.next() != Some(':') {
            return Ok(false);
        }
        // As far as any `:]` behind it: only without one, the bracket is a bracket.
        let mut name = String::new();
        loop {
            match ahead.next() {
                None => return Ok(false),
                Some(':') if ahead.peek() == Some(&']') => break,
                Some(c) => name.push(c),
            }
        }
        if !NAMES.contains(&name.trim_start_matches('^')) || name.starts_with("^^") {
            return Err(RegexpError::UnknownClass(format!("[:{name}:]")));
        }
        ahead.next();
        self.rest = ahead;
        self.to.extend(["[:", &name, ":]"]);
        Ok(true)
    }
}

/// A character as itself, in and outside of a class.
fn literal(c: char) -> String {
    if c.is_ascii_alphanumeric() { c.to_string() } else { format!("\\x{{{:X}}}", u32::from(c)) }
}

#[cfg(test)]
mod tests {
    use crate::regexp::Regexp;

    #[test]
    fn expressions_mean_what_they_mean_in_go() {
        let matches = |source: &str, text: &str| Regexp::new(source).map(|regexp| regexp.is_match(text));
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
            (r"^(?:a{2,}){500}$", &"a".repeat(1000), "aaa"),
            (r"^(a{0}){1000}$", "", "a"),
            (r"^}]$", "}]", "}"),
            (r"^\Qa.b\E.$", "a.bc", "axbc"),
            (r"^\Q[a", "[a", "a"),
            (r"^\Qa\b\E{2}$", r"a\bb", "ab"),
            (r"^a\.b\/\_\<\>$", "a.b/_<>", "axb/_<>"),
            (r"\bmain\b{2}", "main", "domain"),
            (r"^é\b", "éa", "é"),
            (r"^é\B$", "é", "a"),
            (r"^(?i)MAIN$", "main", "mane"),
            (r"^(?i:É)$", "é", "e"),
            (r"^(?ii-s)A(?)b$", "ab", "ac"),
            (r"(?s)^a.b$", "a\nb", "ab"),
            (r"^a.b$", "a b", "a\nb"),
            (r"(?m)^b$", "a\nb", "ab"),
            (r"^b$", "b", "a\nb"),
            (r"^(?P<x>a)(?<y>b)(?:c)$", "abc", "ab"),
            (r"^(?P<1x>a)$", "a", "b"),
            (r"^\pL\p{Greek}[\P{L}x]$", "éα1", "éαb"),
            (r"^\p{^Greek}\P{^Greek}$", "aα", "αa"),
            (r"^\t\x{e9}\n\z", "\té\n", "té"),
            (r"^\0\101\12$", "\0A\n", "0A"),
            (r"^a??b*?c+?$", "abbc", "b"),
        ] {
            assert_eq!(matches(source, yes), Ok(true), "{source} {yes}");
            assert_eq!(matches(source, no), Ok(false), "{source} {no}");
        }
    }

    #[test]
    fn what_has_another_meaning_or_none_is_refused() {
        let reason = |source: &str| Regexp::new(source).expect_err(source).to_string();
        for (source, expected) in [
            ("(", "unclosed group"),
            ("a)", "unopened group"),
            ("*a", "there is nothing that `*`, `+`, `?` or `{…}` could repeat"),
            ("a|?", "there is nothing that `*`, `+`, `?` or `{…}` could repeat"),
            ("a(?i){2}", "there is nothing that `*`, `+`, `?` or `{…}` could repeat"),
            ("a**", "`*` repeats a repetition"),
            ("a+??", "`?` repeats a repetition"),
            ("a{2}{3}", "`{3}` repeats a repetition"),
            ("a{1001}", "it repeats more than 1000 times"),
            ("a{1,1001}", "it repeats more than 1000 times"),
            ("a{99999999999}", "it repeats more than 1000 times"),
            ("((a{2}|b){20}c){26}", "it repeats more than 1000 times"),
            ("[a", "there is no `]` for the `[`"),
            ("[", "there is no `]` for the `[`"),
            ("[z-a]", "invalid character class range, the start must be <= the end"),
            (r"[a-\d]", "a range in a class ends with a character"),
            ("[[:word:][:foo:]]", "`[:foo:]` is no class of characters"),
            (r"\p{Klingon}", "Unicode property not found"),
            (r"\p{sc=Greek}", "`\\p{sc=Greek}` is no class of characters"),
            (r"\P", "`\\P{}` is no class of characters"),
            (r"a\", "it ends with a backslash"),
            (r"\k", "`\\k` is no escape"),
            (r"\C", "`\\C` is no escape"),
            (r"\E", "`\\E` is no escape"),
            (r"[\b]", "`\\b` is no escape"),
            (r"(a)\1", "`\\1` is no escape"),
            (r"\Z", "`\\Z` is no escape"),
            (r"\xg1", "`\\x` takes the number of a character, as in `\\x7F` or `\\x{10FFFF}`"),
            (r"\x{110000}", "`\\x` takes the number of a character, as in `\\x7F` or `\\x{10FFFF}`"),
            ("(?x)a b", "`x` is no flag of a group, only `i`, `m`, `s` and `U` are"),
            ("(?-u:a)", "`u` is no flag of a group, only `i`, `m`, `s` and `U` are"),
            ("(?P=a)", "`P` is no flag of a group, only `i`, `m`, `s` and `U` are"),
            ("(?i-)a", "`)` is no flag of a group, only `i`, `m`, `s` and `U` are"),
            ("(?!a)", "it looks around, which takes more than linear time"),
            ("(?<=a)b", "it looks around, which takes more than linear time"),
            (
                "(?<a-b>x)",
                "`a-b` is no name of a group: that is letters, digits and `_`, and `>` behind them",
            ),
            ("(?P<>x)", "`` is no name of a group: that is letters, digits and `_`, and `>` behind them"),
        ] {
            assert_eq!(reason(source), expected, "{source}");
        }
        assert!(Regexp::new(&"(".repeat(300)).is_err());
        assert!(Regexp::new(&format!("{}a{}", "(".repeat(300), ")".repeat(300))).is_err());
    }

    #[test]
    fn groups_are_found_by_number_and_by_name() {
        let regexp = Regexp::new("(?P<year>[0-9]+)(-)?(?<end>z)?").expect("an expression");
        let names: Vec<Option<&str>> = regexp.groups().iter().map(Option::as_deref).collect();
        assert_eq!(names, [Some("year"), None, Some("end")]);
        let all: Vec<_> = regexp.captures_all("a2024-z17").collect();
        assert_eq!(
            all,
            [[Some("2024-z"), Some("2024"), Some("-"), Some("z")], [Some("17"), Some("17"), None, None],]
        );
    }
}
