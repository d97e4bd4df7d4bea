//! Patterns of names: `*`, `?`, `[a-z]`, `[^a-z]`, `{a,b}`, and `\` before what stands for itself.
//!
//! What is wrong with a pattern only shows where a name leads to it, and not behind a `*`: all as measured.

use std::cell::Cell;

/// The pattern is wrong at the place that the name led to, or no steps are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// True if all of the name matches. Each step of the comparison is taken off `steps`.
pub(super) fn matches(pattern: &str, name: &str, steps: &Cell<usize>) -> Result<bool, Broken> {
    let (mut pattern, mut name) = (pattern, name);
    if pattern.is_empty() || name.is_empty() {
        return Ok(pattern.is_empty() == name.is_empty() || pattern == "*");
    }
    while let (Some(wanted), Some(c)) = (pattern.chars().next(), name.chars().next()) {
        let left = steps.get().checked_sub(1).ok_or(Broken)?;
        steps.set(left);
        let rest = &pattern[wanted.len_utf8()..];
        match wanted {
            '\\' => {
                let escaped = rest.chars().next().ok_or(Broken)?;
                if escaped != c {
                    return Ok(false);
                }
                pattern = &rest[escaped.len_utf8()..];
            }
            '*' if rest.is_empty() => return Ok(true),
            '*' => {
                let mut ends = name.char_indices().map(|(at, _)| &name[at..]);
                let found = ends.any(|name| matches(rest, name, steps).unwrap_or(false));
                return if steps.get() == 0 { Err(Broken) } else { Ok(found) };
            }
            '[' => {
                let end = find(rest, ']').ok_or(Broken)?;
                if !in_class(&rest[..end], c)? {
                    return Ok(false);
                }
                pattern = &rest[end + 1..];
            }
            '{' => {
                let end = find(rest, '}').ok_or(Broken)?;
                let (mut choices, after) = (&rest[..end], &rest[end + 1..]);
                loop {
                    let comma = find(choices, ',');
                    let choice = format!("{}{after}", &choices[..comma.unwrap_or(choices.len())]);
                    if matches(&choice, name, steps)? {
                        return Ok(true);
                    }
                    match comma {
                        Some(comma) => choices = &choices[comma + 1..],
                        None => return Ok(false),
                    }
                }
            }
            '?' => pattern = rest,
            _ if wanted == c => pattern = rest,
            _ => return Ok(false),
        }
        name = &name[c.len_utf8()..];
    }
    Ok(name.is_empty() && matches!(pattern, "" | "*" | "**"))
}

/// Where this character stands without a `\` before it.
pub(super) fn find(text: &str, wanted: char) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, c)| {
        if is_escaped {
            is_escaped = false;
            return None;
        }
        is_escaped = c == '\\';
        (c == wanted).then_some(at)
    })
}

/// True if the character is one of those between the brackets.
fn in_class(class: &str, c: char) -> Result<bool, Broken> {
    let (is_negated, class) = match class.strip_prefix('^') {
        Some(class) => (true, class),
        None => (false, class),
    };
    if class.is_empty() && !is_negated {
        return Err(Broken);
    }
    let mut characters = class.chars().peekable();
    let mut is_in = false;
    while characters.peek().is_some() {
        let low = bound(&mut characters)?;
        let high = if characters.next_if_eq(&'-').is_some() { bound(&mut characters)? } else { low };
        is_in |= (low..=high).contains(&c);
    }
    Ok(is_in != is_negated)
}

/// One end of a range; a `-` must be escaped.
fn bound(characters: &mut impl Iterator<Item = char>) -> Result<char, Broken> {
    match characters.next() {
        Some('\\') => characters.next().ok_or(Broken),
        Some('-') | None => Err(Broken),
        Some(c) => Ok(c),
    }
}
