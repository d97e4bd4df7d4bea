//! Service principals of an organization and of its projects.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::own;
use waybill_model::{
    ids::{PrincipalId, ProjectId, Uid},
    names::{BucketName, PrincipalName},
    principal::PrincipalKind,
    role::{Permission, Role},
};
use waybill_store::{Page, PageKey, Principal, RoleBinding, Tx};

use super::lists;
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Query, Route},
        page::{BY_CREATION, List},
    },
    app::App,
    auth::{
        Caller, Place, Scope,
        principals::{self, Admission, FreshKey, Standing, Target, admit, dismiss},
    },
};

#[derive(Deserialize)]
pub(super) struct PrincipalPath {
    organization_id: String,
    principal_id: String,
}

/// Lists principals in the order they were made
///
/// All of the organization for its administrators, those of the caller's project for the project's.
#[utoipa::path(
    get, path = super::PRINCIPALS, operation_id = "ListPrincipals", tag = "principals",
    params(("organization_id" = String, Path), own::ListPrincipalsQuery),
    responses((status = OK, description = "One page of them", body = own::ListPrincipalsResponse)),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Route(organization_id): Route<String>,
    Query(query): Query<own::ListPrincipalsQuery>,
) -> ApiResult<own::ListPrincipalsResponse> {
    let list =
        List { name: format!("principals/{organization_id}"), columns: &[("created_at", BY_CREATION)] };
    let slice = lists::slice(&app, &list, query.page_size, query.page_token)?;
    let asked = slice.clone();
    let page = app.store.read(move |tx| {
        let key = |principal: &Principal| PageKey::Int(0, principal.id.0);
        let (scope, project) = visible(tx, &caller, Place::organization(organization_id.clone()))?;
        let page = lists::page(&asked, key, |after, limit| match project {
            None => tx.principals(scope.organization, PrincipalId(after.row), limit),
            Some(project) => {
                tx.project_principals(scope.organization, project, PrincipalId(after.row), limit)
            }
        })?;
        Ok::<_, ApiError>(Page { items: describe(tx, page.items)?, next: page.next, previous: page.previous })
    });
    let page = page.await?;
    let next_page_token = lists::next_page_token(&app, &list, &slice, &page);
    Ok(Json(own::ListPrincipalsResponse { principals: page.items, next_page_token }))
}

/// Makes a principal with one role and, unless it needs none, one key
///
/// The answer is the only place where the secret is ever seen.
#[utoipa::path(
    post, path = super::PRINCIPALS, operation_id = "CreatePrincipal", tag = "principals",
    params(("organization_id" = String, Path)),
    request_body = own::CreatePrincipalBody,
    responses((status = OK, description = "It is made", body = own::CreatePrincipalResponse)),
)]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Route(organization_id): Route<String>,
    Body(body): Body<own::CreatePrincipalBody>,
) -> ApiResult<own::CreatePrincipalResponse> {
    let name: PrincipalName = body.name.parse()?;
    let role = model_role(body.role);
    if !role.fits(waybill_model::role::Scope::Project) {
        return Err(ApiError::invalid(format!("the role `{role}` is one on a group")));
    }
    let bucket: Option<BucketName> = body.bucket.as_deref().map(str::parse).transpose()?;
    if bucket.is_some() && body.project_id.is_none() {
        return Err(ApiError::invalid("`bucket` needs `project_id`: the project that the bucket is in"));
    }
    let is_of_project = body.project_id.is_some();
    let project = body.project_id.unwrap_or_default();
    if is_of_project && project.is_empty() {
        return Err(ApiError::invalid(
            "`project_id` is empty: leave it out for a principal of the organization",
        ));
    }
    let place = Place { organization: organization_id, project, bucket, ..Place::default() };
    let need = if is_of_project { Permission::ManageProjectPrincipals } else { Permission::ManagePrincipals };
    let made = (!body.without_key).then(|| FreshKey::generate(app.ids.as_ref(), app.clock.now()));
    let (key, secret) = made.unzip();
    let client_id = key.as_ref().map(|key| key.client_id.clone());
    let made = app.write(caller, place.clone(), need, move |tx, scope, moment| {
        let target = match (is_of_project, &place.bucket) {
            (false, _) => Target::Organization,
            (true, None) => Target::Project(scope.project()?),
            (true, Some(_)) => Target::Bucket(scope.project()?, scope.bucket()?),
        };
        let admission =
            Admission { uid: moment.uid(), name: name.clone(), target, role: Some(role), key: key.clone() };
        let principal = admit(tx, scope, &admission, moment.now)?;
        let described = describe(tx, vec![principal])?.pop();
        described.ok_or_else(|| ApiError::internal("a principal that was just inserted is not there"))
    });
    let principal = made.await?;
    Ok(Json(own::CreatePrincipalResponse {
        principal,
        client_id,
        client_secret: secret.map(|secret| secret.expose().into()),
    }))
}

/// Deletes a principal with its keys and roles
///
/// Its tokens are refused from now on.
#[utoipa::path(
    delete, path = super::PRINCIPAL, operation_id = "DeletePrincipal", tag = "principals",
    params(("organization_id" = String, Path), ("principal_id" = String, Path)),
    responses((status = OK, description = "It is gone", body = own::DeletePrincipalResponse)),
)]
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<PrincipalPath>,
) -> ApiResult<own::DeletePrincipalResponse> {
    let PrincipalPath { organization_id, principal_id } = path;
    let app_again = app.clone();
    let deleted = app.store.write(move |tx| {
        let standing = Standing::of(tx, &caller)?;
        let uid = principal_id.parse::<Uid>();
        let uid = uid.ok().filter(|_| standing.organization.uid == organization_id).ok_or_else(|| {
            ApiError::not_found(format!(
                "service principal `{principal_id}` does not exist in organization `{organization_id}`, or {} may \
                 not see it",
                standing.who()
            ))
        })?;
        let principal = principals::find(tx, &standing, uid.as_str())?;
        dismiss(tx, &standing, &principal, app_again.clock.now())
    });
    deleted.await?;
    app.metrics.writes.inc();
    Ok(Json(own::DeletePrincipalResponse {}))
}

/// Which principals a caller may see: `None` for all, or those of one project.
fn visible(tx: &mut Tx<'_>, caller: &Caller, place: Place) -> Result<(Scope, Option<ProjectId>), ApiError> {
    let standing = Standing::of(tx, caller)?;
    let home = standing.principal.project_uid.filter(|_| standing.organization.uid == place.organization);
    let (place, need) = match home {
        Some(project) => (Place { project, ..place }, Permission::ReadProjectPrincipals),
        None => (place, Permission::ReadPrincipals),
    };
    let scope = Scope::enter(tx.access(&caller.query(&place))?, &place, need)?;
    let project = if scope.may(Permission::ReadPrincipals) { None } else { Some(scope.project()?) };
    Ok((scope, project))
}

/// Adds roles and keys, with one query each for all of them.
fn describe(tx: &mut Tx<'_>, principals: Vec<Principal>) -> Result<Vec<own::Principal>, ApiError> {
    let (Some(first), Some(last)) = (principals.first(), principals.last()) else {
        return Ok(Vec::new());
    };
    let (first, last) = (first.id, last.id);
    let mut keys: BTreeMap<PrincipalId, Vec<own::Key>> = BTreeMap::new();
    for (principal, key) in tx.keys_among(first, last)? {
        let key = own::Key { client_id: key.client_id, created_at: key.created_at.into() };
        keys.entry(principal).or_default().push(key);
    }
    let mut roles: BTreeMap<PrincipalId, Vec<own::RoleBinding>> = BTreeMap::new();
    for (principal, binding) in tx.role_bindings_among(first, last)? {
        roles.entry(principal).or_default().push(role_binding(binding));
    }
    let describe = |principal: Principal| own::Principal {
        keys: keys.remove(&principal.id).unwrap_or_default(),
        roles: roles.remove(&principal.id).unwrap_or_default(),
        id: principal.uid,
        name: principal.name,
        kind: own_kind(principal.kind),
        project_id: principal.project_uid,
        created_at: principal.created_at.into(),
    };
    Ok(principals.into_iter().map(describe).collect())
}

pub(super) fn caller_of(principal: Principal) -> own::Caller {
    own::Caller {
        id: principal.uid,
        name: principal.name,
        kind: own_kind(principal.kind),
        organization_id: principal.organization_uid,
        project_id: principal.project_uid,
    }
}

pub(super) fn role_binding(binding: RoleBinding) -> own::RoleBinding {
    own::RoleBinding {
        role: own_role(binding.role),
        organization_id: binding.organization,
        project_id: binding.project,
        bucket: binding.bucket.map(|bucket| bucket.to_string()),
        group: binding.group,
    }
}

fn own_kind(kind: PrincipalKind) -> own::PrincipalKind {
    match kind {
        PrincipalKind::Service => own::PrincipalKind::Service,
        PrincipalKind::User => own::PrincipalKind::User,
        PrincipalKind::Group => own::PrincipalKind::Group,
    }
}

pub(super) fn model_role(role: own::Role) -> Role {
    match role {
        own::Role::Viewer => Role::Viewer,
        own::Role::Contributor => Role::Contributor,
        own::Role::Admin => Role::Admin,
        own::Role::Owner => Role::Owner,
        own::Role::Publisher => Role::Publisher,
        own::Role::Promoter => Role::Promoter,
        own::Role::Revoker => Role::Revoker,
        own::Role::Auditor => Role::Auditor,
        own::Role::GroupManager => Role::GroupManager,
    }
}

pub(super) fn own_role(role: Role) -> own::Role {
    match role {
        Role::Viewer => own::Role::Viewer,
        Role::Contributor => own::Role::Contributor,
        Role::Admin => own::Role::Admin,
        Role::Owner => own::Role::Owner,
        Role::Publisher => own::Role::Publisher,
        Role::Promoter => own::Role::Promoter,
        Role::Revoker => own::Role::Revoker,
        Role::Auditor => own::Role::Auditor,
        Role::GroupManager => own::Role::GroupManager,
    }
}
