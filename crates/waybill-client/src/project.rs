//! Projects: parts of an organization, each with a registry of its own.

use waybill_api::{
    operation::Api,
    platform::{
        Project, ProjectCreateRequest, ProjectCreateResponse, ProjectDeleteResponse, ProjectGetResponse,
        ProjectListResponse, ProjectSetDescriptionBody, ProjectSetDescriptionResponse, ProjectSetNameBody,
        ProjectSetNameResponse, ResourceId, ResourceType,
    },
};

use crate::{
    client::{Call, Client},
    error::Error,
    page::{Pages, page},
};

page!(ProjectListResponse, projects: Project);

impl Client {
    /// The projects of an organization.
    pub fn projects(&self, organization_id: &str) -> Pages<ProjectListResponse> {
        let call = Call::new(Api::Platform, "ProjectService_List", &[]);
        let scoped =
            call.map(|call| call.query("scope.id", organization_id).query("scope.type", "ORGANIZATION"));
        Pages::new(self.clone(), scoped)
    }

    pub async fn get_project(&self, project_id: &str) -> Result<Project, Error> {
        let call = Call::new(Api::Platform, "ProjectService_Get", &[("project_id", project_id)])?;
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

    pub async fn rename_project(&self, project_id: &str, name: &str) -> Result<(), Error> {
        let body = ProjectSetNameBody { name: Some(name.to_owned()) };
        let call = Call::new(Api::Platform, "ProjectService_SetName", &[("project_id", project_id)])?;
        self.send::<ProjectSetNameResponse>(&call.body(&body).idempotent()).await?;
        Ok(())
    }

    /// Describes a project; an empty text takes its description away.
    pub async fn describe_project(&self, project_id: &str, description: &str) -> Result<(), Error> {
        let body = ProjectSetDescriptionBody { description: Some(description.to_owned()) };
        let call = Call::new(Api::Platform, "ProjectService_SetDescription", &[("project_id", project_id)])?;
        self.send::<ProjectSetDescriptionResponse>(&call.body(&body).idempotent()).await?;
        Ok(())
    }

    /// Deletes a project without buckets.
    pub async fn delete_project(&self, project_id: &str) -> Result<(), Error> {
        let call = Call::new(Api::Platform, "ProjectService_Delete", &[("project_id", project_id)])?;
        self.send::<ProjectDeleteResponse>(&call).await?;
        Ok(())
    }
}
