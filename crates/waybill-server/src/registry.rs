//! What the registry's operations do, whichever interface asks: load facts, let a rule of `waybill-model` decide,
//! write the effect with its audit row and its event.
//!
//! Everything here runs inside one transaction that [`crate::app::App`] opened for a caller who may, so a function
//! takes the transaction, the caller's scope and the moment, and has no effect elsewhere.

pub mod ancestry;
pub mod buckets;
pub mod builds;
pub mod change;
pub mod channels;
pub mod completion;
pub mod fit;
pub mod registries;
pub mod revocation;
pub mod run_tasks;
pub mod sboms;
pub mod search;
pub mod versions;
pub mod view;
