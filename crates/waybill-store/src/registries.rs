//! Registries: one per project, switched on and off as a whole.

use jiff::Timestamp;
use waybill_model::ids::{ProjectId, Uid};

use crate::{blobs::Owner, error::Result, tx::Tx};

/// A project's registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    pub uid: String,
    pub activated: bool,
    /// As the API spells it: `STANDARD` or `PLUS`.
    pub feature_tier: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

const REGISTRY: &str =
    "SELECT uid, activated, feature_tier, created_at, updated_at FROM registries WHERE project_id = $1";
const INSERT: &str = "
    INSERT INTO registries (project_id, uid, activated, feature_tier, created_at, updated_at)
    VALUES ($1, $2, TRUE, $3, $4, $4)";
const UPDATE: &str =
    "UPDATE registries SET activated = $2, feature_tier = $3, updated_at = $4 WHERE project_id = $1";
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

    /// Deletes a registry with all its buckets and what is in them.
    pub fn delete_registry(&mut self, project: ProjectId) -> Result<()> {
        let digests = self.digests_of(Owner::Project(project))?;
        self.send(DELETE_BUCKETS, vec![project.into()])?;
        self.send(DELETE, vec![project.into()])?;
        self.delete_unused_blobs(&digests)
    }
}
