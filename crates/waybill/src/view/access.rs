//! Who is who and may do what: the caller, principals, projects.

use serde::Serialize;
use waybill_api::{own, platform, time::DateTime};

use super::given;
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
    name: String,
    kind: &'static str,
    organization_id: String,
    project_id: Option<String>,
}

/// A role and where it holds.
#[derive(Serialize)]
pub(crate) struct Role {
    #[serde(rename = "role")]
    name: &'static str,
    organization_id: Option<String>,
    project_id: Option<String>,
    bucket: Option<String>,
}

/// `principal list`.
#[derive(Serialize)]
pub(crate) struct Principals {
    pub(crate) principals: Vec<Principal>,
}

#[derive(Serialize)]
pub(crate) struct Principal {
    id: String,
    name: String,
    kind: &'static str,
    project_id: Option<String>,
    roles: Vec<Role>,
    keys: Vec<Key>,
    created_at: DateTime,
}

#[derive(Serialize)]
struct Key {
    client_id: String,
    created_at: DateTime,
}

/// `principal create`: the one answer whose purpose is a secret.
#[derive(Serialize)]
pub(crate) struct CreatedPrincipal {
    pub(crate) principal: Principal,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

/// `project list`.
#[derive(Serialize)]
pub(crate) struct Projects {
    pub(crate) projects: Vec<Project>,
}

/// `project create`.
#[derive(Serialize)]
pub(crate) struct Project {
    id: String,
    name: String,
    description: Option<String>,
    organization_id: String,
    created_at: DateTime,
}

/// `principal delete`, `channel delete`.
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
        }
    }
}

impl From<own::Principal> for Principal {
    fn from(principal: own::Principal) -> Self {
        let key = |key: own::Key| Key { client_id: key.client_id, created_at: key.created_at };
        Self {
            id: principal.id,
            name: principal.name,
            kind: principal.kind.as_str(),
            project_id: principal.project_id,
            roles: principal.roles.into_iter().map(Role::from).collect(),
            keys: principal.keys.into_iter().map(key).collect(),
            created_at: principal.created_at,
        }
    }
}

impl From<platform::Project> for Project {
    fn from(project: platform::Project) -> Self {
        Self {
            id: project.id,
            name: project.name,
            description: given(project.description),
            organization_id: project.parent.id,
            created_at: project.created_at,
        }
    }
}

impl Role {
    /// `contributor on bucket ubuntu`.
    fn text(&self) -> String {
        let place = match self {
            Self { bucket: Some(bucket), .. } => format!(" on bucket {bucket}"),
            Self { project_id: Some(project), .. } => format!(" on project {project}"),
            Self { organization_id: Some(_), .. } => " on the organization".to_owned(),
            _ => String::new(),
        };
        format!("{}{place}", self.name)
    }
}

fn roles_text(roles: &[Role]) -> String {
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
        fields.field("client id", &self.client_id);
        fields.field("credentials", &self.credentials);
        fields.field("server", &self.server);
        fields.text()
    }
}

impl View for Principals {
    fn text(&self) -> String {
        let mut table = Table::new(["NAME", "ROLES", "CLIENT IDS", "CREATED", "ID"]);
        for principal in &self.principals {
            let keys: Vec<&str> = principal.keys.iter().map(|key| key.client_id.as_str()).collect();
            table.row([
                &principal.name,
                &roles_text(&principal.roles),
                &keys.join(", "),
                &moment(principal.created_at),
                &principal.id,
            ]);
        }
        table.text()
    }
}

impl View for CreatedPrincipal {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("name", &self.principal.name);
        fields.field("roles", &roles_text(&self.principal.roles));
        fields.field("id", &self.principal.id);
        fields.field("client id", &self.client_id);
        fields.field("client secret", &self.client_secret);
        fields.text()
    }
}

impl View for Projects {
    fn text(&self) -> String {
        let mut table = Table::new(["NAME", "ID", "DESCRIPTION", "CREATED"]);
        for project in &self.projects {
            let description = project.description.as_deref().unwrap_or_default();
            table.row([&project.name, &project.id, description, &moment(project.created_at)]);
        }
        table.text()
    }
}

impl View for Project {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("name", &self.name);
        fields.field("id", &self.id);
        fields.field("description", self.description.as_deref().unwrap_or_default());
        fields.field("organization", &self.organization_id);
        fields.field("created", &moment(self.created_at));
        fields.text()
    }
}

impl View for Deleted {
    fn text(&self) -> String {
        format!("deleted {}\n", crate::table::clean(&self.deleted))
    }
}
