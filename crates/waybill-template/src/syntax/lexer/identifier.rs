//! What a name is made of: Unicode's `ID_Start` and `ID_Continue`, with `_` at the start and `-` behind it.

/// True if the whole text is a name.
pub fn is_identifier(text: &str) -> bool {
    text.starts_with(is_identifier_start) && text.chars().all(is_identifier_part)
}

pub fn is_identifier_start(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '_' => true,
        _ if c.is_ascii() => false,
        _ => {
            unicode_ident::is_xid_start(c)
                || is_compatible(c)
                || matches!(c, '\u{e33}' | '\u{eb3}' | '\u{ff9e}' | '\u{ff9f}')
        }
    }
}

pub fn is_identifier_part(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => true,
        _ if c.is_ascii() => false,
        // Part of a name only for newer tables than the language's.
        '\u{200c}' | '\u{200d}' | '\u{30fb}' | '\u{ff65}' => false,
        _ => unicode_ident::is_xid_continue(c) || is_compatible(c),
    }
}

/// The letters that `XID_Start` and `XID_Continue` leave out of `ID_Start` and `ID_Continue`, because normalisation
/// (NFKC, which nobody does here) turns them into something else.
fn is_compatible(c: char) -> bool {
    matches!(
        c,
        '\u{37a}' | '\u{309b}' | '\u{309c}' | '\u{fc5e}'
            ..='\u{fc63}'
                | '\u{fdfa}'
                | '\u{fdfb}'
                | '\u{fe70}'
                | '\u{fe72}'
                | '\u{fe74}'
                | '\u{fe76}'
                | '\u{fe78}'
                | '\u{fe7a}'
                | '\u{fe7c}'
                | '\u{fe7e}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_language() {
        for name in ["a", "_", "a-1", "ünï", "ª", "゛", "ﾞ", "ำ", "e\u{301}"] {
            assert!(is_identifier(name), "{name}");
        }
        for other in ["", "-a", "1a", "a b", "a.b", "🙂", "\u{301}e", "a\u{200d}", "a・"] {
            assert!(!is_identifier(other), "{other}");
        }
    }
}
