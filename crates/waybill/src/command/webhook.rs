//! `waybill webhook`: where a project's events are sent.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use waybill_api::{
    own,
    platform::{
        CreateWebhookRequestBody, UpdateWebhookRequestBody, Webhook as Wire, WebhookConfig,
        WebhookSubscription, WebhookSubscriptionEvent,
    },
    secret::Secret,
};
use waybill_client::Registry;
use waybill_model::names::WebhookName;

use crate::{
    chance,
    context::{Context, Place},
    error::CliError,
    password,
    view::{Deleted, Verification, Webhook, Webhooks},
};

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// List the webhooks of a project
    #[command(after_help = "Example:\n  waybill webhook list")]
    List(ListArgs),
    /// Show a webhook
    #[command(after_help = "Example:\n  waybill webhook show deploy")]
    Show(ShowArgs),
    /// Create a webhook; its receiver has to accept a test event first, unless it is disabled
    #[command(after_help = "Examples:
  waybill webhook create deploy --url https://deploy.example/hook --event complete --generate-key
  pass show hooks/deploy | waybill webhook create deploy --url https://deploy.example/hook --key-stdin")]
    Create(CreateArgs),
    /// Change a webhook; a new receiver or key has to accept a test event first, unless it is disabled
    #[command(after_help = "Examples:
  waybill webhook update deploy --disable
  waybill webhook update deploy --generate-key --enable")]
    Update(UpdateArgs),
    /// Rename a webhook
    #[command(after_help = "Example:\n  waybill webhook rename deploy rollout")]
    Rename(RenameArgs),
    /// Delete a webhook
    #[command(after_help = "Example:\n  waybill webhook delete deploy --yes")]
    Delete(DeleteArgs),
    /// Send the test event to a webhook's receiver, and say what came of it
    #[command(after_help = "Example:\n  waybill webhook verify deploy")]
    Verify(ShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The webhook's name
    webhook: WebhookName,
    #[command(flatten)]
    place: Place,
}

/// The key that signs what is sent.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("key").args(["key_stdin", "key_file", "generate_key"]))]
pub(crate) struct KeyArgs {
    /// Sign what is sent with the key that is the first line of stdin
    #[arg(long)]
    key_stdin: bool,
    /// Sign what is sent with the key that is the first line of this file
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Sign what is sent with a new key, which is shown this once
    #[arg(long)]
    generate_key: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The webhook's name
    name: WebhookName,
    /// Where events are sent
    #[arg(long)]
    url: String,
    /// Say what it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Send events of this kind: an action of versions such as complete, or SOURCE:ACTION; `*` for all (can be
    /// repeated; default: all)
    #[arg(long = "event", value_name = "EVENT", value_parser = event)]
    events: Vec<WebhookSubscriptionEvent>,
    /// Send nothing yet
    #[arg(long)]
    disabled: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what")
    .args(["url", "description", "events", "enable", "disable", "no_key", "key_stdin", "key_file", "generate_key"])
    .required(true).multiple(true))]
pub(crate) struct UpdateArgs {
    /// The webhook's name
    webhook: WebhookName,
    /// Send events there from now on
    #[arg(long)]
    url: Option<String>,
    /// Say what it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Send events of this kind, instead of those before (can be repeated)
    #[arg(long = "event", value_name = "EVENT", value_parser = event)]
    events: Vec<WebhookSubscriptionEvent>,
    /// Send events
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Send nothing any more
    #[arg(long)]
    disable: bool,
    /// Sign nothing any more
    #[arg(long, conflicts_with = "key")]
    no_key: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct RenameArgs {
    /// The webhook's name
    webhook: WebhookName,
    /// Its name from now on
    name: WebhookName,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The webhook's name
    webhook: WebhookName,
    #[command(flatten)]
    place: Place,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

/// The source of everything that happens to versions.
const VERSIONS: &str = "hashicorp.packer.version";
/// What happens to versions.
const ACTIONS: [&str; 9] = [
    "*",
    "create",
    "complete",
    "revoke",
    "restore",
    "delete",
    "schedule-revocation",
    "cancel-revocation",
    "assign",
];

/// Reads `complete` or `hashicorp.packer.version:complete`.
fn event(text: &str) -> Result<WebhookSubscriptionEvent, String> {
    match text.split_once(':') {
        Some((source, action)) if !source.is_empty() && !action.is_empty() => {
            Ok(WebhookSubscriptionEvent { source: source.to_owned(), action: action.to_owned() })
        }
        None if ACTIONS.contains(&text) => Ok(of_versions(text)),
        _ => Err(format!("an event is SOURCE:ACTION, or one of {}", ACTIONS.join(", "))),
    }
}

fn of_versions(action: &str) -> WebhookSubscriptionEvent {
    WebhookSubscriptionEvent { source: VERSIONS.to_owned(), action: action.to_owned() }
}

pub(super) async fn run(command: WebhookCommand, context: &Context) -> Result<(), CliError> {
    match command {
        WebhookCommand::List(ListArgs { place }) => {
            let registry = context.registry(&place).await?;
            let webhooks = registry.client().webhooks(registry.location()).await?;
            if webhooks.is_empty() {
                context.printer.note("there are no webhooks in this project");
            }
            context.printer.show(&Webhooks { webhooks: webhooks.into_iter().map(Webhook::from).collect() })
        }
        WebhookCommand::Show(ShowArgs { webhook, place }) => {
            let registry = context.registry(&place).await?;
            context.printer.show(&Webhook::from(find(&registry, &webhook).await?))
        }
        WebhookCommand::Create(args) => create(args, context).await,
        WebhookCommand::Update(args) => update(args, context).await,
        WebhookCommand::Rename(RenameArgs { webhook, name, place }) => {
            let registry = context.registry(&place).await?;
            let project = &registry.location().project_id;
            registry.client().rename_webhook(project, webhook.as_str(), name.as_str()).await?;
            context.printer.show(&Webhook::from(find(&registry, &name).await?))
        }
        WebhookCommand::Delete(DeleteArgs { webhook, place, yes }) => {
            let registry = context.registry(&place).await?;
            let found = find(&registry, &webhook).await?;
            let consequence = format!("webhook {webhook} is deleted: {} is sent nothing any more", found.url);
            context.printer.confirm(&[consequence], yes)?;
            registry.client().delete_webhook(&registry.location().project_id, webhook.as_str()).await?;
            context.printer.show(&Deleted { deleted: webhook.to_string() })
        }
        WebhookCommand::Verify(ShowArgs { webhook, place }) => {
            let registry = context.registry(&place).await?;
            let came = registry.client().verify_webhook(registry.location(), webhook.as_str()).await?;
            let problem = came.problem.clone();
            context.printer.show(&Verification::new(webhook.to_string(), came))?;
            problem.map_or(Ok(()), |problem| Err(CliError::registry(problem)))
        }
    }
}

/// The webhook of that name, with whether it signs.
async fn find(registry: &Registry, name: &WebhookName) -> Result<own::Webhook, CliError> {
    let webhooks = registry.client().webhooks(registry.location()).await?;
    webhooks.into_iter().find(|webhook| webhook.name == name.as_str()).ok_or_else(|| {
        CliError::registry(format!("there is no webhook `{name}` in this project"))
            .hint("`waybill webhook list` shows them all")
    })
}

async fn create(args: CreateArgs, context: &Context) -> Result<(), CliError> {
    let key = args.key.read(context)?;
    let mut events = args.events;
    if events.is_empty() {
        events.push(of_versions("*"));
    }
    let registry = context.registry(&args.place).await?;
    let body = CreateWebhookRequestBody {
        name: Some(args.name.to_string()),
        description: args.description,
        config: Some(WebhookConfig { url: args.url, hmac_key: key.clone().unwrap_or_default() }),
        enabled: Some(!args.disabled),
        subscriptions: Some(vec![WebhookSubscription { resource_id: String::new(), events }]),
        test_payload: None,
    };
    registry.client().create_webhook(&registry.location().project_id, &body).await.map_err(refused)?;
    let mut made = Webhook::from(find(&registry, &args.name).await?);
    made.hmac_key = key.filter(|_| args.key.generate_key).map(|key| key.expose().to_owned());
    show(&made, context)
}

async fn update(args: UpdateArgs, context: &Context) -> Result<(), CliError> {
    let key = if args.no_key { Some(Secret::default()) } else { args.key.read(context)? };
    let is_given = [
        (args.url.is_some(), "config.url"),
        (key.is_some(), "config.hmacKey"),
        (args.description.is_some(), "description"),
        (args.enable || args.disable, "enabled"),
        (!args.events.is_empty(), "subscriptions"),
    ];
    let mask: Vec<&str> = is_given.into_iter().filter(|(given, _)| *given).map(|(_, field)| field).collect();
    let registry = context.registry(&args.place).await?;
    let webhook = Wire {
        config: WebhookConfig {
            url: args.url.unwrap_or_default(),
            hmac_key: key.clone().unwrap_or_default(),
        },
        description: args.description.unwrap_or_default(),
        enabled: args.enable,
        subscriptions: vec![WebhookSubscription { resource_id: String::new(), events: args.events }],
        ..Wire::default()
    };
    let body = UpdateWebhookRequestBody {
        update_mask: Some(mask.join(",")),
        webhook: Some(webhook),
        test_payload: None,
    };
    let project = &registry.location().project_id;
    registry.client().update_webhook(project, args.webhook.as_str(), &body).await.map_err(refused)?;
    let mut changed = Webhook::from(find(&registry, &args.webhook).await?);
    changed.hmac_key = key.filter(|_| args.key.generate_key).map(|key| key.expose().to_owned());
    show(&changed, context)
}

fn show(webhook: &Webhook, context: &Context) -> Result<(), CliError> {
    context.printer.show(webhook)?;
    if webhook.hmac_key.is_some() {
        context.printer.note("the key is not shown again");
    }
    Ok(())
}

fn refused(error: waybill_client::Error) -> CliError {
    let is_unverified = error.code() == Some(waybill_api::error::Code::FailedPrecondition);
    let error = CliError::from(error);
    if is_unverified {
        error.hint("a disabled webhook is not verified: --disabled, --disable")
    } else {
        error
    }
}

impl KeyArgs {
    fn read(&self, context: &Context) -> Result<Option<Secret>, CliError> {
        if self.generate_key {
            return Ok(Some(chance::secret().into()));
        }
        if self.key_stdin {
            let [key] = password::from_stdin(["the key"])?;
            return Ok(Some(key));
        }
        let Some(path) = &self.key_file else { return Ok(None) };
        let text = fs_err::read_to_string(context.folder.join(path))
            .map_err(|error| CliError::user(format!("the key: {error}")))?;
        let key = text.lines().next().unwrap_or_default();
        if key.is_empty() {
            return Err(CliError::usage(format!(
                "`{}` begins with an empty line, not with a key",
                path.display()
            )));
        }
        Ok(Some(key.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_versions_need_no_source() {
        let check = |text: &str| event(text).map(|event| format!("{} {}", event.source, event.action));
        assert_eq!(check("complete"), Ok("hashicorp.packer.version complete".into()));
        assert_eq!(check("*"), Ok("hashicorp.packer.version *".into()));
        assert_eq!(check("other:thing"), Ok("other thing".into()));
        for wrong in ["finish", "", ":", "a:", ":b"] {
            assert!(check(wrong).is_err_and(|text| text.starts_with("an event is SOURCE:ACTION")), "{wrong}");
        }
    }
}
