//! Groups of people as HCP's interface has them: known by the last part of their resource's name.

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::{
    hcp::{FieldMask, PageQuery},
    platform::{
        self, CreateGroupBody, CreateGroupResponse, DeleteGroupResponse, GetGroupResponse, GroupMember,
        GroupMemberPrincipalType, ListGroupMembersResponse, UpdateGroupMembersBody,
        UpdateGroupMembersResponse, UpdateGroupQuery, UpdateGroupResponse,
    },
};
use waybill_model::{
    group::{GroupName, GroupSlug},
    role::Permission,
};
use waybill_store::{Group, Tx};

use super::directory::{reader, wire_group};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Pairs, Query, Route},
        page::{BY_CREATION, LARGEST_PAGE, List},
    },
    app::App,
    auth::{
        Caller, Place,
        groups::{self, Founding, GroupChanges, MemberChanges},
    },
};

/// A group, by its organization and the last part of its resource's name.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct GroupPath {
    organization_id: String,
    group: String,
}

impl GroupPath {
    fn place(&self) -> Place {
        let (organization, group) = (self.organization_id.clone(), self.group.clone());
        Place { organization, group, ..Place::default() }
    }

    /// The group, for a caller who may look it up.
    fn read(&self, tx: &mut Tx<'_>, caller: &Caller) -> Result<Group, ApiError> {
        let standing = reader(tx, caller, &self.organization_id)?;
        let found = match GroupSlug::known(&self.group) {
            Some(slug) => tx.group_named(standing.organization.id, &slug)?,
            None => None,
        };
        found.ok_or_else(|| groups::unknown(&self.group, &self.organization_id))
    }
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Route(organization_id): Route<String>,
    Body(body): Body<CreateGroupBody>,
) -> ApiResult<CreateGroupResponse> {
    let name: GroupName = body.name.unwrap_or_default().parse()?;
    let description = groups::description(body.description.unwrap_or_default())?;
    let members = body.member_principal_ids;
    let place = Place::organization(organization_id);
    let made = app.write(caller, place, Permission::ManagePrincipals, move |tx, scope, moment| {
        let (name, description, members) = (name.clone(), description.clone(), members.clone());
        groups::found(tx, scope, &Founding { uid: moment.uid(), name, description, members }, moment.now)
    });
    let group = wire_group(&made.await?);
    Ok(Json(CreateGroupResponse { group, operation_id: String::new() }))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<GroupPath>,
) -> ApiResult<GetGroupResponse> {
    let group = app.store.read(move |tx| path.read(tx, &caller)).await?;
    Ok(Json(GetGroupResponse { group: wire_group(&group) }))
}

/// Changes what the mask names; without a mask, everything.
pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<GroupPath>,
    Query(query): Query<UpdateGroupQuery>,
    Body(body): Body<platform::Group>,
) -> ApiResult<UpdateGroupResponse> {
    let mask =
        FieldMask::parse(query.update_mask.as_deref().unwrap_or_default(), &["description", "display_name"])?;
    let is_meant = |field| mask.is_empty() || mask.contains(field);
    let display_name = is_meant("display_name").then(|| body.display_name.parse::<GroupName>());
    let description = is_meant("description").then(|| groups::description(body.description));
    let changes = GroupChanges {
        display_name: display_name.transpose()?,
        description: description.transpose()?,
        external_name: None,
    };
    let place = path.place();
    let done = app.write(caller, place, Permission::ManageGroup, move |tx, scope, moment| {
        let group = groups::find(tx, scope, &path.group)?;
        groups::change(tx, scope, group, &changes, moment.now)
    });
    done.await?;
    Ok(Json(UpdateGroupResponse::default()))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<GroupPath>,
) -> ApiResult<DeleteGroupResponse> {
    let place = path.place();
    let done = app.write(caller, place, Permission::ManagePrincipals, move |tx, scope, moment| {
        let group = groups::find(tx, scope, &path.group)?;
        groups::dissolve(tx, scope, &group, moment.now)
    });
    done.await?;
    Ok(Json(DeleteGroupResponse::default()))
}

/// Lists the people in a group, in the order in which they were added.
///
/// Without a page size they come as many as go: Terraform's provider asks for one page and takes it for all.
pub(super) async fn members(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<GroupPath>,
    Pairs(pairs): Pairs,
) -> ApiResult<ListGroupMembersResponse> {
    let mut query = PageQuery::from_pairs(pairs)?;
    query.page_size = query.page_size.or(Some(LARGEST_PAGE));
    let (organization, name) = (&path.organization_id, &path.group);
    let list =
        List { name: format!("members/{organization}/{name}"), columns: &[("created_at", BY_CREATION)] };
    let slice = app.pages.slice(&list, &query)?;
    let asked = slice.clone();
    let read = app.store.read(move |tx| {
        let group = path.read(tx, &caller)?;
        let page = tx.group_members(group.id, &asked)?;
        Ok::<_, ApiError>((group, page))
    });
    let (group, page) = read.await?;
    let pagination = app.pages.answer(&list, &slice, &page);
    let members = page.items.into_iter().map(|member| GroupMember {
        id: member.uid,
        name: member.full_name,
        email: member.email.to_string(),
        principal_type: GroupMemberPrincipalType::User,
    });
    Ok(Json(ListGroupMembersResponse { group: wire_group(&group), members: members.collect(), pagination }))
}

pub(super) async fn update_members(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<GroupPath>,
    Body(body): Body<UpdateGroupMembersBody>,
) -> ApiResult<UpdateGroupMembersResponse> {
    let changes =
        MemberChanges { add: body.member_principal_ids_to_add, remove: body.member_principal_ids_to_remove };
    let place = path.place();
    let done = app.write(caller, place, Permission::ManageGroup, move |tx, scope, moment| {
        let group = groups::find(tx, scope, &path.group)?;
        groups::change_members(tx, scope, &group, &changes, moment.now)
    });
    done.await?;
    Ok(Json(UpdateGroupMembersResponse::default()))
}
