//! Groups of people, and who is in them.
//!
//! A group is known by its name, the last part of its resource's name; what Waybill's own operations change is known
//! by its id.

use reqwest::Method;
use waybill_api::{
    operation::Api,
    own::{self, ListGroupsResponse, UpdateGroupBody},
    platform::{
        CreateGroupBody, CreateGroupResponse, DeleteGroupResponse, GetGroupResponse, Group, GroupMember,
        ListGroupMembersResponse, UpdateGroupMembersBody, UpdateGroupMembersResponse, UpdateGroupResponse,
    },
};

use crate::{
    client::{Call, Client},
    error::Error,
    page::{Pages, page},
};

const GROUPS: &str = "/api/v1/organizations/{organization_id}/groups";
const GROUP: &str = "/api/v1/organizations/{organization_id}/groups/{group_id}";

page!(ListGroupMembersResponse, members: GroupMember);
page!(own ListGroupsResponse, groups: own::Group);

impl Client {
    /// All groups by name, with the roles that their members have by them.
    pub fn groups(&self, organization_id: &str) -> Pages<ListGroupsResponse> {
        let call = Call::at("ListGroups", Method::GET, GROUPS, &[("organization_id", organization_id)]);
        Pages::new(self.clone(), call)
    }

    pub async fn get_group(&self, organization_id: &str, group: &str) -> Result<Group, Error> {
        let call = Call::new(Api::Platform, "GroupsService_GetGroup", &path(organization_id, group))?;
        Ok(self.send::<GetGroupResponse>(&call).await?.group)
    }

    pub async fn create_group(&self, organization_id: &str, body: &CreateGroupBody) -> Result<Group, Error> {
        let values = [("organization_id", organization_id)];
        let call = Call::new(Api::Platform, "GroupsService_CreateGroup", &values)?.body(body);
        Ok(self.send::<CreateGroupResponse>(&call).await?.group)
    }

    /// Changes what a group's managers may change: what it is called and its description.
    pub async fn describe_group(
        &self,
        organization_id: &str,
        group: &str,
        display_name: Option<&str>,
        description: Option<&str>,
    ) -> Result<(), Error> {
        let fields = [display_name.map(|_| "display_name"), description.map(|_| "description")];
        let mask: Vec<&str> = fields.into_iter().flatten().collect();
        let body = Group {
            display_name: display_name.unwrap_or_default().to_owned(),
            description: description.unwrap_or_default().to_owned(),
            ..Group::default()
        };
        let call = Call::new(Api::Platform, "GroupsService_UpdateGroup2", &path(organization_id, group))?;
        let call = call.query("update_mask", mask.join(",")).body(&body).idempotent();
        self.send::<UpdateGroupResponse>(&call).await?;
        Ok(())
    }

    /// Changes what `body` sets, of the group of that id.
    pub async fn update_group(
        &self,
        organization_id: &str,
        group_id: &str,
        body: &UpdateGroupBody,
    ) -> Result<own::Group, Error> {
        let values = [("organization_id", organization_id), ("group_id", group_id)];
        let call = Call::at("UpdateGroup", Method::PATCH, GROUP, &values)?.body(body).idempotent();
        Ok(self.send::<own::GroupResponse>(&call).await?.group)
    }

    /// Deletes a group; its members lose the roles that they had by it.
    pub async fn delete_group(&self, organization_id: &str, group: &str) -> Result<(), Error> {
        let call = Call::new(Api::Platform, "GroupsService_DeleteGroup", &path(organization_id, group))?;
        self.send::<DeleteGroupResponse>(&call).await?;
        Ok(())
    }

    pub fn group_members(&self, organization_id: &str, group: &str) -> Pages<ListGroupMembersResponse> {
        let call = Call::new(Api::Platform, "GroupsService_ListGroupMembers", &path(organization_id, group));
        Pages::new(self.clone(), call)
    }

    /// Adds and removes people, given by their ids. Who is in the group already stays, who is not stays away.
    pub async fn update_group_members(
        &self,
        organization_id: &str,
        group: &str,
        body: &UpdateGroupMembersBody,
    ) -> Result<(), Error> {
        let call =
            Call::new(Api::Platform, "GroupsService_UpdateGroupMembers", &path(organization_id, group))?;
        self.send::<UpdateGroupMembersResponse>(&call.body(body).idempotent()).await?;
        Ok(())
    }
}

fn path<'a>(organization_id: &'a str, group: &'a str) -> [(&'static str, &'a str); 2] {
    [("organization_id", organization_id), ("group", group)]
}
