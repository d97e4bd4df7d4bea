//! `uuidv4` and `uuidv5`.

use std::fmt::Write as _;

use sha1::{Digest as _, Sha1};

use super::{Arguments, Function, FunctionError, string};
use crate::value::{Type, Value};

/// The namespaces that have a name.
const NAMESPACES: [(&str, u128); 4] = [
    ("dns", 0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8),
    ("url", 0x6ba7_b811_9dad_11d1_80b4_00c0_4fd4_30c8),
    ("oid", 0x6ba7_b812_9dad_11d1_80b4_00c0_4fd4_30c8),
    ("x500", 0x6ba7_b814_9dad_11d1_80b4_00c0_4fd4_30c8),
];

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("uuidv4", [], Type::String, |call| {
            let mut bytes = [0; 16];
            call.surroundings.world.random(&mut bytes);
            Ok(Value::string(text(bytes, 4)))
        }),
        Function::new("uuidv5", [string("namespace"), string("name")], Type::String, named),
    ]
}

fn named(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let namespace = call.text(0);
    let known = NAMESPACES.iter().find(|(name, _)| *name == namespace).map(|&(_, uuid)| uuid);
    let Some(uuid) = known.or_else(|| parse(namespace)) else {
        let message = format!("{namespace:?} is neither a UUID nor one of dns, url, oid, x500");
        return Err(FunctionError::new(message));
    };
    let digest = Sha1::new().chain_update(uuid.to_be_bytes()).chain_update(call.text(1)).finalize();
    let bytes = digest.first_chunk().expect("a digest of 20 bytes has 16");
    Ok(Value::string(text(*bytes, 5)))
}

/// The forms that are taken: with hyphens, the same in any two characters or behind `urn:uuid:`, or without hyphens.
fn parse(text: &str) -> Option<u128> {
    const URN: &str = "urn:uuid:";
    let bare = match text.len() {
        32 if !text.contains('+') => return u128::from_str_radix(text, 16).ok(),
        36 => text,
        38 => text.get(1..37)?,
        45 if text.get(..URN.len())?.eq_ignore_ascii_case(URN) => text.get(URN.len()..)?,
        _ => return None,
    };
    let groups: Vec<&str> = bare.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    if lengths != [8, 4, 4, 4, 12] || bare.contains('+') {
        return None;
    }
    u128::from_str_radix(&groups.concat(), 16).ok()
}

/// The text of a UUID of this version, whose other bits are given.
fn text(mut bytes: [u8; 16], version: u8) -> String {
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}
