//! People.

use serde::{Deserialize, Serialize};

use super::Principal;
use crate::{
    encoding::{is_default, null_as_empty},
    time::{DateTime, unset_as_none},
    wire_enum::wire_enum,
};

/// A person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserPrincipal {
    pub id: String,
    pub email: String,
    #[serde(skip_serializing_if = "is_default")]
    pub full_name: String,
    /// What the login provider knows them by.
    #[serde(skip_serializing_if = "is_default")]
    pub subject: String,
    #[serde(skip_serializing_if = "is_default")]
    pub identity_type: UserIdentityType,
    #[serde(deserialize_with = "null_as_empty")]
    pub identity_types: Vec<UserIdentityType>,
    pub scim_synchronized: bool,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub tfc_synchronized_at: Option<DateTime>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPrincipalResponse {
    pub user_principal: UserPrincipal,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListUserPrincipalsForOrganizationByEmailBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListUserPrincipalsForOrganizationByEmailResponse {
    #[serde(deserialize_with = "null_as_empty")]
    pub user_principals: Vec<UserPrincipal>,
}

/// How much is wanted; `principal_ids` comes with it as often as there are principals to look up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchGetPrincipalsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<PrincipalView>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchGetPrincipalsResponse {
    /// Every one that was asked for: clients do without none of them.
    #[serde(deserialize_with = "null_as_empty")]
    pub principals: Vec<Principal>,
}

wire_enum! {
    /// How a user signs in (`iam.UserPrincipal.IdentityType`).
    #[derive(Default)]
    pub enum UserIdentityType in "identity_type" {
        #[default]
        Unset = "UNSET",
        SocialGithub = "SOCIAL_GITHUB",
        EmailPassword = "EMAIL_PASSWORD",
        Samlp = "SAMLP",
        HashicorpSso = "HASHICORP_SSO",
    }
}

wire_enum! {
    #[derive(Default)]
    pub enum PrincipalView in "view" {
        #[default]
        Unspecified = "PRINCIPAL_VIEW_UNSPECIFIED",
        /// Who it is, without what its kind alone has.
        Basic = "PRINCIPAL_VIEW_BASIC",
        Full = "PRINCIPAL_VIEW_FULL",
    }
}
