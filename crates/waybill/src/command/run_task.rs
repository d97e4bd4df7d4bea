//! `waybill run-task`: what HCP Terraform asks before it applies a plan.

use clap::{Args, Subcommand, ValueEnum};
use waybill_api::hcp::RunTaskBehaviour;
use waybill_client::Registry;

use crate::{
    context::{Context, Place},
    error::CliError,
    view::RunTask,
};

#[derive(Debug, Subcommand)]
pub(crate) enum RunTaskCommand {
    /// Show the address that HCP Terraform is set up with, and how strict the run task is
    #[command(after_help = "Examples:
  waybill run-task show
  waybill run-task show --key --json | jq -r .hmac_key")]
    Show(ShowArgs),
    /// Make another key, and print it; what is signed with the one before is refused at once
    #[command(after_help = "Example:\n  waybill run-task regenerate-key --yes")]
    RegenerateKey(RegenerateKeyArgs),
    /// Say what becomes of plans with images that the registry does not know
    #[command(after_help = "Example:\n  waybill run-task set --on-untracked fail")]
    Set(SetArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Show the key too
    #[arg(long)]
    key: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct RegenerateKeyArgs {
    #[command(flatten)]
    place: Place,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    /// What becomes of such a plan
    #[arg(long, value_enum, value_name = "BEHAVIOUR")]
    on_untracked: OnUntracked,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OnUntracked {
    /// It goes on with a warning
    Warn,
    /// It is refused
    Fail,
}

pub(super) async fn run(command: RunTaskCommand, context: &Context) -> Result<(), CliError> {
    match command {
        RunTaskCommand::Show(ShowArgs { key, place }) => {
            let registry = context.registry(&place).await?;
            show(&registry, key, context).await
        }
        RunTaskCommand::RegenerateKey(RegenerateKeyArgs { place, yes }) => {
            let registry = context.registry(&place).await?;
            let consequence = "HCP Terraform is refused until it has the new key".to_owned();
            context.printer.confirm(&[consequence], yes)?;
            registry.regenerate_run_task_key().await?;
            show(&registry, true, context).await
        }
        RunTaskCommand::Set(SetArgs { on_untracked, place }) => {
            let registry = context.registry(&place).await?;
            let behaviour = match on_untracked {
                OnUntracked::Warn => RunTaskBehaviour::Warn,
                OnUntracked::Fail => RunTaskBehaviour::Fail,
            };
            registry.update_run_task_config(behaviour).await?;
            show(&registry, false, context).await
        }
    }
}

async fn show(registry: &Registry, with_key: bool, context: &Context) -> Result<(), CliError> {
    let task = registry.get_run_task().await?;
    let on_untracked = match registry.get_run_task_config().await? {
        RunTaskBehaviour::Fail => "fail",
        RunTaskBehaviour::Warn | RunTaskBehaviour::Unset => "warn",
    };
    context.printer.show(&RunTask {
        url: task.api_url,
        hmac_key: with_key.then(|| task.hmac_key.expose().to_owned()),
        on_untracked: on_untracked.to_owned(),
    })
}
