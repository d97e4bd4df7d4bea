//! Workload identity providers: made, changed and deleted on behalf of callers who may.
//!
//! Whoever decides whose tokens stand for a principal can become it. So the rule is that of keys: nobody touches
//! the providers of a principal that has more than they could give (`waybill_model::role::may_grant`).
//!
//! [`exchange`] is what they are for.

pub mod exchange;
pub(crate) mod proof;
pub mod subject;
mod turns;

pub use turns::{Turn, Turns};

use jiff::Timestamp;
use serde_json::{Value, json};
use waybill_api::error::Code;
use waybill_model::{
    ids::Uid,
    names::ProviderName,
    workload_identity::{PROVIDERS, Provider, Trust},
};
use waybill_store::{NewWorkloadIdentityProvider, Principal, Tx, WorkloadIdentityProvider};

use super::{
    permission::shown,
    principals::{Standing, check_outranks},
};
use crate::api::error::ApiError;

/// A provider to be made.
#[derive(Clone)]
pub struct Admission {
    pub uid: Uid,
    pub name: ProviderName,
    pub provider: Provider,
}

/// Makes a provider for a principal of a project.
pub fn admit(
    tx: &mut Tx<'_>,
    caller: &Standing,
    principal: &Principal,
    admission: &Admission,
    now: Timestamp,
) -> Result<WorkloadIdentityProvider, ApiError> {
    check_outranks(tx, caller, principal)?;
    let Admission { uid, name, provider } = admission.clone();
    let existing = tx.workload_identity_providers_of(principal.id)?;
    if existing.iter().any(|existing| existing.name == name.as_str()) {
        return Err(ApiError::exists(format!(
            "service principal `{}` has a workload identity provider `{name}` already",
            principal.name
        )));
    }
    if PROVIDERS <= existing.len() {
        return Err(ApiError::new(
            Code::ResourceExhausted,
            format!(
                "service principal `{}` has {PROVIDERS} workload identity providers, which is the most it can have: \
                 delete one first, or make another principal",
                principal.name
            ),
        ));
    }
    let new = NewWorkloadIdentityProvider { uid, principal: principal.id, name, provider };
    tx.insert_workload_identity_provider(&new, now)?;
    let made = find(tx, principal, new.name.as_str())?;
    audit(tx, caller, "workload_identity_provider.create", &made, content(&made.provider), now)?;
    Ok(made)
}

/// Changes a provider into what `change` makes of it; what it trusts stays of its kind.
pub fn change(
    tx: &mut Tx<'_>,
    caller: &Standing,
    principal: &Principal,
    name: &str,
    change: impl FnOnce(Provider) -> Result<Provider, ApiError>,
    now: Timestamp,
) -> Result<WorkloadIdentityProvider, ApiError> {
    check_outranks(tx, caller, principal)?;
    let found = find(tx, principal, name)?;
    let changed = change(found.provider.clone())?;
    changed.trust.check_follows(&found.provider.trust)?;
    // What changes nothing leaves no trace.
    if changed == found.provider {
        return Ok(found);
    }
    tx.update_workload_identity_provider(found.id, &changed, now)?;
    let changed = WorkloadIdentityProvider { provider: changed, updated_at: now, ..found };
    audit(tx, caller, "workload_identity_provider.update", &changed, content(&changed.provider), now)?;
    Ok(changed)
}

/// Deletes a provider; the access tokens that came from it are refused from now on.
pub fn dismiss(
    tx: &mut Tx<'_>,
    caller: &Standing,
    principal: &Principal,
    name: &str,
    now: Timestamp,
) -> Result<WorkloadIdentityProvider, ApiError> {
    check_outranks(tx, caller, principal)?;
    let found = find(tx, principal, name)?;
    // As for keys: whoever came another way has proved that they are not locked out.
    if found.uid == caller.credential {
        return Err(ApiError::precondition(format!(
            "workload identity provider `{name}` is the one that this access token was got with: log in another way to \
             delete it"
        )));
    }
    tx.delete_workload_identity_provider(found.id)?;
    audit(tx, caller, "workload_identity_provider.delete", &found, json!({}), now)?;
    Ok(found)
}

/// The provider of that name, whatever a path says it is.
pub fn find(
    tx: &mut Tx<'_>,
    principal: &Principal,
    name: &str,
) -> Result<WorkloadIdentityProvider, ApiError> {
    let mut all = tx.workload_identity_providers_of(principal.id)?.into_iter();
    all.find(|provider| provider.name == name).ok_or_else(|| {
        ApiError::not_found(format!(
            "service principal `{}` has no workload identity provider `{}`",
            principal.name,
            shown(name)
        ))
    })
}

/// The name of a provider among all resources, which is also the audience of tokens for it where none is set.
pub fn resource_name(provider: &WorkloadIdentityProvider) -> String {
    let WorkloadIdentityProvider { project_uid, principal_name, name, .. } = provider;
    format!("iam/project/{project_uid}/service-principal/{principal_name}/workload-identity-provider/{name}")
}

/// Who is trusted how, for the audit trail: a later change hides it.
fn content(provider: &Provider) -> Value {
    let Provider { trust, condition, .. } = provider;
    match trust {
        Trust::Oidc { issuer, audiences } => {
            json!({ "issuer_uri": issuer, "allowed_audiences": audiences, "conditional_access": condition })
        }
        Trust::Aws { account } => json!({ "account_id": account, "conditional_access": condition }),
    }
}

fn audit(
    tx: &mut Tx<'_>,
    caller: &Standing,
    action: &'static str,
    provider: &WorkloadIdentityProvider,
    mut detail: Value,
    now: Timestamp,
) -> Result<(), ApiError> {
    detail["id"] = provider.uid.as_str().into();
    let (resource, detail) = (resource_name(provider), detail.to_string());
    caller.signature().record(tx, provider.organization, action, &resource, &detail, now)
}
