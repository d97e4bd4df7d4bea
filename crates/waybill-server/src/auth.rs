//! Who calls, and what they may do.
//!
//! [`token`] signs and checks access tokens, [`secret`] makes and checks client secrets, [`permission`] is the one
//! place where a request is allowed or refused, [`caller`] takes the token from a request.
//! [`principals`] makes and deletes service principals, [`bootstrap`] the first of them.

pub mod bootstrap;
pub mod caller;
pub mod permission;
pub mod principals;
pub mod secret;
pub mod token;

pub use caller::Caller;
pub use permission::{Place, Scope};
pub use token::Tokens;
