//! Whose tokens are trusted: an issuer or an AWS account, and a condition; for some issuers we know what to write.

use clap::{ArgGroup, Args};
use waybill_api::platform::{AWSWorkloadIdentityProviderConfig, OIDCWorkloadIdentityProviderConfig};

use crate::error::CliError;

#[derive(Debug, Default, Args)]
#[command(group = ArgGroup::new("whose").args(["issuer", "aws_account", "github", "gitlab"]).required(true)
    .multiple(true))]
#[command(next_help_heading = "Whose tokens")]
pub(crate) struct TrustArgs {
    /// Take tokens of this OpenID Connect issuer
    #[arg(long, value_name = "URL", conflicts_with = "aws_account")]
    issuer: Option<String>,
    /// Take tokens for this audience (can be repeated; default: the provider's resource name)
    #[arg(long = "audience", value_name = "AUDIENCE", conflicts_with = "aws_account")]
    audiences: Vec<String>,
    /// Take roles and users of this AWS account, given by its 12 digits
    #[arg(long, value_name = "ACCOUNT", conflicts_with_all = ["github", "gitlab", "kubernetes"])]
    aws_account: Option<String>,
    /// What must be true of a token, such as `jwt_claims.sub == "job"`; for AWS `aws.arn`, `aws.account_id` and
    /// `aws.user_id`
    #[arg(long, value_name = "EXPRESSION")]
    condition: Option<String>,
    /// Take tokens of GitHub Actions of this repository; of your own GitHub with --issuer
    #[arg(long, value_name = "OWNER/REPO", conflicts_with_all = ["gitlab", "kubernetes"])]
    github: Option<String>,
    /// Take tokens of GitLab CI of this project; of your own GitLab with --issuer
    #[arg(long, value_name = "GROUP/PROJECT", conflicts_with = "kubernetes")]
    gitlab: Option<String>,
    /// Take tokens of this Kubernetes service account; needs --issuer
    #[arg(long, value_name = "NAMESPACE/SERVICEACCOUNT", requires = "issuer")]
    kubernetes: Option<String>,
    /// Of jobs on this branch (or refs/tags/… on GitHub) only
    #[arg(long = "ref", value_name = "REF", conflicts_with_all = ["environment", "kubernetes", "aws_account"])]
    reference: Option<String>,
    /// Of jobs for this environment only
    #[arg(long, value_name = "ENVIRONMENT", conflicts_with_all = ["kubernetes", "aws_account"])]
    environment: Option<String>,
}

/// What a provider is made of.
#[derive(Debug)]
pub(super) struct Trusted {
    pub(super) oidc: Option<OIDCWorkloadIdentityProviderConfig>,
    pub(super) aws: Option<AWSWorkloadIdentityProviderConfig>,
    pub(super) condition: String,
}

const GITHUB: &str = "https://token.actions.githubusercontent.com";
const GITLAB: &str = "https://gitlab.com";

impl TrustArgs {
    pub(super) fn read(self) -> Result<Trusted, CliError> {
        let preset = self.preset()?;
        let is_narrowed = self.reference.is_some() || self.environment.is_some();
        if is_narrowed && self.github.is_none() && self.gitlab.is_none() {
            return Err(CliError::usage("--ref and --environment go with --github and --gitlab")
                .hint("say it with --condition"));
        }
        let condition = match (preset, self.condition) {
            (Some(preset), Some(more)) => format!("{preset} and ({more})"),
            (Some(condition), None) | (None, Some(condition)) => condition,
            (None, None) => {
                return Err(CliError::usage(
                    "a condition is missing: without one, everybody's tokens would do",
                )
                .hint("--condition 'jwt_claims.sub == \"…\"' takes one subject's"));
            }
        };
        if let Some(account_id) = self.aws_account {
            let aws = Some(AWSWorkloadIdentityProviderConfig { account_id });
            return Ok(Trusted { oidc: None, aws, condition });
        }
        let default = if self.github.is_some() { GITHUB } else { GITLAB };
        let issuer_uri = self.issuer.unwrap_or_else(|| default.to_owned());
        let oidc = Some(OIDCWorkloadIdentityProviderConfig { issuer_uri, allowed_audiences: self.audiences });
        Ok(Trusted { oidc, aws: None, condition })
    }

    /// The condition for an issuer whose claims we know.
    fn preset(&self) -> Result<Option<String>, CliError> {
        let (mut terms, reference) = if let Some(repository) = &self.github {
            check("--github", repository, "OWNER/REPO", |parts| parts == 2)?;
            // A branch unless it says what it is.
            let full = |name: &String| {
                if name.starts_with("refs/") { name.clone() } else { format!("refs/heads/{name}") }
            };
            (vec![("jwt_claims.repository", repository.clone())], self.reference.as_ref().map(full))
        } else if let Some(project) = &self.gitlab {
            check("--gitlab", project, "GROUP/PROJECT", |parts| 2 <= parts)?;
            (vec![("jwt_claims.project_path", project.clone())], self.reference.clone())
        } else if let Some(account) = &self.kubernetes {
            check("--kubernetes", account, "NAMESPACE/SERVICEACCOUNT", |parts| parts == 2)?;
            let subject = format!("system:serviceaccount:{}", account.replace('/', ":"));
            (vec![("jwt_claims.sub", subject)], None)
        } else {
            return Ok(None);
        };
        if let Some(reference) = reference {
            terms.push(("jwt_claims.ref", reference));
            if self.gitlab.is_some() {
                terms.push(("jwt_claims.ref_type", "branch".to_owned()));
            }
        }
        if let Some(environment) = &self.environment {
            terms.push(("jwt_claims.environment", environment.clone()));
        }
        let term =
            |(selector, value): (&str, String)| quoted(&value).map(|value| format!("{selector} == {value}"));
        let terms: Vec<String> = terms.into_iter().map(term).collect::<Result<_, _>>()?;
        Ok(Some(terms.join(" and ")))
    }
}

/// Refuses what would make a condition that is never true, which nobody would notice before a job fails.
fn check(flag: &str, value: &str, form: &str, is_right: impl Fn(usize) -> bool) -> Result<(), CliError> {
    let parts: Vec<&str> = value.split('/').collect();
    let is_part = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    if is_right(parts.len()) && parts.iter().all(is_part) {
        return Ok(());
    }
    Err(CliError::usage(format!("{flag} takes {form}, not `{value}`")))
}

/// A value of a condition, to the letter.
fn quoted(value: &str) -> Result<String, CliError> {
    if value.is_empty() || value.contains('`') || value.chars().any(char::is_control) {
        return Err(CliError::usage(format!("`{}` cannot be in a condition", value.escape_debug())));
    }
    Ok(format!("`{value}`"))
}

#[cfg(test)]
mod tests {
    use waybill_model::condition::Condition;

    use super::*;

    fn check(args: TrustArgs) -> Result<(String, String), String> {
        let trusted = args.read().map_err(|error| error.message)?;
        trusted.condition.parse::<Condition>().expect("a condition that the registry takes");
        let issuer = trusted.oidc.map(|oidc| oidc.issuer_uri);
        let account = trusted.aws.map(|aws| aws.account_id);
        Ok((issuer.or(account).expect("one of the two"), trusted.condition))
    }

    #[test]
    fn conditions_are_written_for_issuers_that_we_know() {
        let good = |issuer: &str, condition: &str| Ok((issuer.to_owned(), condition.to_owned()));
        assert_eq!(
            check(TrustArgs { github: Some("example/images".to_owned()), ..TrustArgs::default() }),
            good(GITHUB, "jwt_claims.repository == `example/images`")
        );
        let main = TrustArgs {
            github: Some("example/images".to_owned()),
            reference: Some("main".to_owned()),
            ..TrustArgs::default()
        };
        assert_eq!(
            check(main),
            good(GITHUB, "jwt_claims.repository == `example/images` and jwt_claims.ref == `refs/heads/main`")
        );
        let tag = TrustArgs {
            github: Some("example/images".to_owned()),
            reference: Some("refs/tags/v1".to_owned()),
            condition: Some("jwt_claims.actor == ada or jwt_claims.actor == ben".to_owned()),
            ..TrustArgs::default()
        };
        assert_eq!(
            check(tag),
            good(
                GITHUB,
                "jwt_claims.repository == `example/images` and jwt_claims.ref == `refs/tags/v1` and \
                 (jwt_claims.actor == ada or jwt_claims.actor == ben)"
            )
        );
        let gitlab = TrustArgs {
            gitlab: Some("example/web/images".to_owned()),
            environment: Some("prod".to_owned()),
            issuer: Some("https://gitlab.example".to_owned()),
            ..TrustArgs::default()
        };
        assert_eq!(
            check(gitlab),
            good(
                "https://gitlab.example",
                "jwt_claims.project_path == `example/web/images` and jwt_claims.environment == `prod`"
            )
        );
        let branch = TrustArgs {
            gitlab: Some("a/b".to_owned()),
            reference: Some("main".to_owned()),
            ..TrustArgs::default()
        };
        assert_eq!(
            check(branch),
            good(
                GITLAB,
                "jwt_claims.project_path == `a/b` and jwt_claims.ref == `main` and jwt_claims.ref_type == `branch`"
            )
        );
        let pod = TrustArgs {
            kubernetes: Some("ci/packer".to_owned()),
            issuer: Some("https://k".to_owned()),
            ..TrustArgs::default()
        };
        assert_eq!(check(pod), good("https://k", "jwt_claims.sub == `system:serviceaccount:ci:packer`"));
        let aws = TrustArgs {
            aws_account: Some("123456789012".to_owned()),
            condition: Some("aws.arn matches `builder`".to_owned()),
            ..TrustArgs::default()
        };
        assert_eq!(check(aws), good("123456789012", "aws.arn matches `builder`"));
    }

    #[test]
    fn what_would_never_or_always_be_true_is_refused() {
        let refused = |args: TrustArgs| check(args).expect_err("it is refused");
        let github = |name: &str| TrustArgs { github: Some(name.to_owned()), ..TrustArgs::default() };
        assert_eq!(refused(github("images")), "--github takes OWNER/REPO, not `images`");
        assert_eq!(refused(github("a/b/c")), "--github takes OWNER/REPO, not `a/b/c`");
        assert_eq!(refused(github("a/b`")), "--github takes OWNER/REPO, not `a/b``");
        assert_eq!(
            refused(TrustArgs { reference: Some("a`b".to_owned()), ..github("a/b") }),
            "`refs/heads/a`b` cannot be in a condition"
        );
        let issuer = || TrustArgs { issuer: Some("https://sso.example".to_owned()), ..TrustArgs::default() };
        assert!(refused(issuer()).starts_with("a condition is missing"));
        let narrowed = TrustArgs { reference: Some("main".to_owned()), ..issuer() };
        assert_eq!(refused(narrowed), "--ref and --environment go with --github and --gitlab");
    }
}
