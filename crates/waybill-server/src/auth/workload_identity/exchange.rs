//! The exchange: what a workload has of its own for an access token of the service principal it stands for.
//!
//! Facts, then proof, then a record: the provider is read, the token or request is verified, which may ask an issuer
//! or AWS, with no transaction open, and at last it is remembered, if the provider is still what it was.
//! The access token depends on the provider: it ends with it.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tokio::task::spawn_blocking;
use waybill_api::error::Code;
use waybill_model::{
    condition::{Condition, Facts},
    names::{PrincipalName, ProviderName},
    workload_identity::may_be_taken_again,
};
use waybill_store::{Tx, WorkloadIdentityProvider};

use super::{
    proof::{Failure, Proof, check_form, prove},
    resource_name,
    subject::Subject,
};
use crate::{api::error::ApiError, app::App, auth::Signature};

/// The provider that a workload names, which may not exist.
#[derive(Clone, Debug)]
pub struct Named {
    pub project: String,
    pub principal: String,
    pub provider: String,
}

/// What a workload gets.
pub struct Exchanged {
    pub access_token: SecretString,
    pub lifetime: SignedDuration,
    /// The identifier of the service principal.
    pub principal: String,
}

/// For so long after its end a token is remembered: clocks differ, and so do those of several servers.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

/// Exchanges what a workload brings.
pub async fn exchange(app: &App, named: Named, subject: Subject) -> Result<Exchanged, ApiError> {
    let outcome = attempt(app, &named, &subject).await;
    let counters = &app.metrics.exchanges;
    let failure = match outcome {
        Ok(exchanged) => {
            counters.accepted.inc();
            return Ok(exchanged);
        }
        Err(failure) => failure,
    };
    let name = named.resource_name();
    let provider = super::subject::shown_long(&name);
    match failure {
        Failure::Unproven(reason) => {
            counters.refused.inc();
            tracing::info!(%provider, %reason, "Exchanged no token with {provider}: {reason}");
            Err(subject.refusal(&name))
        }
        Failure::Unacceptable(reason) => {
            counters.refused.inc();
            tracing::info!(%provider, %reason, "Exchanged no token with {provider}: {reason}");
            Err(ApiError::unauthenticated(reason))
        }
        Failure::Repeated(message) => {
            counters.repeated.inc();
            tracing::info!(%provider, "Exchanged a token with {provider} no more: {message}");
            Err(ApiError::unauthenticated(message))
        }
        Failure::Unavailable { message, reason } => {
            counters.unavailable.inc();
            tracing::warn!(%provider, %reason, "Exchanged no token with {provider}: {reason}");
            Err(ApiError::new(Code::Unavailable, message))
        }
        Failure::Registry(error) => Err(error),
    }
}

async fn attempt(app: &App, named: &Named, subject: &Subject) -> Result<Exchanged, Failure> {
    // What is wrong with a request in itself is told to everybody, whether there is a provider or not.
    check_form(subject, &named.resource_name())?;
    let provider = {
        let named = named.clone();
        app.store.read(move |tx| named.find(tx)).await?
    };
    let Some(provider) = provider else {
        return Err(Failure::Unproven("there is no such provider".to_owned()));
    };
    let turn = app.exchanges.take(provider.id).await.ok_or_else(|| Failure::Unavailable {
        message:
            "too many workloads come through this workload identity provider at once: try again in a moment"
                .to_owned(),
        reason: "too many exchanges at once".to_owned(),
    })?;
    let now = app.clock.now();
    let Proof { facts, digest, expires_at, who } = prove(app, &provider, subject, now).await?;
    drop(turn);
    check_condition(&provider, facts).await?;

    let service = app.clone();
    let (named, read) = (named.clone(), provider.clone());
    app.store
        .write(move |tx| {
            let now = service.clock.now();
            if named.find(tx)?.as_ref() != Some(&read) {
                return Err(Failure::Unproven("the provider was changed meanwhile".to_owned()));
            }
            if let Some(first) = tx.first_exchange(read.id, &digest)? {
                return check_again(first, now, service.settings.workload_token_reuse);
            }
            tx.insert_exchange(
                read.id,
                &digest,
                now,
                expires_at.checked_add(REMEMBERED).unwrap_or(Timestamp::MAX),
            )?;
            let (name, detail) = (resource_name(&read), who.to_string());
            let author = Signature::new(&read.principal_name, &read.principal_uid, &read.uid);
            Ok(author.record(tx, read.organization, "principal.login", &name, &detail, now)?)
        })
        .await?;
    let issued = app.issue(&provider.principal_uid, &provider.uid);
    let issued = issued.await?;
    Ok(Exchanged { access_token: issued.token, lifetime: issued.lifetime, principal: provider.principal_uid })
}

impl Named {
    /// The name of what is meant, whether or not it exists.
    fn resource_name(&self) -> String {
        let Self { project, principal, provider } = self;
        format!("iam/project/{project}/service-principal/{principal}/workload-identity-provider/{provider}")
    }

    fn find(&self, tx: &mut Tx<'_>) -> Result<Option<WorkloadIdentityProvider>, waybill_store::Error> {
        let names = (self.principal.parse::<PrincipalName>(), self.provider.parse::<ProviderName>());
        let (Ok(principal), Ok(provider)) = names else { return Ok(None) };
        tx.workload_identity_provider(&self.project, &principal, &provider)
    }
}

/// Refuses what the provider's condition is not true of.
async fn check_condition(provider: &WorkloadIdentityProvider, facts: Facts) -> Result<(), Failure> {
    let name = resource_name(provider);
    let unreadable = |error| {
        ApiError::internal(format!("the stored condition of {name} cannot be read any more: {error}"))
    };
    let condition: Condition =
        provider.provider.condition.parse().map_err(|error| Failure::Registry(unreadable(error)))?;
    // The worst of patterns on the longest of claims takes a fifth of a second.
    let evaluated = spawn_blocking(move || condition.evaluate(&facts)).await;
    let refused = match evaluated.expect("evaluating does not panic") {
        Ok(true) => return Ok(()),
        Ok(false) => "its condition is not true of what was shown".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Failure::Unacceptable(format!(
        "workload identity provider `{name}` does not accept this workload: {refused}; compare its \
         `conditional_access` with the claims"
    )))
}

/// Refuses what was exchanged too long ago.
fn check_again(first: Timestamp, now: Timestamp, reuse: std::time::Duration) -> Result<(), Failure> {
    let reuse = SignedDuration::try_from(reuse).unwrap_or(SignedDuration::MAX);
    if may_be_taken_again(first, now, reuse) {
        return Ok(());
    }
    let rule = if reuse.is_zero() {
        "this registry takes a token once".to_owned()
    } else {
        format!("this registry takes a token again for {} s after that", reuse.as_secs())
    };
    Err(Failure::Repeated(format!(
        "this token was exchanged at {first} already, and {rule}: get a new one from its issuer, at best in each step or \
         job that needs one; the registry's operator sets the time with `--workload-token-reuse`"
    )))
}
