//! What is published: artifacts that exist somewhere, and files on this machine.

use std::{
    fmt,
    io::{self, Read},
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sha2::{Digest, Sha256};
use thiserror::Error;

/// An artifact in the registry's terms: somewhere on a platform, under an identifier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Artifact {
    pub(crate) platform: String,
    /// May be empty where the platform has no regions.
    pub(crate) region: String,
    pub(crate) external_identifier: String,
}

/// Why a text is not `PLATFORM:REGION:ID`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum ArtifactError {
    #[error("an artifact is written PLATFORM:REGION:ID, and `{0}` has too few `:`")]
    Parts(String),
    #[error("the {part} of the artifact `{text}` is empty")]
    Empty { part: &'static str, text: String },
}

impl FromStr for Artifact {
    type Err = ArtifactError;

    /// The identifier is everything after the second `:`, so it may contain more of them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.splitn(3, ':').collect();
        let [platform, region, id] = parts[..] else {
            return Err(ArtifactError::Parts(text.to_owned()));
        };
        for (part, value) in [("platform", platform), ("identifier", id)] {
            if value.trim().is_empty() {
                return Err(ArtifactError::Empty { part, text: text.to_owned() });
            }
        }
        Ok(Self {
            platform: platform.to_owned(),
            region: region.to_owned(),
            external_identifier: id.to_owned(),
        })
    }
}

/// `PLATFORM:REGION:ID`, as it is read.
impl fmt::Display for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.platform, self.region, self.external_identifier)
    }
}

/// The platform of artifacts that are files.
pub(crate) const FILE_PLATFORM: &str = "file";

/// A file that was found and can be read, not yet hashed.
#[derive(Clone, Debug)]
pub(crate) struct LocalFile {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) size_bytes: u64,
}

impl LocalFile {
    /// Looks at the file at `path`. Its region is `region`, or the folder that holds it.
    pub(crate) fn find(path: &Path, region: Option<&str>) -> io::Result<Self> {
        // Nothing but a regular file: reading a pipe or a device might never end.
        if fs_err::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            let problem = format!("`{}` is not a file", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        let metadata = fs_err::File::open(path)?.metadata()?;
        let absolute = fs_err::canonicalize(path)?;
        let folder = absolute.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
        // Named as the caller names it: a link's own name, not its target's.
        let name =
            path.file_name().or(absolute.file_name()).unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self {
            name,
            region: region.map_or(folder, str::to_owned),
            size_bytes: metadata.len(),
            path: absolute,
        })
    }

    /// Reads the whole file and returns it as an artifact that is known by its digest.
    ///
    /// Takes as long as the disk does. Ends early with [`io::ErrorKind::Interrupted`] once `stop` is true.
    pub(crate) fn digest(&self, stop: &Arc<AtomicBool>) -> io::Result<Artifact> {
        let mut file = fs_err::File::open(&self.path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        let mut read_bytes = 0;
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let n = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hasher.update(&buffer[..n]);
            read_bytes += n as u64;
        }
        if read_bytes != self.size_bytes {
            return Err(io::Error::other(format!(
                "`{}` changed while it was read: {} bytes before, {read_bytes} now",
                self.path.display(),
                self.size_bytes
            )));
        }
        Ok(Artifact {
            platform: FILE_PLATFORM.to_owned(),
            region: self.region.clone(),
            external_identifier: format!("sha256:{}", hex(&hasher.finalize())),
        })
    }
}

/// Names and sizes of files as build labels, in the order of their artifacts.
///
/// The first file has `file_name` and `file_size`, the second `file_name_2` and `file_size_2`, and so on.
pub(crate) fn file_labels<'a>(
    files: impl IntoIterator<Item = &'a LocalFile>,
) -> impl Iterator<Item = (String, String)> {
    files.into_iter().enumerate().flat_map(|(index, file)| {
        let suffix = if index == 0 { String::new() } else { format!("_{}", index + 1) };
        [
            (format!("file_name{suffix}"), file.name.clone()),
            (format!("file_size{suffix}"), file.size_bytes.to_string()),
        ]
    })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("strings take every write");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifacts_are_platform_region_id() {
        let check = |text: &str| {
            text.parse::<Artifact>()
                .map(|a| (a.platform, a.region, a.external_identifier))
                .map_err(|error| error.to_string())
        };
        let parts = |platform: &str, region: &str, id: &str| Ok((platform.into(), region.into(), id.into()));
        assert_eq!(check("aws:us-east-1:ami-0abc"), parts("aws", "us-east-1", "ami-0abc"));
        assert_eq!(check("docker::sha256:beef"), parts("docker", "", "sha256:beef"));
        assert_eq!(
            check("azure:westeurope:/subscriptions/1/images/x:y"),
            parts("azure", "westeurope", "/subscriptions/1/images/x:y")
        );
        let refused = |reason: &str| Err(reason.to_owned());
        assert_eq!(
            check("aws:ami-0abc"),
            refused("an artifact is written PLATFORM:REGION:ID, and `aws:ami-0abc` has too few `:`")
        );
        assert_eq!(check(""), refused("an artifact is written PLATFORM:REGION:ID, and `` has too few `:`"));
        assert_eq!(check(":r:id"), refused("the platform of the artifact `:r:id` is empty"));
        assert_eq!(check("aws:r:"), refused("the identifier of the artifact `aws:r:` is empty"));
    }

    #[test]
    fn a_file_is_known_by_its_digest() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("disk.img");
        fs_err::write(&path, "abc").expect("written");
        let file = LocalFile::find(&path, None).expect("found");
        let artifact = file.digest(&Arc::default()).expect("read");
        assert_eq!(
            artifact.external_identifier,
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(Path::new(&artifact.region), fs_err::canonicalize(folder.path()).expect("it exists"));
        assert_eq!(
            file_labels([&file, &file]).collect::<Vec<_>>(),
            [
                ("file_name", "disk.img"),
                ("file_size", "3"),
                ("file_name_2", "disk.img"),
                ("file_size_2", "3")
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn a_file_has_the_region_that_was_asked_for() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("disk.img");
        fs_err::write(&path, "").expect("written");
        assert_eq!(LocalFile::find(&path, Some("store-1")).expect("found").region, "store-1");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(
            LocalFile::find(folder.path(), None)
                .is_err_and(|error| error.to_string().contains("is not a file"))
        );
        assert!(LocalFile::find(&folder.path().join("absent"), None).is_err());
    }

    #[test]
    fn hashing_stops_when_asked() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("disk.img");
        fs_err::write(&path, "abc").expect("written");
        let file = LocalFile::find(&path, None).expect("found");
        let stopped = file.digest(&Arc::new(AtomicBool::new(true))).map_err(|error| error.kind());
        assert_eq!(stopped, Err(io::ErrorKind::Interrupted));
    }
}
