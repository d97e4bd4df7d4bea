//! The audit trail and the outbox: both are written in the transaction of the change they tell of.

use jiff::Timestamp;
use waybill_model::ids::{OrganizationId, ProjectId, Uid};

use crate::{error::Result, tx::Tx};

/// Who did what to which resource.
#[derive(Clone, Debug)]
pub struct Audit<'a> {
    pub organization: OrganizationId,
    /// The principal's name, or `waybill` for what the registry does by itself.
    pub principal: &'a str,
    /// A noun and a verb: `version.revoke`.
    pub action: &'static str,
    /// The resource's name in the API: `packer/project/…/bucket/…`.
    pub resource: &'a str,
    /// What cannot be seen from the resource any more, as JSON, or empty.
    pub detail: &'a str,
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
    INSERT INTO audit (at, organization_id, principal, action, resource, detail)
    VALUES ($1, $2, $3, $4, $5, $6)";
const AUDITED: &str = "
    SELECT principal, action, resource, detail FROM audit
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

    /// What was recorded since a time: principal, action, resource, detail; oldest first.
    pub fn audited(
        &mut self,
        organization: OrganizationId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<[String; 4]>> {
        self.many(AUDITED, &[organization.into(), since.into(), limit.into()], |row| {
            Ok([row.text(0)?, row.text(1)?, row.text(2)?, row.text(3)?])
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
