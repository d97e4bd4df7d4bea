//! What a command knows besides its arguments.

use std::{env, path::PathBuf};

use clap::Args;
use waybill_api::{error::Code, own};
use waybill_client::{Client, LocationError, Registry};

use crate::{
    connection::{Connection, Source},
    environment::Environment,
    error::CliError,
    printer::Printer,
};

/// The surroundings of a command.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) printer: Printer,
    pub(crate) environment: Environment,
    /// The working folder.
    pub(crate) folder: PathBuf,
}

/// Which project's registry.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Work in this project, given by name or id (default: `HCP_PROJECT_ID`, else the oldest project)
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Option<String>,
}

impl Context {
    pub(crate) fn new(printer: Printer, environment: Environment) -> Result<Self, CliError> {
        let folder = env::current_dir()
            .map_err(|error| CliError::usage(format!("there is no working folder: {error}")))?;
        Ok(Self { printer, environment, folder })
    }

    pub(crate) fn connection(&self) -> Result<Connection, CliError> {
        let found = Connection::find(&self.environment, &self.folder)?;
        tracing::debug!("credentials from {}", found.source);
        Ok(found)
    }

    /// The error with hints for whoever is logged in, who does not set variables.
    pub(crate) fn explain(&self, error: CliError) -> CliError {
        if !error.is_about_trust() {
            return error;
        }
        match self.connection().map(|connection| connection.source) {
            Ok(Source::Login { server, .. }) => CliError { hints: Vec::new(), ..error }.hint(format!(
                "trust the registry's own authority: `waybill login --url {server} --ca FILE`; it is `tls/ca.pem` of \
                 its data folder"
            )),
            _ => error,
        }
    }

    pub(crate) fn client(&self) -> Result<(Client, Connection), CliError> {
        let connection = self.connection()?;
        Ok((Client::new(&connection.config())?, connection))
    }

    /// The client and the organization that it works in.
    pub(crate) async fn organization(&self) -> Result<(Client, String), CliError> {
        let (client, connection) = self.client()?;
        let found = client.locate_organization(connection.organization_id.as_deref()).await;
        match found {
            Ok(organization) => Ok((client, organization)),
            Err(error) => Err(lost(&client, error).await),
        }
    }

    /// The registry of the project that is meant.
    pub(crate) async fn registry(&self, place: &Place) -> Result<Registry, CliError> {
        let (client, connection) = self.client()?;
        let organization = connection.organization_id.as_deref();
        let named = match &place.project {
            Some(name) if !is_uuid(name) => {
                let organization = client.locate_organization(organization).await?;
                Some(project_id(&client, &organization, name).await?)
            }
            given => given.clone(),
        };
        let found = client.locate(organization, named.or(connection.project_id).as_deref()).await;
        match found {
            Ok(location) => Ok(client.registry(location)),
            Err(error) => Err(lost(&client, error).await),
        }
    }
}

/// Why there is no place to work in: for somebody without any role that is the reason.
async fn lost(client: &Client, error: LocationError) -> CliError {
    let may_be_it = match &error {
        LocationError::Organizations(n_organizations) => *n_organizations == 0,
        LocationError::ProjectScoped(_) | LocationError::NoProject(_) => true,
        LocationError::Client(error) => error.code() == Some(Code::PermissionDenied),
        LocationError::NoRegistry(_) => false,
    };
    if may_be_it
        && let Ok(me) = client.who_am_i().await
        && me.roles.iter().all(|binding| binding.group.is_some())
    {
        let message = if me.roles.is_empty() {
            "you have no role yet, and may do nothing"
        } else {
            "you have roles on groups only, and none on the organization, a project or a bucket"
        };
        return CliError::registry(message).hint(no_role(&me.principal));
    }
    error.into()
}

/// What somebody without a role can do.
pub(crate) fn no_role(caller: &own::Caller) -> String {
    let kind = if caller.kind == own::PrincipalKind::User { "user" } else { "service" };
    format!("ask an owner for a role: `waybill role grant ROLE --to {kind}:{}`", caller.name)
}

/// The id of the project that has this name, or this id.
pub(crate) async fn project_id(client: &Client, organization: &str, name: &str) -> Result<String, CliError> {
    if is_uuid(name) {
        return Ok(name.to_owned());
    }
    let mut projects = client.projects(organization);
    while let Some(project) = projects.next().await? {
        if project.name == name {
            return Ok(project.id);
        }
    }
    Err(CliError::registry(format!("there is no project `{name}`"))
        .hint("`waybill project list` shows them all"))
}

/// Projects are identified by UUIDs, and no project may be called like one.
fn is_uuid(text: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.into_iter().all(is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids() {
        assert!(is_uuid("5c63a6e2-0a5d-4a54-8ac5-6d5d1c1f5a2b"));
        assert!(!is_uuid("default"));
        assert!(!is_uuid("5c63a6e2-0a5d-4a54-8ac5-6d5d1c1f5a2"));
        assert!(!is_uuid("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"));
        assert!(!is_uuid(""));
    }
}
