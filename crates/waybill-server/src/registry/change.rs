//! The trace of a change: one audit row and one event, in the transaction of the change.

use serde::Serialize;
use serde_json::Value;
use waybill_model::ids::{OrganizationId, ProjectId};
use waybill_store::{Audit, Event, Tx};

use crate::{api::error::ApiError, app::Moment, auth::Scope};

/// Who changes something, and where: a caller, or the registry by itself.
#[derive(Clone, Debug)]
pub struct Actor {
    pub author: String,
    /// The principal's identifier; empty for the registry itself.
    pub uid: String,
    pub organization: OrganizationId,
    pub project: ProjectId,
    pub project_uid: String,
}

/// What an event says.
#[derive(Serialize)]
struct Payload<'a> {
    resource_name: &'a str,
    author_id: &'a str,
    detail: &'a Value,
}

/// The author of what the registry does by itself.
pub const SELF: &str = "waybill";

impl Actor {
    /// The caller, in the project of the request.
    pub fn caller(scope: &Scope) -> Result<Self, ApiError> {
        Ok(Self {
            author: scope.author.clone(),
            uid: scope.principal_uid.clone(),
            organization: scope.organization,
            project: scope.project()?,
            project_uid: scope.project_uid.clone(),
        })
    }

    /// Records a change. `resource` is what follows the project in a resource's name, `detail` a JSON object.
    #[expect(clippy::needless_pass_by_value, reason = "callers make it for this call")]
    pub fn record(
        &self,
        tx: &mut Tx<'_>,
        moment: &Moment<'_>,
        action: &'static str,
        resource: &str,
        detail: Value,
    ) -> Result<(), ApiError> {
        let resource = format!("packer/project/{}/{resource}", self.project_uid);
        let text = if detail.is_null() { String::new() } else { detail.to_string() };
        // A name may be given again after its principal was deleted; the identifier never is.
        let principal =
            if self.uid.is_empty() { self.author.clone() } else { format!("{} ({})", self.author, self.uid) };
        let audit = Audit {
            organization: self.organization,
            principal: &principal,
            action,
            resource: &resource,
            detail: &text,
        };
        tx.record(&audit, moment.now)?;
        let payload = Payload { resource_name: &resource, author_id: &self.author, detail: &detail };
        let payload = serde_json::to_string(&payload).expect("texts are JSON");
        let event = Event { uid: moment.uid(), project: self.project, kind: action, payload: &payload };
        Ok(tx.emit(&event, moment.now)?)
    }
}
