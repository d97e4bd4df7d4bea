//! `waybill principal`: who may use the registry.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use waybill_api::{error::Code, own, platform::CreateServicePrincipalKeyResponse};
use waybill_client::{Client, Parent};
use waybill_model::{
    names::{BucketName, PrincipalName},
    role::{Role, Scope},
};

use super::{
    Limit,
    role::{role_parser, roles_on},
};
use crate::{
    context::{Context, Place, project_id},
    error::CliError,
    view::{CreatedKey, CreatedPrincipal, Deleted, Keys, Principal, Principals},
};

#[derive(Debug, Subcommand)]
pub(crate) enum PrincipalCommand {
    /// Create a principal with a role, and print its client id and secret
    ///
    /// The secret is shown this once and cannot be read again.
    #[command(after_help = "Examples:
  waybill principal create image-ci --role contributor --project default
  waybill principal create ubuntu-ci --role contributor --bucket ubuntu
  waybill principal create auditor --role auditor
  waybill principal create deploy --role viewer --project web --no-key")]
    Create(CreateArgs),
    /// List principals with their roles and keys
    #[command(after_help = "Example:\n  waybill principal list")]
    List(ListArgs),
    /// Show a principal with its roles and keys
    #[command(after_help = "Example:\n  waybill principal show image-ci")]
    Show(ShowArgs),
    /// See, make and delete the keys of a principal
    #[command(subcommand)]
    Key(KeyCommand),
    /// Delete a principal; its keys and tokens stop working at once
    #[command(after_help = "Example:\n  waybill principal delete image-ci --yes")]
    Delete(DeleteArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The principal's name
    name: PrincipalName,
    /// What it may do; `waybill role grant` gives it more
    #[arg(long, value_parser = role_parser(roles_on(Scope::Project)))]
    role: Role,
    /// Let it act in this project only, given by name or id (default: in the whole organization)
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// Give it the role on this bucket only, of that project (default: `HCP_PROJECT_ID`, else the oldest)
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<BucketName>,
    /// Leave it without a key, for workloads that come with tokens of their own platforms
    #[arg(long)]
    no_key: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    limit: Limit,
}

/// Which principal.
#[derive(Debug, Args)]
pub(crate) struct WhichArgs {
    /// The principal's name or id
    principal: String,
    /// Take the principal of this project, given by name or id; needed when several have one of that name
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    which: WhichArgs,
}

/// Keys: at most two for each principal, so that one can take the other's place without a pause.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys of a principal
    #[command(after_help = "Example:\n  waybill principal key list image-ci")]
    List(ShowArgs),
    /// Make another key for a principal, and print its client id and secret
    ///
    /// The secret is shown this once and cannot be read again. To change a key without a pause, make the second
    /// one, put it wherever the first one is used, and delete the first.
    #[command(after_help = "Examples:
  waybill principal key create image-ci
  waybill principal key create image-ci --json | jq -r .client_secret")]
    Create(ShowArgs),
    /// Delete a key; it and its tokens stop working at once
    #[command(after_help = "Example:\n  waybill principal key delete image-ci wb-01jd2k… --yes")]
    Delete(DeleteKeyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DeleteKeyArgs {
    #[command(flatten)]
    which: WhichArgs,
    /// The key's client id
    client_id: String,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    which: WhichArgs,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(command: PrincipalCommand, context: &Context) -> Result<(), CliError> {
    let (client, organization) = context.organization().await?;
    match command {
        PrincipalCommand::Create(args) => {
            let project_id = match (&args.project, &args.bucket) {
                (Some(project), _) => Some(project_id(&client, &organization, project).await?),
                (None, Some(_)) => {
                    let registry = context.registry(&Place { project: None }).await?;
                    Some(registry.location().project_id.clone())
                }
                (None, None) => None,
            };
            let body = own::CreatePrincipalBody {
                name: args.name.to_string(),
                role: own_role(args.role),
                project_id,
                bucket: args.bucket.map(|bucket| bucket.to_string()),
                without_key: args.no_key,
            };
            let created = client.create_principal(&organization, &body).await?;
            let secret = created.client_secret;
            let has_secret = secret.is_some();
            context.printer.show(&CreatedPrincipal {
                principal: created.principal.into(),
                client_id: created.client_id,
                client_secret: secret.map(|secret| secret.expose().to_owned()),
            })?;
            if has_secret {
                context.printer.note("the secret is not shown again");
            }
            Ok(())
        }
        PrincipalCommand::List(ListArgs { limit }) => {
            let principals = client.principals(&organization).first(limit.get()).await?;
            let names = project_names(&client, &organization).await?;
            let principals = principals.into_iter().map(|principal| {
                let name = principal.project_id.as_ref().and_then(|id| names.get(id)).cloned();
                Principal::from(principal).in_project(name)
            });
            context.printer.show(&Principals { principals: principals.collect() })
        }
        PrincipalCommand::Show(ShowArgs { which }) => {
            let found = which.find(&client, &organization).await?;
            let name = match &found.project_id {
                Some(id) => project_names(&client, &organization).await?.remove(id),
                None => None,
            };
            context.printer.show(&Principal::from(found).in_project(name))
        }
        PrincipalCommand::Key(command) => key(command, &client, &organization, context).await,
        PrincipalCommand::Delete(DeleteArgs { which, yes }) => {
            let found = which.find(&client, &organization).await?;
            let keys: Vec<&str> = found.keys.iter().map(|key| key.client_id.as_str()).collect();
            let mut consequences = vec![format!("principal {} ({}) is deleted", found.name, found.id)];
            if !keys.is_empty() {
                consequences.push(format!("whoever uses {} is refused at once", keys.join(", ")));
            }
            context.printer.confirm(&consequences, yes)?;
            client.delete_principal(&organization, &found.id).await?;
            context.printer.show(&Deleted { deleted: found.name })
        }
    }
}

async fn key(
    command: KeyCommand,
    client: &Client,
    organization: &str,
    context: &Context,
) -> Result<(), CliError> {
    match command {
        KeyCommand::List(ShowArgs { which }) => {
            let found = which.find(client, organization).await?;
            if found.keys.is_empty() {
                context.printer.note(&format!("{} has no keys", found.name));
            }
            context.printer.show(&Keys { keys: found.keys.into_iter().map(Into::into).collect() })
        }
        KeyCommand::Create(ShowArgs { which }) => {
            let found = which.find(client, organization).await?;
            let made = make_key(client, &found, organization).await?;
            context.printer.show(&CreatedKey {
                principal: found.name,
                client_id: made.key.client_id,
                client_secret: made.client_secret.expose().to_owned(),
            })?;
            context.printer.note("the secret is not shown again");
            Ok(())
        }
        KeyCommand::Delete(DeleteKeyArgs { which, client_id, yes }) => {
            let found = which.find(client, organization).await?;
            if !found.keys.iter().any(|key| key.client_id == client_id) {
                return Err(CliError::registry(format!("{} has no key `{client_id}`", found.name))
                    .hint(format!("`waybill principal key list {}` shows them all", which.principal)));
            }
            let mut consequences = vec![format!("whoever uses {client_id} is refused at once")];
            if found.keys.len() == 1 {
                consequences.push(format!("{} has no other key", found.name));
            }
            context.printer.confirm(&consequences, yes)?;
            client.delete_key(parent(&found, organization), &found.name, &client_id).await?;
            context.printer.show(&Deleted { deleted: client_id })
        }
    }
}

/// Makes another key for a principal.
pub(super) async fn make_key(
    client: &Client,
    principal: &own::Principal,
    organization: &str,
) -> Result<CreateServicePrincipalKeyResponse, CliError> {
    let name = &principal.name;
    client.create_key(parent(principal, organization), name).await.map_err(|error| {
        let is_full = error.code() == Some(Code::ResourceExhausted);
        let error = CliError::from(error);
        if !is_full {
            return error;
        }
        error
            .hint(format!("`waybill principal key list {name}` shows them"))
            .hint(format!("`waybill principal key delete {name} CLIENT_ID` deletes one"))
    })
}

/// What the principal belongs to.
pub(super) fn parent<'a>(principal: &'a own::Principal, organization: &'a str) -> Parent<'a> {
    principal.project_id.as_deref().map_or(Parent::Organization(organization), Parent::Project)
}

pub(super) fn own_role(role: Role) -> own::Role {
    role.as_str().parse().expect("the words of roles are the same everywhere")
}

impl WhichArgs {
    /// The principal of that id, or the only one of that name.
    async fn find(&self, client: &Client, organization: &str) -> Result<own::Principal, CliError> {
        let wanted = &self.principal;
        let project = match &self.project {
            Some(project) => Some(project_id(client, organization, project).await?),
            None => None,
        };
        let mut named = Vec::new();
        let mut principals = client.principals(organization);
        while let Some(principal) = principals.next().await? {
            let is_there = project.is_none() || principal.project_id == project;
            if is_there && principal.id == *wanted {
                return Ok(principal);
            }
            if is_there && principal.name == *wanted {
                named.push(principal);
            }
        }
        if 1 < named.len() {
            let projects = project_names(client, organization).await?;
            let each = named.iter().map(|principal| match &principal.project_id {
                None => format!("{} of the organization", principal.id),
                Some(id) => format!("{} of project {}", principal.id, projects.get(id).unwrap_or(id)),
            });
            let each: Vec<String> = each.collect();
            return Err(CliError::user(format!("several principals are called `{wanted}`"))
                .hint(format!("say which with --project, or by its id: {}", each.join(", "))));
        }
        named.pop().ok_or_else(|| {
            let place = self.project.as_ref().map(|name| format!(" in project `{name}`")).unwrap_or_default();
            CliError::registry(format!("there is no principal `{wanted}`{place}"))
                .hint("`waybill principal list` shows them all")
        })
    }
}

/// What projects are called, by their ids; nothing for those who may not list them.
async fn project_names(client: &Client, organization: &str) -> Result<BTreeMap<String, String>, CliError> {
    match client.projects(organization).all().await {
        Ok(projects) => Ok(projects.into_iter().map(|project| (project.id, project.name)).collect()),
        Err(error) if error.code() == Some(Code::PermissionDenied) => Ok(BTreeMap::new()),
        Err(error) => Err(error.into()),
    }
}
