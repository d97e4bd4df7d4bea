//! Changing and deleting projects (`identity` reads and makes them).

use waybill_model::{ids::ProjectId, names::ProjectName};

use crate::{error::Result, tx::Tx};

const RENAME: &str = "UPDATE projects SET name = $2 WHERE id = $1";
const DESCRIBE: &str = "UPDATE projects SET description = $2 WHERE id = $1";
const DELETE_WEBHOOKS: &str = "DELETE FROM webhooks WHERE project_id = $1";
const DELETE_BINDINGS: &str = "DELETE FROM role_bindings WHERE project_id = $1";
const DELETE_PRINCIPALS: &str = "DELETE FROM principals WHERE project_id = $1";
const DELETE: &str = "DELETE FROM projects WHERE id = $1";

impl Tx<'_> {
    /// Gives a project another name, which must be free.
    pub fn rename_project(&mut self, project: ProjectId, name: &ProjectName) -> Result<()> {
        self.send(RENAME, vec![project.into(), name.as_str().into()])
    }

    pub fn describe_project(&mut self, project: ProjectId, description: &str) -> Result<()> {
        self.send(DESCRIBE, vec![project.into(), description.into()])
    }

    /// Deletes a project with its registry and everything in that, its principals with what they log in with, its
    /// webhooks, and the roles that others have on it.
    pub fn delete_project(&mut self, project: ProjectId) -> Result<()> {
        self.delete_registry(project)?;
        self.send(DELETE_WEBHOOKS, vec![project.into()])?;
        self.send(DELETE_BINDINGS, vec![project.into()])?;
        self.send(DELETE_PRINCIPALS, vec![project.into()])?;
        self.send(DELETE, vec![project.into()])
    }
}
