//! Recognising a bill of materials: CycloneDX or SPDX, JSON, whole, and not nested without end.
//!
//! Only the members that say what a document is are kept; everything else is walked over, so that a document of
//! hundreds of megabytes costs no memory of its own.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use thiserror::Error;

/// The formats that the registry keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    CycloneDx,
    Spdx,
}

/// What a document says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub format: Format,
    /// `1.6`, or `2.3` without SPDX's prefix. Empty when a CycloneDX document does not say.
    pub spec_version: String,
}

/// Why bytes are no bill of materials.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DocumentError {
    #[error("the document is not JSON: {0}")]
    Json(String),
    #[error("the document is nested deeper than {0} levels")]
    Depth(usize),
    #[error("the document is neither CycloneDX (`bomFormat`) nor SPDX 2 (`spdxVersion`)")]
    Unknown,
}

impl Format {
    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CycloneDx => "CYCLONEDX",
            Self::Spdx => "SPDX",
        }
    }
}

/// Reads what a document is. `depth` bounds its nesting.
pub fn recognise(document: &[u8], depth: usize) -> Result<Facts, DocumentError> {
    let mut reader = serde_json::Deserializer::from_slice(document);
    // Our own bound stands in for serde_json's fixed one.
    reader.disable_recursion_limit();
    let mut claims = Claims::default();
    let read =
        Level { depth, claims: Some(&mut claims) }.deserialize(&mut reader).and_then(|()| reader.end());
    if let Err(error) = read {
        let text = error.to_string();
        return Err(if text.starts_with(TOO_DEEP) {
            DocumentError::Depth(depth)
        } else {
            DocumentError::Json(text)
        });
    }
    claims.facts().ok_or(DocumentError::Unknown)
}

const TOO_DEEP: &str = "nested too deeply";

#[derive(Default)]
struct Claims {
    bom_format: Option<String>,
    spec_version: Option<String>,
    spdx_version: Option<String>,
}

impl Claims {
    fn facts(self) -> Option<Facts> {
        if let Some(version) = self.spdx_version.as_deref().and_then(|version| version.strip_prefix("SPDX-"))
        {
            return Some(Facts { format: Format::Spdx, spec_version: version.to_owned() });
        }
        let is_cyclonedx = self.bom_format.is_some_and(|format| format.eq_ignore_ascii_case("CycloneDX"));
        is_cyclonedx
            .then(|| Facts { format: Format::CycloneDx, spec_version: self.spec_version.unwrap_or_default() })
    }
}

/// One level of the document: walks over everything, and at the top keeps the members that tell what it is.
struct Level<'c> {
    depth: usize,
    claims: Option<&'c mut Claims>,
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| A::Error::custom(TOO_DEEP))?;
        if self.claims.is_none() {
            while map.next_key::<IgnoredAny>()?.is_some() {
                map.next_value_seed(Level { depth, claims: None })?;
            }
            return Ok(());
        }
        while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            let claim = self.claims.as_deref_mut().and_then(|claims| match key.as_ref() {
                "bomFormat" => Some(&mut claims.bom_format),
                "specVersion" => Some(&mut claims.spec_version),
                "spdxVersion" => Some(&mut claims.spdx_version),
                _ => None,
            });
            match claim {
                Some(claim) => *claim = map.next_value_seed(Word { depth })?,
                None => map.next_value_seed(Level { depth, claims: None })?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| A::Error::custom(TOO_DEEP))?;
        while seq.next_element_seed(Level { depth, claims: None })?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A member that should be a word; anything else is walked over and claims nothing.
struct Word {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Word {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<String>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Word {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word")
    }

    fn visit_str<E>(self, word: &str) -> Result<Self::Value, E> {
        Ok(Some(word.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Level { depth: self.depth, claims: None }.visit_map(map).map(|()| None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Level { depth: self.depth, claims: None }.visit_seq(seq).map(|()| None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(document: &str) -> Result<(Format, String), DocumentError> {
        recognise(document.as_bytes(), 8).map(|facts| (facts.format, facts.spec_version))
    }

    #[test]
    fn documents_say_what_they_are() {
        let cyclonedx = |version: &str| Ok((Format::CycloneDx, version.to_owned()));
        assert_eq!(check(r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#), cyclonedx("1.6"));
        assert_eq!(
            check(r#"{"components":[{"a":[1,-2,3.5,true,null]}],"bomFormat":"cyclonedx"}"#),
            cyclonedx("")
        );
        assert_eq!(
            check(r#"{"spdxVersion":"SPDX-2.3","packages":[]}"#),
            Ok((Format::Spdx, "2.3".to_owned()))
        );
        assert_eq!(check(r#"{"spdxVersion":["SPDX-2.3"]}"#), Err(DocumentError::Unknown));
        assert_eq!(check(r#"{"bomFormat":{"a":1}}"#), Err(DocumentError::Unknown));
        assert_eq!(check(r#"[{"bomFormat":"CycloneDX"}]"#), Err(DocumentError::Unknown));
        assert_eq!(check("7"), Err(DocumentError::Unknown));
    }

    #[test]
    fn what_is_not_whole_json_is_refused_with_its_place() {
        let message = |document: &str| check(document).unwrap_err().to_string();
        assert!(message("").starts_with("the document is not JSON: EOF"));
        assert!(message("<bom/>").contains("line 1 column 1"));
        assert!(message(r#"{"bomFormat":"CycloneDX"} x"#).contains("trailing characters"));
        assert!(message(r#"{"bomFormat":"Cyclone"#).contains("EOF"));
    }

    #[test]
    fn nesting_is_bounded_before_the_stack_is() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(check(&nested(8)), Err(DocumentError::Unknown));
        assert_eq!(check(&nested(9)), Err(DocumentError::Depth(8)));
        assert_eq!(check(&"[".repeat(1_000_000)), Err(DocumentError::Depth(8)));
        let in_a_claim = format!(r#"{{"bomFormat":{}}}"#, nested(8));
        assert_eq!(check(&in_a_claim), Err(DocumentError::Depth(8)));
    }
}
