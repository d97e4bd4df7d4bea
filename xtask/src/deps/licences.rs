//! Licences and origins of what we depend on.
//!
//! A licence is an SPDX expression: names joined by `AND` and `OR` (older crates write `/`), in parentheses
//! where needed, an exception after `WITH`.

use std::iter::Peekable;

use super::metadata::Metadata;

/// Licences that an Apache-2.0 program may contain without further duties than naming them.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

const REGISTRY: &str = "registry+";

/// Every crate that is not ours and has no allowed licence or does not come from a registry.
pub(super) fn check(metadata: &Metadata) -> Vec<String> {
    let mut faults = Vec::new();
    for known in metadata.crates() {
        let (name, version) = (&known.name, &known.version);
        match &known.source {
            Some(source) if !source.starts_with(REGISTRY) => {
                faults.push(format!("{name} {version} comes from {source}, not from a registry"));
            }
            _ => {}
        }
        match &known.licence {
            None => faults.push(format!("{name} {version} names no licence")),
            Some(licence) => match allows(licence) {
                Some(true) => {}
                Some(false) => {
                    faults.push(format!("{name} {version} is under {licence}, which is not in the list"));
                }
                None => faults.push(format!("{name} {version} has a licence that cannot be read: {licence}")),
            },
        }
    }
    faults
}

/// Whether an expression can be met with allowed licences; `None` when it is no expression.
fn allows(expression: &str) -> Option<bool> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let met = any(&mut words)?;
    words.next().is_none().then_some(met)
}

fn any<'a>(words: &mut Peekable<impl Iterator<Item = &'a str>>) -> Option<bool> {
    let mut met = all(words)?;
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words)?;
    }
    Some(met)
}

fn all<'a>(words: &mut Peekable<impl Iterator<Item = &'a str>>) -> Option<bool> {
    let mut met = one(words)?;
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words)?;
    }
    Some(met)
}

fn one<'a>(words: &mut Peekable<impl Iterator<Item = &'a str>>) -> Option<bool> {
    let word = words.next()?;
    if word == "(" {
        let met = any(words)?;
        return (words.next()? == ")").then_some(met);
    }
    if matches!(word, ")" | "AND" | "OR" | "WITH") {
        return None;
    }
    if words.next_if_eq(&"WITH").is_some() {
        let licence = format!("{word} WITH {}", words.next()?);
        return Some(ALLOWED.contains(&licence.as_str()));
    }
    Some(ALLOWED.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for (expression, expected) in [
            ("MIT", Some(true)),
            ("GPL-3.0-only", Some(false)),
            ("MIT OR GPL-3.0-only", Some(true)),
            ("MIT AND GPL-3.0-only", Some(false)),
            ("MIT/Apache-2.0", Some(true)),
            ("GPL-2.0 / LGPL-2.1", Some(false)),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", Some(true)),
            ("(MIT OR Apache-2.0) AND MPL-2.0", Some(false)),
            ("GPL-2.0 OR MIT AND BUSL-1.1", Some(false)),
            ("Apache-2.0 WITH LLVM-exception", Some(true)),
            ("GPL-2.0 WITH Classpath-exception-2.0", Some(false)),
            ("", None),
            ("MIT OR", None),
            ("(MIT", None),
            ("MIT Apache-2.0", None),
            ("AND", None),
        ] {
            assert_eq!(allows(expression), expected, "{expression}");
        }
    }

    #[test]
    fn a_crate_has_an_allowed_licence_and_comes_from_a_registry() {
        let index = Some("registry+index");
        let metadata = Metadata::example(&[
            ("a-good", "MIT", index, &[], &[]),
            ("b-ours", "Apache-2.0", None, &[], &[]),
            ("c-none", "", index, &[], &[]),
            ("d-strict", "AGPL-3.0-only", index, &[], &[]),
            ("e-odd", "see LICENSE", index, &[], &[]),
            ("f-git", "MIT", Some("git+https://example.com/f"), &[], &[]),
        ]);
        assert_eq!(
            check(&metadata),
            [
                "c-none 1.0.0 names no licence",
                "d-strict 1.0.0 is under AGPL-3.0-only, which is not in the list",
                "e-odd 1.0.0 has a licence that cannot be read: see LICENSE",
                "f-git 1.0.0 comes from git+https://example.com/f, not from a registry",
            ]
        );
    }
}
