//! People: operations of Waybill's own.

use reqwest::Method;
use waybill_api::own::{
    CreateUserBody, DeleteUserResponse, ListUsersResponse, SetPasswordBody, SetPasswordResponse,
    UpdateUserBody, User, UserResponse,
};

use crate::{
    client::{Call, Client},
    error::Error,
    page::{Pages, page},
};

const USERS: &str = "/api/v1/organizations/{organization_id}/users";
const USER: &str = "/api/v1/organizations/{organization_id}/users/{user_id}";
const PASSWORD: &str = "/api/v1/organizations/{organization_id}/users/{user_id}/password";

page!(own ListUsersResponse, users: User);

impl Client {
    /// The people of an organization, by e-mail address.
    pub fn users(&self, organization_id: &str) -> Pages<ListUsersResponse> {
        let call = Call::at("ListUsers", Method::GET, USERS, &[("organization_id", organization_id)]);
        Pages::new(self.clone(), call)
    }

    pub async fn get_user(&self, organization_id: &str, user_id: &str) -> Result<User, Error> {
        let call = Call::at("GetUser", Method::GET, USER, &path(organization_id, user_id))?;
        Ok(self.send::<UserResponse>(&call).await?.user)
    }

    /// Makes a person, who cannot log in before they have a password or come by way of the login provider.
    pub async fn create_user(&self, organization_id: &str, body: &CreateUserBody) -> Result<User, Error> {
        let values = [("organization_id", organization_id)];
        let call = Call::at("CreateUser", Method::POST, USERS, &values)?.body(body);
        Ok(self.send::<UserResponse>(&call).await?.user)
    }

    /// Changes what `body` sets.
    pub async fn update_user(
        &self,
        organization_id: &str,
        user_id: &str,
        body: &UpdateUserBody,
    ) -> Result<User, Error> {
        let call = Call::at("UpdateUser", Method::PATCH, USER, &path(organization_id, user_id))?;
        Ok(self.send::<UserResponse>(&call.body(body).idempotent()).await?.user)
    }

    /// Deletes a person; their tokens are refused from now on.
    pub async fn delete_user(&self, organization_id: &str, user_id: &str) -> Result<(), Error> {
        let call = Call::at("DeleteUser", Method::DELETE, USER, &path(organization_id, user_id))?;
        self.send::<DeleteUserResponse>(&call).await?;
        Ok(())
    }

    /// Gives a person a password; their other sessions end.
    pub async fn set_password(
        &self,
        organization_id: &str,
        user_id: &str,
        body: &SetPasswordBody,
    ) -> Result<(), Error> {
        let call =
            Call::at("SetPassword", Method::PUT, PASSWORD, &path(organization_id, user_id))?.body(body);
        self.send::<SetPasswordResponse>(&call).await?;
        Ok(())
    }
}

fn path<'a>(organization_id: &'a str, user_id: &'a str) -> [(&'static str, &'a str); 2] {
    [("organization_id", organization_id), ("user_id", user_id)]
}
