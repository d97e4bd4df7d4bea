//! The caller, and service principals with their keys.

use reqwest::Method;
use waybill_api::{
    operation::Api,
    own::{
        CreatePrincipalBody, CreatePrincipalResponse, DeletePrincipalResponse, ListPrincipalsResponse,
        Principal, WhoAmI,
    },
    platform::{
        CreateServicePrincipalKeyResponse, DeleteServicePrincipalKeyResponse, GetServicePrincipalResponse,
        ServicePrincipal,
    },
};

use crate::{
    client::{Call, Client},
    error::Error,
    page::{Pages, page},
};

const PRINCIPALS: &str = "/api/v1/organizations/{organization_id}/principals";
const PRINCIPAL: &str = "/api/v1/organizations/{organization_id}/principals/{principal_id}";

/// What a service principal belongs to, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent<'a> {
    Organization(&'a str),
    Project(&'a str),
}

page!(own ListPrincipalsResponse, principals: Principal);

impl Client {
    /// The caller as the registry sees it.
    pub async fn who_am_i(&self) -> Result<WhoAmI, Error> {
        self.send(&Call::at("WhoAmI", Method::GET, "/api/v1/whoami", &[])?).await
    }

    /// The principals of an organization and of its projects.
    pub fn principals(&self, organization_id: &str) -> Pages<ListPrincipalsResponse> {
        let call =
            Call::at("ListPrincipals", Method::GET, PRINCIPALS, &[("organization_id", organization_id)]);
        Pages::new(self.clone(), call)
    }

    /// Makes a principal with a role and a key. The answer is the only place where the key's secret ever is.
    pub async fn create_principal(
        &self,
        organization_id: &str,
        body: &CreatePrincipalBody,
    ) -> Result<CreatePrincipalResponse, Error> {
        let values = [("organization_id", organization_id)];
        self.send(&Call::at("CreatePrincipal", Method::POST, PRINCIPALS, &values)?.body(body)).await
    }

    /// Deletes a principal; its tokens are refused from now on.
    pub async fn delete_principal(&self, organization_id: &str, principal_id: &str) -> Result<(), Error> {
        let values = [("organization_id", organization_id), ("principal_id", principal_id)];
        let call = Call::at("DeletePrincipal", Method::DELETE, PRINCIPAL, &values)?;
        self.send::<DeletePrincipalResponse>(&call).await?;
        Ok(())
    }

    /// The service principal of that name.
    pub async fn get_service_principal(
        &self,
        parent: Parent<'_>,
        name: &str,
    ) -> Result<ServicePrincipal, Error> {
        let call = Call::new(
            Api::Platform,
            "ServicePrincipalsService_GetServicePrincipal",
            &parent.path(&[("service_principal", name)]),
        )?;
        Ok(self.send::<GetServicePrincipalResponse>(&call).await?.service_principal)
    }

    /// Makes another key; there are two at most. The answer is the only place where its secret ever is.
    pub async fn create_key(
        &self,
        parent: Parent<'_>,
        principal: &str,
    ) -> Result<CreateServicePrincipalKeyResponse, Error> {
        let call = Call::new(
            Api::Platform,
            "ServicePrincipalsService_CreateServicePrincipalKey",
            &parent.path(&[("service_principal", principal)]),
        )?;
        self.send(&call).await
    }

    /// Deletes a key; tokens that were got with it are refused from now on.
    pub async fn delete_key(
        &self,
        parent: Parent<'_>,
        principal: &str,
        client_id: &str,
    ) -> Result<(), Error> {
        let call = Call::new(
            Api::Platform,
            "ServicePrincipalsService_DeleteServicePrincipalKey",
            &parent.path(&[("service_principal", principal), ("key", client_id)]),
        )?;
        self.send::<DeleteServicePrincipalKeyResponse>(&call).await?;
        Ok(())
    }
}

impl<'a> Parent<'a> {
    /// The path values that name it, and `more`.
    fn path(self, more: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
        let (scope, id) = match self {
            Self::Organization(id) => ("organization", id),
            Self::Project(id) => ("project", id),
        };
        let mut path = vec![("scope", scope), ("scope_id", id)];
        path.extend(more);
        path
    }
}
