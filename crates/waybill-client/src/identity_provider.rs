//! Workload identity providers: whose tokens a service principal of a project can be had for.

use reqwest::Method;
use waybill_api::{
    operation::Api,
    own::{self, ListWorkloadIdentityProvidersResponse},
    platform::{
        CreateWorkloadIdentityProviderBody, CreateWorkloadIdentityProviderResponse,
        DeleteWorkloadIdentityProviderResponse, GetWorkloadIdentityProviderResponse,
        UpdateWorkloadIdentityProviderBody, UpdateWorkloadIdentityProviderResponse, WorkloadIdentityProvider,
    },
};

use crate::{
    client::{Call, Client},
    error::Error,
    location::Location,
    page::{Pages, page},
};

const PROVIDERS: &str =
    "/api/v1/organizations/{organization_id}/projects/{project_id}/workload-identity-providers";

page!(own ListWorkloadIdentityProvidersResponse, workload_identity_providers: own::WorkloadIdentityProvider);

/// A provider: its project's id, the names of its service principal and of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPath {
    pub project_id: String,
    pub service_principal: String,
    pub name: String,
}

impl Client {
    /// The providers of a project, by the names of their service principals.
    pub fn identity_providers(&self, location: &Location) -> Pages<ListWorkloadIdentityProvidersResponse> {
        let values = [
            ("organization_id", location.organization_id.as_str()),
            ("project_id", location.project_id.as_str()),
        ];
        let call = Call::at("ListWorkloadIdentityProviders", Method::GET, PROVIDERS, &values);
        Pages::new(self.clone(), call)
    }

    pub async fn get_identity_provider(
        &self,
        path: &ProviderPath,
    ) -> Result<WorkloadIdentityProvider, Error> {
        let call = path.call("ServicePrincipalsService_GetWorkloadIdentityProvider")?;
        Ok(self.send::<GetWorkloadIdentityProviderResponse>(&call).await?.provider)
    }

    pub async fn create_identity_provider(
        &self,
        path: &ProviderPath,
        provider: WorkloadIdentityProvider,
    ) -> Result<WorkloadIdentityProvider, Error> {
        let id = "ServicePrincipalsService_CreateWorkloadIdentityProvider";
        let values = [
            ("project_id", path.project_id.as_str()),
            ("service_principal", path.service_principal.as_str()),
        ];
        let body =
            CreateWorkloadIdentityProviderBody { name: Some(path.name.clone()), provider: Some(provider) };
        let call = Call::new(Api::Platform, id, &values)?.body(&body);
        Ok(self.send::<CreateWorkloadIdentityProviderResponse>(&call).await?.provider)
    }

    /// Changes what `mask` names to what `body` has.
    pub async fn update_identity_provider(
        &self,
        path: &ProviderPath,
        mask: &[&str],
        body: &UpdateWorkloadIdentityProviderBody,
    ) -> Result<WorkloadIdentityProvider, Error> {
        let call = path.call("ServicePrincipalsService_UpdateWorkloadIdentityProvider")?;
        let call = call.query("update_mask", mask.join(",")).body(body).idempotent();
        Ok(self.send::<UpdateWorkloadIdentityProviderResponse>(&call).await?.provider)
    }

    /// Deletes a provider; tokens that were got by it are refused from now on.
    pub async fn delete_identity_provider(&self, path: &ProviderPath) -> Result<(), Error> {
        let call = path.call("ServicePrincipalsService_DeleteWorkloadIdentityProvider")?;
        self.send::<DeleteWorkloadIdentityProviderResponse>(&call).await?;
        Ok(())
    }
}

impl ProviderPath {
    /// Reads `iam/project/…/service-principal/…/workload-identity-provider/…`.
    pub fn from_resource_name(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.split('/').collect();
        match parts[..] {
            [
                "iam",
                "project",
                project,
                "service-principal",
                principal,
                "workload-identity-provider",
                name,
            ] => Some(Self {
                project_id: project.to_owned(),
                service_principal: principal.to_owned(),
                name: name.to_owned(),
            }),
            _ => None,
        }
    }

    /// What clients are configured with.
    pub fn resource_name(&self) -> String {
        let Self { project_id, service_principal, name } = self;
        format!(
            "iam/project/{project_id}/service-principal/{service_principal}/workload-identity-provider/{name}"
        )
    }

    pub(crate) fn call(&self, id: &'static str) -> Result<Call, Error> {
        let values = [
            ("project_id", self.project_id.as_str()),
            ("service_principal", self.service_principal.as_str()),
            ("workload_identity_provider", self.name.as_str()),
        ];
        Call::new(Api::Platform, id, &values)
    }
}
