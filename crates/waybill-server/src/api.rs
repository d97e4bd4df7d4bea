//! The HTTP interfaces: HCP's Packer API, the platform around it, and Waybill's own.
//!
//! A handler translates: who may, what is asked, do it (in [`crate::registry`] or [`crate::auth`]), answer.

pub mod error;
pub mod extract;
pub mod hcp;
pub mod hcp21;
pub mod page;
pub mod platform;
pub mod router;
pub mod waybill;
