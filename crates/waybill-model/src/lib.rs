//! The registry's rules as plain data and pure functions.
//!
//! This crate knows what a name may look like, when a version is complete, which channel may point where,
//! what a revocation does to descendants and who may do what.
//! It knows no database, no wire format, no clock and no randomness: whoever calls passes the facts and
//! `now`, and gets a decision or an error whose message can be shown to the user as it is.
//! It uses no other crate of Waybill; the store and the server use it.
//!
//! ```
//! use jiff::Timestamp;
//! use waybill_model::{
//!     build::BuildStatus::{Done, Failed},
//!     names::{BucketName, NameError},
//!     role::{Permission, Role, Roles, Scope, allows},
//!     version::{Tally, completes},
//! };
//!
//! // A checked name: what does not follow the rules cannot exist.
//! let bucket: BucketName = "ubuntu-22".parse()?;
//! assert_eq!(bucket.as_str(), "ubuntu-22");
//!
//! // A version is complete when all its builds are done, and there is at least one.
//! assert!(completes(&Tally::from_statuses([Done, Done])));
//! assert!(!completes(&Tally::from_statuses([Done, Failed])));
//!
//! // Rights add up over organization, project and bucket.
//! let roles = Roles::default().with(Scope::Project, Role::Viewer).with(Scope::Bucket, Role::Contributor);
//! assert!(allows(roles, Permission::WriteBuild));
//! assert!(!allows(roles, Permission::CreateBucket));
//! # Ok::<(), NameError>(())
//! ```
//!
//! | module | answers |
//! |---|---|
//! | [`ids`] | what identifies a row, inside and outside |
//! | [`names`] | what things may be called |
//! | [`labels`] | which labels a build or bucket may carry |
//! | [`build`] | what an update makes of a build |
//! | [`version`] | when a version is complete, what its status is, whether it may be deleted |
//! | [`channel`] | which version a channel may point at, and where it goes back to |
//! | [`revocation`] | what revoking, scheduling and restoring do to a version and its descendants |
//! | [`ancestry`] | whether something built from a version is still up to date |
//! | [`principal`] | who can act |
//! | [`role`] | who may do what |
//! | [`workload_identity`] | whose tokens may stand for a service principal, and how often |
//! | [`condition`] | which tokens of a trusted issuer or account count |
//! | [`email`], [`group`] | what people and groups of them are called |
//! | [`webhook`], [`run_task`] | who is told and asked about what happens elsewhere |

pub mod ancestry;
pub mod build;
pub mod channel;
pub mod condition;
pub mod email;
pub mod group;
pub mod ids;
pub mod labels;
pub mod names;
pub mod principal;
pub mod revocation;
pub mod role;
pub mod run_task;
pub mod version;
pub mod webhook;
pub mod workload_identity;

mod text;

#[cfg(test)]
mod samples;
