//! The registry's operations as Rust functions.
//!
//! A [`Client`] speaks for one service principal, by a key or as a [`Workload`], or for a person who has logged in
//! ([`Login`]). It fetches tokens by itself and keeps them in memory, repeats what may be repeated, and gives up after
//! a deadline. [`Client::registry`] is the registry of one project; operations beside a project (organizations,
//! projects, principals, people, groups, policies, webhooks) are methods of [`Client`] itself. Lists are [`Pages`]:
//! they ask for the next page when somebody wants its first item.
//!
//! It works with Waybill and with every registry that speaks the same interface, except for the few
//! operations of Waybill's own, such as [`Client::who_am_i`] and lists of principals, people and groups.
//!
//! What it is not: it reads no environment, no file and no clock for people, and it has no opinion on what to
//! print. It uses `waybill-api` for everything that is on the wire, and nothing else of ours.
//!
//! ```no_run
//! use waybill_client::{Client, Config, Credentials, Endpoint};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let api = Endpoint::api("127.0.0.1:7080", None)?;
//! let auth = Endpoint::auth("https://127.0.0.1:7080", None)?;
//! let client = Client::new(&Config::new(api, auth, Credentials::new("wb-01j…", "wbs_…")))?;
//!
//! let registry = client.registry(client.locate(None, None).await?);
//! let prod = registry.get_channel("ubuntu", "prod").await?;
//! for build in prod.version.map(|version| version.builds).unwrap_or_default() {
//!     println!("{}: {:?}", build.component_type, build.artifacts);
//! }
//! # Ok(())
//! # }
//! ```

mod aws_signature;
mod bucket;
mod build;
mod channel;
mod client;
mod config;
mod credential_file;
mod credentials;
mod directory;
mod error;
mod group;
mod http;
mod identity_provider;
mod location;
mod organization;
mod page;
mod policy;
mod principal;
mod project;
mod registry;
mod retry;
mod run_task;
mod session;
mod token;
mod user;
mod version;
mod webhook;
mod workload;

pub use aws_signature::AwsRequest;
pub use client::Client;
pub use config::{Config, Endpoint, Identity, Roots, Tls};
pub use credential_file::{CredentialFile, CredentialFileError, Member, TokenSource, WorkloadFile};
pub use credentials::Credentials;
pub use error::Error;
pub use http::general_client;
pub use identity_provider::ProviderPath;
pub use location::{Location, LocationError};
pub use page::{Page, Pages};
pub use policy::PolicyOf;
pub use principal::Parent;
pub use registry::Registry;
pub use retry::Backoff;
pub use session::{Authorization, CLIENT_ID, DeviceProgress, Login, SessionStore, SessionTokens};
pub use workload::{AwsCredentials, AwsMachine, Proof, Workload};
