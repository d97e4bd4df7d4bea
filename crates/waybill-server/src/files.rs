//! Reading and writing of small files of the data folder that must never be seen half-written or by the wrong people.

use std::{
    ffi::OsString,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Everyone,
    /// Nobody but the user the server runs as, from the moment the file exists.
    Owner,
}

/// Returns the contents, or `None` if there is no such file.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs_err::read(path) {
        Ok(contents) => Ok(Some(contents)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts `contents` at `path` in one step: at every moment, also after a power cut, the file is the old one or the new.
pub(crate) fn write(path: &Path, contents: &str, access: Access) -> io::Result<()> {
    let temporary = temporary(path);
    match fs_err::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = create(&temporary, access)?;
    file.write_all(contents.as_bytes())?;
    file.sync_all()?;
    drop(file);
    fs_err::rename(&temporary, path)?;
    if cfg!(unix)
        && let Some(folder) = path.parent()
    {
        fs_err::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(".new");
    path.with_file_name(name)
}

fn create(path: &Path, access: Access) -> io::Result<fs_err::File> {
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt;
        options.mode(match access {
            Access::Everyone => 0o644,
            Access::Owner => 0o600,
        });
    }
    #[cfg(not(unix))]
    let _ = access;
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_even_after_a_crash_in_the_middle() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.key");
        assert_eq!(read(&path).expect("readable"), None);
        fs_err::write(folder.path().join("ca.key.new"), "half").expect("a left-over");
        write(&path, "one", Access::Owner).expect("written");
        write(&path, "two", Access::Owner).expect("written again");
        assert_eq!(read(&path).expect("readable").as_deref(), Some(b"two".as_slice()));
        let names: Vec<_> = fs_err::read_dir(folder.path()).expect("listed").collect();
        assert_eq!(names.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_is_for_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.key");
        write(&path, "secret", Access::Owner).expect("written");
        let mode = fs_err::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
