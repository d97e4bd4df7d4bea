//! Where the registry's data lives: SQLite or PostgreSQL behind one [`Store`].
//!
//! There are two doors, [`Store::read`] and [`Store::write`]; both take a closure over a [`Tx`].
//! The methods of `Tx` are the registry's queries, one file per resource: SQL written once, in the common
//! language of the two databases, that takes and returns types of `waybill-model`.
//! No rule is decided here: a query states facts or records an effect.
//!
//! A write closure may run more than once (a serialization failure on PostgreSQL), so it has no effect outside
//! its `Tx`. Whoever got the answer of a write reads that write.

mod access;
mod ancestry;
mod audit;
mod blobs;
mod buckets;
mod builds;
mod channels;
mod directory;
mod error;
mod groups;
mod identity;
mod login_grants;
mod logins;
mod migrate;
mod page;
mod policies;
mod postgres;
mod projects;
mod registries;
mod row;
mod sboms;
mod search;
mod secrets;
mod sessions;
mod sqlite;
mod store;
mod tx;
mod users;
mod value;
mod versions;
mod webhooks;
mod workload_identity;

pub use access::{Access, AccessQuery, ProjectAccess, RegistryState};
pub use ancestry::{ChildRow, CurrentVersion, Link, ParentRow};
pub use audit::{Audit, Audited, Event};
pub use buckets::{Bucket, BucketChanges, NewBucket};
pub use builds::NewBuild;
pub use channels::NewChannel;
pub use directory::Entry;
pub use error::{Error, Result};
pub use groups::{Group, Member, NewGroup};
pub use identity::{Key, NewPrincipal, Organization, Principal, Project, RoleBinding};
pub use login_grants::{GrantKind, GrantState, LoginGrant, NewLoginGrant};
pub use logins::{ExternalGroup, Login};
pub use page::{Column, Key as PageKey, Order, Page, Slice};
pub use policies::{PolicyMember, PolicyScope};
pub use registries::{Registry, RunTask};
pub use row::Row;
pub use sboms::{NewSbom, Sbom};
pub use search::ArtifactHit;
pub use secrets::SigningKey;
pub use sessions::{NewSession, Session, SessionKind};
pub use store::{Database, Durability, Options, Store};
pub use tx::Tx;
pub use users::{NewUser, User};
pub use value::Value;
pub use versions::NewVersion;
pub use webhooks::Webhook;
pub use workload_identity::{NewWorkloadIdentityProvider, WorkloadIdentityProvider};
