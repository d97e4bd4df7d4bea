//! Workload identity providers.

use serde::Serialize;
use waybill_api::{own, platform, time::DateTime};

use super::given;
use crate::{
    printer::View,
    table::{Table, moment},
};

/// `identity-provider list`.
#[derive(Serialize)]
pub(crate) struct IdentityProviders {
    pub(crate) identity_providers: Vec<IdentityProvider>,
}

/// `identity-provider show`, `create`, `update`.
#[derive(Serialize)]
pub(crate) struct IdentityProvider {
    id: String,
    name: String,
    service_principal: String,
    resource_name: String,
    description: Option<String>,
    condition: String,
    /// None for AWS.
    issuer: Option<String>,
    /// Empty: the resource name is the only one.
    audiences: Vec<String>,
    aws_account: Option<String>,
    created_at: Option<DateTime>,
    updated_at: Option<DateTime>,
}

impl From<own::WorkloadIdentityProvider> for IdentityProvider {
    fn from(provider: own::WorkloadIdentityProvider) -> Self {
        let (issuer, audiences) = provider.oidc.map(|oidc| (oidc.issuer_uri, oidc.allowed_audiences)).unzip();
        Self {
            id: provider.id,
            name: provider.name,
            service_principal: provider.service_principal,
            resource_name: provider.resource_name,
            description: given(provider.description),
            condition: provider.conditional_access,
            issuer,
            audiences: audiences.unwrap_or_default(),
            aws_account: provider.aws.map(|aws| aws.account_id),
            created_at: Some(provider.created_at),
            updated_at: Some(provider.updated_at),
        }
    }
}

impl From<platform::WorkloadIdentityProvider> for IdentityProvider {
    fn from(provider: platform::WorkloadIdentityProvider) -> Self {
        let (issuer, audiences) =
            provider.oidc_config.map(|oidc| (oidc.issuer_uri, oidc.allowed_audiences)).unzip();
        let part = |at: usize| provider.resource_name.split('/').nth(at).unwrap_or_default().to_owned();
        Self {
            id: provider.resource_id,
            // `iam/project/…/service-principal/…/workload-identity-provider/…`
            service_principal: part(4),
            name: part(6),
            resource_name: provider.resource_name,
            description: given(provider.description),
            condition: provider.conditional_access,
            issuer,
            audiences: audiences.unwrap_or_default(),
            aws_account: provider.aws_config.map(|aws| aws.account_id),
            created_at: provider.created_at,
            updated_at: provider.updated_at,
        }
    }
}

impl IdentityProvider {
    /// Who is trusted.
    fn trusts(&self) -> String {
        match (&self.issuer, &self.aws_account) {
            (Some(issuer), _) => issuer.clone(),
            (None, Some(account)) => format!("AWS account {account}"),
            (None, None) => String::new(),
        }
    }
}

impl View for IdentityProviders {
    fn text(&self) -> String {
        let mut table = Table::new(["NAME", "SERVICE PRINCIPAL", "TRUSTS", "CONDITION"]);
        for provider in &self.identity_providers {
            table.row([&provider.name, &provider.service_principal, &provider.trusts(), &provider.condition]);
        }
        table.text()
    }
}

impl View for IdentityProvider {
    fn text(&self) -> String {
        let audiences = match (&self.issuer, self.audiences.is_empty()) {
            (Some(_), true) => "the resource name".to_owned(),
            _ => self.audiences.join(", "),
        };
        let mut fields = Table::fields();
        fields.field("name", &self.name);
        fields.field("service principal", &self.service_principal);
        fields.field("description", self.description.as_deref().unwrap_or_default());
        fields.field("trusts", &self.trusts());
        fields.field("audience", &audiences);
        fields.field("condition", &self.condition);
        fields.field("resource name", &self.resource_name);
        fields.field("created", &self.created_at.map(moment).unwrap_or_default());
        fields.text()
    }
}
