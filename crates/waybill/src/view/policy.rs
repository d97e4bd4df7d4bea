//! Roles and who has them.

use std::fmt;

use serde::Serialize;
use waybill_model::role::Role;

use crate::{
    printer::View,
    table::{Table, clean},
    who::Somebody,
};

/// What roles are on.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct RoleScope {
    pub(crate) organization_id: String,
    pub(crate) project_id: Option<String>,
    pub(crate) bucket: Option<String>,
    pub(crate) group: Option<String>,
    /// What the project was called on the command line.
    #[serde(skip)]
    pub(crate) project_name: Option<String>,
}

/// `role list`.
#[derive(Serialize)]
pub(crate) struct Roles {
    #[serde(flatten)]
    pub(crate) scope: RoleScope,
    pub(crate) roles: Vec<GivenRole>,
}

#[derive(Serialize)]
pub(crate) struct GivenRole {
    pub(crate) role: String,
    pub(crate) kind: &'static str,
    /// None when the caller may not look it up.
    pub(crate) name: Option<String>,
    pub(crate) id: String,
}

/// `role grant`, `role revoke`.
#[derive(Serialize)]
pub(crate) struct ChangedRole {
    role: &'static str,
    kind: &'static str,
    name: String,
    id: String,
    #[serde(flatten)]
    scope: RoleScope,
    has_role: bool,
    /// False when it was so before.
    changed: bool,
    #[serde(skip)]
    who: String,
}

impl ChangedRole {
    pub(crate) fn given(role: Role, to: Somebody, scope: RoleScope, changed: bool) -> Self {
        Self::new(role, to, scope, true, changed)
    }

    pub(crate) fn taken(role: Role, from: Somebody, scope: RoleScope, changed: bool) -> Self {
        Self::new(role, from, scope, false, changed)
    }

    fn new(role: Role, somebody: Somebody, scope: RoleScope, has_role: bool, changed: bool) -> Self {
        let (who, kind) = (somebody.to_string(), somebody.kind_word());
        Self {
            role: role.as_str(),
            kind,
            name: somebody.name,
            id: somebody.id,
            scope,
            has_role,
            changed,
            who,
        }
    }
}

impl View for Roles {
    fn text(&self) -> String {
        let mut table = Table::new(["ROLE", "KIND", "NAME", "ID"]);
        for given in &self.roles {
            table.row([&given.role, given.kind, given.name.as_deref().unwrap_or_default(), &given.id]);
        }
        table.text()
    }
}

impl View for ChangedRole {
    fn text(&self) -> String {
        let Self { who, role, scope, .. } = self;
        let text = match (self.has_role, self.changed) {
            (true, true) => format!("{who} has the role {role} on {scope} now"),
            (true, false) => format!("{who} has the role {role} on {scope} already"),
            (false, true) => format!("{who} has the role {role} on {scope} no more"),
            (false, false) => format!("{who} was not given the role {role} on {scope}: nothing changed"),
        };
        format!("{}\n", clean(&text))
    }
}

/// `bucket ubuntu`, `project web`, `the organization`.
impl fmt::Display for RoleScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { group: Some(group), .. } => write!(f, "group {group}"),
            Self { bucket: Some(bucket), .. } => write!(f, "bucket {bucket}"),
            Self { project_name: Some(name), .. } => write!(f, "project {name}"),
            Self { project_id: Some(id), .. } => write!(f, "project {id}"),
            _ => f.write_str("the organization"),
        }
    }
}
