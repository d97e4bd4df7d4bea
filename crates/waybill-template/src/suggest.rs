//! The name that was probably meant.

use std::str::Chars;

/// The candidate that is nearest to the word, if it is a slip of the fingers away: at most two letters inserted,
/// removed or replaced, HCL's limit. Of equally near ones the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    let mut limit = 2;
    for candidate in candidates {
        while within(limit, word.chars(), candidate.chars()) {
            best = Some(candidate);
            let Some(nearer) = limit.checked_sub(1) else { return best };
            limit = nearer;
        }
    }
    best
}

/// Whether one becomes the other in so many steps. Each step doubles and a bit the work, hence only for few.
fn within(steps: usize, mut one: Chars<'_>, mut other: Chars<'_>) -> bool {
    loop {
        let (rest, other_rest) = (one.clone(), other.clone());
        match (one.next(), other.next()) {
            (None, None) => return true,
            (None, Some(_)) => return other_rest.take(steps + 1).count() <= steps,
            (Some(_), None) => return rest.take(steps + 1).count() <= steps,
            (Some(a), Some(b)) if a == b => {}
            _ if steps == 0 => return false,
            _ => {
                return within(steps - 1, one.clone(), other.clone())
                    || within(steps - 1, one, other_rest)
                    || within(steps - 1, rest, other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_slips_are_forgiven() {
        for (word, candidate, near) in [
            ("defualt", "default", true),
            ("deflt", "default", true),
            ("dflt", "default", false),
            ("default", "default", true),
            ("ty", "type", true),
            ("t", "type", false),
            ("", "ab", true),
            ("", "abc", false),
            ("abc", "", false),
            ("xscript", "script", true),
            ("crsipt", "script", true),
            ("größe", "grösse", true),
            ("typ", "ytp", true),
        ] {
            assert_eq!(nearest(word, [candidate]).is_some(), near, "{word} {candidate}");
            assert_eq!(nearest(candidate, [word]).is_some(), near, "{candidate} {word}");
        }
    }

    #[test]
    fn the_nearest_candidate_wins_then_the_first() {
        assert_eq!(nearest("porst", ["host", "port"]), Some("port"));
        assert_eq!(nearest("rort", ["port", "sort"]), Some("port"));
        assert_eq!(nearest("port", ["sort", "port", "fort"]), Some("port"));
        assert_eq!(nearest("porst", ["user"]), None);
    }

    #[test]
    fn long_words_cost_little() {
        let long = "a".repeat(100_000);
        assert_eq!(nearest(&long, [&*format!("{long}bcd")]), None);
    }
}
