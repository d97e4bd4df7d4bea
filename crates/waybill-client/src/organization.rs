//! Organizations.

use waybill_api::{
    operation::Api,
    platform::{Organization, OrganizationListResponse},
};

use crate::{
    client::{Call, Client},
    page::{Pages, page},
};

page!(OrganizationListResponse, organizations: Organization);

impl Client {
    /// The organizations that the caller can see.
    pub fn organizations(&self) -> Pages<OrganizationListResponse> {
        Pages::new(self.clone(), Call::new(Api::Platform, "OrganizationService_List", &[]))
    }
}
