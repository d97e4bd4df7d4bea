//! The test event that a receiver has to accept before it is sent anything else.

use hyper::StatusCode;
use serde_json::{Map, json};
use thiserror::Error;
use waybill_api::platform::WebhookPayload;
use waybill_model::{names::WebhookName, webhook::Receiver};

use super::{check_url, message, resource_name};
use crate::{api::error::ApiError, app::App, auth::Scope, egress::EgressError};

/// The webhook that a receiver is asked for.
#[derive(Clone, Debug)]
pub struct Subject {
    uid: String,
    resource_name: String,
    organization: String,
    project: String,
}

/// What came of a test event: the status of a receiver that accepted it, or why it did not.
pub type Outcome = Result<StatusCode, Refusal>;

/// Why a receiver did not accept a test event.
#[derive(Debug, Error)]
pub enum Refusal {
    /// Stored before the rules for URLs became what they are.
    #[error("{0}")]
    Url(String),
    #[error("{0}")]
    Unreachable(#[source] EgressError),
    #[error(
        "the receiver answered {status} to the test event, not a status of 200 to 299{}",
        if status.is_redirection() { "; redirects are not followed, so give the address that it leads to" } else { "" }
    )]
    Status { status: StatusCode },
}

/// Where the test event comes from and what it is called, as receivers of HCP know them.
const SOURCE: &str = "hashicorp.webhook.verification";
const ACTION: &str = "test";

impl Subject {
    pub(super) fn new(scope: &Scope, uid: &str, name: &WebhookName) -> Self {
        Self {
            uid: uid.to_owned(),
            resource_name: resource_name(&scope.project_uid, name),
            organization: scope.organization_uid.clone(),
            project: scope.project_uid.clone(),
        }
    }
}

impl Refusal {
    /// The status that the receiver answered, if it answered.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Status { status } => Some(*status),
            Self::Url(_) | Self::Unreachable(_) => None,
        }
    }
}

/// Sends the test event to a receiver.
pub async fn send(app: &App, subject: &Subject, receiver: &Receiver) -> Outcome {
    let url = check_url(&receiver.url).map_err(|error| Refusal::Url(error.message))?;
    let Subject { uid, resource_name, organization, project } = subject.clone();
    let mut event_payload = Map::new();
    event_payload.insert("organization_id".to_owned(), json!(organization));
    event_payload.insert("project_id".to_owned(), json!(project));
    let payload = WebhookPayload {
        event_id: format!("webhook.event:{}", app.moment().uid()),
        event_source: SOURCE.to_owned(),
        event_action: ACTION.to_owned(),
        event_version: "1".to_owned(),
        event_description: "Asks whether this receiver accepts the events of a webhook".to_owned(),
        event_payload,
        resource_id: uid,
        resource_name,
    };
    let request = message::request(url, &receiver.hmac_key, &payload);
    // What the receiver says beyond the status is nobody's business here.
    let answer = app.egress.deliver(request, 0).await.map_err(Refusal::Unreachable)?;
    if answer.status.is_success() {
        Ok(answer.status)
    } else {
        Err(Refusal::Status { status: answer.status })
    }
}

/// Sends the test event, and refuses a receiver that does not accept it in the words that clients look for.
pub(super) async fn require(app: &App, subject: &Subject, receiver: &Receiver) -> Result<(), ApiError> {
    send(app, subject, receiver).await.map(drop).map_err(|refusal| {
        ApiError::precondition(format!("Error verifying webhook configuration: {refusal}"))
    })
}
