//! Organizations and their projects.

use waybill_api::{
    operation::Api,
    platform::{
        Organization, OrganizationListResponse, Project, ProjectCreateRequest, ProjectCreateResponse,
        ProjectGetResponse, ProjectListResponse, ResourceId, ResourceType,
    },
};

use crate::{
    client::{Call, Client},
    error::Error,
    page::{Pages, page},
};

page!(OrganizationListResponse, organizations: Organization);
page!(ProjectListResponse, projects: Project);

impl Client {
    /// The organizations that the caller can see.
    pub fn organizations(&self) -> Pages<OrganizationListResponse> {
        Pages::new(self.clone(), Call::new(Api::Platform, "OrganizationService_List", &[]))
    }

    /// The projects of an organization.
    pub fn projects(&self, organization_id: &str) -> Pages<ProjectListResponse> {
        let call = Call::new(Api::Platform, "ProjectService_List", &[]);
        let scoped =
            call.map(|call| call.query("scope.id", organization_id).query("scope.type", "ORGANIZATION"));
        Pages::new(self.clone(), scoped)
    }

    pub async fn get_project(&self, id: &str) -> Result<Project, Error> {
        let call = Call::new(Api::Platform, "ProjectService_Get", &[("id", id)])?;
        Ok(self.send::<ProjectGetResponse>(&call).await?.project)
    }

    /// Makes a project with a registry of its own.
    pub async fn create_project(
        &self,
        organization_id: &str,
        name: &str,
        description: Option<&str>,
    ) -> Result<Project, Error> {
        let body = ProjectCreateRequest {
            name: Some(name.to_owned()),
            description: description.map(str::to_owned),
            parent: Some(ResourceId { id: organization_id.to_owned(), r#type: ResourceType::Organization }),
        };
        let call = Call::new(Api::Platform, "ProjectService_Create", &[])?.body(&body);
        Ok(self.send::<ProjectCreateResponse>(&call).await?.project)
    }
}
