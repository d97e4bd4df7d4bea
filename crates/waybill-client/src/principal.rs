//! Who may do what: operations of Waybill's own.

use reqwest::Method;
use waybill_api::own::{
    CreatePrincipalBody, CreatePrincipalResponse, DeletePrincipalResponse, ListPrincipalsResponse, Principal,
    WhoAmI,
};

use crate::{
    client::{Call, Client},
    error::Error,
    page::{Page, Pages},
};

const PRINCIPALS: &str = "/api/v1/organizations/{organization_id}/principals";
const PRINCIPAL: &str = "/api/v1/organizations/{organization_id}/principals/{principal_id}";

impl Page for ListPrincipalsResponse {
    type Item = Principal;

    const TOKEN: &'static str = "page_token";
    const SIZE: &'static str = "page_size";

    fn into_parts(self) -> (Vec<Principal>, Option<String>) {
        (self.principals, self.next_page_token)
    }
}

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
}
