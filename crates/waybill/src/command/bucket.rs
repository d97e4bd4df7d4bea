//! `waybill bucket`: what is in the registry.

use clap::{Args, Subcommand};
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
                context.printer.note("there are no buckets yet; publishing makes them");
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
