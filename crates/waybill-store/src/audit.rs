//! The audit trail and the outbox: both are written in the transaction of the change they tell of.

use jiff::Timestamp;
use waybill_model::ids::{OrganizationId, ProjectId, Uid};

use crate::{error::Result, tx::Tx};

/// Who did what to which resource.
#[derive(Clone, Debug)]
pub struct Audit<'a> {
    pub organization: OrganizationId,
    /// The principal's name and identifier, or `waybill` for what the registry does by itself.
    pub principal: &'a str,
    /// A key's client id, or the identifier of a workload identity provider or of a session; `None` for the registry
    /// itself, and for what happens before somebody has one.
    pub credential: Option<&'a str>,
    /// A noun and a verb: `version.revoke`.
    pub action: &'static str,
    /// The resource's name in the API: `packer/project/…/bucket/…`.
    pub resource: &'a str,
    /// What cannot be seen from the resource any more, as JSON, or empty.
    pub detail: &'a str,
}

/// A row of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    pub principal: String,
    pub credential: Option<String>,
    pub action: String,
    pub resource: String,
    pub detail: String,
}

/// What happened, for whoever subscribed to it.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    pub uid: Uid,
    pub project: ProjectId,
    /// A noun and a verb: `version.complete`.
    pub kind: &'static str,
    /// JSON.
    pub payload: &'a str,
}

const INSERT_AUDIT: &str = "
    INSERT INTO audit (at, organization_id, principal, credential, action, resource, detail)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const AUDITED: &str = "
    SELECT principal, credential, action, resource, detail FROM audit
     WHERE organization_id = $1 AND at >= $2 ORDER BY at, id LIMIT $3";
const INSERT_EVENT: &str =
    "INSERT INTO events (uid, at, project_id, kind, payload) VALUES ($1, $2, $3, $4, $5)";
const EVENTS: &str = "SELECT kind, payload FROM events WHERE project_id = $1 ORDER BY id";
const DELETE_EVENTS: &str = "DELETE FROM events WHERE at < $1";

impl Tx<'_> {
    pub fn record(&mut self, audit: &Audit<'_>, now: Timestamp) -> Result<()> {
        let params = vec![
            now.into(),
            audit.organization.into(),
            audit.principal.into(),
            audit.credential.into(),
            audit.action.into(),
            audit.resource.into(),
            audit.detail.into(),
        ];
        self.send(INSERT_AUDIT, params)
    }

    pub fn emit(&mut self, event: &Event<'_>, now: Timestamp) -> Result<()> {
        let params = vec![
            event.uid.as_str().into(),
            now.into(),
            event.project.into(),
            event.kind.into(),
            event.payload.into(),
        ];
        self.send(INSERT_EVENT, params)
    }

    /// What was recorded since a time, oldest first.
    pub fn audited(
        &mut self,
        organization: OrganizationId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Audited>> {
        self.many(AUDITED, &[organization.into(), since.into(), limit.into()], |row| {
            Ok(Audited {
                principal: row.text(0)?,
                credential: row.opt_text(1)?,
                action: row.text(2)?,
                resource: row.text(3)?,
                detail: row.text(4)?,
            })
        })
    }

    /// Kind and payload of a project's events, oldest first.
    pub fn events(&mut self, project: ProjectId) -> Result<Vec<(String, String)>> {
        self.many(EVENTS, &[project.into()], |row| Ok((row.text(0)?, row.text(1)?)))
    }

    /// Forgets events from before a time.
    pub fn delete_events(&mut self, before: Timestamp) -> Result<u64> {
        self.execute(DELETE_EVENTS, &[before.into()])
    }
}
