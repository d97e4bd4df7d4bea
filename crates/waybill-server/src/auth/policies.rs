//! Policies: all roles on one resource, read as a whole and replaced as a whole.
//!
//! A policy holds what was given on the resource itself, never what is inherited from above.
//! Whoever sets one may give and take only roles that they could have given (`waybill_model::role::may_grant`); what
//! they leave as it was is nobody's business.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};
use waybill_api::error::Code;
use waybill_model::{
    ids::PrincipalId,
    principal::PrincipalKind,
    role::{Role, Scope as RoleScope, may_grant},
};
use waybill_store::{PolicyMember, PolicyScope, Principal, Tx};

use super::{Scope, people::check_owned, permission::shown, signature::identified};
use crate::api::error::ApiError;

/// Who has which role on a resource.
pub struct Policy {
    pub members: Vec<PolicyMember>,
    /// Comes with no other state of the policy.
    pub etag: String,
}

/// What somebody wants a policy to be.
#[derive(Clone, Debug, Default)]
pub struct NewPolicy {
    pub bindings: Vec<NewMember>,
    /// Of the state that it was made from; empty replaces whatever there is.
    pub etag: String,
}

/// A role that somebody is to have.
#[derive(Clone, Debug)]
pub struct NewMember {
    pub role: Role,
    pub principal_uid: String,
    /// What the client takes the principal for, if it says.
    pub kind: Option<PrincipalKind>,
}

/// Principals in one policy, as HCP's clients count them.
const MEMBERS: usize = 1000;

impl Policy {
    /// Of what does not exist.
    pub fn empty() -> Self {
        Self { members: Vec::new(), etag: "absent".to_owned() }
    }
}

impl NewPolicy {
    /// True for one that takes all roles away.
    pub fn is_empty(&self) -> bool {
        self.bindings.is_empty()
    }
}

/// Reads a policy of a place that the caller entered.
pub fn get(tx: &mut Tx<'_>, on: PolicyScope) -> Result<Policy, ApiError> {
    let members = tx.policy(on)?;
    let version = tx.policy_version(on)?;
    let etag = etag(on, version, &members);
    Ok(Policy { members, etag })
}

/// Replaces a policy of a place that the caller entered. `resource` is its name in messages and in the audit trail.
pub fn set(
    tx: &mut Tx<'_>,
    scope: &Scope,
    on: PolicyScope,
    resource: &str,
    new: &NewPolicy,
    now: Timestamp,
) -> Result<Policy, ApiError> {
    let stored = get(tx, on)?;
    if !new.etag.is_empty() && new.etag != stored.etag {
        return Err(ApiError::new(
            Code::Aborted,
            format!(
                "the policy of {resource} was changed by somebody else meanwhile: read it again, then set it"
            ),
        ));
    }
    let wanted = resolve(tx, scope, on, new)?;
    let had: BTreeSet<(PrincipalId, Role)> =
        stored.members.iter().map(|member| (member.principal, member.role)).collect();
    let wants: BTreeSet<(PrincipalId, Role)> =
        wanted.iter().map(|(principal, role)| (principal.id, *role)).collect();
    if had == wants {
        return Ok(stored);
    }
    let kind = kind(on);
    for (_, role) in had.symmetric_difference(&wants) {
        check_may_grant(scope, kind, *role)?;
    }
    rebind(tx, on, &stored.members, &wanted, now)?;
    if kind == RoleScope::Organization {
        check_owned(tx, scope.organization)?;
    }
    tx.count_policy_change(on)?;
    let added = wanted.iter().filter(|(principal, role)| !had.contains(&(principal.id, *role)));
    let added = added.map(|(principal, role)| told(*role, principal.kind, &principal.name, &principal.uid));
    let removed = stored.members.iter().filter(|member| !wants.contains(&(member.principal, member.role)));
    let removed = removed.map(|member| told(member.role, member.kind, &member.name, &member.principal_uid));
    let detail =
        json!({ "added": added.collect::<Vec<_>>(), "removed": removed.collect::<Vec<_>>() }).to_string();
    scope.signature().record(tx, scope.organization, "policy.set", resource, &detail, now)?;
    get(tx, on)
}

/// Makes the stored bindings what is wanted, in the order that is wanted: clients compare a policy with the text that
/// they sent.
fn rebind(
    tx: &mut Tx<'_>,
    on: PolicyScope,
    stored: &[PolicyMember],
    wanted: &[(Principal, Role)],
    now: Timestamp,
) -> Result<(), ApiError> {
    let stored: Vec<_> =
        stored.iter().map(|member| (member.principal, member.role, member.binding)).collect();
    let wanted: Vec<_> = wanted.iter().map(|(principal, role)| (principal.id, *role)).collect();
    // What is stored may stay as far as the two begin alike.
    let alike = stored.iter().zip(&wanted).take_while(|(had, wants)| (had.0, had.1) == **wants).count();
    for (.., binding) in &stored[alike..] {
        tx.unbind(*binding)?;
    }
    for (principal, role) in &wanted[alike..] {
        tx.bind(*principal, on, *role, now)?;
    }
    Ok(())
}

/// Finds the principals of a new policy and checks that each may have its role there. Each pair comes once.
fn resolve(
    tx: &mut Tx<'_>,
    scope: &Scope,
    on: PolicyScope,
    new: &NewPolicy,
) -> Result<Vec<(Principal, Role)>, ApiError> {
    let distinct: BTreeSet<&str> = new.bindings.iter().map(|member| member.principal_uid.as_str()).collect();
    if MEMBERS < distinct.len() {
        return Err(ApiError::invalid(format!(
            "a policy has up to {MEMBERS} principals, this one has {}: put people into groups",
            distinct.len()
        )));
    }
    // Each is looked up once, however often a request names it.
    let mut known: BTreeMap<&str, Principal> = BTreeMap::new();
    let mut wanted = Vec::new();
    let mut seen = BTreeSet::new();
    for NewMember { role, principal_uid, kind } in &new.bindings {
        if !role.fits(self::kind(on)) {
            return Err(ApiError::invalid(misplaced(*role)));
        }
        let principal = match known.entry(principal_uid) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(find(tx, scope, principal_uid)?),
        };
        if let Some(kind) = kind.filter(|kind| *kind != principal.kind) {
            return Err(ApiError::invalid(format!(
                "principal `{principal_uid}` is a {}, not a {}: correct its `member_type`",
                principal.kind.noun(),
                kind.noun()
            )));
        }
        let is_elsewhere = |home: &String| *home != scope.project_uid;
        if principal.project_uid.as_ref().is_some_and(is_elsewhere) {
            return Err(ApiError::invalid(format!(
                "service principal `{}` belongs to another project: it can have roles in that project only",
                principal.name
            )));
        }
        if seen.insert((principal.id, *role)) {
            wanted.push((principal.clone(), *role));
        }
    }
    Ok(wanted)
}

fn find(tx: &mut Tx<'_>, scope: &Scope, uid: &str) -> Result<Principal, ApiError> {
    let found = tx.principal(uid)?.filter(|principal| principal.organization == scope.organization);
    found.ok_or_else(|| {
        ApiError::invalid(format!(
            "there is no principal `{}` in this organization: `member_id` is the identifier of a user, a group or a \
             service principal",
            shown(uid)
        ))
    })
}

fn misplaced(role: Role) -> String {
    match role {
        Role::GroupManager => format!("the role `{}` can be given on a group only", role.id()),
        _ => {
            format!("the role `{}` cannot be given on a group, only `{}`", role.id(), Role::GroupManager.id())
        }
    }
}

fn check_may_grant(scope: &Scope, kind: RoleScope, role: Role) -> Result<(), ApiError> {
    if may_grant(scope.roles, kind, role) {
        return Ok(());
    }
    Err(ApiError::denied(format!(
        "{} can neither give nor take the role `{}` here: nobody gives more than they have",
        scope.who(),
        role.id()
    )))
}

fn kind(on: PolicyScope) -> RoleScope {
    match on {
        PolicyScope::Organization(_) => RoleScope::Organization,
        PolicyScope::Project(_) => RoleScope::Project,
        PolicyScope::Bucket(_) => RoleScope::Bucket,
        PolicyScope::Group(_) => RoleScope::Group,
    }
}

/// Who has which role, as the audit trail has it: it is read when the principal is gone.
fn told(role: Role, kind: PrincipalKind, name: &str, uid: &str) -> String {
    format!("{role} {} {}", kind.noun(), identified(name, uid))
}

/// Content and count of changes: the count alone would miss principals that were deleted with their roles, the
/// content alone would be the same again after a change and its undoing.
fn etag(on: PolicyScope, version: i64, members: &[PolicyMember]) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("{on:?} {version}\n"));
    for member in members {
        digest.update(format!("{} {}\n", member.role, member.principal_uid));
    }
    URL_SAFE_NO_PAD.encode(&digest.finalize()[..15])
}
