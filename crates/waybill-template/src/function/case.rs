//! Upper, lower and title case, one character for one: `ß` stays what it is.

/// The letters in lower case.
pub(crate) fn lower(text: &str) -> String {
    text.chars().map(to_lower).collect()
}

/// The letters in upper case.
pub(crate) fn upper(text: &str) -> String {
    text.chars().map(to_upper).collect()
}

/// The first letter of each word in title case, the others as they are. Outside of ASCII only blanks end a word.
pub(super) fn title(text: &str) -> String {
    let mut before = ' ';
    text.chars()
        .map(|c| if is_separator(std::mem::replace(&mut before, c)) { to_title(c) } else { c })
        .collect()
}

fn is_separator(c: char) -> bool {
    if c.is_ascii() { !c.is_ascii_alphanumeric() && c != '_' } else { c.is_whitespace() }
}

fn to_lower(c: char) -> char {
    match c {
        'İ' => 'i',
        c => single(c.to_lowercase(), c),
    }
}

fn to_upper(c: char) -> char {
    // Greek letters with an iota below, whose full upper case is two letters.
    let code = u32::from(c);
    match code {
        0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7 => char::from_u32(code + 8).unwrap_or(c),
        0x1fb3 | 0x1fc3 | 0x1ff3 => char::from_u32(code + 9).unwrap_or(c),
        _ => single(c.to_uppercase(), c),
    }
}

fn to_title(c: char) -> char {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        // Georgian has capitals, but not for the start of words.
        'ა'..='ჺ' | 'ჽ'..='ჿ' => c,
        c => to_upper(c),
    }
}

/// The character, if it is one.
fn single(mut mapped: impl Iterator<Item = char>, otherwise: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(c), None) => c,
        _ => otherwise,
    }
}
