//! Projects.

use serde::Serialize;
use waybill_api::{platform, time::DateTime};

use super::given;
use crate::{
    printer::View,
    table::{Table, moment},
};

/// `project list`.
#[derive(Serialize)]
pub(crate) struct Projects {
    pub(crate) projects: Vec<Project>,
}

/// `project show`, `create`, `rename`, `describe`.
#[derive(Serialize)]
pub(crate) struct Project {
    id: String,
    name: String,
    description: Option<String>,
    organization_id: String,
    created_at: DateTime,
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
