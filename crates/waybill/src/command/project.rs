//! `waybill project`: parts of the organization, each with a registry of its own.

use clap::{Args, Subcommand};
use waybill_model::names::ProjectName;

use super::Limit;
use crate::{
    context::{Context, project_id},
    error::CliError,
    view::{Deleted, Project, Projects},
};

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Create a project with an active registry
    #[command(after_help = "Example:\n  waybill project create web --description 'What the web team builds'")]
    Create(CreateArgs),
    /// List the projects of the organization
    #[command(after_help = "Example:\n  waybill project list --json | jq -r '.projects[].id'")]
    List(ListArgs),
    /// Show a project
    #[command(after_help = "Example:\n  waybill project show web")]
    Show(ShowArgs),
    /// Rename a project; its id stays
    #[command(after_help = "Example:\n  waybill project rename web site")]
    Rename(RenameArgs),
    /// Say what a project is for
    #[command(after_help = "Examples:
  waybill project describe web 'What the web team builds'
  waybill project describe web ''            take the description away")]
    Describe(DescribeArgs),
    /// Delete a project without buckets, with its principals, its webhooks and the roles on it
    #[command(after_help = "Example:\n  waybill project delete web --yes")]
    Delete(DeleteArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The project's name
    name: ProjectName,
    /// Say what it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The project's name or id
    project: String,
}

#[derive(Debug, Args)]
pub(crate) struct RenameArgs {
    /// The project's name or id
    project: String,
    /// Its name from now on
    name: ProjectName,
}

#[derive(Debug, Args)]
pub(crate) struct DescribeArgs {
    /// The project's name or id
    project: String,
    /// What it is for
    #[arg(value_name = "TEXT")]
    description: String,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The project's name or id
    project: String,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(command: ProjectCommand, context: &Context) -> Result<(), CliError> {
    let (client, organization) = context.organization().await?;
    match command {
        ProjectCommand::Create(CreateArgs { name, description }) => {
            let project = client.create_project(&organization, name.as_str(), description.as_deref()).await?;
            context.printer.show(&Project::from(project))
        }
        ProjectCommand::List(ListArgs { limit }) => {
            let projects = client.projects(&organization).first(limit.get()).await?;
            context.printer.show(&Projects { projects: projects.into_iter().map(Project::from).collect() })
        }
        ProjectCommand::Show(ShowArgs { project }) => {
            let id = project_id(&client, &organization, &project).await?;
            context.printer.show(&Project::from(client.get_project(&id).await?))
        }
        ProjectCommand::Rename(RenameArgs { project, name }) => {
            let id = project_id(&client, &organization, &project).await?;
            client.rename_project(&id, name.as_str()).await?;
            context.printer.show(&Project::from(client.get_project(&id).await?))
        }
        ProjectCommand::Describe(DescribeArgs { project, description }) => {
            let id = project_id(&client, &organization, &project).await?;
            client.describe_project(&id, &description).await?;
            context.printer.show(&Project::from(client.get_project(&id).await?))
        }
        ProjectCommand::Delete(DeleteArgs { project, yes }) => {
            let id = project_id(&client, &organization, &project).await?;
            let found = client.get_project(&id).await?;
            let consequences = [
                format!("project {} ({id}) is deleted with its registry and its webhooks", found.name),
                "its principals, their keys and tokens are refused at once".to_owned(),
            ];
            context.printer.confirm(&consequences, yes)?;
            client.delete_project(&id).await?;
            context.printer.show(&Deleted { deleted: found.name })
        }
    }
}
