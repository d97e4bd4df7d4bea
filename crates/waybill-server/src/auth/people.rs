//! People: making, changing and deleting them.
//!
//! How they log in is decided elsewhere. Whatever happens to them, an organization keeps somebody who owns it.

use jiff::Timestamp;
use serde_json::{Value, json};
use waybill_model::{
    email::Email,
    ids::{OrganizationId, Uid},
    role::{Permission, Role, Scope as RoleScope},
};
use waybill_store::{NewUser, PolicyScope, Tx, User};

use super::{Scope, permission::shown, principals};
use crate::{api::error::ApiError, text};

/// Longest name of a person, in characters.
const FULL_NAME: usize = 256;

/// A person to be made.
#[derive(Clone)]
pub struct NewPerson {
    pub uid: Uid,
    pub email: Email,
    pub full_name: String,
    /// On the organization. Without one they may do nothing until somebody gives them one.
    pub role: Option<Role>,
}

/// What changes about a person; what is `None` stays.
#[derive(Clone)]
pub struct PersonChanges {
    pub email: Option<Email>,
    pub full_name: Option<String>,
}

/// A person's name is one line, or nothing.
pub fn full_name(text: &str) -> Result<String, ApiError> {
    let name = text.trim();
    text::check_line("full_name", FULL_NAME, name)?;
    Ok(name.to_owned())
}

/// Makes a person on behalf of a caller who may.
pub fn admit(tx: &mut Tx<'_>, scope: &Scope, new: &NewPerson, now: Timestamp) -> Result<User, ApiError> {
    scope.require(Permission::ManagePrincipals)?;
    if let Some(role) = new.role {
        if !role.fits(RoleScope::Organization) {
            return Err(ApiError::invalid(format!("`{role}` is no role on an organization")));
        }
        principals::check_may_give(scope, RoleScope::Organization, role)?;
    }
    check_free(tx, scope.organization, &new.email)?;
    let NewPerson { uid, email, full_name, role } = new.clone();
    let id = tx.insert_user(&NewUser { uid, organization: scope.organization, email, full_name }, now)?;
    if let Some(role) = role {
        let place = PolicyScope::Organization(scope.organization);
        tx.bind(id, place, role, now)?;
        tx.count_policy_change(place)?;
    }
    let user = tx
        .user(new.uid.as_str())?
        .ok_or_else(|| ApiError::internal("a user that was just inserted is not there"))?;
    let mut detail = json!({ "id": user.uid, "email": new.email.as_str() });
    if let Some(role) = role {
        detail["role"] = role.as_str().into();
    }
    record(tx, scope, &user, "user.create", &detail, now)?;
    Ok(user)
}

/// Finds a person of the organization.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, uid: &str) -> Result<User, ApiError> {
    let found = match uid.parse::<Uid>() {
        Ok(uid) => tx.user(uid.as_str())?,
        Err(_) => None,
    };
    found
        .filter(|user| user.organization == scope.organization)
        .ok_or_else(|| unknown(uid, &scope.organization_uid))
}

pub fn unknown(uid: &str, organization_uid: &str) -> ApiError {
    ApiError::not_found(format!(
        "user `{}` does not exist in organization `{}`",
        shown(uid),
        shown(organization_uid)
    ))
}

/// Changes a person on behalf of a caller who may.
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope,
    user: User,
    changes: &PersonChanges,
    now: Timestamp,
) -> Result<User, ApiError> {
    scope.require(Permission::ManagePrincipals)?;
    let mut after = user.clone();
    let mut detail = json!({});
    if let Some(email) = changes.email.as_ref().filter(|email| **email != user.email) {
        check_free(tx, user.organization, email)?;
        detail["email"] = email.as_str().into();
        after.email = email.clone();
    }
    if let Some(full_name) = changes.full_name.as_ref().filter(|name| **name != user.full_name) {
        detail["full_name"] = full_name.as_str().into();
        after.full_name.clone_from(full_name);
    }
    if after == user {
        return Ok(user);
    }
    after.updated_at = now;
    tx.update_user(&after, now)?;
    record(tx, scope, &after, "user.update", &detail, now)?;
    Ok(after)
}

/// Deletes a person on behalf of a caller who may, with their sessions, roles and memberships.
pub fn dismiss(tx: &mut Tx<'_>, scope: &Scope, user: &User, now: Timestamp) -> Result<(), ApiError> {
    scope.require(Permission::ManagePrincipals)?;
    if user.id == scope.principal {
        return Err(ApiError::precondition(format!(
            "{} cannot delete themselves: somebody else must do that",
            scope.who()
        )));
    }
    tx.delete_principal(user.id)?;
    check_owned(tx, scope.organization)?;
    record(tx, scope, user, "user.delete", &json!({ "email": user.email.as_str() }), now)
}

/// Refuses a change after which nobody would own the organization, who could give roles on it.
pub fn check_owned(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), ApiError> {
    if tx.has_owner(organization)? {
        return Ok(());
    }
    Err(ApiError::precondition(
        "nobody would own the organization any more: give somebody else the role `owner` on it first",
    ))
}

fn check_free(tx: &mut Tx<'_>, organization: OrganizationId, email: &Email) -> Result<(), ApiError> {
    match tx.user_named(organization, email)? {
        None => Ok(()),
        Some(_) => Err(ApiError::exists(format!("user `{email}` exists already"))),
    }
}

/// The name of a person among all resources.
pub fn resource_name(organization_uid: &str, uid: &str) -> String {
    format!("iam/organization/{organization_uid}/user-principal/{uid}")
}

fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    user: &User,
    action: &'static str,
    detail: &Value,
    now: Timestamp,
) -> Result<(), ApiError> {
    let (resource, detail) = (resource_name(&user.organization_uid, &user.uid), detail.to_string());
    scope.signature().record(tx, scope.organization, action, &resource, &detail, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_name_is_one_line() {
        let check = |text: &str| full_name(text).map_err(|error| error.message);
        let longest = "é".repeat(256);
        for (given, name) in [("", ""), (" Ada  Lovelace ", "Ada  Lovelace"), (&longest, &longest)] {
            assert_eq!(check(given), Ok(name.to_owned()));
        }
        assert!(check(&"x".repeat(257)).is_err_and(|message| message.ends_with("257")));
        assert!(check("Ada\nLovelace").is_err());
    }
}
