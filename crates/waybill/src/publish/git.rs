//! What git knows about a folder.
//!
//! The `git` program is asked, if there is one; a folder that is in no repository, or that git refuses to
//! look at, is a build without these facts, never a failed one.

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{process::Command, time::timeout};
use tracing::debug;

/// The state of a repository's working tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repository {
    /// None in a repository without a commit.
    pub(crate) head: Option<Head>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The branch's short name, or `HEAD` when detached.
    pub(crate) reference: String,
    pub(crate) commit: String,
    /// `Name <email>` of the commit's author.
    pub(crate) author: String,
    /// True also when the only change is a new file that git does not ignore.
    pub(crate) has_uncommitted_changes: bool,
}

/// Status of a big working tree on a slow disk takes a while; longer than this, and we do without.
const PATIENCE: Duration = Duration::from_secs(30);

impl Repository {
    /// The repository that `folder` is in, if it is in one.
    pub(crate) async fn of(folder: &Path) -> Option<Self> {
        let inside = ask(folder, &["rev-parse", "--is-inside-work-tree"]).await?;
        if inside != "true" {
            return None;
        }
        Some(Self { head: head(folder).await })
    }

    /// The `vcs` member of a build's metadata.
    pub(crate) fn metadata(&self) -> Value {
        let details = self.head.as_ref().map(|head| {
            json!({
                "ref": head.reference,
                "commit": head.commit,
                "author": head.author,
                "has_uncommitted_changes": head.has_uncommitted_changes,
            })
        });
        json!({ "type": "git", "details": details })
    }
}

async fn head(folder: &Path) -> Option<Head> {
    let commit = ask(folder, &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).await?;
    let branch = ask(folder, &["symbolic-ref", "--short", "--quiet", "HEAD"]).await;
    let log = ["log", "-1", "--no-show-signature", "--encoding=UTF-8", "--format=%an <%ae>", &commit];
    let author = ask(folder, &log).await.unwrap_or_default();
    // Not answered in time counts as unclean: the claim "this is exactly the commit" needs proof.
    let changes = ask(folder, &["status", "--porcelain", "--untracked-files=normal"]).await;
    Some(Head {
        reference: branch.unwrap_or_else(|| "HEAD".to_owned()),
        commit,
        author,
        has_uncommitted_changes: changes.is_none_or(|changes| !changes.is_empty()),
    })
}

/// The trimmed answer of git; none if it fails, is missing or takes too long.
async fn ask(folder: &Path, question: &[&str]) -> Option<String> {
    let run = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(question)
        // We only look: no lock files, no question on the terminal, no words in the user's language.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    match timeout(PATIENCE, run).await {
        Ok(Ok(output)) if output.status.success() => {
            Some(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
        }
        Ok(Ok(output)) => {
            debug!("git {} ended with {}", question.join(" "), output.status);
            None
        }
        Ok(Err(error)) => {
            debug!("git cannot be run: {error}");
            None
        }
        Err(_) => {
            debug!("git {} took too long", question.join(" "));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process;

    use super::*;

    /// Runs git as a person with a name, without that person's own configuration.
    fn git(folder: &Path, arguments: &[&str]) {
        let status = process::Command::new("git")
            .arg("-C")
            .arg(folder)
            .args([
                "-c",
                "user.name=Ada",
                "-c",
                "user.email=ada@example.com",
                "-c",
                "init.defaultBranch=main",
            ])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdout(Stdio::null())
            .status()
            .expect("these tests need git");
        assert!(status.success(), "git {arguments:?}");
    }

    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        git(folder.path(), &["init", "--quiet"]);
        folder
    }

    fn commit(folder: &Path) {
        fs_err::write(folder.join("a"), "1").expect("written");
        git(folder, &["add", "a"]);
        git(folder, &["commit", "--quiet", "--message", "first"]);
    }

    #[tokio::test]
    async fn a_clean_branch() {
        let folder = repository();
        commit(folder.path());
        let below = folder.path().join("below");
        fs_err::create_dir(&below).expect("created");
        let head = Repository::of(&below).await.and_then(|found| found.head).expect("a commit");
        assert_eq!(head.reference, "main");
        assert_eq!(head.author, "Ada <ada@example.com>");
        assert_eq!(head.commit.len(), 40);
        assert!(!head.has_uncommitted_changes);
    }

    #[tokio::test]
    async fn a_new_file_is_an_uncommitted_change() {
        let folder = repository();
        commit(folder.path());
        fs_err::write(folder.path().join("b"), "").expect("written");
        let head = Repository::of(folder.path()).await.and_then(|found| found.head).expect("a commit");
        assert!(head.has_uncommitted_changes);
    }

    #[tokio::test]
    async fn a_detached_head_is_called_head() {
        let folder = repository();
        commit(folder.path());
        git(folder.path(), &["checkout", "--quiet", "--detach"]);
        let head = Repository::of(folder.path()).await.and_then(|found| found.head).expect("a commit");
        assert_eq!(head.reference, "HEAD");
    }

    #[tokio::test]
    async fn a_repository_without_a_commit_has_no_details() {
        let folder = repository();
        let found = Repository::of(folder.path()).await.expect("a repository");
        assert_eq!(found.metadata(), json!({ "type": "git", "details": null }));
    }

    #[tokio::test]
    async fn outside_of_a_repository_there_is_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(Repository::of(folder.path()).await, None);
    }
}
