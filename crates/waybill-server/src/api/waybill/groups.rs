//! Groups: what HCP's interface lacks, a list of them and following the login provider's groups.

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::own;
use waybill_model::{ids::Uid, role::Permission};
use waybill_store::{Group, Page, PageKey, Tx};

use super::{lists, principals::role_binding};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Query, Route},
        page::{BY_NAME, List},
    },
    app::App,
    auth::{
        Caller, Place,
        groups::{self, GroupChanges},
    },
};

#[derive(Deserialize)]
pub(super) struct GroupPath {
    organization_id: String,
    group_id: String,
}

/// Lists groups by the last part of their resource's name
#[utoipa::path(
    get, path = super::GROUPS, operation_id = "ListGroups", tag = "groups",
    params(("organization_id" = String, Path), own::ListGroupsQuery),
    responses((status = OK, description = "One page of them", body = own::ListGroupsResponse)),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Route(organization_id): Route<String>,
    Query(query): Query<own::ListGroupsQuery>,
) -> ApiResult<own::ListGroupsResponse> {
    let list = List { name: format!("groups/{organization_id}"), columns: &[("name", BY_NAME)] };
    let slice = lists::slice(&app, &list, query.page_size, query.page_token)?;
    let asked = slice.clone();
    let place = Place::organization(organization_id);
    let page = app.read(caller, place, Permission::ReadPrincipals, move |tx, scope, _| {
        let key = |group: &Group| PageKey::Text(group.slug.clone(), group.id.0);
        let page = lists::page(&asked, key, |after, limit| tx.groups(scope.organization, after.name, limit))?;
        Ok(Page { items: describe(tx, page.items)?, next: page.next, previous: page.previous })
    });
    let page = page.await?;
    let next_page_token = lists::next_page_token(&app, &list, &slice, &page);
    Ok(Json(own::ListGroupsResponse { groups: page.items, next_page_token }))
}

/// Changes a group
///
/// With `external_name`, its members are those of the login provider's group from their next login on, and nobody
/// changes them by hand.
#[utoipa::path(
    patch, path = super::GROUP, operation_id = "UpdateGroup", tag = "groups",
    params(("organization_id" = String, Path), ("group_id" = String, Path)),
    request_body = own::UpdateGroupBody,
    responses((status = OK, description = "The group as it is now", body = own::GroupResponse)),
)]
pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<GroupPath>,
    Body(body): Body<own::UpdateGroupBody>,
) -> ApiResult<own::GroupResponse> {
    let changes = GroupChanges {
        display_name: body.display_name.map(|name| name.parse()).transpose()?,
        description: body.description.map(groups::description).transpose()?,
        external_name: body.external_name.map(|name| groups::external_name(&name)).transpose()?,
    };
    let place = Place::organization(path.organization_id);
    let done = app.write(caller, place, Permission::ManagePrincipals, move |tx, scope, moment| {
        let found = match path.group_id.parse::<Uid>() {
            Ok(uid) => tx.group(uid.as_str())?.filter(|group| group.organization == scope.organization),
            Err(_) => None,
        };
        let group = found.ok_or_else(|| groups::unknown(&path.group_id, &scope.organization_uid))?;
        let group = groups::change(tx, scope, group, &changes, moment.now)?;
        described(tx, group)
    });
    Ok(Json(own::GroupResponse { group: done.await? }))
}

fn described(tx: &mut Tx<'_>, group: Group) -> Result<own::Group, ApiError> {
    let group = describe(tx, vec![group])?.pop();
    group.ok_or_else(|| ApiError::internal("a group that was just there is not"))
}

/// Adds roles, with one query for all of them.
fn describe(tx: &mut Tx<'_>, found: Vec<Group>) -> Result<Vec<own::Group>, ApiError> {
    let ids: Vec<_> = found.iter().map(|group| group.id).collect();
    let mut roles = tx.role_bindings_of(&ids)?;
    let describe = |group: Group| own::Group {
        roles: roles.remove(&group.id).unwrap_or_default().into_iter().map(role_binding).collect(),
        resource_name: groups::resource_name(&group),
        id: group.uid,
        name: group.slug,
        display_name: group.display_name,
        description: group.description,
        member_count: group.member_count,
        external_name: group.external_name,
        created_at: group.created_at.into(),
        updated_at: group.updated_at.into(),
    };
    Ok(found.into_iter().map(describe).collect())
}
