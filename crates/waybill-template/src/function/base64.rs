//! `base64decode`, `base64encode`, `base64gzip` and `filebase64`.

use std::path::Path;

use ::base64::{
    Engine as _, alphabet,
    engine::{GeneralPurpose, GeneralPurposeConfig},
};
use waybill_go::deflate;

use super::{Arguments, Function, FunctionError, string};
use crate::value::{Type, Value};

/// The usual alphabet, with padding; bits that are left over in the last character do not count.
pub(super) const STANDARD: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("base64decode", [string("str")], Type::String, decode_text),
        Function::new("base64encode", [string("str")], Type::String, |call| {
            Ok(Value::string(STANDARD.encode(call.text(0))))
        }),
        Function::new("base64gzip", [string("str")], Type::String, |call| {
            Ok(Value::string(STANDARD.encode(gzip(call.text(0).as_bytes()))))
        }),
        Function::new("filebase64", [string("path")], Type::String, encode_file),
    ]
}

/// The bytes; line breaks in the text do not count.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    if text.contains(['\n', '\r']) {
        let packed: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
        return STANDARD.decode(packed).ok();
    }
    STANDARD.decode(text).ok()
}

fn decode_text(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let bytes = decode(call.text(0)).ok_or_else(|| FunctionError::new("the text is not base64"))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| FunctionError::new("what the text encodes is not UTF-8, so that it is no text"))?;
    Ok(Value::string(text))
}

/// Against what other functions do, the path is relative to the working folder.
fn encode_file(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let bytes = call.surroundings.world.read(Path::new(call.text(0)))?;
    Ok(Value::string(STANDARD.encode(bytes)))
}

/// As Go writes it: without a name and a time.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let body = deflate::compress(bytes);
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&HEADER[..], &body, &crc32fast::hash(bytes).to_le_bytes(), &length.to_le_bytes()].concat()
}
