//! The trace of a change: one audit row and one event, in the transaction of the change.

use serde::Serialize;
use serde_json::Value;
use waybill_model::ids::{OrganizationId, ProjectId};
use waybill_store::{Event, Tx};

use crate::{
    api::error::ApiError,
    app::Moment,
    auth::{Scope, Signature, signature::SELF},
};

/// Who changes something, and where: a caller, or the registry by itself.
#[derive(Clone, Debug)]
pub struct Actor {
    pub author: String,
    signature: Signature,
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

impl Actor {
    /// The caller, in the project of the request.
    pub fn caller(scope: &Scope) -> Result<Self, ApiError> {
        Ok(Self {
            author: scope.author.clone(),
            signature: scope.signature(),
            organization: scope.organization,
            project: scope.project()?,
            project_uid: scope.project_uid.clone(),
        })
    }

    /// The registry itself, in a project.
    pub fn registry(organization: OrganizationId, project: ProjectId, project_uid: String) -> Self {
        let (author, signature) = (SELF.to_owned(), Signature::of_registry());
        Self { author, signature, organization, project, project_uid }
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
        self.signature.record(tx, self.organization, action, &resource, &text, moment.now)?;
        let payload = Payload { resource_name: &resource, author_id: &self.author, detail: &detail };
        let payload = serde_json::to_string(&payload).expect("texts are JSON");
        let event = Event { uid: moment.uid(), project: self.project, kind: action, payload: &payload };
        Ok(tx.emit(&event, moment.now)?)
    }
}
