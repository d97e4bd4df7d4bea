//! What travels between Waybill and its clients: bodies, enumerations, errors, and the table of operations.
//!
//! Three interfaces, one module each, all with their exact spelling:
//!
//! | module | interface |
//! |---|---|
//! | [`hcp`] | the registry as Packer and Terraform know it, version 2023-01-01 |
//! | [`hcp21`] | what is left of its predecessor, version 2021-04-30 |
//! | [`platform`] | tokens, organizations, projects and service principals around it |
//! | [`own`] | Waybill's own API under `/api/v1` |
//!
//! Beside them: [`operation`] (every operation's method and path), [`error`] (the one error body),
//! [`time`] (date-times as they are written) and [`secret`] (strings that do not show in `Debug`).
//!
//! The same types serve both directions: the server reads requests and writes answers with them, the client
//! the other way round. They follow a few rules:
//!
//! - **Requests are forgiving.** Every member is an `Option`, `null` is the same as absent, unknown members
//!   are ignored, year 1 is "no time". An unknown word in an enumeration is an error that names the member.
//!   Waybill's own API is strict instead.
//! - **Answers omit what is unset**: a `None`, an empty text or map. What clients read without a look is never
//!   an `Option`, and lists are always there.
//! - **Types have no rules.** Whether a name is allowed or a build may change is decided elsewhere; this crate
//!   does no input or output, knows no clock and depends on no other crate of ours.
//!
//! ```
//! use waybill_api::hcp::{BuildStatus, UpdateBuildBody};
//!
//! let heartbeat = br#"{"status": "BUILD_RUNNING", "packer_run_uuid": "5c63", "artifacts": null}"#;
//! let body: UpdateBuildBody = serde_json::from_slice(heartbeat)?;
//! assert_eq!(body.status, Some(BuildStatus::Running));
//! assert_eq!(body.artifacts, None);
//! # Ok::<(), serde_json::Error>(())
//! ```

mod encoding;
mod wire_enum;

pub mod error;
pub mod hcp;
pub mod hcp21;
pub mod operation;
pub mod own;
pub mod platform;
pub mod secret;
pub mod time;
