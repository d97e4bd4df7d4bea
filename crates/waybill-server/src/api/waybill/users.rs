//! The people of an organization.

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::own;
use waybill_model::{email::Email, role::Permission};
use waybill_store::{Page, PageKey, Tx, User};

use super::{
    lists,
    principals::{model_role, role_binding},
};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Query, Route},
        page::{BY_NAME, List},
    },
    app::App,
    auth::{
        Caller, Place,
        people::{self, NewPerson, PersonChanges},
    },
};

#[derive(Deserialize)]
pub(super) struct UserPath {
    pub(super) organization_id: String,
    pub(super) user_id: String,
}

/// Lists people by e-mail address
#[utoipa::path(
    get, path = super::USERS, operation_id = "ListUsers", tag = "users",
    params(("organization_id" = String, Path), own::ListUsersQuery),
    responses((status = OK, description = "One page of them", body = own::ListUsersResponse)),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Route(organization_id): Route<String>,
    Query(query): Query<own::ListUsersQuery>,
) -> ApiResult<own::ListUsersResponse> {
    let list = List { name: format!("users/{organization_id}"), columns: &[("email", BY_NAME)] };
    let slice = lists::slice(&app, &list, query.page_size, query.page_token)?;
    let asked = slice.clone();
    let place = Place::organization(organization_id);
    let page = app.read(caller, place, Permission::ReadPrincipals, move |tx, scope, _| {
        let key = |user: &User| PageKey::Text(user.email.to_string(), user.id.0);
        let page = lists::page(&asked, key, |after, limit| tx.users(scope.organization, after.name, limit))?;
        Ok(Page { items: describe(tx, page.items)?, next: page.next, previous: page.previous })
    });
    let page = page.await?;
    let next_page_token = lists::next_page_token(&app, &list, &slice, &page);
    Ok(Json(own::ListUsersResponse { users: page.items, next_page_token }))
}

/// Makes a person
///
/// They cannot log in yet: give them a password, or let them come by way of the login provider.
#[utoipa::path(
    post, path = super::USERS, operation_id = "CreateUser", tag = "users",
    params(("organization_id" = String, Path)),
    request_body = own::CreateUserBody,
    responses((status = OK, description = "They are there", body = own::UserResponse)),
)]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Route(organization_id): Route<String>,
    Body(body): Body<own::CreateUserBody>,
) -> ApiResult<own::UserResponse> {
    let email: Email = body.email.parse()?;
    let full_name = people::full_name(&body.full_name.unwrap_or_default())?;
    let role = body.role.map(model_role);
    let place = Place::organization(organization_id);
    let made = app.write(caller, place, Permission::ManagePrincipals, move |tx, scope, moment| {
        let (email, full_name) = (email.clone(), full_name.clone());
        let user =
            people::admit(tx, scope, &NewPerson { uid: moment.uid(), email, full_name, role }, moment.now)?;
        described(tx, user)
    });
    Ok(Json(own::UserResponse { user: made.await? }))
}

/// Tells who a person is
#[utoipa::path(
    get, path = super::USER, operation_id = "GetUser", tag = "users",
    params(("organization_id" = String, Path), ("user_id" = String, Path)),
    responses((status = OK, description = "The person", body = own::UserResponse)),
)]
pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<UserPath>,
) -> ApiResult<own::UserResponse> {
    let place = Place::organization(path.organization_id);
    let user = app.read(caller, place, Permission::ReadPrincipals, move |tx, scope, _| {
        let user = people::find(tx, scope, &path.user_id)?;
        described(tx, user)
    });
    Ok(Json(own::UserResponse { user: user.await? }))
}

/// Changes a person
#[utoipa::path(
    patch, path = super::USER, operation_id = "UpdateUser", tag = "users",
    params(("organization_id" = String, Path), ("user_id" = String, Path)),
    request_body = own::UpdateUserBody,
    responses((status = OK, description = "The person as they are now", body = own::UserResponse)),
)]
pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<UserPath>,
    Body(body): Body<own::UpdateUserBody>,
) -> ApiResult<own::UserResponse> {
    let changes = PersonChanges {
        email: body.email.map(|email| email.parse()).transpose()?,
        full_name: body.full_name.map(|name| people::full_name(&name)).transpose()?,
    };
    let place = Place::organization(path.organization_id);
    let done = app.write(caller, place, Permission::ManagePrincipals, move |tx, scope, moment| {
        let user = people::find(tx, scope, &path.user_id)?;
        let user = people::change(tx, scope, user, &changes, moment.now)?;
        described(tx, user)
    });
    Ok(Json(own::UserResponse { user: done.await? }))
}

/// Deletes a person with their sessions, roles and memberships
///
/// Their tokens are refused from now on. What they published stays, under their e-mail address.
#[utoipa::path(
    delete, path = super::USER, operation_id = "DeleteUser", tag = "users",
    params(("organization_id" = String, Path), ("user_id" = String, Path)),
    responses((status = OK, description = "They are gone", body = own::DeleteUserResponse)),
)]
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<UserPath>,
) -> ApiResult<own::DeleteUserResponse> {
    let place = Place::organization(path.organization_id);
    let done = app.write(caller, place, Permission::ManagePrincipals, move |tx, scope, moment| {
        let user = people::find(tx, scope, &path.user_id)?;
        people::dismiss(tx, scope, &user, moment.now)
    });
    done.await?;
    Ok(Json(own::DeleteUserResponse {}))
}

fn described(tx: &mut Tx<'_>, user: User) -> Result<own::User, ApiError> {
    let user = describe(tx, vec![user])?.pop();
    user.ok_or_else(|| ApiError::internal("a person who was just there is not"))
}

/// Adds roles and groups, with one query each for all of them.
fn describe(tx: &mut Tx<'_>, users: Vec<User>) -> Result<Vec<own::User>, ApiError> {
    let ids: Vec<_> = users.iter().map(|user| user.id).collect();
    let (mut roles, mut groups) = (tx.role_bindings_of(&ids)?, tx.memberships(&ids)?);
    let describe = |user: User| own::User {
        roles: roles.remove(&user.id).unwrap_or_default().into_iter().map(role_binding).collect(),
        groups: groups.remove(&user.id).unwrap_or_default(),
        id: user.uid,
        email: user.email.to_string(),
        full_name: user.full_name,
        has_password: user.has_password,
        issuer: Some(user.issuer).filter(|issuer| !issuer.is_empty()),
        created_at: user.created_at.into(),
        updated_at: user.updated_at.into(),
    };
    Ok(users.into_iter().map(describe).collect())
}
