//! Bills of materials: what a document is, without trusting it.
//!
//! Pure: bytes in, facts out. Nothing here reads a file, a clock or another crate of ours.
//!
//! ```
//! use waybill_sbom::document::{Format, recognise};
//!
//! let document = br#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[]}"#;
//! let facts = recognise(document, 128).unwrap();
//! assert_eq!((facts.format, facts.spec_version.as_str()), (Format::CycloneDx, "1.6"));
//! ```

pub mod document;
