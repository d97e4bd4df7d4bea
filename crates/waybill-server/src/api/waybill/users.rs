//! The people of an organization.

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::{hcp::PageQuery, own};
use waybill_model::{email::Email, role::Permission};
use waybill_store::{Page, PageKey, Slice, Tx, User};

use super::principals::{model_role, role_binding};
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
    let query = forwards(query.page_size, query.page_token);
    let slice = app.pages.slice(&list, &query)?;
    let asked = slice.clone();
    let page =
        app.read(caller, organization(organization_id), Permission::ReadPrincipals, move |tx, scope, _| {
            let users = tx.users(scope.organization, after(&asked), asked.limit.saturating_add(1))?;
            let page = cut(users, &asked, |user: &User| PageKey::Text(user.email.to_string(), user.id.0));
            let users = describe(tx, page.items)?;
            Ok(Page { items: users, next: page.next, previous: None })
        });
    let page = page.await?;
    let next_page_token = app.pages.answer(&list, &slice, &page).map(|tokens| tokens.next_page_token);
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
    let place = organization(organization_id);
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
    let place = organization(path.organization_id);
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
    let place = organization(path.organization_id);
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
    let place = organization(path.organization_id);
    let done = app.write(caller, place, Permission::ManagePrincipals, move |tx, scope, moment| {
        let user = people::find(tx, scope, &path.user_id)?;
        people::dismiss(tx, scope, &user, moment.now)
    });
    done.await?;
    Ok(Json(own::DeleteUserResponse {}))
}

pub(super) fn organization(organization: String) -> Place {
    Place { organization, ..Place::default() }
}

/// The query of a list that is only ever read from its beginning to its end.
pub(super) fn forwards(page_size: Option<u32>, page_token: Option<String>) -> PageQuery {
    PageQuery {
        page_size: page_size.filter(|&size| 0 < size),
        next_page_token: page_token,
        ..PageQuery::default()
    }
}

/// The name to go on after, in a list by name.
pub(super) fn after(slice: &Slice) -> &str {
    match &slice.from {
        Some(PageKey::Text(name, _)) => name,
        Some(PageKey::Int(..)) | None => "",
    }
}

/// Makes a page of rows, one more than which were asked for.
pub(super) fn cut<T>(mut rows: Vec<T>, slice: &Slice, key: impl Fn(&T) -> PageKey) -> Page<T> {
    let has_more = slice.limit as usize <= rows.len().saturating_sub(1);
    rows.truncate(slice.limit as usize);
    let next = rows.last().filter(|_| has_more).map(key);
    Page { items: rows, next, previous: None }
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
