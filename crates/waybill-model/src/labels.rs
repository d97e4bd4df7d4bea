//! Labels: short texts that people attach to builds and buckets.
//!
//! A set has at most 64 labels; a key has 1 to 128 bytes, a value at most 1024.
//! No key and no value holds the character NUL, which not every database can store in text.

use std::collections::{BTreeMap, btree_map};

use thiserror::Error;

use crate::text::shown;

/// A checked set of labels, ordered by key. Invariant: the limits of the module hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(BTreeMap<String, String>);

/// Why a map is not a set of labels.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LabelsError {
    #[error("there are at most {MAX_LABELS} labels, found {found}")]
    TooMany { found: usize },
    #[error("a label's key has 1 to {MAX_KEY_BYTES} bytes, `{key}` has {found}")]
    Key { key: String, found: usize },
    #[error("a label's value has at most {MAX_VALUE_BYTES} bytes, that of `{key}` has {found}")]
    Value { key: String, found: usize },
    #[error("a label cannot contain the character NUL, `{key}` does")]
    Nul { key: String },
}

// HashiCorp's limits are not known; these are far above what clients send, and keep a row small.
const MAX_LABELS: usize = 64;
const MAX_KEY_BYTES: usize = 128;
const MAX_VALUE_BYTES: usize = 1024;

impl Labels {
    /// Returns the value of a label, if there is one of that key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Goes over key and value, ordered by key.
    pub fn iter(&self) -> btree_map::Iter<'_, String, String> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_inner(self) -> BTreeMap<String, String> {
        self.0
    }
}

impl TryFrom<BTreeMap<String, String>> for Labels {
    type Error = LabelsError;

    fn try_from(labels: BTreeMap<String, String>) -> Result<Self, Self::Error> {
        if MAX_LABELS < labels.len() {
            return Err(LabelsError::TooMany { found: labels.len() });
        }
        for (key, value) in &labels {
            if key.is_empty() || MAX_KEY_BYTES < key.len() {
                return Err(LabelsError::Key { key: shown(key), found: key.len() });
            }
            if MAX_VALUE_BYTES < value.len() {
                return Err(LabelsError::Value { key: shown(key), found: value.len() });
            }
            if key.contains('\0') || value.contains('\0') {
                return Err(LabelsError::Nul { key: shown(key) });
            }
        }
        Ok(Self(labels))
    }
}

impl<'a> IntoIterator for &'a Labels {
    type Item = (&'a String, &'a String);
    type IntoIter = btree_map::Iter<'a, String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::btree_map, prelude::*};

    use super::*;

    fn check(pairs: &[(&str, &str)]) -> Result<usize, String> {
        let map: BTreeMap<_, _> =
            pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        Labels::try_from(map).map(|labels| labels.len()).map_err(|error| error.to_string())
    }

    #[test]
    fn labels_have_limits() {
        let key = "k".repeat(128);
        let value = "v".repeat(1024);
        assert_eq!(check(&[]), Ok(0));
        assert_eq!(check(&[("os", "ubuntu"), ("empty", ""), ("schlüssel", "ß")]), Ok(3));
        assert_eq!(check(&[(&key, &value)]), Ok(1));
        assert_eq!(check(&[("", "x")]), Err("a label's key has 1 to 128 bytes, `` has 0".into()));
        assert_eq!(
            check(&[(&"é".repeat(65), "x")]),
            Err(format!("a label's key has 1 to 128 bytes, `{}…` has 130", "é".repeat(60)))
        );
        assert_eq!(
            check(&[("os", &"v".repeat(1025))]),
            Err("a label's value has at most 1024 bytes, that of `os` has 1025".into())
        );
        assert_eq!(
            check(&[("a\0", "x")]),
            Err("a label cannot contain the character NUL, `a\\0` does".into())
        );
        assert_eq!(check(&[("os", "\0")]), Err("a label cannot contain the character NUL, `os` does".into()));
    }

    #[test]
    fn there_are_at_most_64_labels() {
        let labels =
            |n: usize| -> BTreeMap<_, _> { (0..n).map(|i| (i.to_string(), String::new())).collect() };
        assert_eq!(Labels::try_from(labels(64)).map(|labels| labels.len()), Ok(64));
        assert_eq!(
            Labels::try_from(labels(65)).expect_err("one too many").to_string(),
            "there are at most 64 labels, found 65"
        );
    }

    proptest! {
        #[test]
        fn labels_round_trip(map in btree_map("[a-z]{1,12}", "[^\\x00]{0,32}", 0..=64)) {
            let labels = Labels::try_from(map.clone())?;
            prop_assert_eq!(labels.is_empty(), map.is_empty());
            for (key, value) in &labels {
                prop_assert_eq!(labels.get(key), Some(value.as_str()));
            }
            prop_assert_eq!(labels.get("not-a-key"), None);
            prop_assert_eq!(labels.into_inner(), map);
        }
    }
}
