//! Service principals and their keys as HCP's interface has them: of an organization or of a project, known by name.
//!
//! A principal made here has no role and no key. Waybill's own interface makes one with both at once.

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::platform::{
    CreateServicePrincipalBody, CreateServicePrincipalKeyResponse, CreateServicePrincipalResponse,
    DeleteServicePrincipalKeyResponse, DeleteServicePrincipalResponse, GetServicePrincipalResponse,
    ServicePrincipalKey, ServicePrincipalKeyState,
};
use waybill_model::{ids::ProjectId, names::PrincipalName, role::Permission};
use waybill_store::{Key, Principal, Tx};

use super::identity::wire;
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Route},
    },
    app::App,
    auth::{
        Caller, Place, Scope,
        principals::{self, Admission, FreshKey, Standing, Target},
    },
};

/// What a principal belongs to: `organization/…` or `project/…`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ParentPath {
    pub(super) scope: String,
    pub(super) scope_id: String,
}

/// A principal, by its parent and name.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PrincipalPath {
    #[serde(flatten)]
    pub(super) parent: ParentPath,
    pub(super) service_principal: String,
}

/// A key of a principal, by its client id.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct KeyPath {
    #[serde(flatten)]
    principal: PrincipalPath,
    key: String,
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ParentPath>,
    Body(body): Body<CreateServicePrincipalBody>,
) -> ApiResult<CreateServicePrincipalResponse> {
    let name: PrincipalName = body.name.unwrap_or_default().parse()?;
    let service = app.clone();
    let made = app.store.write(move |tx| {
        let moment = service.moment();
        let Parent { scope, project, .. } = Parent::enter(tx, &caller, &path, To::Manage)?;
        let target = project.map_or(Target::Organization, Target::Project);
        let admission = Admission { uid: moment.uid(), name: name.clone(), target, role: None, key: None };
        principals::admit(tx, &scope, &admission, moment.now)
    });
    let service_principal = wire(made.await?);
    app.metrics.writes.inc();
    Ok(Json(CreateServicePrincipalResponse { service_principal }))
}

/// Clients find their key among the keys here, and make a new one where it is missing.
pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<PrincipalPath>,
) -> ApiResult<GetServicePrincipalResponse> {
    let found = app.store.read(move |tx| {
        let (_, principal) = find(tx, &caller, &path, To::Read)?;
        let keys = tx.keys(principal.id)?;
        Ok::<_, ApiError>((principal, keys))
    });
    let (principal, keys) = found.await?;
    let keys = keys.into_iter().map(|key| wire_key(&principal, key)).collect();
    Ok(Json(GetServicePrincipalResponse { keys, service_principal: wire(principal) }))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<PrincipalPath>,
) -> ApiResult<DeleteServicePrincipalResponse> {
    let service = app.clone();
    let deleted = app.store.write(move |tx| {
        let (standing, principal) = find(tx, &caller, &path, To::Manage)?;
        principals::dismiss(tx, &standing, &principal, service.clock.now())
    });
    deleted.await?;
    app.metrics.writes.inc();
    Ok(Json(DeleteServicePrincipalResponse {}))
}

/// Makes a key; clients send no body. The answer is the only place where the secret is ever seen.
pub(super) async fn create_key(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<PrincipalPath>,
) -> ApiResult<CreateServicePrincipalKeyResponse> {
    let (key, secret) = FreshKey::generate(app.ids.as_ref(), app.clock.now());
    let service = app.clone();
    let made = app.store.write(move |tx| {
        let (standing, principal) = find(tx, &caller, &path, To::Manage)?;
        let key = principals::add_key(tx, &standing, &principal, &key, service.clock.now())?;
        Ok::<_, ApiError>(wire_key(&principal, key))
    });
    let key = made.await?;
    app.metrics.writes.inc();
    Ok(Json(CreateServicePrincipalKeyResponse { key, client_secret: secret.expose().into() }))
}

pub(super) async fn delete_key(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<KeyPath>,
) -> ApiResult<DeleteServicePrincipalKeyResponse> {
    let service = app.clone();
    let deleted = app.store.write(move |tx| {
        let (standing, principal) = find(tx, &caller, &path.principal, To::Manage)?;
        principals::remove_key(tx, &standing, &principal, &path.key, service.clock.now())
    });
    deleted.await?;
    app.metrics.writes.inc();
    Ok(Json(DeleteServicePrincipalKeyResponse {}))
}

/// What the caller wants with the principals of a parent.
#[derive(Clone, Copy)]
pub(super) enum To {
    Read,
    Manage,
}

/// The parent of principals, entered by a caller who may do that there.
struct Parent {
    standing: Standing,
    scope: Scope,
    /// `None` for the organization.
    project: Option<ProjectId>,
}

impl Parent {
    fn enter(tx: &mut Tx<'_>, caller: &Caller, path: &ParentPath, to: To) -> Result<Self, ApiError> {
        let standing = Standing::of(tx, caller)?;
        let is_project = match path.scope.as_str() {
            "organization" => false,
            "project" => true,
            other => {
                return Err(ApiError::invalid(format!(
                    "a service principal belongs to an `organization` or to a `project`, not to a `{other}`"
                )));
            }
        };
        let place = if is_project {
            // The path does not say in which organization: in the caller's own, or it might as well not exist.
            let organization = standing.organization.uid.clone();
            Place { organization, project: path.scope_id.clone(), ..Place::default() }
        } else {
            Place::organization(path.scope_id.clone())
        };
        let need = match (is_project, to) {
            (false, To::Read) => Permission::ReadPrincipals,
            (false, To::Manage) => Permission::ManagePrincipals,
            (true, To::Read) => Permission::ReadProjectPrincipals,
            (true, To::Manage) => Permission::ManageProjectPrincipals,
        };
        let scope = Scope::enter(tx.access(&caller.query(&place))?, &place, need)?;
        let project = if is_project { Some(scope.project()?) } else { None };
        Ok(Self { standing, scope, project })
    }
}

/// The principal that a path names, with the standing of the caller who wants something with it.
pub(super) fn find(
    tx: &mut Tx<'_>,
    caller: &Caller,
    path: &PrincipalPath,
    to: To,
) -> Result<(Standing, Principal), ApiError> {
    let Parent { standing, scope, project } = Parent::enter(tx, caller, &path.parent, to)?;
    let name = &path.service_principal;
    let principal = match name.parse::<PrincipalName>() {
        Ok(name) => tx.principal_named(scope.organization, project, &name)?,
        Err(_) => None,
    };
    let principal = principal.ok_or_else(|| {
        let ParentPath { scope, scope_id } = &path.parent;
        ApiError::not_found(format!("service principal `{name}` does not exist in {scope} `{scope_id}`"))
    })?;
    Ok((standing, principal))
}

fn wire_key(principal: &Principal, key: Key) -> ServicePrincipalKey {
    ServicePrincipalKey {
        resource_name: principals::key_resource_name(principal, &key.client_id),
        client_id: key.client_id,
        state: ServicePrincipalKeyState::Active,
        created_at: key.created_at.into(),
    }
}
