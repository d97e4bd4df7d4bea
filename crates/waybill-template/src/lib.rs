//! The template language: Packer's HCL2 and JSON, understood.
//!
//! From text to [`syntax`], from there with a [`scope`] to a [`value`]; what a template asks of the outside it asks
//! its [`world`]. The crate is pure: no file, clock, chance or environment but through that trait, and it prints
//! nothing. What is wrong becomes [`diagnostic`]s beside what could be understood.

pub mod component;
pub mod config;
pub mod diagnostic;
pub mod eval;
pub mod format;
pub mod function;
pub mod json;
pub mod legacy;
pub mod redact;
pub mod scope;
pub mod source;
pub mod spec;
pub mod suggest;
pub mod syntax;
pub mod value;
pub mod version;
pub mod world;

/// The version of Packer whose templates are understood: what `required_version` is compared with, and what templates
/// see as `packer.version`.
pub const PACKER_VERSION: &str = "1.16.0";

/// [`PACKER_VERSION`], to compare with.
pub fn core_version() -> version::Version {
    PACKER_VERSION.parse().expect("a constant")
}
