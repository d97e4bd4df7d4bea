//! `waybill principal`: who may use the registry.

use clap::{Args, Subcommand, ValueEnum};
use waybill_api::own;
use waybill_client::Client;
use waybill_model::names::{BucketName, PrincipalName};

use super::Limit;
use crate::{
    context::{Context, Place, project_id},
    error::CliError,
    view::{CreatedPrincipal, Deleted, Principals},
};

#[derive(Debug, Subcommand)]
pub(crate) enum PrincipalCommand {
    /// Create a principal with a role, and print its client id and secret
    ///
    /// The secret is shown this once and cannot be read again.
    #[command(after_help = "Examples:
  waybill principal create image-ci --role contributor --project default
  waybill principal create ubuntu-ci --role contributor --bucket ubuntu
  waybill principal create auditor --role viewer")]
    Create(CreateArgs),
    /// List principals with their roles and keys
    #[command(after_help = "Example:\n  waybill principal list")]
    List(ListArgs),
    /// Delete a principal; its keys and tokens stop working at once
    #[command(after_help = "Example:\n  waybill principal delete image-ci --yes")]
    Delete(DeleteArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The principal's name
    name: PrincipalName,
    /// What it may do
    #[arg(long, value_enum)]
    role: Role,
    /// Let it act in this project only, given by name or id (default: in the whole organization)
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// Give it the role on this bucket only, of that project (default: `HCP_PROJECT_ID`, else the oldest)
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<BucketName>,
}

/// What a principal may do; each includes those before it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    /// Read
    Viewer,
    /// Also publish, move channels, revoke
    Contributor,
    /// Also delete and change settings
    Admin,
    /// Also make projects and principals
    Owner,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The principal's name or id
    principal: String,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

impl From<Role> for own::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Contributor => Self::Contributor,
            Role::Admin => Self::Admin,
            Role::Owner => Self::Owner,
        }
    }
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
                role: args.role.into(),
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

/// The principal of that id, or the only one of that name.
async fn find(client: &Client, organization: &str, wanted: &str) -> Result<own::Principal, CliError> {
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
