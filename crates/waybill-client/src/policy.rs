//! Policies: who has which role on the organization, a project, a bucket or a group.

use tokio::time::sleep;
use tracing::debug;
use waybill_api::{
    error::Code,
    operation::Api,
    platform::{IamPolicyResponse, Policy, ResourceSetIamPolicyRequest, SetIamPolicyBody},
};

use crate::{
    client::{Call, Client},
    error::Error,
};

/// What a policy is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyOf {
    /// The organization of that id.
    Organization(String),
    /// The project of that id.
    Project(String),
    /// A bucket or a group, by its resource name: `packer/project/…/bucket/…`, `iam/organization/…/group/…`.
    Resource(String),
}

/// How often a change is tried when somebody else changes the policy at the same time: a dozen programs that start
/// together all get their turn.
const ATTEMPTS: u32 = 12;

impl Client {
    pub async fn get_policy(&self, of: &PolicyOf) -> Result<Policy, Error> {
        let call = match of {
            PolicyOf::Organization(id) => {
                Call::new(Api::Platform, "OrganizationService_GetIamPolicy", &[("organization_id", id)])?
            }
            PolicyOf::Project(id) => {
                Call::new(Api::Platform, "ProjectService_GetIamPolicy", &[("project_id", id)])?
            }
            PolicyOf::Resource(name) => Call::new(Api::Platform, "ResourceService_GetIamPolicy", &[])?
                .query("resource_name", name.as_str()),
        };
        Ok(self.send::<IamPolicyResponse>(&call).await?.policy)
    }

    /// Replaces a policy, unless it is another than that of `policy.etag` by now: code 10.
    pub async fn set_policy(&self, of: &PolicyOf, policy: Policy) -> Result<Policy, Error> {
        let policy = Some(policy);
        let call = match of {
            PolicyOf::Organization(id) => {
                Call::new(Api::Platform, "OrganizationService_SetIamPolicy", &[("organization_id", id)])?
                    .body(&SetIamPolicyBody { policy })
            }
            PolicyOf::Project(id) => {
                Call::new(Api::Platform, "ProjectService_SetIamPolicy", &[("project_id", id)])?
                    .body(&SetIamPolicyBody { policy })
            }
            PolicyOf::Resource(name) => {
                let resource_name = Some(name.clone());
                Call::new(Api::Platform, "ResourceService_SetIamPolicy", &[])?
                    .body(&ResourceSetIamPolicyRequest { policy, resource_name, resource_id: None })
            }
        };
        Ok(self.send::<IamPolicyResponse>(&call).await?.policy)
    }

    /// Reads a policy, lets `change` change it and writes it; again with what it is then, if somebody else was
    /// faster. Returns whether there was something to change, which is what `change` says.
    pub async fn change_policy(
        &self,
        of: &PolicyOf,
        change: impl Fn(&mut Policy) -> bool,
    ) -> Result<bool, Error> {
        let mut attempt = 1;
        loop {
            let mut policy = self.get_policy(of).await?;
            if !change(&mut policy) {
                return Ok(false);
            }
            match self.set_policy(of, policy).await {
                Ok(_) => return Ok(true),
                Err(error) if error.code() == Some(Code::Aborted) && attempt < ATTEMPTS => {
                    debug!("somebody else changed the policy, attempt {attempt} of {ATTEMPTS}");
                    sleep(self.backoff().pause_of_conflict(attempt)).await;
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
}
