//! `waybill bucket`: what is in the registry.

use clap::{Args, Subcommand};
use waybill_api::own;
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
    let project_id = &registry.location().project_id;
    let me = registry.client().who_am_i().await;
    if me.is_ok_and(|me| sees_all(&me.roles, project_id)) {
        return "there are no buckets yet; publishing makes them";
    }
    "there are no buckets that you may see"
}

/// True for roles that hold in the whole project.
fn sees_all(roles: &[own::RoleBinding], project_id: &str) -> bool {
    roles.iter().any(|binding| {
        let is_on_project = binding.project_id.as_ref().is_none_or(|id| id == project_id);
        is_on_project && binding.bucket.is_none() && binding.group.is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sees_some_buckets_does_not_know_whether_there_are_others() {
        let binding = |project: Option<&str>, bucket: Option<&str>, group: Option<&str>| own::RoleBinding {
            role: own::Role::Viewer,
            organization_id: Some("o".to_owned()),
            project_id: project.map(str::to_owned),
            bucket: bucket.map(str::to_owned),
            group: group.map(str::to_owned),
        };
        assert!(sees_all(&[binding(None, None, None)], "p"));
        assert!(sees_all(&[binding(Some("q"), None, None), binding(Some("p"), None, None)], "p"));
        assert!(!sees_all(&[binding(Some("q"), None, None)], "p"));
        assert!(!sees_all(&[binding(Some("p"), Some("ubuntu"), None)], "p"));
        assert!(!sees_all(&[binding(None, None, Some("crew"))], "p"));
        assert!(!sees_all(&[], "p"));
    }
}
