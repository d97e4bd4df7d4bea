//! Who calls, and what they may do.
//!
//! [`token`] signs and checks access tokens, [`secret`] makes and checks client secrets, [`permission`] is the one
//! place where a request is allowed or refused, [`caller`] takes the token from a request.
//! [`federation`] judges tokens of other issuers; [`workload_identity`] says whose tokens stand for which principal.
//! [`principals`] makes and deletes service principals, [`policies`] says who has which role, [`people`] users and [`groups`] groups of them; [`bootstrap`]
//! makes the first. [`signature`] is what the audit trail says of whoever changed something.

pub mod bootstrap;
pub mod caller;
pub mod federation;
pub mod groups;
pub mod people;
pub mod permission;
pub mod policies;
pub mod principals;
pub mod secret;
pub mod signature;
pub mod token;
pub mod workload_identity;

pub use caller::Caller;
pub use permission::{Place, Scope};
pub use signature::Signature;
pub use token::Tokens;
