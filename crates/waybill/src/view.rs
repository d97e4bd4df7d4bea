//! What commands answer with: for people as text, for programs as JSON.
//!
//! The JSON form is a promise that docs/cli.md makes: members are never renamed or removed, new ones may
//! come. Every member is always there; what is unknown or unset is `null`, an empty list or an empty object.
//! Words of enumerations are in lower case without the prefix that they have on the wire (`VERSION_ACTIVE` is
//! `active`).

mod access;
mod bucket;
mod channel;
mod directory;
mod identity_provider;
mod login;
mod policy;
mod project;
mod publication;
mod version;
mod webhook;

use serde::Serialize;

pub(crate) use access::{
    CreatedKey, CreatedPrincipal, Deleted, Keys, Principal, Principals, WhoAmI, distinct_roles, roles_of,
};
pub(crate) use bucket::{Bucket, Buckets};
pub(crate) use channel::{Channel, Channels, History};
pub(crate) use directory::{Group, Groups, Member, Members, PasswordSet, User, Users};
pub(crate) use identity_provider::{IdentityProvider, IdentityProviders};
pub(crate) use login::{LoggedIn, LoggedOut, Session, Sessions};
pub(crate) use policy::{ChangedRole, GivenRole, RoleScope, Roles};
pub(crate) use project::{Project, Projects};
pub(crate) use publication::{Assignment, Publication, PublishedArtifact, PublishedSbom, WaitingFor};
pub(crate) use version::{Version, VersionReference, Versions};
pub(crate) use webhook::{RunTask, Verification, Webhook, Webhooks};

use crate::printer::View;

/// `version` alone.
#[derive(Serialize)]
pub(crate) struct Program {
    pub(crate) version: &'static str,
}

impl View for Program {
    fn text(&self) -> String {
        format!("Waybill v{}\n", self.version)
    }
}

/// A word of the wire without its prefix.
fn word(wire: &str, prefix: &str) -> String {
    wire.strip_prefix(prefix).unwrap_or(wire).to_ascii_lowercase()
}

/// None for an empty text.
fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
