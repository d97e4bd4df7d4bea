//! gzip for answers that are text and worth it.
//!
//! Only gzip, which every client knows, and at its fastest: on the registry's JSON better levels cost several times
//! the CPU for a few percent.
//! An answer's `ETag` is not touched; one that must differ by encoding has to be weak.

use axum::http::{
    Response,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use hyper::body::Body;
use tower_http::{
    CompressionLevel,
    compression::{
        Compression,
        predicate::{And, Predicate, SizeAbove},
    },
};

use crate::limits;

pub(super) type Compressed<S> = Compression<S, And<SizeAbove, IsText>>;

/// Bills of materials and other documents may be compressed as they are, and compress badly again.
///
/// Where a handler itself says `no-store` there are secrets in the answer (tokens, the login's pages), and what a request
/// said may be beside them: how well that compresses would tell about the secrets. All other JSON says it too, but only
/// when it has been compressed (see `protect`).
#[derive(Clone, Copy, Debug)]
pub(super) struct IsText;

pub(super) fn compressed<S>(service: S) -> Compressed<S> {
    Compression::new(service)
        .gzip(true)
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(limits::COMPRESS_BYTES).and(IsText))
}

impl Predicate for IsText {
    fn should_compress<B: Body>(&self, response: &Response<B>) -> bool {
        let media_type =
            response.headers().get(CONTENT_TYPE).map_or(b"".as_slice(), |value| value.as_bytes());
        [b"application/json".as_slice(), b"text/", b"application/openmetrics-text", b"image/svg+xml"]
            .iter()
            .any(|prefix| media_type.starts_with(prefix))
            && response.headers().get(CACHE_CONTROL).is_none_or(|control| control != "no-store")
    }
}
