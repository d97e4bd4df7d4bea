//! The registry itself: one per project, switched on or off.

use serde::{Deserialize, Serialize};

use super::{Location, Operation};
use crate::{encoding::is_default, secret::Secret, time::DateTime, wire_enum::wire_enum};

/// A project's registry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registry {
    pub id: String,
    pub location: Location,
    pub config: RegistryConfig,
    pub created_at: DateTime,
    pub updated_at: DateTime,
}

/// What can be set about a registry. Clients read both first members without a look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistryConfig {
    pub activated: bool,
    pub feature_tier: RegistryConfigTier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_deprovision: Option<RegistryBillingDeprovision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tfc_run_task_config: Option<RegistryTFCRunTaskConfig>,
}

/// Why and when a registry was switched off for its owner. Waybill never sets it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistryBillingDeprovision {
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::time::unset_as_none")]
    pub at: Option<DateTime>,
    #[serde(skip_serializing_if = "is_default")]
    pub message: String,
    pub reason: RegistryBillingDeprovisionReason,
}

/// How HCP Terraform's run task reaches the registry and what it does.
///
/// Waybill leaves the key out: everybody who may read the registry sees this.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistryTFCRunTaskConfig {
    #[serde(skip_serializing_if = "is_default")]
    pub api_id: String,
    #[serde(skip_serializing_if = "is_default")]
    pub hmac_key: Secret,
    pub on_untracked_image: RunTaskBehaviour,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetRegistryResponse {
    pub registry: Registry,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateRegistryBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature_tier: Option<RegistryConfigTier>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateRegistryResponse {
    pub registry: Registry,
    pub operation: Operation,
}

/// Changes what `update_mask` names: `activated`, `featureTier`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateRegistryBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature_tier: Option<RegistryConfigTier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_mask: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateRegistryResponse {
    pub registry: Registry,
    pub operation: Operation,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeleteRegistryResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<Registry>,
    pub operation: Operation,
}

wire_enum! {
    #[derive(Default)]
    pub enum RegistryConfigTier in "feature_tier" {
        #[default]
        Unset = "UNSET",
        Standard = "STANDARD",
        Plus = "PLUS",
    }
}

wire_enum! {
    #[derive(Default)]
    pub enum RegistryBillingDeprovisionReason in "reason" {
        #[default]
        DelinquentBillingAccount = "DELINQUENT_BILLING_ACCOUNT",
        UserRequest = "USER_REQUEST",
        HashiAdminRequest = "HASHI_ADMIN_REQUEST",
        DeprovisionedBillingAccount = "DEPROVISIONED_BILLING_ACCOUNT",
    }
}

wire_enum! {
    /// What a run task says to an artifact that the registry does not know.
    #[derive(Default)]
    pub enum RunTaskBehaviour in "on_untracked_image" {
        #[default]
        Unset = "UNSET",
        Fail = "FAIL",
        Warn = "WARN",
    }
}
