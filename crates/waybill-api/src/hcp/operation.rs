//! Work that the interface allows to take longer than a request.
//!
//! Waybill finishes before it answers, so an operation of ours is `DONE` when it is first seen.

use serde::{Deserialize, Serialize};

use super::{Link, Location};
use crate::{
    error::{Any, Status},
    time::DateTime,
    wire_enum::wire_enum,
};

/// A piece of work and how far it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Operation {
    pub id: String,
    pub state: OperationState,
    pub location: Location,
    /// What the work is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    pub created_at: DateTime,
    pub updated_at: DateTime,
    /// Why it failed, once it is `DONE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Any>,
}

wire_enum! {
    #[derive(Default)]
    pub enum OperationState in "state" {
        #[default]
        Pending = "PENDING",
        Running = "RUNNING",
        Done = "DONE",
        Queued = "QUEUED",
    }
}
