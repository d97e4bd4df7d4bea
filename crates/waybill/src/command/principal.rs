//! `waybill principal`: who may use the registry.

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
  waybill principal create auditor --role auditor")]
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
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The principal's name or id
    principal: String,
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
    /// The principal's name or id
    principal: String,
    /// The key's client id
    client_id: String,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The principal's name or id
    principal: String,
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
            };
            let created = client.create_principal(&organization, &body).await?;
            context.printer.show(&CreatedPrincipal {
                principal: created.principal.into(),
                client_id: created.client_id,
                client_secret: created.client_secret.expose().to_owned(),
            })?;
            context.printer.note("the secret is not shown again");
            Ok(())
        }
        PrincipalCommand::List(ListArgs { limit }) => {
            let principals = client.principals(&organization).first(limit.get()).await?;
            context.printer.show(&Principals { principals: principals.into_iter().map(Into::into).collect() })
        }
        PrincipalCommand::Show(ShowArgs { principal }) => {
            let found = find(&client, &organization, &principal).await?;
            context.printer.show(&Principal::from(found))
        }
        PrincipalCommand::Key(command) => key(command, &client, &organization, context).await,
        PrincipalCommand::Delete(DeleteArgs { principal, yes }) => {
            let found = find(&client, &organization, &principal).await?;
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
        KeyCommand::List(ShowArgs { principal }) => {
            let found = find(client, organization, &principal).await?;
            if found.keys.is_empty() {
                context.printer.note(&format!("{} has no keys", found.name));
            }
            context.printer.show(&Keys { keys: found.keys.into_iter().map(Into::into).collect() })
        }
        KeyCommand::Create(ShowArgs { principal }) => {
            let found = find(client, organization, &principal).await?;
            let made = make_key(client, &found, organization).await?;
            context.printer.show(&CreatedKey {
                principal: found.name,
                client_id: made.key.client_id,
                client_secret: made.client_secret.expose().to_owned(),
            })?;
            context.printer.note("the secret is not shown again");
            Ok(())
        }
        KeyCommand::Delete(DeleteKeyArgs { principal, client_id, yes }) => {
            let found = find(client, organization, &principal).await?;
            if !found.keys.iter().any(|key| key.client_id == client_id) {
                return Err(CliError::registry(format!("{} has no key `{client_id}`", found.name))
                    .hint(format!("`waybill principal key list {principal}` shows them all")));
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
fn parent<'a>(principal: &'a own::Principal, organization: &'a str) -> Parent<'a> {
    principal.project_id.as_deref().map_or(Parent::Organization(organization), Parent::Project)
}

pub(super) fn own_role(role: Role) -> own::Role {
    role.as_str().parse().expect("the words of roles are the same everywhere")
}

/// The principal of that id, or the only one of that name.
pub(super) async fn find(
    client: &Client,
    organization: &str,
    wanted: &str,
) -> Result<own::Principal, CliError> {
    let mut named = Vec::new();
    let mut principals = client.principals(organization);
    while let Some(principal) = principals.next().await? {
        if principal.id == wanted {
            return Ok(principal);
        }
        if principal.name == wanted {
            named.push(principal);
        }
    }
    if 1 < named.len() {
        let ids: Vec<&str> = named.iter().map(|principal| principal.id.as_str()).collect();
        return Err(CliError::user(format!("several principals are called `{wanted}`"))
            .hint(format!("name one by its id: {}", ids.join(", "))));
    }
    named.pop().ok_or_else(|| {
        CliError::registry(format!("there is no principal `{wanted}`"))
            .hint("`waybill principal list` shows them all")
    })
}
