//! Registries: one per project, switched on and off as a whole.

use jiff::Timestamp;
use waybill_model::{
    ids::{ProjectId, Uid},
    run_task::OnUntracked,
};

use crate::{blobs::Owner, error::Result, tx::Tx};

/// A project's registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    pub uid: String,
    pub activated: bool,
    /// As the API spells it: `STANDARD` or `PLUS`.
    pub feature_tier: String,
    /// What the run task is called on its way in; empty until somebody asked for it.
    pub run_task_uid: String,
    pub on_untracked: OnUntracked,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What HCP Terraform's run task is set up with. Has no `Debug`, because the key is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct RunTask {
    pub uid: String,
    pub hmac_key: String,
}

const REGISTRY: &str = "
    SELECT uid, activated, feature_tier, created_at, updated_at, run_task_uid, on_untracked_image
      FROM registries WHERE project_id = $1";
const RUN_TASK: &str =
    "SELECT run_task_uid, run_task_hmac_key FROM registries WHERE project_id = $1 AND run_task_uid <> ''";
const INSERT: &str = "
    INSERT INTO registries (project_id, uid, activated, feature_tier, created_at, updated_at)
    VALUES ($1, $2, TRUE, $3, $4, $4)";
const UPDATE: &str =
    "UPDATE registries SET activated = $2, feature_tier = $3, updated_at = $4 WHERE project_id = $1";
const SET_RUN_TASK: &str =
    "UPDATE registries SET run_task_uid = $2, run_task_hmac_key = $3 WHERE project_id = $1";
const SET_ON_UNTRACKED: &str =
    "UPDATE registries SET on_untracked_image = $2, updated_at = $3 WHERE project_id = $1";
const DELETE_BUCKETS: &str = "DELETE FROM buckets WHERE project_id = $1";
const DELETE: &str = "DELETE FROM registries WHERE project_id = $1";

impl Tx<'_> {
    pub fn registry(&mut self, project: ProjectId) -> Result<Option<Registry>> {
        self.one(REGISTRY, &[project.into()], |row| {
            Ok(Registry {
                uid: row.text(0)?,
                activated: row.bool(1)?,
                feature_tier: row.text(2)?,
                created_at: row.time(3)?,
                updated_at: row.time(4)?,
                run_task_uid: row.text(5)?,
                on_untracked: row.parse(6, "`warn` or `fail`")?,
            })
        })
    }

    /// Makes an active registry.
    pub fn insert_registry(
        &mut self,
        project: ProjectId,
        uid: &Uid,
        feature_tier: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.send(INSERT, vec![project.into(), uid.as_str().into(), feature_tier.into(), now.into()])
    }

    pub fn update_registry(
        &mut self,
        project: ProjectId,
        activated: bool,
        feature_tier: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.send(UPDATE, vec![project.into(), activated.into(), feature_tier.into(), now.into()])
    }

    /// The run task, once it was made.
    pub fn run_task(&mut self, project: ProjectId) -> Result<Option<RunTask>> {
        self.one(RUN_TASK, &[project.into()], |row| Ok(RunTask { uid: row.text(0)?, hmac_key: row.text(1)? }))
    }

    /// Makes the run task, or gives it another key. The registry does not count as updated: clients compare that
    /// time, and the first read makes the task.
    pub fn set_run_task(&mut self, project: ProjectId, task: &RunTask) -> Result<()> {
        self.send(SET_RUN_TASK, vec![project.into(), (&task.uid).into(), (&task.hmac_key).into()])
    }

    pub fn set_on_untracked(
        &mut self,
        project: ProjectId,
        on_untracked: OnUntracked,
        now: Timestamp,
    ) -> Result<()> {
        self.send(SET_ON_UNTRACKED, vec![project.into(), on_untracked.as_str().into(), now.into()])
    }

    /// Deletes a registry with all its buckets and what is in them.
    pub fn delete_registry(&mut self, project: ProjectId) -> Result<()> {
        let digests = self.digests_of(Owner::Project(project))?;
        self.send(DELETE_BUCKETS, vec![project.into()])?;
        self.send(DELETE, vec![project.into()])?;
        self.delete_unused_blobs(&digests)
    }
}
