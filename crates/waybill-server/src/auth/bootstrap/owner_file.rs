//! `owner.json` in the data folder: the owner's credentials, for the user that the server runs as and nobody else.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use waybill_api::secret::Secret;

use crate::files::{self, Access};

/// What the file says. `waybill env` prints it in the form that clients want.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerFile {
    pub client_id: String,
    pub client_secret: Secret,
    pub organization_id: String,
    pub project_id: String,
}

const NAME: &str = "owner.json";

/// Writes `owner.json` in one step: at every moment the file is not there or complete, and only its owner may read it.
///
/// Credentials that are there already belong to another database, to which somebody may want to return: they are
/// kept as `owner-CLIENT_ID.json`.
pub fn write_owner(folder: &Path, owner: &OwnerFile) -> io::Result<()> {
    let path = folder.join(NAME);
    if let Some(other) = read(folder)? {
        fs_err::rename(&path, kept(folder, &other))?;
    }
    let mut text = serde_json::to_string_pretty(owner)?;
    text.push('\n');
    files::write(&path, &text, Access::Owner)
}

/// Removes credentials that turned out to be for nothing.
pub(super) fn take_back(folder: &Path, client_id: &str) -> io::Result<()> {
    match read(folder)? {
        Some(Found::Credentials(owner)) if owner.client_id == client_id => {
            fs_err::remove_file(folder.join(NAME))
        }
        _ => Ok(()),
    }
}

/// Tells the operator of a server that did not make the owner where the credentials are.
pub(super) fn compare(folder: &Path, organization_id: &str) {
    match read(folder) {
        Ok(Some(Found::Credentials(owner))) if owner.organization_id == organization_id => {}
        Ok(Some(_)) => tracing::warn!(
            "owner.json in the data folder is not for this database; `waybill env` would print credentials that do \
             not work here: replace the file by the one of the server that set the database up"
        ),
        Ok(None) => tracing::info!(
            "This database was set up by another server, which has the owner's credentials: copy owner.json from \
             its data folder into this one if `waybill env` shall work here"
        ),
        Err(error) => tracing::warn!(error = %error, "Cannot read owner.json in the data folder"),
    }
}

/// What is at the file's place.
enum Found {
    Credentials(OwnerFile),
    /// Something else; not ours to judge.
    Unreadable,
}

fn read(folder: &Path) -> io::Result<Option<Found>> {
    let text = files::read(&folder.join(NAME))?;
    Ok(text.map(|text| serde_json::from_slice(&text).map_or(Found::Unreadable, Found::Credentials)))
}

/// The name under which other credentials are kept.
fn kept(folder: &Path, other: &Found) -> PathBuf {
    let is_plain = |id: &str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match other {
        Found::Credentials(owner) if is_plain(&owner.client_id) => {
            folder.join(format!("owner-{}.json", owner.client_id))
        }
        _ => folder.join("owner-unreadable.json"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(client_id: &str) -> OwnerFile {
        OwnerFile {
            client_id: client_id.to_owned(),
            client_secret: "s".into(),
            organization_id: "o".to_owned(),
            project_id: "p".to_owned(),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs_err::read_dir(folder).expect("a folder");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn other_credentials_are_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        write_owner(folder, &owner("wb-1")).expect("written");
        write_owner(folder, &owner("wb-2")).expect("written");
        assert_eq!(names(folder), ["owner-wb-1.json", "owner.json"]);
        fs_err::write(folder.join(NAME), "{").expect("damaged");
        write_owner(folder, &owner("../3")).expect("written");
        write_owner(folder, &owner("wb-4")).expect("written");
        assert_eq!(names(folder), ["owner-unreadable.json", "owner-wb-1.json", "owner.json"]);
    }

    #[test]
    fn only_ones_own_credentials_are_taken_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        take_back(folder, "wb-1").expect("nothing there");
        write_owner(folder, &owner("wb-1")).expect("written");
        take_back(folder, "wb-2").expect("another's");
        assert_eq!(names(folder), ["owner.json"]);
        take_back(folder, "wb-1").expect("taken back");
        assert!(names(folder).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        write_owner(folder.path(), &owner("wb-1")).expect("written");
        let mode = fs_err::metadata(folder.path().join(NAME)).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
