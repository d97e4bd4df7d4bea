//! Workload identity providers of service principals, and the tokens of others that were exchanged.

use jiff::Timestamp;
use waybill_model::{
    ids::{OrganizationId, PrincipalId, ProjectId, ProviderId, Uid},
    names::{PrincipalName, ProviderName},
    workload_identity::{Provider, Trust},
};

use crate::{error::Result, row::Row, tx::Tx};

/// A provider with the principal that it stands for, which is always one of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadIdentityProvider {
    pub id: ProviderId,
    pub uid: String,
    pub name: String,
    pub provider: Provider,
    pub principal: PrincipalId,
    pub principal_uid: String,
    pub principal_name: String,
    pub project_uid: String,
    pub organization: OrganizationId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A provider to be made.
#[derive(Clone, Debug)]
pub struct NewWorkloadIdentityProvider {
    pub uid: Uid,
    pub principal: PrincipalId,
    pub name: ProviderName,
    pub provider: Provider,
}

macro_rules! providers {
    ($rest:literal) => {
        concat!(
            "SELECT w.id, w.uid, w.name, w.description, w.issuer_uri, w.allowed_audiences, w.aws_account_id,
                    w.conditional_access, w.principal_id, p.uid, p.name, j.uid, p.organization_id, w.created_at,
                    w.updated_at
               FROM principals p
               JOIN projects j ON j.id = p.project_id
               JOIN workload_identity_providers w ON w.principal_id = p.id
              ",
            $rest
        )
    };
}

const NAMED: &str = providers!(
    "JOIN projects x ON x.uid = $1
      WHERE p.organization_id = x.organization_id AND COALESCE(p.project_id, 0) = x.id AND p.kind = 'service'
        AND p.name = $2 AND w.name = $3"
);
const OF_PRINCIPAL: &str = providers!("WHERE p.id = $1 ORDER BY w.name");
// The name of the principal twice: once to begin at, once to tell what comes after it.
const OF_PROJECT: &str = providers!(
    "WHERE p.organization_id = $1 AND COALESCE(p.project_id, 0) = $2 AND p.kind = 'service' AND p.name >= $3
       AND (p.name > $3 OR w.id > $4)
     ORDER BY p.name, w.id
     LIMIT $5"
);
const INSERT: &str = "
    INSERT INTO workload_identity_providers (uid, principal_id, name, description, issuer_uri, allowed_audiences,
                                             aws_account_id, conditional_access, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING id";
const UPDATE: &str = "
    UPDATE workload_identity_providers
       SET description = $2, issuer_uri = $3, allowed_audiences = $4, aws_account_id = $5, conditional_access = $6,
           updated_at = $7
     WHERE id = $1";
const DELETE: &str = "DELETE FROM workload_identity_providers WHERE id = $1";

const EXCHANGED: &str = "SELECT first_at FROM exchanged_tokens WHERE provider_id = $1 AND digest = $2";
const INSERT_EXCHANGED: &str =
    "INSERT INTO exchanged_tokens (digest, provider_id, first_at, expires_at) VALUES ($1, $2, $3, $4)";
const EXPIRED: &str = "SELECT 1 FROM exchanged_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT 1";
const DELETE_EXPIRED: &str = "DELETE FROM exchanged_tokens WHERE expires_at < $1";

impl Tx<'_> {
    /// The provider that a resource name names, whoever asks.
    pub fn workload_identity_provider(
        &mut self,
        project_uid: &str,
        principal: &PrincipalName,
        name: &ProviderName,
    ) -> Result<Option<WorkloadIdentityProvider>> {
        let params = [project_uid.into(), principal.as_str().into(), name.as_str().into()];
        self.one(NAMED, &params, WorkloadIdentityProvider::from_row)
    }

    /// All providers of a principal by name; there are few.
    pub fn workload_identity_providers_of(
        &mut self,
        principal: PrincipalId,
    ) -> Result<Vec<WorkloadIdentityProvider>> {
        self.many(OF_PRINCIPAL, &[principal.into()], WorkloadIdentityProvider::from_row)
    }

    /// Providers of a project by the names of their principals, after the provider of that principal and row.
    pub fn workload_identity_providers(
        &mut self,
        organization: OrganizationId,
        project: ProjectId,
        after: (&str, ProviderId),
        limit: u32,
    ) -> Result<Vec<WorkloadIdentityProvider>> {
        let (name, id) = after;
        let params = [organization.into(), project.into(), name.into(), id.into(), limit.into()];
        self.many(OF_PROJECT, &params, WorkloadIdentityProvider::from_row)
    }

    pub fn insert_workload_identity_provider(
        &mut self,
        new: &NewWorkloadIdentityProvider,
        now: Timestamp,
    ) -> Result<ProviderId> {
        let [issuer, audiences, account] = columns(&new.provider.trust);
        let params = [
            new.uid.as_str().into(),
            new.principal.into(),
            new.name.as_str().into(),
            (&new.provider.description).into(),
            issuer.into(),
            audiences.into(),
            account.into(),
            (&new.provider.condition).into(),
            now.into(),
        ];
        self.insert(INSERT, &params).map(ProviderId)
    }

    pub fn update_workload_identity_provider(
        &mut self,
        id: ProviderId,
        provider: &Provider,
        now: Timestamp,
    ) -> Result<()> {
        let [issuer, audiences, account] = columns(&provider.trust);
        let params = vec![
            id.into(),
            (&provider.description).into(),
            issuer.into(),
            audiences.into(),
            account.into(),
            (&provider.condition).into(),
            now.into(),
        ];
        self.send(UPDATE, params)
    }

    /// Deletes a provider; the access tokens that came from it stand for nobody from now on.
    pub fn delete_workload_identity_provider(&mut self, id: ProviderId) -> Result<()> {
        self.send(DELETE, vec![id.into()])
    }

    /// When a token was first exchanged with a provider.
    pub fn first_exchange(&mut self, provider: ProviderId, digest: &[u8]) -> Result<Option<Timestamp>> {
        self.one(EXCHANGED, &[provider.into(), digest.into()], |row| row.time(0))
    }

    /// Remembers a token that was not exchanged before, until it is of no use to anybody.
    pub fn insert_exchange(
        &mut self,
        provider: ProviderId,
        digest: &[u8],
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        self.send(INSERT_EXCHANGED, vec![digest.into(), provider.into(), now.into(), expires_at.into()])
    }

    /// Whether there are exchanged tokens that expired before a time.
    pub fn has_expired_exchanges(&mut self, before: Timestamp) -> Result<bool> {
        Ok(self.one(EXPIRED, &[before.into()], |_| Ok(()))?.is_some())
    }

    /// Forgets exchanged tokens that expired before a time.
    pub fn delete_expired_exchanges(&mut self, before: Timestamp) -> Result<u64> {
        self.execute(DELETE_EXPIRED, &[before.into()])
    }
}

/// Issuer, audiences and account as they are stored: what does not apply is empty.
fn columns(trust: &Trust) -> [String; 3] {
    match trust {
        Trust::Oidc { issuer, audiences } => {
            let audiences = serde_json::to_string(audiences).expect("texts are JSON");
            [issuer.clone(), audiences, String::new()]
        }
        Trust::Aws { account } => [String::new(), "[]".to_owned(), account.clone()],
    }
}

impl WorkloadIdentityProvider {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let account = row.text(6)?;
        let trust = if account.is_empty() {
            let audiences = row.text(5)?;
            let audiences = serde_json::from_str(&audiences).map_err(|_| crate::Error::Corrupt {
                column: 5,
                expected: "a JSON list of texts",
                found: audiences,
            })?;
            Trust::Oidc { issuer: row.text(4)?, audiences }
        } else {
            Trust::Aws { account }
        };
        Ok(Self {
            id: ProviderId(row.int(0)?),
            uid: row.text(1)?,
            name: row.text(2)?,
            provider: Provider { description: row.text(3)?, trust, condition: row.text(7)? },
            principal: PrincipalId(row.int(8)?),
            principal_uid: row.text(9)?,
            principal_name: row.text(10)?,
            project_uid: row.text(11)?,
            organization: OrganizationId(row.int(12)?),
            created_at: row.time(13)?,
            updated_at: row.time(14)?,
        })
    }
}
