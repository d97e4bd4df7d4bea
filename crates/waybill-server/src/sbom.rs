//! Uploaded SBOMs: decoded, decompressed within limits and recognised, before any transaction begins;
//! and the way back, a document in pieces.

use std::{
    io::{self, Read},
    sync::Arc,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::{Stream, stream};
use sha2::{Digest, Sha256};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::spawn_blocking,
    time::{Instant, timeout_at},
};
use waybill_sbom::document::{DocumentError, Format, recognise};

use crate::{api::error::ApiError, app::SbomLimits, hex::hex};

/// What a download reads at once.
const PIECE_BYTES: usize = 64 << 10;

/// Pieces that wait for a slow client. Then decompression waits too.
const PIECES_AHEAD: usize = 2;

/// A turn to read a document; it goes along to the blocking thread and ends with it.
pub type Turn = OwnedSemaphorePermit;

/// Waits for a turn, of the uploads or of the downloads.
pub async fn turn(turns: &Arc<Semaphore>) -> Result<Turn, ApiError> {
    let permit = Arc::clone(turns).acquire_owned().await;
    permit.map_err(|_| ApiError::internal("no turn to read an SBOM"))
}

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

/// A document as it is kept.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Of the compressed bytes.
    pub digest: String,
    pub compressed: Vec<u8>,
    /// Of the document.
    pub size_bytes: u64,
}

/// Returns the document of a stored SBOM in pieces, decompressed as they are taken.
///
/// Ends with an error when the document turns out to be unreadable or of another size than it had, which is logged,
/// and when it is not taken in time. `turn` is kept until all is read, nobody listens or the time is over.
pub fn document<T: Send + 'static>(
    stored: Stored,
    time: Duration,
    turn: T,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    let (runtime, end) = (Handle::current(), Instant::now() + time);
    spawn_blocking(move || {
        let _turn = turn;
        let Stored { digest, compressed, size_bytes } = stored;
        let take = |piece| {
            let sent = runtime.block_on(async { timeout_at(end, sender.send(piece)).await });
            if sent.is_err() {
                tracing::warn!(digest, "an SBOM was not downloaded in time");
            }
            matches!(sent, Ok(Ok(())))
        };
        if let Err(error) = hand_over(&compressed, size_bytes, take) {
            tracing::error!(digest, %error, "a stored SBOM cannot be read");
        }
    });
    stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(piece) if piece.is_empty() => None,
            Some(piece) => Some((Ok(piece), Some(receiver))),
            None => Some((Err(io::Error::from(io::ErrorKind::UnexpectedEof)), None)),
        }
    })
}

/// Decompresses in pieces until `take` wants no more. An empty piece says that the document is whole.
fn hand_over(compressed: &[u8], size_bytes: u64, mut take: impl FnMut(Bytes) -> bool) -> io::Result<()> {
    let mut reader = zstd::stream::read::Decoder::with_buffer(compressed)?;
    // The size it was stored with is the limit: a lower one of today leaves it readable.
    let mut left = size_bytes;
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        let n_bytes = reader.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
        left = left.checked_sub(n_bytes as u64).ok_or_else(|| io::Error::other("it is too long"))?;
        if n_bytes == 0 && left > 0 {
            return Err(io::Error::other("it is too short"));
        }
        if !take(piece.into()) || n_bytes == 0 {
            return Ok(());
        }
    }
}

fn decompress(compressed: &[u8], limit: usize) -> Result<Vec<u8>, ApiError> {
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

pub(crate) fn too_large(what: &str, limit: usize) -> ApiError {
    ApiError::invalid(format!("the {what} SBOM is larger than {limit} bytes ({} MiB)", limit >> 20))
}

fn refused(error: &DocumentError) -> ApiError {
    ApiError::invalid(format!("the SBOM cannot be kept: {error}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::TryStreamExt as _;
    use tokio::sync::Semaphore;
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

    fn stored(compressed: &[u8], size_bytes: u64) -> Stored {
        Stored { digest: String::new(), compressed: compressed.to_vec(), size_bytes }
    }

    #[tokio::test]
    async fn a_stored_document_comes_in_pieces_and_only_whole() {
        let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let compressed = zstd::encode_all(&content[..], 3).unwrap();
        let check = async |compressed: &[u8], size_bytes| {
            let pieces = document(stored(compressed, size_bytes), Duration::from_mins(1), ());
            let pieces: io::Result<Vec<Bytes>> = pieces.try_collect().await;
            pieces.map(|pieces| (pieces.len(), pieces.concat() == content)).map_err(|error| error.kind())
        };
        let cut_short = Err(io::ErrorKind::UnexpectedEof);
        assert_eq!(check(&compressed, 800_000).await, Ok((13, true)));
        assert_eq!(check(&compressed, 799_999).await, cut_short);
        assert_eq!(check(&compressed, 800_001).await, cut_short);
        assert_eq!(check(&compressed[..compressed.len() - 9], 800_000).await, cut_short);
        assert_eq!(check(b"no zstd", 7).await, cut_short);
    }

    #[tokio::test]
    async fn a_turn_ends_with_the_download() {
        let compressed = zstd::encode_all(&vec![b' '; 8 << 20][..], 3).unwrap();
        let turns = Arc::new(Semaphore::new(1));
        let turn = || turns.clone().acquire_owned();
        // Nobody listens any more.
        drop(document(stored(&compressed, 8 << 20), Duration::from_hours(1), turn().await.unwrap()));
        // Somebody listens, but takes nothing until the time is over.
        let slow = document(stored(&compressed, 8 << 20), Duration::from_millis(20), turn().await.unwrap());
        drop(turn().await.unwrap());
        assert!(slow.try_collect::<Vec<_>>().await.is_err());
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
