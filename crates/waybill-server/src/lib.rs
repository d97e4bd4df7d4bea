//! The registry as a service: HTTP, identity, jobs, TLS, metrics.
//!
//! [`Server::start`] with a [`Config`] is all that a program needs. The rules are in `waybill-model`, the data in
//! `waybill-store`; here is who may, what is asked and how it is answered.

pub mod api;
pub mod app;
pub mod auth;
pub mod clock;
pub mod download;
pub mod egress;
mod files;
mod hex;
pub mod jobs;
pub mod limits;
pub mod listen;
pub mod login;
pub mod metrics;
pub mod operation_id;
pub mod registry;
pub mod request_log;
pub mod sbom;
pub mod server;
pub mod shutdown;
mod text;
pub mod tls;
pub mod webhook;

pub use server::{Config, Server, StartError};
pub use waybill_store::Durability;
