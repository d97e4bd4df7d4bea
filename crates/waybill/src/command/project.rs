//! `waybill project`: parts of the organization, each with a registry of its own.

use clap::{Args, Subcommand};
use waybill_model::names::ProjectName;

use super::Limit;
use crate::{
    context::Context,
    error::CliError,
    view::{Project, Projects},
};

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Create a project with an active registry
    #[command(after_help = "Example:\n  waybill project create web --description 'What the web team builds'")]
    Create(CreateArgs),
    /// List the projects of the organization
    #[command(after_help = "Example:\n  waybill project list --json | jq -r '.projects[].id'")]
    List(ListArgs),
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
    }
}
