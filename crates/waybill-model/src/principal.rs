//! Principals: who can act, and be given a role.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::text::shown;

/// What a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// A machine's identity.
    Service,
    /// A person.
    User,
    /// Several people, who have what roles the group has.
    Group,
}

/// Why a text is not a kind of principal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a principal is a `service`, a `user` or a `group`; found `{found}`")]
pub struct PrincipalKindError {
    /// The text, cut to a length that a message can carry.
    pub found: String,
}

impl PrincipalKind {
    pub const ALL: [Self; 3] = [Self::Service, Self::User, Self::Group];

    /// Returns the word that the store and Waybill's own API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::User => "user",
            Self::Group => "group",
        }
    }

    /// Returns what messages call it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Service => "service principal",
            Self::User => "user",
            Self::Group => "group",
        }
    }
}

impl fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PrincipalKind {
    type Err = PrincipalKindError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == s)
            .ok_or_else(|| PrincipalKindError { found: shown(s) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_a_word() {
        for kind in PrincipalKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert_eq!(
            "robot".parse::<PrincipalKind>().map_err(|error| error.to_string()),
            Err("a principal is a `service`, a `user` or a `group`; found `robot`".to_owned())
        );
    }
}
