//! The registry of one project.

use waybill_api::{hcp::GetRegistryResponse, operation::Api};

use crate::{
    client::{Call, Client},
    error::Error,
    location::Location,
};

/// The registry of one project. Operations on its resources are in the files of the resources.
#[derive(Clone, Debug)]
pub struct Registry {
    client: Client,
    location: Location,
}

impl Registry {
    pub(crate) fn new(client: Client, location: Location) -> Self {
        Self { client, location }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The registry's own settings.
    pub async fn get(&self) -> Result<waybill_api::hcp::Registry, Error> {
        let call = self.call("PackerService_GetRegistry", &[])?;
        Ok(self.client.send::<GetRegistryResponse>(&call).await?.registry)
    }

    /// A call of the operation `id`, with the location's path values added to `values`.
    pub(crate) fn call(&self, id: &'static str, values: &[(&'static str, &str)]) -> Result<Call, Error> {
        let Location { organization_id, project_id } = &self.location;
        let mut all =
            vec![("organization_id", organization_id.as_str()), ("project_id", project_id.as_str())];
        all.extend(values);
        Call::new(Api::Packer2023, id, &all)
    }
}
