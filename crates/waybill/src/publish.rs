//! Publishing what a tool has made: the calls, in their order, and the facts that go along.
//!
//! A version is made of builds. Every invocation publishes one build; the version is complete when all builds
//! that were registered for it are done. The way of one build:
//!
//! 1. everything that can be wrong here is found before the first call ([`plan`]);
//! 2. the bucket is made or updated, the version made or continued, missing builds registered;
//! 3. the build is running: files are hashed, bills of materials uploaded, signs of life sent;
//! 4. the build is done, with artifacts, labels, metadata and parents; or failed; or cancelled, once
//!    ([`session`]).

pub(crate) mod artifact;
pub(crate) mod ci;
pub(crate) mod git;
pub(crate) mod metadata;
pub(crate) mod parent;
pub(crate) mod plan;
pub(crate) mod sbom;
pub(crate) mod session;

pub(crate) use artifact::hex;
