//! Update masks: which members of a body are meant.
//!
//! A mask is a comma list. Clients write `versionFingerprint`, descriptions say `version_fingerprint` and
//! `config.activated`; all three forms name the same member.

use std::collections::BTreeSet;

use thiserror::Error;

/// The members that a mask names, in `snake_case`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldMask(BTreeSet<&'static str>);

/// A mask names a member that the operation cannot change.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`update_mask` cannot name `{field}`, it may name {}", known.join(", "))]
pub struct UnknownField {
    field: String,
    known: &'static [&'static str],
}

impl FieldMask {
    /// Reads a mask against the members that may be in it. An empty mask is fine here.
    pub fn parse(mask: &str, known: &'static [&'static str]) -> Result<Self, UnknownField> {
        let fields = mask.split(',').map(str::trim).filter(|field| !field.is_empty());
        fields.map(|field| find(field, known)).collect::<Result<_, _>>().map(Self)
    }

    /// True when the mask names this member, given in `snake_case`.
    pub fn contains(&self, field: &str) -> bool {
        self.0.contains(field)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn find(field: &str, known: &'static [&'static str]) -> Result<&'static str, UnknownField> {
    let snake = snake_case(field.strip_prefix("config.").unwrap_or(field));
    let found = known.iter().copied().find(|&name| name == snake);
    found.ok_or_else(|| UnknownField { field: field.to_owned(), known })
}

fn snake_case(field: &str) -> String {
    let mut snake = String::with_capacity(field.len() + 4);
    for c in field.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        let check = |mask: &str| {
            let parsed = FieldMask::parse(mask, &["version_fingerprint", "activated"]);
            parsed.map(|mask| mask.0.into_iter().collect::<Vec<_>>()).map_err(|e| e.to_string())
        };
        assert_eq!(check(""), Ok(vec![]));
        assert_eq!(check("versionFingerprint"), Ok(vec!["version_fingerprint"]));
        assert_eq!(check("version_fingerprint, activated,"), Ok(vec!["activated", "version_fingerprint"]));
        assert_eq!(check("config.activated,activated"), Ok(vec!["activated"]));
        assert_eq!(
            check("config.hmacKey"),
            Err("`update_mask` cannot name `config.hmacKey`, it may name version_fingerprint, activated"
                .into())
        );
    }
}
