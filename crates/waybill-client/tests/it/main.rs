//! The client against a registry that counts and refuses: tokens, repeats, errors, lists.
//!
//! What a real registry makes of the calls is tested with the server.

mod calls;
mod fake;
mod lists;
mod locate;
mod policies;
mod repeats;
mod sessions;
mod tokens;
