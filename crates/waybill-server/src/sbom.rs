//! Uploaded SBOMs: decoded, decompressed within limits and recognised, before any transaction begins.

use std::{fmt::Write as _, io::Read};

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use waybill_sbom::document::{DocumentError, Format, recognise};

use crate::{api::error::ApiError, app::SbomLimits};

/// A document that may be stored.
#[derive(Clone, Debug)]
pub struct Upload {
    pub format: Format,
    /// As it came: one zstd stream.
    pub compressed: Vec<u8>,
    /// SHA-256 of the compressed bytes, hexadecimal.
    pub digest: String,
    /// Of the document.
    pub size_bytes: usize,
}

impl Upload {
    /// The word in the database.
    pub fn format_word(&self) -> &'static str {
        match self.format {
            Format::CycloneDx => "cyclonedx",
            Format::Spdx => "spdx",
        }
    }
}

/// Checks an upload. CPU work in proportion to the document: call it on a blocking thread.
pub fn check(encoded: &str, claimed: Format, limits: SbomLimits) -> Result<Upload, ApiError> {
    // Base64 is a third longer than what it stands for.
    if encoded.len() / 4 * 3 > limits.compressed_bytes + 3 {
        return Err(too_large("compressed", limits.compressed_bytes));
    }
    let compressed = BASE64_STANDARD.decode(encoded.trim()).map_err(|error| {
        ApiError::invalid(format!("`compressed_sbom` is not base64 (standard alphabet, padded): {error}"))
    })?;
    if compressed.len() > limits.compressed_bytes {
        return Err(too_large("compressed", limits.compressed_bytes));
    }
    let document = decompress(&compressed, limits.decompressed_bytes)?;
    let facts = recognise(&document, limits.depth).map_err(|error| refused(&error))?;
    if facts.format != claimed {
        return Err(ApiError::invalid(format!(
            "`format` says {}, the document is {}",
            claimed.as_str(),
            facts.format.as_str()
        )));
    }
    let digest = hex(&Sha256::digest(&compressed));
    Ok(Upload { format: claimed, compressed, digest, size_bytes: document.len() })
}

/// The document of a stored SBOM.
pub fn decompress(compressed: &[u8], limit: usize) -> Result<Vec<u8>, ApiError> {
    let not_zstd =
        |error: std::io::Error| ApiError::invalid(format!("`compressed_sbom` is not a zstd stream: {error}"));
    let mut document = Vec::new();
    // A bomb is stopped by what comes out, whatever its header says.
    let reader = zstd::stream::read::Decoder::with_buffer(compressed).map_err(not_zstd)?;
    reader.take(limit as u64 + 1).read_to_end(&mut document).map_err(not_zstd)?;
    if document.len() > limit {
        return Err(too_large("decompressed", limit));
    }
    Ok(document)
}

fn too_large(what: &str, limit: usize) -> ApiError {
    ApiError::invalid(format!("the {what} SBOM is larger than {limit} bytes ({} MiB)", limit >> 20))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a string cannot fail.
        write!(hex, "{byte:02x}").ok();
        hex
    })
}

fn refused(error: &DocumentError) -> ApiError {
    ApiError::invalid(format!("the SBOM cannot be kept: {error}"))
}

#[cfg(test)]
mod tests {
    use waybill_api::error::Code;

    use super::*;

    const LIMITS: SbomLimits = SbomLimits { compressed_bytes: 4096, decompressed_bytes: 64 << 10, depth: 16 };
    const DOCUMENT: &[u8] = br#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#;

    fn encoded(document: &[u8]) -> String {
        BASE64_STANDARD.encode(zstd::encode_all(document, 3).unwrap())
    }

    fn message(encoded: &str, claimed: Format) -> String {
        let error = check(encoded, claimed, LIMITS).unwrap_err();
        assert_eq!(error.code, Code::InvalidArgument);
        error.message
    }

    #[test]
    fn a_document_is_kept_as_it_came() {
        let upload = check(&encoded(DOCUMENT), Format::CycloneDx, LIMITS).unwrap();
        assert_eq!((upload.size_bytes, upload.format_word(), upload.digest.len()), (45, "cyclonedx", 64));
        assert_eq!(decompress(&upload.compressed, 100).unwrap(), DOCUMENT);
    }

    #[test]
    fn bad_uploads_say_what_is_wrong() {
        assert!(message("%%%", Format::Spdx).contains("not base64"));
        assert!(message(&BASE64_STANDARD.encode(DOCUMENT), Format::Spdx).contains("not a zstd stream"));
        assert!(message("", Format::Spdx).contains("not a zstd stream"));
        assert!(message(&encoded(b"<bom/>"), Format::CycloneDx).contains("not JSON"));
        assert_eq!(
            message(&encoded(DOCUMENT), Format::Spdx),
            "`format` says SPDX, the document is CYCLONEDX"
        );
        let whole = zstd::encode_all(DOCUMENT, 3).unwrap();
        let cut = BASE64_STANDARD.encode(&whole[..whole.len() - 3]);
        assert!(message(&cut, Format::CycloneDx).contains("not a zstd stream"));
    }

    #[test]
    fn a_bomb_is_stopped_by_what_comes_out() {
        let bomb = encoded(&vec![b' '; 8 << 20]);
        assert!(bomb.len() < 4096);
        assert!(message(&bomb, Format::Spdx).starts_with("the decompressed SBOM is larger than 65536 bytes"));
        let long = "A".repeat(8 << 10);
        assert!(message(&long, Format::Spdx).starts_with("the compressed SBOM is larger than 4096 bytes"));
    }
}
