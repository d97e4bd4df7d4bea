//! Groups of people: making, changing and deleting them, and who is in them.
//!
//! A group's members have the roles that the group has. Whoever gives a group a role trusts its managers with it:
//! they decide who is in it. A group that follows one of the login provider's takes nobody by hand.

use jiff::Timestamp;
use serde_json::{Value, json};
use waybill_model::{
    group::{GroupName, GroupSlug},
    ids::{PrincipalId, Uid},
    role::Permission,
};
use waybill_store::{Entry, Group, NewGroup, Tx};

use super::{
    Scope,
    people::{check_owned, unknown as unknown_person},
    permission::shown,
};
use crate::{api::error::ApiError, text};

/// Longest description, and longest name that the login provider has for a group, in characters.
const DESCRIPTION: usize = 1024;
const EXTERNAL_NAME: usize = 256;
/// Members that one request may add, and that it may remove.
const MEMBERS: usize = 1000;

/// A group to be made.
#[derive(Clone)]
pub struct Founding {
    pub uid: Uid,
    pub name: GroupName,
    pub description: String,
    /// The identifiers of its first members.
    pub members: Vec<String>,
}

/// What changes about a group; what is `None` stays.
#[derive(Clone, Default)]
pub struct GroupChanges {
    pub display_name: Option<GroupName>,
    pub description: Option<String>,
    /// Empty: it follows no group of the login provider.
    pub external_name: Option<String>,
}

/// Who comes and who goes, by identifier.
#[derive(Clone)]
pub struct MemberChanges {
    pub add: Vec<String>,
    pub remove: Vec<String>,
}

/// A description is a short text of what can be printed.
pub fn description(text: String) -> Result<String, ApiError> {
    text::check_lines("description", DESCRIPTION, &text)?;
    Ok(text)
}

/// The login provider may call its groups anything that fits on a line.
pub fn external_name(text: &str) -> Result<String, ApiError> {
    text::check_line("external_name", EXTERNAL_NAME, text)?;
    Ok(text.trim().to_owned())
}

/// Finds a group of the caller's organization by the last part of its resource's name.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, name: &str) -> Result<Group, ApiError> {
    let found = match GroupSlug::known(name) {
        Some(slug) => tx.group_named(scope.organization, &slug)?,
        None => None,
    };
    found.ok_or_else(|| unknown(name, &scope.organization_uid))
}

pub fn unknown(group: &str, organization_uid: &str) -> ApiError {
    ApiError::not_found(format!(
        "group `{}` does not exist in organization `{}`",
        shown(group),
        shown(organization_uid)
    ))
}

/// Makes a group on behalf of a caller who may.
pub fn found(tx: &mut Tx<'_>, scope: &Scope, new: &Founding, now: Timestamp) -> Result<Group, ApiError> {
    scope.require(Permission::ManagePrincipals)?;
    let slug = new.name.slug(&new.uid);
    if let Some(other) = tx.group_named(scope.organization, &slug)? {
        return Err(ApiError::exists(format!(
            "group `{}` exists already, its resource name ends in `{slug}` too: choose another name",
            other.display_name
        )));
    }
    let members = people(tx, scope, &new.members)?;
    let row = NewGroup {
        uid: new.uid.clone(),
        organization: scope.organization,
        slug: slug.clone(),
        display_name: new.name.to_string(),
        description: new.description.clone(),
    };
    let id = tx.insert_group(&row, now)?;
    tx.add_members(id, &members, now)?;
    let group = tx
        .group_named(scope.organization, &slug)?
        .ok_or_else(|| ApiError::internal("a group that was just inserted is not there"))?;
    let mut detail = json!({ "display_name": group.display_name });
    if !new.members.is_empty() {
        detail["members"] = json!(new.members);
    }
    record(tx, scope, &group, "group.create", detail, now)?;
    Ok(group)
}

/// Changes a group on behalf of a caller who may: its manager the description only.
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope,
    group: Group,
    changes: &GroupChanges,
    now: Timestamp,
) -> Result<Group, ApiError> {
    scope.require(Permission::ManageGroup)?;
    let mut after = group.clone();
    let mut detail = json!({});
    if let Some(name) = changes.display_name.as_ref().filter(|name| name.as_str() != group.display_name) {
        scope.require(Permission::ManagePrincipals)?;
        detail["display_name"] = name.as_str().into();
        after.display_name = name.to_string();
    }
    if let Some(description) = changes.description.as_ref().filter(|text| **text != group.description) {
        detail["description"] = description.as_str().into();
        after.description.clone_from(description);
    }
    if let Some(name) = &changes.external_name {
        let name = Some(name.clone()).filter(|name| !name.is_empty());
        if name != group.external_name {
            scope.require(Permission::ManagePrincipals)?;
            detail["external_name"] = json!(name);
            after.external_name = name;
        }
    }
    if after == group {
        return Ok(group);
    }
    after.updated_at = now;
    tx.update_group(&after, now)?;
    record(tx, scope, &after, "group.update", detail, now)?;
    Ok(after)
}

/// Deletes a group with the roles that it has and those that are on it. Its members stay.
pub fn dissolve(tx: &mut Tx<'_>, scope: &Scope, group: &Group, now: Timestamp) -> Result<(), ApiError> {
    scope.require(Permission::ManagePrincipals)?;
    tx.delete_principal(group.id)?;
    check_owned(tx, scope.organization)?;
    record(tx, scope, group, "group.delete", json!({ "display_name": group.display_name }), now)
}

/// Adds and removes members; who is in already, or out already, stays so.
pub fn change_members(
    tx: &mut Tx<'_>,
    scope: &Scope,
    group: &Group,
    changes: &MemberChanges,
    now: Timestamp,
) -> Result<(), ApiError> {
    scope.require(Permission::ManageGroup)?;
    if let Some(external) = &group.external_name {
        return Err(ApiError::precondition(format!(
            "the members of group `{}` are those of the login provider's group `{external}`: change them there, or \
             take away the group's `external_name` first",
            group.slug
        )));
    }
    // Before they are compared with each other, which takes the square of their number.
    check_number(&changes.add)?;
    check_number(&changes.remove)?;
    if let Some(both) = changes.add.iter().find(|uid| changes.remove.contains(uid)) {
        return Err(ApiError::invalid(format!("`{}` is both to be added and to be removed", shown(both))));
    }
    let (add, remove) = (people(tx, scope, &changes.add)?, people(tx, scope, &changes.remove)?);
    let added = tx.add_members(group.id, &add, now)?;
    let removed = tx.remove_members(group.id, &remove, now)?;
    if added == 0 && removed == 0 {
        return Ok(());
    }
    if 0 < removed {
        check_owned(tx, scope.organization)?;
    }
    let detail = json!({ "add": changes.add, "remove": changes.remove });
    record(tx, scope, group, "group.update-members", detail, now)
}

/// The people behind identifiers; everybody must be a person of the organization.
fn people(tx: &mut Tx<'_>, scope: &Scope, uids: &[String]) -> Result<Vec<PrincipalId>, ApiError> {
    check_number(uids)?;
    let known: Vec<Uid> = uids.iter().filter_map(|uid| uid.parse().ok()).collect();
    let entries = tx.entries(scope.organization, &known)?;
    uids.iter()
        .map(|uid| match entries.iter().find(|entry| entry.uid() == uid) {
            Some(Entry::User(user)) => Ok(user.id),
            Some(Entry::Service(_)) => Err(not_a_person(uid, "a service principal")),
            Some(Entry::Group(_)) => Err(not_a_person(uid, "a group")),
            None => Err(unknown_person(uid, &scope.organization_uid)),
        })
        .collect()
}

fn check_number(uids: &[String]) -> Result<(), ApiError> {
    if MEMBERS < uids.len() {
        return Err(ApiError::invalid(format!(
            "up to {MEMBERS} members can be changed at once, these are {}",
            uids.len()
        )));
    }
    Ok(())
}

fn not_a_person(uid: &str, what: &str) -> ApiError {
    ApiError::invalid(format!("`{uid}` is {what}: only people can be members of a group"))
}

/// The name of a group among all resources.
pub fn resource_name(group: &Group) -> String {
    format!("iam/organization/{}/group/{}", group.organization_uid, group.slug)
}

fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    group: &Group,
    action: &'static str,
    mut detail: Value,
    now: Timestamp,
) -> Result<(), ApiError> {
    // Its name may be given again.
    detail["id"] = group.uid.as_str().into();
    let (resource, detail) = (resource_name(group), detail.to_string());
    scope.signature().record(tx, scope.organization, action, &resource, &detail, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_a_group_are_short() {
        let describe = |text: &str| description(text.to_owned()).map_err(|error| error.message);
        assert_eq!(describe("two\nlines").as_deref(), Ok("two\nlines"));
        assert!(describe(&"x".repeat(1025)).is_err_and(|message| message.ends_with("1025")));
        assert!(describe("a\0b").is_err());
        let external = |text: &str| external_name(text).map_err(|error| error.message);
        assert_eq!(external(" CN=Web, OU=Groups ").as_deref(), Ok("CN=Web, OU=Groups"));
        assert_eq!(external("").as_deref(), Ok(""));
        assert!(external("two\nlines").is_err());
        assert!(external(&"x".repeat(257)).is_err());
    }
}
