//! Bills of materials that go along with a build.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use thiserror::Error;
use waybill_api::hcp::{SbomFormat, UploadSbomBody};
use waybill_model::names::{NameError, SbomName};

/// A document that was read and recognised.
#[derive(Clone, Debug)]
pub(crate) struct Sbom {
    path: PathBuf,
    pub(crate) name: Option<SbomName>,
    pub(crate) format: SbomFormat,
}

/// Why a file is not taken.
#[derive(Debug, Error)]
pub(crate) enum SbomError {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error("`{}` is neither CycloneDX nor SPDX in JSON", .0.display())]
    Format(PathBuf),
}

/// Compression that costs about as much time as it saves on the way.
const LEVEL: i32 = 9;

impl Sbom {
    /// Takes `FILE` or `FILE=NAME`. A file whose own name has a `=` is found too.
    pub(crate) fn find(text: &str, folder: &Path) -> Result<Self, SbomError> {
        let (file, name) = match text.rsplit_once('=') {
            Some((file, name)) if !folder.join(text).exists() => (file, Some(name.parse()?)),
            _ => (text, None),
        };
        let path = folder.join(file);
        let format = format(&fs_err::read(&path)?).ok_or_else(|| SbomError::Format(path.clone()))?;
        Ok(Self { path, name, format })
    }

    /// Reads the document again and makes an upload of it. Takes a while for a big one.
    pub(crate) fn upload(&self) -> io::Result<UploadSbomBody> {
        let document = fs_err::read(&self.path)?;
        let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
        encoder.include_checksum(true)?;
        encoder.write_all(&document)?;
        Ok(UploadSbomBody {
            name: self.name.as_ref().map(ToString::to_string),
            format: Some(self.format),
            compressed_sbom: Some(STANDARD.encode(encoder.finish()?)),
        })
    }
}

/// The members that tell the formats apart.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Head {
    spdx_version: Option<String>,
    bom_format: Option<String>,
}

/// SPDX if it says its version, else CycloneDX if it says so.
fn format(document: &[u8]) -> Option<SbomFormat> {
    let head: Head = serde_json::from_slice(document).ok()?;
    if head.spdx_version.is_some_and(|version| !version.is_empty()) {
        return Some(SbomFormat::Spdx);
    }
    head.bom_format.filter(|format| format.eq_ignore_ascii_case("CycloneDX")).map(|_| SbomFormat::CycloneDx)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let check = |text: &str| format(text.as_bytes());
        assert_eq!(check(r#"{"spdxVersion": "SPDX-2.3", "packages": []}"#), Some(SbomFormat::Spdx));
        assert_eq!(check(r#"{"bomFormat": "CycloneDX", "specVersion": "1.6"}"#), Some(SbomFormat::CycloneDx));
        assert_eq!(check(r#"{"bomFormat": "cyclonedx"}"#), Some(SbomFormat::CycloneDx));
        assert_eq!(check(r#"{"spdxVersion": ""}"#), None);
        assert_eq!(check("<bom/>"), None);
        assert_eq!(check("[]"), None);
        assert_eq!(check(""), None);
    }

    #[test]
    fn a_file_with_or_without_a_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["bom.json", "a=b.json"] {
            fs_err::write(folder.path().join(name), r#"{"bomFormat": "CycloneDX"}"#).expect("written");
        }
        let check = |text: &str| {
            Sbom::find(text, folder.path())
                .map(|sbom| (sbom.path.ends_with("bom.json"), sbom.name.map(|name| name.to_string())))
                .map_err(|error| error.to_string())
        };
        assert_eq!(check("bom.json"), Ok((true, None)));
        assert_eq!(check("bom.json=packages"), Ok((true, Some("packages".into()))));
        assert_eq!(check("a=b.json"), Ok((false, None)));
        assert_eq!(check("a=b.json=os-level"), Ok((false, Some("os-level".into()))));
        assert_eq!(check("bom.json=x"), Err("an SBOM name has 3 to 36 characters, `x` has 1".into()));
        assert!(check("absent.json").is_err());
    }

    #[test]
    fn an_upload_is_a_zstd_frame_in_base64() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = r#"{"spdxVersion": "SPDX-2.3"}"#;
        fs_err::write(folder.path().join("s.json"), text).expect("written");
        let body = Sbom::find("s.json", folder.path()).expect("an SBOM").upload().expect("read");
        let frame = STANDARD.decode(body.compressed_sbom.expect("content")).expect("base64");
        assert_eq!(zstd::decode_all(frame.as_slice()).expect("zstd"), text.as_bytes());
        assert_eq!(body.name, None);
        assert_eq!(body.format, Some(SbomFormat::Spdx));
    }
}
