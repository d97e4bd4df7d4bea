//! Conditional access statements: which tokens of a trusted issuer or account count.
//!
//! The language is the one of HCP's workload identity providers.
//! A statement says something about what was proven of the caller, and is true, false, or has no answer:
//!
//! ```text
//! jwt_claims.repository == "example/images" and jwt_claims.ref matches `^refs/heads/(main|release-.+)$`
//! ```
//!
//! | | |
//! |---|---|
//! | selectors | `jwt_claims.sub`, `jwt_claims["https://x/y"]`, `jwt_claims.groups.0`, as a JSON pointer `"/jwt_claims/sub"` |
//! | comparing | `s == v`, `s != v` |
//! | containing | `v in s`, `v not in s`, `s contains v`, `s not contains v`: a part of a text, an element of a list, a key of a map |
//! | being there | `s is empty`, `s is not empty`, `s is nil`, `s is not nil` |
//! | patterns | `s matches v`, `s not matches v`: Go's regular expressions, true if they match anywhere |
//! | connecting | `not`, then `and`, then `or`; parentheses |
//! | every element | `any s as v { … }`, `all s as i, v { … }`; `_` for what is not used; with one name, the element of a list or the key of a map |
//! | values | `"text\n"`, `` `raw text` ``, `12`, `1.5`, bare words |
//!
//! What a value means depends on what it is compared with: `5` and `"5"` are the same.
//! Nothing but `true` and `false` can be compared with a boolean, nothing but a number with a number.
//!
//! **What is not there.** A key that is missing from a map equals, contains and matches nothing, and is empty:
//! `==`, `in`, `contains`, `matches`, `is not empty` and `any` are false, their opposites are true.
//! Everything else that has no answer is an error, and an error refuses access: a step below a missing key,
//! a place outside of a list, and a test that does not fit what is there (of null, only whether it is nil).
//! `and` and `or` look at their right side only if the left one does not decide.
//!
//! **Where it differs from HCP**, measured with go-bexpr 0.1.17: a bad regular expression is refused when the
//! statement is stored; `all` of a missing list is an error, since a condition should not be true of nothing;
//! integers are exact; `is nil` can be asked of everything; a bare word in a value's place that would be a
//! selector or a keyword elsewhere is refused, since it would silently be a text; `any` and `all` cannot give a
//! name twice. Spaces are needed only where words would run together.
//!
//! **Limits.** A statement is read once when it is stored; what can be refused then is.
//! Its length bounds how many terms it has, [`MAX_DEPTH`] how deep they nest, and each evaluation has a budget,
//! so that neither a statement nor a token can make the registry slow.

use std::{collections::BTreeSet, fmt, str::FromStr};

use thiserror::Error;
use waybill_go::regexp::RegexpError;

use self::syntax::{Expression, Selector};

mod evaluate;
mod facts;
mod parse;
mod pattern;
mod scan;
mod syntax;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

pub use self::{
    evaluate::EvaluateError,
    facts::{AwsCaller, Fact, Facts},
    parse::MAX_DEPTH,
};

/// Characters of a statement, as HCP's clients check them.
const MIN: usize = 5;
const MAX: usize = 511;

/// A statement that can be evaluated. Invariant: the text was read without an error.
#[derive(Clone, Debug)]
pub struct Condition {
    text: String,
    expression: Expression,
}

/// What a statement can speak about, which depends on who is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vocabulary {
    /// `jwt_claims` with whatever the token claims.
    Oidc,
    /// `aws` with `arn`, `account_id` and `user_id`.
    Aws,
}

/// Why a text is not a statement.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConditionError {
    #[error("`conditional_access` has {MIN} to {MAX} characters, this one has {0}")]
    Length(usize),
    #[error("`conditional_access`, column {column}: expected {expected}, not {found}; {advice}")]
    Syntax {
        /// Of the first character that does not fit, counted in characters from 1.
        column: usize,
        expected: String,
        /// With its article or in backticks.
        found: String,
        advice: String,
    },
    #[error("`conditional_access`, column {column}: this is no regular expression: {reason}")]
    Pattern { column: usize, reason: RegexpError },
    #[error(
        "`conditional_access`, column {column}: a statement nests up to {MAX_DEPTH} deep; make it flatter"
    )]
    Depth { column: usize },
    #[error("`conditional_access` cannot use `{selector}`: {known}")]
    Unknown { selector: String, known: &'static str },
}

impl Condition {
    /// Returns the names that its selectors begin with, without those that `any` and `all` introduce.
    pub fn roots(&self) -> BTreeSet<&str> {
        self.expression.free_selectors().into_iter().map(Selector::root).collect()
    }

    /// Refuses a statement that speaks about what a caller of that kind never has.
    pub fn check(&self, vocabulary: Vocabulary) -> Result<(), ConditionError> {
        let unknown = |path: &[String]| !vocabulary.has(path);
        match self.expression.free_selectors().into_iter().find(|selector| unknown(&selector.path)) {
            None => Ok(()),
            Some(selector) => Err(ConditionError::Unknown {
                selector: selector.to_string(),
                known: vocabulary.description(),
            }),
        }
    }

    /// Says whether the statement is true of the facts. An error means that access is refused.
    pub fn evaluate(&self, facts: &Facts) -> Result<bool, EvaluateError> {
        evaluate::evaluate(&self.expression, facts)
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = text.chars().count();
        if !(MIN..=MAX).contains(&length) {
            return Err(ConditionError::Length(length));
        }
        Ok(Self { text: text.to_owned(), expression: parse::parse(text)? })
    }
}

/// The text as it was given.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Condition {}

impl Vocabulary {
    fn has(self, path: &[String]) -> bool {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match self {
            Self::Oidc => matches!(path[..], [facts::JWT_CLAIMS, ..]),
            Self::Aws => match path[..] {
                [facts::AWS] => true,
                [facts::AWS, member] => facts::AWS_MEMBERS.contains(&member),
                _ => false,
            },
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Oidc => {
                "the selectors of a provider with `oidc_config` begin with `jwt_claims`, as in `jwt_claims.sub`"
            }
            Self::Aws => {
                "a provider with `aws_config` knows `aws.arn`, `aws.account_id` and `aws.user_id` of its callers"
            }
        }
    }
}
