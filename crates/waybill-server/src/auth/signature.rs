//! What the audit trail says of whoever changed something.
//!
//! A name may be given again after its principal was deleted; the identifier never is. So the trail has both.

use jiff::Timestamp;
use waybill_model::ids::OrganizationId;
use waybill_store::{Audit, Login, Tx};

use crate::api::error::ApiError;

/// An author, and what they had logged in with.
#[derive(Clone, Debug)]
pub struct Signature {
    author: String,
    credential: Option<String>,
}

/// The author of what the registry does by itself.
pub const SELF: &str = "waybill";

/// What the trail calls something that has a name and an identifier: `ci-bot (01J9…)`.
pub fn identified(name: &str, uid: &str) -> String {
    format!("{name} ({uid})")
}

impl Signature {
    /// Of a principal that came with a credential.
    pub fn new(name: &str, uid: &str, credential: &str) -> Self {
        Self { author: identified(name, uid), credential: Some(credential.to_owned()) }
    }

    /// Of a person about their own login: a session is what comes of that.
    pub fn of_login(person: &Login) -> Self {
        Self { author: identified(&person.email, &person.uid), credential: None }
    }

    /// Of the registry itself.
    pub fn of_registry() -> Self {
        Self { author: SELF.to_owned(), credential: None }
    }

    /// Writes a change down that has no event: nothing that a project's subscribers are told.
    pub fn record(
        &self,
        tx: &mut Tx<'_>,
        organization: OrganizationId,
        action: &'static str,
        resource: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let Self { author, credential } = self;
        let (principal, credential) = (author.as_str(), credential.as_deref());
        Ok(tx.record(&Audit { organization, principal, credential, action, resource, detail }, now)?)
    }
}
