//! Workload identity providers of service principals, as HCP's interface has them: known by name, read and changed
//! whole.
//!
//! Only principals of projects have them.

use axum::{Json, extract::State};
use serde::Deserialize;
use url::{Host, Url};
use waybill_api::{
    hcp::FieldMask,
    platform::{
        AWSWorkloadIdentityProviderConfig, CreateWorkloadIdentityProviderBody,
        CreateWorkloadIdentityProviderResponse, DeleteWorkloadIdentityProviderResponse,
        GetWorkloadIdentityProviderResponse, OIDCWorkloadIdentityProviderConfig,
        UpdateWorkloadIdentityProviderBody, UpdateWorkloadIdentityProviderQuery,
        UpdateWorkloadIdentityProviderResponse, WorkloadIdentityProvider as Wire,
    },
};
use waybill_model::{
    condition::{Condition, Vocabulary},
    names::ProviderName,
    workload_identity::{Provider, Trust},
};
use waybill_store::WorkloadIdentityProvider;

use super::service_principals::{self, ParentPath, PrincipalPath, To};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Query, Route},
    },
    app::App,
    auth::{
        Caller,
        permission::shown,
        workload_identity::{self, Admission, resource_name},
    },
    egress::Egress,
};

/// The principal of providers; the project is in the path as a word, not as a placeholder.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct OwnerPath {
    project_id: String,
    service_principal: String,
}

/// A provider, by its principal and name.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ProviderPath {
    #[serde(flatten)]
    owner: OwnerPath,
    workload_identity_provider: String,
}

/// Where clients ask for a provider of an organization's principal.
pub(super) const OF_ORGANIZATION: &str = "/2019-12-10/iam/organization/{organization_id}/service-principal/{service_principal}/workload-identity-providers";
pub(super) const ONE_OF_ORGANIZATION: &str = "/2019-12-10/iam/organization/{organization_id}/service-principal/{service_principal}/workload-identity-provider/{workload_identity_provider}";

/// What a change may be about. Without a mask it is about all of it.
const FIELDS: &[&str] = &[
    "description",
    "conditional_access",
    "oidc_config",
    "oidc_config.issuer_uri",
    "oidc_config.allowed_audiences",
    "aws_config",
    "aws_config.account_id",
];

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<OwnerPath>,
    Body(body): Body<CreateWorkloadIdentityProviderBody>,
) -> ApiResult<CreateWorkloadIdentityProviderResponse> {
    let name: ProviderName = body.name.unwrap_or_default().parse()?;
    let Wire { description, conditional_access, oidc_config, aws_config, .. } =
        body.provider.unwrap_or_default();
    let provider = Wish { description, conditional_access, oidc_config, aws_config }.check(&app.egress)?;
    let service = app.clone();
    let made = app.store.write(move |tx| {
        let moment = service.moment();
        let (standing, principal) = service_principals::find(tx, &caller, &path.principal(), To::Manage)?;
        let admission = Admission { uid: moment.uid(), name: name.clone(), provider: provider.clone() };
        workload_identity::admit(tx, &standing, &principal, &admission, moment.now)
    });
    let provider = wire(made.await?);
    app.metrics.writes.inc();
    Ok(Json(CreateWorkloadIdentityProviderResponse { provider }))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProviderPath>,
) -> ApiResult<GetWorkloadIdentityProviderResponse> {
    let found = app.store.read(move |tx| {
        let (_, principal) = service_principals::find(tx, &caller, &path.owner.principal(), To::Read)?;
        workload_identity::find(tx, &principal, &path.workload_identity_provider)
    });
    Ok(Json(GetWorkloadIdentityProviderResponse { provider: wire(found.await?) }))
}

/// Replaces a provider, or only what a mask in the query names; what the body lacks becomes empty.
pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProviderPath>,
    Query(query): Query<UpdateWorkloadIdentityProviderQuery>,
    Body(body): Body<UpdateWorkloadIdentityProviderBody>,
) -> ApiResult<UpdateWorkloadIdentityProviderResponse> {
    let mask = FieldMask::parse(query.update_mask.as_deref().unwrap_or_default(), FIELDS)?;
    let service = app.clone();
    let changed = app.store.write(move |tx| {
        let (standing, principal) =
            service_principals::find(tx, &caller, &path.owner.principal(), To::Manage)?;
        let change = |stored: Provider| Wish::from(&body).or(stored, &mask).check(&service.egress);
        let name = &path.workload_identity_provider;
        workload_identity::change(tx, &standing, &principal, name, change, service.clock.now())
    });
    let provider = wire(changed.await?);
    app.metrics.writes.inc();
    Ok(Json(UpdateWorkloadIdentityProviderResponse { provider }))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProviderPath>,
) -> ApiResult<DeleteWorkloadIdentityProviderResponse> {
    let service = app.clone();
    let deleted = app.store.write(move |tx| {
        let (standing, principal) =
            service_principals::find(tx, &caller, &path.owner.principal(), To::Manage)?;
        let name = &path.workload_identity_provider;
        workload_identity::dismiss(tx, &standing, &principal, name, service.clock.now())
    });
    let gone = deleted.await?;
    app.metrics.writes.inc();
    Ok(Json(DeleteWorkloadIdentityProviderResponse {
        resource_name: resource_name(&gone),
        resource_id: gone.uid,
    }))
}

/// Principals of an organization have no providers, as in HCP.
pub(super) async fn refuse(_: Caller, Route((_, principal)): Route<(String, String)>) -> ApiError {
    only_in_projects(&principal)
}

pub(super) async fn refuse_one(
    _: Caller,
    Route((_, principal, _)): Route<(String, String, String)>,
) -> ApiError {
    only_in_projects(&principal)
}

fn only_in_projects(principal: &str) -> ApiError {
    ApiError::invalid(format!(
        "service principal `{}` belongs to the organization, and only those of a project have workload identity \
         providers: make one in a project",
        shown(principal)
    ))
}

impl OwnerPath {
    fn principal(&self) -> PrincipalPath {
        let OwnerPath { project_id, service_principal } = self.clone();
        let parent = ParentPath { scope: "project".to_owned(), scope_id: project_id };
        PrincipalPath { parent, service_principal }
    }
}

/// A provider as a request wants it.
struct Wish {
    description: String,
    conditional_access: String,
    oidc_config: Option<OIDCWorkloadIdentityProviderConfig>,
    aws_config: Option<AWSWorkloadIdentityProviderConfig>,
}

impl From<&UpdateWorkloadIdentityProviderBody> for Wish {
    fn from(body: &UpdateWorkloadIdentityProviderBody) -> Self {
        let body = body.clone();
        Self {
            description: body.description.unwrap_or_default(),
            conditional_access: body.conditional_access.unwrap_or_default(),
            oidc_config: body.oidc_config,
            aws_config: body.aws_config,
        }
    }
}

impl Wish {
    /// Keeps what is stored wherever a mask does not name the member.
    fn or(self, stored: Provider, mask: &FieldMask) -> Self {
        if mask.is_empty() {
            return self;
        }
        let (mut oidc_config, mut aws_config) = wire_trust(stored.trust);
        let wanted = |field| mask.contains(field);
        if wanted("oidc_config") {
            oidc_config = self.oidc_config;
        } else if let Some(config) = &mut oidc_config {
            let OIDCWorkloadIdentityProviderConfig { issuer_uri, allowed_audiences } =
                self.oidc_config.unwrap_or_default();
            if wanted("oidc_config.issuer_uri") {
                config.issuer_uri = issuer_uri;
            }
            if wanted("oidc_config.allowed_audiences") {
                config.allowed_audiences = allowed_audiences;
            }
        }
        if wanted("aws_config") {
            aws_config = self.aws_config;
        } else if let Some(config) = &mut aws_config
            && wanted("aws_config.account_id")
        {
            config.account_id = self.aws_config.unwrap_or_default().account_id;
        }
        Self {
            description: if wanted("description") { self.description } else { stored.description },
            conditional_access: if wanted("conditional_access") {
                self.conditional_access
            } else {
                stored.condition
            },
            oidc_config,
            aws_config,
        }
    }

    /// Refuses what no provider can be.
    fn check(self, egress: &Egress) -> Result<Provider, ApiError> {
        let oidc = self.oidc_config.map(|config| (config.issuer_uri, config.allowed_audiences));
        let trust = Trust::of(oidc, self.aws_config.map(|config| config.account_id))?;
        let vocabulary = match &trust {
            Trust::Oidc { issuer, .. } => {
                check_issuer(issuer, egress)?;
                Vocabulary::Oidc
            }
            Trust::Aws { .. } => Vocabulary::Aws,
        };
        let condition: Condition = self.conditional_access.parse()?;
        condition.check(vocabulary)?;
        Ok(Provider::new(self.description, trust, condition.to_string())?)
    }
}

/// An issuer is a URL that the registry may fetch keys from.
fn check_issuer(issuer: &str, egress: &Egress) -> Result<(), ApiError> {
    let wrong = |why: &str| ApiError::invalid(format!("`oidc_config.issuer_uri`: {why}"));
    let url = Url::parse(issuer).map_err(|error| wrong(&format!("it is not a URL ({error})")))?;
    // OpenID Connect Core, section 2.
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("an issuer has neither a query nor a fragment"));
    }
    if url.scheme() == "http" && !is_this_machine(&url) {
        return Err(wrong("it must begin with https://, unless the issuer is on the registry's own machine"));
    }
    egress.check(&url).map_err(|error| wrong(&error.to_string()))
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn wire(provider: WorkloadIdentityProvider) -> Wire {
    let resource_name = resource_name(&provider);
    let (oidc_config, aws_config) = wire_trust(provider.provider.trust);
    Wire {
        resource_id: provider.uid,
        resource_name,
        description: provider.provider.description,
        conditional_access: provider.provider.condition,
        oidc_config,
        aws_config,
        system_managed: false,
        created_at: Some(provider.created_at.into()),
        updated_at: Some(provider.updated_at.into()),
    }
}

/// One of the two.
fn wire_trust(
    trust: Trust,
) -> (Option<OIDCWorkloadIdentityProviderConfig>, Option<AWSWorkloadIdentityProviderConfig>) {
    match trust {
        Trust::Oidc { issuer, audiences } => {
            let config =
                OIDCWorkloadIdentityProviderConfig { issuer_uri: issuer, allowed_audiences: audiences };
            (Some(config), None)
        }
        Trust::Aws { account } => (None, Some(AWSWorkloadIdentityProviderConfig { account_id: account })),
    }
}
