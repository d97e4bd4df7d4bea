//! What is known of a caller, as a statement sees it.

use std::collections::BTreeMap;

/// Where the claims of a token are.
pub(super) const JWT_CLAIMS: &str = "jwt_claims";
/// Where AWS's answer about a caller is, and what is in it.
pub(super) const AWS: &str = "aws";
pub(super) const AWS_MEMBERS: [&str; 3] = ["arn", "account_id", "user_id"];

/// A value of a token's claims: what JSON can say, integers kept exactly.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    Null,
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
}

/// All that is known of one caller, by the name that selectors begin with.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts(BTreeMap<&'static str, Fact>);

/// Who AWS says the caller is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsCaller {
    pub arn: String,
    pub account_id: String,
    pub user_id: String,
}

impl Facts {
    /// The claims of a token whose signature, times, issuer and audience were verified.
    pub fn oidc(claims: BTreeMap<String, Fact>) -> Self {
        Self(BTreeMap::from([(JWT_CLAIMS, Fact::Map(claims))]))
    }

    /// What AWS answered.
    pub fn aws(caller: AwsCaller) -> Self {
        let AwsCaller { arn, account_id, user_id } = caller;
        let members =
            AWS_MEMBERS.map(str::to_owned).into_iter().zip([arn, account_id, user_id].map(Fact::Text));
        Self(BTreeMap::from([(AWS, Fact::Map(members.collect()))]))
    }

    pub(super) fn get(&self, root: &str) -> Option<&Fact> {
        self.0.get(root)
    }
}

impl Fact {
    /// What it is, with its article.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }

    /// What a list of such is.
    pub(super) fn kinds(&self) -> &'static str {
        match self {
            Self::List(_) => "a list of lists",
            Self::Map(_) => "a list of maps",
            _ => "a list",
        }
    }
}
