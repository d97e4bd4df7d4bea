//! Conditions on tokens of platforms that give tokens to everybody.

use url::Url;

use crate::{error::CliError, printer::Printer};

/// Hosts of issuers whose tokens anybody can get.
const PUBLIC: [&str; 8] = [
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "oidc.circleci.com",
    "agent.buildkite.com",
    "api.bitbucket.org",
    "accounts.google.com",
    "oidc.vercel.com",
];

/// Claims that say whose a workload is.
const GUARDS: [&str; 13] = [
    "repository",
    "repository_owner",
    "repository_id",
    "repository_owner_id",
    "project_path",
    "project_id",
    "namespace_path",
    "namespace_id",
    "sub",
    "aud",
    "email",
    "organization_slug",
    "terraform_organization_name",
];

/// Asks before tokens of strangers are taken.
pub(super) fn confirm(
    provider: &str,
    issuer: Option<&String>,
    condition: &str,
    yes: bool,
    printer: &Printer,
) -> Result<(), CliError> {
    if !issuer.is_some_and(|issuer| takes_strangers(issuer, condition)) {
        return Ok(());
    }
    let consequences = [
        format!("{provider} takes tokens with: {condition}"),
        "nothing in that says whose: the platform gives everybody tokens, and those of strangers can be so"
            .to_owned(),
    ];
    printer.confirm(&consequences, yes)
}

/// True when nothing in the condition says whose tokens of a public platform are taken.
fn takes_strangers(issuer: &str, condition: &str) -> bool {
    let host = Url::parse(issuer).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase));
    host.is_some_and(|host| PUBLIC.contains(&host.as_str()))
        && !GUARDS.iter().any(|claim| reads(condition, claim))
}

/// True when the condition reads the claim, written `jwt_claims.sub`, `jwt_claims["sub"]` or `"/jwt_claims/sub"`.
fn reads(condition: &str, claim: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    condition.match_indices(claim).any(|(at, _)| {
        let (before, after) = (&condition[..at], &condition[at + claim.len()..]);
        let is_whole = !after.starts_with(is_word);
        is_whole
            && ["jwt_claims.", "jwt_claims[\"", "jwt_claims[`", "/jwt_claims/"]
                .iter()
                .any(|it| before.ends_with(it))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_says_whose_or_does_not() {
        let github = "https://token.actions.githubusercontent.com";
        for guarded in [
            "jwt_claims.repository == `example/images`",
            "jwt_claims.ref == main and jwt_claims[\"sub\"] == x",
            "\"/jwt_claims/repository_owner\" == example",
        ] {
            assert!(!takes_strangers(github, guarded), "{guarded}");
        }
        for open in [
            "jwt_claims.ref == `refs/heads/main`",
            "jwt_claims.actor == repository",
            "jwt_claims.subject == x",
            "jwt_claims.repository_visibility == public",
        ] {
            assert!(takes_strangers(github, open), "{open}");
            assert!(!takes_strangers("https://sso.example", open), "an issuer of one's own has no strangers");
        }
        assert!(takes_strangers("https://GitLab.com/", "jwt_claims.ref == main"));
    }
}
