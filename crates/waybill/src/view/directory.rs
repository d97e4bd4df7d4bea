//! People, groups and who is in them.

use serde::Serialize;
use waybill_api::{own, platform, time::DateTime};

use super::{
    access::{Role, roles_text},
    given,
};
use crate::{
    printer::View,
    table::{Table, clean, moment},
    who::slug,
};

/// `user list`.
#[derive(Serialize)]
pub(crate) struct Users {
    pub(crate) users: Vec<User>,
}

/// `user show`, `create`, `update`.
#[derive(Serialize)]
pub(crate) struct User {
    id: String,
    email: String,
    full_name: Option<String>,
    has_password: bool,
    /// The login provider that vouches for them.
    issuer: Option<String>,
    roles: Vec<Role>,
    /// Ids.
    groups: Vec<String>,
    created_at: DateTime,
    updated_at: DateTime,
}

/// `user set-password`.
#[derive(Serialize)]
pub(crate) struct PasswordSet {
    pub(crate) id: String,
    pub(crate) email: String,
}

/// `group list`.
#[derive(Serialize)]
pub(crate) struct Groups {
    pub(crate) groups: Vec<Group>,
}

/// `group show`, `create`, `update`.
#[derive(Serialize)]
pub(crate) struct Group {
    id: String,
    name: String,
    display_name: String,
    description: Option<String>,
    member_count: i64,
    /// The login provider's group that it follows.
    external_name: Option<String>,
    resource_name: String,
    /// None when the caller may not see them.
    roles: Option<Vec<Role>>,
    created_at: Option<DateTime>,
    updated_at: Option<DateTime>,
}

/// `group member list`.
#[derive(Serialize)]
pub(crate) struct Members {
    pub(crate) members: Vec<Member>,
}

#[derive(Serialize)]
pub(crate) struct Member {
    id: String,
    email: String,
    full_name: Option<String>,
}

impl From<own::User> for User {
    fn from(user: own::User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            full_name: given(user.full_name),
            has_password: user.has_password,
            issuer: user.issuer,
            roles: user.roles.into_iter().map(Role::from).collect(),
            groups: user.groups,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

impl From<own::Group> for Group {
    fn from(group: own::Group) -> Self {
        Self {
            id: group.id,
            name: group.name,
            display_name: group.display_name,
            description: given(group.description),
            member_count: group.member_count,
            external_name: group.external_name,
            resource_name: group.resource_name,
            roles: Some(group.roles.into_iter().map(Role::from).collect()),
            created_at: Some(group.created_at),
            updated_at: Some(group.updated_at),
        }
    }
}

/// What those see who may not list groups.
impl From<platform::Group> for Group {
    fn from(group: platform::Group) -> Self {
        Self {
            name: slug(&group).to_owned(),
            id: group.resource_id,
            display_name: group.display_name,
            description: given(group.description),
            member_count: group.member_count.into(),
            external_name: None,
            resource_name: group.resource_name,
            roles: None,
            created_at: group.created_at,
            updated_at: group.updated_at,
        }
    }
}

impl From<platform::GroupMember> for Member {
    fn from(member: platform::GroupMember) -> Self {
        Self { id: member.id, email: member.email, full_name: given(member.name) }
    }
}

impl User {
    /// How they log in.
    fn login(&self) -> String {
        match (&self.issuer, self.has_password) {
            (Some(issuer), _) => issuer.clone(),
            (None, true) => "password".to_owned(),
            (None, false) => String::new(),
        }
    }
}

impl View for Users {
    fn text(&self) -> String {
        let mut table = Table::new(["EMAIL", "NAME", "ROLES", "LOGIN", "CREATED", "ID"]);
        for user in &self.users {
            table.row([
                &user.email,
                user.full_name.as_deref().unwrap_or_default(),
                &roles_text(&user.roles),
                &user.login(),
                &moment(user.created_at),
                &user.id,
            ]);
        }
        table.text()
    }
}

impl View for User {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("email", &self.email);
        fields.field("name", self.full_name.as_deref().unwrap_or_default());
        fields.field("roles", &roles_text(&self.roles));
        fields.field("groups", &self.groups.join(", "));
        fields.field("login", &self.login());
        fields.field("id", &self.id);
        fields.field("created", &moment(self.created_at));
        fields.text()
    }
}

impl View for PasswordSet {
    fn text(&self) -> String {
        format!("{} logs in with the new password from now on\n", clean(&self.email))
    }
}

impl View for Groups {
    fn text(&self) -> String {
        let mut table = Table::new(["NAME", "DISPLAY NAME", "MEMBERS", "ROLES", "FOLLOWS", "ID"]);
        for group in &self.groups {
            table.row([
                &group.name,
                &group.display_name,
                &group.member_count.to_string(),
                &roles_text(group.roles.as_deref().unwrap_or_default()),
                group.external_name.as_deref().unwrap_or_default(),
                &group.id,
            ]);
        }
        table.text()
    }
}

impl View for Group {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("name", &self.name);
        fields.field("display name", &self.display_name);
        fields.field("description", self.description.as_deref().unwrap_or_default());
        fields.field("members", &self.member_count.to_string());
        fields.field("roles", &roles_text(self.roles.as_deref().unwrap_or_default()));
        fields.field("follows", self.external_name.as_deref().unwrap_or_default());
        fields.field("id", &self.id);
        fields.field("resource name", &self.resource_name);
        fields.text()
    }
}

impl View for Members {
    fn text(&self) -> String {
        let mut table = Table::new(["EMAIL", "NAME", "ID"]);
        for member in &self.members {
            table.row([&member.email, member.full_name.as_deref().unwrap_or_default(), &member.id]);
        }
        table.text()
    }
}
