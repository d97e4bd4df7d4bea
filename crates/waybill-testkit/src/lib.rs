//! For tests only: real peers for tests of the registry.
//!
//! - [`Waybill`] is a `waybill serve` process on a port of its own with a data folder of its own.
//!   It knows the program only by its command line, as users do.
//! - [`Api`] speaks to it in JSON and fails with the whole conversation in the message.
//! - [`raw`] sends bytes that no HTTP library would send.
//! - [`postgres`] gives every test a PostgreSQL database of its own.
//! - [`issuer`] is an OpenID provider, [`sts`] the service of AWS that says who signed a request,
//!   [`secrets_manager`] the one that keeps secrets.
//! - [`recording`] reads what real clients sent; [`openapi`] says whether an answer has the documented form.
//!
//! ```no_run
//! # async fn example() {
//! use serde_json::json;
//! use waybill_testkit::Waybill;
//!
//! let waybill = Waybill::start("target/debug/waybill"); // in tests: env!("CARGO_BIN_EXE_waybill")
//! let api = waybill.api().await;
//! api.put("buckets", json!({"name": "ubuntu"})).await.ok();
//! api.get("buckets/debian").await.fails(404, 5);
//! waybill.stop().await;
//! # }
//! ```
//!
//! Uses no crate of ours, so that any of them may use it in its tests.
//! Functions here panic where a test would: a message that says what was expected is all a caller wants.

mod api;
pub mod issuer;
pub mod openapi;
pub mod postgres;
mod process;
pub mod raw;
pub mod recording;
mod scene;
pub mod secrets_manager;
mod serve;
mod server;
pub mod sts;

pub use api::{Answer, Api};
pub use process::Refused;
pub use scene::Scope;
pub use server::{Credentials, Options, Waybill, command, encode};
