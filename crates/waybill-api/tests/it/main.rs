//! The wire types against the interfaces' descriptions in `tests/openapi/` and against what clients send.

mod answers;
mod description;
mod enumerations;
mod operations;
mod policies;
mod registry;
mod requests;
mod samples;
mod surroundings;
mod webhooks;
