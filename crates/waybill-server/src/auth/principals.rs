//! Service principals: what one may do where, and making and deleting them and their keys.
//!
//! Nobody gives more than they have (`waybill_model::role::may_grant`), and nobody deletes who has more or makes a
//! key to their roles.

use jiff::Timestamp;
use serde_json::json;
use waybill_api::error::Code;
use waybill_model::{
    ids::{BucketId, OrganizationId, ProjectId, Uid},
    names::{BucketName, PrincipalName},
    principal::PrincipalKind,
    role::{Permission, Role, Roles, Scope as RoleScope, allows, may_grant},
};
use waybill_store::{Key, NewPrincipal, Organization, PolicyScope, Principal, RoleBinding, Tx};

use super::{
    Caller, Scope, Signature,
    secret::{ClientSecret, SecretDigest, client_id},
};
use crate::{api::error::ApiError, clock::Ids};

/// A caller with all roles, for what is not about one place: who am I, which projects are there.
pub struct Standing {
    pub principal: Principal,
    /// What the caller's token was got with.
    pub credential: String,
    pub organization: Organization,
    /// The caller's own roles and those of the groups it is in.
    pub bindings: Vec<RoleBinding>,
}

/// A principal to be made.
#[derive(Clone)]
pub struct Admission {
    pub uid: Uid,
    pub name: PrincipalName,
    pub target: Target,
    /// Without one it may do nothing until somebody gives it one.
    pub role: Option<Role>,
    /// Without one nobody can log in as it yet.
    pub key: Option<FreshKey>,
}

/// A key to be stored. The secret itself is with whoever made it.
#[derive(Clone)]
pub struct FreshKey {
    uid: Uid,
    pub client_id: String,
    digest: SecretDigest,
}

/// What a principal is made in, and given its role on.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    Organization,
    Project(ProjectId),
    Bucket(ProjectId, BucketId),
}

/// One is in use while the next one is rolled out; as HCP has it.
const KEYS: usize = 2;

impl FreshKey {
    /// Makes a key and the secret that goes with it.
    pub fn generate(ids: &dyn Ids, now: Timestamp) -> (Self, ClientSecret) {
        let (uid, secret) = (ids.uid(now), ClientSecret::generate(ids));
        // Another identifier: a client id is known to everybody who may use the key.
        let client_id = client_id(&ids.uid(now));
        (Self { uid, client_id, digest: secret.digest() }, secret)
    }

    fn row(&self, now: Timestamp) -> Key {
        let Self { uid, client_id, digest } = self;
        Key {
            uid: uid.to_string(),
            client_id: client_id.clone(),
            secret_digest: digest.to_vec(),
            created_at: now,
        }
    }
}

impl Standing {
    /// Looks the caller up; refuses one who was deleted.
    pub fn of(tx: &mut Tx<'_>, caller: &Caller) -> Result<Self, ApiError> {
        let gone = || {
            ApiError::unauthenticated(
                "the principal or credential of this access token was deleted: get new credentials",
            )
        };
        let principal = tx.principal(&caller.principal)?.ok_or_else(gone)?;
        if !tx.has_credential(principal.id, &caller.credential)? {
            return Err(gone());
        }
        let organization = tx.organization(principal.organization)?.ok_or_else(gone)?;
        let bindings = tx.standing(principal.id)?;
        Ok(Self { principal, credential: caller.credential.clone(), organization, bindings })
    }

    /// What messages call the caller: ``service principal `ci` ``.
    pub fn who(&self) -> String {
        format!("{} `{}`", self.principal.kind.noun(), self.principal.name)
    }

    /// What the audit trail says of the caller.
    pub fn signature(&self) -> Signature {
        Signature::new(&self.principal.name, &self.principal.uid, &self.credential)
    }

    /// The roles that count anywhere in the organization: enough to see that it exists.
    pub fn roles(&self) -> Roles {
        self.roles_where(|_| true)
    }

    /// The roles that count in a project, those on its buckets included.
    pub fn roles_in(&self, project: &str) -> Roles {
        self.roles_where(|binding| binding.project.as_deref().is_none_or(|bound| bound == project))
    }

    /// The roles that count on what another binding is on.
    fn roles_on(&self, place: &RoleBinding) -> Roles {
        self.roles_where(|binding| {
            let is_above = |bound: Option<&str>, of: Option<&str>| bound.is_none() || bound == of;
            is_above(binding.project.as_deref(), place.project.as_deref())
                && is_above(
                    binding.bucket.as_ref().map(BucketName::as_str),
                    place.bucket.as_ref().map(BucketName::as_str),
                )
                && is_above(binding.group.as_deref(), place.group.as_deref())
        })
    }

    /// True for a project that the caller has any role in.
    pub fn sees(&self, project: &str) -> bool {
        allows(self.roles_in(project), Permission::ReadProject)
    }

    fn roles_where(&self, counts: impl Fn(&RoleBinding) -> bool) -> Roles {
        let bindings = self.bindings.iter().filter(|binding| counts(binding));
        bindings.fold(Roles::default(), |roles, binding| roles.with(scope_of(binding), binding.role))
    }
}

/// What a role is on.
pub(crate) fn scope_of(binding: &RoleBinding) -> RoleScope {
    match (&binding.project, &binding.bucket, &binding.group) {
        (.., Some(_)) => RoleScope::Group,
        (_, Some(_), _) => RoleScope::Bucket,
        (Some(_), ..) => RoleScope::Project,
        (None, ..) => RoleScope::Organization,
    }
}

impl Target {
    /// What somebody must be allowed to make a principal for it.
    fn permission(self) -> Permission {
        match self {
            Self::Organization => Permission::ManagePrincipals,
            Self::Project(_) | Self::Bucket(..) => Permission::ManageProjectPrincipals,
        }
    }

    fn scope(self) -> RoleScope {
        match self {
            Self::Organization => RoleScope::Organization,
            Self::Project(_) => RoleScope::Project,
            Self::Bucket(..) => RoleScope::Bucket,
        }
    }

    fn project(self) -> Option<ProjectId> {
        match self {
            Self::Organization => None,
            Self::Project(project) | Self::Bucket(project, _) => Some(project),
        }
    }
}

/// Refuses a caller who may not give a role to somebody whom they make.
pub fn check_may_give(scope: &Scope, on: RoleScope, role: Role) -> Result<(), ApiError> {
    if may_grant(scope.roles, on, role) {
        return Ok(());
    }
    Err(ApiError::denied(format!(
        "{} cannot give the role `{role}`: nobody gives more than they have",
        scope.who()
    )))
}

/// Makes a principal on behalf of a caller who may.
pub fn admit(
    tx: &mut Tx<'_>,
    scope: &Scope,
    admission: &Admission,
    now: Timestamp,
) -> Result<Principal, ApiError> {
    let Admission { target, role, ref key, .. } = *admission;
    scope.require(target.permission())?;
    if let Some(role) = role {
        check_may_give(scope, target.scope(), role)?;
    }
    let principal = insert(tx, scope.organization, admission, now)?;
    let mut detail = json!({ "id": principal.uid });
    if let Some(role) = role {
        detail["role"] = role.as_str().into();
    }
    if let Some(key) = key {
        detail["client_id"] = key.client_id.as_str().into();
    }
    if let Target::Bucket(..) = target {
        detail["bucket"] = scope.bucket_name()?.as_str().into();
    }
    let (action, resource, detail) = ("principal.create", resource_name(&principal), detail.to_string());
    scope.signature().record(tx, scope.organization, action, &resource, &detail, now)?;
    Ok(principal)
}

/// Stores a principal with its role and key, if any, whoever wants it.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    admission: &Admission,
    now: Timestamp,
) -> Result<Principal, ApiError> {
    let Admission { uid, name, role, target, key } = admission;
    let project = target.project();
    if tx.principal_named(organization, project, name)?.is_some() {
        return Err(ApiError::exists(format!("service principal `{name}` exists already")));
    }
    let new = NewPrincipal {
        uid: uid.clone(),
        kind: PrincipalKind::Service,
        organization,
        project,
        name: name.to_string(),
    };
    let id = tx.insert_principal(&new, now)?;
    if let Some(role) = *role {
        let scope = match *target {
            Target::Organization => PolicyScope::Organization(organization),
            Target::Project(project) => PolicyScope::Project(project),
            Target::Bucket(_, bucket) => PolicyScope::Bucket(bucket),
        };
        tx.bind(id, scope, role, now)?;
        tx.count_policy_change(scope)?;
    }
    if let Some(key) = key {
        tx.insert_key(id, &key.row(now))?;
    }
    tx.principal(uid.as_str())?
        .ok_or_else(|| ApiError::internal("a principal that was just inserted is not there"))
}

/// Finds a principal that the caller may see.
pub fn find(tx: &mut Tx<'_>, caller: &Standing, uid: &str) -> Result<Principal, ApiError> {
    let is_visible = |found: &Principal| {
        let (roles, see) = match &found.project_uid {
            None => (caller.roles(), Permission::ReadPrincipals),
            Some(project) => (caller.roles_in(project), Permission::ReadProjectPrincipals),
        };
        // One sees oneself.
        found.organization == caller.organization.id
            && found.kind == PrincipalKind::Service
            && (allows(roles, see) || found.id == caller.principal.id)
    };
    tx.principal(uid)?.filter(is_visible).ok_or_else(|| {
        ApiError::not_found(format!(
            "service principal `{uid}` does not exist, or {} may not see it",
            caller.who()
        ))
    })
}

/// Deletes a principal on behalf of a caller who may; its tokens are refused from now on.
pub fn dismiss(
    tx: &mut Tx<'_>,
    caller: &Standing,
    principal: &Principal,
    now: Timestamp,
) -> Result<(), ApiError> {
    if principal.id == caller.principal.id {
        return Err(ApiError::precondition(format!(
            "{} cannot delete itself: another one must do that",
            caller.who()
        )));
    }
    check_outranks(tx, caller, principal)?;
    tx.delete_principal(principal.id)?;
    let (resource, detail) = (resource_name(principal), json!({ "id": principal.uid }).to_string());
    caller.signature().record(tx, principal.organization, "principal.delete", &resource, &detail, now)
}

/// Gives a principal another key on behalf of a caller who may.
pub fn add_key(
    tx: &mut Tx<'_>,
    caller: &Standing,
    principal: &Principal,
    key: &FreshKey,
    now: Timestamp,
) -> Result<Key, ApiError> {
    check_outranks(tx, caller, principal)?;
    if KEYS <= tx.keys(principal.id)?.len() {
        return Err(ApiError::new(
            Code::ResourceExhausted,
            format!(
                "service principal `{}` has {KEYS} keys, which is the most it can have: delete one first",
                principal.name
            ),
        ));
    }
    let key = key.row(now);
    tx.insert_key(principal.id, &key)?;
    record_key(tx, caller, principal, "key.create", &key.client_id, now)?;
    Ok(key)
}

/// Deletes a key on behalf of a caller who may; its tokens are refused from now on.
pub fn remove_key(
    tx: &mut Tx<'_>,
    caller: &Standing,
    principal: &Principal,
    client_id: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    check_outranks(tx, caller, principal)?;
    if !tx.keys(principal.id)?.iter().any(|key| key.client_id == client_id) {
        return Err(ApiError::not_found(format!(
            "service principal `{}` has no key `{client_id}`",
            principal.name
        )));
    }
    // Whoever holds another key has proved that they are not locked out.
    if client_id == caller.credential {
        return Err(ApiError::precondition(format!(
            "key `{client_id}` is the one that this access token was made with: log in with another key to delete it"
        )));
    }
    tx.delete_key(principal.id, client_id)?;
    record_key(tx, caller, principal, "key.delete", client_id, now)
}

fn record_key(
    tx: &mut Tx<'_>,
    caller: &Standing,
    principal: &Principal,
    action: &'static str,
    client_id: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    let resource = key_resource_name(principal, client_id);
    let detail = json!({ "id": client_id, "principal_id": principal.uid }).to_string();
    caller.signature().record(tx, principal.organization, action, &resource, &detail, now)
}

/// Refuses a caller who could not have made a principal with these roles.
pub(super) fn check_outranks(
    tx: &mut Tx<'_>,
    caller: &Standing,
    principal: &Principal,
) -> Result<(), ApiError> {
    let (roles, manage) = match &principal.project_uid {
        None => (caller.roles(), Permission::ManagePrincipals),
        Some(project) => (caller.roles_in(project), Permission::ManageProjectPrincipals),
    };
    let may_grant =
        |binding: &RoleBinding| may_grant(caller.roles_on(binding), scope_of(binding), binding.role);
    if allows(roles, manage) && tx.role_bindings(principal.id)?.iter().all(may_grant) {
        return Ok(());
    }
    Err(ApiError::denied(format!(
        "{} may not delete `{}`, nor change its keys: ask somebody with a higher role",
        caller.who(),
        principal.name
    )))
}

/// The name of a principal among all resources: `iam/project/…/service-principal/…`.
pub fn resource_name(principal: &Principal) -> String {
    let name = &principal.name;
    match &principal.project_uid {
        Some(project) => format!("iam/project/{project}/service-principal/{name}"),
        None => format!("iam/organization/{}/service-principal/{name}", principal.organization_uid),
    }
}

/// The name of a key among all resources.
pub fn key_resource_name(principal: &Principal, client_id: &str) -> String {
    format!("{}/key/{client_id}", resource_name(principal))
}
