//! A principal that logs in with the token of an issuer instead of a secret.

use serde_json::{Value, json};
use waybill_testkit::{Api, Scope, issuer::Issuer};

/// An issuer whose tokens stand for a principal of the project.
pub(super) struct Workload {
    issuer: Issuer,
    exchange_path: String,
}

const AUDIENCE: &str = "waybill";
/// The names of the recordings are too short for us, as they are for the service.
const PRINCIPAL: &str = "replay-principal";
const PROVIDER: &str = "replay-provider";

impl Workload {
    /// Makes the principal, which may publish, and its provider.
    pub(super) async fn trusted(api: &Api) -> Self {
        let issuer = Issuer::start().await;
        api.create_principal(PRINCIPAL, "contributor", Scope::Project).await;
        let principal = format!("/2019-12-10/iam/project/{{project_id}}/service-principal/{PRINCIPAL}");
        let body = json!({
            "name": PROVIDER,
            "provider": {
                "conditional_access": "jwt_claims.sub == `replay`",
                "oidc_config": {"issuer_uri": issuer.url(), "allowed_audiences": [AUDIENCE]},
            },
        });
        api.post(&format!("{principal}/workload-identity-providers"), body).await.ok();
        let exchange = format!("{principal}/workload-identity-provider/{PROVIDER}/exchange-token");
        Self { issuer, exchange_path: api.path(&exchange) }
    }

    /// Where the token is exchanged; the slashes of the provider's name are not encoded there.
    pub(super) fn exchange_path(&self) -> &str {
        &self.exchange_path
    }

    /// The body of an exchange with a token that the provider trusts in place of the recorded one.
    pub(super) fn exchange(&self, recorded: &Value) -> Value {
        let mut body = recorded.clone();
        if body["jwt_token"].is_string() {
            body["jwt_token"] = json!(self.issuer.token(&json!({"sub": "replay", "aud": AUDIENCE})));
        }
        body
    }
}
