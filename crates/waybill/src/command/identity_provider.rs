//! `waybill identity-provider`: whose tokens stand for a service principal, so that a workload needs no secret.

mod credentials;
mod guard;
mod trust;

use clap::{ArgGroup, Args, Subcommand};
use waybill_api::platform::{
    AWSWorkloadIdentityProviderConfig, OIDCWorkloadIdentityProviderConfig,
    UpdateWorkloadIdentityProviderBody, WorkloadIdentityProvider,
};
use waybill_client::{Client, ProviderPath};
use waybill_model::names::{PrincipalName, ProviderName};

use self::{
    credentials::Source,
    trust::{TrustArgs, Trusted},
};
use super::Limit;
use crate::{
    context::{Context, Place},
    error::CliError,
    view::{Deleted, IdentityProvider, IdentityProviders},
};

#[derive(Debug, Subcommand)]
pub(crate) enum IdentityProviderCommand {
    /// List the workload identity providers of a project
    #[command(after_help = "Example:\n  waybill identity-provider list --project web")]
    List(ListArgs),
    /// Show a workload identity provider
    #[command(after_help = "Example:\n  waybill identity-provider show github --service-principal image-ci")]
    Show(ShowArgs),
    /// Let tokens of an issuer, or roles of an AWS account, stand for a service principal
    ///
    /// The condition is all that tells your workloads apart from everybody else's who get tokens of the same
    /// issuer. --github, --gitlab and --kubernetes write issuer and condition; --condition adds to theirs.
    #[command(after_help = "Examples:
  waybill identity-provider create github --service-principal image-ci --github example/images --ref main
  waybill identity-provider create deploy --service-principal image-ci --github example/images --environment prod
  waybill identity-provider create gitlab --service-principal image-ci --gitlab example/images --ref main
  waybill identity-provider create cluster --service-principal image-ci --kubernetes ci/packer \\
    --issuer https://oidc.example/cluster
  waybill identity-provider create sso --service-principal image-ci --issuer https://sso.example \\
    --audience waybill --condition '\"builders\" in jwt_claims.groups'
  waybill identity-provider create aws --service-principal image-ci --aws-account 123456789012 \\
    --condition 'aws.arn matches `^arn:aws:sts::123456789012:assumed-role/builder/`'")]
    Create(Box<CreateArgs>),
    /// Change a workload identity provider
    ///
    /// --condition takes the place of the whole condition, also of what --github, --gitlab or --kubernetes wrote: say
    /// again what has to stay, as `waybill identity-provider show` has it.
    #[command(after_help = "Example:
  waybill identity-provider update github --condition 'jwt_claims.repository == \"example/images\"'")]
    Update(UpdateArgs),
    /// Delete a workload identity provider; tokens that were got by it stop working at once
    #[command(after_help = "Example:\n  waybill identity-provider delete github --yes")]
    Delete(DeleteArgs),
    /// Print the credential file that packer, terraform and waybill need: `HCP_CRED_FILE`
    #[command(after_help = "Examples:
  waybill identity-provider credentials github --source file:/tmp/token > cred_file.json
  waybill identity-provider credentials gitlab --source env:WAYBILL_TOKEN
  waybill identity-provider credentials azure --source url:http://169.254.169.254/metadata/identity/oauth2/token \\
    --header Metadata=True --pointer /access_token
  waybill identity-provider credentials aws --source aws")]
    Credentials(CredentialsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    place: Place,
}

/// Which provider.
#[derive(Debug, Args)]
pub(crate) struct ProviderArgs {
    /// The provider's name, or its resource name (iam/project/…)
    name: String,
    /// Its service principal; needed when several have a provider of that name
    #[arg(long, value_name = "PRINCIPAL")]
    service_principal: Option<PrincipalName>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    provider: ProviderArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The provider's name
    name: ProviderName,
    /// Whom its tokens stand for: a service principal of the project
    #[arg(long, value_name = "PRINCIPAL")]
    service_principal: PrincipalName,
    /// Say what it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    place: Place,
    /// Take the condition without asking, also if it takes strangers' tokens
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    trust: TrustArgs,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what")
    .args(["issuer", "audiences", "default_audience", "aws_account", "condition", "description"])
    .required(true).multiple(true))]
pub(crate) struct UpdateArgs {
    #[command(flatten)]
    provider: ProviderArgs,
    /// Take tokens of this issuer from now on
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Take tokens for this audience, instead of those before (can be repeated)
    #[arg(long = "audience", value_name = "AUDIENCE")]
    audiences: Vec<String>,
    /// Take tokens for the provider's resource name only
    #[arg(long, conflicts_with = "audiences")]
    default_audience: bool,
    /// Take roles of this AWS account from now on
    #[arg(long, value_name = "ACCOUNT")]
    aws_account: Option<String>,
    /// What must be true of a token from now on, instead of the whole condition before
    #[arg(long, value_name = "EXPRESSION")]
    condition: Option<String>,
    /// Say what it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Take the condition without asking, also if it takes strangers' tokens
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    provider: ProviderArgs,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CredentialsArgs {
    #[command(flatten)]
    provider: ProviderArgs,
    /// Where the workload finds its token: `env:NAME`, `file:PATH`, `url:URL`, or `aws` for its AWS credentials
    #[arg(long)]
    source: Source,
    /// Send this header to the url, written NAME=VALUE (can be repeated)
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = credentials::header)]
    headers: Vec<(String, String)>,
    /// Find the token in JSON, at this JSON pointer such as `/access_token`
    #[arg(long, value_name = "POINTER")]
    pointer: Option<String>,
}

pub(super) async fn run(command: IdentityProviderCommand, context: &Context) -> Result<(), CliError> {
    match command {
        IdentityProviderCommand::List(ListArgs { limit, place }) => {
            let registry = context.registry(&place).await?;
            let providers =
                registry.client().identity_providers(registry.location()).first(limit.get()).await?;
            if providers.is_empty() {
                context.printer.note("there are no workload identity providers in this project");
            }
            let identity_providers = providers.into_iter().map(IdentityProvider::from).collect();
            context.printer.show(&IdentityProviders { identity_providers })
        }
        IdentityProviderCommand::Show(ShowArgs { provider }) => {
            let (client, path) = provider.find(context).await?;
            context.printer.show(&IdentityProvider::from(client.get_identity_provider(&path).await?))
        }
        IdentityProviderCommand::Create(args) => create(*args, context).await,
        IdentityProviderCommand::Update(args) => update(args, context).await,
        IdentityProviderCommand::Delete(DeleteArgs { provider, yes }) => {
            let (client, path) = provider.find(context).await?;
            let found = client.get_identity_provider(&path).await?;
            let consequences = [
                format!("{} is deleted", found.resource_name),
                format!("workloads that become {} by it are refused at once", path.service_principal),
            ];
            context.printer.confirm(&consequences, yes)?;
            client.delete_identity_provider(&path).await?;
            context.printer.show(&Deleted { deleted: path.name })
        }
        IdentityProviderCommand::Credentials(CredentialsArgs { provider, source, headers, pointer }) => {
            let name = provider.resource_name(context).await?;
            let file = source.credential_file(&name, headers, pointer)?;
            context.printer.raw(&format!("{file:#}\n"))
        }
    }
}

async fn create(args: CreateArgs, context: &Context) -> Result<(), CliError> {
    let Trusted { oidc, aws, condition } = args.trust.read()?;
    let issuer = oidc.as_ref().map(|oidc| &oidc.issuer_uri);
    guard::confirm(args.name.as_str(), issuer, &condition, args.yes, &context.printer)?;
    let registry = context.registry(&args.place).await?;
    let path = ProviderPath {
        project_id: registry.location().project_id.clone(),
        service_principal: args.service_principal.to_string(),
        name: args.name.to_string(),
    };
    let wanted = WorkloadIdentityProvider {
        description: args.description.unwrap_or_default(),
        conditional_access: condition,
        oidc_config: oidc,
        aws_config: aws,
        ..WorkloadIdentityProvider::default()
    };
    let made = registry.client().create_identity_provider(&path, wanted).await.map_err(|error| {
        let is_missing = error.is_not_found();
        let error = CliError::from(error);
        if !is_missing {
            return error;
        }
        error.hint(format!(
            "`waybill principal create {} --role ROLE --project PROJECT` makes it; one of the organization has no \
             providers",
            path.service_principal
        ))
    })?;
    let source = if made.aws_config.is_some() { "aws" } else { "file:PATH" };
    let audience = made.oidc_config.as_ref().map(|oidc| match oidc.allowed_audiences.first() {
        Some(first) => first.clone(),
        None => made.resource_name.clone(),
    });
    context.printer.show(&IdentityProvider::from(made))?;
    if let Some(audience) = audience {
        context
            .printer
            .hint(&format!("the workload has to ask its issuer for a token with the audience `{audience}`"));
    }
    context.printer.hint(&format!(
        "`waybill identity-provider credentials {} --service-principal {} --source {source}` prints what clients need",
        path.name, path.service_principal
    ));
    Ok(())
}

async fn update(args: UpdateArgs, context: &Context) -> Result<(), CliError> {
    let (client, path) = args.provider.find(context).await?;
    let is_given = [
        (args.issuer.is_some(), "oidc_config.issuer_uri"),
        (!args.audiences.is_empty() || args.default_audience, "oidc_config.allowed_audiences"),
        (args.aws_account.is_some(), "aws_config.account_id"),
        (args.condition.is_some(), "conditional_access"),
        (args.description.is_some(), "description"),
    ];
    let mask: Vec<&str> = is_given.into_iter().filter(|(given, _)| *given).map(|(_, field)| field).collect();
    let found = client.get_identity_provider(&path).await?;
    let is_aws = found.aws_config.is_some();
    let wants = |kind: &str| mask.iter().any(|field| field.starts_with(kind));
    if (is_aws && wants("oidc_config")) || (!is_aws && wants("aws_config")) {
        let (is, not) = if is_aws { ("an AWS account", "issuer") } else { ("an issuer", "AWS account") };
        return Err(CliError::usage(format!("{} trusts {is}, and has no {not} to change", path.name))
            .hint("make another provider beside it"));
    }
    let issuer = args.issuer.as_ref().or(found.oidc_config.as_ref().map(|oidc| &oidc.issuer_uri));
    let condition = args.condition.as_ref().unwrap_or(&found.conditional_access);
    let is_other = args.issuer.is_some() || args.condition.is_some();
    if is_other {
        guard::confirm(&path.name, issuer, condition, args.yes, &context.printer)?;
    }
    let body = UpdateWorkloadIdentityProviderBody {
        description: args.description,
        conditional_access: args.condition,
        oidc_config: wants("oidc_config").then(|| OIDCWorkloadIdentityProviderConfig {
            issuer_uri: args.issuer.unwrap_or_default(),
            allowed_audiences: args.audiences,
        }),
        aws_config: args.aws_account.map(|account_id| AWSWorkloadIdentityProviderConfig { account_id }),
        ..UpdateWorkloadIdentityProviderBody::default()
    };
    let changed = client.update_identity_provider(&path, &mask, &body).await?;
    context.printer.show(&IdentityProvider::from(changed))
}

impl ProviderArgs {
    /// The provider, and a client for it.
    async fn find(&self, context: &Context) -> Result<(Client, ProviderPath), CliError> {
        if let Some(path) = ProviderPath::from_resource_name(&self.name) {
            return Ok((context.client()?.0, path));
        }
        let registry = context.registry(&self.place).await?;
        let client = registry.client().clone();
        let path = |service_principal: &str| ProviderPath {
            project_id: registry.location().project_id.clone(),
            service_principal: service_principal.to_owned(),
            name: self.name.clone(),
        };
        if let Some(principal) = &self.service_principal {
            return Ok((client, path(principal.as_str())));
        }
        let mut found = Vec::new();
        let mut providers = client.identity_providers(registry.location());
        while let Some(provider) = providers.next().await? {
            if provider.name == self.name {
                found.push(provider.service_principal);
            }
        }
        match found.as_slice() {
            [] => Err(CliError::registry(format!("there is no workload identity provider `{}`", self.name))
                .hint("`waybill identity-provider list` shows them all")),
            [only] => Ok((client.clone(), path(only))),
            several => Err(CliError::user(format!("several have a provider `{}`", self.name))
                .hint(format!("say which with --service-principal: {}", several.join(", ")))),
        }
    }

    /// The provider's resource name; nobody is asked if that is what it was given by.
    async fn resource_name(&self, context: &Context) -> Result<String, CliError> {
        if ProviderPath::from_resource_name(&self.name).is_some() {
            return Ok(self.name.clone());
        }
        let (client, path) = self.find(context).await?;
        Ok(client.get_identity_provider(&path).await?.resource_name)
    }
}
