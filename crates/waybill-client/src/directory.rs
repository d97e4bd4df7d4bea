//! Who is who: principals of every kind by their ids, people by their e-mail addresses.

use waybill_api::{
    operation::Api,
    platform::{
        BatchGetPrincipalsResponse, ListUserPrincipalsForOrganizationByEmailBody,
        ListUserPrincipalsForOrganizationByEmailResponse, Principal, UserPrincipal,
    },
};

use crate::{
    client::{Call, Client},
    error::Error,
};

/// Ids in one request: so that its address stays short enough for every proxy on the way.
const AT_ONCE: usize = 100;

impl Client {
    /// The principals of these ids, in their order. One that does not exist is an error.
    pub async fn look_up_principals(
        &self,
        organization_id: &str,
        ids: &[String],
    ) -> Result<Vec<Principal>, Error> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(AT_ONCE) {
            let values = [("organization_id", organization_id)];
            let call = Call::new(Api::Platform, "IamService_BatchGetPrincipals", &values)?
                .query("view", "PRINCIPAL_VIEW_FULL")
                .queries("principal_ids", some);
            found.extend(self.send::<BatchGetPrincipalsResponse>(&call).await?.principals);
        }
        Ok(found)
    }

    /// The person of that e-mail address, if there is one.
    pub async fn find_user(
        &self,
        organization_id: &str,
        email: &str,
    ) -> Result<Option<UserPrincipal>, Error> {
        let values = [("organization_id", organization_id)];
        let body = ListUserPrincipalsForOrganizationByEmailBody { email: Some(email.to_owned()) };
        let call = Call::new(Api::Platform, "IamService_ListUserPrincipalsForOrganizationByEmail", &values)?
            .body(&body)
            .idempotent();
        let found: ListUserPrincipalsForOrganizationByEmailResponse = self.send(&call).await?;
        Ok(found.user_principals.into_iter().next())
    }
}
