//! `waybill serve --oidc-…`: where people log in, if not with passwords only.

use std::path::PathBuf;

use clap::Args;
use url::Url;
use waybill_model::condition::{Condition, Vocabulary};
use waybill_server::login::ProviderOptions;

use crate::{context::Context, error::CliError};

/// The login provider of the organization.
#[derive(Debug, Args)]
#[command(next_help_heading = "Login provider")]
pub(super) struct LoginProviderArgs {
    /// Let people log in at this OpenID Connect provider, such as `https://sso.example/realms/staff`; register
    /// `PUBLIC_URL/login/callback` there as the redirect URI. Private addresses need `--egress-allow` as well
    #[arg(long = "oidc-issuer", value_name = "URL", env = "WAYBILL_OIDC_ISSUER", requires = "client_id")]
    issuer: Option<String>,
    /// The registry's client id at the provider
    #[arg(long = "oidc-client-id", value_name = "ID", env = "WAYBILL_OIDC_CLIENT_ID", requires = "issuer")]
    client_id: Option<String>,
    /// Read the registry's client secret at the provider from this file, or have it in the variable
    /// `WAYBILL_OIDC_CLIENT_SECRET`; without either the provider must know the registry as a public client
    #[arg(
        long = "oidc-client-secret-file",
        value_name = "FILE",
        env = "WAYBILL_OIDC_CLIENT_SECRET_FILE",
        requires = "issuer"
    )]
    client_secret_file: Option<PathBuf>,
    /// Call the provider this on the login page (default: its host)
    #[arg(long = "oidc-name", value_name = "NAME", env = "WAYBILL_OIDC_NAME", requires = "issuer")]
    name: Option<String>,
    /// Ask the provider for these scopes
    #[arg(
        long = "oidc-scope",
        value_name = "SCOPES",
        env = "WAYBILL_OIDC_SCOPE",
        default_value = "openid email profile"
    )]
    scope: String,
    /// The claim that lists the groups of a person; groups of the registry with such an external name get them as
    /// members
    #[arg(
        long = "oidc-groups-claim",
        value_name = "CLAIM",
        env = "WAYBILL_OIDC_GROUPS_CLAIM",
        default_value = "groups"
    )]
    groups_claim: String,
    /// Let in only whom this is true of, such as `"staff" in jwt_claims.groups`; the language is that of workload
    /// identity providers
    #[arg(
        long = "oidc-condition",
        value_name = "CONDITION",
        env = "WAYBILL_OIDC_CONDITION",
        requires = "issuer"
    )]
    condition: Option<String>,
}

/// Holds the secret itself, which must not be on a command line.
const SECRET: &str = "WAYBILL_OIDC_CLIENT_SECRET";

/// Turns the arguments into what the server is started with; `None` without a provider.
pub(super) fn options(
    args: LoginProviderArgs,
    context: &Context,
) -> Result<Option<ProviderOptions>, CliError> {
    let (Some(issuer), Some(client_id)) = (args.issuer, args.client_id) else { return Ok(None) };
    let in_environment = context.environment.get(SECRET).filter(|secret| !secret.is_empty());
    let client_secret = match (args.client_secret_file, in_environment) {
        (Some(_), Some(_)) => {
            return Err(CliError::usage(format!("--oidc-client-secret-file and {SECRET} are both given"))
                .hint("keep one of them"));
        }
        (Some(file), None) => Some(read_secret(&context.folder.join(file))?),
        (None, secret) => secret.map(str::to_owned),
    };
    if !args.scope.split(' ').any(|scope| scope == "openid") {
        return Err(
            CliError::usage("--oidc-scope must hold `openid`").hint("the default is `openid email profile`")
        );
    }
    let host = Url::parse(&issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
    let name = args.name.or(host).unwrap_or_else(|| "the login provider".to_owned());
    Ok(Some(ProviderOptions {
        issuer,
        client_id,
        client_secret: client_secret.map(Into::into),
        name,
        scope: args.scope,
        groups_claim: args.groups_claim,
        condition: args.condition.as_deref().map(condition).transpose()?,
    }))
}

fn read_secret(file: &std::path::Path) -> Result<String, CliError> {
    let text = fs_err::read(file).map_err(|error| CliError::user(error.to_string()))?;
    let text = String::from_utf8(text).unwrap_or_default();
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() || secret.contains(['\r', '\n']) {
        return Err(CliError::user(format!("{} must hold the client secret in one line", file.display())));
    }
    Ok(secret.to_owned())
}

fn condition(text: &str) -> Result<Condition, CliError> {
    let read = text.parse::<Condition>().and_then(|condition| {
        condition.check(Vocabulary::Oidc)?;
        Ok(condition)
    });
    // The model knows the language by where HCP has it.
    read.map_err(|error| {
        CliError::usage(error.to_string().replace("`conditional_access`", "--oidc-condition"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_refused_by_the_name_of_the_flag() {
        assert!(condition("\"staff\" in jwt_claims.groups").is_ok());
        for wrong in ["x", "jwt_claims.a ==", "aws.arn == \"x\""] {
            let message = condition(wrong).unwrap_err().message;
            assert!(message.starts_with("--oidc-condition"), "{message}");
        }
    }

    #[test]
    fn a_secret_is_one_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let check = |text: &str| {
            let file = folder.path().join("secret");
            fs_err::write(&file, text).expect("a file");
            read_secret(&file).ok()
        };
        assert_eq!(check("s3cret\n").as_deref(), Some("s3cret"));
        assert_eq!(check("s3cret \r\n").as_deref(), Some("s3cret "));
        assert_eq!([check(""), check("\n"), check("a\nb")], [None, None, None]);
        assert!(read_secret(&folder.path().join("none")).is_err());
    }
}
