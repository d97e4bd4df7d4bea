//! Waiting for an operation.

use serde::{Deserialize, Serialize};

use crate::hcp::Operation;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitQuery {
    /// How long to wait, such as `5s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WaitResponse {
    pub operation: Operation,
}
