//! The run task of HCP Terraform: what the registry says to a plan.

use std::{fmt, str::FromStr};

/// What is said of an artifact that the registry does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnUntracked {
    /// The plan passes, with a warning.
    #[default]
    Warn,
    /// The plan fails.
    Fail,
}

impl OnUntracked {
    /// Returns the word that the store uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

impl fmt::Display for OnUntracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OnUntracked {
    type Err = ();

    /// Reads the word of the store, and no other.
    fn from_str(s: &str) -> Result<Self, ()> {
        [Self::Warn, Self::Fail].into_iter().find(|behaviour| behaviour.as_str() == s).ok_or(())
    }
}
