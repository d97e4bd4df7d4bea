//! `waybill bucket`: what is in the registry.

use clap::{Args, Subcommand};
use waybill_client::Registry;
use waybill_model::names::BucketName;

use super::Limit;
use crate::{
    context::{Context, Place},
    error::CliError,
    view::{Bucket, Buckets},
};

#[derive(Debug, Subcommand)]
pub(crate) enum BucketCommand {
    /// List the buckets of a project, by name
    #[command(after_help = "Example:\n  waybill bucket list --json | jq -r '.buckets[].name'")]
    List(ListArgs),
    /// Show a bucket
    #[command(after_help = "Example:\n  waybill bucket show ubuntu")]
    Show(ShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The bucket's name
    bucket: BucketName,
    #[command(flatten)]
    place: Place,
}

pub(super) async fn run(command: BucketCommand, context: &Context) -> Result<(), CliError> {
    match command {
        BucketCommand::List(ListArgs { limit, place }) => {
            let registry = context.registry(&place).await?;
            let buckets = registry.list_buckets().first(limit.get()).await?;
            if buckets.is_empty() {
                context.printer.note(nothing_to_see(&registry).await);
            }
            context.printer.show(&Buckets { buckets: buckets.into_iter().map(Bucket::from).collect() })
        }
        BucketCommand::Show(ShowArgs { bucket, place }) => {
            let registry = context.registry(&place).await?;
            let bucket = registry.get_bucket(bucket.as_str()).await?;
            context.printer.show(&Bucket::from(bucket))
        }
    }
}

/// Why a list of buckets is empty: nothing is there, or nothing for this caller.
async fn nothing_to_see(registry: &Registry) -> &'static str {
    let location = registry.location();
    let sees_all = registry.client().who_am_i().await.is_ok_and(|me| {
        me.roles.iter().any(|binding| match (&binding.project_id, &binding.bucket, &binding.group) {
            (project, None, None) => project.as_ref().is_none_or(|id| *id == location.project_id),
            _ => false,
        })
    });
    if sees_all {
        "there are no buckets yet; publishing makes them"
    } else {
        "there are no buckets that you may see"
    }
}
