//! Where a registry is: organization and project, given or found out.

use thiserror::Error;
use waybill_api::error::Code;

use crate::{client::Client, error::Error};

/// The two identifiers that every operation of a registry is addressed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub organization_id: String,
    pub project_id: String,
}

/// Why organization and project could not be found out.
#[derive(Debug, Error)]
pub enum LocationError {
    #[error("the credentials see {0} organizations, exactly one is expected")]
    Organizations(usize),
    #[error("organization `{0}` has no project")]
    NoProject(String),
    #[error("the credentials may not list projects; they belong to one project, which has to be named")]
    ProjectScoped(#[source] Error),
    #[error("project `{0}` has no registry")]
    NoRegistry(String),
    #[error(transparent)]
    Client(#[from] Error),
}

impl Client {
    /// Completes what is given to a location.
    ///
    /// Both given: taken as they are. Project only: the one visible organization, and the project's registry
    /// must exist. Otherwise the organization's oldest project. As the HCP clients do.
    pub async fn locate(
        &self,
        organization_id: Option<&str>,
        project_id: Option<&str>,
    ) -> Result<Location, LocationError> {
        let location = |organization_id: &str, project_id: &str| Location {
            organization_id: organization_id.to_owned(),
            project_id: project_id.to_owned(),
        };
        match (organization_id, project_id) {
            (Some(organization), Some(project)) => Ok(location(organization, project)),
            (None, Some(project)) => {
                let found = location(&self.only_organization().await?, project);
                match self.registry(found.clone()).get().await {
                    Ok(_) => Ok(found),
                    Err(error) if error.is_not_found() => Err(LocationError::NoRegistry(project.to_owned())),
                    Err(error) => Err(error.into()),
                }
            }
            (Some(organization), None) => {
                let project = self.oldest_project(organization).await?;
                Ok(location(organization, &project))
            }
            (None, None) => {
                let organization = self.only_organization().await?;
                let project = self.oldest_project(&organization).await?;
                Ok(location(&organization, &project))
            }
        }
    }

    /// The given organization, or the only one that the credentials see.
    pub async fn locate_organization(&self, organization_id: Option<&str>) -> Result<String, LocationError> {
        match organization_id {
            Some(id) => Ok(id.to_owned()),
            None => self.only_organization().await,
        }
    }

    async fn only_organization(&self) -> Result<String, LocationError> {
        let organizations = self.organizations().all().await?;
        match organizations.as_slice() {
            [only] => Ok(only.id.clone()),
            several => Err(LocationError::Organizations(several.len())),
        }
    }

    async fn oldest_project(&self, organization_id: &str) -> Result<String, LocationError> {
        let projects = self.projects(organization_id).all().await.map_err(|error| match error.code() {
            Some(Code::PermissionDenied) => LocationError::ProjectScoped(error),
            _ => error.into(),
        })?;
        projects
            .into_iter()
            // The first of several equals.
            .min_by_key(|project| project.created_at)
            .map(|project| project.id)
            .ok_or_else(|| LocationError::NoProject(organization_id.to_owned()))
    }
}
