//! Who is who and may do what: the caller, service principals and their keys.

use serde::Serialize;
use waybill_api::{own, time::DateTime};

use crate::{
    printer::View,
    table::{Table, moment},
};

/// `whoami`.
#[derive(Serialize)]
pub(crate) struct WhoAmI {
    pub(crate) server: String,
    /// Where the credentials were found.
    pub(crate) credentials: String,
    pub(crate) client_id: String,
    pub(crate) principal: Caller,
    pub(crate) roles: Vec<Role>,
}

#[derive(Serialize)]
pub(crate) struct Caller {
    id: String,
    pub(super) name: String,
    kind: &'static str,
    organization_id: String,
    project_id: Option<String>,
}

/// A role and where it holds.
#[derive(PartialEq, Eq, Serialize)]
pub(crate) struct Role {
    #[serde(rename = "role")]
    name: &'static str,
    organization_id: Option<String>,
    project_id: Option<String>,
    bucket: Option<String>,
    group: Option<String>,
}

/// `principal list`.
#[derive(Serialize)]
pub(crate) struct Principals {
    pub(crate) principals: Vec<Principal>,
}

/// `principal show`.
#[derive(Serialize)]
pub(crate) struct Principal {
    id: String,
    name: String,
    kind: &'static str,
    project_id: Option<String>,
    /// None for one of the organization, and for those who may not see the project.
    project_name: Option<String>,
    roles: Vec<Role>,
    keys: Vec<Key>,
    created_at: DateTime,
}

/// `principal key list`.
#[derive(Serialize)]
pub(crate) struct Keys {
    pub(crate) keys: Vec<Key>,
}

#[derive(Serialize)]
pub(crate) struct Key {
    client_id: String,
    created_at: DateTime,
}

/// `principal key create`: its purpose is a secret, too.
#[derive(Serialize)]
pub(crate) struct CreatedKey {
    /// The principal's name.
    pub(crate) principal: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

/// `principal create`: the one answer whose purpose is a secret.
#[derive(Serialize)]
pub(crate) struct CreatedPrincipal {
    pub(crate) principal: Principal,
    /// None when it was left without a key.
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<String>,
}

/// Every `delete`.
#[derive(Serialize)]
pub(crate) struct Deleted {
    pub(crate) deleted: String,
}

impl From<own::Caller> for Caller {
    fn from(caller: own::Caller) -> Self {
        Self {
            id: caller.id,
            name: caller.name,
            kind: caller.kind.as_str(),
            organization_id: caller.organization_id,
            project_id: caller.project_id,
        }
    }
}

impl From<own::RoleBinding> for Role {
    fn from(binding: own::RoleBinding) -> Self {
        Self {
            name: binding.role.as_str(),
            organization_id: binding.organization_id,
            project_id: binding.project_id,
            bucket: binding.bucket,
            group: binding.group,
        }
    }
}

impl From<own::Key> for Key {
    fn from(key: own::Key) -> Self {
        Self { client_id: key.client_id, created_at: key.created_at }
    }
}

impl From<own::Principal> for Principal {
    fn from(principal: own::Principal) -> Self {
        Self {
            id: principal.id,
            name: principal.name,
            kind: principal.kind.as_str(),
            project_id: principal.project_id,
            project_name: None,
            roles: principal.roles.into_iter().map(Role::from).collect(),
            keys: principal.keys.into_iter().map(Key::from).collect(),
            created_at: principal.created_at,
        }
    }
}

impl Principal {
    /// The same with the name of its project, if that is known.
    pub(crate) fn in_project(self, name: Option<String>) -> Self {
        Self { project_name: name, ..self }
    }
}

impl Role {
    /// `contributor on bucket ubuntu`.
    fn text(&self) -> String {
        let place = match self {
            Self { group: Some(group), .. } => format!(" on group {group}"),
            Self { bucket: Some(bucket), .. } => format!(" on bucket {bucket}"),
            Self { project_id: Some(project), .. } => format!(" on project {project}"),
            Self { organization_id: Some(_), .. } => " on the organization".to_owned(),
            _ => String::new(),
        };
        format!("{}{place}", self.name)
    }
}

/// Roles in words.
pub(crate) fn roles_of(bindings: &[own::RoleBinding]) -> String {
    roles_text(&bindings.iter().cloned().map(Role::from).collect::<Vec<_>>())
}

/// The roles without repetition: somebody may have one by themselves and by their groups.
pub(crate) fn distinct_roles(bindings: Vec<own::RoleBinding>) -> Vec<Role> {
    bindings.into_iter().map(Role::from).fold(Vec::new(), |mut roles, role| {
        if !roles.contains(&role) {
            roles.push(role);
        }
        roles
    })
}

pub(super) fn roles_text(roles: &[Role]) -> String {
    roles.iter().map(Role::text).collect::<Vec<_>>().join(", ")
}

impl View for WhoAmI {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("name", &self.principal.name);
        fields.field("kind", self.principal.kind);
        fields.field("roles", &roles_text(&self.roles));
        fields.field("organization", &self.principal.organization_id);
        fields.field("project", self.principal.project_id.as_deref().unwrap_or_default());
        let is_person = self.principal.kind == "user";
        fields.field(if is_person { "session" } else { "client id" }, &self.client_id);
        fields.field("credentials", &self.credentials);
        fields.field("server", &self.server);
        fields.text()
    }
}

impl View for Principals {
    fn text(&self) -> String {
        let mut table = Table::new(["NAME", "PROJECT", "ROLES", "CLIENT IDS", "CREATED", "ID"]);
        for principal in &self.principals {
            let keys: Vec<&str> = principal.keys.iter().map(|key| key.client_id.as_str()).collect();
            let project = principal.project_name.as_deref().or(principal.project_id.as_deref());
            table.row([
                &principal.name,
                project.unwrap_or_default(),
                &roles_text(&principal.roles),
                &keys.join(", "),
                &moment(principal.created_at),
                &principal.id,
            ]);
        }
        table.text()
    }
}

impl View for Principal {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("name", &self.name);
        fields.field("kind", self.kind);
        fields.field("roles", &roles_text(&self.roles));
        let project = match (&self.project_name, &self.project_id) {
            (Some(name), Some(id)) => format!("{name} ({id})"),
            (None, Some(id)) => id.clone(),
            _ => String::new(),
        };
        fields.field("project", &project);
        fields.field("id", &self.id);
        for key in &self.keys {
            fields.field("key", &format!("{}, made {}", key.client_id, moment(key.created_at)));
        }
        fields.field("created", &moment(self.created_at));
        fields.text()
    }
}

impl View for Keys {
    fn text(&self) -> String {
        let mut table = Table::new(["CLIENT ID", "CREATED"]);
        for key in &self.keys {
            table.row([&key.client_id, &moment(key.created_at)]);
        }
        table.text()
    }
}

impl View for CreatedKey {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("principal", &self.principal);
        fields.field("client id", &self.client_id);
        fields.field("client secret", &self.client_secret);
        fields.text()
    }
}

impl View for CreatedPrincipal {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("name", &self.principal.name);
        fields.field("roles", &roles_text(&self.principal.roles));
        fields.field("id", &self.principal.id);
        fields.field("client id", self.client_id.as_deref().unwrap_or_default());
        fields.field("client secret", self.client_secret.as_deref().unwrap_or_default());
        fields.text()
    }
}

impl View for Deleted {
    fn text(&self) -> String {
        format!("deleted {}\n", crate::table::clean(&self.deleted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_comes_twice_is_there_once() {
        let binding = |role, project: Option<&str>| own::RoleBinding {
            role,
            organization_id: Some("o".to_owned()),
            project_id: project.map(str::to_owned),
            bucket: None,
            group: None,
        };
        let given = vec![
            binding(own::Role::Viewer, None),
            binding(own::Role::Viewer, Some("p")),
            binding(own::Role::Viewer, None),
        ];
        assert_eq!(roles_text(&distinct_roles(given)), "viewer on the organization, viewer on project p");
    }
}
